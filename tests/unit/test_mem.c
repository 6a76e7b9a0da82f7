// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Regions: pools against a naive model, refusals, hostile content, faults. */
#include "unit.h"

#include "mem.h"

static struct nm_core *core;

static void world_make(void)
{
	struct nm_params p;

	nm_params_init(&p);
	assert_int_equal(nm_core_create(&core, &p), 0);
}

static void world_end(void)
{
	nm_core_destroy(core);
}

static int region_make(const struct nm_geometry *g, struct nm_region **r)
{
	int err;

	os_mutex_lock(&core->lock);
	err = nm_region_create(core, g, r);
	os_mutex_unlock(&core->lock);
	return err;
}

static void region_put(struct nm_region *r)
{
	os_mutex_lock(&core->lock);
	nm_region_put(r);
	os_mutex_unlock(&core->lock);
}

#define IFS   9
#define RINGS 7
#define BUFS  150

static const struct nm_geometry small = {
	.num = {IFS, RINGS, BUFS},
	.size = {100, 4300, 2112},
};

static struct nm_region *small_region(void)
{
	struct nm_region *r;

	world_make();
	assert_int_equal(region_make(&small, &r), 0);
	return r;
}

static void small_end(struct nm_region *r)
{
	region_put(r);
	world_end();
}

/* ---- the naive model: who has what, in plain arrays ---- */

struct model {
	bool used[NM_POOLS][BUFS];
	u32 total[NM_POOLS];
	void *object[NM_POOLS][BUFS]; /* of the first two kinds */
};

static u32 model_free(const struct model *m, int kind)
{
	u32 n = 0;

	for (u32 i = 0; i < m->total[kind]; i++)
		n += !m->used[kind][i];
	return n;
}

static u32 model_take_lowest(struct model *m, int kind)
{
	u32 i = 0;

	while (m->used[kind][i])
		i++;
	m->used[kind][i] = true;
	return i;
}

static void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (int k = 0; k < NM_POOLS; k++)
		m->total[k] = small.num[k];
	m->used[NM_POOL_BUF][0] = m->used[NM_POOL_BUF][1] = true;
}

static bool is_zero(const u8 *p, size_t n)
{
	while (n && !*p)
		p++, n--;
	return !n;
}

static void step_object(struct nm_region *r, struct model *m, int kind,
			u64 *chance)
{
	enum nm_pool_kind k = (enum nm_pool_kind)kind;
	u32 size = small.size[kind];
	u32 i = (u32)(sim_random(chance) % m->total[kind]);
	void *obj;
	int err;

	if (m->used[kind][i]) {
		memset(m->object[kind][i], 0xee, size);
		nm_region_free(r, k, m->object[kind][i]);
		m->used[kind][i] = false;
		return;
	}
	err = nm_region_alloc(r, k, size, &obj);
	assert_int_equal(err, 0);
	i = model_take_lowest(m, kind);
	m->object[kind][i] = obj;
	assert_true(is_zero(obj, size));
	assert_int_equal(nm_region_offset(r, k, obj),
			 r->pool[kind].offset + (u64)i * r->pool[kind].objsize);
	assert_ptr_equal(
		(u8 *)sim_mem_addr(r->mem) + nm_region_offset(r, k, obj), obj);
}

static void step_bufs_alloc(struct nm_region *r, struct model *m, u64 *chance)
{
	struct netmap_slot slot[20];
	u32 n = (u32)(sim_random(chance) % 20);
	int err = nm_region_bufs_alloc(r, slot, n);

	if (n > model_free(m, NM_POOL_BUF)) {
		assert_int_equal(err, -ENOMEM);
		return;
	}
	assert_int_equal(err, 0);
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(slot[i].buf_idx,
				 model_take_lowest(m, NM_POOL_BUF));
		assert_int_equal(slot[i].len, 2112);
		assert_int_equal(slot[i].flags, 0);
		memset(nm_region_buf(r, slot[i].buf_idx), 0xee, 2112);
	}
}

