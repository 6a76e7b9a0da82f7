/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_spawn.h - threads of ours in a process that may be another's. */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include <pthread.h>

/*
 * Starts @main(@arg) in a thread, on processor @cpu if that is not -1. Signals
 * that are sent to the process are for its other threads; those of its own
 * faults (SIGBUS, SIGSEGV, SIGFPE, SIGILL) come to it. 0 or -errno: -EINVAL, no
 * such processor, or it does not run.
 */
int os_spawn(pthread_t *thread, int cpu, void *(*main)(void *arg), void *arg);

#endif
