// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What the stack sends on an interface in netmap mode.
 *
 *      stack --> xmit() --> queue's tx ring in netmap mode: host rx ring, or
 *                   |                dropped if nobody has that
 *                   +-----> other queue: the driver's ndo_start_xmit
 *
 * The device keeps its driver; it gets a copy of the driver's operations in
 * which few are ours. Senders that have loaded them may come in after they were
 * put back, so ours look whether they are the device's still.
 *
 * Programs get frames as they go over a wire: the device seems to have no
 * offloads for queues in netmap mode, so the stack segments, computes checksums
 * and inserts VLAN tags itself.
 */
#include <linux/bpf.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/netlink.h>

#include "compat.h"
#include "nic_int.h"

#define OFFLOADS                                                   \
	(NETIF_F_GSO_MASK | NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | \
	 NETIF_F_FCOE_CRC | NETIF_F_SG | NETIF_F_FRAGLIST |        \
	 NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX)

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev);

/* The one that has put @ops in place of a driver's; NULL: the driver's own. */
static struct knm_nic *nic_of(const struct net_device_ops *ops)
{
	if (ops->ndo_start_xmit != xmit)
		return NULL;
	return container_of(ops, struct knm_nic, ops);
}

/* What the stack sends by @queue is not the driver's. */
static bool is_captured(const struct knm_nic *nic, u32 queue)
{
	return READ_ONCE(nic->tx[queue % nic->num[NM_TX]].port);
}

/* A frame that was made before the offloads went. */
static bool mend(struct sk_buff *skb)
{
	if (skb_is_gso(skb) || skb_vlan_tag_present(skb))
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return false;
	return !skb_linearize(skb);
}

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev)
{
	const struct net_device_ops *ops = READ_ONCE(dev->netdev_ops);
	struct knm_nic *nic = nic_of(ops);
	struct nm_port *port;

	if (!nic)
		return ops->ndo_start_xmit(skb, dev);
	/* With interrupts off it is the kernel's log by the network. */
	if (!is_captured(nic, skb_get_queue_mapping(skb)) || irqs_disabled())
		return nic->driver->ndo_start_xmit(skb, dev);
	/* Pairs with host_start(). */
	port = smp_load_acquire(&nic->host);
	knm_capture(dev, port, skb, port && mend(skb));
	return NETDEV_TX_OK;
}

static netdev_features_t check(struct sk_buff *skb, struct net_device *dev,
			       netdev_features_t features)
{
	const struct net_device_ops *ops = READ_ONCE(dev->netdev_ops);
	struct knm_nic *nic = nic_of(ops);

	if (nic && is_captured(nic, skb_get_queue_mapping(skb)))
		return features & ~OFFLOADS;
	if (nic)
		ops = nic->driver;
	if (ops->ndo_features_check)
		return ops->ndo_features_check(skb, dev, features);
	return vlan_features_check(skb, features);
}

/* Nobody else gets between the driver and us, but who takes everything off a
 * device that goes. RTNL. */
static int set_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct knm_nic *nic =
		container_of(dev->netdev_ops, struct knm_nic, ops);

	if (bpf->command != XDP_SETUP_PROG &&
	    bpf->command != XDP_SETUP_XSK_POOL)
		return nic->driver->ndo_bpf(dev, bpf);
	if (dev->reg_state != NETREG_REGISTERED)
		return nic->driver->ndo_bpf(dev, bpf);
	if (bpf->command == XDP_SETUP_PROG)
		NL_SET_ERR_MSG(bpf->extack, "netmap uses the interface");
	pr_info("netmap: %s: no other XDP program while netmap uses it\n",
		dev->name);
	return -EBUSY;
}

void knm_nic_host_enter(struct knm_nic *nic)
{
	nic->driver = nic->dev->netdev_ops;
	nic->ops = *nic->driver;
	nic->ops.ndo_start_xmit = xmit;
	nic->ops.ndo_features_check = check;
	if (nic->ops.ndo_bpf)
		nic->ops.ndo_bpf = set_bpf;
	/* Pairs with senders, who follow the pointer. */
	smp_store_release(&nic->dev->netdev_ops, &nic->ops);
}

void knm_nic_host_leave(struct knm_nic *nic)
{
	/* If it was changed meanwhile, nobody can find ours any more. */
	if (nic->dev->netdev_ops == &nic->ops)
		WRITE_ONCE(nic->dev->netdev_ops, nic->driver);
}