/* Frees what lies at random numbers, most of it nonsense. */
static void step_bufs_free(struct nm_region *r, struct model *m, u64 *chance)
{
	struct netmap_slot slot[20];
	u32 n = (u32)(sim_random(chance) % 20);

	memset(slot, 0, sizeof(slot));
	for (u32 i = 0; i < n; i++) {
		u32 idx = (u32)(sim_random(chance) % (BUFS + 10));

		slot[i].buf_idx = idx;
		if (idx >= NM_BUF_RESERVED && idx < BUFS)
			m->used[NM_POOL_BUF][idx] = false;
	}
	nm_region_bufs_free(r, slot, n);
	for (u32 i = 0; i < n; i++)
		assert_int_equal(slot[i].buf_idx, 0);
}

static void step_chain(struct nm_region *r, struct model *m, u64 *chance)
{
	u32 want = (u32)(sim_random(chance) % 12);
	u32 there = model_free(m, NM_POOL_BUF);
	u32 given[12], head, n;

	n = nm_region_chain_alloc(r, want, &head);
	assert_int_equal(n, want < there ? want : there);
	for (u32 i = 0; i < n; i++)
		given[i] = model_take_lowest(m, NM_POOL_BUF);
	for (u32 i = n, at = head; i > 0; i--) {
		assert_int_equal(at, given[i - 1]);
		memcpy(&at, nm_region_buf(r, at), sizeof(at));
		if (i == 1)
			assert_int_equal(at, 0);
	}
	if (sim_random(chance) % 2)
		return;
	nm_region_chain_free(r, head);
	for (u32 i = 0; i < n; i++)
		m->used[NM_POOL_BUF][given[i]] = false;
}

static void check_model(struct nm_region *r, const struct model *m)
{
	for (int k = 0; k < NM_POOLS; k++)
		assert_int_equal(r->pool[k].objfree, model_free(m, k));
}

static void pools_follow_a_naive_model(void **state)
{
	struct nm_region *r = small_region();
	u64 seed = sim_seed(11), chance = seed;
	struct model m;

	(void)state;
	print_message("# SIM_SEED=%llu\n", (unsigned long long)seed);
	model_init(&m);
	for (unsigned i = 0; i < 20000; i++) {
		switch (sim_random(&chance) % 5) {
		case 0:
			step_object(r, &m, NM_POOL_IF, &chance);
			break;
		case 1:
			step_object(r, &m, NM_POOL_RING, &chance);
			break;
		case 2:
			step_bufs_alloc(r, &m, &chance);
			break;
		case 3:
			step_bufs_free(r, &m, &chance);
			break;
		default:
			step_chain(r, &m, &chance);
		}
		check_model(r, &m);
	}
	small_end(r);
}

/* ---- refusals ---- */

static void assert_refusal(const char *expect)
{
	if (!strstr(sim_last_refusal(), expect))
		fail_msg("refusal is \"%s\", without \"%s\"",
			 sim_last_refusal(), expect);
}

static void an_object_too_large_names_pool_asked_and_there(void **state)
{
	struct nm_region *r = small_region();
	void *obj = NULL;

	(void)state;
	assert_int_equal(nm_region_alloc(r, NM_POOL_RING, 5000, &obj), -ENOMEM);
	assert_refusal("region 2: its rings have 4352 bytes, but 5000");
	assert_refusal("4352");
	assert_null(obj);
	small_end(r);
}

