// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "client.h"
#include "vale_admin.h"

/* Bridge part of "valeX" or "valeX:anything". -EINVAL. */
static int bridge_parse(const char *name, char bridge[IFNAMSIZ])
{
	char full[NM_NAME_LEN] = "";
	struct nm_name n;
	size_t len = 0;

	while (len < IFNAMSIZ && name[len] && name[len] != ':')
		len++;
	memcpy(full, name, len);
	memcpy(full + len, ":x", 2);
	if (nm_name_parse(&n, full) || !n.bridge[0] || n.pipe_role)
		return os_refuse(-EINVAL,
				 "%s: not the name of a switch (vale and "
				 "letters, digits, underscores; 15 in all)",
				 full);
	memcpy(bridge, n.bridge, IFNAMSIZ);
	return 0;
}

/* The switch of @name if @token is good for it; @none: there is no such
 * switch. */
static int switch_get(struct nm_core *core, const char *name, u64 token,
		      int none, struct nm_switch **sw)
{
	char bridge[IFNAMSIZ];
	int err = bridge_parse(name, bridge);

	*sw = err ? NULL : nm_switch_find(core, bridge);
	if (!*sw)
		return os_refuse(none, "%s: there is no such switch", name);
	return nm_switch_access(*sw, token);
}

/* ---- owning ---- */

static int create(struct nm_core *core, const char *name, u64 *token)
{
	struct nm_switch *sw;
	char bridge[IFNAMSIZ];
	int err = bridge_parse(name, bridge);

	if (err)
		return err;
	if (nm_switch_find(core, bridge))
		return os_refuse(-EEXIST, "%s: there is a switch of that name",
				 bridge);
	err = nm_switch_make(core, bridge, &sw);
	if (err)
		return err;
	while (!sw->token)
		sw->token = os_random();
	*token = sw->token;
	return 0;
}

int nm_switch_create(struct nm_core *core, const char *name, u64 *token)
{
	int err;

	nm_core_lock(core);
	err = create(core, name, token);
	nm_core_unlock(core);
	return err;
}

static int destroy(struct nm_core *core, const char *name, u64 token)
{
	struct nm_switch *sw;
	int err = switch_get(core, name, token, -ENXIO, &sw);

	if (err)
		return err;
	if (!sw->token)
		return os_refuse(-EINVAL,
				 "%s: was not made by an owner; it ends with "
				 "its last port",
				 sw->name);
	if (sw->nports)
		return os_refuse(-EBUSY, "%s: has %u ports still", sw->name,
				 sw->nports);
	nm_switch_free(sw);
	return 0;
}

int nm_switch_destroy(struct nm_core *core, const char *name, u64 token)
{
	int err;

	nm_core_lock(core);
	err = destroy(core, name, token);
	nm_core_unlock(core);
	return err;
}

/* ---- operations ---- */

/* Readers (lookup) have the old one or the new; the old is freed when none has
 * it any more. Takes @new, which may be NULL. */
static void client_swap(struct nm_switch *sw, struct nm_switch_client *new)
{
	const struct nm_switch_client *old = sw->client;

	/* Pairs with the look-up of a destination. */
	os_store_release(&sw->client, (const struct nm_switch_client *)new);
	os_read_sync();
	os_free((void *)old);
}

/* A copy of the switch's client, or an empty one. */
static int client_copy(const struct nm_switch *sw,
		       struct nm_switch_client **copy)
{
	struct nm_switch_client *c = os_alloc(sizeof(*c));

	if (!c)
		return os_refuse(-ENOMEM, "%s: no memory for operations",
				 sw->name);
	if (sw->client)
		*c = *sw->client;
	*copy = c;
	return 0;
}

static void ops_merge(struct nm_switch_ops *to, const struct nm_switch_ops *ops)
{
	if (ops->lookup)
		to->lookup = ops->lookup;
	if (ops->config)
		to->config = ops->config;
	if (ops->join)
		to->join = ops->join;
	if (ops->dtor)
		to->dtor = ops->dtor;
}

static int set_ops(struct nm_core *core, const char *name,
		   const struct nm_switch_ops *ops, void *priv, u64 token)
{
	struct nm_switch_client *new = NULL;
	struct nm_switch *sw;
	int err = switch_get(core, name, token, -ENXIO, &sw);

	if (err)
		return err;
	if (ops) {
		err = client_copy(sw, &new);
		if (err)
			return err;
		ops_merge(&new->ops, ops);
		new->priv = priv;
	}
	client_swap(sw, new);
	for (u32 i = 0; !ops && i < NM_VALE_PORTS; i++)
		nm_fdb_forget(&sw->fdb, i);
	return 0;
}

