// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Injection: what a program puts into a host tx ring is copied into an skb and
 * queued; a NAPI hands a burst at a time to the stack, in softirq context, where
 * the stack may answer at once.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include "inject.h"

/* Frames that wait for the stack; more are dropped. */
#define FRAMES_MAX 4096

static int poll(struct napi_struct *napi, int budget)
{
	struct knm_inject *in = container_of(napi, struct knm_inject, napi);
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && (skb = skb_dequeue(&in->frames))) {
		if (in->counts)
			dev_sw_netstats_rx_add(in->dev, skb->len + ETH_HLEN);
		napi_gro_receive(napi, skb);
		done++;
	}
	/* What came after the last look had found us scheduled. */
	if (done < budget && napi_complete_done(napi, done) &&
	    !skb_queue_empty_lockless(&in->frames))
		napi_schedule(napi);
	return done;
}

/* The frame as the stack wants it, or NULL. The bytes may change while they
 * are copied; only the copy is looked at. */
static struct sk_buff *frame_copy(struct net_device *dev,
				  const struct nm_nic_piece *p, u32 n)
{
	u32 max = READ_ONCE(dev->mtu) + ETH_HLEN + VLAN_HLEN, len = 0, i;
	struct sk_buff *skb;

	for (i = 0; i < n; i++)
		len += p[i].len;
	if (len < ETH_HLEN || len > max)
		return NULL;
	skb = netdev_alloc_skb_ip_align(dev, len);
	if (!skb)
		return NULL;
	for (i = 0; i < n; i++)
		skb_put_data(skb, p[i].data, p[i].len);
	skb->protocol = eth_type_trans(skb, dev);
	return skb;
}

bool knm_inject_frame(struct knm_inject *in, const struct nm_nic_piece *p,
		      u32 n)
{
	struct sk_buff *skb = NULL;

	/* Who stops the injection waits for such sections, then purges. */
	rcu_read_lock();
	if (netif_running(in->dev) &&
	    skb_queue_len_lockless(&in->frames) < FRAMES_MAX)
		skb = frame_copy(in->dev, p, n);
	if (skb)
		skb_queue_tail(&in->frames, skb);
	else
		dev_core_stats_rx_dropped_inc(in->dev);
	rcu_read_unlock();
	return skb;
}

void knm_inject_end(struct knm_inject *in)
{
	/* The softirq runs as bottom halves are enabled again. */
	local_bh_disable();
	napi_schedule(&in->napi);
	local_bh_enable();
}

void knm_inject_start(struct knm_inject *in)
{
	napi_enable(&in->napi);
}

void knm_inject_stop(struct knm_inject *in)
{
	napi_disable(&in->napi);
	synchronize_net();
	skb_queue_purge(&in->frames);
}

void knm_inject_init(struct knm_inject *in, struct net_device *dev,
		     struct net_device *owner)
{
	in->dev = dev;
	skb_queue_head_init(&in->frames);
	netif_napi_add(owner, &in->napi, poll);
}

void knm_inject_fini(struct knm_inject *in)
{
	netif_napi_del(&in->napi);
	skb_queue_purge(&in->frames);
}

bool knm_capture(struct net_device *dev, struct nm_port *port,
		 struct sk_buff *skb, bool fit)
{
	u32 queue = skb_get_queue_mapping(skb);
	bool more = netdev_xmit_more(), taken;

	skb_tx_timestamp(skb);
	taken = port && fit && nm_host_rx(port, queue, skb->data, skb->len);
	if (taken) {
		dev_consume_skb_any(skb);
	} else {
		dev_core_stats_tx_dropped_inc(dev);
		dev_kfree_skb_any(skb);
	}
	if (port && !more)
		nm_host_rx_end(port, queue);
	return taken;
}
