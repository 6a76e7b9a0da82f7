// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Forwarding: one sync of a tx queue of a switch port.
 *
 *   collect   ring slots -> pieces: each slot is read once, checked, turned
 *             into an address; NS_INDIRECT data is copied in here, where
 *             sleeping is allowed. Ends at a frame's end.
 *   classify  runs -> one list per destination, in ring order: learn the
 *             source, look up the destination. In a read section from here on.
 *   deliver   per destination ring: reserve a lease of slots under the queue's
 *             lock, copy outside of it, publish in order, wake once.
 *
 * A *run* is a stretch of frames between the same two addresses: what is
 * decided for one is decided for all, so a flow costs one look-up per batch.
 *
 * A lease that finishes before an older one leaves a mark (queue.done) for the
 * older to publish; the last finisher moves hwtail over all of them.
 */
#include "vale.h"

#define MAC_MASK    ((1ull << 48) - 1)
#define ETH_HLEN    14
#define NONE	    0xffff	/* no run, no piece */
#define FLOOD	    NM_FDB_NONE /* list of frames for every port */
#define LISTS	    (NM_FDB_NONE + 1)
#define PIECES	    (NM_BATCH_MAX + NETMAP_MAX_FRAGS)
#define BOUNCES	    (2 * NETMAP_MAX_FRAGS)
#define SHORT_LEASE 2 /* slots that are filled under the lock */
#define SPECIAL	    (NS_BUF_CHANGED | NS_INDIRECT | NS_MOREFRAG)

/* One slot of a frame. */
struct piece {
	u8 *buf;
	u16 len;
	u16 nslots; /* pieces of the frame; in its first */
};

/* Frames in a row between the same addresses: pieces [first, end). */
struct run {
	u64 w0, w1; /* the first 12 bytes of its frames */
	u32 hash;   /* of the destination */
	u32 frames;
	u64 bytes;
	u16 first, end;
	u16 next; /* run for the same destination */
};

/* Runs for one destination, in ring order. */
struct list {
	u16 head, tail;
	u32 frames, slots;
	u64 bytes;
};

struct scratch {
	struct piece piece[PIECES];
	struct run run[NM_BATCH_MAX + 1]; /* [0] is none: no frame is like it */
	u32 nruns;
	struct list list[LISTS];
	u8 used[LISTS]; /* destinations that have frames, FLOOD apart */
	u32 nused;
	u8 *bounce; /* BOUNCES buffers for indirect data; made at first use */
	u32 nbounce;
};

void *nm_vale_scratch_create(void)
{
	struct scratch *sc = os_alloc(sizeof(*sc));

	if (sc)
		sc->run[0].w1 = ~0ull;
	return sc;
}

void nm_vale_scratch_destroy(void *scratch)
{
	struct scratch *sc = scratch;

	os_free(sc->bounce);
	os_free(sc);
}

/* ---- collect ---- */

/* Fetches a slot's data from the caller's memory; NM_STATS or why not. */
static enum nm_stat bounce_in(struct nm_queue *q, struct nm_sync *s, u64 user,
			      struct piece *p)
{
	struct scratch *sc = q->scratch;
	u32 size = nm_region_buf_size(q->port->region);

	if (!sc->bounce)
		sc->bounce = os_alloc((size_t)BOUNCES * size);
	if (!sc->bounce)
		return NM_STAT_NO_MEMORY;
	p->buf = sc->bounce + (size_t)sc->nbounce * size;
	if (!user || os_copyin(s->caller, p->buf, user, p->len))
		return NM_STAT_NO_INDIRECT;
	sc->nbounce++;
	return NM_STATS;
}

/* Turns a slot into a piece; NM_STATS, or why its frame is bad. */
static inline enum nm_stat piece_take(struct nm_queue *q, struct nm_sync *s,
				      struct netmap_slot *slot,
				      struct nm_slot v, struct piece *p)
{
	const struct nm_region *r = q->port->region;

	p->len = v.len;
	if (__builtin_expect(v.len > nm_region_buf_size(r), 0))
		return NM_STAT_NO_SLOT;
	if (__builtin_expect(v.flags & NS_INDIRECT, 0))
		return bounce_in(q, s, os_load(&slot->ptr), p);
	p->buf = nm_region_buf(r, v.idx);
	return __builtin_expect(!p->buf, 0) ? NM_STAT_NO_SLOT : NM_STATS;
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
	struct scratch *sc = q->scratch;
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
		else if (f->why == NM_STATS)
			f->why = piece_take(q, s, slot, v, &sc->piece[n++]);
		f->bytes += v.len;
		k = nm_queue_next(q, k);
	} while (v.flags & NS_MOREFRAG && k != q->rhead);
	return k;
}

