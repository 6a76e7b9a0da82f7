/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nic_int.h - what the files of NIC ports know of each other.
 *
 *   nic.c          an interface and its port: life, modes, rings in and out
 *   nic_event.c    what the system does to interfaces meanwhile
 *   nic_rx.c       frames to rx rings, and the ends of bursts
 *   nic_xdp.c      rx from the driver, as an XDP program
 *   nic_skb.c      rx from the stack, where the driver has no XDP
 *   nic_offload.c  what devices would do to frames before we have them
 *   nic_csum.c     checksums that another stack of this machine has left to do
 *   nic_tx.c       tx: frames in pages of ours, to the driver
 *   nic_host.c     what the stack sends
 *
 * RTNL protects all fields, unless they say more.
 */
#ifndef KNM_NIC_INT_H
#define KNM_NIC_INT_H

#include <linux/hrtimer.h>
#include <linux/if_vlan.h>
#include <linux/bpf.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "inject.h"
#include "knm.h"
#include "nic.h"

struct bpf_prog;
struct xdp_frame;

#define KNM_NIC_SLOTS 1024 /* of each ring; a power of two */

/* One rx queue of the driver. */
struct knm_nic_rx {
	spinlock_t lock; /* @pending, @burst */
	bool pending;	 /* @burst has begun, @napi will end it */
	struct nm_nic_burst burst;
	/* Takes its frames; NULL: the stack does. Read in softirqs. */
	struct nm_port *port;
	u32 ring;
	struct napi_struct napi;
};

#define KNM_NIC_PAGES 256 /* kept for frames, per tx ring; a power of two */

