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
