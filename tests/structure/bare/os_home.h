/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * os_home.h - the barest home: the core compiles against it and never runs.
 *
 * Every service is a function that nobody defines, and the shared-memory
 * primitives are the compiler's. So what the compiled core leaves undefined is
 * exactly what it asks of a home.
 */
#ifndef BARE_OS_HOME_H
#define BARE_OS_HOME_H

#include <errno.h>
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

#define OS_PAGE_SIZE 4096u
#define OS_EINTR     EINTR
#define OS_LEASE_MAX 64u

struct os_mutex {
	u64 state;
};

struct os_spin {
	u64 state;
};

struct os_wait {
	u64 state;
};

struct os_work {
	u64 state;
};

#define os_load(p)	       __atomic_load_n((p), __ATOMIC_RELAXED)
#define os_store(p, v)	       __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define os_load_acquire(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define os_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define os_xchg(p, v)	       __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define os_fetch_or(p, v)      __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define os_fetch_add(p, v)     __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define os_count(p, v)	       os_store(p, os_load(p) + (v))

#define os_cas(p, old, v)                                       \
	({                                                      \
		__typeof__(*(p)) was_ = (old);                  \
		__atomic_compare_exchange_n((p), &was_, (v), 0, \
					    __ATOMIC_SEQ_CST,   \
					    __ATOMIC_SEQ_CST);  \
	})

void os_copy(void *dst, const void *src, size_t len);
void os_preempt_off(void);
void os_preempt_on(void);
void os_breathe(void);
void os_config_lock(void);
void os_config_unlock(void);
unsigned os_read_enter(void);
void os_read_exit(unsigned section);

#endif
