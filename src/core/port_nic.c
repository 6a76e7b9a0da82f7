// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Ports on network interfaces of the system: nic.h draws who calls whom.
 *
 * A tx slot is in one of three states, in ring order:
 *
 *      hwtail           hwcur             rhead
 *   ...  |  with the driver  |  not yet taken  |  the program's ...
 *
 * The driver gets pieces of consecutive slots and says how many it took, and
 * later how many it is done with. A slot that no frame can be made of is marked
 * (skip) and comes back when those before it do.
 */
#include "nic_frame.h"
#include "tap.h"
#include "vale_admin.h"

struct nic_port {
	struct nm_port port;
	struct nm_nic_info info; /* as of the last start */
};

static struct nic_port *nic_port_of(struct nm_port *port)
{
	return nm_container(port, struct nic_port, port);
}

/* ---- life ---- */

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void shape_of(struct nm_shape *shape, const struct nm_nic_info *info,
		     const struct nmreq_register *reg)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		shape->rings[d] = info->rings[d];
		shape->slots[d] = min_u32(info->slots[d], NM_SLOTS_MAX);
	}
	shape->host[NM_TX] =
		nm_clamp(reg->nr_host_tx_rings, 1, NM_HOST_RINGS_MAX);
	shape->host[NM_RX] =
		nm_clamp(reg->nr_host_rx_rings, 1, NM_HOST_RINGS_MAX);
}

/* Makes the port on @nic, in the region asked for or in region 1. */
static int port_make(const struct nm_wanted *w, struct nm_nic *nic,
		     struct nm_port **out)
{
	struct nic_port *np = os_alloc(sizeof(*np));
	struct nm_region *region = w->region;
	struct nm_shape shape;
	int err = 0;

	if (!np)
		return os_refuse(-ENOMEM, "%s: no memory for the port",
				 w->name.full);
	nic->ops->info(nic, &np->info);
	shape_of(&shape, &np->info, w->reg);
	if (region)
		nm_region_get(region);
	else
		err = nm_region_find(w->core, 1, &region);
	if (!err) {
		err = nm_port_init(&np->port, &nm_port_nic, w->core,
				   w->name.full, &shape, region);
		nm_region_put(region);
	}
	if (err) {
		os_free(np);
		return err;
	}
	np->port.nic = nic;
	nic->port = &np->port;
	*out = &np->port;
	return 0;
}

static int create(const struct nm_wanted *w, struct nm_port **out)
{
	struct nm_nic *nic;
	int err;

	if (!os_nic_exists(w->core, w->name.full))
		return -ENOENT;
	err = os_nic_find(w->core, w->name.full, &nic);
	if (err)
		return err;
	err = port_make(w, nic, out);
	if (err) {
		nic->ops->put(nic);
		return err;
	}
	nm_port_publish(*out);
	return 0;
}

/* The port lets go of its interface. */
static void nic_put(struct nm_port *port)
{
	struct nm_nic *nic = port->nic;

	port->nic = NULL;
	nic->port = NULL;
	nic->ops->put(nic);
}

static void destroy(struct nm_port *port)
{
	if (port->nic)
		nic_put(port);
	nm_port_fini(port);
	os_free(nic_port_of(port));
}

/* A frame of the interface's MTU, with its header and a VLAN tag, must fit a
 * buffer, unless frames may have several. */
#define LINK_BYTES 18

static int check_mtu(struct nm_queue *q)
{
	struct nic_port *np = nic_port_of(q->port);
	u32 size = nm_region_buf_size(q->port->region);

	np->port.nic->ops->info(np->port.nic, &np->info);
	if (np->info.frags || np->info.mtu + LINK_BYTES <= size)
		return 0;
	return os_refuse(
		-EINVAL,
		"%s: MTU %u needs buffers of %u bytes, region %u has %u",
		np->port.name, np->info.mtu, np->info.mtu + LINK_BYTES,
		np->port.region->id, size);
}

static int start_nic(struct nm_queue *q)
{
	struct nm_nic *nic = q->port->nic;
	struct nm_nic_batch *b;
	int err = check_mtu(q);

	if (err)
		return err;
	b = nm_nic_batch_create(q->num_slots);
	if (!b)
		return os_refuse(-ENOMEM,
				 "%s: no memory for a queue of %u slots",
				 q->port->name, q->num_slots);
	b->epoch = os_load(&q->port->epoch);
	q->scratch = b;
	err = nm_port_start_ring(q);
	if (err)
		goto err_scratch;
	err = nic->ops->start(nic, q->dir, q->id);
	if (err)
		goto err_ring;
	return 0;

err_ring:
	nm_port_stop_ring(q);
err_scratch:
	os_free(b);
	q->scratch = NULL;
	return err;
}

