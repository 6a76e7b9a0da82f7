/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * csb.h - cursors in memory of the program: one pair of records per bound
 * ring, transmit rings first, each record on a cache line of its own.
 *
 *   atok[i]  head cur appl_need_kick sync_flags     the program writes
 *   ktoa[i]  hwcur hwtail kern_need_kick            we write
 *
 * The program may write all of it at any moment: shm.h.
 */
#ifndef NM_CSB_H
#define NM_CSB_H

#include "port.h"

struct nm_csb {
	u32 n; /* records of each kind */
	struct nm_csb_atok *atok;
	struct nm_csb_ktoa *ktoa;
	struct os_pin *pin[2]; /* of them */
};

/* Keeps the records of @n rings in place. -EINVAL: addresses that are no
 * multiples of 64; -EFAULT, -ENOMEM. Thread, no lock held. */
int nm_csb_create(struct nm_csb **csb, struct os_caller *caller,
		  const struct nmreq_opt_csb *o, u32 n);
/* NULL is allowed. Thread. */
void nm_csb_destroy(struct nm_csb *csb);

/* Writes the @i-th records, for @q as it is. */
void nm_csb_init(struct nm_csb *csb, u32 i, const struct nm_queue *q);

/* A sync by the @i-th records. */
static inline void nm_csb_cursors(struct nm_csb *csb, u32 i, struct nm_sync *s)
{
	s->head = &csb->atok[i].head;
	s->cur = &csb->atok[i].cur;
	s->tail = &csb->ktoa[i].hwtail;
	s->hwcur = &csb->ktoa[i].hwcur;
}

#endif