/* Reads a frame's header, once; buffers have at least 64 bytes. */
static inline void header_load(const struct piece *p, u64 *w0, u64 *w1)
{
	const nm_word *header = (const nm_word *)(void *)p->buf;

	*w0 = os_load(header);
	*w1 = os_load(header + 1);
}

/* A frame with header @w0, @w1 (16 bytes, of which the last 4 are no
 * addresses) goes into @run. Never into run[0]. */
static inline bool run_has(const struct run *run, u64 w0, u64 w1)
{
	return __builtin_expect(w0 == run->w0 && (u32)w1 == run->w1, 1);
}

/* Begins a run with the frame at piece @n. */
static struct run *run_begin(struct scratch *sc, const struct nm_fdb *fdb,
			     u32 n, u64 w0, u64 w1)
{
	struct run *run = &sc->run[++sc->nruns];

	*run = (struct run){.w0 = w0, .w1 = (u32)w1, .first = (u16)n};
	if (fdb) {
		run->hash = nm_fdb_hash(fdb, w0 & MAC_MASK);
		nm_fdb_prefetch(fdb, run->hash);
	}
	return run;
}

/* Pieces up to @n, and what they come to, belong to @run. */
static inline void run_grow(struct run *run, u32 n, u32 frames, u64 bytes)
{
	run->end = (u16)n;
	run->frames += frames;
	run->bytes += bytes;
}

/*
 * Collects frames of one slot with nothing special about them from slots
 * [@k, @end), which do not wrap, as pieces from @n up to @limit. Stops at the
 * first other one; returns how many were taken.
 */
static u32 singles_take(struct nm_queue *q, u32 k, u32 end, u32 n, u32 limit,
			const struct nm_fdb *fdb)
{
	struct scratch *sc = q->scratch;
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	const struct netmap_slot *slot = &q->ring->slot[k];
	struct piece *p = &sc->piece[n], *from = p, *start = p;
	struct piece *stop = p + (end - k < limit - n ? end - k : limit - n);
	struct run *run = &sc->run[sc->nruns];
	u64 bytes = 0;

	for (; p != stop; p++, slot++) {
		u64 word = nm_slot_load_word(slot), w0, w1;
		struct nm_slot s = nm_slot_of(word);

		if (__builtin_expect(word & (u64)SPECIAL << 48, 0))
			break;
		/* Under ETH_HLEN, or over the buffer's size. */
		if (__builtin_expect(
			    (u32)s.len - ETH_HLEN > bufs.size - ETH_HLEN, 0))
			break;
		p->buf = nm_bufs_addr(&bufs, s.idx);
		if (__builtin_expect(!p->buf, 0))
			break;
		p->len = s.len;
		p->nslots = 1;
		header_load(p, &w0, &w1);
		if (!run_has(run, w0, w1)) {
			run_grow(run, (u32)(p - sc->piece), (u32)(p - from),
				 bytes);
			run = run_begin(sc, fdb, (u32)(p - sc->piece), w0, w1);
			from = p;
			bytes = 0;
		}
		bytes += s.len;
	}
	run_grow(run, (u32)(p - sc->piece), (u32)(p - from), bytes);
	return (u32)(p - start);
}

/* Collects one frame of any kind from slot *k on as pieces from @n on; a bad
 * one is counted. Returns the number of pieces. */
static u32 frame_take(struct nm_queue *q, struct nm_sync *s, u32 *k, u32 n,
		      const struct nm_fdb *fdb)
{
	struct scratch *sc = q->scratch;
	struct run *run = &sc->run[sc->nruns];
	struct piece *p = &sc->piece[n];
	struct frame f;
	u64 w0, w1;

	*k = chain_take(q, s, *k, n, &f);
	if (f.why == NM_STATS && p->len < ETH_HLEN)
		f.why = NM_STAT_NO_RUNT;
	if (f.why != NM_STATS) {
		nm_stat_add(q, f.why, 1);
		return 0;
	}
	p->nslots = (u16)f.slots;
	header_load(p, &w0, &w1);
	if (!run_has(run, w0, w1))
		run = run_begin(sc, fdb, n, w0, w1);
	run_grow(run, n + f.slots, 1, f.bytes);
	return f.slots;
}