static void an_exhausted_pool_names_pool_asked_and_there(void **state)
{
	struct nm_region *r = small_region();
	struct netmap_slot slot[BUFS];
	void *obj;

	(void)state;
	for (int i = 0; i < IFS; i++)
		assert_int_equal(nm_region_alloc(r, NM_POOL_IF, 1, &obj), 0);
	assert_int_equal(nm_region_alloc(r, NM_POOL_IF, 1, &obj), -ENOMEM);
	assert_refusal("no memory for 1 of its 9 interface records (0 free)");
	for (int i = 0; i < RINGS; i++)
		assert_int_equal(nm_region_alloc(r, NM_POOL_RING, 1, &obj), 0);
	assert_int_equal(nm_region_alloc(r, NM_POOL_RING, 1, &obj), -ENOMEM);
	assert_refusal("no memory for 1 of its 7 rings (0 free)");
	assert_int_equal(nm_region_bufs_alloc(r, slot, BUFS - 1), -ENOMEM);
	assert_refusal("no memory for 149 of its 150 buffers (148 free)");
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2);
	small_end(r);
}

static void an_unknown_region_is_refused_by_its_id(void **state)
{
	struct nm_region *r = NULL;

	(void)state;
	world_make();
	os_mutex_lock(&core->lock);
	assert_int_equal(nm_region_find(core, 77, &r), -EINVAL);
	os_mutex_unlock(&core->lock);
	assert_refusal("77");
	assert_null(r);
	world_end();
}

static void a_region_without_memory_names_its_size(void **state)
{
	struct nm_region *r = NULL;
	unsigned n = 0;

	(void)state;
	world_make();
	do {
		sim_fail_nth(SIM_FAIL_MEMORY, ++n);
		if (!region_make(&small, &r))
			break;
		assert_true(sim_fail_fired());
		assert_refusal("region 2");
		assert_null(r);
	} while (sim_fail_fired());
	assert_int_equal(n, 1 + 1 + 2 * NM_POOLS + 1 + 1);
	region_put(r);
	world_end();
}

/* ---- what clients write ---- */

static void a_buffer_met_twice_is_freed_once(void **state)
{
	struct nm_region *r = small_region();
	struct netmap_slot slot[3], again[2];

	(void)state;
	assert_int_equal(nm_region_bufs_alloc(r, slot, 3), 0);
	slot[1].buf_idx = slot[0].buf_idx;
	nm_region_bufs_free(r, slot, 3);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2 - 1);
	assert_int_equal(nm_region_bufs_alloc(r, again, 2), 0);
	assert_int_not_equal(again[0].buf_idx, again[1].buf_idx);
	assert_int_not_equal(again[0].buf_idx, 3);
	assert_int_not_equal(again[1].buf_idx, 3);
	small_end(r);
}

static void indices_of_no_buffer_free_nothing(void **state)
{
	static const u32 bad[] = {0,	      1,	  BUFS,
				  BUFS + 1,   100,	  0x7fffffff,
				  0x80000000, 0xfffffffe, 0xffffffff};
	struct nm_region *r = small_region();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct netmap_slot slot = {.buf_idx = bad[i]};

		nm_region_bufs_free(r, &slot, 1);
		nm_region_chain_free(r, bad[i]);
		assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2);
	}
	small_end(r);
}

static void link_buffers(struct nm_region *r, u32 from, u32 to)
{
	memcpy(nm_region_buf(r, from), &to, sizeof(to));
}

static void a_cyclic_chain_is_freed_once_and_ends(void **state)
{
	struct nm_region *r = small_region();
	u32 head, i;

	(void)state;
	assert_int_equal(nm_region_chain_alloc(r, 5, &head), 5);
	assert_int_equal(head, 6);
	link_buffers(r, 2, 4); /* 6 5 4 3 2 4 3 2 ... */
	nm_region_chain_free(r, head);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2);
	assert_int_equal(nm_region_chain_alloc(r, 1, &head), 1);
	link_buffers(r, head, head);
	nm_region_chain_free(r, head);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2);
	for (i = 0; i < BUFS - 2; i++)
		assert_int_equal(nm_region_chain_alloc(r, 1, &head), 1);
	small_end(r);
}

static void a_chain_that_leaves_the_region_ends_there(void **state)
{
	struct nm_region *r = small_region();
	u32 head;

	(void)state;
	assert_int_equal(nm_region_chain_alloc(r, 3, &head), 3);
	link_buffers(r, 3, 0xfffffff0);
	nm_region_chain_free(r, head);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2 - 1);
	small_end(r);
}

