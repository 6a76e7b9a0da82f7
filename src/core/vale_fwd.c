// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Forwarding: one sync of a tx queue of a switch port.
 *
 *   collect   vale_collect.c   ring slots -> pieces, in runs
 *   classify  here             runs -> one list per destination, in ring order:
 *                              learn the source, look up the destination
 *   deliver   vale_deliver.c   pieces -> slots of the receivers' rings, in a
 *                              read section for each of them
 */
#include "tap.h"
#include "vale_batch.h"

void *nm_batch_create(void)
{
	struct nm_batch *b = os_alloc(sizeof(*b));

	if (b)
		b->run[0].w1 = ~0ull;
	return b;
}

void nm_batch_destroy(void *batch)
{
	struct nm_batch *b = batch;

	os_free(b->bounce);
	nm_vnet_room_free(b->room);
	os_free(b);
}

/* Has a client that looks up. */
static bool is_client_s(struct nm_switch *sw)
{
	unsigned section = os_read_enter();
	const struct nm_switch_client *c = os_load_acquire(&sw->client);
	bool yes = c && c->ops.lookup;

	os_read_exit(section);
	return yes;
}

/* Notes what is special about a batch, read once. */
static __attribute__((__noinline__)) void
note_special(struct nm_queue *q, const struct nm_sync *s, struct nm_switch *sw)
{
	struct nm_batch *b = q->scratch;

	b->vnet_len = os_load(&q->port->vnet_len);
	b->apart = sw && is_client_s(sw);
	b->giver = s->zcopy && !q->ofs_mask ? q : NULL;
	b->special = b->vnet_len | b->apart | s->zcopy | (q->ofs_mask != 0);
}

/* ---- classify ---- */

static void list_append(struct nm_batch *b, u32 dst, u32 i)
{
	struct nm_run_list *l = &b->list[dst];
	struct nm_run *run = &b->run[i], *tail = &b->run[l->tail];

	/* Copies for everybody. */
	if (__builtin_expect(b->giver && dst == NM_FLOOD, 0))
		for (u32 k = run->first; k < run->end; k++)
			b->piece[k].slot = NM_RUN_NONE;
	l->slots += (u32)(run->end - run->first);
	if (l->frames && tail->end == run->first) {
		tail->end = run->end; /* one stretch for who delivers it */
	} else {
		run->next = NM_RUN_NONE;
		if (l->frames)
			tail->next = (u16)i;
		else
			l->head = (u16)i;
		l->tail = (u16)i;
	}
	if (!l->frames && dst != NM_FLOOD)
		b->used[b->nused++] = (u8)dst;
	l->frames += run->frames;
	l->bytes += run->bytes;
}

static void list_clear(struct nm_run_list *l)
{
	l->frames = l->slots = 0;
	l->bytes = 0;
}

static void learn(struct nm_switch *sw, u64 smac, u32 port, u32 tick)
{
	if (!(smac & 1))
		nm_fdb_learn(&sw->fdb, smac, nm_fdb_hash(&sw->fdb, smac), port,
			     tick);
}

/* Of a frame with header @w0, @w1. */
static u64 source_address(u64 w0, u64 w1)
{
	return (w0 >> 48 | w1 << 16) & NM_MAC_MASK;
}

static u32 destination(struct nm_switch *sw, const struct nm_run *run, u32 tick)
{
	u64 dmac = run->w0 & NM_MAC_MASK;
	u32 dst;

	if (dmac & 1) /* group address: first bit on the wire */
		return NM_FLOOD;
	dst = nm_fdb_lookup(&sw->fdb, dmac, run->hash, tick);
	if (dst != NM_FLOOD && !os_load(&sw->port[dst]))
		return NM_FLOOD;
	return dst;
}

static void classify(struct nm_queue *q, struct nm_vale_port *src,
		     struct nm_switch *sw)
{
	struct nm_batch *b = q->scratch;
	u32 tick = nm_fdb_tick(&sw->fdb);
	u64 known = ~0ull; /* the source just learned */

	for (u32 i = 1; i <= b->nruns; i++) {
		struct nm_run *run = &b->run[i];
		u64 smac = source_address(run->w0, run->w1);
		u32 dst;

		if (smac != known)
			learn(sw, smac, src->index, tick);
		known = smac;
		dst = destination(sw, run, tick);
		if (__builtin_expect(dst == src->index, 0))
			nm_stat_add(q, NM_STAT_NO_SELF, run->frames);
		else
			list_append(b, dst, i);
	}
}

/* ---- a client in the place of learning ---- */

