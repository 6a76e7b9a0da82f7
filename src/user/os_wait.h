/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_wait.h - sleeping on several waits at once, for the user home. */
#ifndef OS_WAIT_H
#define OS_WAIT_H

#include "os.h"

/* A poll in progress: os_poll_add() puts it on waits. */
struct os_poll;

/* Puts @e, with wake set, on @w, with a full barrier; takes it off. */
void os_waiter_add(struct os_waiter *e, struct os_wait *w);
void os_waiter_del(struct os_waiter *e);

/* The thread that runs deferred work; false: it cannot be made. */
bool os_worker_start(void);

/* NULL: no memory. */
struct os_poll *os_poll_create(void);
/* The same, but nobody sleeps: each wake calls @fn(@arg) in the waker's context,
 * where wakes of several waits may run at once; no lock but the wait's held. */
struct os_poll *os_poll_create_fn(void (*fn)(void *arg), void *arg);
/* Takes it off all waits. */
void os_poll_destroy(struct os_poll *p);
/* False: a wait could not be added, so sleeping could miss it. */
bool os_poll_is_complete(const struct os_poll *p);
/* Sleeps until woken since the last sleep, or monotonic @deadline in ns (0:
 * none); false: the deadline has passed. */
bool os_poll_sleep(struct os_poll *p, u64 deadline);

#endif
