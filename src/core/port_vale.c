// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switch ports: made by opening "valeX:name", gone at the last close. */
#include "vale.h"

/* In @region, or in one of its own for @need. */
static int port_make(struct nm_core *core, const char *name,
		     const struct nm_shape *shape, struct nm_region *region,
		     const struct nm_need *need, struct nm_vale_port **out)
{
	struct nm_vale_port *vp = os_alloc(sizeof(*vp));
	struct nm_region *own = NULL;
	int err;

	if (!vp)
		return os_refuse(-ENOMEM, "%s: no memory for the port", name);
	if (!region) {
		err = nm_port_region_create(core, need, &own);
		if (err)
			goto err_free;
		region = own;
	}
	err = nm_port_init(&vp->port, &nm_port_vale, core, name, shape, region);
	if (own)
		nm_region_put(own);
	if (err)
		goto err_free;
	*out = vp;
	return 0;

err_free:
	os_free(vp);
	return err;
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
	need = nm_need_sum(&need, &w->beside);
	err = port_make(w->core, w->name.full, &shape, w->region, &need, &vp);
	if (err)
		return err;
	err = nm_switch_join(w->core, w->name.bridge, vp);
	if (err) {
		nm_port_fini(&vp->port);
		os_free(vp);
		return err;
	}
	nm_port_publish(&vp->port);
	*out = &vp->port;
	return 0;
}

int nm_vale_anchor_create(struct nm_core *core, const char *name,
			  const struct nm_shape *shape,
			  struct nm_region *region, const struct nm_need *need,
			  struct nm_port **out)
{
	struct nm_vale_port *vp;
	int err = port_make(core, name, shape, region, need, &vp);

	if (err)
		return err;
	nm_port_publish(&vp->port);
	*out = &vp->port;
	return 0;
}

static void destroy(struct nm_port *port)
{
	struct nm_vale_port *vp = nm_vale_port(port);

	if (vp->sw)
		nm_switch_leave(vp);
	nm_port_fini(port);
	os_free(vp);
}

static void queue_free(struct nm_queue *q)
{
	if (q->scratch)
		nm_batch_destroy(q->scratch);
	os_free(q->done);
	q->scratch = NULL;
	q->done = NULL;
}

/* Beside its ring, a tx queue needs a batch to forward, an rx queue the marks
 * of finished leases. */
static int start(struct nm_queue *q)
{
	int err;

	if (q->dir == NM_TX)
		q->scratch = nm_batch_create();
	else
		q->done = os_alloc(q->num_slots * sizeof(*q->done));
	if (!q->scratch && !q->done)
		return os_refuse(-ENOMEM,
				 "%s: no memory for a queue of %u slots",
				 q->port->name, q->num_slots);
	err = nm_port_start_ring(q);
	if (err)
		queue_free(q);
	return err;
}

static void stop(struct nm_queue *q)
{
	nm_port_stop_ring(q);
	queue_free(q);
}

const struct nm_port_type nm_port_vale = {
	.name = "vale",
	.create = create,
	.destroy = destroy,
	.start = start,
	.stop = stop,
	.offsets = nm_port_offsets,
	.sync = {nm_vale_txsync, nm_vale_rxsync},
};
