// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vale_admin.h"

/* ---- names ---- */

/* "valeX:port" taken apart; *base is the part behind the colon. -EINVAL. */
static int name_parse(const char *full, struct nm_name *n, const char **base)
{
	if (nm_name_parse(n, full) || !n->bridge[0] || n->pipe_role)
		return os_refuse(-EINVAL, "%s: not the name of a switch port",
				 n->full);
	*base = n->full + nm_name_len(n->bridge) + 1;
	return 0;
}

/* The port @full of @sw, or NULL. */
static struct nm_vale_port *port_on(const struct nm_switch *sw,
				    const char *full)
{
	for (u32 i = 0; i < NM_VALE_PORTS; i++)
		if (sw->port[i] &&
		    nm_name_is_equal(nm_vale_name(sw->port[i]), full))
			return sw->port[i];
	return NULL;
}

static struct nm_vi *vi_or_null(struct nm_port *port)
{
	return port->type == &nm_port_vi ? nm_vi_of(port) : NULL;
}

/* ---- ATTACH ---- */

static int attach_check(const struct nm_name *n,
			const struct nmreq_register *reg)
{
	if (reg->nr_mode != NR_REG_ALL_NIC && reg->nr_mode != NR_REG_NIC_SW)
		return os_refuse(-EINVAL, "%s: nr_mode %u", n->full,
				 reg->nr_mode);
	if (reg->nr_ringid)
		return os_refuse(-EINVAL, "%s: nr_ringid %u, not all rings",
				 n->full, reg->nr_ringid);
	return 0;
}

/* A reference to the interface @base: a persistent port, or a NIC's. */
static int base_open(struct nm_core *core, const char *base,
		     const struct nmreq_register *reg, struct nm_port **port)
{
	char name[NM_NAME_LEN] = "";
	int err;

	memcpy(name, base, nm_name_len(base));
	err = nm_port_open(core, name, reg, NULL, port);
	return err == -ENXIO ? -EINVAL : err;
}

/* Some ring has a user; host rings that @host has, if any, apart. */
static bool is_used(const struct nm_port *port, const struct nm_attach *host)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		u32 n = host ? port->rings[d] : nm_port_queues(port, d);

		for (u32 i = 0; i < n; i++)
			if (port->queue[d][i].users)
				return true;
	}
	return false;
}

/* @port, no switch's yet, becomes a port of one by itself. */
static int attach_vi(struct nm_vi *vi, const struct nm_name *n, u32 mode)
{
	int err = nm_vi_join(vi, n->bridge, n->full);

	if (err || mode == NR_REG_ALL_NIC)
		return err;
	err = nm_attach_create(nm_port_get(&vi->vp.port), n->bridge, n->full,
			       NR_REG_SW, &vi->host);
	if (!err)
		return 0;
	nm_port_put(&vi->vp.port);
	nm_vi_leave(vi); /* no program uses it: no sync can be in the way */
	return err;
}

/* Takes over the reference to @port on success. */
static int attach_port(struct nm_port *port, const struct nm_name *n, u32 mode,
		       u32 *index)
{
	struct nm_vi *vi = vi_or_null(port);
	struct nm_attach *a;
	int err;

	if (port->wrapper)
		return os_refuse(-EBUSY, "%s: is attached, as %s", port->name,
				 port->wrapper->name);
	if (vi && vi->vp.sw && nm_name_is_equal(vi->vp.sw->name, n->bridge))
		return os_refuse(-EBUSY, "%s: is attached", n->full);
	if (is_used(port, vi ? vi->host : NULL))
		return os_refuse(-EBUSY, "%s: a program has opened it",
				 port->name);
	if (vi && !vi->vp.sw) {
		err = attach_vi(vi, n, mode);
		if (!err)
			*index = vi->vp.index;
		return err;
	}
	err = nm_attach_create(port, n->bridge, n->full, mode, &a);
	if (!err)
		*index = a->side[0]->vp.index;
	return err;
}

int nm_vale_attach(struct nm_core *core, const char name[NM_NAME_LEN],
		   const struct nmreq_register *reg, u64 token, u32 *index)
{
	struct nm_switch *sw;
	struct nm_port *port;
	struct nm_name n;
	const char *base;
	int err;

	os_mutex_assert_held(&core->lock);
	err = name_parse(name, &n, &base);
	if (err)
		return err;
	err = attach_check(&n, reg);
	if (err)
		return err;
	sw = nm_switch_find(core, n.bridge);
	err = sw ? nm_switch_access(sw, token) : 0;
	if (err)
		return err;
	if (sw && port_on(sw, n.full))
		return os_refuse(-EBUSY, "%s: exists", n.full);
	err = base_open(core, base, reg, &port);
	if (err)
		return err;
	err = attach_port(port, &n, reg->nr_mode, index);
	if (err)
		nm_port_put(port);
	return err;
}

