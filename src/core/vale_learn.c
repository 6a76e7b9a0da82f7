// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vale_learn.h"
#include "shm.h"

#define BUCKET	    8 /* entries: one cache line */
#define MAC_MASK    ((1ull << 48) - 1)
#define TICK_SHIFT  34 /* ns to ticks */
#define TICK_MASK   0xff
#define SWEEP_TICKS 64 /* the whole table is swept in so many */
/* After so many without traffic all is stale; sooner than an entry as old as
 * the sweep can leave it (NM_FDB_AGE + SWEEP_TICKS) comes round to age 0. */
#define FORGET_TICKS 160
/* A sender whose batch began before the clock ticked meets entries of the tick
 * after: no older entry comes this close to going round. */
#define SKEW_TICKS 8

static u64 entry_make(u64 mac, u32 port, u32 tick)
{
	return mac | (u64)(port + 1) << 48 | (u64)(tick & TICK_MASK) << 56;
}

static u32 entry_port(u64 e)
{
	return (u32)(e >> 48 & 0xff) - 1;
}

static u32 entry_age(u64 e, u32 tick)
{
	u32 age = (tick - (u32)(e >> 56)) & TICK_MASK;

	return age > TICK_MASK - SKEW_TICKS ? 0 : age;
}

static bool is_stale(u64 e, u32 tick)
{
	return entry_age(e, tick) > NM_FDB_AGE;
}

/* The 16 entries where @hash may live, its own bucket first. */
static u64 *place(const struct nm_fdb *f, u32 hash, u32 i)
{
	u32 bucket = (hash & f->bucket_mask) ^ (i / BUCKET);

	return &f->entry[bucket * BUCKET + i % BUCKET];
}

int nm_fdb_init(struct nm_fdb *f, u32 stations)
{
	u32 entries = 2 * BUCKET;

	/* At most half full on average: pairs of buckets seldom overflow. */
	while (entries < 2 * stations)
		entries *= 2;
	f->entry = os_alloc((size_t)entries * sizeof(*f->entry));
	if (!f->entry)
		return os_refuse(-ENOMEM,
				 "no memory for a table of %u stations",
				 stations);
	f->bucket_mask = entries / BUCKET - 1;
	f->quota = entries / 2;
	f->key[0] = os_random();
	f->key[1] = os_random();
	f->sweep = (u32)(os_now_ns() >> TICK_SHIFT);
	return 0;
}

void nm_fdb_fini(struct nm_fdb *f)
{
	os_free(f->entry);
}

/* Replaces @old by @new unless somebody was faster; keeps the counts. */
static bool entry_replace(struct nm_fdb *f, u64 *e, u64 old, u64 new)
{
	if (!os_cas(e, old, new))
		return false;
	if (old)
		os_fetch_add(&f->count[entry_port(old)], (u32)-1);
	if (new)
		os_fetch_add(&f->count[entry_port(new)], 1u);
	return true;
}

void nm_fdb_forget(struct nm_fdb *f, u32 port)
{
	u32 n = (f->bucket_mask + 1) * BUCKET;

	for (u32 i = 0; i < n && os_load(&f->count[port]); i++) {
		u64 e = os_load(&f->entry[i]);

		if (e && entry_port(e) == port)
			entry_replace(f, &f->entry[i], e, 0);
	}
}

/* Empties what is stale in parts @from up to @to of SWEEP_TICKS, or all of it
 * whatever its age. */
static void sweep(struct nm_fdb *f, u32 from, u32 to, u32 tick, bool all)
{
	u64 n = (u64)(f->bucket_mask + 1) * BUCKET;
	u64 end = n * to / SWEEP_TICKS;

	for (u64 i = n * from / SWEEP_TICKS; i < end; i++) {
		u64 e = os_load(&f->entry[i]);

		if (e && (all || is_stale(e, tick)))
			entry_replace(f, &f->entry[i], e, 0);
	}
}

/* Sweeps the part of the table that is due; whoever is first does it. */
static void sweep_due(struct nm_fdb *f, u32 last, u32 tick)
{
	u32 from = last % SWEEP_TICKS, due = tick - last;

	if (!os_cas(&f->sweep, last, tick))
		return;
	if (due >= SWEEP_TICKS) {
		sweep(f, 0, SWEEP_TICKS, tick, due > FORGET_TICKS);
		return;
	}
	for (; due; due--, from = (from + 1) % SWEEP_TICKS)
		sweep(f, from, from + 1, tick, false);
}

u32 nm_fdb_tick(struct nm_fdb *f)
{
	u32 tick = (u32)(os_now_ns() >> TICK_SHIFT);
	u32 last = os_load(&f->sweep);

	if (__builtin_expect((s32)(tick - last) > 0, 0))
		sweep_due(f, last, tick);
	return tick;
}

u32 nm_fdb_lookup(const struct nm_fdb *f, u64 mac, u32 hash, u32 tick)
{
	for (u32 i = 0; i < 2 * BUCKET; i++) {
		u64 e = os_load(place(f, hash, i));

		if ((e & MAC_MASK) == mac && e)
			return is_stale(e, tick) ? NM_FDB_NONE : entry_port(e);
	}
	return NM_FDB_NONE;
}

/* Where a new address of @port may go: an empty or stale entry, else the
 * port's own oldest; NULL if there is none. */
static u64 *victim(const struct nm_fdb *f, u32 hash, u32 port, u32 tick,
		   u64 *old)
{
	bool quota = os_load(&f->count[port]) < f->quota;
	u64 *best = NULL;
	u32 best_age = 0;

	for (u32 i = 0; i < 2 * BUCKET; i++) {
		u64 *p = place(f, hash, i);
		u64 e = os_load(p);
		u32 age = entry_age(e, tick);

		if (quota && (!e || is_stale(e, tick))) {
			*old = e;
			return p;
		}
		if (e && entry_port(e) == port && (!best || age > best_age)) {
			best = p;
			best_age = age;
			*old = e;
		}
	}
	return best;
}

bool nm_fdb_learn(struct nm_fdb *f, u64 mac, u32 hash, u32 port, u32 tick)
{
	u64 new = entry_make(mac, port, tick), old = 0;
	u64 *p;

	for (u32 i = 0; i < 2 * BUCKET; i++) {
		p = place(f, hash, i);
		old = os_load(p);
		if ((old & MAC_MASK) == mac && old)
			return old == new || entry_replace(f, p, old, new);
	}
	p = victim(f, hash, port, tick, &old);
	return p && entry_replace(f, p, old, new);
}
