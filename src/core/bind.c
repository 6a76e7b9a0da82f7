// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "bind.h"
#include "tap.h"

/* Entries for host rings in a record. A port without them has one, always 0. */
static u32 host_entries(const struct nm_port *p, u32 dir)
{
	return p->host[dir] ? p->host[dir] : 1;
}

/* ---- selection ---- */

/* Ring @id of @n[] that begin at queue @base[], in both directions; ring 0
 * where there are fewer. */
static int select_one(struct nm_bind *b, const u32 base[NM_DIRS],
		      const u32 n[NM_DIRS], u32 id)
{
	u32 max = n[NM_TX] > n[NM_RX] ? n[NM_TX] : n[NM_RX];

	if (id >= max)
		return os_refuse(-EINVAL,
				 "%s: nr_ringid %u, but it has %u rings; they "
				 "are numbered from 0",
				 b->port->name, id, max);
	for (u32 d = 0; d < NM_DIRS; d++) {
		b->first[d] = base[d] + (id < n[d] ? id : 0);
		b->end[d] = b->first[d] + (n[d] ? 1 : 0);
	}
	b->one_ring = true;
	return 0;
}

/* Directions that the client does not want. */
static void select_dirs(struct nm_bind *b, u64 flags)
{
	if (flags & NR_RX_RINGS_ONLY)
		b->first[NM_TX] = b->end[NM_TX] = 0;
	if (flags & NR_TX_RINGS_ONLY)
		b->first[NM_RX] = b->end[NM_RX] = 0;
}

int nm_bind_select(struct nm_bind *b, const struct nmreq_register *reg)
{
	static const u32 none[NM_DIRS];
	const struct nm_port *p = b->port;
	u32 mode = reg->nr_mode;
	bool sw = mode == NR_REG_SW || mode == NR_REG_NIC_SW ||
		  mode == NR_REG_ONE_SW;
	int err = 0;

	if (sw && !p->host[NM_TX] && !p->host[NM_RX])
		return os_refuse(-EINVAL,
				 "%s: nr_mode %u asks for host rings, and a %s "
				 "port has none",
				 p->name, mode, p->type->name);
	switch (mode) {
	case NR_REG_ALL_NIC:
	case NR_REG_NULL:
		memcpy(b->end, p->rings, sizeof(b->end));
		break;
	case NR_REG_SW:
		memcpy(b->first, p->rings, sizeof(b->first));
		__attribute__((__fallthrough__));
	case NR_REG_NIC_SW:
		for (u32 d = 0; d < NM_DIRS; d++)
			b->end[d] = nm_port_queues(p, d);
		break;
	case NR_REG_ONE_NIC:
		err = select_one(b, none, p->rings, reg->nr_ringid);
		break;
	case NR_REG_ONE_SW:
		err = select_one(b, p->rings, p->host, reg->nr_ringid);
		break;
	default:
		return os_refuse(-EINVAL,
				 "%s: nr_mode %u is none; %d binds all rings, "
				 "%d one",
				 p->name, mode, NR_REG_ALL_NIC, NR_REG_ONE_NIC);
	}
	if (!err)
		select_dirs(b, reg->nr_flags);
	return err;
}

static int refuse_busy(const struct nm_queue *q)
{
	const char *dir = q->dir == NM_TX ? "tx" : "rx";

	if (q->exclusive)
		return os_refuse(-EBUSY,
				 "%s: %s ring %u was opened by another with "
				 "NR_EXCLUSIVE",
				 q->port->name, dir, q->id);
	return os_refuse(-EBUSY,
			 "%s: NR_EXCLUSIVE, but %s ring %u has %u users "
			 "already",
			 q->port->name, dir, q->id, q->users);
}

static int check_exclusive(const struct nm_bind *b)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		for (u32 i = b->first[d]; i < b->end[d]; i++) {
			const struct nm_queue *q = nm_bind_queue(b, d, i);

			if (q->exclusive || (b->exclusive && q->users))
				return refuse_busy(q);
		}
	}
	return 0;
}

/* ---- queues: receive before transmit, so that a new port's buffers ascend
 * in that order ---- */

/* The first user: offsets hold before producers come. */
static int queue_start(struct nm_queue *q, const struct nm_offsets *ofs)
{
	const struct nm_port_type *type = q->port->type;
	int err = type->start(q);

	if (err)
		return err;
	if (ofs) {
		err = type->offsets(q, ofs);
		if (err) {
			type->stop(q);
			return err;
		}
	}
	nm_queue_activate(q);
	return 0;
}

static int queue_get(struct nm_bind *b, struct nm_queue *q,
		     const struct nm_offsets *ofs)
{
	int err = 0;

	if (!q->users)
		err = queue_start(q, ofs);
	else if (ofs)
		err = nm_queue_offsets_check(q, ofs);
	if (err)
		return err;
	q->users++;
	q->exclusive = b->exclusive;
	return 0;
}

/* Gives up the first @n selected queues: producers are sent away first, all at
 * once, then the rings go. */
static void queues_put(struct nm_bind *b, u32 n)
{
	struct nm_queue *q;
	bool idle = false;
	u32 left = n;

	for (u32 d = NM_DIRS; d-- > 0;) {
		for (u32 i = b->first[d]; i < b->end[d] && left; i++, left--) {
			q = nm_bind_queue(b, d, i);
			q->exclusive = false;
			if (--q->users)
				continue;
			os_store(&q->in_ring, false);
			nm_queue_deactivate(q);
			nm_taps_end(q);
			idle = true;
		}
	}
	if (!idle)
		return;
	os_read_sync();
	for (u32 d = NM_DIRS; d-- > 0;) {
		for (u32 i = b->first[d]; i < b->end[d] && n; i++, n--) {
			q = nm_bind_queue(b, d, i);
			if (!q->users)
				b->port->type->stop(q);
		}
	}
}