/* What the client says of the frame of @run; the ring goes into its piece. */
static u32 ask(const struct nm_switch_client *c, struct nm_queue *q,
	       const struct nm_vale_port *src, const struct nm_run *run)
{
	struct nm_batch *b = q->scratch;
	struct nm_piece *p = &b->piece[run->first];
	u32 skip, ring = q->id, dst;
	const struct nm_piece *ether = nm_piece_ether(p, b->vnet_len, &skip);
	struct nm_vale_frame f = {
		.data = ether->buf + skip,
		.len = ether->len - skip,
		.total = (u32)run->bytes - b->vnet_len,
		.slots = p->nslots,
		.port = src->index,
		.ring = q->id,
	};

	dst = c->ops.lookup(&f, &ring, c->priv);
	p->ring = dst == NM_VALE_FLOOD ? 0 : (u16)ring;
	return dst;
}

static void classify_apart(struct nm_queue *q, struct nm_vale_port *src,
			   const struct nm_switch_client *c)
{
	struct nm_batch *b = q->scratch;

	for (u32 i = 1; i <= b->nruns; i++) {
		u32 dst = ask(c, q, src, &b->run[i]);

		if (dst == NM_VALE_FLOOD)
			list_append(b, NM_FLOOD, i);
		else if (dst >= NM_VALE_PORTS)
			nm_stat_add(q, NM_STAT_NO_CLIENT, 1);
		else if (dst == src->index)
			nm_stat_add(q, NM_STAT_NO_SELF, 1);
		else
			list_append(b, dst, i);
	}
}

/* False: the switch has no client that looks up. */
static bool classify_by_client(struct nm_queue *q, struct nm_vale_port *src,
			       struct nm_switch *sw)
{
	unsigned section = os_read_enter();
	const struct nm_switch_client *c = os_load_acquire(&sw->client);
	bool asked = c && c->ops.lookup;

	if (asked)
		classify_apart(q, src, c);
	os_read_exit(section);
	return asked;
}

/* ---- deliver ---- */

static void count_sent(struct nm_queue *q, struct nm_run_list *l, bool had_port)
{
	nm_stat_add(q, had_port ? NM_STAT_SENT : NM_STAT_NO_PORT, l->frames);
	if (had_port)
		nm_stat_add(q, NM_STAT_SENT_BYTES, l->bytes);
	list_clear(l);
}

/* To the port at @dst, if it is still there. */
static bool deliver_to(struct nm_queue *q, struct nm_switch *sw, u32 dst,
		       const struct nm_run_list *flood)
{
	struct nm_batch *b = q->scratch;
	unsigned section = os_read_enter();
	/* Pairs with nm_switch_join(). */
	struct nm_vale_port *vp = os_load_acquire(&sw->port[dst]);
	u32 vnet_len = vp ? os_load(&vp->port.vnet_len) : 0;

	if (vp && !nm_batch_suits(b, vnet_len) && !b->room && b->any) {
		b->wants_room = true; /* dropped, this time */
	} else if (vp && !nm_batch_suits(b, vnet_len) && !b->room) {
		os_read_exit(section);
		nm_vnet_room_make(b);
		section = os_read_enter();
		vp = os_load_acquire(&sw->port[dst]);
		vnet_len = vp ? os_load(&vp->port.vnet_len) : 0;
	}
	if (vp)
		nm_batch_deliver(q, vp, vnet_len, &b->list[dst], flood);
	os_read_exit(section);
	return vp;
}

/* Everybody but the source gets the flooded frames, with its own between. */
static void deliver_flood(struct nm_queue *q, struct nm_vale_port *src,
			  struct nm_switch *sw)
{
	struct nm_batch *b = q->scratch;
	struct nm_run_list *flood = &b->list[NM_FLOOD];
	u32 end = os_load(&sw->end);
	bool had_port = false;

	for (u32 i = 0; i < end; i++) {
		if (i == src->index || !deliver_to(q, sw, i, flood))
			continue;
		count_sent(q, &b->list[i], true);
		had_port = true;
		os_breathe();
	}
	count_sent(q, flood, had_port);
}

static void deliver_all(struct nm_queue *q, struct nm_vale_port *src,
			struct nm_switch *sw)
{
	struct nm_batch *b = q->scratch;

	if (b->list[NM_FLOOD].frames)
		deliver_flood(q, src, sw);
	for (u32 i = 0; i < b->nused; i++) {
		u32 dst = b->used[i];

		/* Nothing is left where the flood has been. */
		if (b->list[dst].frames)
			count_sent(q, &b->list[dst],
				   deliver_to(q, sw, dst, NULL));
	}
	b->nused = 0;
}

/* ---- one frame alone ---- */

/* The port for frames with header @w0, @w1 from @src, learning on the way;
 * NM_FLOOD: it is not just one. */
