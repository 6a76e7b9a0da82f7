/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * mem.h - regions: the memory that clients map.
 *
 *   0                                                         size
 *   +------------------+--------------------+------------------+
 *   | interface records| rings              | buffers          |
 *   +------------------+--------------------+------------------+
 *    one pool each: objects of one size, multiple of 64
 *
 * The address space is reserved when the region is made and never changes;
 * memory comes in *chunks*, runs of objects that fill whole pages, when the
 * first object of a chunk is given out or a client touches it. A pool's table
 * says where the core sees each chunk, NULL while it is not populated; so a
 * buffer index from a client needs a bound check and one load, never a lock,
 * to become an address inside the region or nothing.
 *
 * The region is the unit of isolation: who maps one can spoil what is in it.
 */
#ifndef NM_MEM_H
#define NM_MEM_H

#include "core.h"
#include "shm.h"

enum nm_pool_kind {
	NM_POOL_IF,
	NM_POOL_RING,
	NM_POOL_BUF,
	NM_POOLS,
};

/* Buffers 0 and 1 are never given out: 0 means "none". */
#define NM_BUF_RESERVED 2

/* 64 objects of a multiple of 64 bytes fill whole pages of 4096. */
#define NM_BUF_CHUNK_SHIFT 6

struct nm_pool {
	u32 objsize;	 /* bytes, multiple of 64 */
	u32 objtotal;	 /* objects */
	u32 objfree;	 /* region lock */
	u32 chunk_shift; /* log2 of objects per chunk */
	u64 offset;	 /* of object 0 in the region, multiple of the page */
	u8 **chunk;	 /* where the core sees each chunk; NULL: unpopulated */
	u64 *bitmap;	 /* bit set: free; region lock */
	u32 hint;	 /* no free object in words before this; region lock */
};

struct nm_region {
	struct nm_list node; /* core->regions; control lock */
	struct nm_core *core;
	u32 refs;  /* ports, binds; control lock */
	u32 binds; /* of ports in it: while there are any there are rings, and
		    * clients may map it; control lock */
	u16 id;
	u64 size; /* bytes, multiple of the page */
	struct os_mem *mem;
	struct os_pin *pin;   /* memory of a program that it is on, or NULL */
	struct os_mutex lock; /* OS_LOCK_REGION: bitmaps, counts, population */
	struct nm_pool pool[NM_POOLS];
};

/* What a region must hold. Counts of objects; sizes in bytes. */
struct nm_geometry {
	u32 num[NM_POOLS];
	u32 size[NM_POOLS];
};

/* Bytes of the objects for a bind of @rings rings in all, a ring of @slots. */
u32 nm_if_bytes(u32 rings);
u32 nm_ring_bytes(u32 slots);

/* Pools of @g fit into @size bytes, and these into a region: 0 or -ENOMEM. */
int nm_geometry_check(const struct nm_geometry *g, u64 size);

/* ---- identity: control lock held ---- */

/* Makes a private region with the next free id; *r holds one reference. */
int nm_region_create(struct nm_core *core, const struct nm_geometry *g,
		     struct nm_region **r);
/* The same on memory of a program, the @size bytes that *pin keeps, in whole
 * pages that @g fits into; what is left becomes buffers. If a region is on that
 * memory, it is found. *pin is taken, and NULL, once a region has it. */
int nm_region_adopt(struct nm_core *core, const struct nm_geometry *g, u64 size,
		    struct os_pin **pin, struct nm_region **r);
/* Returns a reference to region @id; 1 is made if it does not exist.
 * -EINVAL: unknown. */
int nm_region_find(struct nm_core *core, u16 id, struct nm_region **r);
struct nm_region *nm_region_get(struct nm_region *r);
void nm_region_put(struct nm_region *r);

/* ---- objects: thread, takes the region lock ---- */

/* Zeroed object at *obj; refused with -ENOMEM when @bytes do not fit or none
 * is left, naming pool, asked and there. */
int nm_region_alloc(struct nm_region *r, enum nm_pool_kind kind, u32 bytes,
		    void **obj);
void nm_region_free(struct nm_region *r, enum nm_pool_kind kind, void *obj);

/* Offset in the region of an object that nm_region_alloc() returned. */
u64 nm_region_offset(struct nm_region *r, enum nm_pool_kind kind, void *obj);

/* Gives @n buffers, ascending from the lowest free, to @slot[0..n) with len
 * the buffer size; all or -ENOMEM. */
int nm_region_bufs_alloc(struct nm_region *r, struct netmap_slot *slot, u32 n);
/* Takes back what @slot[0..n) hold now; what is no allocated buffer, or was
 * seen before, is skipped. Slots are emptied. */
void nm_region_bufs_free(struct nm_region *r, struct netmap_slot *slot, u32 n);

/* A chain of up to @want buffers, descending from its *head (0: none);
 * returns how many were given. */
u32 nm_region_chain_alloc(struct nm_region *r, u32 want, u32 *head);
void nm_region_chain_free(struct nm_region *r, u32 head);

/* A client touched @off: populate its chunk, so that the home can map it; *addr
 * is where the core sees that byte. -EFAULT outside the region, -ENOMEM.
 * Thread. */
int nm_region_fault(struct nm_region *r, u64 off, void **addr);

/* ---- data path: any context ---- */

/* What a loop over slots needs of a region, by value: it stays in registers
 * whatever the loop stores. */
struct nm_bufs {
	u8 *const *chunk;
	u32 given; /* buffers that slots may hold: from NM_BUF_RESERVED on */
	u32 size;  /* bytes each */
};

static inline struct nm_bufs nm_region_bufs(const struct nm_region *r)
{
	const struct nm_pool *p = &r->pool[NM_POOL_BUF];

	return (struct nm_bufs){.chunk = p->chunk,
				.given = p->objtotal - NM_BUF_RESERVED,
				.size = p->objsize};
}

/* @idx, a number from a client, is one that a slot may hold. */
static inline bool nm_bufs_has(const struct nm_bufs *b, u32 idx)
{
	return idx - NM_BUF_RESERVED < b->given;
}

/* What slot word @word says can be: index and length both. */
static inline bool nm_bufs_allow(const struct nm_bufs *b, u64 word)
{
	return nm_bufs_has(b, (u32)word) && (word >> 32 & 0xffff) <= b->size;
}

/* @word without what cannot be: an empty slot, of no buffer if the index is
 * bad. */
static inline u64 nm_bufs_mend(const struct nm_bufs *b, u64 word)
{
	struct nm_slot s = nm_slot_of(word);

	s.len = 0;
	if (!nm_bufs_has(b, s.idx))
		s.idx = 0;
	return nm_slot_word(s);
}

/* The buffer @idx, or NULL if it is none, or in a chunk of which nothing was
 * given out. */
static inline u8 *nm_bufs_addr(const struct nm_bufs *b, u32 idx)
{
	u8 *base;

	if (__builtin_expect(!nm_bufs_has(b, idx), 0))
		return NULL;
	/* Pairs with chunk_populate(): the chunk was zeroed before. */
	base = os_load_acquire(&b->chunk[idx >> NM_BUF_CHUNK_SHIFT]);
	if (__builtin_expect(!base, 0))
		return NULL;
	return base + (u64)(idx % (1u << NM_BUF_CHUNK_SHIFT)) * b->size;
}

static inline u8 *nm_region_buf(const struct nm_region *r, u32 idx)
{
	struct nm_bufs b = nm_region_bufs(r);

	return nm_bufs_addr(&b, idx);
}

static inline u32 nm_region_buf_size(const struct nm_region *r)
{
	return r->pool[NM_POOL_BUF].objsize;
}

#endif
