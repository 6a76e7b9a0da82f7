/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * range.h - ranges of addresses and ports, and the way through them.
 *
 *      ADDR[:PORT][-ADDR[:PORT]]       ADDR:PORT-PORT
 *
 * ADDR is an IPv4 or IPv6 address; an IPv6 address with a port is in brackets.
 * A port that is not given is RANGE_PORT, and one that is given only in front
 * of the dash is the last, too.
 */
#ifndef PKT_GEN_RANGE_H
#define PKT_GEN_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define RANGE_PORT 1234

/* An address as a number; IPv4 in the lower 32 bits. */
typedef unsigned __int128 range_addr;

struct range {
	int version; /* 4 or 6 */
	range_addr first, last;
	uint16_t port_first, port_last;
};

/* False: @text is not a range, with one sentence, without subject, in *@why. */
bool range_parse(struct range *r, const char *text, const char **why);

/* Is there but one? */
static inline bool range_is_single(const struct range *r)
{
	return r->first == r->last && r->port_first == r->port_last;
}

/* One address and port of a range. */
struct range_at {
	range_addr addr;
	uint16_t port;
};

/*
 * Moves on: the port, and, after the last one, the address; after the last
 * address both begin anew, and the result is true.
 */
static inline bool range_next(const struct range *r, struct range_at *at)
{
	if (at->port != r->port_last) {
		at->port++;
		return false;
	}
	at->port = r->port_first;
	if (at->addr != r->last) {
		at->addr++;
		return false;
	}
	at->addr = r->first;
	return true;
}

/* Moves on by @steps. */
void range_skip(const struct range *r, struct range_at *at, uint64_t steps);

/* A random one, by @bits and @more of 64 random bits each: of the range, or, if
 * that has but one, of all addresses and all ports but 0. */
void range_random(const struct range *r, struct range_at *at, uint64_t bits,
		  uint64_t more);

#endif