/* Bytes of the longest tx frame in one page, and of all. */
#define KNM_NIC_PAGE_ROOM                  \
	(PAGE_SIZE - XDP_PACKET_HEADROOM - \
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define KNM_NIC_FRAME_MAX U16_MAX

/* A frame on its way to the driver. */
struct knm_nic_frame {
	u16 len;
	/* Slots beside one that are done with it: of its other pieces, and of
	 * frames behind it that went nowhere. */
	u16 more;
};

/* One tx queue of the driver. The lock protects all from @head on. */
struct knm_nic_tx {
	/* It is in netmap mode. Read by the stack's senders. */
	struct nm_port *port;
	struct knm_nic *nic;
	u32 ring;
	u32 told; /* slots that the core knows are done; claim held */
	struct hrtimer timer; /* tries again what the driver had no room for */
	spinlock_t lock;
	/* Frames taken from the ring: [tail, head) wait for the driver. Indices
	 * grow for ever. */
	u32 head, tail;
	u32 done; /* slots whose frames wait no more; grows for ever */
	u32 more; /* of all that wait: the sum */
	struct xdp_frame **frame;   /* [KNM_NIC_SLOTS] */
	struct knm_nic_frame *what; /* [KNM_NIC_SLOTS] */
	/* Pages that frames are put in, in turn: each with a reference, one
	 * more for each frame in it; NULL: none yet. */
	struct page **page; /* [KNM_NIC_PAGES] */
	u32 next_page;
	u32 retries;		 /* of the timer, in vain */
	u32 retry_ns;		 /* until the next */
	unsigned long skb_until; /* jiffies: the driver takes no XDP frames */
};

/* How rings reach the driver. */
enum knm_nic_mode {
	KNM_NIC_XDP,
	KNM_NIC_SKB,
};

struct knm_nic {
	struct nm_nic nic;
	struct net_device *dev;
	netdevice_tracker tracker;
	struct list_head node; /* all of them */
	u32 users;	       /* rings in netmap mode */
	u32 num[NM_DIRS];
	struct knm_nic_rx *rx; /* [num[NM_RX]] */
	struct knm_nic_tx *tx; /* [num[NM_TX]] */

	/* While there are users. */
	enum knm_nic_mode mode[NM_DIRS];
	const struct net_device_ops *driver; /* the device's own */
	struct net_device_ops ops; /* what it has in their place (nic_host.c) */
	struct bpf_prog *prog;	   /* of KNM_NIC_XDP, for rx */
	bool completes; /* rx frames may lack their checksums (nic_csum.c) */
	/* Taken off the device and its peer (nic_offload.c). */
	netdev_features_t offloads, peer_offloads;

	struct rcu_head rcu;

	/* Host rings: takes what the stack sends, or NULL. Read by senders. */
	struct nm_port *host;
	struct knm_inject inject;
};

static inline struct knm_nic *knm_nic_of(struct nm_nic *nic)
{
	return container_of(nic, struct knm_nic, nic);
}

/* ---- nic.c ---- */

/* The one of @dev, or NULL. RTNL. */
struct knm_nic *knm_nic_find(const struct net_device *dev);
/* Bytes of the longest frame of @nic's device. */
u32 knm_nic_frame_max(const struct knm_nic *nic);
/* Belongs to our NAPIs: no device of the system. */
extern struct net_device *knm_nic_owner;

/* ---- nic_event.c: module construction and its reverse ---- */

int knm_nic_events_init(void);
void knm_nic_events_fini(void);

/* ---- nic_rx.c ---- */

void knm_nic_rx_init(struct knm_nic_rx *rx, u32 ring);
/* Until a synchronize_net() later, @rx stays. */
void knm_nic_rx_fini(struct knm_nic_rx *rx);
void knm_nic_rx_start(struct knm_nic_rx *rx, struct nm_port *port);
void knm_nic_rx_stop(struct knm_nic_rx *rx);

/* A frame for a ring in netmap mode. Softirq; any number at a time: the stack
 * may bring frames of a queue on several processors, and the end of a burst may
 * run on another. */
static __always_inline void knm_nic_rx_frame(struct knm_nic_rx *rx,
					     struct nm_port *port,
					     const void *data, u32 len)
{
	if (unlikely(len < ETH_HLEN))
		return;
	spin_lock(&rx->lock);
	if (unlikely(nm_nic_rx_is_spent(&rx->burst) && !rx->pending)) {
		rx->pending = true;
		nm_nic_rx_begin(&rx->burst, port, rx->ring);
		napi_schedule(&rx->napi);
	}
	nm_nic_rx_put(&rx->burst, data, len);
	spin_unlock(&rx->lock);
}

/* ---- nic_xdp.c ---- */

/* The device's driver gives us all frames, for rings in netmap mode to keep.
 * -errno; @why: in words. */
int knm_nic_xdp_attach(struct knm_nic *nic, char *why, size_t size);
/* A synchronize_net() later no frame comes; then free. */
void knm_nic_xdp_detach(struct knm_nic *nic);
void knm_nic_xdp_free(struct knm_nic *nic);
/* @dev has an XDP program; @name: which. */
bool knm_nic_xdp_other(const struct net_device *dev, char *name, size_t size);

/* ---- nic_skb.c ---- */

/* The same for what the driver has given the stack. */
int knm_nic_skb_attach(struct knm_nic *nic);
void knm_nic_skb_detach(struct knm_nic *nic);

/* ---- nic_offload.c ---- */

/* The device changes nothing in frames that it receives, and its peer sends
 * whole ones, as far as they can be told; before the device's operations are
 * ours. */
void knm_nic_offloads_off(struct knm_nic *nic);
/* The peer as it was: the stack tells what is left to do. */
void knm_nic_peer_back(struct knm_nic *nic);
/* All as it was; after the device has its operations back. */
void knm_nic_offloads_back(struct knm_nic *nic);
/* No frame lacks its checksum. */
bool knm_nic_is_complete(const struct knm_nic *nic);
/* Of @dev, which may be the peer of one in netmap mode. */
void knm_nic_features_changed(struct net_device *dev);

/* ---- nic_csum.c ---- */

/* Computes the checksum of the Ethernet frame, at least 14 bytes, if it looks as
 * if that was left to do; any context. */
void knm_nic_complete(void *frame, u32 len);

/* A frame of that type may have such a checksum. */
static inline bool knm_nic_is_ip(const void *frame)
{
	const struct ethhdr *eth = frame;

	return eth->h_proto == htons(ETH_P_IP) ||
	       eth->h_proto == htons(ETH_P_IPV6) || eth_type_vlan(eth->h_proto);
}

/* ---- nic_tx.c ---- */

void knm_nic_tx_init(struct knm_nic_tx *tx, struct knm_nic *nic, u32 ring);
int knm_nic_tx_start(struct knm_nic_tx *tx, struct nm_port *port);
void knm_nic_tx_stop(struct knm_nic_tx *tx);
/* ops of struct nm_nic_ops */
u32 knm_nic_tx(struct nm_nic *nic, u32 ring, const struct nm_nic_piece *p,
	       u32 n);
u32 knm_nic_tx_done(struct nm_nic *nic, u32 ring);

/* ---- nic_host.c ---- */

/* From now on what the stack sends by queues in netmap mode is the host rings';
 * the device has nic->ops in place of nic->driver. */
void knm_nic_host_enter(struct knm_nic *nic);
/* A synchronize_net() later no sender is inside. */
void knm_nic_host_leave(struct knm_nic *nic);

#endif
