// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Host rings: between programs and the system's stack, by way of an interface
 * of the system. Host tx frames go up as if received on it; host rx frames are
 * what the system sends on it.
 *
 * Forwarding (NR_FORWARD and NS_FORWARD, or parameter fwd) when slots are
 * released:
 *
 *     NIC rx ring  ----- inject() ----->  stack
 *     host rx ring -- buffers swapped -->  NIC tx rings of the same bind
 */
#include "bind.h"
#include "nic_frame.h"
#include "tap.h"

/* ---- life ---- */

static int capture_start(struct nm_port *port)
{
	struct nm_nic *nic = port->nic;
	struct nm_nic_info info;

	nic->ops->info(nic, &info);
	port->host_frags = info.frags;
	return nic->ops->host_start(nic);
}

int nm_host_start(struct nm_queue *q)
{
	struct nm_port *port = q->port;
	int err;

	q->scratch = nm_nic_batch_create(q->num_slots);
	if (!q->scratch)
		return os_refuse(-ENOMEM,
				 "%s: no memory for a queue of %u slots",
				 port->name, q->num_slots);
	err = nm_port_start_ring(q);
	if (err)
		goto err_scratch;
	err = port->nhost ? 0 : capture_start(port);
	if (err)
		goto err_ring;
	port->nhost++;
	return 0;

err_ring:
	nm_port_stop_ring(q);
err_scratch:
	os_free(q->scratch);
	q->scratch = NULL;
	return err;
}

void nm_host_stop(struct nm_queue *q)
{
	struct nm_port *port = q->port;

	if (!--port->nhost && port->nic)
		port->nic->ops->host_stop(port->nic);
	nm_port_stop_ring(q);
	os_free(q->scratch);
	q->scratch = NULL;
}

/* ---- to the stack ---- */

/* What went up. */
struct passage {
	u64 offered, sent, bytes;
};

static void count(struct nm_queue *q, const struct passage *p)
{
	nm_stat_add(q, NM_STAT_OFFERED, p->offered);
	nm_stat_add(q, NM_STAT_SENT, p->sent);
	nm_stat_add(q, NM_STAT_SENT_BYTES, p->bytes);
}

/* One frame goes up, or is counted as bad. */
static void inject(struct nm_queue *q, const struct nm_nic_piece *piece,
		   const struct nm_nic_frame *f, struct passage *p)
{
	struct nm_nic *nic = q->port->nic;
	enum nm_stat why = f->why;

	p->offered++;
	if (why == NM_STATS && !nic->ops->inject(nic, piece, f->slots))
		why = NM_STAT_NO_PORT;
	if (why == NM_STATS) {
		p->sent++;
		p->bytes += f->bytes;
	} else {
		nm_stat_add(q, why, 1);
	}
}

/* Passes up the frames from hwcur to rhead; all, or those that ask for it. A
 * chain still open at rhead ends there. */
static void pass_up(struct nm_queue *q, bool all)
{
	struct nm_nic_batch *b = q->scratch;
	struct passage p = {0};
	struct nm_nic_frame f;
	u32 k = q->hwcur;

	while (k != q->rhead) {
		nm_nic_frame_take(q, k, q->rhead, b->piece, &f);
		if (all || f.flags & NS_FORWARD)
			inject(q, b->piece, &f, &p);
		k += f.slots;
		if (k >= q->num_slots)
			k -= q->num_slots;
	}
	if (!p.offered)
		return;
	q->port->nic->ops->inject_end(q->port->nic);
	count(q, &p);
}

static void tx_running(struct nm_queue *q)
{
	nm_tap_tx(q, q->hwcur, q->rhead, NULL);
	pass_up(q, true);
}

