// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Pipes: two ends, tx ring i of one feeds rx ring i of the other, by lending.
 *
 *        sender's tx ring                      receiver's rx ring
 *   hwcur  [k] idx len flags ptr  ---txsync-->  [k] same        hwtail
 *   hwtail [k] idx len flags ptr  <--rxsync---  [k] emptied     hwcur
 *
 * Slot k of one is always slot k of the other. The tx side owns the buffers
 * throughout; rx slots own none, and hold index 0 while they have nothing.
 * What the receiver has put in the slot goes back, so it may swap buffers.
 * Only whole frames are passed, and nothing is ever dropped: a sender's slots
 * come back when they are released.
 *
 * Each direction has one writer per field (the claim holder of either queue),
 * so neither side takes a lock.
 */
#include "nic.h"
#include "tap.h"
#include "vale.h"

#define RINGS_MAX 256
#define PIPES_MAX 64

struct pipe_end {
	struct nm_port port;
	struct pipe *pipe;
};

struct pipe {
	struct nm_list node;	/* parent->pipes */
	struct nm_port *parent; /* one reference */
	struct pipe_end end[2]; /* master, slave */
};

static struct pipe_end *end_of(struct nm_port *port)
{
	return nm_container(port, struct pipe_end, port);
}

/* The queue at the other end of the lending. */
static struct nm_queue *partner(const struct nm_queue *q)
{
	struct pipe_end *e = end_of(q->port);
	struct pipe_end *other = &e->pipe->end[e == &e->pipe->end[0]];

	return &other->port.queue[!q->dir][q->id];
}

/* ---- life ---- */

/* The reply and the request describe the master; the slave is its mirror. */
static void shape_of(struct nm_shape *shape, const struct nmreq_register *reg,
		     const struct nm_port *parent)
{
	u32 tx = parent ? parent->slots[NM_TX] : NM_SLOTS_DEFAULT;
	u32 rx = parent ? parent->slots[NM_RX] : NM_SLOTS_DEFAULT;

	shape->rings[NM_TX] = nm_clamp(reg->nr_tx_rings, 1, RINGS_MAX);
	shape->rings[NM_RX] = nm_clamp(reg->nr_rx_rings, 1, RINGS_MAX);
	shape->slots[NM_TX] = nm_clamp(reg->nr_tx_slots, tx, NM_SLOTS_MAX);
	shape->slots[NM_RX] = nm_clamp(reg->nr_rx_slots, rx, NM_SLOTS_MAX);
}

static void shape_mirror(struct nm_shape *to, const struct nm_shape *from)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		to->rings[d] = from->rings[!d];
		to->slots[d] = from->slots[!d];
	}
}

/* What a pipe asks of the region of its parent. Tx rings of one end are as
 * long as rx rings of the other and only tx rings hold buffers: the need of one
 * end for buffers is that of both, and there are twice the rings. */
static struct nm_need need_of(const struct nm_shape *pipe,
			      const struct nmreq_register *reg)
{
	struct nm_need need = nm_need_of(
		pipe, nm_clamp(reg->nr_extra_bufs, 0, NM_EXTRA_BUFS_MAX));

	need.rings *= 2;
	return need;
}

/* A reference to the port that the pipe hangs on, made if need be: a base that
 * nobody has becomes a port of one ring each way. */
static int parent_open(const struct nm_wanted *w, struct nm_port **parent)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_mem_id = w->reg->nr_mem_id};
	struct nm_shape pipe = {0}, one = {.rings = {1, 1}, .host = {1, 1}};
	struct nm_need need, own;

	shape_of(&pipe, w->reg, NULL);
	need = need_of(&pipe, w->reg);
	*parent = nm_port_find(w->core, w->name.parent);
	if (*parent)
		return 0;
	if (w->name.bridge[0] || os_nic_exists(w->core, w->name.parent))
		return nm_port_open(w->core, w->name.parent, &reg, &need,
				    parent);
	memcpy(one.slots, pipe.slots, sizeof(one.slots));
	own = nm_need_of(&one, 0);
	need = nm_need_sum(&own, &need);
	return nm_vale_anchor_create(w->core, w->name.parent, &one, w->region,
				     &need, parent);
}

