// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Frames from the stack, for drivers without XDP: a handler that the stack asks
 * about each frame that the device has received, before its protocols. Slower
 * than XDP, since the driver makes an skb of each frame, but any driver will do.
 *
 * By then the stack may have put frames together, taken a VLAN tag out, or been
 * told that a checksum need not be computed: that is undone, programs get what
 * would have come over a wire. What was injected passes here too, and goes up.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "compat.h"
#include "nic_int.h"

/* Consumes one frame whose bytes begin with its Ethernet header. */
static void give(struct knm_nic_rx *rx, struct nm_port *port,
		 struct sk_buff *skb)
{
	bool whole =
		skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb);

	if (whole && !skb_linearize(skb)) {
		knm_nic_rx_frame(rx, port, skb->data, skb->len);
		consume_skb(skb);
	} else {
		kfree_skb(skb);
	}
}

static void give_segments(struct knm_nic_rx *rx, struct nm_port *port,
			  struct sk_buff *skb)
{
	struct sk_buff *segs = __skb_gso_segment(skb, 0, false), *next;

	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next)
	{
		skb_mark_not_on_list(segs);
		give(rx, port, segs);
	}
}

static void take(struct knm_nic_rx *rx, struct nm_port *port,
		 struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return;
	skb_push(skb, skb->data - skb_mac_header(skb));
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb)
			return;
	}
	if (skb_is_gso(skb))
		give_segments(rx, port, skb);
	else
		give(rx, port, skb);
}

static rx_handler_result_t handle(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct knm_nic *nic = rcu_dereference(skb->dev->rx_handler_data);
	u32 queue = skb_rx_queue_recorded(skb) ? skb_get_rx_queue(skb) : 0;
	struct knm_nic_rx *rx;
	struct nm_port *port;

	/* What the stack sends to itself was on no wire. */
	if (queue >= nic->num[NM_RX] || skb->pkt_type == PACKET_LOOPBACK ||
	    knm_inject_is_from(&nic->inject, skb))
		return RX_HANDLER_PASS;
	rx = &nic->rx[queue];
	/* Pairs with knm_nic_rx_start(). */
	port = smp_load_acquire(&rx->port);
	if (!port)
		return RX_HANDLER_PASS;
	take(rx, port, skb);
	return RX_HANDLER_CONSUMED;
}

int knm_nic_skb_attach(struct knm_nic *nic)
{
	return netdev_rx_handler_register(nic->dev, handle, nic);
}

void knm_nic_skb_detach(struct knm_nic *nic)
{
	netdev_rx_handler_unregister(nic->dev);
}
