// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* sim.c - begin and end of a test, failures, time, chance, words. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim_int.h"

#define START_NS 1000000000ull
/* os_realtime() at START_NS: a fixed day. */
#define START_SEC 1700000000ll

struct sim_state sim = {.cur = SIM_MAIN, .now_ns = START_NS};
bool sim_traced;

static struct {
	unsigned kinds, nth, calls;
	bool fired;
} failure;

static struct sim_counts counts_before;
static char refusal[256];

u64 sim_random(u64 *s)
{
	u64 z = *s += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* There when a sanitizer is. */
extern void __sanitizer_print_stack_trace(void) __attribute__((weak));

void sim_die(const char *fmt, ...)
{
	static bool dying;
	va_list ap;

	if (dying)
		abort();
	dying = true;
	fflush(stdout);
	fprintf(stderr, "sim: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	sim_print_replay();
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	fflush(stderr);
	abort();
}

/* ---- begin and end ---- */

void sim_begin(u64 seed)
{
	sim.now_ns = START_NS;
	sim.random = seed;
	counts_before = sim.live;
	memset(sim.thread, 0, sizeof(sim.thread));
	refusal[0] = '\0';
	sim_fail_nth(0, 0);
	sim_memory_begin();
}

/* The first broken rule found at the end, "" if none. */
static char verdict[128];

__attribute__((format(printf, 1, 2))) static void broken(const char *fmt, ...)
{
	va_list ap;

	if (verdict[0])
		return;
	va_start(ap, fmt);
	vsnprintf(verdict, sizeof(verdict), fmt, ap);
	va_end(ap);
}

static void check_count(const char *what, unsigned before, unsigned now)
{
	if (now > before)
		broken("leak: %u %s left at the end", now - before, what);
	if (now < before)
		broken("%u %s of before the test are gone", before - now, what);
}

static void check_idle(const struct sim_thread *t)
{
	if (t->nheld)
		broken("a lock of class %s is still held at the end",
		       sim_class_name(t->held[0]->class));
	if (t->read_depth)
		broken("a read section is open at the end");
	if (t->preempt_depth)
		broken("preemption is off at the end");
	if (t->any_depth)
		broken("sim_any_exit() is missing");
}

const char *sim_end(void)
{
	verdict[0] = '\0';
	sim_fail_nth(0, 0);
	check_idle(sim_self());
	check_count("regions", counts_before.mems, sim.live.mems);
	check_count("pins", counts_before.pins, sim.live.pins);
	check_count("sleepers", counts_before.sleeps, sim.live.sleeps);
	check_count("events in use", counts_before.events, sim.live.events);
	check_count("allocations", counts_before.allocs, sim.live.allocs);
	check_count("waits", counts_before.waits, sim.live.waits);
	check_count("works", counts_before.works, sim.live.works);
	check_count("threads", counts_before.threads, sim.live.threads);
	check_count("mutexes", counts_before.mutexes, sim.live.mutexes);
	check_count("spin locks", counts_before.spins, sim.live.spins);
	sim_memory_end();
	return verdict[0] ? verdict : NULL;
}

const char *sim_test_filter(void)
{
	return getenv("SIM_TEST");
}

u64 sim_seed(u64 fallback)
{
	const char *s = getenv("SIM_SEED");

	return s ? strtoull(s, NULL, 0) : fallback;
}

/* ---- failures ---- */

void sim_fail_nth(unsigned kinds, unsigned n)
{
	failure.kinds = kinds;
	failure.nth = n;
	failure.calls = 0;
	failure.fired = false;
}

unsigned sim_fail_calls(void)
{
	return failure.calls;
}

bool sim_fail_fired(void)
{
	return failure.fired;
}

bool sim_should_fail(enum sim_fail kind)
{
	if (!(failure.kinds & kind))
		return false;
	if (++failure.calls != failure.nth)
		return false;
	failure.fired = true;
	return true;
}

/* ---- context ---- */

void sim_any_enter(void)
{
	sim_self()->any_depth++;
}

void sim_any_exit(void)
{
	sim_self()->any_depth--;
}

void sim_may_sleep(const char *what)
{
	struct sim_thread *t = sim_self();

	if (t->any_depth)
		sim_die("%s may sleep, and is called from an interrupt", what);
	if (t->preempt_depth)
		sim_die("%s may sleep, and is called with preemption off",
			what);
	if (t->read_depth)
		sim_die("%s may sleep, and is called in a read section", what);
	for (unsigned i = 0; i < t->nheld; i++) {
		if (t->held_spin[i])
			sim_die("%s may sleep, and is called under a spin lock "
				"of class %s",
				what, sim_class_name(t->held[i]->class));
	}
}

/* ---- time, chance, words ---- */

u64 os_now_ns(void)
{
	return sim.now_ns;
}

void os_realtime(s64 *sec, s64 *usec)
{
	u64 ns = sim.now_ns - START_NS;

	*sec = START_SEC + (s64)(ns / 1000000000u);
	*usec = (s64)(ns % 1000000000u / 1000u);
}

u64 os_random(void)
{
	return sim_random(&sim.random);
}

void sim_advance(u64 ns)
{
	sim.now_ns += ns;
}

int os_refuse(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(refusal, sizeof(refusal), fmt, ap);
	va_end(ap);
	snprintf(sim_self()->refusal, sizeof(sim_self()->refusal), "%.159s",
		 refusal);
	return err;
}

void os_refusal(char *out, size_t size)
{
	if (out)
		snprintf(out, size, "%s", sim_self()->refusal);
	sim_self()->refusal[0] = '\0';
}

/* Each thread of a scenario is a process of this program. */
void os_caller_id(struct os_caller *c, u32 *pid, char program[OS_PROGRAM_LEN])
{
	(void)c;
	*pid = (u32)getpid() + (sim.cur == SIM_MAIN ? 0 : 1 + (u32)sim.cur);
	snprintf(program, OS_PROGRAM_LEN, "%s", program_invocation_short_name);
}

const char *sim_last_refusal(void)
{
	return refusal;
}

/* ---- the caller's memory: this process's own, but bad addresses fail ---- */

static int copy_check(const char *what)
{
	sim_yield(what);
	sim_may_sleep(what);
	if (sim_self()->nheld)
		sim_die("%s is called under a lock of class %s", what,
			sim_class_name(sim_self()->held[0]->class));
	return sim_should_fail(SIM_FAIL_COPY) ? -EFAULT : 0;
}

int os_copyin(struct os_caller *c, void *dst, u64 user, size_t len)
{
	struct iovec to = {dst, len};
	struct iovec from = {(void *)(uintptr_t)user, len};
	int err = copy_check("os_copyin");

	(void)c;
	if (err || !len)
		return err;
	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}

int os_copyout(struct os_caller *c, u64 user, const void *src, size_t len)
{
	struct iovec from = {(void *)(uintptr_t)src, len};
	struct iovec to = {(void *)(uintptr_t)user, len};
	int err = copy_check("os_copyout");

	(void)c;
	if (err || !len)
		return err;
	if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}
