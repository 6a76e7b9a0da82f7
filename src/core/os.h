/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * os.h - everything the core asks of its home.
 *
 * The core is freestanding. A *home* (kernel module, process, simulator) is
 * one implementation of this file, chosen by the include path: its
 * "os_home.h" gives the types, the inline services and the shared-memory
 * primitives; its .c files give the rest. What os_home.h must supply:
 *
 *  types    u8 u16 u32 u64 s32 s64 bool size_t ptrdiff_t; the errno constants
 *           (EINVAL, ...); memcpy memset memcmp
 *  layouts  struct os_mutex, os_spin, os_wait, os_work (any content)
 *  inline   the primitives of shm.h; os_read_enter/exit; os_copy;
 *           os_preempt_off/on; os_breathe; os_config_lock/unlock
 *  numbers  OS_PAGE_SIZE  bytes, a power of two, of the mapping's granularity
 *           OS_LEASE_MAX  most slots a switch delivery may hold reserved at a
 *                         time (bounds the time others wait to publish)
 *
 * Context of a call, unless said otherwise: "thread" may sleep; "any" may be
 * interrupt-like (softirq in the kernel) and never sleeps. Lock order is in
 * docs/LOCKING.md.
 */
#ifndef NM_OS_H
#define NM_OS_H

#include "os_home.h"

struct os_mem;	  /* memory that clients can map; the home's own */
struct os_poll;	  /* one poll in progress: collects the waits to sleep on */
struct os_caller; /* on whose behalf: whose addresses os_copyin() takes */
struct os_pin;	  /* memory of a caller that stays where it is */
struct os_sleep;  /* a thread that sleeps until something of many happens */
struct os_event;  /* an eventfd of a caller */

/* ---- private memory: thread ---- */

/* Returns @size zeroed bytes, aligned to 64, or NULL. */
void *os_alloc(size_t size);
/* NULL is allowed. */
void os_free(void *p);

/* ---- mappable memory: thread ---- */

/*
 * Reserves @size bytes of mappable address space (a multiple of OS_PAGE_SIZE),
 * none of it populated. @nm_region is told back to the home when a client
 * touches an unpopulated page (nm_region_fault). -ENOMEM.
 */
struct nm_region;
int os_mem_create(struct os_mem **mem, u64 size, struct nm_region *region);

/*
 * Populates [@off, @off + @len), both multiples of OS_PAGE_SIZE, with zeroed
 * pages at consecutive addresses; *addr is where the core sees the first.
 * Stays until os_mem_destroy(). Each range is asked for once. -ENOMEM.
 */
int os_mem_populate(struct os_mem *mem, u64 off, u64 len, void **addr);

/* Somebody will now write to all of [@off, @off + @len), which is populated: a
 * home where pages come one by one can have them at once. */
void os_mem_expect(struct os_mem *mem, u64 off, u64 len);

/* As os_mem_create(), of memory of a caller, all that @pin keeps, which is
 * borrowed until os_mem_destroy(). -ENOMEM. */
int os_mem_adopt(struct os_mem **mem, struct os_pin *pin,
		 struct nm_region *nm_region);

/* Nobody but @c has mapped @mem since it was made, or since os_mem_forget(): who
 * loaded something from it before (acquire) has loaded what @c wrote. Of memory
 * that a program brought: and it cannot be another's too. Any context. */
bool os_mem_is_callers(const struct os_mem *mem, const struct os_caller *c);

/* No client maps @mem at this moment, and what they left in it is out of use:
 * who mapped it does not matter any more. */
void os_mem_forget(struct os_mem *mem);

/* No client maps @mem any more (or its pages are kept alive by the mapping,
 * never lent to anybody else). */
void os_mem_destroy(struct os_mem *mem);

/* ---- locks ---- */

/* The order in which locks are taken: a thread that holds a class takes only
 * later ones. Every home may check it; the simulator does. */
