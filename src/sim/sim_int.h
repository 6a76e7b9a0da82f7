/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim_int.h - what the files of the simulator share. */
#ifndef SIM_INT_H
#define SIM_INT_H

#include "sim.h"

/* Threads 0 and 1 of a scenario; the third is everything else: tests outside
 * of scenarios, and the works of the home. */
enum {
	SIM_MAIN = 2,
	SIM_THREADS = 3,
	SIM_NOBODY = -1,
};

struct sim_counts {
	unsigned allocs, mems, pins, sleeps, events, waits, works, mutexes,
		spins, threads;
};

#define SIM_HELD_MAX 8

struct sim_thread {
	const struct sim_lock *held[SIM_HELD_MAX]; /* in the order taken */
	bool held_spin[SIM_HELD_MAX];
	unsigned nheld;
	unsigned read_depth;
	u64 read_start; /* number of the section, to tell old from new */
	unsigned any_depth;
	unsigned preempt_depth;
	char refusal[OS_SENTENCE_LEN]; /* until os_refusal() */
};

struct sim_state {
	struct sim_thread thread[SIM_THREADS];
	int cur; /* who runs */
	struct sim_counts live;
	u64 now_ns;
	u64 random;
	u64 read_seq;
	bool scenario; /* two threads are running */
};

extern struct sim_state sim;

static inline struct sim_thread *sim_self(void)
{
	return &sim.thread[sim.cur];
}

/* sim.c */
bool sim_should_fail(enum sim_fail kind);
/* A call named @what may sleep: a broken rule where one may not. */
void sim_may_sleep(const char *what);

/* memory.c */
bool sim_is_freed(const volatile void *p);
/* In a region, where clients see it. */
bool sim_is_shared(const void *p);
void sim_memory_begin(void);
void sim_memory_end(void);
/* Bad accesses are reported from here on. */
void sim_segv_catch(void);

/* pin.c */
u64 sim_pin_len(const struct os_pin *pin);

/* lock.c */
const char *sim_class_name(int class);

/* store.c: the store buffers */
enum sim_weakness {
	SIM_STRONG,   /* stores are seen at once */
	SIM_HOLD,     /* as late as allowed */
	SIM_SHUFFLE,  /* some time, in any allowed order */
	SIM_ONE_LAGS, /* all at a switch but one */
	SIM_WEAKNESSES,
};
void sim_store_begin(enum sim_weakness w, u64 seed);
/* The running thread's stores are seen by all from here on. */
void sim_store_flush(void);
/* Everybody's are. */
void sim_store_flush_all(void);
/* The running thread is about to be switched away from. */
void sim_store_switch(void);

/* sched.c */
/* May hand over to the other thread; @what names the point. */
void sim_yield(const char *what);
/* Hands over until *@ready(arg); what is waited for is named. */
void sim_block(bool (*ready)(void *arg), void *arg, const char *what);
/* As sim_block(), false if time came to @deadline before. */
bool sim_block_until(bool (*ready)(void *arg), void *arg, u64 deadline,
		     const char *what);

struct sim_schedule {
	int first;	   /* thread that starts */
	unsigned npoints;  /* of them used */
	unsigned point[3]; /* ascending numbers of yield points */
	u64 seed;	   /* of the store buffers */
};

/* Runs both threads of @s to their ends; returns the number of yield points. */
unsigned sim_run_threads(const struct sim_scenario *s,
			 const struct sim_schedule *sch, bool verbose);

/* explore.c */
/* Prints what repeats the scenario under way, if any, to stderr. */
void sim_print_replay(void);

#endif
