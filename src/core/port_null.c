// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Null ports: rings and buffers of a region, and no traffic. Syncs succeed,
 * nothing moves. For programs that want buffers of somebody else's region.
 */
#include "port.h"

#define RINGS_MAX 256

static const char prefix[] = "null:";

/* Its user's alone: no name finds it. */
static int create(const struct nm_wanted *w, struct nm_port **out)
{
	const struct nmreq_register *reg = w->reg;
	struct nm_shape shape = {
		.rings = {nm_clamp(reg->nr_tx_rings, 0, RINGS_MAX),
			  nm_clamp(reg->nr_rx_rings, 0, RINGS_MAX)},
		.slots = {nm_clamp(reg->nr_tx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX),
			  nm_clamp(reg->nr_rx_slots, NM_SLOTS_DEFAULT,
				   NM_SLOTS_MAX)},
	};
	char full[NM_NAME_LEN] = "";
	struct nm_port *port;
	int err;

	if (reg->nr_mode != NR_REG_NULL)
		return -ENOENT;
	if (!w->region)
		return os_refuse(-EINVAL,
				 "%s: a null port has no region of its own; "
				 "set nr_mem_id",
				 w->name.full);
	memcpy(full, prefix, sizeof(prefix) - 1);
	memcpy(full + sizeof(prefix) - 1, w->name.full,
	       NM_NAME_LEN - sizeof(prefix));
	port = os_alloc(sizeof(*port));
	if (!port)
		return os_refuse(-ENOMEM, "%s: no memory for the port", full);
	err = nm_port_init(port, &nm_port_null, w->core, full, &shape,
			   w->region);
	if (err)
		os_free(port);
	else
		*out = port;
	return err;
}

static void destroy(struct nm_port *port)
{
	nm_port_fini(port);
	os_free(port);
}

static int sync(struct nm_queue *q, struct nm_sync *s)
{
	(void)q;
	(void)s;
	return 0;
}

const struct nm_port_type nm_port_null = {
	.name = "null",
	.create = create,
	.destroy = destroy,
	.start = nm_port_start_ring,
	.stop = nm_port_stop_ring,
	.offsets = nm_port_offsets,
	.sync = {sync, sync},
};
