// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "epoll.h"
#include "lock.h"
#include "real.h"
#include "session.h"
#include "wiring.h"

#define EPS_MAX 16384
#define SHOWN	(EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM)
#define MODES	(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)

struct entry {
	int fd; /* as the program named it */
	uint32_t id;
	struct nmh_session *session;
	struct nmh_line *line; /* NULL after a fork */
	struct epoll_event event;
	bool is_spent; /* EPOLLONESHOT, until EPOLL_CTL_MOD */
	bool is_fresh; /* EPOLLET: added or changed since it was looked at */
};

struct ep {
	pthread_mutex_t lock; /* before nmh_lock; lock.h */
	uint32_t refs;	      /* descriptor numbers and waits; atomic */
	uint32_t index;
	struct ep *next_free;

	/* lock; n and turn also read without. */
	uint32_t n, room;
	struct entry *entry;
	uint32_t next_id;
	uint32_t turn;	  /* entry to begin with */
	uint32_t waiters; /* that sleep, knowing of entries */
	bool is_used;	  /* has ever had an entry; atomic */
	bool is_nested;	  /* was added to another instance */
	bool is_mixed;	  /* foreign descriptors were added; atomic */
};

/* nmh_lock. */
static struct ep *eps[EPS_MAX], *unused;
static uint32_t neps;

static struct ep *ep_at(uint32_t index)
{
	return __atomic_load_n(&eps[index], __ATOMIC_CONSUME);
}

/* ---- events that are ours ---- */