static u32 look_up(struct nm_switch *sw, u32 src, u64 w0, u64 w1)
{
	u64 dmac = w0 & NM_MAC_MASK;
	u32 tick = nm_fdb_tick(&sw->fdb), dst;

	learn(sw, source_address(w0, w1), src, tick);
	if (dmac & 1)
		return NM_FLOOD;
	dst = nm_fdb_lookup(&sw->fdb, dmac, nm_fdb_hash(&sw->fdb, dmac), tick);
	return dst == src ? NM_FLOOD : dst;
}

static bool deliver_piece(struct nm_queue *q, struct nm_switch *sw, u32 dst,
			  const struct nm_piece *p)
{
	unsigned section = os_read_enter();
	/* Pairs with nm_switch_join(). */
	struct nm_vale_port *vp = os_load_acquire(&sw->port[dst]);
	bool sent = vp && !os_load(&vp->port.vnet_len) &&
		    nm_piece_deliver(nm_vale_rx_queue(vp, q->id), p);

	os_read_exit(section);
	return sent;
}

/* One slot is to be forwarded, and nothing is special about the queue. */
static bool is_alone(const struct nm_queue *q)
{
	const struct nm_batch *b = q->scratch;

	return nm_queue_next(q, q->hwcur) == q->rhead && !b->special &&
	       !nm_queue_is_tapped(q);
}

/*
 * Forwards the frame at hwcur from its slot to the receiver's, without a batch,
 * if nothing is special about either. False: it is not so, and nothing was done
 * but learning, which may be done again.
 */
static bool forward_one(struct nm_queue *q, const struct nm_vale_port *src,
			struct nm_switch *sw)
{
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	u64 word = nm_slot_load_word(&q->ring->slot[q->hwcur]), w0, w1;
	struct nm_piece p;
	u32 dst;

	if (!nm_piece_plain(&p, &bufs, word, NM_ETH_HLEN))
		return false;
	nm_piece_header(&p, &w0, &w1);
	dst = look_up(sw, src->index, w0, w1);
	if (dst == NM_FLOOD || !deliver_piece(q, sw, dst, &p))
		return false;
	nm_stat_add(q, NM_STAT_OFFERED, 1);
	nm_stat_add(q, NM_STAT_SENT, 1);
	nm_stat_add(q, NM_STAT_SENT_BYTES, p.len);
	return true;
}

/* ---- syncs ---- */

static void forward(struct nm_queue *q, struct nm_vale_port *src,
		    struct nm_switch *sw)
{
	struct nm_batch *b = q->scratch;

	for (u32 i = 1; !sw && i <= b->nruns; i++)
		nm_stat_add(q, NM_STAT_NO_PORT, b->run[i].frames);
	if (!sw)
		return;
	if (__builtin_expect(!b->apart, 1) || !classify_by_client(q, src, sw))
		classify(q, src, sw);
	deliver_all(q, src, sw);
}

/* What a sync that could not sleep had to do without. */
static void make_room(struct nm_batch *b, const struct nm_sync *s)
{
	if (s->any)
		return;
	b->wants_room = false;
	if (!b->room)
		nm_vnet_room_make(b);
}

int nm_vale_txsync(struct nm_queue *q, struct nm_sync *s)
{
	struct nm_vale_port *src = nm_vale_port(q->port);
	/* Stays: a bound port does not leave its switch. NULL: has none. */
	struct nm_switch *sw = src->sw;
	struct nm_batch *b = q->scratch;
	u32 k = q->hwcur;

	b->any = s->any;
	if (__builtin_expect(os_load(&q->port->vnet_len) | s->zcopy |
				     b->special | (q->ofs_mask != 0) |
				     (sw && os_load(&sw->client)),
			     0))
		note_special(q, s, sw);
	if (__builtin_expect(b->wants_room, 0))
		make_room(b, s);
	if (sw && is_alone(q) && forward_one(q, src, sw)) {
		k = q->rhead;
		os_store(&q->hwcur, k);
	}
	while (k != q->rhead) {
		k = nm_batch_collect(q, s, k, sw ? &sw->fdb : NULL);
		forward(q, src, sw);
		os_store(&q->hwcur, k);
		if (k != q->rhead)
			os_breathe();
	}
	s->later = b->wants_room;
	os_store(&q->hwtail, nm_queue_prev(q, k));
	return 0;
}

int nm_vale_rxsync(struct nm_queue *q, struct nm_sync *s)
{
	(void)s;
	nm_tap_given_up(q, q->hwcur, q->rhead, 0);
	os_store_release(&q->hwcur, q->rhead); /* [C] lease_take() */
	return 0;
}
