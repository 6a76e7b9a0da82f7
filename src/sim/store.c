// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * store.c - accesses to shared memory, and stores that are seen late.
 *
 * Each thread of a scenario has a store buffer. A store goes there; the
 * thread's own loads see it at once, the other thread when it has *drained*
 * into memory. An entry may drain when no earlier one of its thread overlaps
 * it, and, if it is a release, when no earlier one is left at all. Full
 * barriers, unlocks and the end of the thread drain everything.
 */
#include <stdlib.h>

#include "sim_int.h"

#define ENTRIES 64

struct entry {
	u8 *addr;
	size_t len;
	u8 *data; /* len bytes: word, or allocated when longer */
	u8 word[8];
	bool release;
};

struct buffer {
	struct entry e[ENTRIES]; /* oldest first */
	unsigned n;
};

static struct buffer buffers[SIM_THREADS];
static enum sim_weakness weakness;
static u64 chance;
static u64 turn; /* which store lags; successive seeds take successive ones */

static struct {
	void (*fn)(void *arg);
	void *arg;
} hook;

static u8 *entry_data(struct entry *e)
{
	return e->data ? e->data : e->word;
}

static bool overlaps(const struct entry *a, const u8 *addr, size_t len)
{
	return a->addr < addr + len && addr < a->addr + a->len;
}

static bool can_drain(const struct buffer *b, unsigned i)
{
	if (b->e[i].release && i > 0)
		return false;
	for (unsigned k = 0; k < i; k++) {
		if (overlaps(&b->e[k], b->e[i].addr, b->e[i].len))
			return false;
	}
	return true;
}

/* One word is never seen torn; nobody else runs meanwhile anyhow. */
static void drain(struct buffer *b, unsigned i)
{
	struct entry *e = &b->e[i];

	if (sim_is_freed(e->addr))
		sim_die("a store is seen in memory that was freed");
	memcpy(e->addr, entry_data(e), e->len);
	free(e->data);
	b->n--;
	for (; i < b->n; i++)
		b->e[i] = b->e[i + 1];
}

static void drain_all(struct buffer *b)
{
	while (b->n)
		drain(b, 0);
}

/* Drains a random entry that may, except the one at @addr. */
static bool drain_some(struct buffer *b, const u8 *except)
{
	unsigned start, i;

	if (!b->n)
		return false;
	start = (unsigned)(sim_random(&chance) % b->n);
	for (unsigned k = 0; k < b->n; k++) {
		i = (start + k) % b->n;
		if (b->e[i].addr != except && can_drain(b, i)) {
			drain(b, i);
			return true;
		}
	}
	return false;
}

void sim_store_begin(enum sim_weakness w, u64 seed)
{
	weakness = w;
	chance = seed;
	turn = seed / SIM_WEAKNESSES;
}

void sim_store_flush(void)
{
	drain_all(&buffers[sim.cur]);
}

void sim_store_flush_all(void)
{
	for (int i = 0; i < SIM_THREADS; i++)
		drain_all(&buffers[i]);
}

void sim_store_switch(void)
{
	struct buffer *b = &buffers[sim.cur];
	const u8 *lags;

	if (!b->n)
		return;
	if (weakness == SIM_SHUFFLE) {
		while (sim_random(&chance) % 4 && drain_some(b, NULL))
			;
	} else if (weakness == SIM_ONE_LAGS) {
		lags = b->e[turn++ % b->n].addr;
		while (drain_some(b, lags))
			;
	}
}

static void put(const volatile void *p, const void *data, size_t len,
		bool release)
{
	struct buffer *b = &buffers[sim.cur];
	struct entry *e;

	if (!sim.scenario || sim.cur == SIM_MAIN || weakness == SIM_STRONG) {
		memcpy((void *)(uintptr_t)p, data, len);
		return;
	}
	if (b->n == ENTRIES)
		drain(b, 0);
	e = &b->e[b->n++];
	*e = (struct entry){
		.addr = (u8 *)(uintptr_t)p, .len = len, .release = release};
	if (len > sizeof(e->word)) {
		e->data = malloc(len);
		if (!e->data)
			sim_die("no memory");
	}
	memcpy(entry_data(e), data, len);
}

/* Memory as the running thread sees it. */
static void see(void *dst, const volatile void *p, size_t len)
{
	struct buffer *b = &buffers[sim.cur];
	const u8 *from = (const u8 *)(uintptr_t)p;

	memcpy(dst, from, len);
	for (unsigned i = 0; i < b->n; i++) {
		struct entry *e = &b->e[i];
		const u8 *lo, *hi;

		if (!overlaps(e, from, len))
			continue;
		lo = e->addr > from ? e->addr : from;
		hi = e->addr + e->len < from + len ? e->addr + e->len
						   : from + len;
		memcpy((u8 *)dst + (lo - from), entry_data(e) + (lo - e->addr),
		       (size_t)(hi - lo));
	}
}

static void before_access(const char *what, const volatile void *p)
{
	if (hook.fn && sim.cur == SIM_MAIN)
		hook.fn(hook.arg);
	if (!sim.scenario)
		return;
	sim_yield(what);
	if (sim_is_freed(p))
		sim_die("%s in memory that was freed", what);
	if (weakness == SIM_SHUFFLE && sim_random(&chance) % 8 == 0)
		drain_some(&buffers[sim_random(&chance) % 2], NULL);
}

u64 sim_access(enum sim_access op, volatile void *p, size_t size, u64 v)
{
	static const char *const names[] = {"load",	     "store",
					    "store-release", "exchange",
					    "fetch-or",	     "fetch-add"};
	u64 old = 0, new;

	if ((uintptr_t)p % size)
		sim_die("%s at an unaligned address", names[op]);
	before_access(names[op], p);
	if (op == SIM_STORE || op == SIM_STORE_RELEASE) {
		put(p, &v, size, op == SIM_STORE_RELEASE);
		return 0;
	}
	if (op != SIM_LOAD)
		sim_store_flush();
	see(&old, p, size);
	if (op == SIM_LOAD)
		return old;
	new = op == SIM_XCHG ? v : op == SIM_OR ? (old | v) : old + v;
	memcpy((void *)(uintptr_t)p, &new, size);
	return old;
}

bool sim_cas(volatile void *p, size_t size, u64 old, u64 v)
{
	u64 now = 0;

	before_access("compare-and-swap", p);
	sim_store_flush();
	see(&now, p, size);
	if (now != old)
		return false;
	memcpy((void *)(uintptr_t)p, &v, size);
	return true;
}

void sim_copy(void *dst, const void *src, size_t len)
{
	u8 *tmp;

	before_access("copy", dst);
	if (!len)
		return;
	/* What is copied out of a region is read plainly afterwards. */
	if (!sim.scenario || !sim_is_shared(dst)) {
		see(dst, src, len);
		return;
	}
	tmp = malloc(len);
	if (!tmp)
		sim_die("no memory");
	see(tmp, src, len);
	put(dst, tmp, len, false);
	free(tmp);
}

void sim_set_hook(void (*fn)(void *arg), void *arg)
{
	hook.fn = fn;
	hook.arg = arg;
	sim_traced = sim.scenario || fn;
}
