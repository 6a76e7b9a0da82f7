/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conf_ofs.h - ports whose data begins inside of the buffers. */
#ifndef CONFORMANCE_CONF_OFS_H
#define CONFORMANCE_CONF_OFS_H

#include "conf.h"

#define UNTOUCHED 777 /* a status nobody gives */

#define OFFSETS(max, ...)                                          \
	((struct nmreq_opt_offsets){                               \
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_OFFSETS, \
			    .nro_status = UNTOUCHED},              \
		.nro_max_offset = (max),                           \
		##__VA_ARGS__,                                     \
	})

/* Sends @len bytes of @data from @offset of the slot at head. */
static inline void put_at(struct netmap_ring *r, uint64_t offset,
			  const void *data, uint16_t len, uint16_t flags)
{
	struct netmap_slot *s = conf_slot(r, 0);

	NETMAP_WOFFSET(r, s, offset);
	memcpy(NETMAP_BUF_OFFSET(r, s), data, len);
	s->len = len;
	s->flags = flags;
	conf_advance(r, 1);
}

#endif
