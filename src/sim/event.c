// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* event.c - sleepers, and events: numbers that stand for eventfds. */
#include <stdlib.h>

#include "sim_int.h"

#define EVENTS 64
#define FIRST  1000 /* so that no descriptor is taken for an event */

struct os_sleep {
	struct os_poll poll;
};

struct os_event {
	bool made;
	unsigned refs; /* os_event_get() */
	u64 count;
	struct os_sleep *sleep; /* attached */
	void (*fn)(void *arg);
	void *arg;
	bool running;
};

static struct os_event events[EVENTS];
static bool signalled;

/* ---- sleepers ---- */

int os_sleep_create(struct os_sleep **out)
{
	struct os_sleep *s;

	sim_yield("os_sleep_create");
	sim_may_sleep("os_sleep_create");
	s = sim_should_fail(SIM_FAIL_MEMORY) ? NULL : calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	sim_poll_init(&s->poll);
	sim.live.sleeps++;
	*out = s;
	return 0;
}

void os_sleep_destroy(struct os_sleep *s)
{
	sim_yield("os_sleep_destroy");
	sim_may_sleep("os_sleep_destroy");
	for (int i = 0; i < EVENTS; i++)
		if (events[i].sleep == s)
			sim_die("a sleeper ends that event %d wakes",
				i + FIRST);
	sim_poll_fini(&s->poll);
	sim.live.sleeps--;
	free(s);
}

int os_sleep_add(struct os_sleep *s, struct os_wait *w)
{
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	os_poll_add(&s->poll, w);
	return 0;
}

int os_sleep(struct os_sleep *s, u64 ns)
{
	if (!ns && sim.scenario)
		sim_relax();
	else if (!signalled)
		sim_poll_sleep(&s->poll, ns == ~0ull ? ns : os_now_ns() + ns);
	s->poll.woken = false;
	if (!signalled)
		return 0;
	signalled = false;
	return -EINTR;
}

void sim_signal(void)
{
	signalled = true;
}

/* ---- events ---- */

int sim_event_make(void)
{
	for (int i = 0; i < EVENTS; i++) {
		if (events[i].made || events[i].refs)
			continue;
		events[i] = (struct os_event){.made = true};
		return i + FIRST;
	}
	sim_die("more than %d events", EVENTS);
}

static struct os_event *event_of(int number)
{
	if (number < FIRST || number >= FIRST + EVENTS ||
	    !events[number - FIRST].made)
		return NULL;
	return &events[number - FIRST];
}

void sim_event_end(int number)
{
	event_of(number)->made = false;
}

/* The writer is in a system call: all it stored before is seen. */
static void event_write(struct os_event *e)
{
	sim_store_flush();
	e->count++;
	if (!e->sleep)
		return;
	if (!e->fn) {
		e->sleep->poll.woken = true;
		return;
	}
	if (e->running)
		return;
	e->running = true;
	sim_any_enter();
	e->fn(e->arg);
	sim_any_exit();
	e->running = false;
	sim_store_flush();
}

void sim_event_write(int number)
{
	sim_yield("the write of an event");
	event_write(event_of(number));
}

u64 sim_event_read(int number)
{
	struct os_event *e = event_of(number);
	u64 count;

	sim_yield("the read of an event");
	count = e->count;
	e->count = 0;
	return count;
}

static bool is_written(void *arg)
{
	return ((struct os_event *)arg)->count > 0;
}

void sim_event_wait(int number)
{
	struct os_event *e = event_of(number);

	sim_block(is_written, e, "an event");
	e->count = 0;
}

int os_event_get(struct os_caller *c, s32 fd, struct os_event **out)
{
	struct os_event *e = event_of(fd);

	(void)c;
	sim_yield("os_event_get");
	sim_may_sleep("os_event_get");
	if (!e)
		return -EINVAL;
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	e->refs++;
	sim.live.events++;
	*out = e;
	return 0;
}

static bool is_idle(void *arg)
{
	return !((struct os_event *)arg)->running;
}

void os_event_put(struct os_event *e)
{
	sim_yield("os_event_put");
	sim_may_sleep("os_event_put");
	e->sleep = NULL;
	if (e->running)
		sim_block(is_idle, e, "the end of a kick");
	e->refs--;
	sim.live.events--;
}

void os_event_signal(struct os_event *e)
{
	sim_yield("os_event_signal");
	event_write(e);
}

int os_event_attach(struct os_event *e, struct os_sleep *s,
		    void (*fn)(void *arg), void *arg)
{
	sim_yield("os_event_attach");
	if (e->sleep)
		sim_die("an event is attached twice");
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	e->fn = fn;
	e->arg = arg;
	e->sleep = s;
	if (e->count)
		s->poll.woken = true;
	return 0;
}
