// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * /dev/netmap. An open file is a descriptor of the core, in the world of the
 * network namespace that its opener was in; it holds that namespace. A mapping
 * holds its file, as every mapping does, so a region stays while it is mapped.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "file.h"
#include "knm.h"

struct knm_file {
	struct nm_file *file;
	struct net *net; /* one reference */
};

static int device_open(struct inode *inode, struct file *filp)
{
	struct nm_core *core;
	struct knm_file *k;
	int err;

	k = kzalloc(sizeof(*k), GFP_KERNEL_ACCOUNT);
	if (!k)
		return -ENOMEM;
	k->net = get_net(current->nsproxy->net_ns);
	err = knm_net_core(k->net, &core);
	if (err)
		goto err_net;
	err = nm_file_create(core, &k->file);
	if (err)
		goto err_net;
	filp->private_data = k;
	return nonseekable_open(inode, filp);

err_net:
	put_net(k->net);
	kfree(k);
	return err;
}

static int device_release(struct inode *inode, struct file *filp)
{
	struct knm_file *k = filp->private_data;

	nm_file_destroy(k->file);
	put_net(k->net);
	kfree(k);
	return 0;
}

static ssize_t device_read(struct file *filp, char __user *buf, size_t len,
			   loff_t *pos)
{
	return -EINVAL;
}

static ssize_t device_write(struct file *filp, const char __user *buf,
			    size_t len, loff_t *pos)
{
	return -EINVAL;
}

static long device_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct knm_file *k = filp->private_data;

	/* What is called for every batch, and takes no argument, first. */
	if (cmd == NIOCTXSYNC)
		return nm_file_txsync(k->file, knm_caller());
	if (cmd == NIOCRXSYNC)
		return nm_file_rxsync(k->file, knm_caller());
	return nm_file_ioctl(k->file, knm_caller(), cmd, arg);
}

static __poll_t device_poll(struct file *filp, poll_table *table)
{
	struct knm_file *k = filp->private_data;
	struct os_poll poll = {.file = filp, .table = table};
	__poll_t asked = poll_requested_events(table), ready = 0;
	u32 events = 0, found;

	if (asked & (EPOLLIN | EPOLLRDNORM))
		events |= NM_POLLIN;
	if (asked & (EPOLLOUT | EPOLLWRNORM))
		events |= NM_POLLOUT;
	found = nm_file_poll(k->file, knm_caller(), events, &poll);
	if (found & NM_POLLIN)
		ready |= EPOLLIN | EPOLLRDNORM;
	if (found & NM_POLLOUT)
		ready |= EPOLLOUT | EPOLLWRNORM;
	if (found & NM_POLLERR)
		ready |= EPOLLERR;
	return ready;
}

/* A client touched a page that it has not mapped yet. */
static vm_fault_t region_fault(struct vm_fault *vmf)
{
	int err =
		knm_mem_page(vmf->vma->vm_private_data, vmf->pgoff, &vmf->page);

	if (!err)
		return 0;
	return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

/* A mapping is copied: to a child, by fork(), or a part of it to its owner. */
static void region_open(struct vm_area_struct *vma)
{
	knm_mem_mapped(vma->vm_private_data, vma->vm_mm);
}

static const struct vm_operations_struct region_ops = {
	.open = region_open,
	.fault = region_fault,
};

/* The same for pages of another process (or this one), pinned as long as the
 * file is there: mapped without becoming part of this mapping's accounts. */
static vm_fault_t adopted_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;

	if (knm_mem_page(vma->vm_private_data, vmf->pgoff, &page))
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vma, vmf->address, page_to_pfn(page));
}

static const struct vm_operations_struct adopted_ops = {
	.open = region_open,
	.fault = adopted_fault,
};

/* A private mapping would copy such pages at a write, and cannot. */
static int adopted_mmap(struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vm_flags_set(vma, VM_PFNMAP);
	vma->vm_ops = &adopted_ops;
	return 0;
}

static int device_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct knm_file *k = filp->private_data;
	struct nm_region *region = nm_file_region(k->file);
	unsigned long pages;

	if (!region)
		return -EINVAL;
	pages = region->size >> PAGE_SHIFT;
	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	/* A core dump would populate all of it; a larger mapping is useless. */
	vm_flags_set(vma, VM_DONTDUMP | VM_DONTEXPAND);
	vma->vm_private_data = region->mem;
	vma->vm_ops = &region_ops;
	if (knm_mem_is_adopted(region->mem) && adopted_mmap(vma))
		return -EINVAL;
	knm_mem_mapped(region->mem, vma->vm_mm);
	return 0;
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.write = device_write,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = device_mmap,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "netmap",
	.fops = &device_ops,
	.mode = 0600,
};

int knm_chardev_init(void)
{
	return misc_register(&device);
}

void knm_chardev_fini(void)
{
	misc_deregister(&device);
}
