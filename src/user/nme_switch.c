// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches that the process owns: netmap_embedded.h on core/client.h. */
#include <string.h>
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

static int name_copy(char to[NM_NAME_LEN], const char *name)
{
	size_t len = strnlen(name, NM_NAME_LEN);

	if (len == NM_NAME_LEN)
		return os_refuse(-EINVAL, "%s: longer than a port's name",
				 name);
	memset(to, 0, NM_NAME_LEN);
	memcpy(to, name, len);
	return 0;
}

int nme_switch_attach(struct nme *w, const char *name, uint64_t token)
{
	const struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	char full[NM_NAME_LEN];
	uint32_t index;
	int err = name_copy(full, name);

	return err ? err : nm_switch_attach(w->core, full, &reg, token, &index);
}

int nme_switch_detach(struct nme *w, const char *name, uint64_t token)
{
	char full[NM_NAME_LEN];
	uint32_t index;
	int err = name_copy(full, name);

	return err ? err : nm_switch_detach(w->core, full, token, &index);
}
