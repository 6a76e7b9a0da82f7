// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Ports for other modules (net/netmap_kernel.h, part 1): a file of the core
 * without a device behind it. */
#include <linux/export.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "client.h"
#include "file.h"
#include "knm.h"
#include "net/netmap_kernel.h"

struct netmap_client {
	struct nm_file *file;
	struct net *net; /* one reference */
	void (*fn)(struct netmap_client *client, void *arg);
	void *arg;
};

int netmap_client_ctrl(struct netmap_client *c, struct nmreq_header *header)
{
	return nm_file_ioctl(c->file, KNM_KERNEL, NIOCCTRL, (uintptr_t)header);
}
EXPORT_SYMBOL_GPL(netmap_client_ctrl);

void netmap_client_set_token(struct netmap_client *c, u64 token)
{
	c->file->token = token;
}
EXPORT_SYMBOL_GPL(netmap_client_set_token);

int netmap_client_switch(const struct netmap_client *c, char name[IFNAMSIZ])
{
	return nm_switch_name(c->file->bind.port, name);
}
EXPORT_SYMBOL_GPL(netmap_client_switch);

static int bind(struct netmap_client *c, const char *name,
		struct nmreq_register *reg)
{
	struct nmreq_register all = {.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header header = {
		.nr_version = NETMAP_API,
		.nr_reqtype = NETMAP_REQ_REGISTER,
		.nr_body = (uintptr_t)(reg ? reg : &all),
	};

	if (strscpy(header.nr_name, name, sizeof(header.nr_name)) < 0)
		return os_refuse(-EINVAL, "%s: longer than a port's name",
				 name);
	return netmap_client_ctrl(c, &header);
}

int netmap_client_open(struct net *net, const char *name,
		       struct nmreq_register *reg, struct netmap_client **out)
{
	struct netmap_client *c = kzalloc(sizeof(*c), GFP_KERNEL);
	struct nm_core *core;
	int err;

	if (!c)
		return os_refuse(-ENOMEM, "%s: no memory for a client", name);
	c->net = get_net(net);
	err = knm_net_core(net, &core);
	if (err)
		goto err_net;
	err = nm_file_create(core, &c->file);
	if (err)
		goto err_net;
	err = bind(c, name, reg);
	if (err)
		goto err_file;
	knm_count(KNM_KPORTS, 1);
	*out = c;
	return 0;

err_file:
	nm_file_destroy(c->file);
err_net:
	put_net(c->net);
	kfree(c);
	return err;
}
EXPORT_SYMBOL_GPL(netmap_client_open);

void netmap_client_close(struct netmap_client *c)
{
	if (!c)
		return;
	nm_file_destroy(c->file);
	put_net(c->net);
	kfree(c);
	knm_count(KNM_KPORTS, -1);
}
EXPORT_SYMBOL_GPL(netmap_client_close);

/* Whoever has the region could put NS_INDIRECT with any address into a slot:
 * there is no caller whose addresses would be read. */
int netmap_client_txsync(struct netmap_client *c)
{
	return nm_file_txsync(c->file, NULL);
}
EXPORT_SYMBOL_GPL(netmap_client_txsync);

int netmap_client_rxsync(struct netmap_client *c)
{
	return nm_file_rxsync(c->file, NULL);
}
EXPORT_SYMBOL_GPL(netmap_client_rxsync);

static void arrived(struct nm_file *file, void *arg)
{
	struct netmap_client *c = arg;

	c->fn(c, c->arg);
}

int netmap_client_notify(struct netmap_client *c,
			 void (*fn)(struct netmap_client *, void *), void *arg)
{
	int err = nm_file_notify(c->file, NULL, NULL); /* ends the old one */

	if (err || !fn)
		return err;
	c->fn = fn;
	c->arg = arg;
	return nm_file_notify(c->file, arrived, c);
}
EXPORT_SYMBOL_GPL(netmap_client_notify);

static struct netmap_ring *bound_ring(const struct netmap_client *c, u32 dir,
				      u32 i)
{
	const struct nm_bind *b = &c->file->bind;

	if (i < b->first[dir] || i >= b->end[dir])
		return NULL;
	return nm_bind_queue(b, dir, i)->ring;
}

struct netmap_ring *netmap_client_txring(const struct netmap_client *c, u32 i)
{
	return bound_ring(c, NM_TX, i);
}
EXPORT_SYMBOL_GPL(netmap_client_txring);

struct netmap_ring *netmap_client_rxring(const struct netmap_client *c, u32 i)
{
	return bound_ring(c, NM_RX, i);
}
EXPORT_SYMBOL_GPL(netmap_client_rxring);

struct netmap_bufs netmap_client_bufs(const struct netmap_client *c)
{
	struct nm_bufs b = nm_region_bufs(nm_file_region(c->file));

	BUILD_BUG_ON(NM_BUF_CHUNK_SHIFT != 6 || NM_BUF_RESERVED != 2);
	return (struct netmap_bufs){.chunk = b.chunk,
				    .total = b.given + NM_BUF_RESERVED,
				    .size = b.size};
}
EXPORT_SYMBOL_GPL(netmap_client_bufs);
