// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIC ports on software interfaces: what only the driver's side can see. */
#include "unit.h"

#include "soft.h"
#include "world.h"

#define LEN 60

static struct nm_core *core;
static struct soft_nic *eth0, *eth1;

static struct soft_nic *nic_make(const char *name, struct soft_conf conf)
{
	struct soft_nic *s;

	sim_claim(!soft_create(core, name, &conf, &s));
	return s;
}

/* eth0 and eth1, with a cable between them. */
static void two_nics(struct soft_conf conf)
{
	core = world_make();
	eth0 = nic_make("eth0", conf);
	eth1 = nic_make("eth1", conf);
	soft_cable(eth0, eth1);
}

static void end(void)
{
	soft_destroy(core, eth0);
	soft_destroy(core, eth1);
	world_end(core);
}

static void frame(u8 *f, u8 n)
{
	memset(f, n, LEN);
}

static void put(struct client *c, u8 n)
{
	u8 f[LEN];

	frame(f, n);
	sim_claim(client_put(c, 0, f, LEN, 0));
}

static void expect(struct client *c, u8 n)
{
	u8 f[LEN], got[LEN];
	u16 flags;

	frame(f, n);
	client_rxsync(c);
	assert_int_equal(client_get(c, 0, got, LEN, &flags), LEN);
	assert_memory_equal(f, got, LEN);
	assert_int_equal(flags, 0);
}

static void what_one_end_of_a_cable_sends_the_other_receives(void **state)
{
	struct soft_conf conf = {.slots = {8, 8}};
	struct client a, b;

	(void)state;
	two_nics(conf);
	client_open(&a, core, "eth0", 0);
	client_open(&b, core, "eth1", 0);
	for (u8 i = 1; i < 100; i++) {
		put(&a, i);
		client_txsync(&a);
		assert_int_equal(client_space(&a, NM_TX, 0), 7);
		expect(&b, i);
	}
	assert_int_equal(a.reg.nr_mem_id, 1);
	assert_ptr_equal(a.base, b.base);
	claim_stats_add_up(core, "eth0");
	claim_stats_add_up(core, "eth1");
	client_close(&a);
	client_close(&b);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(what_one_end_of_a_cable_sends_the_other_receives),
	};

	return unit_run(tests);
}
