/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale_learn.h - the table of stations of a switch (IEEE 802.1Q, 8.7 and 8.8:
 * learning and filtering).
 *
 * One entry is one 64-bit word, so that any number of senders look up, learn
 * and age at once without a lock:
 *
 *     63     56 55     48 47                                            0
 *    +---------+---------+-----------------------------------------------+
 *    | tick    | port+1  | address, first byte on the wire lowest        |
 *    +---------+---------+-----------------------------------------------+
 *
 * The table is cut in buckets of a cache line (8 entries); an address lives in
 * its bucket or in the neighbour that shares the aligned pair of lines. The
 * hash has a key per switch, so nobody can aim at a bucket.
 *
 * Nothing is allocated on the data path. A full pair takes a new address only
 * in the place of a stale one or of the same port's oldest, and a port has a
 * quota of entries for addresses that nobody had: no port can push another's
 * stations out. A station that is seen on another port has moved, whatever the
 * quota: who forges its address gets its frames, as on any learning switch. A tick is 17 s;
 * entries not refreshed for more than NM_FDB_AGE ticks (309 s; 802.1Q advises
 * 300 s) are stale, and are swept out bit by bit before the tick could wrap.
 */
#ifndef NM_VALE_LEARN_H
#define NM_VALE_LEARN_H

#include "os.h"

#define NM_FDB_PORTS 254
#define NM_FDB_NONE  255 /* no such station */
#define NM_FDB_AGE   18	 /* ticks of 2^34 ns */

struct nm_fdb {
	u64 *entry;
	u64 key[2];
	u32 bucket_mask;
	u32 quota;		 /* entries per port */
	u32 sweep;		 /* ticks at the last sweep, all bits */
	u32 count[NM_FDB_PORTS]; /* entries per port */
};

/* An empty table for @stations; -ENOMEM. Thread. */
int nm_fdb_init(struct nm_fdb *f, u32 stations);
void nm_fdb_fini(struct nm_fdb *f);

/* Forgets every station of @port; nobody learns on it any more. */
void nm_fdb_forget(struct nm_fdb *f, u32 port);

/* ---- data path: any context, in parallel ---- */

/* Addresses are 48 bits, first byte on the wire lowest. */
static inline u32 nm_fdb_hash(const struct nm_fdb *f, u64 mac)
{
	u64 h = (mac ^ f->key[0]) * (f->key[1] | 1);

	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
	return (u32)(h >> 32);
}

static inline void nm_fdb_prefetch(const struct nm_fdb *f, u32 hash)
{
	__builtin_prefetch(&f->entry[(hash & f->bucket_mask) * 8]);
}

/* The tick of now; sweeps what is due. Once per batch. */
u32 nm_fdb_tick(struct nm_fdb *f);

/* The port of @mac, or NM_FDB_NONE. */
u32 nm_fdb_lookup(const struct nm_fdb *f, u64 mac, u32 hash, u32 tick);

/* @mac was seen on @port: learn, refresh or move it. False: no room. */
bool nm_fdb_learn(struct nm_fdb *f, u64 mac, u32 hash, u32 port, u32 tick);

#endif
