// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Network namespaces: switches and ports of one are nobody else's business, so
 * each has a world of its own, made when first asked for. Files hold their
 * namespace, so the world outlives them.
 */
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "knm.h"

static unsigned int net_id;

struct knm_net {
	struct nm_core *core;
	struct list_head node; /* worlds, once there is a core */
};

/* Taken before RTNL and the control lock: which worlds there are, and what they
 * are made with. */
static DEFINE_MUTEX(worlds_lock);
static LIST_HEAD(worlds);

static void net_leave(struct net *net)
{
	struct knm_net *n = net_generic(net, net_id);

	if (!n->core)
		return;
	mutex_lock(&worlds_lock);
	list_del(&n->node);
	mutex_unlock(&worlds_lock);
	nm_core_destroy(n->core);
}

static struct pernet_operations net_ops = {
	.exit = net_leave,
	.id = &net_id,
	.size = sizeof(struct knm_net),
};

int knm_net_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void knm_net_fini(void)
{
	unregister_pernet_subsys(&net_ops);
}

int knm_net_core(struct net *net, struct nm_core **core)
{
	struct knm_net *n = net_generic(net, net_id);
	int err = 0;

	mutex_lock(&worlds_lock);
	if (!n->core) {
		err = nm_core_create(&n->core, &knm_params);
		if (!err) {
			n->core->home = net;
			list_add(&n->node, &worlds);
		}
	}
	*core = n->core;
	mutex_unlock(&worlds_lock);
	return err;
}

int knm_net_params_set(const struct nm_params *params)
{
	struct knm_net *n;
	int err;

	err = nm_params_check(params);
	if (err)
		return err;
	mutex_lock(&worlds_lock);
	knm_params = *params;
	list_for_each_entry(n, &worlds, node)
		nm_core_params_set(n->core, params);
	mutex_unlock(&worlds_lock);
	return 0;
}
