// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "port.h"
#include "queue.h"
#include "tap.h"

/* The claim: bit 0 held, bit 1 somebody was turned away meanwhile. */
#define CLAIM_HELD	1u
#define CLAIM_CONTENDED 2u

/* Pairs with release() [D]. */
static bool claim(struct nm_queue *q)
{
	if (__builtin_expect(os_cas(&q->claim, 0u, CLAIM_HELD), 1))
		return true;
	/* Marked before we look again: either the holder sees the mark and
	 * wakes, or it has left by now and the claim is ours. */
	if (!(os_fetch_or(&q->claim, CLAIM_HELD | CLAIM_CONTENDED) &
	      CLAIM_HELD))
		return true;
	os_fetch_add(&q->sync_stat[NM_STAT_CONTENDED], 1);
	return false;
}

/* Pairs with claim() [D]. */
static void release(struct nm_queue *q)
{
	if (os_xchg(&q->claim, 0) & CLAIM_CONTENDED)
		nm_queue_wake(q);
}

void nm_queue_wake(struct nm_queue *q)
{
	os_wait_wake(&q->wait);
	os_wait_wake(&q->port->wait[q->dir]);
	if (nm_queue_is_tapped(q))
		nm_taps_wake(q);
}

/* @i lies in [@from, @to], counted around the ring. */
static bool is_between(u32 i, u32 from, u32 to)
{
	return from <= to ? i >= from && i <= to : i >= from || i <= to;
}

struct cursors {
	u32 head, cur, tail;
};

static bool is_sane(const struct nm_queue *q, const struct cursors *c,
		    u32 hwtail)
{
	u32 from = q->dir == NM_TX ? q->rhead : q->hwcur;
	u32 to = q->dir == NM_TX ? q->rtail : hwtail;

	if (c->head >= q->num_slots || c->cur >= q->num_slots ||
	    c->tail >= q->num_slots)
		return false;
	return is_between(c->head, from, to) && is_between(c->cur, c->head, to);
}

/*
 * Empties slots that point nowhere, so that nobody follows them. What the other
 * side writes into a slot meanwhile stays: a pipe's peer fills rx slots without
 * asking.
 */
static void scrub_slots(struct nm_queue *q)
{
	struct nm_bufs bufs = nm_region_bufs(q->port->region);

	for (u32 i = 0; i < q->num_slots; i++) {
		nm_word *p = (nm_word *)&q->ring->slot[i];
		u64 word = os_load(p);

		if (!nm_bufs_allow(&bufs, word))
			os_cas(p, word, nm_bufs_mend(&bufs, word));
	}
}

/* Back to what both sides last agreed on. */
static __attribute__((__noinline__)) void reset(struct nm_queue *q,
						struct nm_sync *s)
{
	scrub_slots(q);
	os_store(s->head, q->hwcur);
	os_store(s->cur, q->hwcur);
	q->rhead = q->rcur = q->hwcur;
	os_store(&q->told, q->hwcur);
	s->reset = true;
	nm_stat_add(q, NM_STAT_RESETS, 1);
}

/* Zero copy monitors see slots of a tx ring that come back up to @tail; not
 * those with data of the program's elsewhere, or with a buffer that was handed
 * over for theirs before there was a monitor to mind. */
static void show_reclaimed(struct nm_queue *q, const struct nm_sync *s,
			   u32 tail)
{
	u32 elsewhere = NS_INDIRECT | (s->zcopy ? NS_BUF_CHANGED : 0);

	if (q->dir == NM_TX)
		nm_tap_given_up(q, nm_queue_next(q, q->rtail),
				nm_queue_next(q, tail), (u16)elsewhere);
}

/* The part of a sync under the claim. */
static int sync_claimed(struct nm_queue *q, struct nm_sync *s)
{
	struct cursors c;
	u32 tail;
	int err = 0;

	/* Clients store cur before head: read in the opposite order, a cur
	 * behind head is never met by accident. */
	c.head = os_load_acquire(s->head); /* [A] the client's */
	c.cur = os_load(s->cur);
	c.tail = os_load(s->tail);
	nm_stat_add(q, NM_STAT_SYNCS, 1);
	if (__builtin_expect(!is_sane(q, &c, os_load_acquire(&q->hwtail)), 0)) {
		reset(q, s);
	} else {
		q->rhead = c.head;
		q->rcur = c.cur;
		os_store(&q->told, c.head);
		err = q->port->type->sync[q->dir](q, s);
	}
	tail = os_load_acquire(&q->hwtail); /* [B] */
	if (nm_queue_is_tapped(q))
		show_reclaimed(q, s, tail);
	q->rtail = tail;
	if (__builtin_expect(s->hwcur != NULL, 0))
		os_store_release(s->hwcur, os_load(&q->hwcur));
	s->news = c.tail != q->rtail;
	if (s->news)
		os_store_release(s->tail, q->rtail); /* [A] the client's */
	s->ready = q->rcur != q->rtail;
	return err;
}

int nm_queue_sync(struct nm_queue *q, struct nm_sync *s)
{
	int err;

	if (!claim(q))
		return 0;
	err = sync_claimed(q, s);
	release(q);
	return err;
}

/* How often a pull looks at what another syncer does, which is short. */
#define PULL_LOOKS 1000

/* Takes the slots that are released by now; the caller has the claim. */
static void pull_claimed(struct nm_queue *q)
{
	struct nm_sync s = {.any = true};
	u32 head = os_load_acquire(&q->ring->head); /* [A] the client's */

	if (head < q->num_slots && head != q->hwcur &&
	    is_between(head, q->hwcur, os_load_acquire(&q->hwtail))) {
		q->rhead = head;
		os_store(&q->told, head);
		q->port->type->sync[NM_RX](q, &s);
	}
}