enum os_lock_class {
	OS_LOCK_CONTROL, /* nm_core.lock: ports, switches, binds, regions */
	OS_LOCK_REGION,	 /* nm_region.lock: pools and their population */
	OS_LOCK_QUEUE,	 /* nm_queue.lock: the producer side of one queue */
	OS_LOCK_MONITOR, /* nm_queue.lock of a monitor: taken inside those */
	OS_LOCK_WAIT,	 /* inside os_wait: the home's own */
};

/* Mutex: thread context, holder may sleep. */
void os_mutex_init(struct os_mutex *m, enum os_lock_class class);
void os_mutex_fini(struct os_mutex *m);
void os_mutex_lock(struct os_mutex *m);
void os_mutex_unlock(struct os_mutex *m);
void os_mutex_assert_held(const struct os_mutex *m);

/* Spin lock: any context (disables softirqs in the kernel); short sections. */
void os_spin_init(struct os_spin *s, enum os_lock_class class);
void os_spin_fini(struct os_spin *s);
void os_spin_lock(struct os_spin *s);
void os_spin_unlock(struct os_spin *s);
void os_spin_assert_held(const struct os_spin *s);

/*
 * What the system wants held while its interfaces change (the kernel: RTNL);
 * inline, from os_home.h: os_config_lock(), os_config_unlock(). Taken before
 * the control lock, never inside (thread).
 */

/* ---- read sections: any context; inline unsigned os_read_enter(void) and
 * void os_read_exit(unsigned) come from os_home.h ---- */

/* Returns when every read section that had begun has ended (thread). */
void os_read_sync(void);

/* ---- politeness: inline, from os_home.h ----
 *
 * void os_preempt_off(void), os_preempt_on(void): between them the caller is
 *     not taken off its processor, where the home can see to that (any
 *     context; short). What others wait for is done there.
 * void os_breathe(void): a place to let others run in long work, where the
 *     context allows it (any; no lock held, outside of read sections).
 */

/* Sleeps for a moment, some 50 us: for who waits for others and has no better
 * way (thread). */
void os_pause(void);

/* ---- threads of ours, for polling ---- */

struct os_thread;

/* How many processors run at this moment; their numbers may have gaps (any
 * context). */
u32 os_cpus(void);

/*
 * A thread that runs on processor @cpu and does nothing but call @fn(@arg), in
 * thread context, until os_thread_stop(). @fn returns true while there is more
 * to do; else others get the processor before the next call. -ENOMEM; -EINVAL:
 * no such processor, or it does not run; -EINTR: the caller is being ended.
 * Thread.
 */
int os_thread_start(struct os_thread **t, bool (*fn)(void *arg), void *arg,
		    u32 cpu);
/* Waits for a running call; none comes after. */
void os_thread_stop(struct os_thread *t);

/* ---- waiting ---- */

void os_wait_init(struct os_wait *w);
/* Nobody waits on @w or is attached to it any more. */
void os_wait_fini(struct os_wait *w);
/* Wakes every sleeper and schedules every attached work: any context. Orders
 * like a full barrier against the sleepers' checks: stores before it are seen
 * by a sleeper that is not woken. Cheap when nobody is there. */
void os_wait_wake(struct os_wait *w);
/* Adds @w to what the poll sleeps on; NULL @poll only asks, then no-op. */
void os_poll_add(struct os_poll *poll, struct os_wait *w);

/* ---- deferred work: runs in a thread of the home, never nested in the one
 * that scheduled it, never twice at once ---- */

void os_work_init(struct os_work *work, void (*fn)(struct os_work *work));
/* Waits for a running call; none comes after (thread; not from the work). */
void os_work_fini(struct os_work *work);
/* From now until detach, each wake of @w schedules @work (thread). A work is
 * attached to one wait at a time. */
void os_work_attach(struct os_work *work, struct os_wait *w);
void os_work_detach(struct os_work *work);
/* Runs @work once more: any context. */
void os_work_schedule(struct os_work *work);

/* ---- sleeping on many things: thread, one sleeper each ---- */