static void any_index_is_a_buffer_inside_or_nothing(void **state)
{
	struct nm_region *r = small_region();
	u8 *base = sim_mem_addr(r->mem);
	u64 first = r->pool[NM_POOL_BUF].offset, chance = 5;
	u32 idx;

	(void)state;
	for (u32 i = 0; i < 300000; i++) {
		idx = i < 1000 ? i - 500 : (u32)sim_random(&chance);
		if (idx >= 2 && idx < 64)
			assert_ptr_equal(nm_region_buf(r, idx),
					 base + first + (u64)idx * 2112);
		else
			assert_null(nm_region_buf(r, idx));
	}
	small_end(r);
}

/* ---- population ---- */

static void a_touched_page_is_populated_and_zero(void **state)
{
	struct nm_region *r = small_region();
	volatile u8 *base = sim_mem_addr(r->mem);

	(void)state;
	assert_null(nm_region_buf(r, 130));
	for (u64 off = 0; off < r->size; off += 512)
		assert_int_equal(base[off], 0);
	base[r->size - 1] = 1;
	assert_non_null(nm_region_buf(r, 130));
	small_end(r);
}

static void a_fault_outside_the_region_is_refused(void **state)
{
	struct nm_region *r = small_region();
	void *addr;

	(void)state;
	assert_int_equal(nm_region_fault(r, r->size, &addr), -EFAULT);
	assert_int_equal(nm_region_fault(r, ~0ull, &addr), -EFAULT);
	assert_int_equal(nm_region_fault(r, r->size - 1, &addr), 0);
	assert_ptr_equal(addr, (u8 *)sim_mem_addr(r->mem) + r->size - 1);
	assert_int_equal(nm_region_fault(r, 0, &addr), 0);
	assert_ptr_equal(addr, sim_mem_addr(r->mem));
	small_end(r);
}

static void a_fault_without_memory_is_refused_and_next_time_served(void **state)
{
	struct nm_region *r = small_region();
	void *addr;

	(void)state;
	sim_fail_nth(SIM_FAIL_MEMORY, 1);
	assert_int_equal(nm_region_fault(r, r->size - 1, &addr), -ENOMEM);
	assert_null(nm_region_buf(r, 130));
	assert_int_equal(nm_region_fault(r, r->size - 1, &addr), 0);
	assert_non_null(nm_region_buf(r, 130));
	small_end(r);
}

static void buffers_without_memory_leave_the_pool_as_it_was(void **state)
{
	struct nm_region *r = small_region();
	struct netmap_slot slot[100];

	(void)state;
	for (unsigned n = 1; n <= 1; n++) {
		sim_fail_nth(SIM_FAIL_MEMORY, n);
		assert_int_equal(nm_region_bufs_alloc(r, slot, 100), -ENOMEM);
		assert_true(sim_fail_fired());
		assert_int_equal(r->pool[NM_POOL_BUF].objfree, BUFS - 2);
	}
	assert_int_equal(nm_region_bufs_alloc(r, slot, 100), 0);
	assert_int_equal(slot[0].buf_idx, 2);
	small_end(r);
}

/* ---- identity and shape ---- */

static void ids_count_from_2_and_die_with_the_last_user(void **state)
{
	struct nm_region *a, *b, *c, *again = NULL;
	u16 id;

	(void)state;
	world_make();
	assert_int_equal(region_make(&small, &a), 0);
	assert_int_equal(region_make(&small, &b), 0);
	assert_int_equal(a->id, 2);
	assert_int_equal(b->id, 3);
	os_mutex_lock(&core->lock);
	assert_int_equal(nm_region_find(core, 3, &again), 0);
	assert_ptr_equal(again, b);
	nm_region_put(b);
	nm_region_put(again);
	assert_int_equal(nm_region_find(core, 3, &again), -EINVAL);
	os_mutex_unlock(&core->lock);
	assert_int_equal(region_make(&small, &c), 0);
	id = c->id;
	assert_int_equal(id, 4);
	region_put(c);
	region_put(a);
	world_end();
}