int nm_switch_set_ops(struct nm_core *core, const char *name,
		      const struct nm_switch_ops *ops, void *priv, u64 token)
{
	int err;

	nm_core_lock(core);
	err = set_ops(core, name, ops, priv, token);
	nm_core_unlock(core);
	return err;
}

static int update(struct nm_core *core, const char *name,
		  int (*fn)(void **priv, void *arg), void *arg, u64 token)
{
	struct nm_switch_client *new;
	struct nm_switch *sw;
	int err = switch_get(core, name, token, -EINVAL, &sw);

	if (err)
		return err;
	if (!sw->client)
		return os_refuse(-EINVAL,
				 "%s: has no operations, so no private data",
				 sw->name);
	err = client_copy(sw, &new);
	if (err)
		return err;
	err = fn(&new->priv, arg);
	if (err)
		os_free(new);
	else
		client_swap(sw, new);
	return err;
}

int nm_switch_update(struct nm_core *core, const char *name,
		     int (*fn)(void **priv, void *arg), void *arg, u64 token)
{
	int err;

	nm_core_lock(core);
	err = update(core, name, fn, arg, token);
	nm_core_unlock(core);
	return err;
}

/* ---- NIOCCONFIG ---- */

static int client_config(const struct nm_switch_client *c, const char *name,
			 u8 data[NM_IFRDATA_LEN])
{
	int err = c->ops.config(data, c->priv);

	return err ? os_refuse(err, "%s: the owner of the switch refuses", name)
		   : 0;
}

int nm_switch_config(struct nm_core *core, const char *name,
		     u8 data[NM_IFRDATA_LEN])
{
	const struct nm_switch_client *c;
	struct nm_switch *sw;
	char bridge[IFNAMSIZ];
	int err;

	nm_core_lock(core);
	err = bridge_parse(name, bridge);
	sw = err ? NULL : nm_switch_find(core, bridge);
	c = sw ? sw->client : NULL;
	if (c && c->ops.config)
		err = client_config(c, name, data);
	else
		err = os_refuse(-EINVAL, "%s: NIOCCONFIG, but %s", name,
				sw ? "the switch has no owner that listens"
				   : "that is no port of a switch");
	nm_core_unlock(core);
	return err;
}

/* ---- requests ---- */

int nm_switch_attach(struct nm_core *core, const char name[NM_NAME_LEN],
		     const struct nmreq_register *reg, u64 token, u32 *index)
{
	int err;

	nm_core_lock(core);
	err = nm_vale_attach(core, name, reg, token, index);
	nm_core_unlock(core);
	return err;
}

int nm_switch_detach(struct nm_core *core, const char name[NM_NAME_LEN],
		     u64 token, u32 *index)
{
	int err;

	nm_core_lock(core);
	err = nm_vale_detach(core, name, token, index);
	nm_core_unlock(core);
	return err;
}

int nm_switch_newif(struct nm_core *core, const char name[NM_NAME_LEN],
		    struct nmreq_vale_newif *b)
{
	int err;

	nm_core_lock(core);
	err = nm_vi_newif(core, name, b);
	nm_core_unlock(core);
	return err;
}

int nm_switch_delif(struct nm_core *core, const char name[NM_NAME_LEN])
{
	int err;

	nm_core_lock(core);
	err = nm_vi_delif(core, name);
	nm_core_unlock(core);
	return err;
}

int nm_switch_name(struct nm_port *port, char name[IFNAMSIZ])
{
	const struct nm_switch *sw = NULL;

	nm_core_lock(port->core);
	if (port->type == &nm_port_vale || port->type == &nm_port_vi)
		sw = nm_vale_port(port)->sw;
	if (sw)
		memcpy(name, sw->name, IFNAMSIZ);
	nm_core_unlock(port->core);
	return sw ? 0 : os_refuse(-ENXIO, "%s: is on no switch", port->name);
}

/* ---- the end ---- */

void nm_switches_end(struct nm_core *core)
{
	struct nm_list *pos = core->switches.next, *next;

	os_mutex_assert_held(&core->lock);
	for (; pos != &core->switches; pos = next) {
		next = pos->next;
		nm_switch_free(nm_container(pos, struct nm_switch, node));
	}
}
