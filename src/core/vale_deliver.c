// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Pieces -> the slots of a receiver's ring: reserve a lease of slots under the
 * queue's lock, copy outside of it, publish in order, wake once.
 *
 * A lease that finishes before an older one leaves a mark (queue.done) for the
 * older to publish; the last finisher moves hwtail over all of them.
 */
#include "tap.h"
#include "vale_cursor.h"

/* What a delivery came to. */
struct outcome {
	u32 delivered, bad_slot, bad_size;
	u64 bytes;
};

/* Copies one piece into the receiver's slot; NM_STATS or why not. */
static inline enum nm_stat piece_copy(const struct nm_bufs *bufs,
				      struct netmap_slot *slot,
				      const struct nm_piece *p, u32 flags)
{
	u32 idx = nm_slot_load(slot).idx;
	u8 *buf = nm_bufs_addr(bufs, idx);

	if (__builtin_expect(!buf, 0))
		return NM_STAT_DROP_SLOT;
	if (__builtin_expect(p->len > bufs->size, 0))
		return NM_STAT_DROP_SIZE;
	os_copy(buf, p->buf, p->len);
	nm_slot_store(slot, (struct nm_slot){.idx = idx,
					     .len = p->len,
					     .flags = (u16)flags});
	return NM_STATS;
}

/* The same where data lies behind an offset, and room may be less. */
static enum nm_stat piece_copy_at(const struct nm_queue *dq,
				  struct netmap_slot *slot,
				  const struct nm_piece *p, u32 flags)
{
	u32 idx = nm_slot_load(slot).idx;
	u8 *buf = nm_region_buf(dq->port->region, idx);

	if (!buf)
		return NM_STAT_DROP_SLOT;
	if (p->len > dq->room)
		return NM_STAT_DROP_SIZE;
	os_copy(buf + nm_queue_offset(dq, os_load(&slot->ptr)), p->buf, p->len);
	nm_slot_store(slot, (struct nm_slot){.idx = idx,
					     .len = p->len,
					     .flags = (u16)flags});
	return NM_STATS;
}

/* Hands a piece's buffer over for that of the receiver's slot, both in one
 * region. The sender's slot is its syncer's until it is given back; what it
 * names by now is what goes. */
static inline enum nm_stat piece_give(const struct nm_queue *sq,
				      const struct nm_bufs *bufs,
				      struct netmap_slot *slot,
				      const struct nm_piece *p, u32 flags)
{
	struct netmap_slot *from = &sq->ring->slot[p->slot];
	struct nm_slot s = nm_slot_load(from);
	u32 idx = nm_slot_load(slot).idx;

	if (!nm_bufs_has(bufs, idx) || !nm_bufs_has(bufs, s.idx))
		return NM_STAT_DROP_SLOT;
	nm_slot_store(slot, (struct nm_slot){.idx = s.idx,
					     .len = p->len,
					     .flags = (u16)flags});
	s.idx = idx;
	s.flags |= NS_BUF_CHANGED;
	nm_slot_store(from, s);
	return NM_STATS;
}

/* Who hands buffers over to @dq from @b; NULL: nobody. Not where data may lie
 * elsewhere in a buffer, and not where a monitor waits for slots to come back
 * with what they had. */
static const struct nm_queue *giver_to(const struct nm_queue *dq,
				       const struct nm_batch *b)
{
	const struct nm_queue *sq = b->giver;

	if (__builtin_expect(!sq, 1))
		return NULL;
	if (sq->port->region != dq->port->region || dq->ofs_mask ||
	    nm_queue_is_tapped(sq) || nm_queue_is_tapped(dq))
		return NULL;
	return sq;
}

/* A frame that could not be copied: its slots say nothing is there. */
static void slots_blank(struct nm_queue *dq, u32 k, u32 n)
{
	for (; n; n--, k = nm_queue_next(dq, k)) {
		struct nm_slot d = nm_slot_load(&dq->ring->slot[k]);

		d.len = d.flags = 0;
		nm_slot_store(&dq->ring->slot[k], d);
	}
}

static void count_bad(struct outcome *o, enum nm_stat why)
{
	if (why == NM_STAT_DROP_SLOT)
		o->bad_slot++;
	else
		o->bad_size++;
}

/* Brings the frame that begins with piece @p to slots @k on: hands over what
 * @sq (or NULL) may, copies the rest. */
