// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Monitors when memory is short, and on interfaces with host rings. */
#include "unit.h"

#include "soft.h"
#include "sweep.h"

#define SLOTS 8
#define LEN   60

static struct nm_core *core;

static void open_twice(struct client *c, const char *name, u64 flags, u16 rings)
{
	const struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
					   .nr_flags = flags,
					   .nr_tx_rings = rings,
					   .nr_rx_rings = rings,
					   .nr_tx_slots = SLOTS,
					   .nr_rx_slots = SLOTS};

	sweep_open(c, core, name, &reg);
}

/* To everybody, with @mark in every byte behind the addresses. */
static void put(struct client *c, u32 ring, u8 mark)
{
	u8 f[LEN];

	memset(f, mark, LEN);
	memset(f, 0xff, 6);
	memset(f + 6, 2, 6);
	sim_claim(client_put(c, ring, f, LEN, 0));
	client_txsync(c);
}

static void expect(struct client *c, u32 ring, u8 mark)
{
	u8 f[LEN];
	u16 flags;

	client_rxsync(c);
	sim_claim(client_get(c, ring, f, LEN, &flags) == LEN && f[12] == mark);
}

static void story(const char *from, const char *to, u16 rings)
{
	struct client a, b, m[4];

	open_twice(&a, from, 0, rings);
	open_twice(&b, to, 0, rings);
	open_twice(&m[0], from, NR_MONITOR_TX, 0);
	open_twice(&m[1], to, NR_MONITOR_RX | NR_MONITOR_TX, 0);
	open_twice(&m[2], from, NR_ZCOPY_MON, 0);
	open_twice(&m[3], to, NR_ZCOPY_MON, 0);
	put(&a, rings - 1u, 7);
	expect(&m[0], rings - 1u, 7);
	client_close(&m[0]);
	client_close(&a);
	client_close(&m[2]);
	client_close(&m[1]);
	client_close(&b);
	client_close(&m[3]);
	world_end(core);
}

static void story_switch(void)
{
	story("vale0:a", "vale0:b", 1);
}

static void story_rings(void)
{
	story("base{1", "base}1", 3);
}

/* Making it is another test's matter. */
static void make_world(void)
{
	core = world_make();
}

static void monitors_of_a_switch_survive_every_failing_allocation(void **state)
{
	(void)state;
	sweep(make_world, story_switch, NULL);
}

static void monitors_of_a_pipe_survive_every_failing_allocation(void **state)
{
	(void)state;
	sweep(make_world, story_rings, NULL);
}

/* ---- interfaces ---- */

static struct soft_nic *eth0, *eth1;

static void two_nics(bool manual)
{
	struct soft_conf conf = {.slots = {SLOTS, SLOTS}, .manual = manual};

	core = world_make();
	assert_int_equal(soft_create(core, "eth0", &conf, &eth0), 0);
	assert_int_equal(soft_create(core, "eth1", &conf, &eth1), 0);
	soft_cable(eth0, eth1);
}

static void end(void)
{
	soft_destroy(core, eth0);
	soft_destroy(core, eth1);
	world_end(core);
}

static void open_as(struct client *c, const char *name, u32 mode, u64 flags)
{
	const struct nmreq_register reg = {.nr_mode = mode, .nr_flags = flags};

	if (client_try(c, core, name, &reg))
		fail_msg("open of %s: %s", name, sim_last_refusal());
}

/* Ring @ring of @c has one frame more, @mark, and it was sent or not. */
static void shows(struct client *c, u32 ring, u8 mark, bool sent)
{
	u8 f[LEN];
	u16 flags;

	client_rxsync(c);
	assert_int_equal(client_get(c, ring, f, LEN, &flags), LEN);
	assert_int_equal(f[12], mark);
	assert_int_equal(!!(flags & NS_TXMON), sent);
	client_rxsync(c);
}

static void shows_nothing(struct client *c)
{
	client_rxsync(c);
	for (u32 i = 0; i < c->reg.nr_rx_rings; i++)
		assert_int_equal(client_space(c, NM_RX, i), 0);
}

static void copies_of_an_interface_are_shown(void **state)
{
	struct client a, b, ma, mb;

	(void)state;
	two_nics(false);
	client_open(&a, core, "eth0", 0);
	client_open(&b, core, "eth1", 0);
	open_as(&ma, "eth0", NR_REG_ALL_NIC, NR_MONITOR_TX | NR_MONITOR_RX);
	open_as(&mb, "eth1", NR_REG_ALL_NIC, NR_MONITOR_TX | NR_MONITOR_RX);
	assert_int_equal(ma.reg.nr_host_tx_rings, 1);
	assert_int_equal(ma.reg.nr_host_rx_rings, 1);
	for (u8 i = 1; i < 50; i++) {
		put(&a, 0, i);
		shows(&ma, 0, i, true);
		shows(&mb, 0, i, false);
		expect(&b, 0, i);
		client_rxsync(&b);
		put(&b, 0, i);
		shows(&mb, 0, i, true);
		shows(&ma, 0, i, false);
		expect(&a, 0, i);
		client_rxsync(&a);
	}
	claim_stats_add_up(core, "eth0/rt#0");
	client_close(&ma);
	client_close(&a);
	client_close(&b);
	client_close(&mb);
	end();
}

