/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tap.h - what a monitor hangs on a queue: frames that pass leave a trace in
 * the monitor's rx ring.
 *
 *                      the watched queue            the monitor's rx ring
 *   copy      tx  slots that a sync hands over  --copy-->   [hwtail..)
 *             rx  slots that become visible     --copy-->
 *   zero copy tx  slots that come back          <--swap-->  buffers change
 *             rx  slots that are released       <--swap-->  places
 *
 * A frame is recorded whole or not at all, and a monitor without room records
 * nothing: the watched port is neither slowed down by it nor stopped. What was
 * not recorded is counted by the monitor's queue, never by the watched one.
 *
 * A zero copy monitor gets the buffer itself, so only one can: where several
 * watch a queue, the others get copies.
 *
 * Taps are attached and detached under the control lock and followed in read
 * sections. A queue without taps costs one branch per sync and per publishing.
 */
#ifndef NM_TAP_H
#define NM_TAP_H

#include "queue.h"

enum nm_tap_kind {
	NM_TAP_COPY,
	NM_TAP_ZCOPY,
};

struct nm_tap {
	struct nm_tap *next;  /* on the same queue; for readers' eyes too */
	struct nm_queue *q;   /* watched; NULL: none (any more). Control lock */
	struct nm_queue *mon; /* rx queue of the monitor */
	enum nm_tap_kind kind;
	u16 mark; /* in the flags of its slots: NS_TXMON or 0 */
};

/* Where a switch has put the data of NS_INDIRECT slots, one buffer after the
 * other, in the order of the slots. */
struct nm_tap_bounce {
	const u8 *at, *end;
	u32 size; /* bytes from one to the next */
};

/* ---- control lock held ---- */

/* From now on @tap, which has @mon, @kind and @mark, sees what passes @q. */
void nm_tap_attach(struct nm_tap *tap, struct nm_queue *q);
/* True if it was attached still: then its memory, and its monitor's queue, stay
 * until os_read_sync(). */
bool nm_tap_detach(struct nm_tap *tap);
/* @q loses its last user: detaches all taps, and wakes monitors that have no
 * other (nm_port.taps). An os_read_sync() follows. */
void nm_taps_end(struct nm_queue *q);

/* ---- for the functions below; any context ---- */

static inline bool nm_queue_is_tapped(const struct nm_queue *q)
{
	return __builtin_expect(os_load(&q->taps) != NULL, 0);
}

/* Slots [@from, @to) of @q to its taps of @kind. Frames of slots with a flag of
 * @elsewhere are counted as bad: their data is in no buffer of the slot. */
void nm_taps_record(struct nm_queue *q, enum nm_tap_kind kind, u32 from, u32 to,
		    u16 elsewhere, const struct nm_tap_bounce *b);
/* Wakes the monitors of @q: no lock held. */
void nm_taps_wake(struct nm_queue *q);

/* ---- the four points ---- */

/*
 * Tx hand-over: the port takes slots [@from, @to) of tx queue @q, whole frames
 * or cut at @to. Before the receiver can see or alter them. @b: where indirect
 * data is, or NULL. No lock held.
 */
static inline void nm_tap_tx(struct nm_queue *q, u32 from, u32 to,
			     const struct nm_tap_bounce *b)
{
	if (!nm_queue_is_tapped(q) || from == to)
		return;
	nm_taps_record(q, NM_TAP_COPY, from, to, 0, b);
	nm_taps_wake(q);
}

/*
 * Rx arrival: slots [@from, @to) of rx queue @q are filled, whole frames, and
 * about to be published. The producer side, @q's lock held where there is one;
 * nm_queue_wake(@q) follows, and wakes monitors too.
 */
static inline void nm_tap_rx(struct nm_queue *q, u32 from, u32 to)
{
	if (nm_queue_is_tapped(q))
		nm_taps_record(q, NM_TAP_COPY, from, to, 0, NULL);
}

/*
 * Tx reclaim (nm_queue_sync) and rx release (each port type, after whatever it
 * does with released frames): slots [@from, @to) of @q are given up by the
 * port, and not yet in the hands of whom they go to. @elsewhere: flags of slots
 * whose data never was in their buffer, or has left it. Claim held, no lock.
 */
static inline void nm_tap_given_up(struct nm_queue *q, u32 from, u32 to,
				   u16 elsewhere)
{
	if (!nm_queue_is_tapped(q) || from == to)
		return;
	nm_taps_record(q, NM_TAP_ZCOPY, from, to, elsewhere, NULL);
	nm_taps_wake(q);
}

#endif
