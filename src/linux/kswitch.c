// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches that other modules own (net/netmap_kernel.h, parts 2 and 3). The
 * module sees to it that the namespace stays meanwhile. */
#include <linux/export.h>
#include <linux/nsproxy.h>
#include <net/net_namespace.h>

#include "client.h"
#include "file.h"
#include "knm.h"
#include "net/netmap_kernel.h"

int netmap_switch_create(struct net *net, const char *name, u64 *token)
{
	struct nm_core *core;
	int err = knm_net_core(net, &core);

	return err ? err : nm_switch_create(core, name, token);
}
EXPORT_SYMBOL_GPL(netmap_switch_create);

int netmap_switch_destroy(struct net *net, const char *name, u64 token)
{
	struct nm_core *core;
	int err = knm_net_core(net, &core);

	return err ? err : nm_switch_destroy(core, name, token);
}
EXPORT_SYMBOL_GPL(netmap_switch_destroy);

int netmap_switch_set_ops(struct net *net, const char *name,
			  const struct nm_switch_ops *ops, void *priv,
			  u64 token)
{
	struct nm_core *core;
	int err = knm_net_core(net, &core);

	return err ? err : nm_switch_set_ops(core, name, ops, priv, token);
}
EXPORT_SYMBOL_GPL(netmap_switch_set_ops);

int netmap_switch_update(struct net *net, const char *name,
			 int (*fn)(void **priv, void *arg), void *arg,
			 u64 token)
{
	struct nm_core *core;
	int err = knm_net_core(net, &core);

	return err ? err : nm_switch_update(core, name, fn, arg, token);
}
EXPORT_SYMBOL_GPL(netmap_switch_update);

/* ---- ports of them ---- */

static int name_copy(char to[NM_NAME_LEN], const char *name)
{
	memset(to, 0, NM_NAME_LEN);
	if (strscpy(to, name, NM_NAME_LEN) < 0)
		return os_refuse(-EINVAL, "%s: longer than a port's name",
				 name);
	return 0;
}

int netmap_switch_attach(struct net *net, const char *name,
			 const struct nmreq_register *reg, u64 token,
			 u32 *index)
{
	static const struct nmreq_register all = {.nr_mode = NR_REG_ALL_NIC};
	char full[NM_NAME_LEN];
	struct nm_core *core;
	int err = name_copy(full, name);

	if (!err)
		err = knm_net_core(net, &core);
	return err ? err
		   : nm_switch_attach(core, full, reg ? reg : &all, token,
				      index);
}
EXPORT_SYMBOL_GPL(netmap_switch_attach);

int netmap_switch_detach(struct net *net, const char *name, u64 token,
			 u32 *index)
{
	char full[NM_NAME_LEN];
	struct nm_core *core;
	int err = name_copy(full, name);

	if (!err)
		err = knm_net_core(net, &core);
	return err ? err : nm_switch_detach(core, full, token, index);
}
EXPORT_SYMBOL_GPL(netmap_switch_detach);

int netmap_switch_newif(struct net *net, const char *name,
			struct nmreq_vale_newif *conf)
{
	struct nmreq_vale_newif def = {0};
	char full[NM_NAME_LEN];
	struct nm_core *core;
	int err = name_copy(full, name);

	if (!err)
		err = knm_net_core(net, &core);
	return err ? err : nm_switch_newif(core, full, conf ? conf : &def);
}
EXPORT_SYMBOL_GPL(netmap_switch_newif);

int netmap_switch_delif(struct net *net, const char *name)
{
	char full[NM_NAME_LEN];
	struct nm_core *core;
	int err = name_copy(full, name);

	if (!err)
		err = knm_net_core(net, &core);
	return err ? err : nm_switch_delif(core, full);
}
EXPORT_SYMBOL_GPL(netmap_switch_delif);

/* ---- earlier names ---- */

static u64 token_of(const void *token)
{
	return (uintptr_t)token;
}

void *netmap_vale_create(const char *name, int *status)
{
	u64 token = 0;

	*status = netmap_switch_create(current->nsproxy->net_ns, name, &token);
	return (void *)(uintptr_t)token;
}
EXPORT_SYMBOL_GPL(netmap_vale_create);

int netmap_vale_destroy(const char *name, void *token)
{
	return netmap_switch_destroy(current->nsproxy->net_ns, name,
				     token_of(token));
}
EXPORT_SYMBOL_GPL(netmap_vale_destroy);

int netmap_bdg_regops(const char *name, const struct nm_switch_ops *ops,
		      void *priv, void *token)
{
	return netmap_switch_set_ops(current->nsproxy->net_ns, name, ops, priv,
				     token_of(token));
}
EXPORT_SYMBOL_GPL(netmap_bdg_regops);

int netmap_bdg_update_private_data(const char *name,
				   int (*fn)(void **priv, void *arg), void *arg,
				   void *token)
{
	return netmap_switch_update(current->nsproxy->net_ns, name, fn, arg,
				    token_of(token));
}
EXPORT_SYMBOL_GPL(netmap_bdg_update_private_data);

/* The request @h, which is to be a @type, on a descriptor for it alone. */
static int request(struct nmreq_header *h, u16 type, u64 token)
{
	struct nm_core *core;
	struct nm_file *file;
	int err;

	if (h->nr_reqtype != type)
		return os_refuse(-EINVAL, "%s: nr_reqtype %u, not %u",
				 h->nr_name, h->nr_reqtype, type);
	err = knm_net_core(current->nsproxy->net_ns, &core);
	if (!err)
		err = nm_file_create(core, &file);
	if (err)
		return err;
	file->token = token;
	err = nm_file_ioctl(file, KNM_KERNEL, NIOCCTRL, (uintptr_t)h);
	nm_file_destroy(file);
	return err;
}

int netmap_bdg_attach(struct nmreq_header *h, void *token)
{
	return request(h, NETMAP_REQ_VALE_ATTACH, token_of(token));
}
EXPORT_SYMBOL_GPL(netmap_bdg_attach);

int netmap_bdg_detach(struct nmreq_header *h, void *token)
{
	return request(h, NETMAP_REQ_VALE_DETACH, token_of(token));
}
EXPORT_SYMBOL_GPL(netmap_bdg_detach);

int nm_vi_create(struct nmreq_header *h)
{
	return request(h, NETMAP_REQ_VALE_NEWIF, 0);
}
EXPORT_SYMBOL_GPL(nm_vi_create);

int nm_vi_destroy(const char *name)
{
	return netmap_switch_delif(current->nsproxy->net_ns, name);
}
EXPORT_SYMBOL_GPL(nm_vi_destroy);
