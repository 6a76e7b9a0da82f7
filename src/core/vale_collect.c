// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Ring slots -> pieces and runs. */
#include "tap.h"
#include "vale_batch.h"
#include "vnet.h"

/*
 * Fetches the data that @slot points to from the caller's memory; NM_STATS or
 * why not. Whoever maps the region chooses the address: if that may be another
 * than the caller, it would make the caller send memory that is nobody else's
 * business.
 */
static enum nm_stat bounce_in(struct nm_queue *q, struct nm_sync *s,
			      const struct netmap_slot *slot,
			      struct nm_piece *p)
{
	const struct nm_region *r = q->port->region;
	u64 user = os_load_acquire(&slot->ptr); /* os_mem_is_callers() */
	struct nm_batch *b = q->scratch;
	u32 size = nm_region_buf_size(r);

	if (s->any || !os_mem_is_callers(r->mem, s->caller))
		return NM_STAT_NO_INDIRECT;
	if (!b->bounce)
		b->bounce = os_alloc((size_t)NM_BOUNCES * size);
	if (!b->bounce)
		return NM_STAT_NO_MEMORY;
	p->buf = b->bounce + (size_t)b->nbounce * size;
	if (!user || os_copyin(s->caller, p->buf, user, p->len))
		return NM_STAT_NO_INDIRECT;
	b->nbounce++;
	return NM_STATS;
}

/* Turns a slot into a piece; NM_STATS, or why its frame is bad. */
static inline enum nm_stat piece_take(struct nm_queue *q, struct nm_sync *s,
				      struct netmap_slot *slot,
				      struct nm_slot v, struct nm_piece *p)
{
	const struct nm_region *r = q->port->region;

	p->len = v.len;
	if (__builtin_expect(v.len > nm_region_buf_size(r), 0))
		return NM_STAT_NO_SLOT;
	if (__builtin_expect(v.flags & NS_INDIRECT, 0))
		return bounce_in(q, s, slot, p);
	p->buf = nm_region_buf(r, v.idx);
	return __builtin_expect(!p->buf, 0) ? NM_STAT_NO_SLOT : NM_STATS;
}

/* The same where data lies behind an offset. Indirect data is where ptr says,
 * all of it; the limit is the same. */
static enum nm_stat piece_take_at(struct nm_queue *q, struct nm_sync *s,
				  struct netmap_slot *slot, struct nm_slot v,
				  struct nm_piece *p)
{
	u32 ofs = nm_queue_offset(q, os_load(&slot->ptr));
	enum nm_stat why;

	if (v.len > nm_region_buf_size(q->port->region) - ofs)
		return NM_STAT_NO_SLOT;
	why = piece_take(q, s, slot, v, p);
	if (!(v.flags & NS_INDIRECT))
		p->buf += ofs;
	return why;
}

/* The slot of a piece that may be handed over. */
static u16 given_slot(const struct nm_batch *b, u32 k, u32 flags)
{
	return b->giver && !(flags & NS_INDIRECT) ? (u16)k : NM_RUN_NONE;
}

/* A frame in the making. */
struct frame {
	u32 slots;
	u32 bytes;
	enum nm_stat why; /* it is bad; NM_STATS: it is not */
};

/*
 * The general case: takes the chain of slots from @k on, to its end or to
 * rhead, as pieces from @n on; returns the slot after it.
 */
static u32 chain_take(struct nm_queue *q, struct nm_sync *s, u32 k, u32 n,
		      struct frame *f)
{
	struct nm_batch *b = q->scratch;
	struct nm_slot v;

	*f = (struct frame){.why = NM_STATS};
	do {
		struct netmap_slot *slot = &q->ring->slot[k];

		v = nm_slot_load(slot);
		if (v.flags & NS_BUF_CHANGED) {
			v.flags &= (u16)~NS_BUF_CHANGED;
			nm_slot_store(slot, v);
		}
		if (f->slots++ >= NETMAP_MAX_FRAGS)
			f->why = NM_STAT_NO_FRAGS;
		else if (f->why == NM_STATS) {
			struct nm_piece *p = &b->piece[n++];

			p->slot = given_slot(b, k, v.flags);
			f->why = q->ofs_mask ? piece_take_at(q, s, slot, v, p)
					     : piece_take(q, s, slot, v, p);
		}
		f->bytes += v.len;
		k = nm_queue_next(q, k);
	} while (v.flags & NS_MOREFRAG && k != q->rhead);
	return k;
}

