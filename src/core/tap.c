// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "port.h"
#include "tap.h"

/* Flags of a watched slot that say nothing about the frame, or not here. */
#define NOT_RECORDED (NS_BUF_CHANGED | NS_INDIRECT | NS_MOREFRAG | NS_TXMON)

/* Frames on their way from a queue to one monitor, while its lock is held. */
struct record {
	struct nm_queue *q, *mon;
	struct nm_bufs from, to;
	struct nm_tap_bounce bounce;
	u32 at;	  /* next slot of the monitor */
	u32 room; /* slots that it has left */
	u16 mark;
	u16 elsewhere; /* flags: the data is in no buffer of the slot */
	bool swap;
	/* What came of it. */
	u64 delivered, bytes, full, bad, large;
};

/* ---- one slot ---- */

/* Where the bytes of slot @v, which was read at @slot, are; NULL: nowhere. */
static inline const u8 *
data_of(struct record *r, const struct netmap_slot *slot, struct nm_slot v)
{
	const u8 *data;
	u32 ofs = 0;

	if (__builtin_expect(v.flags & NS_INDIRECT && r->bounce.at, 0)) {
		data = r->bounce.at;
		/* The slot is read for the second time: it may lie now. */
		if (data == r->bounce.end || v.len > r->bounce.size)
			return NULL;
		r->bounce.at += r->bounce.size;
		return data;
	}
	if (r->q->ofs_mask)
		ofs = nm_queue_offset(r->q, os_load(&slot->ptr));
	if (ofs + v.len > r->from.size)
		return NULL;
	data = nm_bufs_addr(&r->from, v.idx);
	return data ? data + ofs : NULL;
}

/* Copies @data to the monitor's slot @to; NM_STATS or why not. */
static inline enum nm_stat piece_copy(const struct record *r,
				      struct netmap_slot *to, const u8 *data,
				      u16 len, u16 flags)
{
	u32 idx = nm_slot_load(to).idx, ofs = 0;
	u8 *buf = nm_bufs_addr(&r->to, idx);

	if (__builtin_expect(!buf || (!data && len), 0))
		return NM_STAT_DROP_SLOT;
	if (__builtin_expect(len > r->mon->room, 0))
		return NM_STAT_DROP_SIZE;
	if (r->mon->ofs_mask)
		ofs = nm_queue_offset(r->mon, os_load(&to->ptr));
	os_copy(buf + ofs, data, len);
	nm_slot_store(to,
		      (struct nm_slot){.idx = idx, .len = len, .flags = flags});
	return NM_STATS;
}

/* Lets @from, which held @v, and the monitor's slot @to change buffers. A slot
 * that points nowhere keeps what it has, and is recorded empty. */
static void piece_swap(const struct record *r, struct netmap_slot *from,
		       struct netmap_slot *to, struct nm_slot v, u16 flags)
{
	struct nm_slot d = nm_slot_load(to);

	if (!nm_bufs_allow(&r->from, nm_slot_word(v)) ||
	    !nm_bufs_has(&r->to, d.idx)) {
		d.len = 0;
		d.flags = flags;
		nm_slot_store(to, d);
		return;
	}
	os_store(&to->ptr, os_load(&from->ptr));
	nm_slot_store(to, (struct nm_slot){
				  .idx = v.idx, .len = v.len, .flags = flags});
	v.idx = d.idx;
	v.flags |= NS_BUF_CHANGED;
	nm_slot_store(from, v);
}

/* ---- one frame ---- */

/* Slots of the frame at @k: a chain is cut at @to, and after NETMAP_MAX_FRAGS
 * slots. *seen: their flags. */
static inline u32 chain_length(const struct record *r, u32 k, u32 to, u16 *seen)
{
	const struct netmap_slot *slot = r->q->ring->slot;
	u32 n = 0;

	for (*seen = 0; n < NETMAP_MAX_FRAGS; k = nm_queue_next(r->q, k)) {
		u16 flags = nm_slot_load(&slot[k]).flags;

		if (n && k == to)
			break;
		n++;
		*seen |= flags;
		if (!(flags & NS_MOREFRAG))
			break;
	}
	return n;
}

/* Records the frame of the @n slots from @k on in as many of the monitor's,
 * which it has; NM_STATS or why not. */