/* -ENOMEM. */
int os_sleep_create(struct os_sleep **s);
/* Takes it off all waits; its events were put before. */
void os_sleep_destroy(struct os_sleep *s);
/* From now on each wake of @w wakes the sleeper; what was stored before a wake
 * that does not is seen by the caller. -ENOMEM. */
int os_sleep_add(struct os_sleep *s, struct os_wait *w);
/* Sleeps until one of all that can wake has done so since the last return, or
 * for @ns (~0: for ever; 0: only lets others run). 0, or -OS_EINTR, which is
 * EINTR or what a home has in its place: a signal came for the thread. No lock
 * held. */
int os_sleep(struct os_sleep *s, u64 ns);

/* ---- eventfds of the caller: thread, unless said otherwise ---- */

/* Holds the one that @fd is. -EINVAL: it is none; -ENOMEM. */
int os_event_get(struct os_caller *c, s32 fd, struct os_event **e);
/* Detaches first: no call of fn runs or comes afterwards. */
void os_event_put(struct os_event *e);
/* Adds 1: any context. */
void os_event_signal(struct os_event *e);
/*
 * From now on each write of @e wakes @s, or, if @fn is not NULL, runs @fn(@arg),
 * never twice at once: in the writer's context, before its write returns, where
 * the home can do that (any context, no lock held), else in os_sleep(). Once
 * only. -ENOMEM.
 */
int os_event_attach(struct os_event *e, struct os_sleep *s,
		    void (*fn)(void *arg), void *arg);

/* ---- the caller's memory: thread, no lock held ---- */

/* Both 0 or -EFAULT; @user is an address of the caller. os_copyin() may also give
 * -ERESTART: nothing is to be changed, the error goes back up, and the home makes
 * the same request again when it has what was missing. */
int os_copyin(struct os_caller *c, void *dst, u64 user, size_t len);
int os_copyout(struct os_caller *c, u64 user, const void *src, size_t len);

/*
 * Keeps the @len bytes (not 0) at @user, an address of the caller that it may
 * read and write, where the core reaches them from any context until
 * os_unpin(). The caller has them too, and may write at any moment (shm.h); it
 * may also unmap them, and then they are the core's alone. -EFAULT: not all of
 * it is there and writable; -ENOMEM: the caller may not keep so much, or none
 * is left. Refused in a sentence.
 */
int os_pin(struct os_caller *c, u64 user, u64 len, struct os_pin **pin);
/* Its end may come later, but before another os_pin() finds too little memory.
 * Thread; the control lock may be held. */
void os_unpin(struct os_pin *pin);
/* Where the core sees the first byte. */
void *os_pin_addr(const struct os_pin *pin);
/* They keep the same memory. */
bool os_pin_is_same(const struct os_pin *a, const struct os_pin *b);

/* ---- time, chance, words ---- */

u64 os_now_ns(void); /* monotonic, 10 ms or finer: any context */
void os_realtime(s64 *sec, s64 *usec); /* since 1970: any context */
u64 os_random(void);		       /* unpredictable to clients: thread */

/* ---- refusals: thread ---- */

#define OS_SENTENCE_LEN 160 /* with its NUL */

/* Keeps, for the calling thread, one sentence, cut to OS_SENTENCE_LEN, that
 * says why a request is refused: what, what was asked for, what there is, what
 * to set. Returns @err. printf formats %s %u %d %llu %llx only. */
__attribute__((format(printf, 2, 3))) int os_refuse(int err, const char *fmt,
						    ...);

/* Moves that sentence to @out, cut to @size bytes with its NUL; "": there was
 * none since the last call. @out may be NULL: the sentence is forgotten. */
void os_refusal(char *out, size_t size);

#define OS_PROGRAM_LEN 16

/* The process on whose behalf the calling thread is here, and the name of its
 * program, cut to 15 characters. */
void os_caller_id(struct os_caller *c, u32 *pid, char program[OS_PROGRAM_LEN]);

#endif