/* Reads a header behind an offset or a virtio-net header, not aligned and where
 * not even 16 bytes may be left. */
static inline void header_load_at(const u8 *at, u64 *w0, u64 *w1)
{
	u64 header[2] = {0};

	os_copy(header, at, NM_ETH_HLEN);
	*w0 = header[0];
	*w1 = header[1];
}

/* The same where buffers have 16 bytes more. */
static inline void header_load_behind(const u8 *at, u64 *w0, u64 *w1)
{
	u64 header[2];

	os_copy(header, at, sizeof(header));
	*w0 = header[0];
	*w1 = header[1];
}

/* A frame with header @w0, @w1 (16 bytes, of which the last 4 are no
 * addresses) goes into @run. Never into run[0]. */
static inline bool run_has(const struct nm_run *run, u64 w0, u64 w1)
{
	return __builtin_expect(w0 == run->w0 && (u32)w1 == run->w1, 1);
}

/* Begins a run with the frame at piece @n. */
static struct nm_run *run_begin(struct nm_batch *b, const struct nm_fdb *fdb,
				u32 n, u64 w0, u64 w1)
{
	struct nm_run *run = &b->run[++b->nruns];

	*run = (struct nm_run){.w0 = w0, .w1 = (u32)w1, .first = (u16)n};
	if (fdb) {
		run->hash = nm_fdb_hash(fdb, w0 & NM_MAC_MASK);
		nm_fdb_prefetch(fdb, run->hash);
	}
	return run;
}

/* Pieces up to @n, and what they come to, belong to @run. */
static inline void run_grow(struct nm_run *run, u32 n, u32 frames, u64 bytes)
{
	run->end = (u16)n;
	run->frames += frames;
	run->bytes += bytes;
}

/*
 * Collects frames of one slot with nothing special about them from slots
 * [@k, @end), which do not wrap, as pieces from @n up to @limit. Stops at the
 * first other one; returns how many were taken. The constants say what to do
 * beside: skip @vnet_len bytes, note slots for the handover.
 */
static inline __attribute__((__always_inline__)) u32
singles_take_as(struct nm_queue *q, u32 k, u32 end, u32 n, u32 limit,
		const struct nm_fdb *fdb, const u32 vnet_len, const bool give)
{
	const u32 min = NM_ETH_HLEN + vnet_len;
	struct nm_batch *b = q->scratch;
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	const struct netmap_slot *slot = &q->ring->slot[k];
	struct nm_piece *p = &b->piece[n], *from = p, *start = p;
	struct nm_piece *stop = p + (end - k < limit - n ? end - k : limit - n);
	struct nm_run *run = &b->run[b->nruns];
	u64 bytes = 0;

	for (; p != stop; p++, slot++) {
		u64 w0, w1;

		if (!nm_piece_plain(p, &bufs, nm_slot_load_word(slot), min))
			break;
		if (give)
			p->slot = (u16)(slot - q->ring->slot);
		if (vnet_len)
			header_load_behind(p->buf + vnet_len, &w0, &w1);
		else
			nm_piece_header(p, &w0, &w1);
		if (!run_has(run, w0, w1)) {
			run_grow(run, (u32)(p - b->piece), (u32)(p - from),
				 bytes);
			run = run_begin(b, fdb, (u32)(p - b->piece), w0, w1);
			from = p;
			bytes = 0;
		}
		bytes += p->len;
	}
	run_grow(run, (u32)(p - b->piece), (u32)(p - from), bytes);
	return (u32)(p - start);
}

static u32 singles_take(struct nm_queue *q, u32 k, u32 end, u32 n, u32 limit,
			const struct nm_fdb *fdb)
{
	return singles_take_as(q, k, end, n, limit, fdb, 0, false);
}

