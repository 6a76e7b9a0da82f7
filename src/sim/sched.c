// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * sched.c - two threads, of which exactly one runs.
 *
 * They are real threads that hand a baton (a semaphore each), so sanitizers
 * and debuggers see ordinary stacks; and what happens depends on nothing but
 * the schedule.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

#include "sim_int.h"

/* A run that passes more yield points than this makes no progress. */
#define POINTS_MAX 2000000u

enum state {
	RUNNABLE,
	BLOCKED,
	DONE,
};

struct runner {
	pthread_t thread;
	sem_t go;
	enum state state;
	bool (*ready)(void *arg); /* while BLOCKED: until this, ... */
	void *arg;
	u64 deadline; /* ... or until then */
	const char *what;
};

static struct {
	struct runner runner[2];
	sem_t main_go;
	bool started;
	const struct sim_scenario *scenario;
	const struct sim_schedule *schedule;
	unsigned points; /* passed so far */
	unsigned next;	 /* of schedule->point[] */
	bool verbose;
} sched;

static bool can_run(const struct runner *r)
{
	if (r->state == BLOCKED)
		return r->ready(r->arg) || sim.now_ns >= r->deadline;
	return r->state == RUNNABLE;
}

static void wait_for(sem_t *s)
{
	while (sem_wait(s))
		;
}

static void hand_over(int to)
{
	struct runner *me = &sched.runner[sim.cur];

	sim.cur = to;
	sem_post(&sched.runner[to].go);
	wait_for(&me->go);
}

static bool in_thread(void)
{
	return sim.scenario && sim.cur != SIM_MAIN;
}

static void count_point(void)
{
	if (++sched.points > POINTS_MAX)
		sim_die("no end: the threads go on for ever");
}

void sim_yield(const char *what)
{
	const struct sim_schedule *s = sched.schedule;
	int other = 1 - sim.cur;

	if (!in_thread())
		return;
	count_point();
	if (sched.next == s->npoints || s->point[sched.next] != sched.points)
		return;
	sched.next++;
	if (!can_run(&sched.runner[other]))
		return;
	if (sched.verbose)
		fprintf(stderr, "sim: point %u: thread %d stops before %s\n",
			sched.points, sim.cur, what);
	sim_store_switch();
	hand_over(other);
}

void sim_relax(void)
{
	int other = 1 - sim.cur;

	if (!in_thread())
		sim_die("a wait for another thread, and there is none");
	count_point();
	sim_store_flush_all();
	if (can_run(&sched.runner[other]))
		hand_over(other);
}

/* ---- blocking ---- */

static bool run_works_as_main(void)
{
	int me = sim.cur;
	bool any;

	sim.cur = SIM_MAIN;
	any = sim_run_works() > 0;
	sim.cur = me;
	return any;
}

static const char *state_of(const struct runner *r)
{
	return r->state == BLOCKED ? r->what
	       : r->state == DONE  ? "nothing, it has ended"
				   : "its turn";
}

/* Neither thread can run: let the home's works, then time, go on. */
static void resolve(void)
{
	u64 a = sched.runner[0].state == BLOCKED ? sched.runner[0].deadline
						 : ~0ull;
	u64 b = sched.runner[1].state == BLOCKED ? sched.runner[1].deadline
						 : ~0ull;

	if (run_works_as_main())
		return;
	if (a == ~0ull && b == ~0ull)
		sim_die("deadlock: thread 0 waits for %s, thread 1 for %s",
			state_of(&sched.runner[0]), state_of(&sched.runner[1]));
	sim.now_ns = a < b ? a : b;
}

static bool block_alone(bool (*ready)(void *arg), void *arg, u64 deadline,
			const char *what)
{
	while (!ready(arg)) {
		if (sim.cur == SIM_MAIN &&
		    (sim_run_works() || sim_run_threads_once() || ready(arg)))
			continue;
		if (deadline == ~0ull)
			sim_die("deadlock: nothing can end the wait for %s",
				what);
		if (sim.now_ns < deadline)
			sim.now_ns = deadline;
		return ready(arg);
	}
	return true;
}

bool sim_block_until(bool (*ready)(void *arg), void *arg, u64 deadline,
		     const char *what)
{
	struct runner *me;
	int other = 1 - sim.cur;

	sim_store_flush();
	if (!in_thread())
		return block_alone(ready, arg, deadline, what);
	me = &sched.runner[sim.cur];
	me->ready = ready;
	me->arg = arg;
	me->deadline = deadline;
	me->what = what;
	me->state = BLOCKED;
	while (!can_run(me)) {
		count_point();
		if (can_run(&sched.runner[other]))
			hand_over(other);
		else
			resolve();
	}
	me->state = RUNNABLE;
	return ready(arg);
}

void sim_block(bool (*ready)(void *arg), void *arg, const char *what)
{
	sim_block_until(ready, arg, ~0ull, what);
}

/* ---- the threads ---- */

static void end_of(int i)
{
	struct runner *other = &sched.runner[1 - i];

	sim_yield("its end");
	sim_store_flush();
	if (sim.thread[i].nheld || sim.thread[i].read_depth)
		sim_die("thread %d ends with a lock or in a read section", i);
	sched.runner[i].state = DONE;
	while (other->state != DONE && !can_run(other))
		resolve();
	if (other->state == DONE) {
		sem_post(&sched.main_go);
		return;
	}
	sim.cur = 1 - i;
	sem_post(&other->go);
}

static void *runner_main(void *arg)
{
	int i = (int)(intptr_t)arg;

	for (;;) {
		wait_for(&sched.runner[i].go);
		sched.scenario->thread[i](sched.scenario->ctx);
		end_of(i);
	}
	return NULL;
}

static void start(void)
{
	sem_init(&sched.main_go, 0, 0);
	for (int i = 0; i < 2; i++) {
		sem_init(&sched.runner[i].go, 0, 0);
		if (pthread_create(&sched.runner[i].thread, NULL, runner_main,
				   (void *)(intptr_t)i))
			sim_die("no threads");
	}
	sched.started = true;
}

unsigned sim_run_threads(const struct sim_scenario *s,
			 const struct sim_schedule *sch, bool verbose)
{
	if (!sched.started)
		start();
	sched.scenario = s;
	sched.schedule = sch;
	sched.points = 0;
	sched.next = 0;
	sched.verbose = verbose;
	sched.runner[0].state = sched.runner[1].state = RUNNABLE;
	sim.cur = sch->first;
	sim.scenario = sim_traced = true;
	sem_post(&sched.runner[sch->first].go);
	wait_for(&sched.main_go);
	sim.scenario = sim_traced = false;
	sim.cur = SIM_MAIN;
	return sched.points;
}
