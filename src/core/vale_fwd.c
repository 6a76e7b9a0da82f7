// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Forwarding: one sync of a tx queue of a switch port.
 *
 *   collect   ring slots -> pieces: each slot is read once, checked, turned
 *             into an address; NS_INDIRECT data is copied in here, where
 *             sleeping is allowed. Ends at a frame's end.
 *   classify  frames -> one list per destination, in order: learn the source,
 *             look up the destination. In a read section from here on.
 *   deliver   per destination ring: reserve a lease of slots under the queue's
 *             lock, copy outside of it, publish in order, wake once.
 *
 * A lease that finishes before an older one leaves a mark (queue.done) for the
 * older to publish; the last finisher moves hwtail over all of them.
 */
#include "vale.h"

#define MAC_MASK ((1ull << 48) - 1)
#define ETH_HLEN 14
#define LIST_END 0xffff
#define FLOOD	 NM_FDB_NONE /* list of frames for every port */
#define LISTS	 (NM_FDB_NONE + 1)
#define PIECES	 (NM_BATCH_MAX + NETMAP_MAX_FRAGS)
#define BOUNCES	 (2 * NETMAP_MAX_FRAGS)

/* One slot of a frame; a frame is described in its first piece. */
struct piece {
	u8 *buf;
	u64 dmac, smac;
	u32 hash;   /* of dmac */
	u32 bytes;  /* of the whole frame */
	u16 len;    /* bytes in this piece */
	u16 nslots; /* pieces of the frame */
	u16 next;   /* frame in the same list */
};

/* Frames for one destination, in ring order. */
struct list {
	u16 head, tail;
	u16 frames, slots;
	u64 bytes;
};

struct scratch {
	struct piece piece[PIECES];
	struct list list[LISTS];
	u8 used[LISTS]; /* destinations that have frames, FLOOD apart */
	u32 nused;
	u32 npieces;
	u8 *bounce; /* BOUNCES buffers for indirect data; made at first use */
	u32 nbounce;
};

