// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdlib.h>
#include <time.h>
#include "os_spawn.h"
#include "os_wait.h"

/* ---- waits ---- */

void os_wait_init(struct os_wait *w)
{
	pthread_mutex_init(&w->m, NULL);
	w->list.next = w->list.prev = &w->list;
	w->count = 0;
}

void os_wait_fini(struct os_wait *w)
{
	pthread_mutex_destroy(&w->m);
}

void os_waiter_add(struct os_waiter *e, struct os_wait *w)
{
	pthread_mutex_lock(&w->m);
	e->wait = w;
	e->next = &w->list;
	e->prev = w->list.prev;
	e->prev->next = e->next->prev = e;
	/* Full barrier: pairs with os_wait_wake(). */
	os_fetch_add(&w->count, 1u);
	pthread_mutex_unlock(&w->m);
}

void os_waiter_del(struct os_waiter *e)
{
	struct os_wait *w = e->wait;

	pthread_mutex_lock(&w->m);
	e->prev->next = e->next;
	e->next->prev = e->prev;
	os_fetch_add(&w->count, (u32)-1);
	pthread_mutex_unlock(&w->m);
	e->wait = NULL;
}

void os_wait_wake(struct os_wait *w)
{
	/* Full barrier: either we see the waiter, or it sees what we stored
	 * before (os_waiter_add()). */
	if (!os_fetch_add(&w->count, 0u))
		return;
	pthread_mutex_lock(&w->m);
	for (struct os_waiter *e = w->list.next; e != &w->list; e = e->next)
		e->wake(e);
	pthread_mutex_unlock(&w->m);
}

/* ---- polls ---- */

struct entry {
	struct os_waiter waiter;
	struct os_poll *poll;
	struct entry *next;
};

struct os_poll {
	pthread_mutex_t m;
	pthread_cond_t cond;
	bool woken;
	bool incomplete;
	struct entry *entries;
	void (*fn)(void *arg); /* in the place of waking a sleeper */
	void *arg;
};

struct os_poll *os_poll_create(void)
{
	struct os_poll *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;

	if (!p)
		return NULL;
	pthread_mutex_init(&p->m, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->cond, &attr);
	pthread_condattr_destroy(&attr);
	return p;
}

struct os_poll *os_poll_create_fn(void (*fn)(void *arg), void *arg)
{
	struct os_poll *p = os_poll_create();

	if (p) {
		p->fn = fn;
		p->arg = arg;
	}
	return p;
}

void os_poll_destroy(struct os_poll *p)
{
	struct entry *e;

	while ((e = p->entries)) {
		p->entries = e->next;
		os_waiter_del(&e->waiter);
		free(e);
	}
	pthread_cond_destroy(&p->cond);
	pthread_mutex_destroy(&p->m);
	free(p);
}

static void wake_poll(struct os_waiter *w)
{
	struct os_poll *p = ((struct entry *)(void *)w)->poll;

	if (p->fn) {
		p->fn(p->arg);
		return;
	}
	pthread_mutex_lock(&p->m);
	p->woken = true;
	pthread_cond_signal(&p->cond);
	pthread_mutex_unlock(&p->m);
}

void os_poll_add(struct os_poll *p, struct os_wait *w)
{
	struct entry *e;

	if (!p)
		return;
	e = calloc(1, sizeof(*e));
	if (!e) {
		p->incomplete = true;
		return;
	}
	e->poll = p;
	e->waiter.wake = wake_poll;
	e->next = p->entries;
	p->entries = e;
	os_waiter_add(&e->waiter, w);
}

bool os_poll_is_complete(const struct os_poll *p)
{
	return !p->incomplete;
}

bool os_poll_sleep(struct os_poll *p, u64 deadline)
{
	struct timespec ts = {.tv_sec = (time_t)(deadline / 1000000000),
			      .tv_nsec = (long)(deadline % 1000000000)};
	int err = 0;

	pthread_mutex_lock(&p->m);
	while (!p->woken && !err)
		err = deadline ? pthread_cond_timedwait(&p->cond, &p->m, &ts)
			       : pthread_cond_wait(&p->cond, &p->m);
	p->woken = false;
	pthread_mutex_unlock(&p->m);
	return !err;
}

/* ---- deferred work: one thread for the process, there from the first
 * os_worker_start() on; idle, and so harmless, while there is no work ---- */

static struct {
	pthread_mutex_t m;
	pthread_cond_t todo, done;
	bool started;
	struct os_work *head, **tail;
} worker = {.m = PTHREAD_MUTEX_INITIALIZER,
	    .todo = PTHREAD_COND_INITIALIZER,
	    .done = PTHREAD_COND_INITIALIZER,
	    .tail = &worker.head};

static void run_one(struct os_work *work)
{
	worker.head = work->next;
	if (!worker.head)
		worker.tail = &worker.head;
	work->queued = false;
	work->running = true;
	pthread_mutex_unlock(&worker.m);
	work->fn(work);
	pthread_mutex_lock(&worker.m);
	work->running = false;
	pthread_cond_broadcast(&worker.done);
}

static void *worker_main(void *arg)
{
	pthread_mutex_lock(&worker.m);
	for (;;) {
		if (worker.head)
			run_one(worker.head);
		else
			pthread_cond_wait(&worker.todo, &worker.m);
	}
	return arg;
}

bool os_worker_start(void)
{
	pthread_t thread;

	pthread_mutex_lock(&worker.m);
	if (!worker.started) {
		worker.started = !os_spawn(&thread, -1, worker_main, NULL);
		if (worker.started)
			pthread_detach(thread);
	}
	pthread_mutex_unlock(&worker.m);
	return worker.started;
}

void os_work_schedule(struct os_work *work)
{
	pthread_mutex_lock(&worker.m);
	if (!work->queued && !work->ending) {
		work->queued = true;
		work->next = NULL;
		*worker.tail = work;
		worker.tail = &work->next;
		pthread_cond_signal(&worker.todo);
	}
	pthread_mutex_unlock(&worker.m);
}

static void wake_work(struct os_waiter *w)
{
	os_work_schedule((struct os_work *)(void *)w);
}

void os_work_init(struct os_work *work, void (*fn)(struct os_work *work))
{
	*work = (struct os_work){.fn = fn, .waiter.wake = wake_work};
}

static void unqueue(struct os_work *work)
{
	struct os_work **p = &worker.head;

	while (*p != work)
		p = &(*p)->next;
	*p = work->next;
	if (!*p)
		worker.tail = p;
	work->queued = false;
}

void os_work_fini(struct os_work *work)
{
	if (work->waiter.wait)
		os_work_detach(work);
	pthread_mutex_lock(&worker.m);
	work->ending = true; /* it may schedule itself */
	if (work->queued)
		unqueue(work);
	while (work->running)
		pthread_cond_wait(&worker.done, &worker.m);
	pthread_mutex_unlock(&worker.m);
}

void os_work_attach(struct os_work *work, struct os_wait *w)
{
	/* Without a thread now, the next work that is attached tries again. */
	os_worker_start();
	os_waiter_add(&work->waiter, w);
}

void os_work_detach(struct os_work *work)
{
	os_waiter_del(&work->waiter);
}
