// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Interfaces of the system, by name, in the world's network namespace. */
#include <linux/netdevice.h>

#include "knm.h"
#include "nic.h"

bool os_nic_exists(struct nm_core *core, const char *name)
{
	struct net_device *dev = dev_get_by_name(core->home, name);

	if (!dev)
		return false;
	dev_put(dev);
	return true;
}

int os_nic_find(struct nm_core *core, const char *name, struct nm_nic **nic)
{
	if (!os_nic_exists(core, name))
		return -ENXIO;
	return os_refuse(
		-EOPNOTSUPP,
		"%s: NIC ports come with a later version of the module", name);
}
