// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Memory: the core's own, and regions that clients map.
 *
 * A region's memory is single pages: each has its own reference count, which a
 * client's mapping shares, and none needs a contiguous range of physical
 * memory. The core sees the pages of one population at consecutive addresses.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "knm.h"
#include "mem.h"

/* What one os_mem_populate() made. */
struct run {
	struct run *next;
	void *addr;
	unsigned long first, npages;
};

struct os_mem {
	struct nm_region *region;
	unsigned long npages;
	struct run *runs; /* region lock */
	/* NULL: not populated. Set once, under the region lock. */
	struct page *page[];
};

void *os_alloc(size_t size)
{
	void *p;

	/* Powers of two are aligned to themselves, larger ones to a page. */
	if (size <= PAGE_SIZE)
		size = roundup_pow_of_two(max_t(size_t, size, 64));
	p = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (p)
		knm_count(KNM_ALLOCS, 1);
	return p;
}

void os_free(void *p)
{
	if (!p)
		return;
	knm_count(KNM_ALLOCS, -1);
	kvfree(p);
}

int os_mem_create(struct os_mem **mem, u64 size, struct nm_region *region)
{
	unsigned long npages = size >> PAGE_SHIFT;
	struct os_mem *m;

	m = kvzalloc(struct_size(m, page, npages),
		     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!m)
		return -ENOMEM;
	m->region = region;
	m->npages = npages;
	knm_count(KNM_MEMS, 1);
	*mem = m;
	return 0;
}

static void pages_free(struct page **page, unsigned long n)
{
	while (n--) {
		put_page(page[n]);
		knm_count(KNM_PAGES, -1);
	}
}

static int pages_alloc(struct page **page, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		page[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO |
				     __GFP_NOWARN);
		if (!page[i]) {
			pages_free(page, i);
			return -ENOMEM;
		}
		knm_count(KNM_PAGES, 1);
	}
	return 0;
}

/* Lets page faults find the pages: pairs with knm_mem_page(). */
static void pages_publish(struct os_mem *m, unsigned long first,
			  struct page **page, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		smp_store_release(&m->page[first + i], page[i]);
}

int os_mem_populate(struct os_mem *m, u64 off, u64 len, void **addr)
{
	unsigned long first = off >> PAGE_SHIFT, n = len >> PAGE_SHIFT;
	struct page **page;
	struct run *run;
	int err = -ENOMEM;

	if (WARN_ON_ONCE(first + n > m->npages))
		return -EINVAL;
	run = kzalloc(sizeof(*run), GFP_KERNEL_ACCOUNT);
	page = kvmalloc_array(n, sizeof(*page), GFP_KERNEL);
	if (!run || !page)
		goto err_free;
	err = pages_alloc(page, n);
	if (err)
		goto err_free;
	run->addr = vmap(page, n, VM_MAP, PAGE_KERNEL);
	if (!run->addr) {
		err = -ENOMEM;
		goto err_pages;
	}
	pages_publish(m, first, page, n);
	kvfree(page);
	run->first = first;
	run->npages = n;
	run->next = m->runs;
	m->runs = run;
	*addr = run->addr;
	return 0;

err_pages:
	pages_free(page, n);
err_free:
	kvfree(page);
	kfree(run);
	return err;
}

void os_mem_destroy(struct os_mem *m)
{
	struct run *run;

	while ((run = m->runs)) {
		m->runs = run->next;
		vunmap(run->addr);
		pages_free(&m->page[run->first], run->npages);
		kfree(run);
	}
	kvfree(m);
	knm_count(KNM_MEMS, -1);
}

int knm_mem_page(struct os_mem *m, unsigned long index, struct page **out)
{
	struct page *page;
	int err;

	if (index >= m->npages)
		return -EFAULT;
	/* Pairs with pages_publish(): the page was zeroed before. */
	page = smp_load_acquire(&m->page[index]);
	if (!page) {
		err = nm_region_fault(m->region, (u64)index << PAGE_SHIFT);
		if (err)
			return err;
		page = smp_load_acquire(&m->page[index]);
		if (!page)
			return -EFAULT;
	}
	get_page(page);
	*out = page;
	return 0;
}
