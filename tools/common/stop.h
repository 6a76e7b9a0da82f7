/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stop.h - when to end. The main thread waits for signals; other threads look
 * at stop_wanted() at least every STOP_LOOK_MS.
 */
#ifndef TOOLS_STOP_H
#define TOOLS_STOP_H

#include <stdbool.h>
#include <stdint.h>

#define STOP_LOOK_MS 100

/* By the main thread before there are others. From then on SIGINT, SIGTERM and
 * SIGHUP end stop_wait() and nothing else. */
void stop_init(void);

/* For a program of one thread instead: the signals end system calls. */
void stop_on_signals(void);

extern bool stop_flag;

static inline bool stop_wanted(void)
{
	return __atomic_load_n(&stop_flag, __ATOMIC_RELAXED);
}

/* Everybody shall end; any thread. */
void stop_request(void);
/* The main thread shall have a look; any thread. */
void stop_wake(void);

/* Main thread: waits for a signal, stop_request(), stop_wake(), or until the
 * time @until (clock_ns()). */
void stop_wait(uint64_t until);

/* Nanoseconds of a clock that only goes forward. */
uint64_t clock_ns(void);

#endif