/* Where anything is special about the batch. */
static __attribute__((__noinline__)) u32
singles_take_special(struct nm_queue *q, u32 k, u32 end, u32 n, u32 limit,
		     const struct nm_fdb *fdb)
{
	const struct nm_batch *b = q->scratch;

	if (b->apart || q->ofs_mask)
		return 0;
	if (b->vnet_len == NM_VNET_HDR_FULL && !b->giver)
		return singles_take_as(q, k, end, n, limit, fdb,
				       NM_VNET_HDR_FULL, false);
	if (!b->vnet_len && b->giver)
		return singles_take_as(q, k, end, n, limit, fdb, 0, true);
	return 0;
}

/* Collects one frame of any kind from slot *k on as pieces from @n on; a bad
 * one is counted. Returns the number of pieces. */
static u32 frame_take(struct nm_queue *q, struct nm_sync *s, u32 *k, u32 n,
		      const struct nm_fdb *fdb)
{
	struct nm_batch *b = q->scratch;
	struct nm_run *run = &b->run[b->nruns];
	struct nm_piece *p = &b->piece[n];
	const struct nm_piece *ether = NULL;
	struct frame f;
	u64 w0, w1;
	u32 skip;

	*k = chain_take(q, s, *k, n, &f);
	p->nslots = (u16)f.slots;
	if (f.why == NM_STATS)
		ether = nm_piece_ether(p, b->vnet_len, &skip);
	if (f.why == NM_STATS && !ether)
		f.why = NM_STAT_NO_RUNT;
	if (f.why != NM_STATS) {
		nm_stat_add(q, f.why, 1);
		return 0;
	}
	if (b->special)
		header_load_at(ether->buf + skip, &w0, &w1);
	else
		nm_piece_header(p, &w0, &w1);
	if (b->apart || !run_has(run, w0, w1))
		run = run_begin(b, fdb, n, w0, w1);
	run_grow(run, n + f.slots, 1, f.bytes);
	return f.slots;
}

/* Shows monitors plain slots [@from, @mid), and the frame of [@mid, @to), which
 * put data in the bounce buffers from @bounced on. */
static void tap_frame(struct nm_queue *q, u32 from, u32 mid, u32 to,
		      u32 bounced)
{
	const struct nm_batch *b = q->scratch;
	u32 size = nm_region_buf_size(q->port->region);
	struct nm_tap_bounce data;

	nm_tap_tx(q, from, mid, NULL);
	if (!b->bounce) {
		nm_tap_tx(q, mid, to, NULL);
		return;
	}
	data = (struct nm_tap_bounce){
		.at = b->bounce + (size_t)bounced * size,
		.end = b->bounce + (size_t)b->nbounce * size,
		.size = size,
	};
	nm_tap_tx(q, mid, to, &data);
}

u32 nm_batch_collect(struct nm_queue *q, struct nm_sync *s, u32 k,
		     const struct nm_fdb *fdb)
{
	struct nm_batch *b = q->scratch;
	u32 limit = os_load(&q->port->core->params.bridge_batch);
	u32 n = 0, frames = 0, got = 0, taken, start, bounced;
	u32 shown = k; /* slots before it were, to monitors */

	b->nbounce = b->nruns = 0;
	while (k != q->rhead && n < limit &&
	       b->nbounce <= NM_BOUNCES - NETMAP_MAX_FRAGS) {
		u32 end = q->rhead > k ? q->rhead : q->num_slots;

		if (__builtin_expect(!b->special, 1))
			got = singles_take(q, k, end, n, limit, fdb);
		else
			got = singles_take_special(q, k, end, n, limit, fdb);
		frames += got;
		n += got;
		k += got;
		if (k == q->num_slots)
			k = 0;
		if (got)
			continue;
		start = k;
		bounced = b->nbounce;
		taken = frame_take(q, s, &k, n, fdb);
		if (nm_queue_is_tapped(q)) {
			/* Not a bad one: it goes nowhere. */
			tap_frame(q, shown, start, taken ? k : start, bounced);
			shown = k;
		}
		n += taken;
		frames++;
	}
	nm_tap_tx(q, shown, k, NULL);
	nm_stat_add(q, NM_STAT_OFFERED, frames);
	return k;
}