/*
 * Collects frames from slot @k on, up to rhead or until the batch is full;
 * returns the slot after the last. A chain still open at rhead is closed
 * there.
 */
static u32 collect(struct nm_queue *q, struct nm_sync *s, u32 k,
		   const struct nm_fdb *fdb)
{
	struct scratch *sc = q->scratch;
	u32 limit = q->port->core->params.bridge_batch;
	u32 n = 0, frames = 0, got;

	sc->nbounce = sc->nruns = 0;
	while (k != q->rhead && n < limit &&
	       sc->nbounce <= BOUNCES - NETMAP_MAX_FRAGS) {
		got = singles_take(q, k, q->rhead > k ? q->rhead : q->num_slots,
				   n, limit, fdb);
		frames += got;
		n += got;
		k += got;
		if (k == q->num_slots)
			k = 0;
		if (got)
			continue;
		n += frame_take(q, s, &k, n, fdb);
		frames++;
	}
	nm_stat_add(q, NM_STAT_OFFERED, frames);
	return k;
}

/* ---- classify ---- */

static void list_append(struct scratch *sc, u32 dst, u32 i)
{
	struct list *l = &sc->list[dst];
	struct run *run = &sc->run[i], *tail = &sc->run[l->tail];

	l->slots += (u32)(run->end - run->first);
	if (l->frames && tail->end == run->first) {
		tail->end = run->end; /* one stretch for who delivers it */
	} else {
		run->next = NONE;
		if (l->frames)
			tail->next = (u16)i;
		else
			l->head = (u16)i;
		l->tail = (u16)i;
	}
	if (!l->frames && dst != FLOOD)
		sc->used[sc->nused++] = (u8)dst;
	l->frames += run->frames;
	l->bytes += run->bytes;
}

static void list_clear(struct list *l)
{
	l->frames = l->slots = 0;
	l->bytes = 0;
}

static u32 destination(struct nm_switch *sw, const struct run *run, u32 tick)
{
	u64 dmac = run->w0 & MAC_MASK;
	u32 dst;

	if (dmac & 1) /* group address: first bit on the wire */
		return FLOOD;
	dst = nm_fdb_lookup(&sw->fdb, dmac, run->hash, tick);
	if (dst != FLOOD && !os_load(&sw->port[dst]))
		return FLOOD;
	return dst;
}

static void classify(struct nm_queue *q, struct nm_vale_port *src,
		     struct nm_switch *sw)
{
	struct scratch *sc = q->scratch;
	u32 tick = nm_fdb_tick(&sw->fdb);
	u64 known = ~0ull; /* the source just learned */

	for (u32 i = 1; i <= sc->nruns; i++) {
		struct run *run = &sc->run[i];
		u64 smac = (run->w0 >> 48 | run->w1 << 16) & MAC_MASK;
		u32 dst;

		if (smac != known && !(smac & 1)) {
			nm_fdb_learn(&sw->fdb, smac,
				     nm_fdb_hash(&sw->fdb, smac), src->index,
				     tick);
			known = smac;
		}
		dst = destination(sw, run, tick);
		if (__builtin_expect(dst == src->index, 0))
			nm_stat_add(q, NM_STAT_NO_SELF, run->frames);
		else
			list_append(sc, dst, i);
	}
}

/* ---- deliver ---- */

/* A list being read: pieces [pos, end) are left of its current run. */
struct track {
	u32 pos, end;
	u32 next; /* run */
};

/* One or two lists read as one, in ring order. */
struct cursor {
	struct track a, b;
	u32 frames, slots; /* left */
};

static struct track track_of(const struct scratch *sc, u32 run)
{
	const struct run *r;

	if (run == NONE)
		return (struct track){.pos = NONE};
	r = &sc->run[run];
	return (struct track){.pos = r->first, .end = r->end, .next = r->next};
}

static struct cursor cursor_make(const struct scratch *sc, const struct list *a,
				 const struct list *b)
{
	return (struct cursor){
		.a = track_of(sc, a && a->frames ? a->head : NONE),
		.b = track_of(sc, b && b->frames ? b->head : NONE),
		.frames = (a ? a->frames : 0) + (b ? b->frames : 0),
		.slots = (a ? a->slots : 0) + (b ? b->slots : 0),
	};
}

/* The next piece. */
static u32 cursor_pos(const struct cursor *c)
{
	return c->a.pos < c->b.pos ? c->a.pos : c->b.pos;
}

