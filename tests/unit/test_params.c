// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Parameters: their ranges, and what a change does to a world that lives. */
#include "unit.h"

#include "world.h"

static struct nm_core *core;

static struct nmreq_pools_info pools(const char *name, u16 mem_id)
{
	struct nmreq_pools_info p = {.nr_mem_id = mem_id};
	struct nm_file *f;

	sim_claim(!nm_file_create(core, &f));
	sim_claim(!world_ctrl(f, NETMAP_REQ_POOLS_INFO_GET, name, &p));
	nm_file_destroy(f);
	return p;
}

static struct nm_params default_params(void)
{
	struct nm_params p;

	nm_params_init(&p);
	return p;
}

static void defaults_are_inside_their_ranges(void **state)
{
	struct nm_params p = default_params();

	(void)state;
	assert_int_equal(nm_params_check(&p), 0);
}

/* No parameter takes every value: what is out of range is named, refused, and
 * the world stays as it was. */
static void values_out_of_range_change_nothing(void **state)
{
	struct nm_params p = default_params(), before;
	u32 *field = (u32 *)(void *)&p;

	(void)state;
	core = world_make();
	before = core->params;
	for (size_t i = 0; i < sizeof(p) / sizeof(u32); i++) {
		u32 good = field[i];

		field[i] = 0xffffffffu;
		assert_int_equal(nm_core_params_set(core, &p), -EINVAL);
		assert_non_null(strstr(sim_last_refusal(), "4294967295"));
		assert_memory_equal(&core->params, &before, sizeof(before));
		field[i] = good;
	}
	world_end(core);
}

static void a_new_limit_of_switches_holds_from_then_on(void **state)
{
	struct nm_params p;
	struct client a, b;
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ALL_NIC, .nr_tx_slots = 8, .nr_rx_slots = 8};

	(void)state;
	core = world_make();
	p = core->params;
	client_open(&a, core, "vale0:a", 8);
	p.max_bridges = 1;
	assert_int_equal(nm_core_params_set(core, &p), 0);
	assert_int_equal(client_try(&b, core, "vale1:a", &reg), -ENOMEM);
	assert_non_null(strstr(sim_last_refusal(), "max_bridges"));
	p.max_bridges = 2;
	assert_int_equal(nm_core_params_set(core, &p), 0);
	client_open(&b, core, "vale1:a", 8);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void regions_that_are_built_later_follow_new_numbers(void **state)
{
	struct nmreq_pools_info old, now;
	struct nm_params p;
	struct client a;

	(void)state;
	core = world_make();
	p = core->params;
	client_open(&a, core, "vale0:a", 8);
	old = pools("vale0:a", 0);
	p.buf_num = 3000;
	p.if_num = 20;
	p.ring_num = 7;
	p.priv_buf_num = 200000;
	p.priv_ring_num = 1000;
	p.priv_if_size = 4096;
	p.priv_ring_size = 131072;
	assert_int_equal(nm_core_params_set(core, &p), 0);
	now = pools("vale0:a", 0); /* lives, so it is as it was */
	assert_memory_equal(&now, &old, sizeof(now));
	now = pools("vale0:b", 0);
	assert_int_equal(now.nr_buf_pool_objtotal, 200000);
	assert_int_equal(now.nr_ring_pool_objtotal, 1000);
	assert_int_equal(now.nr_if_pool_objsize, 4096);
	assert_int_equal(now.nr_ring_pool_objsize, 131072);
	now = pools("vale0:b", 1);
	assert_int_equal(now.nr_buf_pool_objtotal, 3000);
	assert_int_equal(now.nr_ring_pool_objtotal, 7);
	assert_int_equal(now.nr_if_pool_objtotal, 20);
	client_close(&a);
	world_end(core);
}

/* Minimums, not more: a port that needs more gets more. */
static void a_large_port_has_a_larger_region_than_the_least(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_rings = 16,
				     .nr_rx_rings = 16,
				     .nr_tx_slots = 4096,
				     .nr_rx_slots = 8};
	struct nmreq_pools_info now;
	struct client a;

	(void)state;
	core = world_make();
	assert_int_equal(client_try(&a, core, "vale0:a", &reg), 0);
	now = pools("vale0:a", 0);
	assert_true(now.nr_buf_pool_objtotal > 16 * 4104);
	assert_true(now.nr_ring_pool_objsize > 65536);
	assert_true(now.nr_ring_pool_objtotal >= 32);
	client_close(&a);
	world_end(core);
}

/* Each small batch delivers; nothing is lost between them. */
static void a_new_batch_size_loses_no_frame(void **state)
{
	static const u32 sizes[] = {1, 2, 3, 1024};
	struct nm_params p;
	struct client a, b;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[60];
	u16 flags;

	(void)state;
	core = world_make();
	p = core->params;
	client_open(&a, core, "vale0:a", 16);
	client_open(&b, core, "vale0:b", 16);
	for (u32 i = 0; i < 4; i++) {
		p.bridge_batch = sizes[i];
		assert_int_equal(nm_core_params_set(core, &p), 0);
		for (u8 n = 0; n < 10; n++) {
			f[59] = n;
			assert_true(client_put(&a, 0, f, 60, 0));
		}
		client_txsync(&a);
		client_rxsync(&b);
		for (u8 n = 0; n < 10; n++) {
			assert_int_equal(client_get(&b, 0, got, 60, &flags),
					 60);
			assert_int_equal(got[59], n);
		}
		client_rxsync(&b);
	}
	client_close(&a);
	client_close(&b);
	world_end(core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(defaults_are_inside_their_ranges),
		unit_claim(values_out_of_range_change_nothing),
		unit_claim(a_new_limit_of_switches_holds_from_then_on),
		unit_claim(regions_that_are_built_later_follow_new_numbers),
		unit_claim(a_large_port_has_a_larger_region_than_the_least),
		unit_claim(a_new_batch_size_loses_no_frame),
	};

	return unit_run(tests);
}
