// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "mem.h"

/* Offsets and sizes of a region fit 32 bits, for the oldest of requests. */
#define REGION_MAX (1ull << 32)

#define OBJ_ALIGN  64
#define RING_ALIGN 128 /* struct netmap_ring is declared so */

static const char *const pool_names[NM_POOLS] = {"interface records", "rings",
						 "buffers"};
/* Of parameters: "_num" and "_size" behind it. */
static const char *const pool_params[NM_POOLS] = {"if", "ring", "buf"};

static u64 round_up(u64 v, u64 to)
{
	return (v + to - 1) / to * to;
}

u32 nm_if_bytes(u32 rings)
{
	return (u32)(sizeof(struct netmap_if) + rings * sizeof(s64));
}

u32 nm_ring_bytes(u32 slots)
{
	return (u32)(sizeof(struct netmap_ring) +
		     slots * sizeof(struct netmap_slot));
}

/* ---- pools ---- */

static u32 chunk_count(const struct nm_pool *p)
{
	return (p->objtotal + (1u << p->chunk_shift) - 1) >> p->chunk_shift;
}

static u64 chunk_bytes(const struct nm_pool *p)
{
	return (u64)p->objsize << p->chunk_shift;
}

/* The last chunk may be shorter: only up to the end of the pool. */
static u64 chunk_len(const struct nm_pool *p, u32 chunk)
{
	u64 end = round_up((u64)p->objtotal * p->objsize, OS_PAGE_SIZE);
	u64 start = chunk * chunk_bytes(p);

	return end - start < chunk_bytes(p) ? end - start : chunk_bytes(p);
}

static u8 *object_addr(const struct nm_pool *p, u32 i)
{
	u8 *base = os_load_acquire(&p->chunk[i >> p->chunk_shift]);

	return base + (u64)(i & ((1u << p->chunk_shift) - 1)) * p->objsize;
}

static int pool_init(struct nm_pool *p, enum nm_pool_kind kind, u32 num,
		     u32 size, u64 offset)
{
	u32 words = (num + 63) / 64;

	p->objsize = (u32)round_up(size, kind == NM_POOL_RING ? RING_ALIGN
							      : OBJ_ALIGN);
	p->objtotal = p->objfree = num;
	p->offset = offset;
	p->chunk_shift = kind == NM_POOL_BUF ? NM_BUF_CHUNK_SHIFT : 0;
	while (chunk_bytes(p) % OS_PAGE_SIZE)
		p->chunk_shift++;
	p->chunk = os_alloc(chunk_count(p) * sizeof(*p->chunk));
	p->bitmap = os_alloc(words * sizeof(*p->bitmap));
	if (!p->chunk || !p->bitmap)
		return -ENOMEM;
	for (u32 i = 0; i < words; i++)
		p->bitmap[i] = ~0ull;
	if (num % 64)
		p->bitmap[words - 1] = (1ull << num % 64) - 1;
	return 0;
}

static void pool_fini(struct nm_pool *p)
{
	os_free(p->chunk);
	os_free(p->bitmap);
}

static u64 pool_end(const struct nm_pool *p)
{
	return p->offset +
	       round_up((u64)p->objtotal * p->objsize, OS_PAGE_SIZE);
}

static int chunk_populate(struct nm_region *r, struct nm_pool *p, u32 chunk)
{
	void *addr;
	int err;

	os_mutex_assert_held(&r->lock);
	if (os_load(&p->chunk[chunk]))
		return 0;
	err = os_mem_populate(r->mem, p->offset + chunk * chunk_bytes(p),
			      chunk_len(p, chunk), &addr);
	if (err)
		return err;
	/* Pairs with nm_bufs_addr(), object_addr(). */
	os_store_release(&p->chunk[chunk], (u8 *)addr);
	return 0;
}

static bool is_free(const struct nm_pool *p, u32 i)
{
	return p->bitmap[i / 64] >> i % 64 & 1;
}

/* Takes the lowest free object; its chunk is populated. */
static int object_take(struct nm_region *r, struct nm_pool *p, u32 *obj)
{
	u32 w = p->hint, i;
	int err;

	if (!p->objfree)
		return -ENOMEM;
	while (!p->bitmap[w])
		w++;
	p->hint = w;
	i = w * 64 + (u32)__builtin_ctzll(p->bitmap[w]);
	err = chunk_populate(r, p, i >> p->chunk_shift);
	if (err)
		return err;
	p->bitmap[w] &= p->bitmap[w] - 1;
	p->objfree--;
	*obj = i;
	return 0;
}