static void ids_wrap_past_those_in_use(void **state)
{
	struct nm_region *a, *b;

	(void)state;
	world_make();
	assert_int_equal(region_make(&small, &a), 0);
	core->last_mem_id = 0xffff;
	assert_int_equal(region_make(&small, &b), 0);
	assert_int_equal(b->id, 3);
	region_put(a);
	region_put(b);
	world_end();
}

static void region_1_has_the_documented_shape(void **state)
{
	struct nm_region *r;

	(void)state;
	world_make();
	os_mutex_lock(&core->lock);
	assert_int_equal(nm_region_find(core, 1, &r), 0);
	os_mutex_unlock(&core->lock);
	assert_int_equal(r->pool[NM_POOL_IF].objtotal, 100);
	assert_int_equal(r->pool[NM_POOL_IF].objsize, 1024);
	assert_int_equal(r->pool[NM_POOL_RING].offset, 102400);
	assert_int_equal(r->pool[NM_POOL_RING].objtotal, 200);
	assert_int_equal(r->pool[NM_POOL_RING].objsize, 36864);
	assert_int_equal(r->pool[NM_POOL_BUF].offset, 7475200);
	assert_int_equal(r->pool[NM_POOL_BUF].objtotal, 163840);
	assert_int_equal(r->pool[NM_POOL_BUF].objsize, 2112);
	assert_int_equal(r->size, 7475200 + 163840ull * 2112);
	region_put(r);
	world_end();
}

static void odd_sizes_keep_rings_aligned_and_pools_in_whole_pages(void **state)
{
	struct nm_region *r;
	void *obj;

	(void)state;
	world_make();
	for (u32 size = 300; size < 5000; size += 61) {
		struct nm_geometry g = {.num = {3, 5, 11},
					.size = {size, size, size}};

		assert_int_equal(region_make(&g, &r), 0);
		assert_int_equal(r->size % OS_PAGE_SIZE, 0);
		for (int k = 0; k < NM_POOLS; k++) {
			assert_int_equal(r->pool[k].offset % OS_PAGE_SIZE, 0);
			assert_int_equal(r->pool[k].objsize % 64, 0);
			assert_true(r->pool[k].objsize >= size);
		}
		for (int i = 0; i < 5; i++) {
			assert_int_equal(
				nm_region_alloc(r, NM_POOL_RING, size, &obj),
				0);
			assert_int_equal((uintptr_t)obj % 128, 0);
		}
		region_put(r);
	}
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(pools_follow_a_naive_model),
		unit_claim(an_object_too_large_names_pool_asked_and_there),
		unit_claim(an_exhausted_pool_names_pool_asked_and_there),
		unit_claim(an_unknown_region_is_refused_by_its_id),
		unit_claim(a_region_without_memory_names_its_size),
		unit_claim(a_buffer_met_twice_is_freed_once),
		unit_claim(indices_of_no_buffer_free_nothing),
		unit_claim(a_cyclic_chain_is_freed_once_and_ends),
		unit_claim(a_chain_that_leaves_the_region_ends_there),
		unit_claim(any_index_is_a_buffer_inside_or_nothing),
		unit_claim(a_touched_page_is_populated_and_zero),
		unit_claim(a_fault_outside_the_region_is_refused),
		unit_claim(
			a_fault_without_memory_is_refused_and_next_time_served),
		unit_claim(buffers_without_memory_leave_the_pool_as_it_was),
		unit_claim(ids_count_from_2_and_die_with_the_last_user),
		unit_claim(ids_wrap_past_those_in_use),
		unit_claim(region_1_has_the_documented_shape),
		unit_claim(
			odd_sizes_keep_rings_aligned_and_pools_in_whole_pages),
	};

	return unit_run(tests);
}
