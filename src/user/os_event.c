// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Sleepers and eventfds. A sleeper polls an eventfd of its own, which waits
 * write to, beside those of the program. What is to run when one of these is
 * written runs here, in the thread that sleeps.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "os_wait.h"

struct entry {
	struct os_waiter waiter;
	struct os_sleep *sleep;
	struct entry *next;
};

struct os_sleep {
	int fd;
	u32 woken;
	struct entry *entries;
	struct os_event *events; /* attached */
	unsigned n;		 /* of them */
	struct pollfd *fds;	 /* [n + 1] */
};

struct os_event {
	int fd; /* a duplicate */
	struct os_sleep *sleep;
	void (*fn)(void *arg);
	void *arg;
	struct os_event *next; /* of the sleeper */
};

/* ---- eventfds ---- */

static void add_one(int fd)
{
	u64 one = 1;

	/* Fails only where the count is full: then it is not 0. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

/* Back to 0; somebody else may have been faster. */
static void clear(int fd)
{
	u64 count;
	struct iovec to = {&count, sizeof(count)};

	if (preadv2(fd, &to, 1, -1, RWF_NOWAIT) < 0)
		return;
}

static bool is_eventfd(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[64], target[sizeof(want)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	return n == (ssize_t)sizeof(want) - 1 &&
	       !memcmp(target, want, sizeof(want) - 1);
}

int os_event_get(struct os_caller *c, s32 fd, struct os_event **out)
{
	struct os_event *e;

	/* Another process could make it block whoever writes to it. */
	if (c || !is_eventfd(fd))
		return -EINVAL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (e->fd < 0) {
		free(e);
		return -ENOMEM;
	}
	*out = e;
	return 0;
}

void os_event_put(struct os_event *e)
{
	if (e->sleep) {
		struct os_event **p = &e->sleep->events;

		while (*p != e)
			p = &(*p)->next;
		*p = e->next;
		e->sleep->n--;
	}
	close(e->fd);
	free(e);
}

void os_event_signal(struct os_event *e)
{
	add_one(e->fd);
}

int os_event_attach(struct os_event *e, struct os_sleep *s,
		    void (*fn)(void *arg), void *arg)
{
	struct pollfd *fds = realloc(s->fds, (s->n + 2) * sizeof(*fds));

	if (!fds)
		return -ENOMEM;
	s->fds = fds;
	e->fn = fn;
	e->arg = arg;
	e->sleep = s;
	e->next = s->events;
	s->events = e;
	s->n++;
	return 0;
}

/* ---- sleepers ---- */

int os_sleep_create(struct os_sleep **out)
{
	struct os_sleep *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fds = calloc(1, sizeof(*s->fds));
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!s->fds || s->fd < 0) {
		if (s->fd >= 0)
			close(s->fd);
		free(s->fds);
		free(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void os_sleep_destroy(struct os_sleep *s)
{
	struct entry *e;

	while ((e = s->entries)) {
		s->entries = e->next;
		os_waiter_del(&e->waiter);
		free(e);
	}
	close(s->fd);
	free(s->fds);
	free(s);
}

static void wake_sleep(struct os_waiter *w)
{
	struct os_sleep *s = ((struct entry *)(void *)w)->sleep;

	if (!os_xchg(&s->woken, 1u))
		add_one(s->fd);
}

int os_sleep_add(struct os_sleep *s, struct os_wait *w)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->sleep = s;
	e->waiter.wake = wake_sleep;
	e->next = s->entries;
	s->entries = e;
	os_waiter_add(&e->waiter, w);
	return 0;
}

/* Forgets what has woken it, and runs what is to run. */
static void take_in(struct os_sleep *s)
{
	struct os_event *e = s->events;

	if (s->fds[0].revents) {
		clear(s->fd);
		os_xchg(&s->woken, 0u);
	}
	for (unsigned i = 1; e; i++, e = e->next) {
		if (!s->fds[i].revents)
			continue;
		clear(e->fd);
		if (e->fn)
			e->fn(e->arg);
	}
}

int os_sleep(struct os_sleep *s, u64 ns)
{
	struct timespec ts = {.tv_sec = (time_t)(ns / 1000000000),
			      .tv_nsec = (long)(ns % 1000000000)};
	struct os_event *e = s->events;
	int found;

	s->fds[0] = (struct pollfd){.fd = s->fd, .events = POLLIN};
	for (unsigned i = 1; e; i++, e = e->next)
		s->fds[i] = (struct pollfd){.fd = e->fd, .events = POLLIN};
	found = ppoll(s->fds, s->n + 1, ns == ~0ull ? NULL : &ts, NULL);
	if (found < 0)
		return -errno;
	if (found)
		take_in(s);
	else if (!ns)
		sched_yield();
	return 0;
}