static void frame_bring(struct nm_queue *dq, u32 k, const struct nm_piece *p,
			struct outcome *o, const struct nm_queue *sq)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	u32 n = p->nslots, start = k, bytes = 0;
	enum nm_stat why = NM_STATS;

	for (u32 i = 0; i < n && why == NM_STATS; i++) {
		u32 more = i + 1 < n ? NS_MOREFRAG : 0;
		u32 flags = n << NS_PORT_SHIFT | more;
		struct netmap_slot *slot = &dq->ring->slot[k];

		why = sq && p[i].slot != NM_RUN_NONE
			      ? piece_give(sq, &bufs, slot, &p[i], flags)
		      : dq->ofs_mask ? piece_copy_at(dq, slot, &p[i], flags)
				     : piece_copy(&bufs, slot, &p[i], flags);
		bytes += p[i].len;
		k = nm_queue_next(dq, k);
	}
	if (why == NM_STATS) {
		o->delivered++;
		o->bytes += bytes;
	} else {
		count_bad(o, why);
		slots_blank(dq, start, n);
	}
}

/* Copies frames of one slot each, [@p, @end), to slots @k on, which do not
 * wrap; stops before the first longer one. Returns how many. */
static u32 singles_copy(struct nm_queue *dq, u32 k, const struct nm_piece *p,
			const struct nm_piece *end, struct outcome *o)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	struct netmap_slot *slot = &dq->ring->slot[k];
	const struct nm_piece *start = p;
	u32 bad = 0;
	u64 bytes = 0;

	for (; p != end && p->nslots == 1; p++, slot++) {
		enum nm_stat why =
			piece_copy(&bufs, slot, p, 1 << NS_PORT_SHIFT);

		bytes += p->len;
		if (__builtin_expect(why != NM_STATS, 0)) {
			count_bad(o, why);
			bytes -= p->len;
			bad++;
			slots_blank(dq, (u32)(slot - dq->ring->slot), 1);
		}
	}
	o->delivered += (u32)(p - start) - bad;
	o->bytes += bytes;
	return (u32)(p - start);
}

/* Copies frames [@p, @end) to slots @k on; returns the slot after. */
static u32 frames_copy(struct nm_queue *dq, u32 k, const struct nm_piece *p,
		       const struct nm_piece *end, struct outcome *o)
{
	while (p != end) {
		u32 n = p->nslots, room = dq->num_slots - k;

		if (n == 1 && __builtin_expect(!dq->ofs_mask, 1))
			n = singles_copy(dq, k, p,
					 end - p < room ? end : p + room, o);
		else
			frame_bring(dq, k, p, o, NULL);
		p += n;
		k += n;
		if (k >= dq->num_slots)
			k -= dq->num_slots;
	}
	return k;
}

/* Hands over frames of one slot each, as singles_copy() copies them; stops
 * before the first other one, and where a slot is bad. */
static u32 singles_give(struct nm_queue *dq, u32 k, const struct nm_piece *p,
			const struct nm_piece *end, struct outcome *o,
			const struct nm_queue *sq)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	struct netmap_slot *slot = &dq->ring->slot[k];
	const struct nm_piece *start = p;
	u64 bytes = 0;

	for (; p != end && p->nslots == 1 && p->slot != NM_RUN_NONE;
	     p++, slot++) {
		if (__builtin_expect(piece_give(sq, &bufs, slot, p,
						1 << NS_PORT_SHIFT) != NM_STATS,
				     0))
			break;
		bytes += p->len;
	}
	o->delivered += (u32)(p - start);
	o->bytes += bytes;
	return (u32)(p - start);
}

/* Brings frames [@p, @end) to slots @k on, of which @sq hands buffers over;
 * returns the slot after. */
static u32 frames_give(struct nm_queue *dq, u32 k, const struct nm_piece *p,
		       const struct nm_piece *end, struct outcome *o,
		       const struct nm_queue *sq)
{
	while (p != end) {
		u32 room = dq->num_slots - k;
		u32 n = singles_give(dq, k, p, end - p < room ? end : p + room,
				     o, sq);

		if (!n) {
			n = p->nslots;
			frame_bring(dq, k, p, o, sq);
		}
		p += n;
		k += n;
		if (k >= dq->num_slots)
			k -= dq->num_slots;
	}
	return k;
}

/* Slots promised to one delivery. */
struct lease {
	u32 start, slots;
	u32 frames; /* that go there: whole ones */
	bool full;  /* the ring has no slot left */
};

/* How many of the next frames of @c, whole ones, go into @room slots. */
static void lease_fit(struct lease *l, struct nm_cursor c,
		      const struct nm_batch *b, u32 room)
{
	u32 max = room < OS_LEASE_MAX ? room : OS_LEASE_MAX;

	if (c.slots == c.frames) {
		l->slots = l->frames = c.slots < max ? c.slots : max;
		return;
	}
	while (c.frames) {
		u32 n = nm_cursor_take_frame(&c, b);

		/* One frame may be larger than a lease should be. */
		if (l->slots + n > (l->slots ? max : room))
			break;
		l->slots += n;
		l->frames++;
	}
}