static uint64_t magic(void)
{
	static uint64_t prefix;
	uint64_t old = __atomic_load_n(&prefix, __ATOMIC_RELAXED), fresh = 0;

	if (nmh_likely(old))
		return old;
	if (getrandom(&fresh, sizeof(fresh), GRND_NONBLOCK) < 0)
		fresh = (uint64_t)nmh_now() * 0x9e3779b97f4a7c15ull;
	fresh = (fresh | 1) << 32;
	if (__atomic_compare_exchange_n(&prefix, &old, fresh, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return fresh;
	return old;
}

static bool is_ours(const struct epoll_event *e)
{
	return (e->data.u64 & ~0xffffffffull) == magic();
}

/* ---- objects ---- */

/* nmh_lock held. */
static struct ep *allocate(void)
{
	struct ep *ep = unused;

	if (ep) {
		unused = ep->next_free;
		return ep;
	}
	if (neps == EPS_MAX)
		return NULL;
	ep = calloc(1, sizeof(*ep));
	if (!ep)
		return NULL;
	pthread_mutex_init(&ep->lock, NULL);
	ep->index = neps;
	__atomic_store_n(&eps[neps++], ep, __ATOMIC_RELEASE);
	return ep;
}

/* One for @epfd, which has none. */
static struct ep *create(int epfd)
{
	uint64_t signals;
	struct ep *ep;

	signals = nmh_lock_take(&nmh_lock);
	ep = allocate();
	nmh_lock_give(&nmh_lock, signals);
	if (!ep)
		return NULL;
	ep->n = ep->turn = ep->waiters = 0;
	ep->is_used = ep->is_nested = ep->is_mixed = false;
	nmh_fd_set(epfd, nmh_word(NMH_EPOLL, ep->index));
	return ep;
}

void nmh_ep_create(int epfd)
{
	create(epfd);
}

void nmh_ep_ref(uint32_t index)
{
	__atomic_fetch_add(&ep_at(index)->refs, 1, __ATOMIC_RELAXED);
}

static void drop_line(struct entry *e)
{
	if (e->line)
		nmh_line_drop(e->session, e->line);
	e->line = NULL;
}

void nmh_ep_unref(uint32_t index)
{
	struct ep *ep = ep_at(index);
	uint64_t signals;

	if (__atomic_sub_fetch(&ep->refs, 1, __ATOMIC_ACQ_REL))
		return;
	signals = nmh_lock_take(&ep->lock);
	for (uint32_t i = 0; i < ep->n; i++)
		drop_line(&ep->entry[i]);
	ep->n = 0;
	nmh_lock_give(&ep->lock, signals);
	signals = nmh_lock_take(&nmh_lock);
	ep->next_free = unused;
	unused = ep;
	nmh_lock_give(&nmh_lock, signals);
}

/* ---- entries; ep->lock held ---- */

static struct entry *find(struct ep *ep, int fd, const struct nmh_session *s)
{
	for (uint32_t i = 0; i < ep->n; i++)
		if (ep->entry[i].fd == fd && ep->entry[i].session == s)
			return &ep->entry[i];
	return NULL;
}

static struct entry *find_id(struct ep *ep, uint32_t id)
{
	for (uint32_t i = 0; i < ep->n; i++)
		if (ep->entry[i].id == id)
			return &ep->entry[i];
	return NULL;
}

static int reserve(struct ep *ep)
{
	uint32_t room = ep->room ? 2 * ep->room : 4;
	struct entry *bigger;

	if (ep->n < ep->room)
		return 0;
	bigger = realloc(ep->entry, room * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	ep->entry = bigger;
	ep->room = room;
	return 0;
}

static void remove_entry(struct ep *ep, struct entry *e)
{
	*e = ep->entry[ep->n - 1];
	__atomic_store_n(&ep->n, ep->n - 1, __ATOMIC_RELAXED);
}

static long ctl(int epfd, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {.events = events, .data.u64 = data};

	return nmh_sys(SYS_epoll_ctl, epfd, op, fd, &e);
}

/* What wakes @line is in @epfd. */
static long watch_line(int epfd, struct nmh_line *line, uint32_t id)
{
	int poked = nmh_line_poked(line);
	long err;

	if (poked < 0)
		return poked;
	err = ctl(epfd, EPOLL_CTL_ADD, line->wake, EPOLLIN | EPOLLET,
		  magic() | id);
	if (err)
		return err;
	err = ctl(epfd, EPOLL_CTL_ADD, poked, EPOLLIN | EPOLLET, magic() | id);
	if (err)
		ctl(epfd, EPOLL_CTL_DEL, line->wake, 0, 0);
	return err;
}

static void unwatch_line(int epfd, const struct nmh_line *line)
{
	ctl(epfd, EPOLL_CTL_DEL, line->wake, 0, 0);
	ctl(epfd, EPOLL_CTL_DEL, line->poke, 0, 0);
}

/* A line of @e's own, in @epfd. */
static int entry_line(int epfd, struct entry *e)
{
	struct nmh_line *line;
	long err;

	if (nmh_likely(e->line != NULL))
		return 0;
	err = nmh_line_get(e->session, e->fd, &line);
	if (err)
		return err == -EBUSY ? -ENOSPC : (int)err;
	err = watch_line(epfd, line, e->id);
	if (err) {
		nmh_line_put(e->session, line);
		return (int)err;
	}
	e->line = line;
	return 0;
}

static void wake(const struct entry *e)
{
	nmh_line_poke(e->line);
}

static short asked(const struct entry *e)
{
	return (short)(e->event.events & SHOWN);
}

/* What @e has to show. Edge triggered ones have it only after news. */
static short look(int epfd, struct entry *e, bool arm)
{
	short events = asked(e);

	if (e->is_spent)
		return 0;
	if (entry_line(epfd, e))
		return EPOLLERR;
	if (e->event.events & EPOLLET) {
		if (!e->is_fresh &&
		    !nmh_session_news(e->session, e->line, events))
			return 0;
		arm = true;
	}
	if (arm)
		nmh_session_arm(e->session, e->line, events);
	return nmh_session_poll(e->session, e->fd, events);
}

/* ---- epoll_ctl ---- */

/* What the kernel is to watch the session for, so that it refuses what it
 * refuses for any descriptor. */
static uint32_t watched(uint32_t events)
{
	return events & EPOLLEXCLUSIVE ? (events & ~SHOWN) | EPOLLET : EPOLLET;
}

/* @e begins anew. A thread may be asleep that has to know. */
static void refresh(int epfd, struct entry *e, const struct epoll_event *event)
{
	e->event = *event;
	e->is_spent = false;
	e->is_fresh = true;
	if (look(epfd, e, true) && e->line)
		wake(e);
	e->is_fresh = true;
}

static int add(struct ep *ep, int epfd, int fd, struct nmh_session *s,
	       const struct epoll_event *event)
{
	struct entry *e;
	long err = reserve(ep);

	if (err)
		return (int)err;
	err = ctl(epfd, EPOLL_CTL_ADD, fd, watched(event->events),
		  magic() | ep->next_id);
	if (err)
		return (int)err;
	e = &ep->entry[ep->n];
	*e = (struct entry){.fd = fd, .id = ep->next_id++, .session = s};
	err = entry_line(epfd, e);
	if (err) {
		ctl(epfd, EPOLL_CTL_DEL, fd, 0, 0);
		return (int)err;
	}
	__atomic_store_n(&ep->is_used, true, __ATOMIC_RELAXED);
	__atomic_store_n(&ep->n, ep->n + 1, __ATOMIC_RELAXED);
	refresh(epfd, e, event);
	/* Whoever closed it meanwhile looks for entries after this, or has
	 * changed its word before. */
	if (nmh_fd_peek(fd) != nmh_session_word(s)) {
		drop_line(e);
		remove_entry(ep, e);
		return -EBADF;
	}
	return 0;
}

static int modify(struct ep *ep, int epfd, int fd, struct nmh_session *s,
		  const struct epoll_event *event)
{
	struct entry *e = find(ep, fd, s);
	long err;

	if (!e)
		return -ENOENT;
	err = ctl(epfd, EPOLL_CTL_MOD, fd, watched(event->events),
		  magic() | e->id);
	if (err)
		return (int)err;
	refresh(epfd, e, event);
	return 0;
}

static int delete (struct ep *ep, int epfd, int fd, struct nmh_session *s)
{
	long err = ctl(epfd, EPOLL_CTL_DEL, fd, 0, 0);
	struct entry *e;

	if (err)
		return (int)err;
	e = find(ep, fd, s);
	if (!e)
		return 0;
	if (e->line) {
		unwatch_line(epfd, e->line);
		nmh_session_disarm(s, e->line);
		nmh_line_put(s, e->line);
	}
	remove_entry(ep, e);
	return 0;
}

static int ctl_session(struct ep *ep, int epfd, int op, int fd,
		       struct nmh_session *s, const struct epoll_event *event)
{
	uint64_t signals;
	int err;

	signals = nmh_lock_take(&ep->lock);
	switch (op) {
	case EPOLL_CTL_ADD:
		err = add(ep, epfd, fd, s, event);
		break;
	case EPOLL_CTL_MOD:
		err = modify(ep, epfd, fd, s, event);
		break;
	default:
		err = delete (ep, epfd, fd, s);
	}
	nmh_lock_give(&ep->lock, signals);
	return err;
}

/* The object of @epfd; NULL: it is no instance, or there is no memory. */
static struct ep *object(int epfd)
{
	uint32_t word = nmh_fd_get(epfd);
	struct epoll_event none;

	if (nmh_kind(word) == NMH_EPOLL)
		return ep_at(nmh_index(word));
	/* It came by exec, or was made past us. */
	if (nmh_kind(word) != NMH_FOREIGN ||
	    nmh_sys(SYS_epoll_pwait, epfd, &none, 0, 0, NULL, 0) != -EINVAL ||
	    nmh_sys(SYS_epoll_ctl, epfd, EPOLL_CTL_DEL, epfd, NULL) == -EBADF)
		return NULL;
	return create(epfd);
}

static int ctl_foreign(int epfd, int op, int fd, struct epoll_event *event)
{
	uint32_t outer = nmh_fd_peek(epfd), inner = nmh_fd_peek(fd);

	if (op == EPOLL_CTL_ADD && nmh_kind(outer) == NMH_EPOLL)
		__atomic_store_n(&ep_at(nmh_index(outer))->is_mixed, true,
				 __ATOMIC_RELAXED);
	if (op == EPOLL_CTL_ADD && nmh_kind(inner) == NMH_EPOLL)
		__atomic_store_n(&ep_at(nmh_index(inner))->is_nested, true,
				 __ATOMIC_RELAXED);
	return (int)nmh_sys(SYS_epoll_ctl, epfd, op, fd, event);
}

int nmh_ep_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	uint32_t word = nmh_fd_get(fd);
	struct nmh_session *s;
	struct ep *ep;
	int err;

	if (nmh_kind(word) == NMH_INTERNAL ||
	    nmh_kind(nmh_fd_peek(epfd)) == NMH_INTERNAL)
		return -EBADF;
	if (nmh_kind(word) != NMH_SESSION ||
	    (op != EPOLL_CTL_DEL && (op < 1 || op > 3 || !event)))
		return ctl_foreign(epfd, op, fd, event);
	ep = object(epfd);
	if (!ep) /* the kernel knows what is wrong with it */
		return ctl_foreign(epfd, op, fd, event);
	s = nmh_session_get(fd, word);
	if (!s)
		return -EBADF;
	err = ctl_session(ep, epfd, op, fd, s, event);
	nmh_session_put(s);
	return err;
}

/* ---- epoll_wait ---- */

/* In a wait several pieces of work take the lock: signals are off for all of
 * them, and on while it sleeps. */

/* Tells the next sleeper of what this one was given, as the kernel does. */
static void pass_on(struct ep *ep, struct entry *e)
{
	if (ep->waiters && e->line && !e->is_spent &&
	    !(e->event.events & EPOLLET))
		wake(e);
}

static void show(struct ep *ep, struct entry *e, short found,
		 struct epoll_event *event)
{
	event->events = (uint16_t)found;
	event->data = e->event.data;
	if (e->event.events & EPOLLONESHOT)
		e->is_spent = true;
	e->is_fresh = false;
	pass_on(ep, e);
}

/* Up to @max entries that are ready; the next time others come first. */
static int collect(struct ep *ep, int epfd, struct epoll_event *events, int max,
		   bool arm)
{
	int n = 0;

	pthread_mutex_lock(&ep->lock);
	for (uint32_t i = 0; i < ep->n && n < max; i++) {
		struct entry *e = &ep->entry[(ep->turn + i) % ep->n];
		short found = look(epfd, e, arm);

		if (found)
			show(ep, e, found, &events[n++]);
		else if (e->event.events & EPOLLET)
			e->is_fresh = false;
	}
	ep->turn++;
	pthread_mutex_unlock(&ep->lock);
	return n;
}

/* netmapd of @e's session may have died. */
static void check_alive(const struct entry *e)
{
	if (nmh_fd_peek(e->fd) == nmh_session_word(e->session))
		nmh_session_is_alive(e->session, e->fd);
}

/* Takes our own events out; how many are left. */
static int filter(struct ep *ep, struct epoll_event *events, int n, bool *hint)
{
	struct entry *e;
	int kept = 0;

	for (int i = 0; i < n; i++) {
		if (nmh_likely(!is_ours(&events[i]))) {
			events[kept++] = events[i];
			continue;
		}
		*hint = true;
		pthread_mutex_lock(&ep->lock);
		e = find_id(ep, (uint32_t)events[i].data.u64);
		if (e && e->line)
			nmh_line_drain(e->line);
		if (e && events[i].events & (EPOLLHUP | EPOLLERR)) {
			check_alive(e);
			e->is_fresh = true;
		}
		pthread_mutex_unlock(&ep->lock);
	}
	return kept;
}

/* Unless others sleep still, for the same bits. */
static void disarm(struct ep *ep)
{
	pthread_mutex_lock(&ep->lock);
	for (uint32_t i = 0; i < ep->n && !ep->is_nested &&
			     !__atomic_load_n(&ep->waiters, __ATOMIC_SEQ_CST);
	     i++) {
		struct entry *e = &ep->entry[i];

		if (e->line && !(e->event.events & EPOLLET))
			nmh_session_disarm(e->session, e->line);
	}
	pthread_mutex_unlock(&ep->lock);
}

struct wait {
	struct ep *ep;
	int epfd;
	struct epoll_event *events;
	int max;
	int64_t deadline; /* 0: for ever; else as of nmh_now() */
	bool is_now;	  /* do not wait */
	bool is_fine;
	const sigset_t *mask;
};

/* As epoll_wait(2), but -errno. */
static int kernel_wait(const struct wait *w, struct epoll_event *events,
		       int max, bool is_now)
{
	int64_t left = -1;
	struct timespec t;
	int n;

	if (is_now)
		return (int)nmh_sys(SYS_epoll_pwait, w->epfd, events, max, 0,
				    NULL, 0);
	if (w->deadline) {
		left = w->deadline - nmh_now();
		left = left < 0 ? 0 : left;
	}
	if (w->is_fine) {
		t = (struct timespec){left / 1000000000, left % 1000000000};
		n = NMH_REAL(epoll_pwait2)(w->epfd, events, max,
					   left < 0 ? NULL : &t, w->mask);
	} else {
		left = left > 0 ? (left + 999999) / 1000000 : left;
		n = NMH_REAL(epoll_pwait)(
			w->epfd, events, max,
			left > INT32_MAX ? INT32_MAX : (int)left, w->mask);
	}
	return n < 0 ? -errno : n;
}

/* The kernel's, without waiting. */
static int kernel_look(const struct wait *w, int at, bool *hint)
{
	int n = kernel_wait(w, w->events + at, w->max - at, true);

	return n < 0 ? n : filter(w->ep, w->events + at, n, hint);
}

/* Sessions and the kernel's, without waiting; who comes first changes, so that
 * neither keeps the other out where there is room for few. -EAGAIN: look once
 * more. */
static int look_around(const struct wait *w)
{
	bool mixed = __atomic_load_n(&w->ep->is_mixed, __ATOMIC_RELAXED);
	bool hint = false;
	int n = 0, m = 0;

	if (mixed && w->ep->turn & 1) {
		m = kernel_look(w, 0, &hint);
		if (m < 0)
			return m;
	}
	n = m + collect(w->ep, w->epfd, w->events + m, w->max - m, false);
	if (!m && n < w->max && (!n || mixed)) {
		m = kernel_look(w, n, &hint);
		if (m < 0)
			return n ? n : m;
		n += m;
	}
	return n || !hint ? n : -EAGAIN;
}

static void leave(struct ep *ep)
{
	__atomic_fetch_sub(&ep->waiters, 1, __ATOMIC_SEQ_CST);
	disarm(ep);
}

/* The thread was cancelled in its sleep. */
static void cancelled(void *arg)
{
	uint64_t signals = nmh_signals_off();

	leave(arg);
	nmh_signals_on(signals);
}

/* @signals: what was blocked before they were off. */
static int sleep_and_look(const struct wait *w, uint64_t signals)
{
	bool hint = false;
	int n;

	nmh_signals_on(signals);
	n = kernel_wait(w, w->events, w->max, false);
	nmh_signals_off();
	if (n <= 0)
		return n;
	n = filter(w->ep, w->events, n, &hint);
	if (n < w->max)
		n += collect(w->ep, w->epfd, w->events + n, w->max - n, false);
	return n ? n : -EAGAIN;
}

/* Sleeps once. -EAGAIN: nothing to show yet. */
static int sleep_once(const struct wait *w, uint64_t signals)
{
	int n;

	__atomic_fetch_add(&w->ep->waiters, 1, __ATOMIC_SEQ_CST);
	pthread_cleanup_push(cancelled, w->ep);
	n = collect(w->ep, w->epfd, w->events, w->max, true);
	if (!n)
		n = sleep_and_look(w, signals);
	pthread_cleanup_pop(0);
	leave(w->ep);
	return n;
}

/* Nothing but foreign descriptors, unless one of ours is added meanwhile. */
static int plain_wait(const struct wait *w)
{
	bool hint = false;
	uint64_t signals;
	int n = kernel_wait(w, w->events, w->max, w->is_now);

	if (n <= 0 || !__atomic_load_n(&w->ep->is_used, __ATOMIC_RELAXED))
		return n;
	signals = nmh_signals_off();
	n = filter(w->ep, w->events, n, &hint);
	nmh_signals_on(signals);
	return n || !hint ? n : -EAGAIN;
}

static int wait_once(const struct wait *w)
{
	uint64_t signals;
	int n;

	if (!__atomic_load_n(&w->ep->n, __ATOMIC_RELAXED))
		return plain_wait(w);
	signals = nmh_signals_off();
	n = look_around(w);
	if (!n && !w->is_now)
		n = sleep_once(w, signals);
	nmh_signals_on(signals);
	return n;
}

int nmh_ep_wait(int epfd, uint32_t word, struct epoll_event *events, int max,
		int64_t ns, bool is_fine, const sigset_t *mask)
{
	struct wait w = {.ep = ep_at(nmh_index(word)),
			 .epfd = epfd,
			 .events = events,
			 .max = max,
			 .is_now = !ns,
			 .is_fine = is_fine,
			 .mask = mask};
	int n;

	if (max <= 0)
		return -EINVAL;
	if (ns > 0 && ns < INT64_MAX / 2)
		w.deadline = nmh_now() + ns;
	do
		n = wait_once(&w);
	while (n == -EAGAIN);
	return n;
}

bool nmh_ep_is_ready(int epfd, uint32_t word, bool arm)
{
	struct ep *ep = ep_at(nmh_index(word));
	uint64_t signals;
	bool found = false;

	if (!__atomic_load_n(&ep->n, __ATOMIC_RELAXED))
		return false;
	signals = nmh_lock_take(&ep->lock);
	for (uint32_t i = 0; i < ep->n && !found; i++) {
		struct entry *e = &ep->entry[i];

		found = look(epfd, e, arm) != 0;
		/* An edge that was seen here is still to be shown. */
		if (found && e->event.events & EPOLLET)
			e->is_fresh = true;
	}
	nmh_lock_give(&ep->lock, signals);
	return found;
}

void nmh_ep_session_gone(struct nmh_session *s)
{
	uint32_t n = __atomic_load_n(&neps, __ATOMIC_ACQUIRE);
	uint64_t signals;

	for (uint32_t i = 0; i < n; i++) {
		struct ep *ep = eps[i];

		if (!__atomic_load_n(&ep->n, __ATOMIC_RELAXED))
			continue;
		signals = nmh_lock_take(&ep->lock);
		for (uint32_t j = ep->n; j-- > 0;) {
			if (ep->entry[j].session != s)
				continue;
			drop_line(&ep->entry[j]);
			remove_entry(ep, &ep->entry[j]);
		}
		nmh_lock_give(&ep->lock, signals);
	}
}

/* ---- fork ---- */

/* How many the fork that is under way has locked; nmh_lock. */
static uint32_t nforking;

void nmh_ep_fork_prepare(void)
{
	uint32_t n = 0;

	/* Others come until nmh_lock is taken, which is the last in order. */
	for (;;) {
		while (n < __atomic_load_n(&neps, __ATOMIC_ACQUIRE))
			pthread_mutex_lock(&eps[n++]->lock);
		pthread_mutex_lock(&nmh_lock);
		if (n == neps)
			break;
		pthread_mutex_unlock(&nmh_lock);
	}
	nforking = n;
}

void nmh_ep_fork_parent(void)
{
	uint32_t n = nforking;

	pthread_mutex_unlock(&nmh_lock);
	while (n)
		pthread_mutex_unlock(&eps[--n]->lock);
}

/* Lines are our parent's; waits of other threads are not under way here. */
void nmh_ep_fork_child(void)
{
	pthread_mutex_unlock(&nmh_lock);
	for (uint32_t i = 0; i < neps; i++) {
		struct ep *ep = eps[i];

		for (uint32_t j = 0; j < ep->n; j++) {
			ep->entry[j].line = NULL;
			ep->entry[j].is_fresh = true;
		}
		ep->waiters = 0;
		pthread_mutex_unlock(&ep->lock);
	}
}
