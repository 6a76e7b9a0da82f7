// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* soft_wire.c - descriptors and the cable of a software interface. */
#include "soft_int.h"

/* ---- rx: from the wire ---- */

static struct soft_rx *rx_of(struct soft_nic *s, u32 ring)
{
	return &s->rx[ring % s->conf.rings[NM_RX]];
}

/* Copies a frame into the next descriptor; false: there is none, or it is too
 * long for one. */
static bool rx_put(struct soft_nic *s, struct soft_rx *r,
		   const struct nm_nic_piece *p, u32 n)
{
	u32 at, len = 0;
	bool room;

	os_spin_lock(&r->lock);
	/* Pairs with rx_hand_on(). */
	room = r->head - os_load_acquire(&r->tail) <= r->mask;
	at = r->head & r->mask;
	for (u32 i = 0; i < n && room; i++) {
		room = len + p[i].len <= s->stride;
		if (room)
			os_copy(r->data + (size_t)at * s->stride + len,
				p[i].data, p[i].len);
		len += p[i].len;
	}
	if (room) {
		r->len[at] = len;
		os_store_release(&r->head, r->head + 1); /* rx_hand_on() */
	}
	os_spin_unlock(&r->lock);
	return room;
}

/* A frame arrives: on a ring in netmap mode, or at the system's. */
static bool arrive(struct soft_nic *s, u32 ring, const struct nm_nic_piece *p,
		   u32 n)
{
	struct soft_rx *r = rx_of(s, ring);

	if (!os_load(&s->link) || os_load(&s->frozen))
		return false;
	if (os_load(&r->port))
		return rx_put(s, r, p, n);
	return soft_inject(&s->nic, p, n);
}

/* Packet memory, by value: in registers whatever the loops that use it store. */
struct memory {
	u8 *data;
	u32 *len;
	size_t stride;
	u32 mask;
};

