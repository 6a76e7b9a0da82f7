// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switch ports: made by opening "valeX:name", gone at the last close. */
#include "nic.h"
#include "vale.h"

int nm_vale_port_init(struct nm_vale_port *vp, const struct nm_port_type *type,
		      struct nm_core *core, const char *name,
		      const struct nm_shape *shape, struct nm_region *region,
		      const struct nm_need *need)
{
	struct nm_region *own = NULL;
	int err;

	if (!region) {
		err = nm_port_region_create(core, need, &own);
		if (err)
			return err;
		region = own;
	}
	err = nm_port_init(&vp->port, type, core, name, shape, region);
	if (own)
		nm_region_put(own);
	return err;
}

/* An interface of the system is on a switch only by ATTACH, and then its name
 * there finds it. */
static int name_check(const struct nm_wanted *w)
{
	const char *base = w->name.parent + nm_name_len(w->name.bridge) + 1;
	struct nm_port *port = nm_port_find(w->core, base);

	if (!port && !os_nic_exists(w->core, base))
		return 0;
	if (port)
		nm_port_put(port);
	return os_refuse(-EINVAL, "%s: %s is an interface, not attached to %s",
			 w->name.full, base, w->name.bridge);
}

static int create(const struct nm_wanted *w, struct nm_port **out)
{
	const struct nmreq_register *reg = w->reg;
	struct nm_shape shape = {
		.rings = {nm_clamp(reg->nr_tx_rings, 1, NM_VALE_RINGS_MAX),
			  nm_clamp(reg->nr_rx_rings, 1, NM_VALE_RINGS_MAX)},
		.slots = {nm_clamp(reg->nr_tx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX),
			  nm_clamp(reg->nr_rx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX)},
	};
	struct nm_need need = nm_need_of(
		&shape, nm_clamp(reg->nr_extra_bufs, 0, NM_EXTRA_BUFS_MAX));
	struct nm_vale_port *vp;
	int err;

	if (!w->name.bridge[0])
		return -ENOENT;
	err = name_check(w);
	if (err)
		return err;
	vp = os_alloc(sizeof(*vp));
	if (!vp)
		return os_refuse(-ENOMEM, "%s: no memory for the port",
				 w->name.full);
	need = nm_need_sum(&need, &w->beside);
	err = nm_vale_port_init(vp, &nm_port_vale, w->core, w->name.full,
				&shape, w->region, &need);
	if (err)
		goto err_free;
	err = nm_switch_join(w->core, w->name.bridge, vp);
	if (err)
		goto err_fini;
	nm_port_publish(&vp->port);
	*out = &vp->port;
	return 0;

err_fini:
	nm_port_fini(&vp->port);
err_free:
	os_free(vp);
	return err;
}

static void destroy(struct nm_port *port)
{
	struct nm_vale_port *vp = nm_vale_port(port);

	nm_switch_leave(vp);
	nm_port_fini(port);
	os_free(vp);
}

int nm_vale_gear_create(struct nm_queue *q)
{
	if (q->dir == NM_TX)
		q->scratch = nm_batch_create();
	else
		q->done = os_alloc(q->num_slots * sizeof(*q->done));
	if (q->scratch || q->done)
		return 0;
	return os_refuse(-ENOMEM, "%s: no memory for a queue of %u slots",
			 q->port->name, q->num_slots);
}

void nm_vale_gear_destroy(struct nm_queue *q)
{
	if (q->scratch)
		nm_batch_destroy(q->scratch);
	os_free(q->done);
	q->scratch = NULL;
	q->done = NULL;
}

int nm_vale_start(struct nm_queue *q)
{
	int err = nm_vale_gear_create(q);

	if (err)
		return err;
	err = nm_port_start_ring(q);
	if (err)
		nm_vale_gear_destroy(q);
	return err;
}

void nm_vale_stop(struct nm_queue *q)
{
	nm_port_stop_ring(q);
	nm_vale_gear_destroy(q);
}

const struct nm_port_type nm_port_vale = {
	.name = "vale",
	.create = create,
	.destroy = destroy,
	.start = nm_vale_start,
	.stop = nm_vale_stop,
	.offsets = nm_port_offsets,
	.sync = {nm_vale_txsync, nm_vale_rxsync},
};