static void object_give(struct nm_pool *p, u32 i)
{
	p->bitmap[i / 64] |= 1ull << i % 64;
	p->objfree++;
	if (i / 64 < p->hint)
		p->hint = i / 64;
}

/* Gives back a buffer by an index that a client wrote. */
static bool buf_give(struct nm_region *r, u32 idx)
{
	struct nm_pool *p = &r->pool[NM_POOL_BUF];

	if (idx < NM_BUF_RESERVED || idx >= p->objtotal || is_free(p, idx))
		return false;
	object_give(p, idx);
	return true;
}

static int refuse_pool(struct nm_region *r, enum nm_pool_kind kind, u32 asked)
{
	struct nm_pool *p = &r->pool[kind];

	return os_refuse(-ENOMEM,
			 "region %u: no memory for %u of its %u %s (%u free); "
			 "the parameter %s%s_num says how many there are",
			 r->id, asked, p->objtotal, pool_names[kind],
			 p->objfree, r->id == 1 ? "" : "priv_",
			 pool_params[kind]);
}

/* ---- regions ---- */

static int refuse_memory(const struct nm_region *r)
{
	return os_refuse(-ENOMEM, "region %u: no memory for its %llu bytes",
			 r->id, (unsigned long long)r->size);
}

static int memory_init(struct nm_region *r)
{
	return r->pin ? os_mem_adopt(&r->mem, r->pin, r)
		      : os_mem_create(&r->mem, r->size, r);
}

static int pools_init(struct nm_region *r, const struct nm_geometry *g)
{
	u32 none;
	int err;

	for (int k = 0; k < NM_POOLS; k++) {
		err = pool_init(&r->pool[k], (enum nm_pool_kind)k, g->num[k],
				g->size[k], r->size);
		r->size = pool_end(&r->pool[k]);
		if (err)
			return refuse_memory(r);
	}
	if (r->size >= REGION_MAX)
		return os_refuse(
			-ENOMEM,
			"region %u would have %llu bytes, and 4 GiB are the "
			"limit; ask for fewer rings, slots, buffers",
			r->id, (unsigned long long)r->size);
	if (memory_init(r))
		return refuse_memory(r);
	os_mutex_lock(&r->lock);
	for (u32 i = 0; i < NM_BUF_RESERVED && !err; i++)
		err = object_take(r, &r->pool[NM_POOL_BUF], &none);
	os_mutex_unlock(&r->lock);
	return err ? refuse_memory(r) : 0;
}

static void region_free(struct nm_region *r)
{
	if (r->mem)
		os_mem_destroy(r->mem);
	if (r->pin)
		os_unpin(r->pin);
	for (int k = 0; k < NM_POOLS; k++)
		pool_fini(&r->pool[k]);
	os_mutex_fini(&r->lock);
	os_free(r);
}

/* On memory of our own, or on *pin, which is taken. */
static int region_make(struct nm_core *core, u16 id,
		       const struct nm_geometry *g, struct os_pin **pin,
		       struct nm_region **out)
{
	struct nm_region *r = os_alloc(sizeof(*r));
	int err;

	if (!r)
		return os_refuse(-ENOMEM, "no memory for region %u", id);
	os_mutex_init(&r->lock, OS_LOCK_REGION);
	r->core = core;
	r->id = id;
	r->refs = 1;
	if (pin) {
		r->pin = *pin;
		*pin = NULL;
	}
	err = pools_init(r, g);
	if (err) {
		region_free(r);
		return err;
	}
	nm_list_add_tail(&core->regions, &r->node);
	*out = r;
	return 0;
}

static struct nm_region *region_by_id(struct nm_core *core, u16 id)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->regions) {
		struct nm_region *r = nm_container(pos, struct nm_region, node);

		if (r->id == id)
			return r;
	}
	return NULL;
}

/* With the next free id. */
static int region_make_private(struct nm_core *core,
			       const struct nm_geometry *g, struct os_pin **pin,
			       struct nm_region **out)
{
	u32 id = core->last_mem_id;
	int err;

	os_mutex_assert_held(&core->lock);
	do {
		id = id >= 0xffff ? 2 : id + 1;
		if (id == core->last_mem_id)
			return os_refuse(-ENOMEM,
					 "all 65535 region ids are in use");
	} while (region_by_id(core, (u16)id));
	err = region_make(core, (u16)id, g, pin, out);
	if (!err)
		core->last_mem_id = id;
	return err;
}