int nm_host_txsync(struct nm_queue *q, struct nm_sync *s)
{
	unsigned section = os_read_enter();
	int err = 0;

	(void)s;
	if (os_load_acquire(&q->port->stopped)) /* nm_nic_stopped() */
		err = -EIO;
	else if (q->hwcur != q->rhead)
		tx_running(q);
	os_read_exit(section);
	if (err)
		return err;
	os_store(&q->hwcur, q->rhead);
	os_store(&q->hwtail, nm_queue_prev(q, q->rhead));
	return 0;
}

/* ---- forwarding ---- */

/* 0: none; 1: slots that say so; 2: all. */
static u32 forward_mode(const struct nm_queue *q)
{
	if (os_load(&q->port->core->params.fwd))
		return 2;
	return os_load(&q->ring->flags) & NR_FORWARD ? 1 : 0;
}

void nm_host_forward_up(struct nm_queue *q)
{
	u32 mode = forward_mode(q);

	if (mode)
		pass_up(q, mode == 2);
}

/* A tx ring of the bind, used as its program would: the thread that syncs is
 * the program's. */
struct outlet {
	struct nm_queue *q;
	struct nm_sync cursors;
	u32 head, room;
};

/* The bind's ring @i; no room if its cursors are not in order. */
static struct outlet outlet_of(const struct nm_bind *bind, u32 i)
{
	struct outlet o = {.q = nm_bind_queue(bind, NM_TX, i)};
	u32 tail = os_load(&o.q->rtail);

	o.cursors = nm_bind_sync(bind, o.q, NULL);
	o.head = os_load(o.cursors.head);
	if (o.head < o.q->num_slots)
		o.room = nm_queue_distance(o.q, o.head, tail);
	return o;
}

/* The released slot @from and the free slot @to change buffers. */
static void exchange(struct netmap_slot *from, struct netmap_slot *to)
{
	struct nm_slot a = nm_slot_load(from), b = nm_slot_load(to);
	u64 ptr = os_load(&from->ptr);

	os_store(&from->ptr, os_load(&to->ptr));
	os_store(&to->ptr, ptr);
	nm_slot_store(to, (struct nm_slot){.idx = a.idx,
					   .len = a.len,
					   .flags = (a.flags & NS_MOREFRAG) |
						    NS_BUF_CHANGED});
	nm_slot_store(from, (struct nm_slot){.idx = b.idx});
}

/* Moves the frame @f at slot @k of @q to the first tx ring with room. */
static bool move_out(struct nm_queue *q, const struct nm_bind *bind, u32 k,
		     const struct nm_nic_frame *f)
{
	for (u32 i = 0; i < q->port->rings[NM_TX]; i++) {
		struct outlet o = outlet_of(bind, i);

		if (o.room < f->slots)
			continue;
		for (u32 n = f->slots; n; n--, k = nm_queue_next(q, k)) {
			exchange(&q->ring->slot[k], &o.q->ring->slot[o.head]);
			o.head = nm_queue_next(o.q, o.head);
		}
		os_store(o.cursors.cur, o.head);
		os_store_release(o.cursors.head, o.head); /* [A] */
		return true;
	}
	return false;
}

/* Frames of the first host rx ring from hwcur to rhead go to the NIC tx rings
 * of a bind that has them all. */
static void forward_out(struct nm_queue *q, struct nm_sync *s, bool all)
{
	const struct nm_bind *bind = s->bind;
	struct nm_nic_batch *b = q->scratch;
	struct passage p = {0};
	struct nm_nic_frame f;
	u32 k = q->hwcur;

	while (k != q->rhead) {
		nm_nic_frame_take(q, k, q->rhead, b->piece, &f);
		if (all || f.flags & NS_FORWARD) {
			p.offered++;
			if (f.why == NM_STATS && f.open)
				f.why = NM_STAT_NO_FRAGS;
			if (f.why == NM_STATS && !move_out(q, bind, k, &f))
				f.why = NM_STAT_NO_PORT;
			if (f.why == NM_STATS) {
				p.sent++;
				p.bytes += f.bytes;
			} else {
				nm_stat_add(q, f.why, 1);
			}
		}
		k += f.slots;
		if (k >= q->num_slots)
			k -= q->num_slots;
	}
	count(q, &p);
	s->fed = p.sent;
}

