// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Sleepers and eventfds. A sleeper has a wait queue of its own; what wakes it
 * is an entry of another's. An eventfd's wake runs under its lock with
 * interrupts off, where nothing of ours may: what is to run in the writer's
 * context goes by an interrupt to this processor, taken as soon as the eventfd
 * is unlocked, and from there by a tasklet, which runs as that interrupt ends:
 * before write(2) returns, in softirq context, with no lock held.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "knm.h"
#include "os.h"

struct entry {
	wait_queue_entry_t wait;
	wait_queue_head_t *head; /* it is on */
	struct os_sleep *sleep;
	struct entry *next; /* of the sleeper */
};

struct os_sleep {
	wait_queue_head_t head;
	u32 woken;
	struct entry *entries;
};

struct os_event {
	struct file *file;
	struct eventfd_ctx *ctx;
	poll_table table;
	wait_queue_entry_t wait;
	wait_queue_head_t *head; /* it is on, or NULL */
	struct os_sleep *sleep;
	void (*fn)(void *arg);
	void *arg;
	struct irq_work irq;
	struct tasklet_struct tasklet;
};

/* ---- sleepers ---- */

int os_sleep_create(struct os_sleep **out)
{
	struct os_sleep *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return -ENOMEM;
	init_waitqueue_head(&s->head);
	knm_count(KNM_SLEEPS, 1);
	*out = s;
	return 0;
}

void os_sleep_destroy(struct os_sleep *s)
{
	struct entry *e;

	while ((e = s->entries)) {
		s->entries = e->next;
		remove_wait_queue(e->head, &e->wait);
		kfree(e);
	}
	kfree(s);
	knm_count(KNM_SLEEPS, -1);
}

/* Any context. */
static void sleep_wake(struct os_sleep *s)
{
	WRITE_ONCE(s->woken, 1);
	wake_up(&s->head);
}

static int entry_wake(wait_queue_entry_t *wait, unsigned int mode, int flags,
		      void *key)
{
	sleep_wake(container_of(wait, struct entry, wait)->sleep);
	return 0;
}

int os_sleep_add(struct os_sleep *s, struct os_wait *w)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);

	if (!e)
		return -ENOMEM;
	init_waitqueue_func_entry(&e->wait, entry_wake);
	e->head = &w->head;
	e->sleep = s;
	e->next = s->entries;
	s->entries = e;
	add_wait_queue(e->head, &e->wait);
	/* Pairs with the barrier in os_wait_wake(). */
	smp_mb();
	return 0;
}

int os_sleep(struct os_sleep *s, u64 ns)
{
	int err = 0;

	if (ns)
		err = wait_event_interruptible_hrtimeout(
			s->head, xchg(&s->woken, 0),
			ns == ~0ull ? KTIME_MAX : ns_to_ktime(ns));
	else
		cond_resched();
	/* A call that a handler without SA_RESTART does not end goes on. */
	if (signal_pending(current))
		return -ERESTARTSYS;
	return err == -ERESTARTSYS ? err : 0;
}

/* ---- eventfds ---- */

/* In the writer's context, with interrupts on. */
static void event_run(struct tasklet_struct *tasklet)
{
	struct os_event *e = container_of(tasklet, struct os_event, tasklet);

	e->fn(e->arg);
}

static void event_irq(struct irq_work *irq)
{
	struct os_event *e = container_of(irq, struct os_event, irq);

	tasklet_hi_schedule(&e->tasklet);
}

static int event_wake(wait_queue_entry_t *wait, unsigned int mode, int flags,
		      void *key)
{
	struct os_event *e = container_of(wait, struct os_event, wait);

	if (!(key_to_poll(key) & EPOLLIN))
		return 0;
	if (e->fn)
		irq_work_queue(&e->irq);
	else
		sleep_wake(e->sleep);
	return 0;
}

static void event_queue(struct file *file, wait_queue_head_t *head,
			poll_table *table)
{
	struct os_event *e = container_of(table, struct os_event, table);

	e->head = head;
	add_wait_queue(head, &e->wait);
}

int os_event_get(struct os_caller *c, s32 fd, struct os_event **out)
{
	struct os_event *e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);

	if (!e)
		return -ENOMEM;
	e->file = eventfd_fget(fd);
	if (IS_ERR(e->file)) {
		kfree(e);
		return -EINVAL;
	}
	e->ctx = eventfd_ctx_fileget(e->file);
	init_waitqueue_func_entry(&e->wait, event_wake);
	init_poll_funcptr(&e->table, event_queue);
	init_irq_work(&e->irq, event_irq);
	tasklet_setup(&e->tasklet, event_run);
	knm_count(KNM_EVENTS, 1);
	*out = e;
	return 0;
}

void os_event_put(struct os_event *e)
{
	if (e->head)
		remove_wait_queue(e->head, &e->wait);
	irq_work_sync(&e->irq);
	tasklet_kill(&e->tasklet);
	eventfd_ctx_put(e->ctx);
	fput(e->file);
	kfree(e);
	knm_count(KNM_EVENTS, -1);
}

void os_event_signal(struct os_event *e)
{
	knm_eventfd_signal(e->ctx);
}

int os_event_attach(struct os_event *e, struct os_sleep *s,
		    void (*fn)(void *arg), void *arg)
{
	e->fn = fn;
	e->arg = arg;
	e->sleep = s;
	/* What was written before is for the sleeper. */
	if (vfs_poll(e->file, &e->table) & EPOLLIN)
		sleep_wake(s);
	return 0;
}
