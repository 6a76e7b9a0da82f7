/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* inject.h - frames of programs on their way into the system's stack, and back. */
#ifndef KNM_INJECT_H
#define KNM_INJECT_H

#include <linux/netdevice.h>

#include "nic.h"

struct knm_inject {
	struct net_device *dev; /* they come from it, as the stack sees it */
	bool counts;		/* in the counters (tstats) of @dev */
	struct napi_struct napi;
	struct sk_buff_head frames; /* its own lock */
};

/* The NAPI belongs to @owner, which is @dev or no device of the system. Stopped.
 * RTNL. */
void knm_inject_init(struct knm_inject *in, struct net_device *dev,
		     struct net_device *owner);
/* Stopped before; @in stays until a synchronize_net(). RTNL. */
void knm_inject_fini(struct knm_inject *in);

/* Thread. Stop returns when no frame is on its way any more. */
void knm_inject_start(struct knm_inject *in);
void knm_inject_stop(struct knm_inject *in);

/* ops->inject and ops->inject_end of an interface. */
bool knm_inject_frame(struct knm_inject *in, const struct nm_nic_piece *p,
		      u32 n);
void knm_inject_end(struct knm_inject *in);

/*
 * The other way: the stack sends @skb by @dev, whose host rings @port has (NULL:
 * nobody). They take it if it is @fit for them, else it is dropped; it is gone
 * either way. True: taken. Softirqs off.
 */
bool knm_capture(struct net_device *dev, struct nm_port *port,
		 struct sk_buff *skb, bool fit);

/* @skb came this way. */
static inline bool knm_inject_is_from(const struct knm_inject *in,
				      const struct sk_buff *skb)
{
	return skb_napi_id(skb) == in->napi.napi_id;
}

#endif