static int queues_get(struct nm_bind *b, const struct nm_offsets *ofs)
{
	u32 n = 0;
	int err;

	for (u32 d = NM_DIRS; d-- > 0;) {
		for (u32 i = b->first[d]; i < b->end[d]; i++, n++) {
			err = queue_get(b, nm_bind_queue(b, d, i), ofs);
			if (err) {
				queues_put(b, n);
				return err;
			}
		}
	}
	return 0;
}

/* ---- the interface record ---- */

/* Const in the interface, since clients only read it. */
static void describe(struct nm_bind *b)
{
	const struct nm_port *p = b->port;
	u64 at = nm_bind_offset(b);
	s64 *ofs = (s64 *)b->nifp->ring_ofs;
	size_t len = nm_name_len(p->name);

	if (len >= IFNAMSIZ)
		len = IFNAMSIZ - 1;
	memcpy(b->nifp->ni_name, p->name, len);
	*(u32 *)&b->nifp->ni_flags = p->region->id == 1 ? 0 : NI_PRIV_MEM;
	*(u32 *)&b->nifp->ni_tx_rings = p->rings[NM_TX];
	*(u32 *)&b->nifp->ni_rx_rings = p->rings[NM_RX];
	*(u32 *)&b->nifp->ni_host_tx_rings = host_entries(p, NM_TX);
	*(u32 *)&b->nifp->ni_host_rx_rings = host_entries(p, NM_RX);
	for (u32 d = 0; d < NM_DIRS; d++) {
		for (u32 i = b->first[d]; i < b->end[d]; i++)
			ofs[i] = (s64)(nm_region_offset(
					       p->region, NM_POOL_RING,
					       nm_bind_queue(b, d, i)->ring) -
				       at);
		ofs += p->rings[d] + host_entries(p, d);
	}
}

u64 nm_bind_offset(const struct nm_bind *b)
{
	return nm_region_offset(b->port->region, NM_POOL_IF, b->nifp);
}

static void reply(const struct nm_bind *b, struct nmreq_register *reg)
{
	const struct nm_port *p = b->port;

	reg->nr_offset = nm_bind_offset(b);
	reg->nr_memsize = p->region->size;
	reg->nr_tx_slots = p->slots[NM_TX];
	reg->nr_rx_slots = p->slots[NM_RX];
	reg->nr_tx_rings = (u16)p->rings[NM_TX];
	reg->nr_rx_rings = (u16)p->rings[NM_RX];
	reg->nr_host_tx_rings = (u16)p->host[NM_TX];
	reg->nr_host_rx_rings = (u16)p->host[NM_RX];
	reg->nr_mem_id = p->region->id;
}

/* ---- open, close ---- */

static u32 record_bytes(const struct nm_port *p)
{
	return nm_if_bytes(p->rings[NM_TX] + host_entries(p, NM_TX) +
			   p->rings[NM_RX] + host_entries(p, NM_RX));
}

int nm_bind_open(struct nm_bind *b, struct nm_port *port,
		 struct nmreq_register *reg, const struct nm_offsets *ofs)
{
	void *record;
	int err;

	os_mutex_assert_held(&port->core->lock);
	*b = (struct nm_bind){
		.port = port,
		.flags = reg->nr_flags,
		.exclusive = reg->nr_flags & NR_EXCLUSIVE,
	};
	if (ofs && !port->type->offsets)
		return os_refuse(-EOPNOTSUPP, "%s: a %s port has no offsets",
				 port->name, port->type->name);
	err = nm_bind_select(b, reg);
	if (err)
		return err;
	if (port->wrapper)
		return os_refuse(-EBUSY, "%s: is on a switch, as %s",
				 port->name, port->wrapper->name);
	err = check_exclusive(b);
	if (err)
		return err;
	err = nm_region_alloc(port->region, NM_POOL_IF, record_bytes(port),
			      &record);
	if (err)
		return err;
	b->nifp = record;
	err = queues_get(b, ofs);
	if (err) {
		nm_region_free(port->region, NM_POOL_IF, record);
		return err;
	}
	port->region->binds++;
	reg->nr_extra_bufs = nm_region_chain_alloc(
		port->region,
		nm_clamp(reg->nr_extra_bufs, 0, NM_EXTRA_BUFS_MAX),
		&b->nifp->ni_bufs_head);
	describe(b);
	reply(b, reg);
	return 0;
}

void nm_bind_close(struct nm_bind *b)
{
	struct nm_port *port = b->port;

	os_mutex_assert_held(&port->core->lock);
	nm_region_chain_free(port->region, os_load(&b->nifp->ni_bufs_head));
	queues_put(b, nm_bind_selected(b));
	nm_region_free(port->region, NM_POOL_IF, b->nifp);
	if (b->csb)
		nm_csb_destroy(b->csb);
	/* No ring is left, and mappings would hold the bind. */
	if (!--port->region->binds)
		os_mem_forget(port->region->mem);
	nm_port_put(port);
}

void nm_bind_csb_init(const struct nm_bind *b, struct nm_csb *csb)
{
	os_mutex_assert_held(&b->port->core->lock);
	nm_bind_in_rings(b, false);
	for (u32 i = 0; i < csb->n; i++)
		nm_csb_init(csb, i, nm_bind_nth(b, i));
}

void nm_bind_in_rings(const struct nm_bind *b, bool late)
{
	os_mutex_assert_held(&b->port->core->lock);
	for (u32 i = 0; i < nm_bind_selected(b); i++)
		os_store(&nm_bind_nth(b, i)->in_ring, late);
}
