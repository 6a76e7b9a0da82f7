// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Persistent ports: switch ports that exist without users, each with an
 * interface of the system. Made by NEWIF and ended by DELIF, or made for pipes
 * whose parent nobody has, and ended with the last of them.
 *
 *      program --- own rings ---> the switch it is on, if it is on one
 *      program --- host rings --> the system's stack
 */
#include "nic.h"
#include "vale_admin.h"

/* Made by NEWIF at once: they outlive who made them, and hold memory. */
#define KEPT_MAX 1024

/* ---- life ---- */

/* @name, which names nothing yet. Returns one reference in *out. */
static int vi_create(struct nm_core *core, const char *name,
		     const struct nm_shape *shape, struct nm_region *region,
		     const struct nm_need *need, struct nm_vi **out)
{
	struct nm_vi *vi = os_alloc(sizeof(*vi));
	int err;

	if (!vi)
		return os_refuse(-ENOMEM, "%s: no memory for the port", name);
	err = nm_vale_port_init(&vi->vp, &nm_port_vi, core, name, shape, region,
				need);
	if (err)
		goto err_free;
	err = os_nic_create(core, name, &vi->vp.port, &vi->vp.port.nic);
	if (err)
		goto err_fini;
	nm_port_publish(&vi->vp.port);
	*out = vi;
	return 0;

err_fini:
	nm_port_fini(&vi->vp.port);
err_free:
	os_free(vi);
	return err;
}

static void destroy(struct nm_port *port)
{
	struct nm_nic *nic = port->nic;

	if (nic) {
		port->nic = NULL;
		nic->port = NULL;
		nic->ops->put(nic);
	}
	nm_port_fini(port);
	os_free(nm_vi_of(port));
}

static int start(struct nm_queue *q)
{
	if (!nm_queue_is_host(q))
		return nm_vale_start(q);
	if (!q->port->nic)
		return os_refuse(-ENXIO, "%s: the interface is gone",
				 q->port->name);
	return nm_host_start(q);
}

static void stop(struct nm_queue *q)
{
	if (nm_queue_is_host(q))
		nm_host_stop(q);
	else
		nm_vale_stop(q);
}

static int txsync(struct nm_queue *q, struct nm_sync *s)
{
	return nm_queue_is_host(q) ? nm_host_txsync(q, s)
				   : nm_vale_txsync(q, s);
}

static int rxsync(struct nm_queue *q, struct nm_sync *s)
{
	return nm_queue_is_host(q) ? nm_host_rxsync(q, s)
				   : nm_vale_rxsync(q, s);
}

/* Made by requests, not by being opened. */
static int create(const struct nm_wanted *w, struct nm_port **out)
{
	(void)w;
	(void)out;
	return -ENOENT;
}

const struct nm_port_type nm_port_vi = {
	.name = "persistent",
	.create = create,
	.destroy = destroy,
	.start = start,
	.stop = stop,
	.offsets = nm_port_offsets,
	.sync = {txsync, rxsync},
};

int nm_vale_anchor_create(struct nm_core *core, const char *name,
			  const struct nm_shape *shape,
			  struct nm_region *region, const struct nm_need *need,
			  struct nm_port **out)
{
	struct nm_vi *vi;
	int err = vi_create(core, name, shape, region, need, &vi);

	if (!err)
		*out = &vi->vp.port;
	return err;
}

/* ---- NEWIF, DELIF ---- */

static int name_check(struct nm_core *core, const char name[NM_NAME_LEN])
{
	struct nm_port *port;
	size_t len = nm_name_len(name);

	if (!len || len >= IFNAMSIZ)
		return os_refuse(-EINVAL,
				 "an interface name has 1..%d characters",
				 IFNAMSIZ - 1);
	if (!memcmp(name, "val", 3))
		return os_refuse(-EINVAL, "%s: is for switches", name);
	for (size_t i = 0; i < len; i++)
		if (name[i] == '{' || name[i] == '}')
			return os_refuse(-EINVAL, "%s: is for pipes", name);
	port = nm_port_find(core, name);
	if (port)
		nm_port_put(port);
	if (port || os_nic_exists(core, name))
		return os_refuse(-EEXIST, "%s: exists", name);
	return 0;
}

static u32 kept(struct nm_core *core)
{
	struct nm_list *pos;
	u32 n = 0;

	nm_list_for_each(pos, &core->ports) {
		struct nm_port *port = nm_container(pos, struct nm_port, node);

		n += port->type == &nm_port_vi && nm_vi_of(port)->kept;
	}
	return n;
}