static int start(struct nm_queue *q)
{
	if (!q->port->nic)
		return os_refuse(-ENXIO, "%s: the interface is gone",
				 q->port->name);
	return nm_queue_is_host(q) ? nm_host_start(q) : start_nic(q);
}

static void stop(struct nm_queue *q)
{
	struct nm_nic *nic = q->port->nic;

	if (nm_queue_is_host(q)) {
		nm_host_stop(q);
		return;
	}
	if (nic)
		nic->ops->stop(nic, q->dir, q->id);
	nm_port_stop_ring(q);
	os_free(q->scratch);
	q->scratch = NULL;
}

/* ---- tx ---- */

/* Pieces taken from consecutive slots, in whole frames. */
struct batch {
	u32 n, frames;
	u64 bytes;
};

/*
 * Takes good frames of one slot, whose data is where a buffer begins, from slots
 * [@k, @end), which do not wrap, up to @limit. Stops at the first other one;
 * returns how many.
 */
static u32 singles_take(struct nm_queue *q, u32 k, u32 end,
			struct nm_nic_piece *p, u32 limit, u64 *sum)
{
	const u64 changed = (u64)NS_BUF_CHANGED << 48;
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	struct netmap_slot *slot = &q->ring->slot[k];
	u32 max = q->ofs_mask ? 0 : min_u32(end - k, limit), n;
	u64 bytes = 0;

	for (n = 0; n < max; n++, slot++, p++) {
		u64 word = nm_slot_load_word(slot);
		struct nm_slot v = nm_slot_of(word);
		const u8 *data = nm_bufs_addr(&bufs, v.idx);

		if (__builtin_expect(!data || v.len > bufs.size ||
					     v.len < NM_ETH_HLEN ||
					     v.flags & NS_MOREFRAG,
				     0))
			break;
		if (word & changed)
			nm_slot_store_word(slot, word & ~changed);
		*p = (struct nm_nic_piece){.data = data,
					   .len = v.len,
					   .flags = v.flags & NS_REPORT};
		bytes += v.len;
	}
	*sum += bytes;
	return n;
}

/* Takes whole good frames from slot @k on; stops before the first that is
 * not, which is in @bad then (slots 0: there is none). */
static struct batch collect(struct nm_queue *q, u32 k, struct nm_nic_frame *bad)
{
	bool frags = nic_port_of(q->port)->info.frags;
	struct nm_nic_batch *b = q->scratch;
	struct batch t = {0};

	*bad = (struct nm_nic_frame){0};
	while (k != q->rhead && t.n < NM_NIC_BATCH) {
		struct nm_nic_frame f;
		u32 got = singles_take(
			q, k, q->rhead > k ? q->rhead : q->num_slots,
			&b->piece[t.n], NM_NIC_BATCH - t.n, &t.bytes);

		t.frames += got;
		if (!got) {
			nm_nic_frame_take(q, k, q->rhead, &b->piece[t.n], &f);
			if (f.why == NM_STATS && f.slots > 1 && !frags)
				f.why = NM_STAT_NO_FRAGS;
			if (f.why != NM_STATS || f.open) {
				*bad = f;
				break;
			}
			got = f.slots;
			t.frames++;
			t.bytes += f.bytes;
		}
		t.n += got;
		k += got;
		if (k >= q->num_slots)
			k -= q->num_slots;
	}
	return t;
}

static void advance(struct nm_queue *q, u32 n)
{
	u32 k = os_load(&q->hwcur) + n;

	os_store(&q->hwcur, k >= q->num_slots ? k - q->num_slots : k);
}

/* Gives @t to the driver; false: it did not take all. */
static bool hand_over(struct nm_queue *q, struct batch *t)
{
	struct nm_nic_batch *b = q->scratch;
	struct nm_nic *nic = q->port->nic;
	u32 taken = nic->ops->tx(nic, q->id, b->piece, t->n);
	u32 from = os_load(&q->hwcur);
	bool all = taken == t->n;

	if (__builtin_expect(!all, 0)) {
		t->frames = 0;
		t->bytes = 0;
		for (u32 i = 0; i < taken; i++) {
			t->frames += !(b->piece[i].flags & NS_MOREFRAG);
			t->bytes += b->piece[i].len;
		}
	}
	advance(q, taken);
	nm_tap_tx(q, from, os_load(&q->hwcur), NULL);
	nm_stat_add(q, NM_STAT_OFFERED, t->frames);
	nm_stat_add(q, NM_STAT_SENT, t->frames);
	nm_stat_add(q, NM_STAT_SENT_BYTES, t->bytes);
	return all;
}

