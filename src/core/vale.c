// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vale.h"

/* The two last places are kept back: one operation may need two. */
#define PORTS_USABLE (NM_VALE_PORTS - 2)

struct nm_switch *nm_switch_find(struct nm_core *core, const char *name)
{
	struct nm_list *pos;

	os_mutex_assert_held(&core->lock);
	nm_list_for_each(pos, &core->switches) {
		struct nm_switch *sw =
			nm_container(pos, struct nm_switch, node);

		if (nm_name_is_equal(sw->name, name))
			return sw;
	}
	return NULL;
}

/* The lowest index that no switch has. */
static u32 index_free(struct nm_core *core)
{
	struct nm_list *pos;
	u32 index = 0;

again:
	nm_list_for_each(pos, &core->switches) {
		if (nm_container(pos, struct nm_switch, node)->index == index) {
			index++;
			goto again;
		}
	}
	return index;
}

int nm_switch_make(struct nm_core *core, const char *name,
		   struct nm_switch **out)
{
	struct nm_switch *sw;
	int err;

	if (core->nswitches >= core->params.max_bridges)
		return os_refuse(
			-ENOMEM,
			"%s: there are %u switches already; the parameter "
			"max_bridges says how many there can be",
			name, core->nswitches);
	sw = os_alloc(sizeof(*sw));
	if (!sw)
		return os_refuse(-ENOMEM, "%s: no memory for the switch", name);
	err = nm_fdb_init(&sw->fdb, core->params.vale_stations);
	if (err) {
		os_free(sw);
		return err;
	}
	sw->core = core;
	sw->index = index_free(core);
	memcpy(sw->name, name, nm_name_len(name) + 1);
	nm_list_add_tail(&core->switches, &sw->node);
	core->nswitches++;
	*out = sw;
	return 0;
}

void nm_switch_free(struct nm_switch *sw)
{
	nm_list_del(&sw->node);
	sw->core->nswitches--;
	nm_fdb_fini(&sw->fdb);
	os_free((void *)sw->client);
	os_free(sw);
}

int nm_switch_access(const struct nm_switch *sw, u64 token)
{
	if (!sw->token || sw->token == token)
		return 0;
	return os_refuse(-EACCES,
			 "%s: belongs to its owner; the token is wrong",
			 sw->name);
}

/* The first free place, if there is one and the client agrees. */
static int place_find(const struct nm_switch *sw, const struct nm_vale_port *vp,
		      u32 *index)
{
	const struct nm_switch_client *c = sw->client;
	u32 i = 0;
	int err;

	if (sw->nports >= PORTS_USABLE)
		return os_refuse(-ENOMEM,
				 "%s: has %u ports, as many as a switch can",
				 sw->name, sw->nports);
	while (os_load(&sw->port[i]))
		i++;
	err = c && c->ops.join
		      ? c->ops.join(vp->port.name, vp->attach, i, c->priv)
		      : 0;
	if (err)
		return os_refuse(err, "%s: the owner of %s does not want it",
				 vp->port.name, sw->name);
	*index = i;
	return 0;
}

int nm_switch_join(struct nm_core *core, const char *name,
		   struct nm_vale_port *port)
{
	struct nm_switch *sw = nm_switch_find(core, name);
	bool made = !sw;
	int err;

	if (made) {
		err = nm_switch_make(core, name, &sw);
		if (err)
			return err;
	}
	err = place_find(sw, port, &port->index);
	if (err) {
		if (made)
			nm_switch_free(sw);
		return err;
	}
	port->sw = sw;
	sw->nports++;
	if (port->index >= sw->end)
		os_store(&sw->end, port->index + 1);
	/* Pairs with vale_fwd.c looking up destinations. */
	os_store_release(&sw->port[port->index], port);
	return 0;
}

void nm_switch_leave(struct nm_vale_port *port)
{
	struct nm_switch *sw = port->sw;
	const struct nm_switch_client *c = sw->client;

	os_mutex_assert_held(&sw->core->lock);
	os_store(&sw->port[port->index], (struct nm_vale_port *)NULL);
	os_read_sync();
	nm_fdb_forget(&sw->fdb, port->index);
	port->sw = NULL;
	sw->nports--;
	if (c && c->ops.dtor)
		c->ops.dtor(port->index, c->priv);
	if (!sw->nports && !sw->token)
		nm_switch_free(sw);
}