/* ---- DETACH ---- */

static int detach_vi(struct nm_vi *vi)
{
	int err;

	if (vi->vp.port.wrapper)
		return os_refuse(-EBUSY, "%s: is attached as %s too",
				 vi->vp.port.name, vi->vp.port.wrapper->name);
	err = nm_vi_leave(vi);
	if (err)
		return err;
	if (vi->host)
		nm_attach_destroy(vi->host);
	vi->host = NULL;
	nm_port_put(&vi->vp.port);
	return 0;
}

static int detach(struct nm_vale_port *vp)
{
	struct nm_attach *a = nm_attach_of(vp);
	struct nm_vi *vi = vi_or_null(&vp->port);

	if (vi)
		return detach_vi(vi);
	if (!a || !a->side[0] || vp != &a->side[0]->vp)
		return os_refuse(-EINVAL, "%s: was not attached by that name",
				 nm_vale_name(vp));
	if (a->polling)
		return os_refuse(-EBUSY, "%s: is polled", nm_vale_name(vp));
	nm_attach_destroy(a);
	return 0;
}

/* The existing port @name; -EINVAL, -ENXIO. */
static int port_find(struct nm_core *core, const char *name,
		     struct nm_vale_port **vp)
{
	struct nm_switch *sw;
	struct nm_name n;
	const char *base;
	int err = name_parse(name, &n, &base);

	if (err)
		return err;
	sw = nm_switch_find(core, n.bridge);
	*vp = sw ? port_on(sw, n.full) : NULL;
	return *vp ? 0 : os_refuse(-ENXIO, "%s: no such port", n.full);
}

int nm_vale_detach(struct nm_core *core, const char name[NM_NAME_LEN],
		   u64 token, u32 *index)
{
	struct nm_vale_port *vp;
	u32 was;
	int err;

	os_mutex_assert_held(&core->lock);
	err = port_find(core, name, &vp);
	if (err)
		return err;
	was = vp->index;
	err = nm_switch_access(vp->sw, token);
	if (!err)
		err = detach(vp);
	if (!err)
		*index = was;
	return err;
}

/* ---- LIST ---- */

/* The switch of the lowest index from @index on, or NULL. */
static struct nm_switch *switch_from(struct nm_core *core, u32 index)
{
	struct nm_switch *best = NULL;
	struct nm_list *pos;

	nm_list_for_each(pos, &core->switches) {
		struct nm_switch *sw =
			nm_container(pos, struct nm_switch, node);

		if (sw->index >= index && (!best || sw->index < best->index))
			best = sw;
	}
	return best;
}

static int list_next(struct nm_core *core, char name[NM_NAME_LEN],
		     struct nmreq_vale_list *b)
{
	u32 at = b->nr_bridge_idx;
	struct nm_switch *sw;

	while ((sw = switch_from(core, at))) {
		u32 i = sw->index == b->nr_bridge_idx ? b->nr_port_idx : 0;

		for (; i < NM_VALE_PORTS; i++) {
			if (!sw->port[i])
				continue;
			memcpy(name, nm_vale_name(sw->port[i]),
			       nm_name_len(nm_vale_name(sw->port[i])) + 1);
			b->nr_bridge_idx = (u16)sw->index;
			b->nr_port_idx = i;
			return 0;
		}
		at = sw->index + 1;
	}
	return os_refuse(-ENOENT, "no switch port from %u, %u on",
			 b->nr_bridge_idx, b->nr_port_idx);
}

/* "valeX:..." of which only the switch must exist. */
static int list_find(struct nm_core *core, const char *name,
		     struct nmreq_vale_list *b)
{
	struct nm_vale_port *vp;
	struct nm_switch *sw;
	char bridge[IFNAMSIZ] = "";
	size_t len = 0;

	while (len < NM_NAME_LEN && name[len] && name[len] != ':')
		len++;
	if (len < 4 || memcmp(name, NM_BDG_NAME, 4))
		return os_refuse(-EINVAL, "not the name of a switch port");
	if (len >= IFNAMSIZ || name[len] != ':')
		return os_refuse(-ENOENT, "no switch of that name");
	memcpy(bridge, name, len);
	sw = nm_switch_find(core, bridge);
	if (!sw)
		return os_refuse(-ENOENT, "%s: no such switch", bridge);
	vp = port_on(sw, name);
	b->nr_bridge_idx = (u16)sw->index;
	b->nr_port_idx = vp ? vp->index : NM_VALE_DROP;
	return 0;
}