int nm_region_create(struct nm_core *core, const struct nm_geometry *g,
		     struct nm_region **out)
{
	return region_make_private(core, g, NULL, out);
}

static struct nm_region *region_by_pin(struct nm_core *core,
				       const struct os_pin *pin)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &core->regions) {
		struct nm_region *r = nm_container(pos, struct nm_region, node);

		if (r->pin && os_pin_is_same(r->pin, pin))
			return r;
	}
	return NULL;
}

/* Bytes of a pool as pool_init() will make it. */
static u64 pool_bytes(const struct nm_geometry *g, enum nm_pool_kind kind)
{
	u64 size = round_up(g->size[kind],
			    kind == NM_POOL_RING ? RING_ALIGN : OBJ_ALIGN);

	return round_up(g->num[kind] * size, OS_PAGE_SIZE);
}

int nm_geometry_check(const struct nm_geometry *g, u64 size)
{
	u64 need = pool_bytes(g, NM_POOL_IF) + pool_bytes(g, NM_POOL_RING) +
		   pool_bytes(g, NM_POOL_BUF);

	if (need <= size && size < REGION_MAX)
		return 0;
	return os_refuse(-ENOMEM,
			 "user memory: %llu bytes for pools of %llu, the limit "
			 "is 4 GiB",
			 (unsigned long long)size, (unsigned long long)need);
}

/* @g and buffers in what it leaves of @size bytes. */
static struct nm_geometry geometry_stretch(const struct nm_geometry *g,
					   u64 size)
{
	struct nm_geometry all = *g;
	u64 others = pool_bytes(g, NM_POOL_IF) + pool_bytes(g, NM_POOL_RING);

	all.num[NM_POOL_BUF] = (u32)((size - others) /
				     round_up(g->size[NM_POOL_BUF], OBJ_ALIGN));
	return all;
}

int nm_region_adopt(struct nm_core *core, const struct nm_geometry *g, u64 size,
		    struct os_pin **pin, struct nm_region **out)
{
	struct nm_geometry all = geometry_stretch(g, size);
	struct nm_region *r;
	int err;

	os_mutex_assert_held(&core->lock);
	r = region_by_pin(core, *pin);
	if (r) {
		*out = nm_region_get(r);
		return 0;
	}
	err = region_make_private(core, &all, pin, out);
	if (!err)
		(*out)->size = size;
	return err;
}

int nm_region_find(struct nm_core *core, u16 id, struct nm_region **out)
{
	const struct nm_params *p = &core->params;
	struct nm_geometry g = {
		.num = {p->if_num, p->ring_num, p->buf_num},
		.size = {p->if_size, p->ring_size, p->buf_size},
	};
	struct nm_region *r;

	os_mutex_assert_held(&core->lock);
	r = region_by_id(core, id);
	if (r) {
		*out = nm_region_get(r);
		return 0;
	}
	if (id != 1)
		return os_refuse(-EINVAL,
				 "nr_mem_id %u: no region has that id; 0 lets "
				 "netmap choose",
				 id);
	return region_make(core, id, &g, NULL, out);
}

struct nm_region *nm_region_get(struct nm_region *r)
{
	os_mutex_assert_held(&r->core->lock);
	r->refs++;
	return r;
}

void nm_region_put(struct nm_region *r)
{
	os_mutex_assert_held(&r->core->lock);
	if (--r->refs)
		return;
	nm_list_del(&r->node);
	region_free(r);
}

/* ---- objects ---- */

int nm_region_alloc(struct nm_region *r, enum nm_pool_kind kind, u32 bytes,
		    void **obj)
{
	struct nm_pool *p = &r->pool[kind];
	u32 i;
	int err;

	if (bytes > p->objsize)
		return os_refuse(
			-ENOMEM,
			"region %u: its %s have %u bytes, but %u are needed; "
			"see the parameter %s%s_size",
			r->id, pool_names[kind], p->objsize, bytes,
			r->id == 1 ? "" : "priv_", pool_params[kind]);
	os_mutex_lock(&r->lock);
	err = object_take(r, p, &i);
	if (err)
		err = refuse_pool(r, kind, 1);
	os_mutex_unlock(&r->lock);
	if (err)
		return err;
	*obj = object_addr(p, i);
	memset(*obj, 0, p->objsize);
	return 0;
}

