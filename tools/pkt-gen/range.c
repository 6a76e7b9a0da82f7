// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "range.h"
#include <arpa/inet.h>
#include <string.h>
#include "cli.h"

static bool address(struct range *r, const char *text, range_addr *addr)
{
	uint8_t bytes[16];
	int version = strchr(text, ':') ? 6 : 4;

	if (inet_pton(version == 6 ? AF_INET6 : AF_INET, text, bytes) != 1)
		return false;
	*addr = 0;
	for (int i = 0; i < (version == 6 ? 16 : 4); i++)
		*addr = *addr << 8 | bytes[i];
	if (r->version && r->version != version)
		return false;
	r->version = version;
	return true;
}

static bool port(const char *text, uint16_t *value)
{
	uint64_t v;

	if (!cli_number(text, &v) || v > 0xffff)
		return false;
	*value = (uint16_t)v;
	return true;
}

/* Where the port in @text is, which is cut off; NULL: it has none. */
static char *split(char **text)
{
	char *colon = strchr(*text, ':'), *end;

	if (**text == '[') {
		end = strchr(*text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return NULL;
		(*text)++;
		*end = '\0';
		return end[1] ? end + 2 : NULL;
	}
	if (!colon || strchr(colon + 1, ':'))
		return NULL; /* none, or a bare IPv6 address */
	*colon = '\0';
	return colon + 1;
}

static bool has_address(const char *text)
{
	return strpbrk(text, ".:") != NULL;
}

static const char *parse(struct range *r, char *first, char *last)
{
	char *p = split(&first);

	r->port_first = RANGE_PORT;
	if (!address(r, first, &r->first))
		return "is not an IPv4 or IPv6 address";
	if (p && !port(p, &r->port_first))
		return "has a port that is not a number up to 65535";
	r->last = r->first;
	r->port_last = r->port_first;
	if (last && has_address(last)) {
		p = split(&last);
		if (!address(r, last, &r->last))
			return "ends with what is no address of that kind";
	} else {
		p = last;
	}
	if (p && !port(p, &r->port_last))
		return "ends with a port that is not a number up to 65535";
	if (r->last < r->first || r->port_last < r->port_first)
		return "has its end in front of its beginning";
	return NULL;
}

bool range_parse(struct range *r, const char *text, const char **why)
{
	struct range new = {0};
	char copy[160];
	char *dash;

	*why = "is too long";
	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	dash = strchr(copy, '-');
	if (dash)
		*dash++ = '\0';
	*why = parse(&new, copy, dash);
	if (*why)
		return false;
	*r = new;
	return true;
}

void range_skip(const struct range *r, struct range_at *at, uint64_t steps)
{
	uint64_t ports = (uint64_t)(r->port_last - r->port_first) + 1;
	uint64_t port = (uint64_t)(at->port - r->port_first) + steps % ports;
	range_addr size = r->last - r->first + 1; /* 0: all of IPv6 */
	range_addr addr = at->addr - r->first + steps / ports + port / ports;

	at->port = (uint16_t)(r->port_first + port % ports);
	at->addr = r->first + (size ? addr % size : addr);
}

void range_random(const struct range *r, struct range_at *at, uint64_t bits,
		  uint64_t more)
{
	range_addr any = (range_addr)more << 64 | bits;
	range_addr size = r->last - r->first + 1;
	uint32_t ports = (uint32_t)(r->port_last - r->port_first) + 1;
	uint32_t chosen = (uint32_t)(more >> 32) & 0xffff;

	if (range_is_single(r)) {
		at->addr = r->version == 4 ? (uint32_t)bits : any;
		at->port = chosen ? (uint16_t)chosen : 1;
		return;
	}
	at->port = (uint16_t)(r->port_first + chosen * ports / 65536);
	if (r->version == 4) /* a division of 128 bits takes its time */
		at->addr = r->first + (uint64_t)any % (uint64_t)size;
	else
		at->addr = size ? r->first + any % size : any;
}