int nm_vale_list(struct nm_core *core, char name[NM_NAME_LEN],
		 struct nmreq_vale_list *b)
{
	os_mutex_assert_held(&core->lock);
	return name[0] ? list_find(core, name, b) : list_next(core, name, b);
}

struct nm_port *nm_vale_member(struct nm_core *core, const char *name)
{
	struct nm_list *pos;

	os_mutex_assert_held(&core->lock);
	nm_list_for_each(pos, &core->switches) {
		struct nm_vale_port *vp = port_on(
			nm_container(pos, struct nm_switch, node), name);

		if (vp)
			return nm_port_get(&vp->port);
	}
	return NULL;
}

/* ---- polling ---- */

int nm_vale_polling(struct nm_core *core, const char name[NM_NAME_LEN],
		    const struct nmreq_vale_polling *b, bool on)
{
	struct nm_vale_port *vp;
	struct nm_attach *a;
	int err;

	os_mutex_assert_held(&core->lock);
	err = port_find(core, name, &vp);
	if (err)
		return err;
	a = nm_attach_of(vp);
	if (!a || !a->side[0] || vp != &a->side[0]->vp ||
	    a->bind.port->type == &nm_port_vi)
		return os_refuse(-EOPNOTSUPP, "%s: not an attached NIC",
				 nm_vale_name(vp));
	return on ? nm_polling_start(a, b) : nm_polling_stop(a);
}

/* ---- ends ---- */

/* Whatever it is, and however it is used. */
static void attach_end(struct nm_attach *a)
{
	struct nm_vi *vi = vi_or_null(a->bind.port);

	if (vi && vi->host == a)
		vi->host = NULL;
	if (a->polling)
		nm_polling_stop(a);
	nm_attach_destroy(a);
}

/* An attachment of @port, or if NULL of any. */
static struct nm_attach *attach_find(struct nm_core *core,
				     const struct nm_port *port)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->switches) {
		struct nm_switch *sw =
			nm_container(pos, struct nm_switch, node);

		for (u32 i = 0; i < NM_VALE_PORTS; i++) {
			struct nm_attach *a =
				sw->port[i] ? nm_attach_of(sw->port[i]) : NULL;

			if (a && (!port || a->bind.port == port))
				return a;
		}
	}
	return NULL;
}

/* The port lives only for who uses it now. On a switch it stays if it cannot
 * leave (a program keeps a sync running): then DETACH does the rest. */
static void vi_end(struct nm_vi *vi)
{
	struct nm_port *port = nm_port_get(&vi->vp.port);

	if (vi->vp.sw && !nm_vi_leave(vi))
		nm_port_put(port);
	if (vi->kept)
		nm_port_put(port);
	vi->kept = false;
	nm_port_put(port);
}

void nm_vale_gone(struct nm_port *port)
{
	struct nm_vi *vi = vi_or_null(port);
	struct nm_attach *a;

	os_mutex_assert_held(&port->core->lock);
	while ((a = attach_find(port->core, port)))
		attach_end(a);
	if (vi)
		vi_end(vi);
}

/* One whose interface is gone is found by no name any more, but where it could
 * not leave its switch it is there. */
static struct nm_vi *vi_on(const struct nm_switch *sw)
{
	for (u32 i = 0; i < NM_VALE_PORTS; i++) {
		struct nm_vi *vi =
			sw->port[i] ? vi_or_null(&sw->port[i]->port) : NULL;

		if (vi)
			return vi;
	}
	return NULL;
}

static struct nm_vi *vi_find(struct nm_core *core)
{
	struct nm_list *pos;
	struct nm_vi *vi;

	nm_list_for_each(pos, &core->switches) {
		vi = vi_on(nm_container(pos, struct nm_switch, node));
		if (vi)
			return vi;
	}
	nm_list_for_each(pos, &core->ports) {
		struct nm_port *port = nm_container(pos, struct nm_port, node);

		if (port->type == &nm_port_vi)
			return nm_vi_of(port);
	}
	return NULL;
}

void nm_vale_end(struct nm_core *core)
{
	struct nm_attach *a;
	struct nm_vi *vi;

	os_mutex_assert_held(&core->lock);
	while ((a = attach_find(core, NULL)))
		attach_end(a);
	while ((vi = vi_find(core)))
		vi_end(vi);
}