static int ends_init(struct pipe *p, const struct nm_name *name,
		     const struct nm_shape *shape)
{
	struct nm_port *parent = p->parent;
	size_t base = nm_name_len(name->parent);
	char full[NM_NAME_LEN];
	struct nm_shape mirror = {0};
	int err;

	shape_mirror(&mirror, shape);
	memcpy(full, name->full, sizeof(full));
	full[base] = '{';
	err = nm_port_init(&p->end[0].port, &nm_port_pipe, parent->core, full,
			   shape, parent->region);
	if (err)
		return err;
	full[base] = '}';
	err = nm_port_init(&p->end[1].port, &nm_port_pipe, parent->core, full,
			   &mirror, parent->region);
	if (err) {
		nm_port_fini(&p->end[0].port);
		return err;
	}
	for (u32 i = 0; i < 2; i++) {
		p->end[i].pipe = p;
		p->end[i].port.refs = 0;
		nm_port_publish(&p->end[i].port);
	}
	return 0;
}

static int pipe_create(const struct nm_name *name,
		       const struct nmreq_register *reg, struct nm_port *parent,
		       struct nm_port **out)
{
	struct nm_shape shape = {0};
	struct pipe *p;
	int err;

	if (parent->npipes >= PIPES_MAX)
		return os_refuse(-EINVAL,
				 "%s: %s has %d pipes, as many as a port can",
				 name->full, parent->name, PIPES_MAX);
	p = os_alloc(sizeof(*p));
	if (!p)
		return os_refuse(-ENOMEM, "%s: no memory for the pipe",
				 name->full);
	p->parent = parent;
	shape_of(&shape, reg, parent);
	err = ends_init(p, name, &shape);
	if (err) {
		os_free(p);
		return err;
	}
	nm_port_get(parent);
	parent->npipes++;
	nm_list_add_tail(&parent->pipes, &p->node);
	*out = nm_port_get(&p->end[name->pipe_role == '}'].port);
	return 0;
}

static int create(const struct nm_wanted *w, struct nm_port **out)
{
	struct nm_port *parent;
	int err;

	if (!w->name.pipe_role)
		return -ENOENT;
	err = parent_open(w, &parent);
	if (err)
		return err;
	err = pipe_create(&w->name, w->reg, parent, out);
	nm_port_put(parent);
	return err;
}

/* What the receiver holds goes back where it came from. */
static void take_back(struct nm_queue *tx, struct nm_queue *rx)
{
	for (u32 k = rx->hwcur; k != tx->hwcur; k = nm_queue_next(rx, k)) {
		nm_slot_store(&tx->ring->slot[k],
			      nm_slot_load(&rx->ring->slot[k]));
		nm_slot_store(&rx->ring->slot[k], (struct nm_slot){0});
	}
}

static void rings_destroy(struct nm_port *port)
{
	for (u32 i = 0; i < port->rings[NM_TX]; i++) {
		struct nm_queue *tx = &port->queue[NM_TX][i];
		struct nm_queue *rx = partner(tx);

		if (!tx->ring)
			continue;
		take_back(tx, rx);
		nm_queue_ring_destroy(rx, false);
		nm_queue_ring_destroy(tx, true);
	}
}

/* Both ends live until neither has a reference. */
static void destroy(struct nm_port *port)
{
	struct pipe *p = end_of(port)->pipe;
	struct nm_port *parent = p->parent;

	if (p->end[0].port.refs || p->end[1].port.refs)
		return;
	for (u32 i = 0; i < 2; i++)
		rings_destroy(&p->end[i].port);
	for (u32 i = 0; i < 2; i++)
		nm_port_fini(&p->end[i].port);
	nm_list_del(&p->node);
	os_free(p);
	parent->npipes--;
	nm_port_put(parent);
}

/* Rings come with the first user of either side and stay with the pipe. */
static int start(struct nm_queue *q)
{
	struct nm_queue *tx = q->dir == NM_TX ? q : partner(q);
	struct nm_queue *rx = partner(tx);
	int err;

	if (q->ring) {
		nm_queue_rejoin(q);
		return 0;
	}
	err = nm_queue_ring_create(tx, true);
	if (err)
		return err;
	err = nm_queue_ring_create(rx, false);
	if (err)
		nm_queue_ring_destroy(tx, true);
	return err;
}

