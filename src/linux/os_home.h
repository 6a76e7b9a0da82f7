/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * os_home.h - the kernel's part of core/os.h: types, layouts, inline services.
 */
#ifndef NM_OS_HOME_H
#define NM_OS_HOME_H

#include <asm/local64.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* Names that Linux has as macros and the core as functions of its own. */
#undef round_up

#define OS_PAGE_SIZE PAGE_SIZE

/* A delivery fills at most so many slots without being preempted. */
#define OS_LEASE_MAX 64

struct os_mutex {
	struct mutex mutex;
};

struct os_spin {
	spinlock_t lock;
};

struct os_wait {
	wait_queue_head_t head;
};

struct os_work {
	struct work_struct work;
	wait_queue_entry_t entry; /* on the wait it is attached to */
	struct os_wait *wait;	  /* that wait, or NULL */
	void (*fn)(struct os_work *work);
};

/* ---- memory that others write too: see core/shm.h ---- */

#define os_load(p)	       READ_ONCE(*(p))
#define os_store(p, v)	       WRITE_ONCE(*(p), v)
#define os_load_acquire(p)     smp_load_acquire(p)
#define os_store_release(p, v) smp_store_release(p, v)
#define os_xchg(p, v)	       xchg(p, v)

static inline u32 os_fetch_or(u32 *p, u32 v)
{
	return (u32)atomic_fetch_or((int)v, (atomic_t *)p);
}

static inline u32 os_fetch_add32(u32 *p, u32 v)
{
	return (u32)atomic_fetch_add((int)v, (atomic_t *)p);
}

static inline u64 os_fetch_add64(u64 *p, u64 v)
{
	return (u64)atomic64_fetch_add((s64)v, (atomic64_t *)p);
}

#define os_fetch_add(p, v) \
	_Generic((p), u32 * : os_fetch_add32, u64 * : os_fetch_add64)(p, v)

/* One instruction; READ_ONCE() and WRITE_ONCE() would make it three. */
#define os_count(p, v) local64_add((s64)(v), (local64_t *)(p))

#define os_cas(p, old, v)               \
	({                              \
		typeof(*(p)) _o = old;  \
		try_cmpxchg(p, &_o, v); \
	})

static inline void os_preempt_off(void)
{
	preempt_disable();
}

static inline void os_preempt_on(void)
{
	preempt_enable();
}

static inline void os_breathe(void)
{
	if (!in_softirq())
		cond_resched();
}

static inline void os_config_lock(void)
{
	rtnl_lock();
}

static inline void os_config_unlock(void)
{
	rtnl_unlock();
}

/* ---- packet bytes ---- */

/* From here on string instructions are worth their start-up time. */
#define OS_COPY_WORDS_MAX 512

static __always_inline u64 os_word(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline void os_word_set(u8 *p, u64 v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

/* 32 bytes by four loads, then four stores. */
static __always_inline void os_copy32(u8 *d, const u8 *s)
{
	u64 a = os_word(s), b = os_word(s + 8);
	u64 e = os_word(s + 16), f = os_word(s + 24);

	os_word_set(d, a);
	os_word_set(d + 8, b);
	os_word_set(d + 16, e);
	os_word_set(d + 24, f);
}

/* Copies of other sizes than 32 to 64 bytes: os_misc.c. */
void os_copy_small(u8 *dst, const u8 *src, size_t len);
void os_copy_large(u8 *dst, const u8 *src, size_t len);

/*
 * The floating point unit stays untouched. A piece that is no multiple of the
 * step ends with a step that overlaps the one before.
 */
static __always_inline void os_copy(void *dst, const void *src, size_t len)
{
	u8 *d = dst;
	const u8 *s = src;

	if (likely(len - 32 <= 32)) {
		os_copy32(d, s);
		os_copy32(d + len - 32, s + len - 32);
	} else if (len < 32) {
		os_copy_small(d, s, len);
	} else {
		os_copy_large(d, s, len);
	}
}

/* ---- read sections ---- */

static inline unsigned int os_read_enter(void)
{
	rcu_read_lock();
	return 0;
}

static inline void os_read_exit(unsigned int section)
{
	(void)section;
	rcu_read_unlock();
}

/* ---- what os.h declares and the data path calls: inline ---- */

static inline void os_spin_lock(struct os_spin *s)
{
	spin_lock_bh(&s->lock);
}

static inline void os_spin_unlock(struct os_spin *s)
{
	spin_unlock_bh(&s->lock);
}

static inline void os_spin_assert_held(const struct os_spin *s)
{
	lockdep_assert_held(&s->lock);
}

static inline void os_mutex_assert_held(const struct os_mutex *m)
{
	lockdep_assert_held(&m->mutex);
}

/* What the core times with it lasts seconds: a tick is fine enough, and costs
 * a tenth of a clock's reading. */
static inline u64 os_now_ns(void)
{
	return get_jiffies_64() * (NSEC_PER_SEC / HZ);
}

static inline void os_realtime(s64 *sec, s64 *usec)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	*sec = now.tv_sec;
	*usec = now.tv_nsec / NSEC_PER_USEC;
}

static inline void os_wait_wake(struct os_wait *w)
{
	/* The barrier inside pairs with the one in os_poll_add(). */
	if (wq_has_sleeper(&w->head))
		wake_up_all(&w->head);
}

#endif
