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
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "knm.h"
#include "mem.h"

/* What one os_mem_populate() made. */
struct run {
	struct run *next;
	void *addr; /* mapping of page[] */
	struct page **page;
	unsigned long n;
};

struct os_mem {
	struct nm_region *region;
	u64 size;
	struct os_pin *pin; /* adopted, or NULL */
	struct run *runs;   /* region lock */
	/* Who mapped it first, a reference to the structure alone, so that no
	 * other process gets that address; and whether another did too. Grow
	 * only, but for os_mem_forget(). */
	struct mm_struct *mapper;
	bool many;
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
	struct os_mem *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return -ENOMEM;
	m->region = region;
	m->size = size;
	knm_count(KNM_MEMS, 1);
	*mem = m;
	return 0;
}

int os_mem_adopt(struct os_mem **mem, struct os_pin *pin,
		 struct nm_region *region)
{
	int err = os_mem_create(mem, (u64)knm_pin_pages(pin) << PAGE_SHIFT,
				region);

	if (err)
		return err;
	(*mem)->pin = pin;
	/* Its process has it; others have too, for all we know, unless it is
	 * the process's own. */
	knm_mem_mapped(*mem, knm_pin_mm(pin));
	(*mem)->many = !knm_pin_is_private(pin);
	return 0;
}

void knm_mem_mapped(struct os_mem *m, struct mm_struct *mm)
{
	struct mm_struct *first = cmpxchg(&m->mapper, NULL, mm);

	if (!first)
		mmgrab(mm);
	else if (first != mm)
		WRITE_ONCE(m->many, true);
}

bool os_mem_is_callers(const struct os_mem *m, const struct os_caller *c)
{
	return c && READ_ONCE(m->mapper) == (const struct mm_struct *)c &&
	       !READ_ONCE(m->many);
}

static void mapper_put(struct os_mem *m)
{
	if (m->mapper)
		mmdrop(m->mapper);
	m->mapper = NULL;
}

/* Adopted memory has mappings that we do not know of. */
void os_mem_forget(struct os_mem *m)
{
	if (m->pin)
		return;
	mapper_put(m);
	m->many = false;
}

bool knm_mem_is_adopted(const struct os_mem *m)
{
	return m->pin;
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

/* It is there. */
void os_mem_expect(struct os_mem *m, u64 off, u64 len)
{
}

int os_mem_populate(struct os_mem *m, u64 off, u64 len, void **addr)
{
	struct run *run;
	int err = -ENOMEM;

	if (WARN_ON_ONCE(off + len > m->size))
		return -EINVAL;
	if (m->pin) {
		*addr = os_pin_addr(m->pin) + off;
		memset(*addr, 0, len);
		return 0;
	}
	run = kzalloc(sizeof(*run), GFP_KERNEL_ACCOUNT);
	if (!run)
		return -ENOMEM;
	run->n = len >> PAGE_SHIFT;
	run->page =
		kvmalloc_array(run->n, sizeof(*run->page), GFP_KERNEL_ACCOUNT);
	if (!run->page)
		goto err_free;
	err = pages_alloc(run->page, run->n);
	if (err)
		goto err_free;
	run->addr = vmap(run->page, run->n, VM_MAP, PAGE_KERNEL);
	if (!run->addr) {
		err = -ENOMEM;
		goto err_pages;
	}
	run->next = m->runs;
	m->runs = run;
	*addr = run->addr;
	return 0;

err_pages:
	pages_free(run->page, run->n);
err_free:
	kvfree(run->page);
	kfree(run);
	return err;
}

void os_mem_destroy(struct os_mem *m)
{
	struct run *run;

	while ((run = m->runs)) {
		m->runs = run->next;
		vunmap(run->addr);
		pages_free(run->page, run->n);
		kvfree(run->page);
		kfree(run);
	}
	mapper_put(m);
	kfree(m);
	knm_count(KNM_MEMS, -1);
}

int knm_mem_page(struct os_mem *m, unsigned long index, struct page **out)
{
	void *addr;
	int err;

	if (m->pin) {
		if (index >= knm_pin_pages(m->pin))
			return -EFAULT;
		*out = knm_pin_page(m->pin, index);
		return 0;
	}
	err = nm_region_fault(m->region, (u64)index << PAGE_SHIFT, &addr);

	if (err)
		return err;
	*out = vmalloc_to_page(addr);
	get_page(*out);
	return 0;
}
