// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "port.h"

/* Room in a private region beyond what its first port needs: as many pipes of
 * one ring as a port may have, and other binds. Address space, not memory. */
#define SPARE_PIPES 64
#define SPARE_BINDS 64
#define SPARE_BYTES (1u << 30) /* of buffers, at most */

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* ---- finding ---- */

/* The port behind another of its names. */
static struct nm_port *find_alias(struct nm_core *core, const char *name)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->aliases) {
		struct nm_alias *a = nm_container(pos, struct nm_alias, node);

		if (nm_name_is_equal(a->name, name))
			return nm_port_get(a->port);
	}
	return NULL;
}

static struct nm_port *find(struct nm_list *ports, const char *name)
{
	struct nm_list *pos;

	nm_list_for_each(pos, ports) {
		struct nm_port *p = nm_container(pos, struct nm_port, node);

		if (nm_name_is_equal(p->name, name))
			return nm_port_get(p);
	}
	return NULL;
}

struct nm_port *nm_port_find(struct nm_core *core, const char *name)
{
	struct nm_port *port;

	os_mutex_assert_held(&core->lock);
	port = find(&core->ports, name);
	return port ? port : find_alias(core, name);
}

struct nm_port *nm_port_find_monitor(struct nm_core *core, const char *name)
{
	os_mutex_assert_held(&core->lock);
	return find(&core->monitors, name);
}

/* Asks the types in turn. */
static int port_create(const struct nm_wanted *w, struct nm_port **port)
{
	for (u32 i = 0; nm_port_types[i]; i++) {
		int err = nm_port_types[i]->create(w, port);

		if (err != -ENOENT)
			return err;
	}
	return os_refuse(-ENXIO, "%s: no such interface", w->name.full);
}

static int port_find_or_create(struct nm_wanted *w, const char *full,
			       struct nm_port **port)
{
	int err;

	if (w->reg->nr_mode == NR_REG_NULL) {
		memcpy(w->name.full, full, NM_NAME_LEN - 1);
		return port_create(w, port);
	}
	err = nm_name_parse(&w->name, full);
	if (err)
		return err;
	/* A monitor is a port beside the one that has the name. */
	*port = w->reg->nr_flags & NM_MONITOR_FLAGS
			? NULL
			: nm_port_find(w->core, full);
	return *port ? 0 : port_create(w, port);
}

int nm_port_open(struct nm_core *core, const char name[NM_NAME_LEN],
		 const struct nmreq_register *reg, const struct nm_need *beside,
		 struct nm_port **port)
{
	struct nm_wanted w = {.core = core, .reg = reg};
	int err;

	if (beside)
		w.beside = *beside;
	if (reg->nr_mem_id) {
		err = nm_region_find(core, reg->nr_mem_id, &w.region);
		if (err)
			return err;
	}
	err = port_find_or_create(&w, name, port);
	if (w.region)
		nm_region_put(w.region);
	return err;
}

struct nm_port *nm_port_get(struct nm_port *port)
{
	os_mutex_assert_held(&port->core->lock);
	port->refs++;
	return port;
}

void nm_port_put(struct nm_port *port)
{
	os_mutex_assert_held(&port->core->lock);
	if (!--port->refs)
		port->type->destroy(port);
}

/* ---- making ---- */

static int queues_create(struct nm_port *port, u8 dir)
{
	u32 n = nm_port_queues(port, dir);

	port->queue[dir] = os_alloc((n ? n : 1) * sizeof(struct nm_queue));
	if (!port->queue[dir])
		return -ENOMEM;
	for (u32 i = 0; i < n; i++)
		nm_queue_init(&port->queue[dir][i], port, dir, (u16)i,
			      port->slots[dir]);
	return 0;
}

static void queues_destroy(struct nm_port *port, u8 dir)
{
	for (u32 i = 0; port->queue[dir] && i < nm_port_queues(port, dir); i++)
		nm_queue_fini(&port->queue[dir][i]);
	os_free(port->queue[dir]);
}

