// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches that the process owns: netmap_embedded.h on core/client.h. */
#include "client.h"
#include "netmap_embedded.h"
#include "nme_world.h"

int nme_switch_create(struct nme *w, const char *name, uint64_t *token)
{
	return nm_switch_create(w->core, name, token);
}

int nme_switch_destroy(struct nme *w, const char *name, uint64_t token)
{
	return nm_switch_destroy(w->core, name, token);
}

int nme_switch_set_ops(struct nme *w, const char *name,
		       const struct nm_switch_ops *ops, void *priv,
		       uint64_t token)
{
	return nm_switch_set_ops(w->core, name, ops, priv, token);
}

int nme_switch_update(struct nme *w, const char *name,
		      int (*fn)(void **priv, void *arg), void *arg,
		      uint64_t token)
{
	return nm_switch_update(w->core, name, fn, arg, token);
}