/* Passes over the bad frame @f at hwcur; false: it waits for its end. */
static bool pass_over(struct nm_queue *q, struct nm_nic_frame *f)
{
	struct nm_nic_batch *b = q->scratch;
	u32 k = os_load(&q->hwcur);

	/* One that fills the ring can have no end. */
	if (f->why == NM_STATS && f->slots == q->num_slots - 1)
		f->why = NM_STAT_NO_FRAGS;
	if (f->why == NM_STATS || !f->slots)
		return false;
	for (u32 i = 0; i < f->slots; i++, k = nm_queue_next(q, k))
		b->skip[k] = 1;
	b->skipped += f->slots;
	advance(q, f->slots);
	nm_stat_add(q, NM_STAT_OFFERED, 1);
	nm_stat_add(q, f->why, 1);
	return true;
}

static void send(struct nm_queue *q)
{
	struct nm_nic_frame bad;
	struct batch t;

	do {
		t = collect(q, os_load(&q->hwcur), &bad);
		if (t.n && !hand_over(q, &t))
			return;
	} while (os_load(&q->hwcur) != q->rhead &&
		 (!bad.slots || pass_over(q, &bad)));
}

/* The slots of @done pieces, and the skipped ones behind and between them, are
 * the program's again. */
static void reclaim(struct nm_queue *q, u32 done)
{
	struct nm_nic_batch *b = q->scratch;
	u32 k = nm_queue_next(q, os_load(&q->hwtail));

	while (b->skipped && k != os_load(&q->hwcur) && (done || b->skip[k])) {
		b->skipped -= b->skip[k];
		done -= !b->skip[k];
		b->skip[k] = 0;
		k = nm_queue_next(q, k);
	}
	k += done;
	if (k >= q->num_slots)
		k -= q->num_slots;
	os_store(&q->hwtail, nm_queue_prev(q, k));
}

/* After a reset nothing is in flight. */
static void reclaim_all(struct nm_queue *q, u32 epoch)
{
	struct nm_nic_batch *b = q->scratch;

	b->epoch = epoch;
	b->skipped = 0;
	memset(b->skip, 0, q->num_slots);
	os_store(&q->hwtail, nm_queue_prev(q, os_load(&q->hwcur)));
}

static void tx_running(struct nm_queue *q)
{
	struct nm_nic_batch *b = q->scratch;
	struct nm_nic *nic = q->port->nic;
	u32 epoch = os_load(&q->port->epoch), done;

	if (__builtin_expect(b->epoch != epoch, 0))
		reclaim_all(q, epoch);
	if (os_load(&q->hwcur) != q->rhead)
		send(q);
	if (nic->ops->tx_done)
		done = nic->ops->tx_done(nic, q->id);
	else
		done = nm_queue_distance(q,
					 nm_queue_next(q, os_load(&q->hwtail)),
					 os_load(&q->hwcur)) -
		       b->skipped;
	if (done || b->skipped)
		reclaim(q, done);
}

static int txsync(struct nm_queue *q, struct nm_sync *s)
{
	unsigned section;
	int err = 0;

	if (nm_queue_is_host(q))
		return nm_host_txsync(q, s);
	section = os_read_enter();
	if (os_load_acquire(&q->port->stopped)) /* nm_nic_stopped() */
		err = -EIO;
	else
		tx_running(q);
	os_read_exit(section);
	return err;
}

/* ---- rx ---- */

static void rx_running(struct nm_queue *q)
{
	struct nm_nic *nic = q->port->nic;

	if (q->hwcur != q->rhead) {
		nm_host_forward_up(q);
		nm_tap_given_up(q, q->hwcur, q->rhead, 0);
		os_store_release(&q->hwcur, q->rhead); /* [C] stretch_begin() */
	}
	if (nic->ops->rx_poll)
		nic->ops->rx_poll(nic, q->id, q->num_slots);
}

static int rxsync(struct nm_queue *q, struct nm_sync *s)
{
	unsigned section;
	int err = 0;

	if (nm_queue_is_host(q))
		return nm_host_rxsync(q, s);
	section = os_read_enter();
	if (os_load_acquire(&q->port->stopped)) /* nm_nic_stopped() */
		err = -EIO;
	else
		rx_running(q);
	os_read_exit(section);
	return err;
}

/* ---- upcalls: frames ---- */

static enum nm_stat rx_fill(struct nm_queue *q, const void *data, u32 len)
{
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	u32 k = q->lease, next = nm_queue_next(q, k);
	u32 cur = os_load_acquire(&q->hwcur); /* [C] rx_running() */
	enum nm_stat why;

	/* Pairs with nm_queue_activate(): offsets hold by then. */
	if (__builtin_expect(!os_load_acquire(&q->active), 0))
		return NM_STAT_DROP_CLOSED;
	if (__builtin_expect(next == cur, 0))
		return NM_STAT_DROP_FULL;
	if (__builtin_expect(len > q->room, 0)) {
		if (!nic_port_of(q->port)->info.frags)
			return NM_STAT_DROP_SIZE;
		return nm_nic_frame_fill(q, &q->lease, cur, data, len);
	}
	why = nm_nic_slot_fill(q, &bufs, k, data, len, 0);
	q->lease = next;
	return why;
}

