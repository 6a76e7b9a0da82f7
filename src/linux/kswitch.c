// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches that other modules own (net/netmap_kernel.h, parts 2 and 3). The
 * module sees to it that the namespace stays meanwhile. */
#include <linux/export.h>
#include <linux/nsproxy.h>
#include <net/net_namespace.h>

#include "client.h"
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
