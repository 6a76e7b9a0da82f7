/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lock.h - locks that signal handlers may want too. close(), poll(), fork() and
 * others may be called by a handler, whatever its thread was doing; so while a
 * thread has a lock of ours no handler runs in it.
 *
 * Signals of faults stay as they are: some programs handle those of their own
 * memory (SIGSEGV), and blocked they end the process.
 */
#ifndef NMH_LOCK_H
#define NMH_LOCK_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include "real.h"

#define NMH_SIGNAL(sig) (1ull << ((sig)-1))

/* All but those. */
#define NMH_SIGNALS                                                        \
	(~(NMH_SIGNAL(SIGSEGV) | NMH_SIGNAL(SIGBUS) | NMH_SIGNAL(SIGFPE) | \
	   NMH_SIGNAL(SIGILL) | NMH_SIGNAL(SIGTRAP) | NMH_SIGNAL(SIGSYS)))

/* Returns what was blocked before, for nmh_signals_on(). */
static inline uint64_t nmh_signals_off(void)
{
	const uint64_t set = NMH_SIGNALS;
	uint64_t old = 0;

	nmh_sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, sizeof(set));
	return old;
}

static inline void nmh_signals_on(uint64_t old)
{
	nmh_sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof(old));
}

/* Takes @m; what it returns is for nmh_lock_give(). */
static inline uint64_t nmh_lock_take(pthread_mutex_t *m)
{
	uint64_t signals = nmh_signals_off();

	pthread_mutex_lock(m);
	return signals;
}

static inline void nmh_lock_give(pthread_mutex_t *m, uint64_t signals)
{
	pthread_mutex_unlock(m);
	nmh_signals_on(signals);
}

#endif
