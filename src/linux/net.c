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
	struct mutex lock; /* core: made once */
	struct nm_core *core;
};

static int net_enter(struct net *net)
{
	struct knm_net *n = net_generic(net, net_id);

	mutex_init(&n->lock);
	return 0;
}

static void net_leave(struct net *net)
{
	struct knm_net *n = net_generic(net, net_id);

	if (n->core)
		nm_core_destroy(n->core);
	mutex_destroy(&n->lock);
}

static struct pernet_operations net_ops = {
	.init = net_enter,
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

	mutex_lock(&n->lock);
	if (!n->core)
		err = nm_core_create(&n->core, &knm_params);
	if (!err)
		n->core->home = net;
	*core = n->core;
	mutex_unlock(&n->lock);
	return err;
}
