/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * shm.h - the only way the core touches memory that others write too.
 *
 * Two kinds of memory come through here: rings and slots, which clients may
 * write at any moment (read once, check the copy, use the copy), and our own
 * fields that two contexts share without a lock. Sizes are 1, 2, 4 or 8 bytes,
 * naturally aligned, and never tear.
 *
 * os_home.h supplies, for such an object *p:
 *   os_load(p)            relaxed: no order
 *   os_store(p, v)
 *   os_load_acquire(p)    later accesses stay later
 *   os_store_release(p,v) earlier accesses stay earlier
 *   os_xchg(p, v)         returns the old value, full barrier (u32)
 *   os_fetch_or(p, v)     same
 *   os_cas(p, old, v)     true if *p was @old and is now @v; full barrier
 *                         (u32 or u64)
 *   os_fetch_add(p, v)    same (u32 or u64)
 *   os_count(p, v)        adds to a u64 that has one writer: relaxed
 *
 * Packet bytes are copied by os_copy(dst, src, len): len 0..65535, no
 * overlap, not a byte beyond either. Their content is never trusted.
 */
#ifndef NM_SHM_H
#define NM_SHM_H

#include "os.h"
#include "net/netmap.h"

/* A slot's first eight bytes travel as one word: one load cannot be torn
 * between a checked index and a used one. Little endian, as the ABI. */
struct nm_slot {
	u32 idx;
	u16 len;
	u16 flags;
};

#define NM_SLOT_LEN_MAX 65535u /* bytes */

typedef u64 __attribute__((__may_alias__)) nm_word;

static inline u64 nm_slot_word(struct nm_slot s)
{
	return (u64)s.idx | (u64)s.len << 32 | (u64)s.flags << 48;
}

static inline struct nm_slot nm_slot_of(u64 word)
{
	return (struct nm_slot){.idx = (u32)word,
				.len = (u16)(word >> 32),
				.flags = (u16)(word >> 48)};
}

static inline u64 nm_slot_load_word(const struct netmap_slot *p)
{
	return os_load((const nm_word *)p);
}

static inline void nm_slot_store_word(struct netmap_slot *p, u64 word)
{
	os_store((nm_word *)p, word);
}

static inline struct nm_slot nm_slot_load(const struct netmap_slot *p)
{
	return nm_slot_of(nm_slot_load_word(p));
}

static inline void nm_slot_store(struct netmap_slot *p, struct nm_slot s)
{
	nm_slot_store_word(p, nm_slot_word(s));
}

#endif
