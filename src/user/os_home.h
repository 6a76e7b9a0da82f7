/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_home.h - the user home: what core/os.h asks for, in a process. */
#ifndef OS_HOME_H
#define OS_HOME_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define OS_PAGE_SIZE 4096
#define OS_LEASE_MAX 256

/* ---- shared memory (core/shm.h) ---- */

#define os_load(p)	       __atomic_load_n(p, __ATOMIC_RELAXED)
#define os_store(p, v)	       __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define os_load_acquire(p)     __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define os_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define os_xchg(p, v)	       __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define os_fetch_or(p, v)      __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST)
#define os_fetch_add(p, v)     __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)
#define os_count(p, v)	       os_store(p, os_load(p) + (v))
#define os_cas(p, old, v)                                             \
	({                                                            \
		__typeof__(*(p)) os_cas_old = (old);                  \
		__atomic_compare_exchange_n(p, &os_cas_old, v, false, \
					    __ATOMIC_SEQ_CST,         \
					    __ATOMIC_RELAXED);        \
	})

/* Short frames by moves of constant size that may overlap each other: no call,
 * no loop, and not a byte beyond @len. */
static inline void os_copy(void *dst, const void *src, u32 len)
{
	u8 *d = dst;
	const u8 *s = src;

	if (len > 128) {
		memcpy(d, s, len);
	} else if (len > 64) {
		memcpy(d, s, 64);
		memcpy(d + len - 64, s + len - 64, 64);
	} else if (len >= 32) {
		u8 tail[32];

		memcpy(tail, s + len - 32, 32);
		memcpy(d, s, 32);
		memcpy(d + len - 32, tail, 32);
	} else if (len >= 16) {
		memcpy(d, s, 16);
		memcpy(d + len - 16, s + len - 16, 16);
	} else {
		while (len--)
			*d++ = *s++;
	}
}

/* Threads of a process are preempted when the system likes, and it preempts
 * them without being asked. */
static inline void os_preempt_off(void)
{
}

static inline void os_preempt_on(void)
{
}

static inline void os_breathe(void)
{
}

/* ---- interfaces of the system: this home has no lock of its own for them */

static inline void os_config_lock(void)
{
}

static inline void os_config_unlock(void)
{
}

/* ---- locks ---- */

struct os_mutex {
	pthread_mutex_t m;
	bool held;
};

struct os_spin {
	pthread_mutex_t m; /* adaptive: spins a little, then sleeps */
	bool held;
};

/* ---- read sections (os_read.c) ---- */

unsigned os_read_enter(void);
void os_read_exit(unsigned section);

/* ---- waiting and work (os_wait.c) ---- */

struct os_waiter {
	struct os_waiter *next, *prev;
	struct os_wait *wait;
	void (*wake)(struct os_waiter *w); /* wait's lock held */
};

struct os_wait {
	pthread_mutex_t m;
	struct os_waiter list; /* head */
	u32 count;	       /* waiters; read without the lock */
};

struct os_work {
	struct os_waiter waiter; /* .wait set while attached */
	void (*fn)(struct os_work *work);
	struct os_work *next; /* in the queue of the worker */
	bool queued, running, ending;
};

#endif