/* Takes off pieces that lie side by side, at most @max; returns how many. */
static u32 cursor_take(struct cursor *c, const struct scratch *sc, u32 max)
{
	struct track *t = c->a.pos < c->b.pos ? &c->a : &c->b;
	u32 other = t == &c->a ? c->b.pos : c->a.pos;
	u32 end = t->end < other ? t->end : other;
	u32 n = end - t->pos < max ? end - t->pos : max;

	t->pos += n;
	c->slots -= n;
	if (t->pos == t->end)
		*t = track_of(sc, t->next);
	return n;
}

/* Takes off one frame; returns its slots. */
static u32 cursor_take_frame(struct cursor *c, const struct scratch *sc)
{
	c->frames--;
	return cursor_take(c, sc, sc->piece[cursor_pos(c)].nslots);
}

/* What a delivery came to. */
struct outcome {
	u32 delivered, bad_slot, bad_size;
	u64 bytes;
};

/* Copies one piece into the receiver's slot; NM_STATS or why not. */
static inline enum nm_stat piece_copy(const struct nm_bufs *bufs,
				      struct netmap_slot *slot,
				      const struct piece *p, u32 flags)
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

/* Copies the frame that begins with piece @p to slots @k on. */
static void frame_copy(struct nm_queue *dq, u32 k, const struct piece *p,
		       struct outcome *o)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	u32 n = p->nslots, start = k, bytes = 0;
	enum nm_stat why = NM_STATS;

	for (u32 i = 0; i < n && why == NM_STATS; i++) {
		u32 more = i + 1 < n ? NS_MOREFRAG : 0;

		why = piece_copy(&bufs, &dq->ring->slot[k], &p[i],
				 n << NS_PORT_SHIFT | more);
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
static u32 singles_copy(struct nm_queue *dq, u32 k, const struct piece *p,
			const struct piece *end, struct outcome *o)
{
	struct nm_bufs bufs = nm_region_bufs(dq->port->region);
	struct netmap_slot *slot = &dq->ring->slot[k];
	const struct piece *start = p;
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
static u32 frames_copy(struct nm_queue *dq, u32 k, const struct piece *p,
		       const struct piece *end, struct outcome *o)
{
	while (p != end) {
		u32 n = p->nslots, room = dq->num_slots - k;

		if (n == 1)
			n = singles_copy(dq, k, p,
					 end - p < room ? end : p + room, o);
		else
			frame_copy(dq, k, p, o);
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
static void lease_fit(struct lease *l, struct cursor c,
		      const struct scratch *sc, u32 room)
{
	u32 max = room < OS_LEASE_MAX ? room : OS_LEASE_MAX;

	if (c.slots == c.frames) {
		l->slots = l->frames = c.slots < max ? c.slots : max;
		return;
	}
	while (c.frames) {
		u32 n = cursor_take_frame(&c, sc);

		/* One frame may be larger than a lease should be. */
		if (l->slots + n > (l->slots ? max : room))
			break;
		l->slots += n;
		l->frames++;
	}
}

/* Reserves slots for the next frames of @c. */
static struct lease lease_take(struct nm_queue *dq, const struct cursor *c,
			       const struct scratch *sc)
{
	struct lease l = {.start = dq->lease};
	u32 used, room;

	os_spin_assert_held(&dq->lock);
	/* [C] nm_vale_rxsync() */
	used = nm_queue_distance(dq, os_load_acquire(&dq->hwcur), dq->lease);
	room = dq->num_slots - 1 - used;
	l.full = !room;
	lease_fit(&l, *c, sc, room);
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
	os_store_release(&dq->hwtail, tail); /* [B] */
	return true;
}

/* Copies the frames of lease @l from @c. */
static struct outcome lease_fill(struct nm_queue *dq, const struct lease *l,
				 struct cursor *c, const struct scratch *sc)
{
	struct outcome o = {0};
	u32 k = l->start, left = l->slots;

	while (left) {
		const struct piece *p = &sc->piece[cursor_pos(c)];
		u32 n = cursor_take(c, sc, left);

		k = frames_copy(dq, k, p, p + n, &o);
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

/* Fills the lease without the lock, unless that takes longer than to drop it
 * and take it again. */
static struct outcome lease_fill_unlocked(struct nm_queue *dq,
					  const struct lease *l,
					  struct cursor *c,
					  const struct scratch *sc)
{
	bool drop = l->slots > SHORT_LEASE;
	struct outcome o;

	if (drop)
		os_spin_unlock(&dq->lock);
	o = lease_fill(dq, l, c, sc);
	if (drop)
		os_spin_lock(&dq->lock);
	return o;
}

/* Delivers the frames of @c to one ring. */
static void deliver(struct nm_queue *dq, struct cursor c,
		    const struct scratch *sc)
{
	struct outcome o;
	struct lease l;
	bool news = false;

	if (!c.frames)
		return;
	os_spin_lock(&dq->lock);
	while (c.frames && dq->active) {
		l = lease_take(dq, &c, sc);
		if (l.full)
			break;
		if (!l.frames) { /* a smaller one may fit */
			cursor_take_frame(&c, sc);
			account_drop(dq, NM_STAT_DROP_FULL, 1);
			continue;
		}
		o = lease_fill_unlocked(dq, &l, &c, sc);
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

/* One destination: its own frames go to the ring of the sender's number, the
 * flooded ones to ring 0. */
static void deliver_port(struct nm_queue *q, struct nm_vale_port *dst,
			 const struct list *own, const struct list *flood)
{
	const struct scratch *sc = q->scratch;
	struct nm_queue *rx = dst->port.queue[NM_RX];
	u32 ring = q->id % dst->port.rings[NM_RX];

	if (ring) {
		deliver(&rx[ring], cursor_make(sc, own, NULL), sc);
		own = NULL;
	}
	deliver(&rx[0], cursor_make(sc, own, flood), sc);
}

static void count_sent(struct nm_queue *q, struct list *l, bool had_port)
{
	nm_stat_add(q, had_port ? NM_STAT_SENT : NM_STAT_NO_PORT, l->frames);
	if (had_port)
		nm_stat_add(q, NM_STAT_SENT_BYTES, l->bytes);
	list_clear(l);
}

/* Everybody but the source gets the flooded frames, with its own between. */
static void deliver_flood(struct nm_queue *q, struct nm_vale_port *src,
			  struct nm_switch *sw)
{
	struct scratch *sc = q->scratch;
	struct list *flood = &sc->list[FLOOD];
	bool had_port = false;

	for (u32 i = 0; i < NM_VALE_PORTS; i++) {
		/* Pairs with nm_switch_join(). */
		struct nm_vale_port *dst = os_load_acquire(&sw->port[i]);

		if (!dst || dst == src)
			continue;
		deliver_port(q, dst, &sc->list[i], flood);
		count_sent(q, &sc->list[i], true);
		had_port = true;
	}
	count_sent(q, flood, had_port);
}

static void deliver_all(struct nm_queue *q, struct nm_vale_port *src,
			struct nm_switch *sw)
{
	struct scratch *sc = q->scratch;

	if (sc->list[FLOOD].frames)
		deliver_flood(q, src, sw);
	for (u32 i = 0; i < sc->nused; i++) {
		u32 dst = sc->used[i];
		/* Pairs with nm_switch_join(). */
		struct nm_vale_port *vp = os_load_acquire(&sw->port[dst]);

		/* Nothing is left where the flood has been. */
		if (!sc->list[dst].frames)
			continue;
		if (vp)
			deliver_port(q, vp, &sc->list[dst], NULL);
		count_sent(q, &sc->list[dst], vp);
	}
	sc->nused = 0;
}

/* ---- syncs ---- */

static void forward(struct nm_queue *q, struct nm_vale_port *src,
		    struct nm_switch *sw)
{
	struct scratch *sc = q->scratch;
	unsigned section;

	for (u32 i = 1; !sw && i <= sc->nruns; i++)
		nm_stat_add(q, NM_STAT_NO_PORT, sc->run[i].frames);
	if (!sw)
		return;
	section = os_read_enter();
	classify(q, src, sw);
	deliver_all(q, src, sw);
	os_read_exit(section);
}

int nm_vale_txsync(struct nm_queue *q, struct nm_sync *s)
{
	struct nm_vale_port *src = nm_vale_port(q->port);
	/* Stays: a bound port does not leave its switch. NULL: has none. */
	struct nm_switch *sw = src->sw;
	u32 k = q->hwcur;

	while (k != q->rhead) {
		k = collect(q, s, k, sw ? &sw->fdb : NULL);
		forward(q, src, sw);
		q->hwcur = k;
	}
	os_store(&q->hwtail, nm_queue_prev(q, k));
	return 0;
}

int nm_vale_rxsync(struct nm_queue *q, struct nm_sync *s)
{
	(void)s;
	os_store_release(&q->hwcur, q->rhead); /* [C] lease_take() */
	return 0;
}