static struct memory memory_of(const struct soft_nic *s,
			       const struct soft_rx *r)
{
	return (struct memory){.data = r->data,
			       .len = r->len,
			       .stride = s->stride,
			       .mask = r->mask};
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void rx_hand_on(struct soft_nic *s, struct soft_rx *r, u32 budget)
{
	struct memory m = memory_of(s, r);
	struct nm_port *port = os_load_acquire(&r->port); /* start() */
	u32 ring = (u32)(r - s->rx), tail = r->tail;
	u32 head = os_load_acquire(&r->head); /* rx_put() */
	struct nm_nic_burst b;

	if (!port || tail == head)
		return;
	nm_nic_rx_begin(&b, port, ring);
	for (; tail != head && budget; tail++, budget--) {
		u32 at = tail & m.mask;

		nm_nic_rx_put(&b, m.data + at * m.stride, m.len[at]);
	}
	os_store_release(&r->tail, tail); /* rx_put() */
	nm_nic_rx_end(&b);
}

/* One at a time: who comes meanwhile leaves a mark, and it is done again. */
static void rx_visit(struct soft_nic *s, struct soft_rx *r, u32 budget)
{
	u32 kicks = 1;

	if (os_fetch_add(&r->kicks, 1u))
		return;
	do {
		rx_hand_on(s, r, budget);
		kicks = os_fetch_add(&r->kicks, -kicks) - kicks;
	} while (kicks);
}

static void rx_poll(struct nm_nic *nic, u32 ring, u32 budget)
{
	struct soft_nic *s = soft_of(nic);

	rx_visit(s, &s->rx[ring], budget);
}

void soft_irq(struct soft_nic *s, u32 ring)
{
	unsigned section = os_read_enter();

	rx_visit(s, rx_of(s, ring), ~0u);
	os_read_exit(section);
}

bool soft_wire_put(struct soft_nic *s, u32 ring, const void *data, u32 len)
{
	struct nm_nic_piece p = {.data = data, .len = (u16)len};
	unsigned section = os_read_enter();
	bool put = arrive(s, ring, &p, 1);

	if (!s->conf.silent)
		rx_visit(s, rx_of(s, ring), ~0u);
	os_read_exit(section);
	return put;
}

u32 soft_wire_burst(struct soft_nic *s, u32 ring, const void *data, u32 len,
		    u32 n)
{
	struct soft_rx *r = rx_of(s, ring);
	struct memory m = memory_of(s, r);
	u32 head = os_load(&r->head);
	u32 room = m.mask + 1 - (head - os_load_acquire(&r->tail));

	n = min_u32(n, room);
	for (u32 i = 0; i < n; i++) {
		u32 at = (head + i) & m.mask;

		os_copy(m.data + at * m.stride, data, len);
		m.len[at] = len;
	}
	os_store_release(&r->head, head + n); /* rx_hand_on() */
	return n;
}

/* ---- tx: to the wire; in a read section ---- */

void soft_wire_out(struct soft_nic *s, u32 ring, const struct nm_nic_piece *p,
		   u32 n)
{
	struct soft_nic *peer = os_load_acquire(&s->peer); /* soft_cable() */

	if (peer && os_load(&s->link))
		arrive(peer, ring, p, n);
}

void soft_wire_flush(struct soft_nic *s, u32 ring)
{
	struct soft_nic *peer = os_load_acquire(&s->peer); /* soft_cable() */

	if (peer && !peer->conf.silent)
		rx_visit(peer, rx_of(peer, ring), ~0u);
}

/* The frame at descriptor @d, before @head; *p: its pieces, side by side.
 * Returns how many. */
static u32 frame_at(const struct soft_tx *t, u32 d, struct nm_nic_piece *p)
{
	u32 n = 0;

	do
		p[n] = t->desc[(d + n) & t->mask];
	while (p[n++].flags & NS_MOREFRAG);
	return n;
}

/* Sends whole frames of up to @max pieces; returns how many pieces. */
static u32 run(struct soft_nic *s, u32 ring, u32 max)
{
	struct soft_tx *t = &s->tx[ring];
	u32 head = os_load_acquire(&t->head); /* tx() */
	u32 d = os_load(&t->sent), start = d, n;

	while (d != head) {
		const struct nm_nic_piece *one = &t->desc[d & t->mask];
		struct nm_nic_piece p[NETMAP_MAX_FRAGS];

		n = one->flags & NS_MOREFRAG ? frame_at(t, d, p) : 1;
		if (d - start + n > max)
			break;
		soft_wire_out(s, ring, n > 1 ? p : one, n);
		d += n;
	}
	if (d == start)
		return 0;
	os_store_release(&t->sent, d); /* tx_done() */
	soft_wire_flush(s, ring);
	return d - start;
}

/* What fits, in whole frames. */
static u32 fit(const struct nm_nic_piece *p, u32 n, u32 room)
{
	u32 take = n < room ? n : room;

	while (take && take < n && p[take - 1].flags & NS_MOREFRAG)
		take--;
	return take;
}

static u32 tx(struct nm_nic *nic, u32 ring, const struct nm_nic_piece *p, u32 n)
{
	struct soft_nic *s = soft_of(nic);
	struct soft_tx *t = &s->tx[ring];
	u32 head = os_load(&t->head);
	u32 take = fit(p, n, t->num - (head - t->told));

	for (u32 i = 0; i < take; i++) {
		t->desc[(head + i) & t->mask] = p[i];
		if (p[i].flags & NS_REPORT)
			t->report = head + i + 1;
	}
	os_store_release(&t->head, head + take); /* run() */
	if (!s->conf.manual)
		run(s, ring, ~0u);
	return take;
}

static u32 tx_done(struct nm_nic *nic, u32 ring)
{
	struct soft_nic *s = soft_of(nic);
	struct soft_tx *t = &s->tx[ring];
	u32 sent = os_load_acquire(&t->sent); /* run() */
	u32 n = sent - t->told;

	if (s->conf.lazy && n < t->num / 2) {
		u32 asked = t->report - t->told;

		n = (s32)asked > 0 ? (asked < n ? asked : n) : 0;
	}
	t->told += n;
	return n;
}

u32 soft_tx_run(struct soft_nic *s, u32 ring, u32 n)
{
	struct soft_tx *t = &s->tx[ring];
	unsigned section = os_read_enter();
	struct nm_port *port = os_load_acquire(&t->port); /* start() */

	n = port && !os_load(&s->frozen) ? run(s, ring, n) : 0;
	if (n)
		nm_nic_tx_wake(port, ring);
	os_read_exit(section);
	return n;
}

u32 soft_tx_take(struct soft_nic *s, u32 ring, struct nm_nic_piece *p, u32 n)
{
	struct soft_tx *t = &s->tx[ring];
	u32 head = os_load_acquire(&t->head); /* tx() */
	u32 sent = os_load(&t->sent), have = head - sent;

	n = n < have ? n : have;
	for (u32 i = 0; i < n; i++)
		p[i] = t->desc[(sent + i) & t->mask];
	os_store_release(&t->sent, sent + n); /* tx_done() */
	return n;
}

/* ---- start, stop ---- */

static void tx_empty(struct soft_tx *t)
{
	os_store(&t->head, 0u);
	os_store(&t->sent, 0u);
	t->told = t->report = 0;
}

static int start(struct nm_nic *nic, u32 dir, u32 ring)
{
	struct soft_nic *s = soft_of(nic);
	int err = soft_may_start(s, dir == NM_TX ? "a tx ring" : "an rx ring");

	if (err)
		return err;
	if (dir == NM_TX)
		os_store_release(&s->tx[ring].port, nic->port);
	else
		os_store_release(&s->rx[ring].port, nic->port);
	return 0;
}

static void stop(struct nm_nic *nic, u32 dir, u32 ring)
{
	struct soft_nic *s = soft_of(nic);
	struct nm_port *none = NULL;

	if (dir == NM_TX)
		os_store(&s->tx[ring].port, none);
	else
		os_store(&s->rx[ring].port, none);
	os_read_sync();
	if (dir == NM_TX)
		tx_empty(&s->tx[ring]);
	else
		os_store(&s->rx[ring].tail, os_load(&s->rx[ring].head));
}

void soft_reset(struct soft_nic *s, bool stopped)
{
	if (stopped) {
		os_store(&s->frozen, 1u);
		nm_nic_stopped(s->nic.port, true);
		for (u32 i = 0; i < s->conf.rings[NM_TX]; i++)
			tx_empty(&s->tx[i]);
	} else {
		os_store(&s->frozen, 0u);
		nm_nic_stopped(s->nic.port, false);
	}
}

static void info(struct nm_nic *nic, struct nm_nic_info *i)
{
	struct soft_nic *s = soft_of(nic);

	memcpy(i->rings, s->conf.rings, sizeof(i->rings));
	memcpy(i->slots, s->conf.slots, sizeof(i->slots));
	i->mtu = s->conf.mtu;
	i->frags = s->conf.frags;
	i->up = os_load(&s->link);
}

static void put(struct nm_nic *nic)
{
	(void)nic; /* stays, for the next port */
}

const struct nm_nic_ops soft_wire_ops = {
	.driver = "soft",
	.info = info,
	.start = start,
	.stop = stop,
	.host_start = soft_host_start,
	.host_stop = soft_host_stop,
	.put = put,
	.tx = tx,
	.tx_done = tx_done,
	.rx_poll = rx_poll,
	.inject = soft_inject,
	.inject_end = soft_inject_end,
};

u32 soft_started(const struct soft_nic *s)
{
	u32 n = s->host_port ? 1 : 0;

	for (u32 i = 0; s->wired && i < s->conf.rings[NM_TX]; i++)
		n += s->tx[i].port != NULL;
	for (u32 i = 0; s->wired && i < s->conf.rings[NM_RX]; i++)
		n += s->rx[i].port != NULL;
	return n;
}

void soft_link(struct soft_nic *s, bool up)
{
	os_store(&s->link, (u32)up);
}

/* Nobody sends to an interface that it has been taken off from. */
void soft_cable(struct soft_nic *a, struct soft_nic *b)
{
	struct soft_nic *was = a->peer, *none = NULL;

	if (was) {
		os_store(&was->peer, none);
		os_store(&a->peer, none);
	}
	os_read_sync();
	if (!b)
		return;
	soft_cable(b, NULL);
	os_store_release(&a->peer, b); /* soft_wire_out() */
	os_store_release(&b->peer, a);
}
