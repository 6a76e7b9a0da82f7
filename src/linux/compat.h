/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* compat.h - what differs between kernels, found by compat_probe.c. */
#ifndef KNM_COMPAT_H
#define KNM_COMPAT_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/xdp.h>

/* Segmentation in software has a header of its own, or none. */
#if __has_include(<net/gso.h>)
#include <net/gso.h>
#endif

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

/* A device that the system does not know, for NAPIs without one. NULL: no
 * memory. */
static inline struct net_device *knm_dummy_netdev_alloc(void)
{
#ifdef KNM_HAS_NETDEV_DUMMY
	return alloc_netdev_dummy(0);
#else
	struct net_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (dev)
		init_dummy_netdev(dev);
	return dev;
#endif
}

static inline void knm_dummy_netdev_free(struct net_device *dev)
{
#ifdef KNM_HAS_NETDEV_DUMMY
	free_netdev(dev);
#else
	kfree(dev);
#endif
}

/* Asks the driver of @dev for something about XDP. RTNL. */
static inline int knm_dev_xdp(struct net_device *dev, struct netdev_bpf *bpf)
{
#ifdef KNM_HAS_DEV_XDP_PROPAGATE
	return dev_xdp_propagate(dev, bpf);
#else
	return dev->netdev_ops->ndo_bpf(dev, bpf);
#endif
}

/* The frame's memory is a page with a reference for it. */
static inline void knm_xdp_frame_is_page(struct xdp_frame *f)
{
#ifdef KNM_HAS_XDP_FRAME_MEM_TYPE
	f->mem_type = MEM_TYPE_PAGE_ORDER0;
#else
	f->mem.type = MEM_TYPE_PAGE_ORDER0;
#endif
}

/* A timer of the monotonic clock, relative, whose @fn runs in softirqs. */
static inline void
knm_hrtimer_setup(struct hrtimer *timer,
		  enum hrtimer_restart (*fn)(struct hrtimer *))
{
#ifdef KNM_HAS_HRTIMER_SETUP
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	timer->function = fn;
#endif
}

#endif