/* A slot is given up when the driver is done with it. */
static void buffers_of_an_interface_change_places(void **state)
{
	struct client a, b, za, zb;

	(void)state;
	two_nics(true);
	client_open(&a, core, "eth0", 0);
	client_open(&b, core, "eth1", 0);
	open_as(&za, "eth0", NR_REG_ALL_NIC, NR_ZCOPY_MON);
	open_as(&zb, "eth1", NR_REG_ALL_NIC, NR_ZCOPY_MON);
	for (u8 i = 1; i < 50; i++) {
		put(&a, 0, i);
		shows_nothing(&za);
		assert_int_equal(soft_tx_run(eth0, 0, 1), 1);
		client_txsync(&a);
		shows(&za, 0, i, true);
		expect(&b, 0, i);
		shows_nothing(&zb);
		client_rxsync(&b);
		shows(&zb, 0, i, false);
	}
	client_close(&a);
	client_close(&za);
	client_close(&zb);
	client_close(&b);
	end();
}

static void host_rings_are_shown(u64 flags)
{
	struct client a, m;
	u8 f[LEN], got[LEN];

	two_nics(false);
	open_as(&a, "eth0", NR_REG_NIC_SW, 0);
	open_as(&m, "eth0", NR_REG_SW, flags);
	memset(f, 9, LEN);
	for (u8 i = 1; i < 50; i++) {
		put(&a, 1, i);
		assert_int_equal(soft_host_recv(eth0, got, LEN), LEN);
		shows(&m, 1, i, true);
		f[12] = i;
		assert_true(soft_host_send(eth0, 0, f, LEN));
		expect(&a, 1, i);
		client_rxsync(&a);
		shows(&m, 1, i, false);
		/* The other rings were not asked for. */
		put(&a, 0, i);
		client_rxsync(&m);
		assert_int_equal(client_space(&m, NM_RX, 1), 0);
	}
	client_close(&a);
	assert_int_equal(client_poll(&m, NM_POLLIN), NM_POLLIN | NM_POLLERR);
	client_close(&m);
	end();
}

static void copies_of_host_rings_are_shown(void **state)
{
	(void)state;
	host_rings_are_shown(NR_MONITOR_TX | NR_MONITOR_RX);
}

static void buffers_of_host_rings_change_places(void **state)
{
	(void)state;
	host_rings_are_shown(NR_ZCOPY_MON);
}

/* What is forwarded goes with its own bytes, not with the monitor's buffer. */
static void forwarding_comes_before_the_swap(void **state)
{
	struct client a, z;
	u8 f[LEN], got[LEN];

	(void)state;
	two_nics(false);
	open_as(&a, "eth0", NR_REG_NIC_SW, 0);
	open_as(&z, "eth0", NR_REG_ALL_NIC, NR_ZCOPY_MON);
	client_ring(&a, NM_RX, 0)->flags = NR_FORWARD;
	for (u8 i = 1; i < 50; i++) {
		struct netmap_ring *r = client_ring(&a, NM_RX, 0);

		memset(f, i, LEN);
		assert_true(soft_wire_put(eth0, 0, f, LEN));
		client_rxsync(&a);
		r->slot[r->head].flags |= NS_FORWARD;
		expect(&a, 0, i);
		client_rxsync(&a);
		assert_int_equal(soft_host_recv(eth0, got, LEN), LEN);
		assert_memory_equal(got, f, LEN);
		shows(&z, 0, i, false);
	}
	client_close(&z);
	client_close(&a);
	end();
}

static void an_interface_that_goes_is_the_end_for_monitors(void **state)
{
	struct client a, m;

	(void)state;
	two_nics(false);
	client_open(&a, core, "eth0", 0);
	open_as(&m, "eth0", NR_REG_ALL_NIC, NR_MONITOR_TX);
	put(&a, 0, 1);
	soft_destroy(core, eth0);
	assert_int_equal(client_poll(&m, NM_POLLIN), NM_POLLIN | NM_POLLERR);
	shows(&m, 0, 1, true);
	client_close(&m);
	client_close(&a);
	soft_destroy(core, eth1);
	world_end(core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			monitors_of_a_switch_survive_every_failing_allocation),
		cmocka_unit_test(
			monitors_of_a_pipe_survive_every_failing_allocation),
		unit_claim(copies_of_an_interface_are_shown),
		unit_claim(buffers_of_an_interface_change_places),
		unit_claim(copies_of_host_rings_are_shown),
		unit_claim(buffers_of_host_rings_change_places),
		unit_claim(forwarding_comes_before_the_swap),
		unit_claim(an_interface_that_goes_is_the_end_for_monitors),
	};

	return unit_run(tests);
}
