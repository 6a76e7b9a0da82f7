/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bind.h - a descriptor's use of a port: which queues, and the interface
 * record that tells the client where their rings are.
 */
#ifndef NM_BIND_H
#define NM_BIND_H

#include "csb.h"

struct nm_bind {
	struct nm_port *port;		  /* one reference */
	struct netmap_if *nifp;		  /* in the port's region */
	u32 first[NM_DIRS], end[NM_DIRS]; /* queues [first, end) */
	bool one_ring;			  /* waits on rings, not on the port */
	bool exclusive;
	bool zcopy;	    /* its buffers may be handed over (NR_X_ZCOPY) */
	u64 flags;	    /* NR_* as asked for */
	struct nm_csb *csb; /* cursors are there and not in the rings; NULL: in
			     * the rings. Set under the control lock */
};

/* Finds the queues of @b->port that @reg selects. -EINVAL mode or ring. */
int nm_bind_select(struct nm_bind *b, const struct nmreq_register *reg);

/*
 * Binds the queues that @reg selects, starting those that nobody used, with
 * data where @ofs says (NULL: does not care), and fills in the reply. Takes
 * over a reference to @port on success. -EINVAL mode or ring, -EBUSY exclusive
 * conflict or smaller offsets in use, -EOPNOTSUPP offsets, -ENOMEM. Control
 * lock held.
 */
int nm_bind_open(struct nm_bind *b, struct nm_port *port,
		 struct nmreq_register *reg, const struct nm_offsets *ofs);

/* Undoes it all; stops queues with no other user. Nobody syncs through the
 * bind. Control lock held. */
void nm_bind_close(struct nm_bind *b);

/* Where the client sees the interface record: bytes from the region's start. */
u64 nm_bind_offset(const struct nm_bind *b);

static inline struct nm_queue *nm_bind_queue(const struct nm_bind *b, u32 dir,
					     u32 i)
{
	return &b->port->queue[dir][i];
}

static inline u32 nm_bind_selected(const struct nm_bind *b)
{
	return b->end[NM_TX] - b->first[NM_TX] + b->end[NM_RX] -
	       b->first[NM_RX];
}

/* The @i-th selected queue, transmit queues first. */
static inline struct nm_queue *nm_bind_nth(const struct nm_bind *b, u32 i)
{
	u32 ntx = b->end[NM_TX] - b->first[NM_TX];

	return i < ntx ? nm_bind_queue(b, NM_TX, b->first[NM_TX] + i)
		       : nm_bind_queue(b, NM_RX, b->first[NM_RX] + i - ntx);
}

/* A sync of @q by a system call, which finds the cursors in the ring. (Those of
 * a bind with csb are refused; its loop has nm_csb_cursors().) */
static inline struct nm_sync nm_bind_sync(const struct nm_bind *b,
					  struct nm_queue *q,
					  struct os_caller *caller)
{
	return (struct nm_sync){
		.caller = caller,
		.bind = b,
		.head = &q->ring->head,
		.cur = &q->ring->cur,
		.tail = &q->ring->tail,
		.zcopy = b->zcopy,
	};
}

/* Where the program of a complete bind keeps its cursors: in the records @csb,
 * which are written; in the rings, and syncs come @late. Control lock held. */
void nm_bind_csb_init(const struct nm_bind *b, struct nm_csb *csb);
void nm_bind_in_rings(const struct nm_bind *b, bool late);

static inline bool nm_bind_has_csb(const struct nm_bind *b)
{
	return os_load(&b->csb);
}

#endif