/* Looks for free slots. */
static void stretch_begin(struct nm_nic_burst *b)
{
	struct nm_queue *q = b->q;
	u32 cur = os_load_acquire(&q->hwcur); /* [C] rx_running() */
	u32 used = nm_queue_distance(q, cur, q->lease);
	u32 free = min_u32(q->num_slots - 1 - used, q->num_slots - q->lease);

	b->start = b->next = b->end = &q->ring->slot[q->lease];
	/* Pairs with nm_queue_activate(): offsets hold by then. */
	if (os_load_acquire(&q->active) && !q->ofs_mask)
		b->end += free;
	b->room = q->room;
}

/* Its frames are promised slots, and count. */
static void stretch_end(struct nm_nic_burst *b)
{
	struct nm_queue *q = b->q;
	u32 n = (u32)(b->next - b->start), k = q->lease + n;

	if (!n)
		return;
	q->lease = k == q->num_slots ? 0 : k;
	nm_stat_add(q, NM_STAT_ATTEMPTED, n);
	nm_stat_add(q, NM_STAT_DELIVERED, n);
	nm_stat_add(q, NM_STAT_DELIVERED_BYTES, b->bytes);
	b->start = b->next;
	b->bytes = 0;
}

void nm_nic_rx_begin(struct nm_nic_burst *b, struct nm_port *port, u32 ring)
{
	b->q = &port->queue[NM_RX][ring];
	b->bufs = nm_region_bufs(port->region);
	b->bytes = 0;
	stretch_begin(b);
}

void nm_nic_rx_put_any(struct nm_nic_burst *b, const void *data, u32 len)
{
	struct nm_queue *q = b->q;
	enum nm_stat why;

	stretch_end(b);
	why = rx_fill(q, data, len);
	nm_stat_add(q, NM_STAT_ATTEMPTED, 1);
	if (why == NM_STATS) {
		nm_stat_add(q, NM_STAT_DELIVERED, 1);
		nm_stat_add(q, NM_STAT_DELIVERED_BYTES, len);
	} else {
		nm_stat_add(q, why, 1);
	}
	stretch_begin(b);
}

void nm_nic_rx_end(struct nm_nic_burst *b)
{
	struct nm_queue *q = b->q;
	u32 tail = os_load(&q->hwtail);

	stretch_end(b);
	b->end = b->next;
	if (q->lease == tail)
		return;
	nm_tap_rx(q, tail, q->lease);
	os_store_release(&q->hwtail, q->lease); /* [B] */
	nm_queue_wake(q);
}

void nm_nic_tx_wake(struct nm_port *port, u32 ring)
{
	nm_queue_wake(&port->queue[NM_TX][ring]);
}

/* ---- upcalls: the interface ---- */

static void wake_all(struct nm_port *port)
{
	for (u32 d = 0; d < NM_DIRS; d++)
		for (u32 i = 0; i < nm_port_queues(port, d); i++)
			nm_queue_wake(&port->queue[d][i]);
}

void nm_nic_stopped(struct nm_port *port, bool stopped)
{
	if (stopped) {
		os_fetch_or(&port->stopped, NM_STOPPED);
		os_read_sync();
	} else {
		os_store(&port->epoch, os_load(&port->epoch) + 1);
		/* Pairs with the syncs' look: the new epoch before. */
		os_store_release(&port->stopped,
				 os_load(&port->stopped) & ~NM_STOPPED);
	}
	wake_all(port);
}

void nm_nic_gone(struct nm_port *port)
{
	struct nm_nic *nic = port->nic;

	nm_port_get(port);
	nm_vale_gone(port);
	os_fetch_or(&port->stopped, NM_GONE);
	for (u32 d = 0; d < NM_DIRS; d++)
		for (u32 i = 0; i < nm_port_queues(port, d); i++)
			nm_taps_end(&port->queue[d][i]);
	os_read_sync();
	for (u32 d = NM_DIRS; d-- > 0;)
		for (u32 i = 0; nic->ops->tx && i < port->rings[d]; i++)
			if (port->queue[d][i].users)
				nic->ops->stop(nic, d, i);
	if (port->nhost)
		nic->ops->host_stop(nic);
	nm_list_del(&port->node);
	nic_put(port);
	wake_all(port);
	nm_port_put(port);
}

const struct nm_port_type nm_port_nic = {
	.name = "NIC",
	.create = create,
	.destroy = destroy,
	.start = start,
	.stop = stop,
	.offsets = nm_port_offsets,
	.sync = {txsync, rxsync},
};
