// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * One function per difference between kernels, compiled alone by Kbuild: what
 * compiles is there. Used through compat.h only.
 */

#ifdef KNM_PROBE_VM_FLAGS_SET
#include <linux/mm.h>

void probe(struct vm_area_struct *vma);
void probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTDUMP);
}
#endif

#ifdef KNM_PROBE_EVENTFD_SIGNAL_ONE
#include <linux/eventfd.h>

void probe(struct eventfd_ctx *ctx);
void probe(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx);
}
#endif

#ifdef KNM_PROBE_PCPU_STAT_TYPE
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
}
#endif

#ifdef KNM_PROBE_DEV_LLTX
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
	dev->lltx = true;
}
#endif

#ifdef KNM_PROBE_NETDEV_DUMMY
#include <linux/netdevice.h>

struct net_device *probe(void);
struct net_device *probe(void)
{
	return alloc_netdev_dummy(0);
}
#endif

#ifdef KNM_PROBE_DEV_XDP_PROPAGATE
#include <linux/netdevice.h>

int probe(struct net_device *dev, struct netdev_bpf *bpf);
int probe(struct net_device *dev, struct netdev_bpf *bpf)
{
	return dev_xdp_propagate(dev, bpf);
}
#endif

#ifdef KNM_PROBE_XDP_FRAME_MEM_TYPE
#include <net/xdp.h>

void probe(struct xdp_frame *f);
void probe(struct xdp_frame *f)
{
	f->mem_type = MEM_TYPE_PAGE_ORDER0;
}
#endif

#ifdef KNM_PROBE_HRTIMER_SETUP
#include <linux/hrtimer.h>

void probe(struct hrtimer *timer, enum hrtimer_restart (*fn)(struct hrtimer *));
void probe(struct hrtimer *timer, enum hrtimer_restart (*fn)(struct hrtimer *))
{
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}
#endif
