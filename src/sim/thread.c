// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* thread.c - pauses, and the threads of the home: they run when a test says. */
#include <stdlib.h>

#include "sim_int.h"

#define PAUSE_NS 50000

static bool never(void *arg)
{
	(void)arg;
	return false;
}

void os_pause(void)
{
	sim_may_sleep("os_pause");
	sim_block_until(never, NULL, sim.now_ns + PAUSE_NS,
			"the end of a pause");
}

struct os_thread {
	struct os_thread *next;
	bool (*fn)(void *arg);
	void *arg;
	bool running;
};

static struct os_thread *threads;

u32 os_cpus(void)
{
	return SIM_CPUS;
}

int os_thread_start(struct os_thread **t, bool (*fn)(void *arg), void *arg,
		    u32 cpu)
{
	struct os_thread *n;

	sim_yield("os_thread_start");
	sim_may_sleep("os_thread_start");
	if (cpu >= SIM_CPUS - 1 && cpu != SIM_CPU_LAST)
		return os_refuse(-EINVAL, "no processor has the number %u",
				 cpu);
	n = sim_should_fail(SIM_FAIL_MEMORY) ? NULL : calloc(1, sizeof(*n));
	if (!n)
		return os_refuse(-ENOMEM, "no thread for processor %u", cpu);
	n->fn = fn;
	n->arg = arg;
	n->next = threads;
	threads = n;
	sim.live.threads++;
	*t = n;
	return 0;
}

static bool is_idle(void *arg)
{
	return !((struct os_thread *)arg)->running;
}

void os_thread_stop(struct os_thread *t)
{
	struct os_thread **p = &threads;

	sim_yield("os_thread_stop");
	sim_may_sleep("os_thread_stop");
	if (t->running)
		sim_block(is_idle, t, "the end of a thread");
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	free(t);
	sim.live.threads--;
}

unsigned sim_run_threads_once(void)
{
	struct os_thread *t = threads, *next;
	unsigned busy = 0;

	for (; t; t = next) {
		bool free = !t->running;

		if (free) {
			t->running = true;
			busy += t->fn(t->arg);
			t->running = false;
		}
		next = t->next;
	}
	return busy;
}
