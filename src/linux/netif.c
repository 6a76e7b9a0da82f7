// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The interface of the system that a persistent port has.
 *
 *      system's stack                            port
 *
 *      ndo_start_xmit  ---- nm_host_rx() ----->  host rx ring
 *      napi_gro_receive <-- inject.c <-- inject  host tx ring
 *
 * It has no wire, and no offloads: the stack hands over whole frames with
 * their checksums, one buffer each. The link is always up.
 *
 * The port keeps its name, its rings and its place on a switch whatever the
 * system does to the interface: renamed or moved to another network namespace
 * it stays the port's. When somebody deletes it, or the namespace that it is in,
 * the port is told (nm_nic_gone). RTNL orders all of that; who makes or removes
 * an interface holds the control lock inside.
 */
#include <linux/ethtool.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "inject.h"
#include "knm.h"
#include "port.h"

struct netif {
	struct nm_nic nic;
	struct net_device *dev;
	bool leaving; /* we remove it; RTNL */
	bool gone;    /* the system has removed it; RTNL */
	/* Takes what the system sends, NULL: nobody does. Written under RTNL,
	 * read by senders inside the stack's RCU sections. */
	struct nm_port *capture;
	struct knm_inject inject;
};

/* What net_device has room for: ours may outlive the device. */
static struct netif *netif_of(const struct net_device *dev)
{
	return *(struct netif **)netdev_priv(dev);
}

static struct netif *netif_of_nic(struct nm_nic *nic)
{
	return container_of(nic, struct netif, nic);
}

/* ---- the system sends ---- */

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev)
{
	/* Pairs with host_start(). */
	struct nm_port *port = smp_load_acquire(&netif_of(dev)->capture);
	u32 len = skb->len;

	if (knm_capture(dev, port, skb, port && !skb_linearize(skb)))
		dev_sw_netstats_tx_add(dev, 1, len);
	return NETDEV_TX_OK;
}

/* ---- the system receives ---- */

static bool inject(struct nm_nic *nic, const struct nm_nic_piece *p, u32 n)
{
	return knm_inject_frame(&netif_of_nic(nic)->inject, p, n);
}

static void inject_end(struct nm_nic *nic)
{
	knm_inject_end(&netif_of_nic(nic)->inject);
}

/* ---- the device ---- */

static int dev_up(struct net_device *dev)
{
	knm_inject_start(&netif_of(dev)->inject);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int dev_down(struct net_device *dev)
{
	netif_tx_disable(dev);
	knm_inject_stop(&netif_of(dev)->inject);
	return 0;
}

static int dev_init(struct net_device *dev)
{
	return knm_dev_tstats_init(dev);
}

/* The device leaves the system: it is down, and no sender is inside. The port
 * may let go of the interface in nm_nic_gone(). */
static void dev_uninit(struct net_device *dev)
{
	struct netif *netif = netif_of(dev);
	struct nm_core *core;

	knm_inject_fini(&netif->inject);
	knm_dev_tstats_fini(dev);
	if (netif->leaving)
		return;
	netif->gone = true;
	core = netif->nic.port->core;
	os_mutex_lock(&core->lock); /* RTNL is held: nm_core_lock()'s order */
	nm_nic_gone(netif->nic.port);
	os_mutex_unlock(&core->lock);
}

static const struct net_device_ops dev_ops = {
	.ndo_init = dev_init,
	.ndo_uninit = dev_uninit,
	.ndo_open = dev_up,
	.ndo_stop = dev_down,
	.ndo_start_xmit = xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "netmap", sizeof(info->driver));
}

static const struct ethtool_ops ethtool = {
	.get_drvinfo = drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
};

/* The kind of link: ours are deleted, also with the namespace they are in, but
 * made by NETMAP_REQ_VALE_NEWIF alone. */
static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = "netmap",
	.dellink = unregister_netdevice_queue,
};

