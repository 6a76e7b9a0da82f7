// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Memory of the caller that stays: its pages are pinned for long, charged to
 * what it may lock (RLIMIT_MEMLOCK), and mapped for us at consecutive
 * addresses. All of that is undone after os_unpin(), whoever calls it: the
 * charge is given back to the memory that was charged. That takes the mmap lock
 * of a process, which may hold it for as long as a file system takes, so it is
 * done by a work, which holds nothing else.
 */
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "knm.h"
#include "os.h"

struct os_pin {
	struct llist_node ended; /* in ended_pins */
	struct mm_struct *mm;	 /* charged */
	struct page **page;
	unsigned long n;
	void *map; /* of page[] */
	size_t at; /* of the first byte in it */
	u64 len;
	bool private; /* pages that no other process can map */
};

static LLIST_HEAD(ended_pins);

static void pages_unpin(struct os_pin *p, unsigned long n)
{
	unpin_user_pages_dirty_lock(p->page, n, true);
	knm_count(KNM_PINS, -(long)n);
}

static int pages_pin(struct os_pin *p, unsigned long start)
{
	unsigned long done = 0;

	while (done < p->n) {
		long got = pin_user_pages_fast(
			start + (done << PAGE_SHIFT),
			(int)min_t(unsigned long, p->n - done, 1024),
			FOLL_WRITE | FOLL_LONGTERM, p->page + done);

		if (got <= 0) {
			pages_unpin(p, done);
			return got == -ENOMEM ? -ENOMEM : -EFAULT;
		}
		knm_count(KNM_PINS, got);
		done += (unsigned long)got;
	}
	return 0;
}

static void pin_free(struct os_pin *p)
{
	vunmap(p->map);
	pages_unpin(p, p->n);
	account_locked_vm(p->mm, p->n, false);
	mmdrop(p->mm);
	kvfree(p->page);
	kfree(p);
}

static void free_ended(struct work_struct *work)
{
	struct llist_node *n = llist_del_all(&ended_pins);

	while (n) {
		struct os_pin *p = llist_entry(n, struct os_pin, ended);

		n = n->next;
		pin_free(p);
	}
}

static DECLARE_WORK(ended_work, free_ended);

/* What was unpinned before counts no more. */
static int charge(struct os_pin *p)
{
	if (!account_locked_vm(p->mm, p->n, true))
		return 0;
	flush_work(&ended_work);
	return account_locked_vm(p->mm, p->n, true);
}

/* Shared memory, and files, are not anonymous; and what is pinned is copied for
 * a child, not shared with it. */
static bool is_private(const struct os_pin *p)
{
	unsigned long i;

	for (i = 0; i < p->n; i++)
		if (!PageAnon(p->page[i]))
			return false;
	return true;
}

static int pin_make(struct os_pin *p, unsigned long start)
{
	int err;

	p->page = kvmalloc_array(p->n, sizeof(*p->page),
				 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!p->page)
		return os_refuse(-ENOMEM, "no memory to pin %lu pages", p->n);
	err = charge(p);
	if (err) {
		os_refuse(err, "%lu pages are over RLIMIT_MEMLOCK", p->n);
		goto err_page;
	}
	err = pages_pin(p, start);
	if (err) {
		os_refuse(err, "not all of %lu pages can be pinned", p->n);
		goto err_account;
	}
	p->private = is_private(p);
	p->map = vmap(p->page, p->n, VM_MAP, PAGE_KERNEL);
	if (p->map)
		return 0;
	err = os_refuse(-ENOMEM, "no memory to map %lu pages", p->n);
	pages_unpin(p, p->n);
err_account:
	account_locked_vm(p->mm, p->n, false);
err_page:
	kvfree(p->page);
	return err;
}

int os_pin(struct os_caller *c, u64 user, u64 len, struct os_pin **out)
{
	u64 first = user >> PAGE_SHIFT, last = (user + len - 1) >> PAGE_SHIFT;
	struct os_pin *p;
	int err;

	if (!c || c != knm_caller() || user + len < user)
		return os_refuse(-EFAULT, "no memory of the caller");
	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return os_refuse(-ENOMEM, "no memory to pin memory");
	p->mm = current->mm;
	p->n = last - first + 1;
	p->at = offset_in_page(user);
	p->len = len;
	err = pin_make(p, first << PAGE_SHIFT);
	if (err) {
		kfree(p);
		return err;
	}
	mmgrab(p->mm);
	*out = p;
	return 0;
}

void os_unpin(struct os_pin *p)
{
	if (llist_add(&p->ended, &ended_pins))
		schedule_work(&ended_work);
}

void knm_pin_fini(void)
{
	flush_work(&ended_work);
}

void *os_pin_addr(const struct os_pin *p)
{
	return p->map + p->at;
}

bool os_pin_is_same(const struct os_pin *a, const struct os_pin *b)
{
	return a->len == b->len && a->at == b->at &&
	       !memcmp(a->page, b->page, a->n * sizeof(*a->page));
}

struct mm_struct *knm_pin_mm(const struct os_pin *p)
{
	return p->mm;
}

bool knm_pin_is_private(const struct os_pin *p)
{
	return p->private;
}

unsigned long knm_pin_pages(const struct os_pin *p)
{
	return p->n;
}

struct page *knm_pin_page(const struct os_pin *p, unsigned long index)
{
	return p->page[index];
}
