// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A thread that waits for sessions among other descriptors:
 *
 *   look      at the rings; and at the others, when rings are ready
 *   arm       a line of each session
 *   look      again: what came before we were armed wakes nobody
 *   sleep     in libc's ppoll: the others, the lines' wakes, and the sessions
 *             themselves, which hang up when netmapd dies
 */
#include <pthread.h>
#include <string.h>

#include "epoll.h"
#include "pollset.h"
#include "real.h"
#include "session.h"
#include "wiring.h"

/* Sets up to this need no memory but the stack. */
#define SMALL 32

/* While a session has no line left for us, how often we look, ns. */
#define LINELESS_NS 1000000

/* A session, or an epoll instance, in the caller's set. */
struct item {
	struct pollfd *user;
	uint32_t word;
	struct nmh_session
		*session;      /* NULL: an instance, or closed meanwhile */
	struct nmh_line *line; /* ours, while we sleep */
	uint32_t wake;	       /* index in waiter.fds, if line */
};

/* fds: the caller's, with the sessions taken out; then two for each session. */
struct waiter {
	struct pollfd *user, *fds;
	nfds_t n, total;
	struct item *items;
	uint32_t nitems;
	bool has_others; /* that the kernel knows */
	bool is_lineless;
};

bool nmh_poll_is_special(const struct pollfd *fds, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].fd >= 0 &&
		    nmh_kind(nmh_fd_get(fds[i].fd)) >= NMH_INTERNAL)
			return true;
	return false;
}

/* ---- the set ---- */

static void split(struct waiter *w)
{
	w->nitems = 0;
	for (nfds_t i = 0; i < w->n; i++) {
		struct pollfd *p = &w->user[i];
		uint32_t word = p->fd < 0 ? NMH_FOREIGN : nmh_fd_peek(p->fd);
		struct item *it = &w->items[w->nitems];

		w->fds[i] = *p;
		w->fds[i].revents = 0;
		if (nmh_kind(word) < NMH_SESSION)
			continue;
		*it = (struct item){.user = p, .word = word};
		w->nitems++;
		if (nmh_kind(word) != NMH_SESSION)
			continue;
		it->session = nmh_session_get(p->fd, word);
		if (it->session)
			w->fds[i].fd = -1;
	}
	for (nfds_t i = 0; i < w->n; i++)
		w->has_others |= w->fds[i].fd >= 0;
	w->total = w->n;
}

static void release(struct waiter *w)
{
	for (uint32_t i = 0; i < w->nitems; i++)
		if (w->items[i].session)
			nmh_session_put(w->items[i].session);
}

/* ---- look ---- */

static short look_at(const struct item *it, bool arm)
{
	int fd = it->user->fd;

	if (it->session)
		return nmh_session_poll(it->session, fd, it->user->events);
	if (nmh_kind(it->word) == NMH_EPOLL && it->user->events & POLLIN)
		return nmh_ep_is_ready(fd, it->word, arm) ? POLLIN : 0;
	return 0;
}

static int look(struct waiter *w, bool arm)
{
	int n = 0;

	for (uint32_t i = 0; i < w->nitems; i++) {
		struct item *it = &w->items[i];

		it->user->revents = look_at(it, arm);
		n += it->user->revents != 0;
	}
	return n;
}

/* What the kernel found goes to the caller's set; how many are ready. */
static int merge(struct waiter *w)
{
	int n = 0;

	for (uint32_t i = 0; i < w->nitems; i++) {
		struct pollfd *p = w->items[i].user;

		/* Of an instance, both have their say. */
		w->fds[p - w->user].revents |= p->revents;
	}
	for (nfds_t i = 0; i < w->n; i++) {
		w->user[i].revents = w->fds[i].revents;
		n += w->user[i].revents != 0;
	}
	return n;
}

/* Rings are ready, or nobody wants to wait. */
static int finish(struct waiter *w)
{
	struct timespec none = {0, 0};
	long r = 0;

	if (w->has_others)
		r = nmh_sys(SYS_ppoll, w->fds, w->n, &none, NULL, 0);
	return r < 0 ? (int)r : merge(w);
}

/* ---- arm ---- */

/* One line serves all items of a session. */
static struct nmh_line *line_of(const struct waiter *w, uint32_t before,
				const struct nmh_session *s)
{
	for (uint32_t i = 0; i < before; i++)
		if (w->items[i].session == s && w->items[i].line)
			return w->items[i].line;
	return NULL;
}

static void add_fd(struct waiter *w, int fd, short events)
{
	w->fds[w->total++] = (struct pollfd){.fd = fd, .events = events};
}

static void arm_item(struct waiter *w, uint32_t i)
{
	struct item *it = &w->items[i];
	struct nmh_line *line = line_of(w, i, it->session);
	int fd = it->user->fd;

	if (!line) {
		if (nmh_line_get(it->session, fd, &it->line)) {
			w->is_lineless = true;
			return;
		}
		line = it->line;
		it->wake = (uint32_t)w->total;
		add_fd(w, line->wake, POLLIN);
		add_fd(w, fd, 0);
	}
	nmh_line_expect(line);
	nmh_session_arm(it->session, line, it->user->events);
}