static enum nm_stat frame_record(struct record *r, u32 k, u32 n)
{
	enum nm_stat why = NM_STATS;
	u32 at = r->at, bytes = 0;

	for (u32 left = n; left; left--) {
		struct netmap_slot *from = &r->q->ring->slot[k];
		struct netmap_slot *to = &r->mon->ring->slot[at];
		struct nm_slot v = nm_slot_load(from);
		u16 flags = (u16)((v.flags & ~NOT_RECORDED) | r->mark |
				  (left > 1 ? NS_MOREFRAG : 0));

		if (r->swap)
			piece_swap(r, from, to, v, flags);
		else
			why = piece_copy(r, to, data_of(r, from, v), v.len,
					 flags);
		if (why != NM_STATS)
			return why;
		bytes += v.len;
		k = nm_queue_next(r->q, k);
		at = nm_queue_next(r->mon, at);
	}
	r->at = at;
	r->room -= n;
	r->delivered++;
	r->bytes += bytes;
	return NM_STATS;
}

/* ---- a stretch of slots ---- */

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/*
 * Copies frames of one slot with nothing special about them from at most @max
 * slots from @k on, which do not wrap, to as many of the monitor's. Stops at
 * the first other one; returns how many.
 */
static u32 singles_copy(struct record *r, u32 k, u32 max)
{
	const u16 special = NS_MOREFRAG | NS_INDIRECT;
	struct nm_bufs from = r->from, to = r->to;
	const struct netmap_slot *slot = &r->q->ring->slot[k];
	struct netmap_slot *out = &r->mon->ring->slot[r->at];
	u16 mark = r->mark;
	u64 bytes = 0;
	u32 n;

	if (r->swap || r->q->ofs_mask | r->mon->ofs_mask)
		return 0;
	max = min_u32(max, min_u32(r->room, r->mon->num_slots - r->at));
	for (n = 0; n < max; n++, slot++, out++) {
		struct nm_slot v = nm_slot_load(slot);
		u32 idx = nm_slot_load(out).idx;
		const u8 *data = nm_bufs_addr(&from, v.idx);
		u8 *buf = nm_bufs_addr(&to, idx);

		if (__builtin_expect(v.flags & special || !data || !buf ||
					     v.len > from.size ||
					     v.len > to.size,
				     0))
			break;
		os_copy(buf, data, v.len);
		bytes += v.len;
		v.idx = idx;
		v.flags = (u16)((v.flags & ~NOT_RECORDED) | mark);
		nm_slot_store(out, v);
	}
	r->at += n;
	if (r->at == r->mon->num_slots)
		r->at = 0;
	r->room -= n;
	r->delivered += n;
	r->bytes += bytes;
	return n;
}

/* Records the frame at @k, whatever it is like; returns its slots. */
static u32 chain_record(struct record *r, u32 k, u32 to)
{
	enum nm_stat why = NM_STATS;
	u16 seen;
	u32 n = chain_length(r, k, to, &seen);

	if (__builtin_expect(n > r->room, 0))
		r->full++;
	else if (__builtin_expect(seen & r->elsewhere, 0))
		r->bad++;
	else
		why = frame_record(r, k, n);
	r->bad += why == NM_STAT_DROP_SLOT;
	r->large += why == NM_STAT_DROP_SIZE;
	return n;
}

/* Records frames from @k on, up to @to or about OS_LEASE_MAX slots; returns
 * where it stopped. */
static u32 frames_record(struct record *r, u32 k, u32 to)
{
	u32 done = 0;

	while (k != to && done < OS_LEASE_MAX) {
		u32 end = to > k ? to : r->q->num_slots;
		u32 n = singles_copy(r, k,
				     min_u32(end - k, OS_LEASE_MAX - done));

		if (!n)
			n = chain_record(r, k, to);
		done += n;
		k += n;
		if (k >= r->q->num_slots)
			k -= r->q->num_slots;
	}
	return k;
}

