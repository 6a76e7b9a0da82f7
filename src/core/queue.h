/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * queue.h - our private side of one ring.
 *
 * A *ring* is shared memory that clients scribble on; a *queue* is what we
 * know about it. A queue has two sides:
 *
 *                 client              sync side          producer side
 *   head, cur ------------> [A] takes head
 *                               works up to head
 *                               hwcur = head  ---- [C] ----> sees free slots
 *                               takes hwtail  <--- [B] ----- hwtail
 *   tail      <------------ [A] publishes tail               (then wakes)
 *
 * The *sync side* is whoever holds the claim, a try-flag, in thread context;
 * it owns hwcur, and for switch tx queues hwtail too. The *producer side* owns
 * hwtail and may be any context: it never takes the claim. A VALE rx queue has
 * many producers, ordered by the queue's lock; a pipe queue has one, the sync
 * side of the peer queue.
 *
 * Barriers: every release names the acquire it pairs with by letter:
 *   A  client <-> sync side: slots before head, slots before tail
 *   B  producer -> sync side: slots before hwtail
 *   C  sync side -> producer: slots given back before hwcur
 *   D  claim: one syncer's fields before the next one's
 */
#ifndef NM_QUEUE_H
#define NM_QUEUE_H

#include "mem.h"

#define NM_TX	0
#define NM_RX	1
#define NM_DIRS 2

/* Counters; struct nmreq_x_stats (net/netmap_ext.h) tells what they count, and
 * req_info.c which is where in it. */
enum nm_stat {
	NM_STAT_SYNCS, /* written by the sync side */
	NM_STAT_RESETS,
	NM_STAT_CONTENDED,
	NM_STAT_OFFERED,
	NM_STAT_SENT,
	NM_STAT_SENT_BYTES,
	NM_STAT_NO_RUNT,
	NM_STAT_NO_SLOT,
	NM_STAT_NO_FRAGS,
	NM_STAT_NO_INDIRECT,
	NM_STAT_NO_SELF,
	NM_STAT_NO_PORT,
	NM_STAT_NO_MEMORY,
	NM_STAT_NO_CLIENT,
	NM_STAT_ATTEMPTED, /* from here: written by the producer side */
	NM_STAT_DELIVERED,
	NM_STAT_DELIVERED_BYTES,
	NM_STAT_DROP_FULL,
	NM_STAT_DROP_CLOSED,
	NM_STAT_DROP_SLOT,
	NM_STAT_DROP_SIZE,
	NM_STAT_DROP_HEADER,
	NM_STAT_DROP_MEMORY,
	NM_STATS,
};

struct nm_port;
struct nm_bind;
struct nm_tap;

struct nm_queue {
	/* Set when the port is made. */
	struct nm_port *port;
	u16 id; /* in its direction */
	u8 dir; /* NM_TX, NM_RX */
	u32 num_slots;

	/* Control lock. */
	u32 users;     /* binds that selected it */
	u32 exclusive; /* one of them wants no other */

	/* Where data lies in the buffers of this ring ("offsets"): set with the
	 * ring, and by the control lock's holder while nothing moves. */
	u64 ofs_mask; /* bits of slot.ptr that are the offset; 0: always 0 */
	u32 ofs_max;  /* bytes; larger ones count as this */
	u32 room; /* bytes that we may write per slot, from its offset on, at
		       * most what its len can say */

	/* nm_queue_pull() may look: its users keep their cursors in the ring,
	 * and syncs come late. Written under the control lock. */
	bool in_ring;

	/* The ring: there while the queue is started; stable for binds. */
	struct netmap_ring *ring;
	void *scratch; /* of the sync side, made with the ring by the type */
	/* Monitors of the ring (tap.h): control lock, read in read sections. */
	struct nm_tap *taps;

	/* Sync side. */
	u32 claim __attribute__((aligned(64)));
	u32 rhead, rcur, rtail; /* as of the last sync */
	u32 hwcur; /* [C] first slot not yet worked on (tx), taken back (rx) */
	u32 told;  /* [C] rhead, for who looks without the claim */
	u64 sync_stat[NM_STAT_ATTEMPTED];

	/* Producer side. */
	struct os_spin lock __attribute__((aligned(64)));
	bool active; /* has a ring and users; lock, or os_load() for a hint */
	u32 lease;   /* first slot not promised to any delivery; lock */
	u32 hwtail;  /* [B] first slot not yet filled (rx), given back (tx) */
	u16 *done;   /* [num_slots] slots that finished at this one, of queues
		      * with many producers, made with the ring; lock */
	u64 prod_stat[NM_STATS - NM_STAT_ATTEMPTED];

	struct os_wait wait; /* pollers of this ring alone */
};

