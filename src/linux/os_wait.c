// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Waiting and deferred work. A wait is a wait queue; a work attached to it is
 * an entry of that queue, which schedules instead of waking.
 */
#include "knm.h"
#include "os.h"

static struct workqueue_struct *queue;

int knm_work_init(void)
{
	queue = alloc_workqueue("netmap", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

void knm_work_fini(void)
{
	destroy_workqueue(queue);
}

void os_wait_init(struct os_wait *w)
{
	init_waitqueue_head(&w->head);
	knm_count(KNM_WAITS, 1);
}

void os_wait_fini(struct os_wait *w)
{
	WARN_ON_ONCE(waitqueue_active(&w->head));
	knm_count(KNM_WAITS, -1);
}

void os_poll_add(struct os_poll *poll, struct os_wait *w)
{
	if (!poll)
		return;
	poll_wait(poll->file, &w->head, poll->table);
	/* Pairs with the barrier in os_wait_wake(): whoever does not see this
	 * sleeper has changed the ring before the sleeper looks at it. */
	smp_mb();
}

static void work_run(struct work_struct *work)
{
	struct os_work *w = container_of(work, struct os_work, work);

	w->fn(w);
}

/* A wake, any context, the wait queue's lock held. */
static int work_wake(wait_queue_entry_t *entry, unsigned int mode, int flags,
		     void *key)
{
	os_work_schedule(container_of(entry, struct os_work, entry));
	return 0;
}

void os_work_init(struct os_work *work, void (*fn)(struct os_work *work))
{
	INIT_WORK(&work->work, work_run);
	init_waitqueue_func_entry(&work->entry, work_wake);
	work->wait = NULL;
	work->fn = fn;
	knm_count(KNM_WORKS, 1);
}

void os_work_fini(struct os_work *work)
{
	os_work_detach(work);
	cancel_work_sync(&work->work);
	knm_count(KNM_WORKS, -1);
}

void os_work_attach(struct os_work *work, struct os_wait *w)
{
	work->wait = w;
	add_wait_queue(&w->head, &work->entry);
}

void os_work_detach(struct os_work *work)
{
	if (!work->wait)
		return;
	remove_wait_queue(&work->wait->head, &work->entry);
	work->wait = NULL;
}

void os_work_schedule(struct os_work *work)
{
	queue_work(queue, &work->work);
}
