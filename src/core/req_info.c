// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Requests that look at a port, or a region, and leave nothing behind. */
#include "nic.h"
#include "req.h"
#include "vale_admin.h"
#include "net/netmap_ext.h"

/* The port as REGISTER would find or make it, with the region asked for. */
static int look(struct nm_req *rq, u16 mem_id, struct nm_port **port)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_mem_id = mem_id};

	return nm_port_open(rq->file->core, rq->hdr.nr_name, &reg, NULL, port);
}

static int info_of_region(struct nm_core *core, struct nmreq_port_info_get *b)
{
	struct nm_region *r;
	int err = nm_region_find(core, b->nr_mem_id ? b->nr_mem_id : 1, &r);

	if (err)
		return err;
	b->nr_memsize = r->size;
	b->nr_mem_id = r->id;
	nm_region_put(r);
	return 0;
}

static int info_of_port(struct nm_req *rq, struct nmreq_port_info_get *b)
{
	struct nm_port *p;
	int err = look(rq, b->nr_mem_id, &p);

	if (err)
		return err;
	b->nr_memsize = p->region->size;
	b->nr_tx_slots = p->slots[NM_TX];
	b->nr_rx_slots = p->slots[NM_RX];
	b->nr_tx_rings = (u16)p->rings[NM_TX];
	b->nr_rx_rings = (u16)p->rings[NM_RX];
	b->nr_host_tx_rings = (u16)p->host[NM_TX];
	b->nr_host_rx_rings = (u16)p->host[NM_RX];
	b->nr_mem_id = p->region->id;
	nm_port_put(p);
	return 0;
}

int nm_req_port_info_get(struct nm_req *rq)
{
	struct nmreq_port_info_get *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err;

	nm_core_lock(core);
	err = rq->hdr.nr_name[0] ? info_of_port(rq, b)
				 : info_of_region(core, b);
	nm_core_unlock(core);
	return err;
}

static void fill_pools(struct nmreq_pools_info *b, const struct nm_region *r)
{
	const struct nm_pool *p = r->pool;

	b->nr_memsize = r->size;
	b->nr_mem_id = r->id;
	b->nr_if_pool_offset = p[NM_POOL_IF].offset;
	b->nr_if_pool_objtotal = p[NM_POOL_IF].objtotal;
	b->nr_if_pool_objsize = p[NM_POOL_IF].objsize;
	b->nr_ring_pool_offset = p[NM_POOL_RING].offset;
	b->nr_ring_pool_objtotal = p[NM_POOL_RING].objtotal;
	b->nr_ring_pool_objsize = p[NM_POOL_RING].objsize;
	b->nr_buf_pool_offset = p[NM_POOL_BUF].offset;
	b->nr_buf_pool_objtotal = p[NM_POOL_BUF].objtotal;
	b->nr_buf_pool_objsize = p[NM_POOL_BUF].objsize;
}

int nm_req_pools_info_get(struct nm_req *rq)
{
	struct nmreq_pools_info *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	struct nm_port *p;
	int err;

	nm_core_lock(core);
	err = look(rq, b->nr_mem_id, &p);
	if (!err) {
		fill_pools(b, p->region);
		nm_port_put(p);
	}
	nm_core_unlock(core);
	return err;
}

/* ---- counters ---- */

#define AT(member) __builtin_offsetof(struct nmreq_x_stats, member)

/* Where each counter is told; new ones are told behind all others. */
static const u16 stat_at[NM_STATS] = {
	[NM_STAT_SYNCS] = AT(syncs),
	[NM_STAT_RESETS] = AT(resets),
	[NM_STAT_CONTENDED] = AT(contended),
	[NM_STAT_OFFERED] = AT(offered),
	[NM_STAT_SENT] = AT(sent),
	[NM_STAT_SENT_BYTES] = AT(sent_bytes),
	[NM_STAT_NO_RUNT] = AT(no_runt),
	[NM_STAT_NO_SLOT] = AT(no_slot),
	[NM_STAT_NO_FRAGS] = AT(no_frags),
	[NM_STAT_NO_INDIRECT] = AT(no_indirect),
	[NM_STAT_NO_SELF] = AT(no_self),
	[NM_STAT_NO_PORT] = AT(no_port),
	[NM_STAT_NO_MEMORY] = AT(no_memory),
	[NM_STAT_NO_CLIENT] = AT(no_client),
	[NM_STAT_ATTEMPTED] = AT(attempted),
	[NM_STAT_DELIVERED] = AT(delivered),
	[NM_STAT_DELIVERED_BYTES] = AT(delivered_bytes),
	[NM_STAT_DROP_FULL] = AT(drop_full),
	[NM_STAT_DROP_CLOSED] = AT(drop_closed),
	[NM_STAT_DROP_SLOT] = AT(drop_slot),
	[NM_STAT_DROP_SIZE] = AT(drop_size),
	[NM_STAT_DROP_HEADER] = AT(drop_header),
	[NM_STAT_DROP_MEMORY] = AT(drop_memory),
};