/* One synchronization in progress. */
struct nm_sync {
	struct os_caller *caller;   /* for NS_INDIRECT */
	const struct nm_bind *bind; /* whose sync it is; NULL: no program's */
	/* Where this bind keeps its cursors: shared with the client. */
	u32 *head, *cur, *tail;
	u32 *hwcur; /* where the client is told of hwcur; NULL: nowhere */
	bool zcopy; /* buffers may be handed over */
	bool any;   /* not in thread context: nothing may sleep */
	/* Out: all false when it begins. */
	bool ready; /* ran, and tail has moved past cur */
	bool reset; /* bad cursors: the ring was reset */
	bool later; /* a sync in thread context would have done more */
	bool news;  /* tail has moved since the client was told last */
	bool fed;   /* frames were put in tx rings of the bind: sync them */
	bool over;  /* nothing will ever come: polls say so and do not wait */
};

/* ---- life: control lock held ---- */

/* Makes the queue; no ring yet. */
void nm_queue_init(struct nm_queue *q, struct nm_port *port, u8 dir, u16 id,
		   u32 num_slots);
void nm_queue_fini(struct nm_queue *q);

/* Makes the ring, with buffers in its slots if @bufs. -ENOMEM. */
int nm_queue_ring_create(struct nm_queue *q, bool bufs);
/* Frees it, and what its slots hold if @bufs. No producer can see it. */
void nm_queue_ring_destroy(struct nm_queue *q, bool bufs);

/* What a bind asks for: see struct nm_queue. */
struct nm_offsets {
	u64 mask;
	u32 max, room;
	u32 initial; /* for the slots of rings that nobody else uses */
};

/* @o holds from now on for data of @q, and its ring says so; NULL: none do.
 * Nothing moves on it. */
void nm_queue_offsets_set(struct nm_queue *q, const struct nm_offsets *o);
/* Puts the offset @initial into all slots. */
void nm_queue_offsets_fill(struct nm_queue *q, u32 initial);
/* @o asks for no more than what holds: 0 or -EBUSY. */
int nm_queue_offsets_check(const struct nm_queue *q,
			   const struct nm_offsets *o);

/* Lets producers in; keeps them out (those inside end with os_read_sync()). */
void nm_queue_activate(struct nm_queue *q);
void nm_queue_deactivate(struct nm_queue *q);

/* A new user comes to a ring that lived on: cursors as of the last sync. */
void nm_queue_rejoin(struct nm_queue *q);

/*
 * Keeps syncs out of @q until nm_queue_unhold(): when this returns 0 none runs,
 * and what comes meanwhile does nothing. -EBUSY, refused: one has been running
 * for long (a program's memory may keep it). Thread, may sleep.
 */
int nm_queue_hold(struct nm_queue *q);
void nm_queue_unhold(struct nm_queue *q);

/* ---- data path ---- */

/*
 * Synchronizes: claims the queue (or marks it contended and returns 0 with
 * nothing done), takes and checks the cursors once, runs the port type, and
 * publishes tail. 0, or the type's -errno. Thread context, no lock held.
 */
int nm_queue_sync(struct nm_queue *q, struct nm_sync *s);

/*
 * A producer found rx queue @q full when hwcur was @seen: takes back slots that
 * its users have released by now, but not told by a sync; somebody who syncs it
 * meanwhile does the same, and is waited for, some microseconds at most. True:
 * hwcur is another, it is worth looking again. Any context, in a read section,
 * no lock held.
 */
bool nm_queue_pull(struct nm_queue *q, u32 seen);

/* Wakes who waits on the queue or on its port's direction, and its monitors:
 * any context, no lock held. */
void nm_queue_wake(struct nm_queue *q);

static inline u32 nm_queue_next(const struct nm_queue *q, u32 i)
{
	return i + 1 == q->num_slots ? 0 : i + 1;
}

static inline u32 nm_queue_prev(const struct nm_queue *q, u32 i)
{
	return (i ? i : q->num_slots) - 1;
}

/* Slots from @from up to but excluding @to. */
static inline u32 nm_queue_distance(const struct nm_queue *q, u32 from, u32 to)
{
	return to >= from ? to - from : to + q->num_slots - from;
}

/* Bytes from the start of the buffer to the data of a slot with @ptr. */
static inline u32 nm_queue_offset(const struct nm_queue *q, u64 ptr)
{
	u64 ofs = ptr & q->ofs_mask;

	return ofs < q->ofs_max ? (u32)ofs : q->ofs_max;
}

/* @ptr with an offset that is not too large. */
static inline u64 nm_queue_ptr(const struct nm_queue *q, u64 ptr)
{
	return (ptr & ~q->ofs_mask) | nm_queue_offset(q, ptr);
}

/* Counters have one writer at a time (see enum nm_stat); readers any. */
static inline void nm_stat_add(struct nm_queue *q, enum nm_stat i, u64 n)
{
	u64 *c = i < NM_STAT_ATTEMPTED ? &q->sync_stat[i]
				       : &q->prod_stat[i - NM_STAT_ATTEMPTED];

	os_count(c, n);
}

static inline u64 nm_stat_read(const struct nm_queue *q, enum nm_stat i)
{
	return i < NM_STAT_ATTEMPTED
		       ? os_load(&q->sync_stat[i])
		       : os_load(&q->prod_stat[i - NM_STAT_ATTEMPTED]);
}

#endif