static void arm(struct waiter *w)
{
	w->is_lineless = false;
	for (uint32_t i = 0; i < w->nitems; i++)
		if (w->items[i].session)
			arm_item(w, i);
}

static void disarm(void *arg)
{
	struct waiter *w = arg;

	for (uint32_t i = 0; i < w->nitems; i++) {
		struct item *it = &w->items[i];

		if (!it->line)
			continue;
		nmh_session_disarm(it->session, it->line);
		nmh_line_put(it->session, it->line);
		it->line = NULL;
	}
	w->total = w->n;
}

/* ---- sleep ---- */

/* What was written to our lines' wakes is read; who hung up is dead. */
static void wake_up(struct waiter *w)
{
	for (uint32_t i = 0; i < w->nitems; i++) {
		struct item *it = &w->items[i];

		if (!it->line)
			continue;
		if (w->fds[it->wake].revents)
			nmh_line_drain(it->line);
		if (w->fds[it->wake + 1].revents)
			nmh_session_is_alive(it->session, it->user->fd);
	}
}

/* One session and nothing else, the usual case: one system call. -ENOSYS: not on
 * this kernel. */
static int sleep_alone(struct waiter *w, const struct timespec *timeout,
		       const sigset_t *mask)
{
	struct item *it = &w->items[0];
	struct epoll_event e[2];
	int ep, n;

	if (w->n != 1 || !it->line)
		return -ENOSYS;
	ep = nmh_line_ep(it->line, it->user->fd);
	if (ep < 0)
		return -ENOSYS;
	n = NMH_REAL(epoll_pwait2)(ep, e, 2, timeout, mask);
	for (int i = 0; i < n; i++)
		if (e[i].events & EPOLLHUP)
			nmh_session_is_alive(it->session, it->user->fd);
	return n < 0 ? -errno : 0;
}

static int kernel_sleep(struct waiter *w, int64_t deadline,
			const sigset_t *mask)
{
	int64_t left = deadline ? deadline - nmh_now() : -1;
	struct timespec t, *timeout = NULL;
	int n;

	if (deadline && left < 0)
		left = 0;
	if (w->is_lineless && (left < 0 || left > LINELESS_NS))
		left = LINELESS_NS;
	if (left >= 0) {
		t = (struct timespec){left / 1000000000, left % 1000000000};
		timeout = &t;
	}
	n = sleep_alone(w, timeout, mask);
	if (n != -ENOSYS)
		return n;
	n = NMH_REAL(ppoll)(w->fds, w->total, timeout, mask);
	return n < 0 ? -errno : n;
}

/* Waits once. How many are ready, or -errno; 0: nothing yet. */
static int sleep_once(struct waiter *w, int64_t deadline, const sigset_t *mask)
{
	int n;

	pthread_cleanup_push(disarm, w);
	arm(w);
	n = look(w, true);
	if (!n) {
		n = kernel_sleep(w, deadline, mask);
		if (n > 0)
			wake_up(w);
		if (n >= 0) {
			look(w, false);
			n = merge(w);
		}
	} else {
		n = finish(w);
	}
	pthread_cleanup_pop(1);
	return n;
}

static void give_back(void *arg)
{
	release(arg);
}

static int wait_for(struct waiter *w, int64_t ns, const sigset_t *mask)
{
	int64_t deadline = 0;
	int n = look(w, false);

	if (n || !ns)
		return finish(w);
	if (ns > 0)
		deadline =
			nmh_now() + (ns < INT64_MAX / 2 ? ns : INT64_MAX / 2);
	do
		n = sleep_once(w, deadline, mask);
	while (!n && (!deadline || nmh_now() < deadline));
	return n;
}

static int poll_in(struct waiter *w, int64_t ns, const sigset_t *mask)
{
	int n;

	pthread_cleanup_push(give_back, w);
	split(w);
	n = wait_for(w, ns, mask);
	pthread_cleanup_pop(1);
	return n;
}

static int poll_small(struct pollfd *user, nfds_t n, int64_t ns,
		      const sigset_t *mask)
{
	struct pollfd fds[3 * SMALL];
	struct item items[SMALL];
	struct waiter w = {.user = user, .n = n, .fds = fds, .items = items};

	return poll_in(&w, ns, mask);
}

int nmh_poll(struct pollfd *user, nfds_t n, int64_t ns, const sigset_t *mask)
{
	size_t size = n * (3 * sizeof(struct pollfd) + sizeof(struct item));
	struct waiter w = {.user = user, .n = n};
	int r;

	if (n <= SMALL)
		return poll_small(user, n, ns, mask);
	/* malloc() is not for signal handlers, and poll() is. */
	w.items = nmh_alloc(size);
	if (!w.items)
		return -ENOMEM;
	w.fds = (struct pollfd *)(w.items + n);
	r = poll_in(&w, ns, mask);
	nmh_free(w.items, size);
	return r;
}
