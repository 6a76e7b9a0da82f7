// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "hold.h"
#include "lock.h"
#include "real.h"

/* As many mappings as Linux lets a process have by itself (vm.max_map_count). */
#define STRETCHES 65536

/* A descriptor of a session, and how many stretches of memory need it. */
struct hold {
	int fd; /* internal */
	struct nmh_session *session;
	uint32_t stretches;
	struct hold *next; /* of those that nothing needs any more */
};

struct stretch {
	uintptr_t start, end; /* atomic; 0, 0: free */
	struct hold *hold;
};

/*
 * Written under nmh_lock; looked at without: allocators unmap memory under locks
 * of their own, which may be those that a fork takes beside nmh_lock.
 */
static struct stretch stretches[STRETCHES];
static uint32_t end;  /* one above the last that was ever used; atomic */
static uint32_t turn; /* odd while stretches change; atomic */

/* Bounds of all there ever were; only grow. */
static uintptr_t lowest = UINTPTR_MAX, highest;

static uintptr_t page_mask(void)
{
	return (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
}

static uintptr_t up(size_t len)
{
	return (len + page_mask()) & ~page_mask();
}

static uintptr_t load(const uintptr_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void store(uintptr_t *p, uintptr_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
}

bool nmh_hold_concerns(const void *addr, size_t len)
{
	return (uintptr_t)addr < load(&highest) &&
	       (uintptr_t)addr + len > load(&lowest);
}

/* ---- holds ---- */

static void destroy(struct hold *h)
{
	if (!h)
		return;
	nmh_fd_close(h->fd);
	nmh_session_unref(h->session);
	free(h);
}

static struct hold *create(struct nmh_session *s, int fd)
{
	struct hold *h = malloc(sizeof(*h));
	int copy;

	if (!h)
		return NULL;
	copy = nmh_session_copy(s, fd);
	if (copy < 0) {
		free(h);
		return NULL;
	}
	nmh_session_ref(s);
	*h = (struct hold){.fd = copy, .session = s};
	return h;
}

/* ---- stretches; nmh_lock held ---- */

static bool overlaps(const struct stretch *st, uintptr_t from, uintptr_t to)
{
	return from < load(&st->end) && to > load(&st->start);
}

/* A free one, or NULL. */
static struct stretch *find_free(void)
{
	for (uint32_t i = 0; i < STRETCHES; i++)
		if (!stretches[i].end)
			return &stretches[i];
	return NULL;
}

/* Begins or ends a change; pairs with is_held(). */
static void change(void)
{
	__atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void add(struct stretch *st, struct hold *h, uintptr_t from,
		uintptr_t to)
{
	store(&st->start, from);
	store(&st->end, to);
	st->hold = h;
	h->stretches++;
	if (st >= stretches + end)
		__atomic_store_n(&end, (uint32_t)(st - stretches) + 1,
				 __ATOMIC_RELAXED);
}

static void remove_stretch(struct stretch *st, struct hold **dead)
{
	struct hold *h = st->hold;

	store(&st->start, 0);
	store(&st->end, 0);
	if (--h->stretches)
		return;
	h->next = *dead;
	*dead = h;
}

/* Takes from..to out of @st, which they overlap. */
static void cut(struct stretch *st, uintptr_t from, uintptr_t to,
		struct hold **dead)
{
	uintptr_t last = st->end;
	struct stretch *rest;

	if (from <= st->start && to >= last) {
		remove_stretch(st, dead);
	} else if (from <= st->start) {
		store(&st->start, to);
	} else if (to >= last) {
		store(&st->end, from);
	} else {
		rest = find_free();
		if (!rest)
			return; /* held for longer than needed */
		store(&st->end, from);
		add(rest, st->hold, to, last);
	}
}

/* ---- mapping ---- */

/* As the module answers; the rest is the kernel's to judge. */
static int check(const struct nmh_session *s, size_t len, off_t offset)
{
	uint64_t size = s->region_size;

	if (!len || offset < 0 || (uint64_t)offset >= size ||
	    up(len) > size - (uint64_t)offset)
		return -EINVAL;
	return 0;
}

/* from..to is mapped, and needs @h. */
static int hold(struct hold *h, uintptr_t from, uintptr_t to)
{
	uint64_t signals = nmh_lock_take(&nmh_lock);
	struct stretch *st = find_free();

	if (st) {
		if (from < lowest)
			store(&lowest, from);
		if (to > highest)
			store(&highest, to);
		change();
		add(st, h, from, to);
		change();
	}
	nmh_lock_give(&nmh_lock, signals);
	return st ? 0 : -ENOMEM;
}

void *nmh_hold_map(struct nmh_session *s, int fd, void *addr, size_t len,
		   int prot, int flags, off_t offset)
{
	struct hold *h = create(s, fd);
	int err = h ? nmh_session_map(s, fd) : -ENOMEM;
	void *mem = NULL;

	if (err == -ENXIO)
		err = -EINVAL;
	if (!err)
		err = check(s, len, offset);
	if (!err)
		mem = nmh_mmap(addr, len, prot, flags, s->region, offset, &err);
	if (!err) {
		err = hold(h, (uintptr_t)mem, (uintptr_t)mem + up(len));
		if (err)
			nmh_free(mem, len);
	}
	if (err) {
		destroy(h);
		errno = -err;
		return MAP_FAILED;
	}
	/* A core dump would populate all of it. */
	nmh_sys(SYS_madvise, mem, len, MADV_DONTDUMP);
	return mem;
}

/* ---- unmapping ---- */

static bool is_any_in(uintptr_t from, uintptr_t to)
{
	uint32_t n = __atomic_load_n(&end, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < n; i++)
		if (overlaps(&stretches[i], from, to))
			return true;
	return false;
}

static bool is_held(uintptr_t from, uintptr_t to)
{
	uint32_t before;
	bool found;

	do {
		before = __atomic_load_n(&turn, __ATOMIC_ACQUIRE);
		found = is_any_in(from, to);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (before & 1 ||
		 before != __atomic_load_n(&turn, __ATOMIC_RELAXED));
	return found;
}

/* Returns those that nothing needs any more. */
static struct hold *cut_all(uintptr_t from, uintptr_t to)
{
	struct hold *dead = NULL;
	uint64_t signals = nmh_lock_take(&nmh_lock);

	change();
	for (uint32_t i = 0; i < end; i++)
		if (overlaps(&stretches[i], from, to))
			cut(&stretches[i], from, to, &dead);
	change();
	nmh_lock_give(&nmh_lock, signals);
	return dead;
}

int nmh_hold_unmap(void *addr, size_t len)
{
	uintptr_t from = (uintptr_t)addr, to = from + up(len);
	struct hold *dead = NULL, *next;
	long r;

	/* While it is mapped: afterwards another thread may be given the same
	 * addresses, for another port. */
	if (!(from & page_mask()) && is_held(from, to))
		dead = cut_all(from, to);
	r = nmh_sys(SYS_munmap, addr, len);
	for (; dead; dead = next) {
		next = dead->next;
		destroy(dead);
	}
	return (int)nmh_return(r);
}