/* Rings stay, offsets do not. */
static void stop(struct nm_queue *q)
{
	struct nm_queue *other = partner(q);

	if (!q->ofs_mask || other->users)
		return;
	nm_queue_offsets_set(q, NULL);
	nm_queue_offsets_set(other, NULL);
}

/*
 * Slots are lent with their offsets, so both rings of a lending have the same
 * ones: those of the end that came first. Rx slots get theirs with each frame.
 */
static int offsets(struct nm_queue *q, const struct nm_offsets *o)
{
	struct nm_queue *other = partner(q);
	int err = 0;

	if (other->users) {
		err = nm_queue_offsets_check(q, o);
	} else {
		nm_queue_offsets_set(q, o);
		nm_queue_offsets_set(other, o);
	}
	if (!err && q->dir == NM_TX)
		nm_queue_offsets_fill(q, o->initial);
	return err;
}

/* ---- data path ---- */

static inline void slot_store(struct netmap_slot *to, u64 ptr, u64 word)
{
	os_store(&to->ptr, ptr);
	nm_slot_store_word(to, word);
}

/* What goes through in one sync. */
struct passage {
	struct nm_queue *tx, *rx;
	struct nm_bufs bufs;
	u32 k;	     /* next slot */
	u32 end;     /* after the last whole frame */
	u16 changed; /* flags seen in slots before end */
	u64 frames, bad, bytes;
};

/*
 * The two loops over plain slots see a ring's slots as pairs of words, [2k] and
 * [2k + 1]: one index then serves all their accesses.
 */
static nm_word *words_of(struct nm_queue *q)
{
	return (nm_word *)q->ring->slot;
}

/*
 * Lends slots that are frames by themselves and have nothing special about
 * them, up to @limit, which is not behind p->k. Stops at the first other one.
 */
static void lend_plain(struct passage *p, u32 limit)
{
	const u64 special = (u64)(NS_MOREFRAG | NS_BUF_CHANGED) << 48;
	const nm_word *from = words_of(p->tx);
	nm_word *to = words_of(p->rx);
	struct nm_bufs bufs = p->bufs;
	u64 bytes = 0, i, end = 2ull * limit;
	u32 k;

	for (i = 2ull * p->k; i < end; i += 2) {
		u64 word = os_load(&from[i]);

		if (__builtin_expect(
			    word & special || !nm_bufs_allow(&bufs, word), 0))
			break;
		bytes += word >> 32 & 0xffff;
		os_store(&to[i + 1], os_load(&from[i + 1]));
		os_store(&to[i], word);
	}
	k = (u32)(i / 2);
	p->frames += k - p->k;
	p->bytes += bytes;
	p->k = p->end = k == p->tx->num_slots ? 0 : k;
}

/*
 * Lends one frame, whatever it is like. One that is not whole before @limit is
 * moved too, but not shown: the next sync moves it again. A frame that never
 * ends is ended after NETMAP_MAX_FRAGS slots.
 */
static void lend_chain(struct passage *p, u32 limit)
{
	u32 frags = 0, bytes = 0;
	bool bad = false, more = true;
	u16 seen = 0;

	while (more && p->k != limit) {
		const struct netmap_slot *from = &p->tx->ring->slot[p->k];
		struct netmap_slot *to = &p->rx->ring->slot[p->k];
		u64 word = nm_slot_load_word(from);
		u64 ptr = nm_queue_ptr(p->tx, os_load(&from->ptr));

		if (!nm_bufs_allow(&p->bufs, word) ||
		    nm_slot_of(word).len + nm_queue_offset(p->tx, ptr) >
			    p->bufs.size) {
			bad = true;
			word = nm_bufs_mend(&p->bufs, word);
		}
		if (++frags == NETMAP_MAX_FRAGS)
			word &= ~((u64)NS_MOREFRAG << 48);
		slot_store(to, ptr, word);
		bytes += nm_slot_of(word).len;
		seen |= nm_slot_of(word).flags;
		more = nm_slot_of(word).flags & NS_MOREFRAG;
		p->k = nm_queue_next(p->tx, p->k);
	}
	if (more)
		return;
	p->end = p->k;
	p->changed |= seen;
	p->frames++;
	p->bad += bad;
	p->bytes += bad ? 0 : bytes;
}

