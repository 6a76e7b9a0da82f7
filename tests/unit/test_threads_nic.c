// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads around an interface: a program and a driver, or two contexts of
 * the driver; every schedule with one preemption, many with two and three.
 */
#include "unit.h"

#include "pair.h"
#include "soft.h"

static struct nm_core *core;
static struct soft_nic *eth0, *eth1;
static struct client a, b;
static bool wired; /* b is on eth1 */

static const struct soft_conf small = {.slots = {PAIR_SLOTS, PAIR_SLOTS},
				       .log = 4};

static void make_world(void)
{
	struct nm_params p;

	nm_params_init(&p);
	p.if_num = 10;
	p.ring_num = 8;
	p.buf_num = 64;
	sim_claim(!nm_core_create(&core, &p));
	sim_claim(!soft_create(core, "eth0", &small, &eth0));
	sim_claim(!soft_create(core, "eth1", &small, &eth1));
	soft_cable(eth0, eth1);
	a.file = b.file = NULL;
	wired = false;
}

static void end_world(void)
{
	if (a.file)
		client_close(&a);
	if (b.file)
		client_close(&b);
	if (eth0)
		soft_destroy(core, eth0);
	if (eth1)
		soft_destroy(core, eth1);
	world_end(core);
}

static void open_as(struct client *c, const char *name, u32 mode)
{
	struct nmreq_register reg = {.nr_mode = mode};

	sim_claim(!client_try(c, core, name, &reg));
}

static void finish(void *ctx)
{
	(void)ctx;
	if (eth0 && (a.file || b.file))
		claim_stats_add_up(core, "eth0");
	if (eth1 && b.file && wired)
		claim_stats_add_up(core, "eth1");
	end_world();
}

static void setup_both(void *ctx)
{
	(void)ctx;
	make_world();
	open_as(&a, "eth0", NR_REG_ALL_NIC);
	open_as(&b, "eth1", NR_REG_ALL_NIC);
	wired = true;
}

/* ---- arrival against sync ---- */

static void arrive(struct soft_nic *s, u8 n)
{
	u8 f[PAIR_LEN] = {[5] = 2, [11] = 1};

	memset(f + 12, n, PAIR_LEN - 12);
	/* As pair_put() makes them. */
	f[0] = f[6] = 2;
	soft_wire_put(s, 0, f, PAIR_LEN - n);
}

static void three_arrive(void *ctx)
{
	(void)ctx;
	sim_any_enter();
	for (u8 n = 1; n <= 3; n++)
		arrive(eth1, n);
	sim_any_exit();
}

/* Frames come in order, and whole. */
static u8 take(struct client *c, u8 last, u8 from)
{
	u8 f[PAIR_LEN], n;
	u16 flags;
	u32 len;

	while ((len = client_get(c, 0, f, PAIR_LEN, &flags))) {
		n = pair_frame(f, len, from);
		sim_claim(n > last);
		last = n;
	}
	return last;
}

static void b_polls_for_three(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	while (last < 3) {
		sim_claim(client_poll(&b, NM_POLLIN) == NM_POLLIN);
		last = take(&b, last, 1);
	}
}

