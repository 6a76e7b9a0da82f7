// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "bind.h"

#define HOST_ENTRIES 1 /* per direction in a software port's record: always 0 */

/* ---- selection ---- */

/* The queues of one direction for ring @id: ring 0 where there are fewer. */
static void select_one(struct nm_bind *b, u32 dir, u32 id)
{
	u32 n = b->port->rings[dir];

	b->first[dir] = id < n ? id : 0;
	b->end[dir] = b->first[dir] + (n ? 1 : 0);
}

static int select_queues(struct nm_bind *b, const struct nmreq_register *reg)
{
	const struct nm_port *p = b->port;
	u32 max = p->rings[NM_TX] > p->rings[NM_RX] ? p->rings[NM_TX]
						    : p->rings[NM_RX];

	switch (reg->nr_mode) {
	case NR_REG_ALL_NIC:
	case NR_REG_NULL:
		b->end[NM_TX] = p->rings[NM_TX];
		b->end[NM_RX] = p->rings[NM_RX];
		break;
	case NR_REG_ONE_NIC:
		if (reg->nr_ringid >= max)
			return os_refuse(-EINVAL, "%s: ring %u of %u", p->name,
					 reg->nr_ringid, max);
		select_one(b, NM_TX, reg->nr_ringid);
		select_one(b, NM_RX, reg->nr_ringid);
		b->one_ring = true;
		break;
	case NR_REG_SW:
	case NR_REG_NIC_SW:
	case NR_REG_ONE_SW:
		return os_refuse(-EINVAL, "%s: a %s port has no host rings",
				 p->name, p->type->name);
	default:
		return os_refuse(-EINVAL, "%s: nr_mode %u", p->name,
				 reg->nr_mode);
	}
	if (reg->nr_flags & NR_RX_RINGS_ONLY)
		b->first[NM_TX] = b->end[NM_TX] = 0;
	if (reg->nr_flags & NR_TX_RINGS_ONLY)
		b->first[NM_RX] = b->end[NM_RX] = 0;
	return 0;
}

static int check_exclusive(const struct nm_bind *b)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		for (u32 i = b->first[d]; i < b->end[d]; i++) {
			const struct nm_queue *q = nm_bind_queue(b, d, i);

			if (q->exclusive || (b->exclusive && q->users))
				return os_refuse(
					-EBUSY, "%s: %s ring %u is in use%s",
					b->port->name, d == NM_TX ? "tx" : "rx",
					i, q->exclusive ? " exclusively" : "");
		}
	}
	return 0;
}

/* ---- queues: receive before transmit, so that a new port's buffers ascend
 * in that order ---- */

static int queue_get(struct nm_bind *b, struct nm_queue *q)
{
	int err;

	if (!q->users) {
		err = b->port->type->start(q);
		if (err)
			return err;
		nm_queue_activate(q);
	}
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
			nm_queue_deactivate(q);
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

static u32 selected(const struct nm_bind *b)
{
	return b->end[NM_TX] - b->first[NM_TX] + b->end[NM_RX] -
	       b->first[NM_RX];
}

static int queues_get(struct nm_bind *b)
{
	u32 n = 0;
	int err;

	for (u32 d = NM_DIRS; d-- > 0;) {
		for (u32 i = b->first[d]; i < b->end[d]; i++, n++) {
			err = queue_get(b, nm_bind_queue(b, d, i));
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
	*(u32 *)&b->nifp->ni_host_tx_rings = HOST_ENTRIES;
	*(u32 *)&b->nifp->ni_host_rx_rings = HOST_ENTRIES;
	for (u32 d = 0; d < NM_DIRS; d++) {
		for (u32 i = b->first[d]; i < b->end[d]; i++)
			ofs[i] = (s64)(nm_region_offset(
					       p->region, NM_POOL_RING,
					       nm_bind_queue(b, d, i)->ring) -
				       at);
		ofs += p->rings[d] + HOST_ENTRIES;
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
	reg->nr_host_tx_rings = 0;
	reg->nr_host_rx_rings = 0;
	reg->nr_mem_id = p->region->id;
}

/* ---- open, close ---- */

static u32 record_bytes(const struct nm_port *p)
{
	return nm_if_bytes(p->rings[NM_TX] + p->rings[NM_RX] +
			   2 * HOST_ENTRIES);
}

int nm_bind_open(struct nm_bind *b, struct nm_port *port,
		 struct nmreq_register *reg)
{
	void *record;
	int err;

	os_mutex_assert_held(&port->core->lock);
	*b = (struct nm_bind){
		.port = port,
		.flags = reg->nr_flags,
		.exclusive = reg->nr_flags & NR_EXCLUSIVE,
	};
	err = select_queues(b, reg);
	if (err)
		return err;
	err = check_exclusive(b);
	if (err)
		return err;
	err = nm_region_alloc(port->region, NM_POOL_IF, record_bytes(port),
			      &record);
	if (err)
		return err;
	b->nifp = record;
	err = queues_get(b);
	if (err) {
		nm_region_free(port->region, NM_POOL_IF, record);
		return err;
	}
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
	queues_put(b, selected(b));
	nm_region_free(port->region, NM_POOL_IF, b->nifp);
	nm_port_put(port);
}
