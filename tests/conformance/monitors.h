/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* monitors.h - opening monitors and looking at what they show. */
#ifndef CONFORMANCE_MONITORS_H
#define CONFORMANCE_MONITORS_H

#include "conf.h"

#define COPY_TX	  NR_MONITOR_TX
#define COPY_RX	  NR_MONITOR_RX
#define COPY_BOTH (NR_MONITOR_TX | NR_MONITOR_RX)
#define ZCOPY	  NR_ZCOPY_MON

/* What a switch writes in the flags of a frame of one slot. */
#define ONE_SLOT (1 << NS_PORT_SHIFT)

static inline struct port mon_open_as(const char *name, uint64_t flags,
				      struct nmreq_register reg)
{
	reg.nr_flags |= flags;
	return conf_open_as(name, reg);
}

static inline struct port mon_open(const char *name, uint64_t flags)
{
	return mon_open_as(name, flags, REG(NR_REG_ALL_NIC));
}

/* The next frame in the ring, without a sync, is @f in one slot with @flags. */
static inline void mon_next(const struct port *m, uint32_t ring, struct frame f,
			    uint16_t flags)
{
	struct netmap_ring *r = conf_rx(m, ring);
	struct frame got;

	CHECK(nm_ring_space(r) > 0);
	CHECK_EQ(conf_slot(r, 0)->flags, flags);
	CHECK_EQ(conf_get(r, got.data, sizeof(got.data)), sizeof(f.data));
	CHECK_MEM(got.data, f.data, sizeof(f.data));
}

/* After a sync: @f alone. */
static inline void mon_expect(const struct port *m, uint32_t ring,
			      struct frame f, uint16_t flags)
{
	conf_rxsync(m);
	mon_next(m, ring, f, flags);
	CHECK_EQ(nm_ring_space(conf_rx(m, ring)), 0);
}

#endif
