// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vale.h"

/* The two last places are kept back: one operation may need two. */
#define PORTS_USABLE (NM_VALE_PORTS - 2)

static struct nm_switch *switch_find(struct nm_core *core, const char *name)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->switches) {
		struct nm_switch *sw =
			nm_container(pos, struct nm_switch, node);

		if (nm_name_is_equal(sw->name, name))
			return sw;
	}
	return NULL;
}

static int switch_create(struct nm_core *core, const char *name,
			 struct nm_switch **out)
{
	struct nm_switch *sw;
	int err;

	if (core->nswitches >= core->params.max_bridges)
		return os_refuse(
			-ENOMEM, "%s: there are %u switches (max_bridges %u)",
			name, core->nswitches, core->params.max_bridges);
	sw = os_alloc(sizeof(*sw));
	if (!sw)
		return os_refuse(-ENOMEM, "%s: no memory for the switch", name);
	err = nm_fdb_init(&sw->fdb, core->params.vale_stations);
	if (err) {
		os_free(sw);
		return err;
	}
	sw->core = core;
	memcpy(sw->name, name, nm_name_len(name) + 1);
	nm_list_add_tail(&core->switches, &sw->node);
	core->nswitches++;
	*out = sw;
	return 0;
}

static void switch_destroy(struct nm_switch *sw)
{
	nm_list_del(&sw->node);
	sw->core->nswitches--;
	nm_fdb_fini(&sw->fdb);
	os_free(sw);
}

int nm_switch_join(struct nm_core *core, const char *name,
		   struct nm_vale_port *port)
{
	struct nm_switch *sw = switch_find(core, name);
	u32 i = 0;
	int err;

	os_mutex_assert_held(&core->lock);
	if (!sw) {
		err = switch_create(core, name, &sw);
		if (err)
			return err;
	}
	if (sw->nports >= PORTS_USABLE)
		return os_refuse(-ENOMEM, "%s: has %u ports, as many as it can",
				 name, sw->nports);
	while (sw->port[i])
		i++;
	port->sw = sw;
	port->index = i;
	sw->nports++;
	/* Pairs with vale_fwd.c looking up destinations. */
	os_store_release(&sw->port[i], port);
	return 0;
}

void nm_switch_leave(struct nm_vale_port *port)
{
	struct nm_switch *sw = port->sw;

	os_mutex_assert_held(&sw->core->lock);
	os_store(&sw->port[port->index], (struct nm_vale_port *)NULL);
	os_read_sync();
	nm_fdb_forget(&sw->fdb, port->index);
	port->sw = NULL;
	if (!--sw->nports)
		switch_destroy(sw);
}