/* Publishes what was recorded. */
static void record_end(const struct record *r)
{
	struct nm_queue *mon = r->mon;

	os_spin_assert_held(&mon->lock);
	nm_stat_add(mon, NM_STAT_ATTEMPTED,
		    r->delivered + r->full + r->bad + r->large);
	nm_stat_add(mon, NM_STAT_DELIVERED, r->delivered);
	nm_stat_add(mon, NM_STAT_DELIVERED_BYTES, r->bytes);
	nm_stat_add(mon, NM_STAT_DROP_FULL, r->full);
	nm_stat_add(mon, NM_STAT_DROP_SLOT, r->bad);
	nm_stat_add(mon, NM_STAT_DROP_SIZE, r->large);
	if (r->delivered)
		os_store_release(&mon->hwtail, r->at); /* [B] */
}

/* Slots [@k, @to) of @q to one tap, a lease's worth of them per time that the
 * monitor's lock is held. */
static void tap_record(const struct nm_tap *tap, struct nm_queue *q, u32 k,
		       u32 to, bool swap, u16 elsewhere,
		       const struct nm_tap_bounce *b)
{
	struct nm_queue *mon = tap->mon;
	struct record r = {.q = q,
			   .mon = mon,
			   .from = nm_region_bufs(q->port->region),
			   .to = nm_region_bufs(mon->port->region),
			   .mark = tap->mark,
			   .elsewhere = elsewhere,
			   .swap = swap && !q->ofs_mask};

	if (b)
		r.bounce = *b;
	while (k != to) {
		os_spin_lock(&mon->lock);
		if (!mon->active) {
			os_spin_unlock(&mon->lock);
			return;
		}
		r.at = mon->hwtail;
		/* [C] the monitor's rxsync() */
		r.room = mon->num_slots - 1 -
			 nm_queue_distance(mon, os_load_acquire(&mon->hwcur),
					   r.at);
		r.delivered = r.bytes = r.full = r.bad = r.large = 0;
		k = frames_record(&r, k, to);
		record_end(&r);
		os_spin_unlock(&mon->lock);
	}
}

void nm_taps_record(struct nm_queue *q, enum nm_tap_kind kind, u32 from, u32 to,
		    u16 elsewhere, const struct nm_tap_bounce *b)
{
	unsigned section = os_read_enter();
	/* Pairs with nm_tap_attach(), as the next ones do. */
	const struct nm_tap *tap = os_load_acquire(&q->taps), *last = NULL;

	for (; tap; tap = os_load_acquire(&tap->next)) {
		if (tap->kind != kind)
			continue;
		if (last)
			tap_record(last, q, from, to, false, elsewhere, b);
		last = tap;
	}
	/* The buffers go to one, when the others have had their copies. */
	if (last)
		tap_record(last, q, from, to, kind == NM_TAP_ZCOPY, elsewhere,
			   b);
	os_read_exit(section);
}

void nm_taps_wake(struct nm_queue *q)
{
	unsigned section = os_read_enter();
	const struct nm_tap *tap = os_load_acquire(&q->taps);

	for (; tap; tap = os_load_acquire(&tap->next))
		nm_queue_wake(tap->mon);
	os_read_exit(section);
}

/* ---- life ---- */

void nm_tap_attach(struct nm_tap *tap, struct nm_queue *q)
{
	os_mutex_assert_held(&q->port->core->lock);
	tap->q = q;
	tap->next = q->taps;
	os_store_release(&q->taps, tap); /* nm_taps_record() */
	tap->mon->port->taps++;
}

/* Returns how many the monitor has left; its syncs look at that. */
static u32 tap_leave(struct nm_tap *tap)
{
	u32 *taps = &tap->mon->port->taps, left = os_load(taps) - 1;

	tap->q = NULL;
	os_store(taps, left);
	return left;
}

bool nm_tap_detach(struct nm_tap *tap)
{
	struct nm_tap **p;

	if (!tap->q)
		return false;
	os_mutex_assert_held(&tap->q->port->core->lock);
	for (p = &tap->q->taps; *p != tap;)
		p = &(*p)->next;
	os_store_release(p, tap->next); /* nm_taps_record() */
	tap_leave(tap);
	return true;
}

void nm_taps_end(struct nm_queue *q)
{
	struct nm_tap *tap = q->taps, *next;

	os_mutex_assert_held(&q->port->core->lock);
	os_store(&q->taps, (struct nm_tap *)NULL);
	for (; tap; tap = next) {
		next = tap->next;
		if (!tap_leave(tap))
			nm_queue_wake(tap->mon);
	}
}
