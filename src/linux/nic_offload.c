// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Programs get frames as they were on the wire, so while an interface is in
 * netmap mode nothing that it receives is taken out of frames or left to be
 * done:
 *
 *   the device     takes no VLAN tags out: some keep a part of them only
 *   its peer       (veth) offers its stack no checksums and no VLAN tags: a veth
 *                  hands on what it gets, and an XDP program is not told what
 *                  is missing
 *
 * What was wanted of them before is wanted again afterwards, but for what the
 * administrator has the peer offer meanwhile.
 */
#include <linux/netdevice.h>

#include "nic_int.h"

#define RX_OFFLOADS (NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_STAG_RX)
#define TX_OFFLOADS                                                       \
	(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_HW_VLAN_CTAG_TX | \
	 NETIF_F_HW_VLAN_STAG_TX)

/* Which of @offloads were wanted of @dev, and are not any more. */
static netdev_features_t take_off(struct net_device *dev,
				  netdev_features_t offloads)
{
	offloads &= dev->wanted_features;
	if (offloads) {
		dev->wanted_features &= ~offloads;
		netdev_update_features(dev);
	}
	return offloads;
}

static void put_back(struct net_device *dev, netdev_features_t offloads)
{
	if (offloads && dev->reg_state == NETREG_REGISTERED) {
		dev->wanted_features |= offloads;
		netdev_update_features(dev);
	}
}

/* The device at the other end of @dev, while RTNL is held; NULL: there is none.
 * Pairs end together: then it is not found any more. */
static struct net_device *peer_of(struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	struct net_device *peer = NULL;

	rcu_read_lock();
	if (ops->ndo_get_peer_dev)
		peer = ops->ndo_get_peer_dev(dev);
	rcu_read_unlock();
	return peer;
}

void knm_nic_offloads_off(struct knm_nic *nic)
{
	struct net_device *peer = peer_of(nic->dev);

	ASSERT_RTNL();
	nic->offloads = take_off(nic->dev, RX_OFFLOADS);
	nic->peer_offloads = peer ? take_off(peer, TX_OFFLOADS) : 0;
	/* Who sends by the peer at this moment may rely on them still. */
	if (nic->peer_offloads)
		synchronize_net();
}

void knm_nic_peer_back(struct knm_nic *nic)
{
	struct net_device *peer = peer_of(nic->dev);

	ASSERT_RTNL();
	if (peer)
		put_back(peer, nic->peer_offloads);
	nic->peer_offloads = 0;
}

void knm_nic_offloads_back(struct knm_nic *nic)
{
	knm_nic_peer_back(nic);
	put_back(nic->dev, nic->offloads);
}

bool knm_nic_is_complete(const struct knm_nic *nic)
{
	struct net_device *peer = peer_of(nic->dev);

	if (nic->mode[NM_RX] != KNM_NIC_XDP || !nic->dev->rtnl_link_ops)
		return true;
	return peer && !(peer->features & TX_OFFLOADS);
}

void knm_nic_features_changed(struct net_device *dev)
{
	struct net_device *other = peer_of(dev);
	struct knm_nic *nic = other ? knm_nic_find(other) : NULL;

	if (!nic || !nic->users)
		return;
	WRITE_ONCE(nic->completes, !knm_nic_is_complete(nic));
	nic->peer_offloads &= ~dev->features;
}