static void what_arrives_wakes_and_is_whole(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {three_arrive, b_polls_for_three},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* More than fit: some are dropped, and counted, and the others are whole. */
static void six_arrive(void *ctx)
{
	(void)ctx;
	sim_any_enter();
	for (u8 n = 1; n <= 6; n++)
		arrive(eth1, n);
	sim_any_exit();
}

static void b_syncs(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	for (u32 i = 0; i < 4; i++) {
		client_rxsync(&b);
		last = take(&b, last, 1);
	}
}

static void a_full_ring_keeps_what_it_shows(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {six_arrive, b_syncs},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- removal against traffic ---- */

static void a_sends(void *ctx)
{
	int err;

	(void)ctx;
	for (u8 n = 1; n <= 3; n++) {
		if (client_space(&a, NM_TX, 0))
			pair_put(&a, 1, 2, n);
		err = nm_file_txsync(a.file, NULL);
		sim_claim(!err || err == -EIO);
	}
}

static void eth0_goes(void *ctx)
{
	(void)ctx;
	soft_destroy(core, eth0);
	eth0 = NULL;
}

static void eth1_goes(void *ctx)
{
	(void)ctx;
	soft_destroy(core, eth1);
	eth1 = NULL;
}

static void a_sender_s_interface_may_go_at_any_moment(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_sends, eth0_goes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_receiver_s_interface_may_go_at_any_moment(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_sends, eth1_goes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void b_sleeps_until_error(void *ctx)
{
	(void)ctx;
	sim_claim(client_poll(&b, NM_POLLIN) & NM_POLLERR);
}

static void a_sleeper_learns_that_its_interface_is_gone(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {b_sleeps_until_error, eth1_goes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void b_closes(void *ctx)
{
	(void)ctx;
	client_close(&b);
	b.file = NULL;
}

static void a_receiver_may_close_while_frames_arrive(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_sends, b_closes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void closing_and_removal_meet_at_any_moment(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {b_closes, eth1_goes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- monitors ---- */

static struct client mon;

/* It sees whole frames, or its end. */
static void monitor_comes_and_goes(void *ctx)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_ZCOPY_MON};
	u8 last = 0;

	(void)ctx;
	if (client_try(&mon, core, "eth0", &reg))
		return; /* it is gone */
	client_rxsync(&mon);
	last = take(&mon, last, 1);
	client_rxsync(&mon);
	take(&mon, last, 1);
	client_close(&mon);
}

static void finish_with_all_sent(void *ctx)
{
	client_txsync(&a);
	client_rxsync(&b);
	sim_claim(take(&b, 0, 1) == 3);
	sim_claim(client_space(&a, NM_TX, 0) == PAIR_SLOTS - 1);
	finish(ctx);
}

static void a_monitor_of_an_interface_comes_and_goes(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_sends, monitor_comes_and_goes},
		.finish = finish_with_all_sent,
		.pairs = 300,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_monitored_interface_may_go_at_any_moment(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {monitor_comes_and_goes, eth0_goes},
		.finish = finish,
		.pairs = 300,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- reset against sync ---- */

static void eth0_resets(void *ctx)
{
	(void)ctx;
	soft_reset(eth0, true);
	/* Its driver may do what it likes with its descriptors now. */
	soft_reset(eth0, false);
}

/* Whatever was lost, all slots come back. */
static void finish_with_all_slots(void *ctx)
{
	client_txsync(&a);
	client_txsync(&a);
	sim_claim(client_space(&a, NM_TX, 0) == PAIR_SLOTS - 1);
	finish(ctx);
}

static void a_reset_loses_no_slot_of_a_sender(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_sends, eth0_resets},
		.pairs = 500,
		.triples = 200,
		.finish = finish_with_all_slots,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_polls_to_send(void *ctx)
{
	(void)ctx;
	for (u8 n = 1; n <= 3; n++) {
		while (!(client_poll(&a, NM_POLLOUT) & NM_POLLOUT))
			;
		pair_put(&a, 1, 2, n);
	}
	nm_file_txsync(a.file, NULL);
}

static void a_poller_gets_over_a_reset(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_both,
		.thread = {a_polls_to_send, eth0_resets},
		.pairs = 500,
		.triples = 200,
		.finish = finish_with_all_slots,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- the host's side ---- */

static void setup_host(void *ctx)
{
	(void)ctx;
	make_world();
	open_as(&a, "eth0", NR_REG_ALL_NIC);
	open_as(&b, "eth0", NR_REG_SW);
}

static void host_sends(u8 from, u8 n)
{
	u8 f[PAIR_LEN] = {[5] = 2, [11] = from};

	memset(f + 12, n, PAIR_LEN - 12);
	soft_host_send(eth0, 0, f, PAIR_LEN - n);
}

static void host_sends_two(void *ctx)
{
	(void)ctx;
	sim_any_enter();
	host_sends(1, 1);
	host_sends(1, 2);
	sim_any_exit();
}

static void host_sends_one_more(void *ctx)
{
	(void)ctx;
	sim_any_enter();
	host_sends(1, 3);
	sim_any_exit();
}

/* All three are there, the two of one context in order. */
static void finish_with_three(void *ctx)
{
	u8 seen[4] = {0}, f[PAIR_LEN], n, at = 0;
	struct netmap_ring *r = client_ring(&b, NM_RX, 1);

	client_rxsync(&b);
	sim_claim(client_space(&b, NM_RX, 1) == 3);
	for (u32 i = 0; i < 3; i++) {
		struct nm_slot v = nm_slot_load(&r->slot[i]);

		os_copy(f, client_buf(&b, v.idx), v.len);
		n = pair_frame(f, v.len, 1);
		seen[n] = ++at;
	}
	sim_claim(seen[1] && seen[2] > seen[1] && seen[3]);
	finish(ctx);
}

static void two_contexts_of_the_stack_share_a_host_ring(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_host,
		.thread = {host_sends_two, host_sends_one_more},
		.pairs = 500,
		.triples = 200,
		.finish = finish_with_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_host_ring_may_close_while_the_stack_sends(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_host,
		.thread = {host_sends_two, b_closes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_closes(void *ctx)
{
	(void)ctx;
	client_close(&a);
	a.file = NULL;
}

static void a_nic_ring_may_close_while_the_stack_sends(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = setup_host,
		.thread = {host_sends_two, a_closes},
		.pairs = 500,
		.triples = 200,
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(what_arrives_wakes_and_is_whole),
		unit_claim(a_full_ring_keeps_what_it_shows),
		unit_claim(a_sender_s_interface_may_go_at_any_moment),
		unit_claim(a_receiver_s_interface_may_go_at_any_moment),
		unit_claim(a_sleeper_learns_that_its_interface_is_gone),
		unit_claim(a_receiver_may_close_while_frames_arrive),
		unit_claim(closing_and_removal_meet_at_any_moment),
		unit_claim(a_monitor_of_an_interface_comes_and_goes),
		unit_claim(a_monitored_interface_may_go_at_any_moment),
		unit_claim(a_reset_loses_no_slot_of_a_sender),
		unit_claim(a_poller_gets_over_a_reset),
		unit_claim(two_contexts_of_the_stack_share_a_host_ring),
		unit_claim(a_host_ring_may_close_while_the_stack_sends),
		unit_claim(a_nic_ring_may_close_while_the_stack_sends),
	};

	return unit_run(tests);
}