static bool can_forward_out(const struct nm_queue *q, const struct nm_bind *b)
{
	const struct nm_port *port = q->port;

	return b && !nm_bind_has_csb(b) && q->id == port->rings[NM_RX] &&
	       port->rings[NM_TX] && b->first[NM_TX] == 0 &&
	       b->end[NM_TX] >= port->rings[NM_TX];
}

int nm_host_rxsync(struct nm_queue *q, struct nm_sync *s)
{
	u32 mode;

	if (__builtin_expect(os_load(&q->port->stopped) != 0, 0))
		return -EIO;
	if (q->hwcur == q->rhead)
		return 0;
	mode = forward_mode(q);
	if (mode && can_forward_out(q, s->bind))
		forward_out(q, s, mode == 2);
	nm_tap_given_up(q, q->hwcur, q->rhead, 0);
	os_store_release(&q->hwcur, q->rhead); /* [C] host_rx_fill() */
	return 0;
}

/* ---- from the stack ---- */

/* The tx ring that a frame of the system's queue @queue would have left by is
 * in netmap mode: otherwise the frame is none of ours. */
static bool is_captured(const struct nm_port *port, u32 queue)
{
	if (!port->nic->ops->tx)
		return true;
	return os_load(&port->queue[NM_TX][queue % port->rings[NM_TX]].active);
}

/* NM_STATS, or why the frame is dropped. */
static enum nm_stat host_rx_fill(struct nm_queue *q, const void *data, u32 len)
{
	u32 next = q->hwtail, cur;
	struct nm_bufs bufs;
	enum nm_stat why;

	os_spin_assert_held(&q->lock);
	if (!q->active)
		return NM_STAT_DROP_CLOSED;
	if (len < NM_ETH_HLEN || (len > q->room && !q->port->host_frags))
		return NM_STAT_DROP_SIZE;
	cur = os_load_acquire(&q->hwcur); /* [C] nm_host_rxsync() */
	if (__builtin_expect(len > q->room, 0)) {
		why = nm_nic_frame_fill(q, &next, cur, data, len);
	} else if (nm_queue_next(q, next) == cur) {
		return NM_STAT_DROP_FULL;
	} else {
		bufs = nm_region_bufs(q->port->region);
		why = nm_nic_slot_fill(q, &bufs, next, data, len, 0);
		next = nm_queue_next(q, next);
	}
	if (next == q->hwtail)
		return why;
	nm_tap_rx(q, q->hwtail, next);
	os_store_release(&q->hwtail, next); /* [B] */
	return why;
}

static struct nm_queue *host_rx_queue(struct nm_port *port, u32 queue)
{
	return &port->queue[NM_RX]
			   [port->rings[NM_RX] + queue % port->host[NM_RX]];
}

bool nm_host_rx(struct nm_port *port, u32 queue, const void *data, u32 len)
{
	struct nm_queue *q = host_rx_queue(port, queue);
	bool ours = is_captured(port, queue);
	enum nm_stat why;

	os_spin_lock(&q->lock);
	why = ours ? host_rx_fill(q, data, len) : NM_STAT_DROP_CLOSED;
	nm_stat_add(q, NM_STAT_ATTEMPTED, 1);
	if (why == NM_STATS) {
		nm_stat_add(q, NM_STAT_DELIVERED, 1);
		nm_stat_add(q, NM_STAT_DELIVERED_BYTES, len);
	} else {
		nm_stat_add(q, why, 1);
	}
	os_spin_unlock(&q->lock);
	return why == NM_STATS;
}

void nm_host_rx_end(struct nm_port *port, u32 queue)
{
	nm_queue_wake(host_rx_queue(port, queue));
}