bool nm_queue_pull(struct nm_queue *q, u32 seen)
{
	if (!os_load(&q->in_ring))
		return false;
	for (u32 i = 0; i < PULL_LOOKS; i++) {
		u32 hwcur = os_load(&q->hwcur);

		if (hwcur != seen || os_load(&q->ring->head) == hwcur)
			break;
		if (!(os_load(&q->claim) & CLAIM_HELD) &&
		    !(os_fetch_or(&q->claim, CLAIM_HELD) & CLAIM_HELD)) {
			pull_claimed(q);
			release(q);
			break;
		}
		os_pause();
	}
	return os_load(&q->hwcur) != seen;
}

/* How long a sync may keep out who wants none. */
#define HOLD_NS 1000000000ull

int nm_queue_hold(struct nm_queue *q)
{
	u64 start = os_now_ns();

	while (!claim(q)) {
		if (os_now_ns() - start > HOLD_NS)
			return os_refuse(-EBUSY, "%s: ring %u is being synced",
					 q->port->name, q->id);
		os_pause();
	}
	return 0;
}

void nm_queue_unhold(struct nm_queue *q)
{
	release(q);
}

/* ---- life ---- */

void nm_queue_init(struct nm_queue *q, struct nm_port *port, u8 dir, u16 id,
		   u32 num_slots)
{
	q->port = port;
	q->dir = dir;
	q->id = id;
	q->num_slots = num_slots;
	os_spin_init(&q->lock,
		     port->type->is_monitor ? OS_LOCK_MONITOR : OS_LOCK_QUEUE);
	os_wait_init(&q->wait);
}

void nm_queue_fini(struct nm_queue *q)
{
	os_wait_fini(&q->wait);
	os_spin_fini(&q->lock);
}

/* Const in the interface, since clients only read them. */
static void ring_describe(struct nm_queue *q, struct netmap_ring *ring)
{
	struct nm_region *r = q->port->region;
	u64 at = nm_region_offset(r, NM_POOL_RING, ring);

	*(s64 *)&ring->buf_ofs = (s64)(r->pool[NM_POOL_BUF].offset - at);
	*(u32 *)&ring->num_slots = q->num_slots;
	*(u32 *)&ring->nr_buf_size = nm_region_buf_size(r);
	*(u16 *)&ring->ringid = q->id;
	*(u16 *)&ring->dir = q->dir == NM_TX ? 1 : 0;
}

void nm_queue_offsets_set(struct nm_queue *q, const struct nm_offsets *o)
{
	u32 room = o ? o->room : nm_region_buf_size(q->port->region);

	q->ofs_mask = o ? o->mask : 0;
	q->ofs_max = o ? o->max : 0;
	/* vale_vnet.c looks, whether there is a ring or not. */
	os_store(&q->room, room < NM_SLOT_LEN_MAX ? room : NM_SLOT_LEN_MAX);
	os_store((u64 *)&q->ring->offset_mask, q->ofs_mask);
}

void nm_queue_offsets_fill(struct nm_queue *q, u32 initial)
{
	for (u32 i = 0; i < q->num_slots; i++)
		os_store(&q->ring->slot[i].ptr, (u64)initial);
}

int nm_queue_offsets_check(const struct nm_queue *q, const struct nm_offsets *o)
{
	if (!(o->mask & ~q->ofs_mask) && o->max <= q->ofs_max)
		return 0;
	return os_refuse(-EBUSY,
			 "%s: %s ring %u is in use with offsets up to %u",
			 q->port->name, q->dir == NM_TX ? "tx" : "rx", q->id,
			 q->ofs_max);
}

int nm_queue_ring_create(struct nm_queue *q, bool bufs)
{
	struct nm_region *r = q->port->region;
	void *ring;
	int err;

	err = nm_region_alloc(r, NM_POOL_RING, nm_ring_bytes(q->num_slots),
			      &ring);
	if (err)
		return err;
	q->ring = ring;
	ring_describe(q, ring);
	nm_queue_offsets_set(q, NULL);
	if (bufs) {
		err = nm_region_bufs_alloc(r, q->ring->slot, q->num_slots);
		if (err) {
			q->ring = NULL;
			nm_region_free(r, NM_POOL_RING, ring);
			return err;
		}
	}
	q->rhead = q->rcur = q->hwcur = q->lease = q->told = 0;
	q->rtail = q->dir == NM_TX ? q->num_slots - 1 : 0;
	q->hwtail = q->rtail;
	os_store(&q->ring->tail, q->rtail);
	return 0;
}

void nm_queue_ring_destroy(struct nm_queue *q, bool bufs)
{
	struct nm_region *r = q->port->region;

	if (bufs)
		nm_region_bufs_free(r, q->ring->slot, q->num_slots);
	nm_region_free(r, NM_POOL_RING, q->ring);
	q->ring = NULL;
}

void nm_queue_activate(struct nm_queue *q)
{
	os_spin_lock(&q->lock);
	os_store_release(&q->active, true); /* stretch_begin() */
	os_spin_unlock(&q->lock);
}

void nm_queue_deactivate(struct nm_queue *q)
{
	os_spin_lock(&q->lock);
	os_store(&q->active, false);
	os_spin_unlock(&q->lock);
}

void nm_queue_rejoin(struct nm_queue *q)
{
	os_store(&q->ring->head, q->rhead);
	os_store(&q->ring->cur, q->rhead);
	q->rcur = q->rhead;
	os_store(&q->ring->tail, q->rtail);
}