static void add_up(struct nmreq_x_stats *b, const struct nm_queue *q)
{
	for (u32 c = 0; c < NM_STATS; c++) {
		u64 *sum = (u64 *)(void *)((u8 *)b + stat_at[c]);

		*sum += nm_stat_read(q, (enum nm_stat)c);
	}
}

static int fill_stats(struct nmreq_x_stats *b, const struct nm_port *p)
{
	u32 first = b->x_ring, end = first + 1u, rings;

	if (b->x_dir >= NM_DIRS)
		return os_refuse(-EINVAL,
				 "%s: x_dir %u; it is %d (tx) or %d (rx)",
				 p->name, b->x_dir, NETMAP_X_TX, NETMAP_X_RX);
	rings = nm_port_queues(p, b->x_dir);
	if (b->x_ring == NETMAP_X_ALL_RINGS) {
		first = 0;
		end = rings;
	} else if (b->x_ring >= rings) {
		return os_refuse(-EINVAL, "%s: x_ring %u, but there are %u",
				 p->name, b->x_ring, rings);
	}
	b->x_rings = (u16)rings;
	memset((u8 *)b + AT(syncs), 0, sizeof(*b) - AT(syncs));
	for (u32 i = first; i < end; i++)
		add_up(b, &p->queue[b->x_dir][i]);
	return 0;
}

int nm_req_x_stats_get(struct nm_req *rq)
{
	struct nmreq_x_stats *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	struct nm_port *p;
	int err;

	_Static_assert(sizeof(*b) == AT(syncs) + NM_STATS * sizeof(u64),
		       "nm_stat and nmreq_x_stats have the same counters");
	if (rq->hdr.nr_name[NM_NAME_LEN - 1])
		return os_refuse(-EINVAL, "name is longer than %d characters",
				 NM_NAME_LEN - 1);
	nm_core_lock(core);
	p = nm_vale_member(core, rq->hdr.nr_name);
	if (!p)
		p = nm_port_find(core, rq->hdr.nr_name);
	if (!p)
		p = nm_port_find_monitor(core, rq->hdr.nr_name);
	if (p) {
		err = fill_stats(b, p);
		nm_port_put(p);
	} else {
		err = os_refuse(-ENXIO,
				"%s: nobody has a port of that name open",
				rq->hdr.nr_name);
	}
	nm_core_unlock(core);
	b->x_size = (u16)rq->body_len;
	return err;
}

/* ---- the list of ports ---- */

static struct nm_port *port_from(struct nm_core *core, u64 seq)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->all_ports) {
		struct nm_port *p = nm_container(pos, struct nm_port, all);

		if (p->seq >= seq)
			return p;
	}
	return NULL;
}

static u32 most_users(const struct nm_port *p, u32 dir)
{
	u32 most = 0;

	for (u32 i = 0; i < nm_port_queues(p, dir); i++)
		if (p->queue[dir][i].users > most)
			most = p->queue[dir][i].users;
	return most;
}

static void fill_port(struct nm_req *rq, const struct nm_port *p)
{
	struct nmreq_x_port *b = (void *)rq->data;
	size_t len = nm_name_len(p->type->name);

	*b = (struct nmreq_x_port){
		.x_size = (u16)rq->body_len,
		.x_mem_id = p->region->id,
		.x_seq = p->seq,
		.x_memsize = p->region->size,
	};
	memcpy(b->x_kind, p->type->name,
	       len < sizeof(b->x_kind) ? len : sizeof(b->x_kind) - 1);
	if (p->nic) {
		memcpy(b->x_mode, p->nic->mode, sizeof(b->x_mode));
		memcpy(b->x_why, p->nic->why, sizeof(b->x_why));
	}
	for (u32 d = 0; d < NM_DIRS; d++) {
		b->x_rings[d] = p->rings[d];
		b->x_host_rings[d] = p->host[d];
		b->x_slots[d] = p->slots[d];
		b->x_users[d] = most_users(p, d);
	}
	memcpy(rq->hdr.nr_name, p->name, sizeof(rq->hdr.nr_name));
}

int nm_req_x_ports_get(struct nm_req *rq)
{
	struct nm_core *core = rq->file->core;
	struct nm_port *p;
	int err = 0;

	_Static_assert(
		sizeof(p->name) == sizeof(rq->hdr.nr_name) &&
			sizeof(p->nic->mode) ==
				sizeof(((struct nmreq_x_port *)0)->x_mode) &&
			sizeof(p->nic->why) ==
				sizeof(((struct nmreq_x_port *)0)->x_why),
		"names are as long inside as outside");
	nm_core_lock(core);
	p = port_from(core, ((struct nmreq_x_port *)(void *)rq->data)->x_seq);
	if (p)
		fill_port(rq, p);
	else
		err = os_refuse(-ENOENT, "no port has come since");
	nm_core_unlock(core);
	return err;
}
