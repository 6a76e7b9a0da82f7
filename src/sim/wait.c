// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* wait.c - sleeping polls, wakes, and works of the home. */
#include <stdlib.h>

#include "sim_int.h"

/* One wait that one poll sleeps on; on both's lists. */
struct sim_wait_entry {
	struct os_poll *poll;
	struct os_wait *wait; /* NULL once the wait has ended */
	struct sim_wait_entry *next_of_poll;
	struct sim_wait_entry *next_of_wait;
};

static struct os_work *pending; /* in the order scheduled */

static void check_wait(const struct os_wait *w, const char *what)
{
	if (!w->live)
		sim_die("%s of a wait that was not begun, or has ended", what);
}

void os_wait_init(struct os_wait *w)
{
	*w = (struct os_wait){.live = true};
	sim.live.waits++;
}

void os_wait_fini(struct os_wait *w)
{
	check_wait(w, "os_wait_fini");
	if (w->works)
		sim_die("a wait ends that a work is attached to");
	if (w->sleepers)
		sim_die("a wait ends that somebody sleeps on");
	w->live = false;
	sim.live.waits--;
}

static void work_queue(struct os_work *work)
{
	struct os_work **p = &pending;

	if (work->pending)
		return;
	work->pending = true;
	work->next_pending = NULL;
	while (*p)
		p = &(*p)->next_pending;
	*p = work;
}

/* As if OS_LOCK_WAIT were taken: nothing later is held. */
static void check_wake_order(void)
{
	const struct sim_thread *t = sim_self();

	for (unsigned i = 0; i < t->nheld; i++) {
		if (t->held[i]->class >= OS_LOCK_WAIT)
			sim_die("lock order: WAIT is taken while %s is held",
				sim_class_name(t->held[i]->class));
	}
}

void os_wait_wake(struct os_wait *w)
{
	sim_yield("os_wait_wake");
	check_wait(w, "os_wait_wake");
	check_wake_order();
	sim_store_flush();
	for (struct sim_wait_entry *e = w->sleepers; e; e = e->next_of_wait)
		e->poll->woken = true;
	for (struct os_work *k = w->works; k; k = k->next_attached)
		work_queue(k);
}

void os_poll_add(struct os_poll *poll, struct os_wait *w)
{
	struct sim_wait_entry *e;

	sim_yield("os_poll_add");
	check_wait(w, "os_poll_add");
	if (!poll)
		return;
	e = calloc(1, sizeof(*e));
	if (!e)
		sim_die("no memory");
	e->poll = poll;
	e->wait = w;
	e->next_of_poll = poll->entries;
	poll->entries = e;
	e->next_of_wait = w->sleepers;
	w->sleepers = e;
	/* Whoever wakes from here on is noticed; pairs with os_wait_wake(). */
	sim_store_flush();
}

/* ---- polls ---- */

void sim_poll_init(struct os_poll *p)
{
	*p = (struct os_poll){0};
}

static bool is_woken(void *arg)
{
	return ((struct os_poll *)arg)->woken;
}

bool sim_poll_sleep(struct os_poll *p, u64 deadline)
{
	sim_may_sleep("poll");
	if (sim_self()->nheld)
		sim_die("poll sleeps under a lock of class %s",
			sim_class_name(sim_self()->held[0]->class));
	if (p->woken)
		return true;
	return sim_block_until(is_woken, p, deadline, "a wake-up");
}

static void entry_unlink(struct sim_wait_entry *e)
{
	struct sim_wait_entry **p = &e->wait->sleepers;

	while (*p != e)
		p = &(*p)->next_of_wait;
	*p = e->next_of_wait;
}

void sim_poll_fini(struct os_poll *p)
{
	struct sim_wait_entry *e;

	while ((e = p->entries)) {
		p->entries = e->next_of_poll;
		entry_unlink(e);
		free(e);
	}
	p->woken = false;
}

/* ---- works ---- */

static void check_work(const struct os_work *work, const char *what)
{
	if (!work->live)
		sim_die("%s of a work that was not begun, or has ended", what);
}

void os_work_init(struct os_work *work, void (*fn)(struct os_work *work))
{
	*work = (struct os_work){.fn = fn, .live = true};
	sim.live.works++;
}

static bool is_not_running(void *arg)
{
	return !((struct os_work *)arg)->running;
}

static void work_unqueue(struct os_work *work)
{
	struct os_work **p = &pending;

	while (*p && *p != work)
		p = &(*p)->next_pending;
	if (*p)
		*p = work->next_pending;
	work->pending = false;
}

void os_work_fini(struct os_work *work)
{
	sim_yield("os_work_fini");
	sim_may_sleep("os_work_fini");
	check_work(work, "os_work_fini");
	if (work->wait)
		sim_die("a work ends that is attached");
	work_unqueue(work);
	if (work->running)
		sim_block(is_not_running, work, "the end of a work");
	work_unqueue(work); /* it may have scheduled itself */
	work->live = false;
	sim.live.works--;
}

void os_work_attach(struct os_work *work, struct os_wait *w)
{
	sim_yield("os_work_attach");
	sim_may_sleep("os_work_attach");
	check_work(work, "os_work_attach");
	check_wait(w, "os_work_attach");
	if (work->wait)
		sim_die("a work is attached twice");
	work->wait = w;
	work->next_attached = w->works;
	w->works = work;
	sim_store_flush();
}

void os_work_detach(struct os_work *work)
{
	struct os_work **p;

	sim_yield("os_work_detach");
	sim_may_sleep("os_work_detach");
	check_work(work, "os_work_detach");
	if (!work->wait)
		return;
	p = &work->wait->works;
	while (*p != work)
		p = &(*p)->next_attached;
	*p = work->next_attached;
	work->wait = NULL;
}

void os_work_schedule(struct os_work *work)
{
	sim_yield("os_work_schedule");
	check_work(work, "os_work_schedule");
	sim_store_flush();
	work_queue(work);
}

unsigned sim_run_works(void)
{
	unsigned n = 0;
	struct os_work *k;

	while ((k = pending) && !k->running) {
		pending = k->next_pending;
		k->pending = false;
		k->running = true;
		k->fn(k);
		k->running = false;
		n++;
	}
	return n;
}
