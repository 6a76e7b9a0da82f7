/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* compat.h - what differs between kernels, found by compat_probe.c. */
#ifndef KNM_COMPAT_H
#define KNM_COMPAT_H

#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/netdevice.h>

#ifndef KNM_HAS_VM_FLAGS_SET
/* mmap lock held for writing, as in a file's mmap. */
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

/* @dev's transmit function is entered by many at once. */
static inline void knm_dev_lltx(struct net_device *dev)
{
#ifdef KNM_HAS_DEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* The counters of @dev (tstats), per processor: asked for before it is
 * registered, there from ndo_init to ndo_uninit. */
#ifdef KNM_HAS_PCPU_STAT_TYPE
static inline void knm_dev_tstats_setup(struct net_device *dev)
{
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
}

static inline int knm_dev_tstats_init(struct net_device *dev)
{
	return 0;
}

static inline void knm_dev_tstats_fini(struct net_device *dev)
{
}
#else
static inline void knm_dev_tstats_setup(struct net_device *dev)
{
}

static inline int knm_dev_tstats_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static inline void knm_dev_tstats_fini(struct net_device *dev)
{
	free_percpu(dev->tstats);
	dev->tstats = NULL;
}
#endif

/* Adds 1: any context. */
static inline void knm_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef KNM_HAS_EVENTFD_SIGNAL_ONE
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

#endif
