// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* soft.c - interfaces by name, and their life. */
#include "soft_int.h"

/* ---- making ---- */

static u32 pow2_from(u32 n)
{
	u32 p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static int tx_make(struct soft_nic *s)
{
	u32 num = s->conf.descs;

	s->tx = os_alloc(s->conf.rings[NM_TX] * sizeof(*s->tx));
	if (!s->tx)
		return -ENOMEM;
	for (u32 i = 0; i < s->conf.rings[NM_TX]; i++) {
		struct soft_tx *t = &s->tx[i];

		t->num = num;
		t->mask = pow2_from(num) - 1;
		t->desc = os_alloc((t->mask + 1) * sizeof(*t->desc));
		if (!t->desc)
			return -ENOMEM;
	}
	return 0;
}

static int rx_make(struct soft_nic *s)
{
	u32 num = pow2_from(s->conf.slots[NM_RX]);

	s->rx = os_alloc(s->conf.rings[NM_RX] * sizeof(*s->rx));
	if (!s->rx)
		return -ENOMEM;
	for (u32 i = 0; i < s->conf.rings[NM_RX]; i++)
		os_spin_init(&s->rx[i].lock, OS_LOCK_QUEUE);
	for (u32 i = 0; i < s->conf.rings[NM_RX]; i++) {
		struct soft_rx *r = &s->rx[i];

		r->mask = num - 1;
		r->len = os_alloc(num * sizeof(*r->len));
		r->data = os_alloc((size_t)num * s->stride);
		if (!r->len || !r->data)
			return -ENOMEM;
	}
	return 0;
}

void soft_free(struct soft_nic *s)
{
	for (u32 i = 0; s->tx && i < s->conf.rings[NM_TX]; i++)
		os_free(s->tx[i].desc);
	for (u32 i = 0; s->rx && i < s->conf.rings[NM_RX]; i++) {
		os_spin_fini(&s->rx[i].lock);
		os_free(s->rx[i].len);
		os_free(s->rx[i].data);
	}
	os_free(s->tx);
	os_free(s->rx);
	os_free(s->log.data);
	os_free(s->log.len);
	os_spin_fini(&s->log.lock);
	os_free(s);
}

int soft_make(const char *name, const struct soft_conf *conf, bool wired,
	      const struct nm_nic_ops *ops, struct soft_nic **out)
{
	struct soft_nic *s = os_alloc(sizeof(*s));
	struct soft_conf *c;
	u32 bytes;

	if (!s)
		return -ENOMEM;
	c = &s->conf;
	*c = *conf;
	for (u32 d = 0; d < NM_DIRS; d++) {
		c->rings[d] = nm_clamp(c->rings[d], 1, 64);
		c->slots[d] = nm_clamp(c->slots[d], NM_SLOTS_DEFAULT, 1u << 16);
	}
	c->descs = nm_clamp(c->descs, c->slots[NM_TX], 1u << 16);
	c->log = nm_clamp(c->log, 128, 1u << 16);
	c->mtu = nm_clamp(c->mtu, 1500, 65000);
	/* An odd number of lines: an even one maps the frames' headers to half
	 * of the cache sets or fewer (docs/ARCHITECTURE.md, Memory). */
	bytes = c->mtu + 18 > SOFT_FRAME ? c->mtu + 18 : SOFT_FRAME;
	s->stride = ((bytes + 63) / 64 | 1) * 64;
	s->wired = wired;
	s->link = 1;
	s->nic.ops = ops;
	memcpy(s->nic.name, name, nm_name_len(name) + 1);
	nm_list_init(&s->nic.node);
	os_spin_init(&s->log.lock, OS_LOCK_QUEUE);
	s->log.data = os_alloc((size_t)c->log * s->stride);
	s->log.len = os_alloc(c->log * sizeof(*s->log.len));
	if (!s->log.data || !s->log.len ||
	    (wired && (tx_make(s) || rx_make(s)))) {
		soft_free(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

/* ---- names: control lock held ---- */

static struct nm_nic *find(struct nm_core *core, const char *name)
{
	struct nm_list *pos;

	os_mutex_assert_held(&core->lock);
	nm_list_for_each(pos, &core->interfaces) {
		struct nm_nic *nic = nm_container(pos, struct nm_nic, node);

		if (nm_name_is_equal(nic->name, name))
			return nic;
	}
	return NULL;
}

bool os_nic_exists(struct nm_core *core, const char *name)
{
	return find(core, name);
}

int os_nic_find(struct nm_core *core, const char *name, struct nm_nic **nic)
{
	struct nm_nic *found = find(core, name);

	if (!found)
		return -ENXIO;
	if (found->port)
		return os_refuse(-EBUSY, "%s: the interface belongs to %s",
				 name, found->port->name);
	*nic = found;
	return 0;
}

/* ---- interfaces of persistent ports ---- */

static void soft_put(struct nm_nic *nic)
{
	nm_list_del(&nic->node);
	soft_free(soft_of(nic));
}

static void soft_info(struct nm_nic *nic, struct nm_nic_info *info)
{
	*info = (struct nm_nic_info){.mtu = soft_of(nic)->conf.mtu, .up = true};
}

static const struct nm_nic_ops unwired_ops = {
	.driver = "soft",
	.info = soft_info,
	.host_start = soft_host_start,
	.host_stop = soft_host_stop,
	.put = soft_put,
	.inject = soft_inject,
	.inject_end = soft_inject_end,
};

/* The name is one that the port has: it fits. */
int os_nic_create(struct nm_core *core, const char *name, struct nm_port *port,
		  struct nm_nic **nic)
{
	struct soft_conf conf = {0};
	struct soft_nic *s;

	if (find(core, name))
		return os_refuse(-EEXIST, "%s: there is an interface", name);
	if (soft_make(name, &conf, false, &unwired_ops, &s))
		return os_refuse(-ENOMEM, "%s: no memory for the interface",
				 name);
	s->nic.port = port;
	nm_list_add_tail(&core->interfaces, &s->nic.node);
	*nic = &s->nic;
	return 0;
}

/* ---- interfaces by themselves ---- */

int soft_create(struct nm_core *core, const char *name,
		const struct soft_conf *conf, struct soft_nic **out)
{
	struct soft_nic *s;

	if (nm_name_len(name) >= IFNAMSIZ)
		return os_refuse(-EINVAL, "%s: longer than %d characters", name,
				 IFNAMSIZ - 1);
	if (soft_make(name, conf, true, &soft_wire_ops, &s))
		return os_refuse(-ENOMEM, "%s: no memory for the interface",
				 name);
	nm_core_lock(core);
	if (find(core, name)) {
		nm_core_unlock(core);
		soft_free(s);
		return os_refuse(-EEXIST, "%s: there is an interface", name);
	}
	nm_list_add_tail(&core->interfaces, &s->nic.node);
	nm_core_unlock(core);
	*out = s;
	return 0;
}

void soft_destroy(struct nm_core *core, struct soft_nic *s)
{
	nm_core_lock(core);
	nm_list_del(&s->nic.node);
	if (s->nic.port)
		nm_nic_gone(s->nic.port);
	nm_core_unlock(core);
	soft_cable(s, NULL);
	soft_free(s);
}

struct nm_nic *soft_base(struct soft_nic *s)
{
	return &s->nic;
}

struct soft_nic *soft_find(struct nm_core *core, const char *name)
{
	struct nm_nic *nic;

	nm_core_lock(core);
	nic = find(core, name);
	nm_core_unlock(core);
	return nic ? soft_of(nic) : NULL;
}