/* The program's word that it changed the buffer has been passed on. */
static void clear_changed(struct nm_queue *q, u32 from, u32 to)
{
	for (u32 k = from; k != to; k = nm_queue_next(q, k)) {
		struct nm_slot s = nm_slot_load(&q->ring->slot[k]);

		s.flags &= (u16)~NS_BUF_CHANGED;
		nm_slot_store(&q->ring->slot[k], s);
	}
}

static void count(const struct passage *p)
{
	u64 good = p->frames - p->bad;

	nm_stat_add(p->tx, NM_STAT_OFFERED, p->frames);
	nm_stat_add(p->tx, NM_STAT_SENT, good);
	nm_stat_add(p->tx, NM_STAT_SENT_BYTES, p->bytes);
	nm_stat_add(p->tx, NM_STAT_NO_SLOT, p->bad);
	nm_stat_add(p->rx, NM_STAT_ATTEMPTED, good);
	nm_stat_add(p->rx, NM_STAT_DELIVERED, good);
	nm_stat_add(p->rx, NM_STAT_DELIVERED_BYTES, p->bytes);
}

static int txsync(struct nm_queue *q, struct nm_sync *s)
{
	struct passage p = {.tx = q,
			    .rx = partner(q),
			    .bufs = nm_region_bufs(q->port->region),
			    .k = q->hwcur,
			    .end = q->hwcur};

	(void)s;
	while (p.k != q->rhead) {
		u32 from = p.k;

		if (!q->ofs_mask)
			lend_plain(&p,
				   q->rhead > from ? q->rhead : q->num_slots);
		if (p.k == from)
			lend_chain(&p, q->rhead);
	}
	if (p.end == q->hwcur)
		return 0;
	count(&p);
	nm_tap_tx(q, q->hwcur, p.end, NULL);
	nm_tap_rx(p.rx, q->hwcur, p.end);
	if (p.changed & NS_BUF_CHANGED)
		clear_changed(q, q->hwcur, p.end);
	os_store(&q->hwcur, p.end);
	os_store_release(&p.rx->hwtail, p.end); /* [B] */
	nm_queue_wake(p.rx);
	return 0;
}

/* Gives the slots [@k, @end) of @rx back to @tx. */
static void give_back(struct nm_queue *rx, struct nm_queue *tx, u32 k, u32 end)
{
	struct nm_bufs bufs = nm_region_bufs(rx->port->region);
	nm_word *from = words_of(rx), *to = words_of(tx);

	for (u64 i = 2ull * k; i < 2ull * end; i += 2) {
		u64 word = os_load(&from[i]);

		if (__builtin_expect(!nm_bufs_allow(&bufs, word), 0))
			word = nm_bufs_mend(&bufs, word);
		os_store(&to[i + 1], os_load(&from[i + 1]));
		os_store(&to[i], word);
		os_store(&from[i], 0);
	}
}

static int rxsync(struct nm_queue *q, struct nm_sync *s)
{
	struct nm_queue *tx = partner(q);
	u32 from = q->hwcur, to = q->rhead;

	(void)s;
	if (from == to)
		return 0;
	nm_tap_given_up(q, from, to, 0);
	if (from > to) {
		give_back(q, tx, from, q->num_slots);
		from = 0;
	}
	give_back(q, tx, from, to);
	os_store(&q->hwcur, to);
	os_store_release(&tx->hwtail, nm_queue_prev(q, to)); /* [B] */
	nm_queue_wake(tx);
	return 0;
}

const struct nm_port_type nm_port_pipe = {
	.name = "pipe",
	.create = create,
	.destroy = destroy,
	.start = start,
	.stop = stop,
	.offsets = offsets,
	.sync = {txsync, rxsync},
};
