// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pauses, and threads that poll. */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "knm.h"
#include "os.h"

struct os_thread {
	struct task_struct *task;
	bool (*fn)(void *arg);
	void *arg;
};

void os_pause(void)
{
	usleep_range(50, 100);
}

u32 os_cpus(void)
{
	return num_online_cpus();
}

static int run(void *arg)
{
	struct os_thread *t = arg;

	while (!kthread_should_stop()) {
		t->fn(t->arg);
		cond_resched();
	}
	return 0;
}

/* On @cpu, which stays while the caller holds the processors' lock. */
static int start_on(struct os_thread *t, u32 cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	t->task = kthread_create(run, t, "netmap_poll/%u", cpu);
	if (IS_ERR(t->task))
		return PTR_ERR(t->task);
	kthread_bind(t->task, cpu);
	wake_up_process(t->task);
	return 0;
}

int os_thread_start(struct os_thread **out, bool (*fn)(void *arg), void *arg,
		    u32 cpu)
{
	struct os_thread *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err = -ENOMEM;

	if (!t)
		return os_refuse(err, "no memory for a thread");
	t->fn = fn;
	t->arg = arg;
	cpus_read_lock();
	err = start_on(t, cpu);
	cpus_read_unlock();
	if (err) {
		kfree(t);
		return os_refuse(err, "no thread on processor %u%s", cpu,
				 err == -EINVAL ? ", which does not run" : "");
	}
	knm_count(KNM_THREADS, 1);
	*out = t;
	return 0;
}

void os_thread_stop(struct os_thread *t)
{
	kthread_stop(t->task);
	kfree(t);
	knm_count(KNM_THREADS, -1);
}