static void dev_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &dev_ops;
	dev->ethtool_ops = &ethtool;
	dev->rtnl_link_ops = &link_ops;
	dev->needs_free_netdev = true;
	dev->priv_flags |=
		IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE | IFF_DISABLE_NETPOLL;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	/* Many senders at once: host rings have a lock of their own. */
	knm_dev_lltx(dev);
	knm_dev_tstats_setup(dev);
}

/* ---- asked by the core: control lock and RTNL held ---- */

static void info(struct nm_nic *nic, struct nm_nic_info *out)
{
	const struct nm_port *port = nic->port;
	u32 d;

	for (d = 0; d < NM_DIRS; d++) {
		out->rings[d] = port->rings[d];
		out->slots[d] = port->slots[d];
	}
	out->mtu = netif_of_nic(nic)->dev->mtu;
	out->frags = true;
	out->up = true;
}

/* No wire: its rings are the port's own affair. */
static int start(struct nm_nic *nic, u32 dir, u32 ring)
{
	return 0;
}

static void stop(struct nm_nic *nic, u32 dir, u32 ring)
{
}

static int host_start(struct nm_nic *nic)
{
	/* Pairs with xmit(): the host rings are ready. */
	smp_store_release(&netif_of_nic(nic)->capture, nic->port);
	return 0;
}

static void host_stop(struct nm_nic *nic)
{
	WRITE_ONCE(netif_of_nic(nic)->capture, NULL);
	synchronize_net();
}

static void put(struct nm_nic *nic)
{
	struct netif *netif = netif_of_nic(nic);

	if (!netif->gone) {
		netif->leaving = true;
		/* Freed as RTNL is dropped. */
		unregister_netdevice(netif->dev);
	}
	knm_count(KNM_NETIFS, -1);
	kfree(netif);
}

static const struct nm_nic_ops nic_ops = {
	.driver = "persistent port",
	.info = info,
	.start = start,
	.stop = stop,
	.host_start = host_start,
	.host_stop = host_stop,
	.put = put,
	.inject = inject,
	.inject_end = inject_end,
};

static struct net_device *dev_alloc(struct nm_core *core, const char *name,
				    const struct nm_port *port)
{
	u32 txqs = max(port->host[NM_RX], 1u);
	struct net_device *dev =
		alloc_netdev_mqs(sizeof(struct netif *), name, NET_NAME_USER,
				 dev_setup, txqs, 1);

	if (!dev)
		return NULL;
	dev->max_mtu = nm_region_buf_size(port->region) - ETH_HLEN - VLAN_HLEN;
	dev->mtu = min_t(u32, dev->mtu, dev->max_mtu);
	dev_net_set(dev, core->home);
	return dev;
}

int os_nic_create(struct nm_core *core, const char *name, struct nm_port *port,
		  struct nm_nic **nic)
{
	struct netif *netif;
	int err = -ENOMEM;

	ASSERT_RTNL();
	if (!dev_valid_name(name) || strchr(name, '%'))
		return os_refuse(-EINVAL, "%s: not a name for an interface",
				 name);
	netif = kzalloc(sizeof(*netif), GFP_KERNEL_ACCOUNT);
	if (!netif)
		return os_refuse(-ENOMEM, "%s: no memory for the interface",
				 name);
	netif->dev = dev_alloc(core, name, port);
	if (!netif->dev)
		goto err_free;
	*(struct netif **)netdev_priv(netif->dev) = netif;
	netif->nic.ops = &nic_ops;
	netif->nic.port = port;
	strscpy(netif->nic.name, name, sizeof(netif->nic.name));
	netif->inject.counts = true;
	knm_inject_init(&netif->inject, netif->dev, netif->dev);
	netif->leaving = true; /* until it is there */
	err = register_netdevice(netif->dev);
	if (err)
		goto err_dev;
	netif->leaving = false;
	knm_count(KNM_NETIFS, 1);
	*nic = &netif->nic;
	return 0;

err_dev:
	free_netdev(netif->dev);
err_free:
	kfree(netif);
	return os_refuse(err, "%s: the system makes no such interface", name);
}

int knm_netif_init(void)
{
	return rtnl_link_register(&link_ops);
}

void knm_netif_fini(void)
{
	rtnl_link_unregister(&link_ops);
}