/* Reserves slots for the next frames of @c. */
static struct lease lease_take(struct nm_queue *dq, const struct nm_cursor *c,
			       const struct nm_batch *b)
{
	struct lease l = {.start = dq->lease};
	u32 used, room;

	os_spin_assert_held(&dq->lock);
	/* [C] nm_vale_rxsync() */
	used = nm_queue_distance(dq, os_load_acquire(&dq->hwcur), dq->lease);
	room = dq->num_slots - 1 - used;
	l.full = !room;
	lease_fit(&l, *c, b, room);
	dq->lease += l.slots;
	if (dq->lease >= dq->num_slots)
		dq->lease -= dq->num_slots;
	return l;
}

/* @l is filled: publishes it if it is the oldest, and all finished ones behind
 * it. True: hwtail moved. */
static bool lease_publish(struct nm_queue *dq, const struct lease *l)
{
	u32 tail = dq->hwtail, n;

	os_spin_assert_held(&dq->lock);
	dq->done[l->start] = (u16)l->slots;
	if (l->start != tail)
		return false;
	while ((n = dq->done[tail])) {
		dq->done[tail] = 0;
		tail += n;
		if (tail >= dq->num_slots)
			tail -= dq->num_slots;
	}
	nm_tap_rx(dq, dq->hwtail, tail);
	os_store_release(&dq->hwtail, tail); /* [B] */
	return true;
}

/* Copies the frames of lease @l from @c. No lock held. */
static struct outcome lease_fill(struct nm_queue *dq, const struct lease *l,
				 struct nm_cursor *c, const struct nm_batch *b)
{
	const struct nm_queue *sq = giver_to(dq, b);
	struct outcome o = {0};
	u32 k = l->start, left = l->slots;

	while (left) {
		const struct nm_piece *p = &b->piece[nm_cursor_pos(c)];
		u32 n = nm_cursor_take(c, b, left);

		k = sq ? frames_give(dq, k, p, p + n, &o, sq)
		       : frames_copy(dq, k, p, p + n, &o);
		left -= n;
	}
	c->frames -= l->frames;
	return o;
}

static void account(struct nm_queue *dq, const struct outcome *o)
{
	os_spin_assert_held(&dq->lock);
	nm_stat_add(dq, NM_STAT_ATTEMPTED,
		    (u64)o->delivered + o->bad_slot + o->bad_size);
	nm_stat_add(dq, NM_STAT_DELIVERED, o->delivered);
	nm_stat_add(dq, NM_STAT_DELIVERED_BYTES, o->bytes);
	if (__builtin_expect(o->bad_slot | o->bad_size, 0)) {
		nm_stat_add(dq, NM_STAT_DROP_SLOT, o->bad_slot);
		nm_stat_add(dq, NM_STAT_DROP_SIZE, o->bad_size);
	}
}

static void account_drop(struct nm_queue *dq, enum nm_stat why, u32 frames)
{
	os_spin_assert_held(&dq->lock);
	nm_stat_add(dq, NM_STAT_ATTEMPTED, frames);
	nm_stat_add(dq, why, frames);
}

void nm_cursor_drop(struct nm_queue *dq, enum nm_stat why, u32 frames)
{
	os_spin_lock(&dq->lock);
	account_drop(dq, why, frames);
	os_spin_unlock(&dq->lock);
}

/* Room that the receiver has made since hwcur was @seen: true if there may be
 * some. */
static bool pull(struct nm_queue *dq, u32 seen)
{
	bool more;

	os_spin_assert_held(&dq->lock);
	os_spin_unlock(&dq->lock);
	more = nm_queue_pull(dq, seen);
	os_spin_lock(&dq->lock);
	return more;
}

