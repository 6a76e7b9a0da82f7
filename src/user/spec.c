// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdlib.h>
#include "os.h"
#include "spec.h"
#include "net/netmap_ext.h"

/* The number at *s, 0..@max, and past it. */
static int number(const char **s, u32 max, u32 *v)
{
	char *end;
	unsigned long n;

	if (**s < '0' || **s > '9')
		return -EINVAL;
	n = strtoul(*s, &end, 10);
	if (n > max)
		return -EINVAL;
	*v = (u32)n;
	*s = end;
	return 0;
}

/* One or more. */
static int parse_flags(const char **s, struct nmreq_register *reg)
{
	const char *first = *s;

	for (;; ++*s) {
		switch (**s) {
		case 'x':
			reg->nr_flags |= NR_EXCLUSIVE;
			break;
		case 'r':
			reg->nr_flags |= NR_MONITOR_RX;
			break;
		case 't':
			reg->nr_flags |= NR_MONITOR_TX;
			break;
		case 'z':
			reg->nr_flags |= NR_ZCOPY_MON;
			break;
		case 'R':
			reg->nr_flags |= NR_RX_RINGS_ONLY;
			break;
		case 'T':
			reg->nr_flags |= NR_TX_RINGS_ONLY;
			break;
		default:
			return *s == first ? -EINVAL : 0;
		}
	}
}

/* "zcopy" or the number of a region, each once. */
static int parse_at(const char **s, struct nmreq_register *reg)
{
	static const char zcopy[] = "zcopy";
	u32 v;

	if (!strncmp(*s, zcopy, sizeof(zcopy) - 1)) {
		*s += sizeof(zcopy) - 1;
		if (reg->nr_flags & NR_X_ZCOPY)
			return -EINVAL;
		reg->nr_flags |= NR_X_ZCOPY;
		return 0;
	}
	if (number(s, 0xffff, &v) || !v || reg->nr_mem_id)
		return -EINVAL;
	reg->nr_mem_id = (u16)v;
	return 0;
}

/* What follows the name, one part at a time; each kind once. */
static int parse_part(const char **s, struct nmreq_register *reg)
{
	char kind = *(*s)++;
	u32 v = 0;
	int err = 0;

	if (strchr("^*-", kind) && reg->nr_mode != NR_REG_ALL_NIC)
		return -EINVAL;
	switch (kind) {
	case '^':
		reg->nr_mode = NR_REG_SW;
		break;
	case '*':
		reg->nr_mode = NR_REG_NIC_SW;
		break;
	case '-':
		err = number(s, 0xfff, &v);
		reg->nr_mode = NR_REG_ONE_NIC;
		reg->nr_ringid = (u16)v;
		break;
	case '/':
		err = parse_flags(s, reg);
		break;
	case '@':
		err = parse_at(s, reg);
		break;
	default:
		err = -EINVAL;
	}
	return err;
}

int nm_spec_parse(const char *spec, struct nmreq_header *hdr,
		  struct nmreq_register *reg)
{
	static const char prefix[] = "netmap:";
	const char *s = spec;
	size_t len;

	if (!strncmp(s, prefix, sizeof(prefix) - 1))
		s += sizeof(prefix) - 1;
	memset(hdr, 0, sizeof(*hdr));
	memset(reg, 0, sizeof(*reg));
	len = strcspn(s, "^*-/@");
	if (len >= sizeof(hdr->nr_name))
		return os_refuse(-EINVAL, "%s: the name is over %u characters",
				 spec, (u32)sizeof(hdr->nr_name) - 1);
	memcpy(hdr->nr_name, s, len);
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = NETMAP_REQ_REGISTER;
	hdr->nr_body = (uintptr_t)reg;
	reg->nr_mode = NR_REG_ALL_NIC;
	for (s += len; *s;) {
		const char *part = s;

		if (parse_part(&s, reg))
			return os_refuse(-EINVAL,
					 "%s: not understood from '%s' on",
					 spec, part);
	}
	return 0;
}
