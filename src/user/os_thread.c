// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pauses, and threads that poll. */
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "os.h"
#include "os_spawn.h"

#define PAUSE_NS 50000

struct os_thread {
	pthread_t thread;
	bool (*fn)(void *arg);
	void *arg;
	u32 stop;
};

void os_pause(void)
{
	const struct timespec ts = {.tv_nsec = PAUSE_NS};

	nanosleep(&ts, NULL);
}

u32 os_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (u32)n : 1;
}

static void *run(void *arg)
{
	struct os_thread *t = arg;

	while (!os_load_acquire(&t->stop))
		if (!t->fn(t->arg))
			sched_yield();
	return NULL;
}

int os_thread_start(struct os_thread **out, bool (*fn)(void *arg), void *arg,
		    u32 cpu)
{
	struct os_thread *t;
	int err;

	if (cpu >= CPU_SETSIZE)
		return os_refuse(-EINVAL, "no processor has the number %u",
				 cpu);
	t = calloc(1, sizeof(*t));
	if (!t)
		return os_refuse(-ENOMEM, "no memory for a thread");
	t->fn = fn;
	t->arg = arg;
	err = os_spawn(&t->thread, (int)cpu, run, t);
	if (err) {
		free(t);
		return os_refuse(err == -EINVAL ? -EINVAL : -ENOMEM,
				 "no thread on processor %u%s", cpu,
				 err == -EINVAL ? ", which does not run" : "");
	}
	*out = t;
	return 0;
}

void os_thread_stop(struct os_thread *t)
{
	os_store_release(&t->stop, 1u);
	pthread_join(t->thread, NULL);
	free(t);
}
