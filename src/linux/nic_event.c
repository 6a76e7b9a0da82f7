// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What the system does to an interface while a port has it:
 *
 *   removed, or moved to another namespace: the port loses it (nm_nic_gone)
 *   MTU grows beyond what tx frames have room for: refused in netmap mode
 *   enslaved (bridge, bond):                refused in netmap mode
 *   renamed:                                the port keeps its name
 *   offloads of its peer change:            their checksums are completed
 *   down, up, carrier, reset:               the driver's affair; what is sent
 *                                           meanwhile is lost
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "nic_int.h"
#include "port.h"

/* RTNL is held: the order of nm_core_lock(). */
static void gone(struct knm_nic *nic)
{
	struct nm_port *port = nic->nic.port;
	struct nm_core *core = port->core;

	pr_info("netmap: %s: the interface is gone\n", nic->dev->name);
	os_mutex_lock(&core->lock);
	nm_nic_gone(port);
	os_mutex_unlock(&core->lock);
}

static int mtu_changed(const struct knm_nic *nic)
{
	u32 bytes = nic->dev->mtu + ETH_HLEN + VLAN_HLEN;

	if (!nic->users || nic->mode[NM_TX] != KNM_NIC_XDP ||
	    bytes <= KNM_NIC_PAGE_ROOM)
		return NOTIFY_DONE;
	pr_info("netmap: %s: MTU %u asks for frames of %u bytes; by XDP, as it "
		"is open, they have %lu at most\n",
		nic->dev->name, nic->dev->mtu, bytes, KNM_NIC_PAGE_ROOM);
	return notifier_from_errno(-EBUSY);
}

static int upper_changes(const struct knm_nic *nic,
			 const struct netdev_notifier_changeupper_info *info)
{
	struct netlink_ext_ack *extack = info->info.extack;

	if (!nic->users || !info->master || !info->linking)
		return NOTIFY_DONE;
	NL_SET_ERR_MSG(extack, "netmap uses the interface");
	pr_info("netmap: %s: in netmap mode it cannot become part of %s\n",
		nic->dev->name, info->upper_dev->name);
	return notifier_from_errno(-EBUSY);
}

static int event(struct notifier_block *nb, unsigned long what, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct knm_nic *nic = knm_nic_find(dev);

	if (what == NETDEV_FEAT_CHANGE)
		knm_nic_features_changed(dev);
	if (!nic)
		return NOTIFY_DONE;
	switch (what) {
	case NETDEV_UNREGISTER:
		gone(nic);
		return NOTIFY_DONE;
	case NETDEV_CHANGEMTU:
		return mtu_changed(nic);
	case NETDEV_PRECHANGEUPPER:
		return upper_changes(nic, info);
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block notifier = {
	.notifier_call = event,
};

int knm_nic_events_init(void)
{
	return register_netdevice_notifier(&notifier);
}

void knm_nic_events_fini(void)
{
	unregister_netdevice_notifier(&notifier);
}
