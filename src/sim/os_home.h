/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * os_home.h - the simulator as a home: types, layouts, shared memory.
 *
 * The core compiled against this file runs in a test program that sees and
 * decides everything: time, failures of memory, and, between two threads, who
 * runs at which access (sim.h). As long as no test asks for that, an access is
 * one load or store and costs nothing more than a test of sim_traced.
 */
#ifndef SIM_OS_HOME_H
#define SIM_OS_HOME_H

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
/* Small, so that ordinary batches need several leases. */
#define OS_LEASE_MAX 8u

/* One kind of lock serves as mutex and as spin lock: what differs is what may
 * be done while it is held. */
struct sim_lock {
	int class;  /* enum os_lock_class */
	int holder; /* thread, or SIM_NOBODY */
	bool live;  /* between init and fini */
};

struct os_mutex {
	struct sim_lock lock;
};

struct os_spin {
	struct sim_lock lock;
};

struct sim_wait_entry;
struct os_work;

struct os_wait {
	struct sim_wait_entry *sleepers;
	struct os_work *works; /* attached, by next_attached */
	bool live;
};

struct os_work {
	void (*fn)(struct os_work *work);
	struct os_wait *wait; /* attached to, or NULL */
	struct os_work *next_attached;
	struct os_work *next_pending;
	bool live, pending, running;
};

/* ---- shared memory (shm.h) ---- */

/* Accesses are yield points, or a hook wants to see them. */
extern bool sim_traced;

/* What a traced access does; u64 carries every size and pointers too. */
enum sim_access {
	SIM_LOAD,
	SIM_STORE,
	SIM_STORE_RELEASE,
	SIM_XCHG,
	SIM_OR,
	SIM_ADD,
};
u64 sim_access(enum sim_access op, volatile void *p, size_t size, u64 v);
bool sim_cas(volatile void *p, size_t size, u64 old, u64 v);
void sim_copy(void *dst, const void *src, size_t len);
/* Waits a little for the other thread of a scenario. */
void sim_relax(void);

static inline u64 sim_load(const volatile void *p, size_t size)
{
	if (__builtin_expect(sim_traced, 0))
		return sim_access(SIM_LOAD, (volatile void *)(uintptr_t)p, size,
				  0);
	switch (size) {
	case 1:
		return __atomic_load_n((const volatile u8 *)p,
				       __ATOMIC_ACQUIRE);
	case 2:
		return __atomic_load_n((const volatile u16 *)p,
				       __ATOMIC_ACQUIRE);
	case 4:
		return __atomic_load_n((const volatile u32 *)p,
				       __ATOMIC_ACQUIRE);
	default:
		return __atomic_load_n((const volatile u64 *)p,
				       __ATOMIC_ACQUIRE);
	}
}

static inline void sim_store(enum sim_access op, volatile void *p, size_t size,
			     u64 v)
{
	if (__builtin_expect(sim_traced, 0)) {
		sim_access(op, p, size, v);
		return;
	}
	switch (size) {
	case 1:
		__atomic_store_n((volatile u8 *)p, (u8)v, __ATOMIC_RELEASE);
		break;
	case 2:
		__atomic_store_n((volatile u16 *)p, (u16)v, __ATOMIC_RELEASE);
		break;
	case 4:
		__atomic_store_n((volatile u32 *)p, (u32)v, __ATOMIC_RELEASE);
		break;
	default:
		__atomic_store_n((volatile u64 *)p, v, __ATOMIC_RELEASE);
		break;
	}
}

static inline u64 sim_rmw(enum sim_access op, volatile void *p, size_t size,
			  u64 v)
{
	if (__builtin_expect(sim_traced, 0))
		return sim_access(op, p, size, v);
	if (size == 8) {
		volatile u64 *p64 = p;

		return op == SIM_XCHG
			       ? __atomic_exchange_n(p64, v, __ATOMIC_SEQ_CST)
		       : op == SIM_OR
			       ? __atomic_fetch_or(p64, v, __ATOMIC_SEQ_CST)
			       : __atomic_fetch_add(p64, v, __ATOMIC_SEQ_CST);
	} else {
		volatile u32 *p32 = p;
		u32 w = (u32)v;

		return op == SIM_XCHG
			       ? __atomic_exchange_n(p32, w, __ATOMIC_SEQ_CST)
		       : op == SIM_OR
			       ? __atomic_fetch_or(p32, w, __ATOMIC_SEQ_CST)
			       : __atomic_fetch_add(p32, w, __ATOMIC_SEQ_CST);
	}
}

static inline bool sim_cas_of(volatile void *p, size_t size, u64 old, u64 v)
{
	if (__builtin_expect(sim_traced, 0))
		return sim_cas(p, size, old, v);
	if (size == 8)
		return __sync_bool_compare_and_swap((volatile u64 *)p, old, v);
	return __sync_bool_compare_and_swap((volatile u32 *)p, (u32)old,
					    (u32)v);
}

#define os_load(p)	   ((__typeof__(*(p)))sim_load((p), sizeof(*(p))))
#define os_load_acquire(p) os_load(p)
#define os_store(p, v)	   sim_store(SIM_STORE, (p), sizeof(*(p)), (u64)(v))
#define os_store_release(p, v) \
	sim_store(SIM_STORE_RELEASE, (p), sizeof(*(p)), (u64)(v))
#define os_xchg(p, v)	   sim_rmw(SIM_XCHG, (p), sizeof(*(p)), (v))
#define os_fetch_or(p, v)  sim_rmw(SIM_OR, (p), sizeof(*(p)), (v))
#define os_count(p, v)	   os_store(p, os_load(p) + (v))
#define os_fetch_add(p, v) sim_rmw(SIM_ADD, (p), sizeof(*(p)), (v))
#define os_cas(p, old, v)  sim_cas_of((p), sizeof(*(p)), (old), (v))

static inline void os_copy(void *dst, const void *src, size_t len)
{
	if (__builtin_expect(sim_traced, 0))
		sim_copy(dst, src, len);
	else
		memcpy(dst, src, len);
}

/* ---- interfaces of the system: this home has no lock of its own for them */

static inline void os_config_lock(void)
{
}

static inline void os_config_unlock(void)
{
}

unsigned os_read_enter(void);
void os_read_exit(unsigned cookie);

/* Nothing may sleep between them; the other thread does run: others can. */
void os_preempt_off(void);
void os_preempt_on(void);
void os_breathe(void);

#endif