void nm_cursor_deliver(struct nm_queue *dq, struct nm_cursor c,
		       const struct nm_batch *b)
{
	struct outcome o;
	struct lease l;
	bool news = false;

	if (!c.frames)
		return;
	os_spin_lock(&dq->lock);
	while (c.frames && dq->active) {
		u32 seen = os_load(&dq->hwcur);

		l = lease_take(dq, &c, b);
		if (!l.frames && pull(dq, seen))
			continue;
		if (l.full)
			break;
		if (!l.frames) { /* a smaller one may fit */
			nm_cursor_take_frame(&c, b);
			account_drop(dq, NM_STAT_DROP_FULL, 1);
			continue;
		}
		/* Others cannot publish before we do. */
		os_preempt_off();
		os_spin_unlock(&dq->lock);
		o = lease_fill(dq, &l, &c, b);
		os_spin_lock(&dq->lock);
		os_preempt_on();
		news |= lease_publish(dq, &l);
		account(dq, &o);
	}
	if (c.frames)
		account_drop(dq,
			     dq->active ? NM_STAT_DROP_FULL
					: NM_STAT_DROP_CLOSED,
			     c.frames);
	os_spin_unlock(&dq->lock);
	if (news)
		nm_queue_wake(dq);
}

/* Brings the frame @p to slot @k of @dq, if all is well with both. */
static inline bool one_bring(struct nm_queue *dq, u32 k,
			     const struct nm_piece *p,
			     const struct nm_queue *sq)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	struct netmap_slot *slot = &dq->ring->slot[k];
	u32 flags = 1 << NS_PORT_SHIFT;

	if (sq && p->slot != NM_RUN_NONE)
		return piece_give(sq, &bufs, slot, p, flags) == NM_STATS;
	return piece_copy(&bufs, slot, p, flags) == NM_STATS;
}

/*
 * One frame of one slot, while no lease is pending: brought under the lock and
 * published at once. What a program that sends frame by frame needs; false if
 * it is not so, and nothing was done.
 */
static inline bool one_deliver(struct nm_queue *dq, const struct nm_piece *p,
			       const struct nm_queue *sq)
{
	u32 k, next;
	bool good;

	os_spin_lock(&dq->lock);
	k = dq->lease;
	next = nm_queue_next(dq, k);
	/* [C] nm_vale_rxsync() */
	good = dq->active && !dq->ofs_mask && k == dq->hwtail &&
	       next != os_load_acquire(&dq->hwcur) && one_bring(dq, k, p, sq);
	if (good) {
		nm_stat_add(dq, NM_STAT_ATTEMPTED, 1);
		nm_stat_add(dq, NM_STAT_DELIVERED, 1);
		nm_stat_add(dq, NM_STAT_DELIVERED_BYTES, p->len);
		dq->lease = next;
		nm_tap_rx(dq, k, next);
		os_store_release(&dq->hwtail, next); /* [B] */
	}
	os_spin_unlock(&dq->lock);
	if (good)
		nm_queue_wake(dq);
	return good;
}

bool nm_piece_deliver(struct nm_queue *dq, const struct nm_piece *p)
{
	return one_deliver(dq, p, NULL);
}

/* As usual, or with another header. */
static void pass(struct nm_queue *dq, struct nm_cursor c, struct nm_batch *b,
		 u32 vnet_len)
{
	if (nm_batch_suits(b, vnet_len))
		nm_cursor_deliver(dq, c, b);
	else
		nm_cursor_translate(dq, c, b, vnet_len);
}

/* Frames go to the rings that a client chose, in ring order; stretches for the
 * same one at once. */
static void pass_apart(struct nm_vale_port *dst, struct nm_cursor c,
		       struct nm_batch *b, u32 vnet_len)
{
	u32 rings = dst->port.rings[NM_RX];

	while (c.frames) {
		u32 ring = b->piece[nm_cursor_pos(&c)].ring % rings;
		struct nm_cursor part = c;

		part.frames = part.slots = 0;
		do {
			part.slots += nm_cursor_take_frame(&c, b);
			part.frames++;
		} while (c.frames &&
			 b->piece[nm_cursor_pos(&c)].ring % rings == ring);
		pass(&dst->port.queue[NM_RX][ring], part, b, vnet_len);
	}
}

void nm_batch_deliver(struct nm_queue *q, struct nm_vale_port *dst,
		      u32 vnet_len, const struct nm_run_list *own,
		      const struct nm_run_list *flood)
{
	struct nm_batch *b = q->scratch;
	struct nm_queue *first = dst->port.queue[NM_RX];
	struct nm_queue *rx = nm_vale_rx_queue(dst, q->id);

	if (__builtin_expect(b->apart, 0)) {
		pass_apart(dst, nm_cursor_make(b, own, flood), b, vnet_len);
		return;
	}
	if (!flood && own->slots == 1 && nm_batch_suits(b, vnet_len) &&
	    one_deliver(rx, &b->piece[b->run[own->head].first],
			giver_to(rx, b)))
		return;
	if (rx != first) {
		pass(rx, nm_cursor_make(b, own, NULL), b, vnet_len);
		own = NULL;
	}
	pass(first, nm_cursor_make(b, own, flood), b, vnet_len);
}