void *nm_vale_scratch_create(void)
{
	return os_alloc(sizeof(struct scratch));
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
static enum nm_stat piece_take(struct nm_queue *q, struct nm_sync *s,
			       struct netmap_slot *slot, struct nm_slot v,
			       struct piece *p)
{
	const struct nm_region *r = q->port->region;

	if (__builtin_expect(v.flags & NS_BUF_CHANGED, 0)) {
		v.flags &= (u16)~NS_BUF_CHANGED;
		nm_slot_store(slot, v);
	}
	p->len = v.len;
	if (__builtin_expect(v.len > nm_region_buf_size(r), 0))
		return NM_STAT_NO_SLOT;
	if (__builtin_expect(v.flags & NS_INDIRECT, 0))
		return bounce_in(q, s, os_load(&slot->ptr), p);
	p->buf = nm_region_buf(r, v.idx);
	return __builtin_expect(!p->buf, 0) ? NM_STAT_NO_SLOT : NM_STATS;
}

/* The chain of slots being collected. */
struct chain {
	u32 first; /* its first piece */
	u32 slots; /* taken, good and bad */
	u32 bytes;
	enum nm_stat why; /* it is bad; NM_STATS: it is not */
	u64 dmac;	  /* of the frame before */
	u32 hash;
};

/* Reads a frame's addresses, once: buffers have at least 64 bytes. Brings the
 * place in the table near, unless it is the frame's before. */
static void addresses_take(const struct nm_fdb *f, struct piece *p,
			   struct chain *c)
{
	u64 w0 = os_load((const nm_word *)(void *)p->buf);
	u64 w1 = os_load((const nm_word *)(void *)(p->buf + 8));

	p->dmac = w0 & MAC_MASK;
	p->smac = (w0 >> 48 | w1 << 16) & MAC_MASK;
	if (p->dmac != c->dmac && f) {
		c->dmac = p->dmac;
		c->hash = nm_fdb_hash(f, p->dmac);
		nm_fdb_prefetch(f, c->hash);
	}
	p->hash = c->hash;
}

/* The chain up to piece @n is a frame; returns the number of pieces kept. */
static u32 chain_end(struct nm_queue *q, const struct nm_fdb *f,
		     struct chain *c, u32 n)
{
	struct scratch *sc = q->scratch;
	struct piece *p = &sc->piece[c->first];

	if (c->why == NM_STATS && p->len < ETH_HLEN)
		c->why = NM_STAT_NO_RUNT;
	if (__builtin_expect(c->why != NM_STATS, 0)) {
		nm_stat_add(q, c->why, 1);
		n = c->first;
	} else {
		p->nslots = (u16)c->slots;
		p->bytes = c->bytes;
		addresses_take(f, p, c);
	}
	c->first = n;
	c->slots = c->bytes = 0;
	c->why = NM_STATS;
	return n;
}

/*
 * Collects frames from slot @k on, up to rhead or until the batch is full;
 * returns the slot after the last. A chain still open at rhead is closed
 * there.
 */
static u32 collect(struct nm_queue *q, struct nm_sync *s, u32 k,
		   const struct nm_fdb *f)
{
	struct scratch *sc = q->scratch;
	u32 limit = q->port->core->params.bridge_batch;
	struct chain c = {.why = NM_STATS, .dmac = ~0ull};
	u32 n = 0, frames = 0;

	sc->nbounce = 0;
	while (k != q->rhead && n < limit &&
	       sc->nbounce <= BOUNCES - NETMAP_MAX_FRAGS) {
		struct nm_slot v;

		do {
			struct netmap_slot *slot = &q->ring->slot[k];

			v = nm_slot_load(slot);
			k = nm_queue_next(q, k);
			if (c.slots++ >= NETMAP_MAX_FRAGS)
				c.why = NM_STAT_NO_FRAGS;
			else if (c.why == NM_STATS)
				c.why = piece_take(q, s, slot, v,
						   &sc->piece[n++]);
			c.bytes += v.len;
		} while (v.flags & NS_MOREFRAG && k != q->rhead);
		n = chain_end(q, f, &c, n);
		frames++;
	}
	nm_stat_add(q, NM_STAT_OFFERED, frames);
	sc->npieces = n;
	return k;
}

/* ---- classify ---- */

static void list_append(struct scratch *sc, u32 dst, u32 frame)
{
	struct list *l = &sc->list[dst];
	struct piece *p = &sc->piece[frame];

	p->next = LIST_END;
	if (!l->frames) {
		l->head = (u16)frame;
		if (dst != FLOOD)
			sc->used[sc->nused++] = (u8)dst;
	} else {
		sc->piece[l->tail].next = (u16)frame;
	}
	l->tail = (u16)frame;
	l->frames++;
	l->slots = (u16)(l->slots + p->nslots);
	l->bytes += p->bytes;
}

static void list_clear(struct list *l)
{
	l->frames = l->slots = 0;
	l->bytes = 0;
}

/* What the frames just before had: the next one mostly has it too. */
struct memo {
	u64 smac, dmac;
	u32 dst;
};

static u32 destination(struct nm_switch *sw, const struct piece *p, u32 tick,
		       struct memo *memo)
{
	u32 dst = FLOOD;

	if (p->dmac == memo->dmac)
		return memo->dst;
	if (!(p->dmac & 1))
		dst = nm_fdb_lookup(&sw->fdb, p->dmac, p->hash, tick);
	if (dst != FLOOD && !os_load(&sw->port[dst]))
		dst = FLOOD;
	memo->dmac = p->dmac;
	memo->dst = dst;
	return dst;
}

static void classify(struct nm_queue *q, struct nm_vale_port *src,
		     struct nm_switch *sw)
{
	struct scratch *sc = q->scratch;
	struct memo memo = {.smac = ~0ull, .dmac = ~0ull};
	u32 tick = nm_fdb_tick(&sw->fdb);
	u64 self = 0;
	u32 dst;

	for (u32 i = 0; i < sc->npieces; i += sc->piece[i].nslots) {
		struct piece *p = &sc->piece[i];

		if (p->smac != memo.smac && !(p->smac & 1)) {
			nm_fdb_learn(&sw->fdb, p->smac,
				     nm_fdb_hash(&sw->fdb, p->smac), src->index,
				     tick);
			memo.smac = p->smac;
			memo.dmac = ~0ull; /* it may have been this one */
		}
		dst = destination(sw, p, tick, &memo);
		if (__builtin_expect(dst == src->index, 0))
			self++;
		else
			list_append(sc, dst, i);
	}
	if (self)
		nm_stat_add(q, NM_STAT_NO_SELF, self);
}

/* ---- deliver ---- */

/* Two lists read as one, in ring order. */
struct cursor {
	u32 a, b;	   /* next frame of each, or LIST_END */
	u32 frames, slots; /* left */
};

static struct cursor cursor_make(const struct list *a, const struct list *b)
{
	return (struct cursor){
		.a = a && a->frames ? a->head : LIST_END,
		.b = b && b->frames ? b->head : LIST_END,
		.frames = (a ? a->frames : 0u) + (b ? b->frames : 0u),
		.slots = (a ? a->slots : 0u) + (b ? b->slots : 0u),
	};
}

/* Takes the next frame off; there is one. */
static inline u32 cursor_next(struct cursor *c, const struct piece *piece)
{
	u32 *from = c->a < c->b ? &c->a : &c->b;
	u32 i = *from;

	*from = piece[i].next;
	c->frames--;
	c->slots -= piece[i].nslots;
	return i;
}

/* What a delivery came to. */
struct outcome {
	u32 delivered, bad_slot, bad_size;
	u64 bytes;
};

/* Copies one piece into the receiver's slot; NM_STATS or why not. */
static inline enum nm_stat piece_copy(const struct nm_region *r,
				      struct netmap_slot *slot,
				      const struct piece *p, u16 flags)
{
	struct nm_slot d = nm_slot_load(slot);
	u8 *buf = nm_region_buf(r, d.idx);

	if (__builtin_expect(!buf, 0))
		return NM_STAT_DROP_SLOT;
	if (__builtin_expect(p->len > nm_region_buf_size(r), 0))
		return NM_STAT_DROP_SIZE;
	os_copy(buf, p->buf, p->len);
	d.len = p->len;
	d.flags = flags;
	nm_slot_store(slot, d);
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

/* Copies the frame whose first piece is @p to slot @k on. */
static u32 frame_copy(struct nm_queue *dq, u32 k, const struct piece *p,
		      struct outcome *o)
{
	const struct nm_region *r = dq->port->region;
	u32 n = p->nslots, start = k;
	u16 flags = (u16)(n << NS_PORT_SHIFT);
	u32 bytes = 0;
	enum nm_stat why;

	for (u32 i = 0; i < n; i++) {
		why = piece_copy(r, &dq->ring->slot[k], &p[i],
				 i + 1 < n ? flags | NS_MOREFRAG : flags);
		if (__builtin_expect(why != NM_STATS, 0))
			goto bad;
		bytes += p[i].len;
		k = nm_queue_next(dq, k);
	}
	o->delivered++;
	o->bytes += bytes;
	return k;
bad:
	if (why == NM_STAT_DROP_SLOT)
		o->bad_slot++;
	else
		o->bad_size++;
	slots_blank(dq, start, n);
	return (start + n) % dq->num_slots;
}

/* Slots promised to one delivery. */
struct lease {
	u32 start, slots;
	u32 frames; /* that go there: whole ones */
	bool full;  /* the ring has no slot left */
};

/* How many of the next frames of @c, whole ones, go into @room slots. */
static void lease_fit(struct lease *l, struct cursor c,
		      const struct piece *piece, u32 room)
{
	u32 max = room < OS_LEASE_MAX ? room : OS_LEASE_MAX;

	if (c.slots == c.frames) {
		l->slots = l->frames = c.slots < max ? c.slots : max;
		return;
	}
	while (c.frames) {
		u32 n = piece[cursor_next(&c, piece)].nslots;

		/* One frame may be larger than a lease should be. */
		if (l->slots + n > (l->slots ? max : room))
			break;
		l->slots += n;
		l->frames++;
	}
}

/* Reserves slots for the next frames of @c. */
static struct lease lease_take(struct nm_queue *dq, const struct cursor *c,
			       const struct piece *piece)
{
	struct lease l = {.start = dq->lease};
	u32 used, room;

	os_spin_assert_held(&dq->lock);
	/* [C] nm_vale_rxsync() */
	used = nm_queue_distance(dq, os_load_acquire(&dq->hwcur), dq->lease);
	room = dq->num_slots - 1 - used;
	l.full = !room;
	lease_fit(&l, *c, piece, room);
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

/* Takes the next @frames of @c off and counts why. */
static void drop(struct nm_queue *dq, struct cursor *c,
		 const struct piece *piece, u32 frames, enum nm_stat why)
{
	os_spin_assert_held(&dq->lock);
	nm_stat_add(dq, NM_STAT_ATTEMPTED, frames);
	nm_stat_add(dq, why, frames);
	while (frames--)
		cursor_next(c, piece);
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

/* Copies the frames of lease @l from @c. No lock held. */
static struct outcome lease_fill(struct nm_queue *dq, const struct lease *l,
				 struct cursor *c, const struct piece *piece)
{
	struct outcome o = {0};
	u32 k = l->start;

	for (u32 i = 0; i < l->frames; i++)
		k = frame_copy(dq, k, &piece[cursor_next(c, piece)], &o);
	return o;
}

/* Delivers the frames of @c to one ring. */
static void deliver(struct nm_queue *dq, struct cursor c,
		    const struct piece *piece)
{
	struct outcome o;
	struct lease l;
	bool news = false;

	if (!c.frames)
		return;
	os_spin_lock(&dq->lock);
	while (c.frames && dq->active) {
		l = lease_take(dq, &c, piece);
		if (!l.frames) {
			drop(dq, &c, piece, l.full ? c.frames : 1,
			     NM_STAT_DROP_FULL);
			continue;
		}
		os_spin_unlock(&dq->lock);
		o = lease_fill(dq, &l, &c, piece);
		os_spin_lock(&dq->lock);
		news |= lease_publish(dq, &l);
		account(dq, &o);
	}
	if (c.frames)
		drop(dq, &c, piece, c.frames, NM_STAT_DROP_CLOSED);
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
		deliver(&rx[ring], cursor_make(own, NULL), sc->piece);
		own = NULL;
	}
	deliver(&rx[0], cursor_make(own, flood), sc->piece);
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

	if (!sw) {
		for (u32 i = 0; i < sc->npieces; i += sc->piece[i].nslots)
			nm_stat_add(q, NM_STAT_NO_PORT, 1);
		return;
	}
	section = os_read_enter();
	classify(q, src, sw);
	deliver_all(q, src, sw);
	os_read_exit(section);
}

int nm_vale_txsync(struct nm_queue *q, struct nm_sync *s)
{
	struct nm_vale_port *src = nm_vale_port(q->port);
	/* Stays: a bound port does not leave its switch. */
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