static int newif(struct nm_core *core, const char *name,
		 struct nmreq_vale_newif *b, struct nm_region *region)
{
	struct nm_shape shape = {
		.rings = {nm_clamp(b->nr_tx_rings, 1, NM_VALE_RINGS_MAX),
			  nm_clamp(b->nr_rx_rings, 1, NM_VALE_RINGS_MAX)},
		.host = {1, 1},
		.slots = {nm_clamp(b->nr_tx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX),
			  nm_clamp(b->nr_rx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX)},
	};
	struct nm_need need = nm_need_of(&shape, 0);
	struct nm_vi *vi;
	int err = vi_create(core, name, &shape, region, &need, &vi);

	if (err)
		return err;
	vi->kept = true;
	b->nr_tx_rings = (u16)shape.rings[NM_TX];
	b->nr_rx_rings = (u16)shape.rings[NM_RX];
	b->nr_tx_slots = shape.slots[NM_TX];
	b->nr_rx_slots = shape.slots[NM_RX];
	b->nr_mem_id = vi->vp.port.region->id;
	return 0;
}

int nm_vi_newif(struct nm_core *core, const char name[NM_NAME_LEN],
		struct nmreq_vale_newif *b)
{
	struct nm_region *region = NULL;
	int err = name_check(core, name);

	if (err)
		return err;
	if (kept(core) >= KEPT_MAX)
		return os_refuse(-ENOSPC,
				 "%s: there are %d persistent ports and no "
				 "more can be: DELIF ends one",
				 name, KEPT_MAX);
	if (b->nr_mem_id) {
		err = nm_region_find(core, b->nr_mem_id, &region);
		if (err)
			return err;
	}
	err = newif(core, name, b, region);
	if (region)
		nm_region_put(region);
	return err;
}

/* @port is found by its name, with a reference. */
static int delif(struct nm_port *port)
{
	if (port->type != &nm_port_vi || !nm_vi_of(port)->kept)
		return os_refuse(-EINVAL, "%s: not made by NEWIF", port->name);
	if (port->refs > 2)
		return os_refuse(-EBUSY, "%s: is attached, or in use",
				 port->name);
	nm_vi_of(port)->kept = false;
	nm_port_put(port); /* the last is the caller's */
	return 0;
}

int nm_vi_delif(struct nm_core *core, const char name[NM_NAME_LEN])
{
	struct nm_port *port;
	int err;

	if (name[NM_NAME_LEN - 1])
		return os_refuse(-EINVAL, "name is longer than %d characters",
				 NM_NAME_LEN - 1);
	port = nm_port_find(core, name);
	if (!port && os_nic_exists(core, name))
		return os_refuse(-EINVAL, "%s: not made by NEWIF", name);
	if (!port)
		return os_refuse(-ENXIO, "%s: no such interface", name);
	err = delif(port);
	nm_port_put(port);
	return err;
}

/* ---- on a switch ---- */

/* Syncs of @n tx rings, which know the switch, are let go on. */
static void release(struct nm_port *port, u32 n)
{
	while (n)
		nm_queue_unhold(&port->queue[NM_TX][--n]);
}

/* Its tx syncs stand still: what switch they are for may change. */
static int hold(struct nm_port *port)
{
	for (u32 i = 0; i < port->rings[NM_TX]; i++) {
		int err = nm_queue_hold(&port->queue[NM_TX][i]);

		if (err) {
			release(port, i);
			return err;
		}
	}
	return 0;
}

int nm_vi_join(struct nm_vi *vi, const char *bridge, const char *name)
{
	struct nm_port *port = &vi->vp.port;
	int err;

	err = hold(port);
	if (err)
		return err;
	vi->vp.attach = true;
	nm_alias_publish(&vi->vp.alias, port, name);
	err = nm_switch_join(port->core, bridge, &vi->vp);
	if (err)
		nm_alias_end(&vi->vp.alias);
	release(port, port->rings[NM_TX]);
	return err;
}

int nm_vi_leave(struct nm_vi *vi)
{
	struct nm_port *port = &vi->vp.port;
	int err = hold(port);

	if (err)
		return err;
	nm_switch_leave(&vi->vp);
	nm_alias_end(&vi->vp.alias);
	release(port, port->rings[NM_TX]);
	return 0;
}
