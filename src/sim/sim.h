/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim.h - what a test asks of the simulator.
 *
 *   one thread      sim_begin() ... calls of the core ... sim_end()
 *   two threads     sim_explore(&scenario): the same short story under every
 *                   schedule with one preemption, and many with more
 *
 * A broken rule (lock order, sleeping where one may not, touching freed memory,
 * a deadlock, a leak after a scenario) ends the process by abort(), after a
 * sentence and, inside a scenario, the command line that repeats it.
 */
#ifndef SIM_H
#define SIM_H

#include "os.h"

/* ---- begin and end of a test ---- */

/* Virtual time, chance and counts start anew; @seed decides os_random(). */
void sim_begin(u64 seed);
/* NULL, or the sentence that says what of the things made since sim_begin() is
 * left: allocations, regions, waits, works, locks, held locks, read sections. */
const char *sim_end(void);

/* A rule is broken: printf-like sentence, then abort(). */
__attribute__((noreturn, format(printf, 1, 2))) void sim_die(const char *fmt,
							     ...);
/* For claims checked inside a scenario, where cmocka's cannot be used. */
#define sim_claim(cond)                                                    \
	do {                                                               \
		if (!(cond))                                               \
			sim_die("%s:%d: not true: %s", __FILE__, __LINE__, \
				#cond);                                    \
	} while (0)

/* The sentence of the last os_refuse(), "" if none since sim_begin(). */
const char *sim_last_refusal(void);

/* Splitmix64: the next number of a sequence with state *@s. */
u64 sim_random(u64 *s);

/* ---- failures ---- */

enum sim_fail {
	SIM_FAIL_MEMORY =
		1, /* os_alloc, os_mem_*, os_pin, os_sleep_*, os_event_* */
	SIM_FAIL_COPY = 2, /* os_copyin, os_copyout */
};

/* From now on the @n-th (from 1) call of a kind in @kinds fails, once; 0:
 * none does, calls are only counted. */
void sim_fail_nth(unsigned kinds, unsigned n);
/* Calls counted since sim_fail_nth(). */
unsigned sim_fail_calls(void);
/* The chosen call came and failed. */
bool sim_fail_fired(void);

/* ---- time, works ---- */

void sim_advance(u64 ns);
/* Runs scheduled works until none is left; returns how many ran. */
unsigned sim_run_works(void);

/* ---- events: what a program's eventfds are here ---- */

/* A number that os_event_get() takes. */
int sim_event_make(void);
void sim_event_end(int number);
/* As write(2) and read(2) of an eventfd; a read gives 0 where that would wait,
 * and the last function waits. */
void sim_event_write(int number);
u64 sim_event_read(int number);
void sim_event_wait(int number);
/* The next os_sleep() ends by a signal. */
void sim_signal(void);

/* ---- threads of the home ---- */

#define SIM_CPUS 4u
/* Their numbers are 0, 1, 2 and this one. */
#define SIM_CPU_LAST 7u
/* Each thread that was started, and that no other is running here, calls its
 * function once; how many of those had something to do. */
unsigned sim_run_threads_once(void);

/* ---- polls ---- */

struct os_poll {
	struct sim_wait_entry *entries;
	bool woken;
};

void sim_poll_init(struct os_poll *p);
/* Sleeps until one of the added waits was woken after it was added, or
 * @deadline (ns of os_now_ns(), ~0: none) comes; false: it came. Alone, with
 * nothing that can wake, time jumps to the deadline. */
bool sim_poll_sleep(struct os_poll *p, u64 deadline);
/* Forgets the added waits; also before adding them again. */
void sim_poll_fini(struct os_poll *p);

/* ---- context ---- */

/* Between these the caller is as an interrupt: nothing may sleep. */
void sim_any_enter(void);
void sim_any_exit(void);

/* ---- regions ---- */

/* Where clients (and the core) see @mem; pages that are not populated fault
 * into nm_region_fault(). */
void *sim_mem_addr(const struct os_mem *mem);
/* Somebody else maps @mem too. */
void sim_mem_share(struct os_mem *mem);

/* ---- hook: what a hostile program does between two accesses ---- */

/* @fn runs before every access of the core to shared memory; NULL: none. It
 * must not use os_*(). */
void sim_set_hook(void (*fn)(void *arg), void *arg);

/* ---- two threads ---- */

struct sim_scenario {
	const char *name; /* of the cmocka test, for the replay line */
	/* Alone, before and after: make, then check and unmake, the world. */
	void (*setup)(void *ctx);
	void (*thread[2])(void *ctx);
	void (*finish)(void *ctx);
	void *ctx;
	unsigned pairs;	  /* most schedules with 2 preemptions, 0: 2000 */
	unsigned triples; /* random schedules with 3, 0: 500 */
};

/*
 * Runs @s under its schedules in a child process; 0, or -1 after a report.
 *
 * A yield point is every access to shared memory and every os_*() call of the
 * two threads. A schedule says who starts and before which yield points the
 * other takes over; a thread that blocks or ends hands over by itself. Stores
 * are held back as a weakly ordered machine might: until the next full
 * barrier, unlock or end, and in any order that releases and coherence allow,
 * chosen by the seed.
 *
 * SIM_EFFORT=n runs n times as many, SIM_SAMPLE=n one of n; SIM_SEED=n changes
 * all chance; SIM_SEED=n SIM_SCHEDULE=s:a,b runs one schedule, in this process,
 * and tells each switch; SIM_TEST=name leaves out other tests (sim_test_filter).
 */
int sim_explore(const struct sim_scenario *s);
/* True if exploring @s breaks a rule, and the report contains @expect. */
bool sim_finds(const struct sim_scenario *s, const char *expect);

/* Runs @fn in a child process; true if it died by a broken rule whose report
 * contains @expect. */
bool sim_dies(void (*fn)(void *arg), void *arg, const char *expect);

/* The value of SIM_TEST, or NULL: for cmocka_set_test_filter(). */
const char *sim_test_filter(void);
/* The value of SIM_SEED, or @fallback. */
u64 sim_seed(u64 fallback);

#endif