/* The number of the object at @obj; the pool has few chunks. */
static u32 object_index(const struct nm_pool *p, const void *obj)
{
	u32 n = chunk_count(p);

	for (u32 c = 0; c < n; c++) {
		u8 *base = os_load(&p->chunk[c]);
		size_t off = (size_t)((const u8 *)obj - base);

		if (base && off < chunk_bytes(p))
			return (c << p->chunk_shift) + (u32)(off / p->objsize);
	}
	return p->objtotal;
}

void nm_region_free(struct nm_region *r, enum nm_pool_kind kind, void *obj)
{
	struct nm_pool *p = &r->pool[kind];

	os_mutex_lock(&r->lock);
	object_give(p, object_index(p, obj));
	os_mutex_unlock(&r->lock);
}

u64 nm_region_offset(struct nm_region *r, enum nm_pool_kind kind, void *obj)
{
	struct nm_pool *p = &r->pool[kind];

	return p->offset + (u64)object_index(p, obj) * p->objsize;
}

int nm_region_bufs_alloc(struct nm_region *r, struct netmap_slot *slot, u32 n)
{
	struct nm_pool *p = &r->pool[NM_POOL_BUF];
	u16 len = (u16)(p->objsize > 0xffff ? 0xffff : p->objsize);
	u32 i, idx;
	int err = 0;

	os_mutex_lock(&r->lock);
	for (i = 0; i < n; i++) {
		err = object_take(r, p, &idx);
		if (err)
			break;
		nm_slot_store(&slot[i],
			      (struct nm_slot){.idx = idx, .len = len});
	}
	if (err) {
		while (i-- > 0)
			buf_give(r, nm_slot_load(&slot[i]).idx);
		err = refuse_pool(r, NM_POOL_BUF, n);
	}
	os_mutex_unlock(&r->lock);
	return err;
}

void nm_region_bufs_free(struct nm_region *r, struct netmap_slot *slot, u32 n)
{
	os_mutex_lock(&r->lock);
	for (u32 i = 0; i < n; i++) {
		buf_give(r, nm_slot_load(&slot[i]).idx);
		nm_slot_store(&slot[i], (struct nm_slot){0});
	}
	os_mutex_unlock(&r->lock);
}

#define CHAIN_PIECE 64 /* buffers at a time */

/* Up to @want buffers, all of which will be written to; returns how many. */
static u32 piece_take(struct nm_region *r, u32 *idx, u32 want)
{
	struct nm_pool *p = &r->pool[NM_POOL_BUF];
	u32 n = 0;

	while (n < want && n < CHAIN_PIECE && !object_take(r, p, &idx[n]))
		n++;
	if (n && idx[n - 1] - idx[0] == n - 1)
		os_mem_expect(r->mem, p->offset + (u64)idx[0] * p->objsize,
			      (u64)n * p->objsize);
	return n;
}

u32 nm_region_chain_alloc(struct nm_region *r, u32 want, u32 *head)
{
	struct nm_pool *p = &r->pool[NM_POOL_BUF];
	u32 idx[CHAIN_PIECE], n = 0, last = 0, got;

	os_mutex_lock(&r->lock);
	do {
		got = piece_take(r, idx, want - n);
		n += got;
		for (u32 i = 0; i < got; i++) {
			os_store((u32 *)(void *)object_addr(p, idx[i]), last);
			last = idx[i];
		}
	} while (got);
	os_mutex_unlock(&r->lock);
	*head = last;
	return n;
}

void nm_region_chain_free(struct nm_region *r, u32 head)
{
	struct nm_pool *p = &r->pool[NM_POOL_BUF];

	os_mutex_lock(&r->lock);
	/* A cycle ends at the first buffer met again: it is free by then. */
	while (buf_give(r, head))
		head = os_load((u32 *)(void *)object_addr(p, head));
	os_mutex_unlock(&r->lock);
}

static int pool_fault(struct nm_region *r, struct nm_pool *p, u64 off,
		      void **addr)
{
	u32 chunk = (u32)(off / chunk_bytes(p));
	int err = chunk_populate(r, p, chunk);

	if (!err)
		*addr = os_load(&p->chunk[chunk]) + off % chunk_bytes(p);
	return err;
}

int nm_region_fault(struct nm_region *r, u64 off, void **addr)
{
	int err = -EFAULT;

	os_mutex_lock(&r->lock);
	for (int k = 0; k < NM_POOLS; k++) {
		struct nm_pool *p = &r->pool[k];

		if (off >= p->offset && off < pool_end(p))
			err = pool_fault(r, p, off - p->offset, addr);
	}
	os_mutex_unlock(&r->lock);
	return err;
}