int nm_port_init(struct nm_port *port, const struct nm_port_type *type,
		 struct nm_core *core, const char *name,
		 const struct nm_shape *shape, struct nm_region *region)
{
	os_mutex_assert_held(&core->lock);
	port->type = type;
	port->core = core;
	port->refs = 1;
	memcpy(port->name, name, nm_name_len(name) + 1);
	nm_list_init(&port->node);
	nm_list_init(&port->pipes);
	for (u8 d = 0; d < NM_DIRS; d++) {
		port->rings[d] = shape->rings[d];
		port->host[d] = shape->host[d];
		port->slots[d] = shape->slots[d];
	}
	if (queues_create(port, NM_TX) || queues_create(port, NM_RX)) {
		queues_destroy(port, NM_TX);
		queues_destroy(port, NM_RX);
		return os_refuse(-ENOMEM,
				 "%s: no memory for %u tx, %u rx rings", name,
				 shape->rings[NM_TX], shape->rings[NM_RX]);
	}
	for (u8 d = 0; d < NM_DIRS; d++)
		os_wait_init(&port->wait[d]);
	port->region = nm_region_get(region);
	port->seq = ++core->last_port;
	nm_list_add_tail(&core->all_ports, &port->all);
	return 0;
}

void nm_port_fini(struct nm_port *port)
{
	nm_list_del(&port->all);
	nm_list_del(&port->node);
	for (u8 d = 0; d < NM_DIRS; d++) {
		os_wait_fini(&port->wait[d]);
		queues_destroy(port, d);
	}
	nm_region_put(port->region);
}

void nm_port_publish(struct nm_port *port)
{
	os_mutex_assert_held(&port->core->lock);
	nm_list_add_tail(&port->core->ports, &port->node);
}

void nm_alias_publish(struct nm_alias *a, struct nm_port *port,
		      const char *name)
{
	os_mutex_assert_held(&port->core->lock);
	a->port = port;
	memcpy(a->name, name, nm_name_len(name) + 1);
	nm_list_add_tail(&port->core->aliases, &a->node);
}

void nm_alias_end(struct nm_alias *a)
{
	if (a->name[0])
		nm_list_del(&a->node);
	a->name[0] = 0;
}

int nm_port_region_create(struct nm_core *core, const struct nm_need *need,
			  struct nm_region **r)
{
	const struct nm_params *p = &core->params;
	u32 spare = min_u32(2 * SPARE_PIPES * need->slots,
			    SPARE_BYTES / p->priv_buf_size);
	u32 ring_bytes = (nm_ring_bytes(need->slots) + OS_PAGE_SIZE - 1) &
			 ~(u32)(OS_PAGE_SIZE - 1);
	struct nm_geometry g = {
		/* A pipe has two ends, each with one ring per direction; its
		 * receive rings hold no buffers of their own. */
		.num[NM_POOL_IF] =
			max_u32(SPARE_BINDS + 2 * SPARE_PIPES, p->priv_if_num),
		.num[NM_POOL_RING] = max_u32(need->rings + 4 * SPARE_PIPES,
					     p->priv_ring_num),
		.num[NM_POOL_BUF] = max_u32(
			NM_BUF_RESERVED + need->bufs + spare, p->priv_buf_num),
		.size[NM_POOL_IF] =
			max_u32(nm_if_bytes(need->rings + 2), p->priv_if_size),
		.size[NM_POOL_RING] = max_u32(ring_bytes, p->priv_ring_size),
		.size[NM_POOL_BUF] = p->priv_buf_size,
	};

	return nm_region_create(core, &g, r);
}

int nm_port_start_ring(struct nm_queue *q)
{
	return nm_queue_ring_create(q, true);
}

void nm_port_stop_ring(struct nm_queue *q)
{
	nm_queue_ring_destroy(q, true);
}

int nm_port_offsets(struct nm_queue *q, const struct nm_offsets *o)
{
	nm_queue_offsets_set(q, o);
	nm_queue_offsets_fill(q, o->initial);
	return 0;
}
