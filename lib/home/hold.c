// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "hold.h"
#include "lock.h"
#include "real.h"

/* A descriptor of a session, and how many stretches of memory need it. */
struct hold {
	int fd; /* internal */
	struct nmh_session *session;
	uint32_t stretches;
};

struct stretch {
	uintptr_t start, end;
	struct hold *hold;
	struct stretch *next;
};

/* nmh_lock. */
static struct stretch *stretches;

/* Bounds of all there ever were; only grow. */
static uintptr_t lowest = UINTPTR_MAX, highest;

static uintptr_t up(size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	return (len + page - 1) & ~(page - 1);
}

bool nmh_hold_concerns(const void *addr, size_t len)
{
	return (uintptr_t)addr < __atomic_load_n(&highest, __ATOMIC_RELAXED) &&
	       (uintptr_t)addr + len >
		       __atomic_load_n(&lowest, __ATOMIC_RELAXED);
}

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

/* nmh_lock held. */
static void add(struct stretch *st, struct hold *h, uintptr_t start,
		uintptr_t end)
{
	*st = (struct stretch){start, end, h, stretches};
	stretches = st;
	h->stretches++;
	if (start < lowest)
		__atomic_store_n(&lowest, start, __ATOMIC_RELAXED);
	if (end > highest)
		__atomic_store_n(&highest, end, __ATOMIC_RELAXED);
}

/* As the module answers; the rest is the kernel's to judge. */
static int check(const struct nmh_session *s, size_t len, off_t offset)
{
	uint64_t size = s->region_size;

	if (!len || offset < 0 || (uint64_t)offset >= size ||
	    up(len) > size - (uint64_t)offset)
		return -EINVAL;
	return 0;
}

void *nmh_hold_map(struct nmh_session *s, int fd, void *addr, size_t len,
		   int prot, int flags, off_t offset)
{
	struct stretch *st = malloc(sizeof(*st));
	struct hold *h = create(s, fd);
	int err = st && h ? nmh_session_map(s, fd) : -ENOMEM;
	uint64_t signals;
	void *mem = NULL;

	if (err == -ENXIO)
		err = -EINVAL;
	if (!err)
		err = check(s, len, offset);
	if (!err)
		mem = nmh_mmap(addr, len, prot, flags, s->region, offset, &err);
	if (err) {
		destroy(h);
		free(st);
		errno = -err;
		return MAP_FAILED;
	}
	/* A core dump would populate all of it. */
	nmh_sys(SYS_madvise, mem, len, MADV_DONTDUMP);
	signals = nmh_lock_take(&nmh_lock);
	add(st, h, (uintptr_t)mem, (uintptr_t)mem + up(len));
	nmh_lock_give(&nmh_lock, signals);
	return mem;
}

/* Takes start..end out of @st, which they overlap; @spare is for a second part.
 * True if nothing of it is left. nmh_lock held. */
static bool cut(struct stretch *st, uintptr_t start, uintptr_t end,
		struct stretch **spare)
{
	if (start <= st->start && end >= st->end)
		return true;
	if (start <= st->start) {
		st->start = end;
	} else if (end >= st->end) {
		st->end = start;
	} else {
		add(*spare, st->hold, end, st->end);
		*spare = NULL;
		st->end = start;
	}
	return false;
}

int nmh_hold_unmap(void *addr, size_t len)
{
	uintptr_t start = (uintptr_t)addr, end = start + up(len);
	struct stretch *spare = malloc(sizeof(*spare)), *dead = NULL;
	long r = spare ? nmh_sys(SYS_munmap, addr, len) : -ENOMEM;
	uint64_t signals;

	if (r) {
		free(spare);
		return (int)nmh_return(r);
	}
	signals = nmh_lock_take(&nmh_lock);
	for (struct stretch **p = &stretches, *st; (st = *p);) {
		if (start >= st->end || end <= st->start ||
		    !cut(st, start, end, &spare)) {
			p = &st->next;
			continue;
		}
		*p = st->next;
		st->next = dead;
		dead = st;
		if (--st->hold->stretches)
			st->hold = NULL;
	}
	nmh_lock_give(&nmh_lock, signals);
	while (dead) {
		struct stretch *next = dead->next;

		destroy(dead->hold);
		free(dead);
		dead = next;
	}
	free(spare);
	return 0;
}
