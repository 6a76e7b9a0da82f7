// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads around an attached interface; one of them runs the works that
 * move its frames. Every schedule with one preemption, many with two and three.
 *
 *    a            vale0:eth0
 *   vale0:a --- switch --- eth0 ====== wire0
 *                              cable     w
 */
#include "unit.h"

#include "pair.h"
#include "soft.h"

static struct nm_core *core;
static struct soft_nic *eth0, *wire0;
static struct client a, w, keep;
static struct nm_file *ctl; /* of one thread at a time */
static u32 bufs;	    /* free ones of the interfaces' region at rest */

/* ---- requests ---- */

static int attach(const char *name, u32 mode)
{
	struct nmreq_vale_attach b = {.reg.nr_mode = mode};

	return world_ctrl(ctl, NETMAP_REQ_VALE_ATTACH, name, &b);
}

static int detach(const char *name)
{
	struct nmreq_vale_detach b = {0};

	return world_ctrl(ctl, NETMAP_REQ_VALE_DETACH, name, &b);
}

static int polling(bool on)
{
	struct nmreq_vale_polling b = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_num_polling_cpus = 1,
	};

	return world_ctrl(ctl,
			  on ? NETMAP_REQ_VALE_POLLING_ENABLE
			     : NETMAP_REQ_VALE_POLLING_DISABLE,
			  "vale0:eth0", &b);
}

/* ---- the world ---- */

static void open_in_region_1(struct client *c, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_mem_id = 1,
				     .nr_tx_slots = PAIR_SLOTS,
				     .nr_rx_slots = PAIR_SLOTS};

	sim_claim(!client_try(c, core, name, &reg));
}

static void make_world(void)
{
	static const struct soft_conf conf = {.slots = {PAIR_SLOTS, PAIR_SLOTS},
					      .log = 8};
	struct nm_params p;

	nm_params_init(&p);
	p.if_num = 10;
	p.ring_num = 16;
	p.buf_num = 64;
	p.vale_stations = 64;
	sim_claim(!nm_core_create(&core, &p));
	sim_claim(!soft_create(core, "eth0", &conf, &eth0));
	sim_claim(!soft_create(core, "wire0", &conf, &wire0));
	soft_cable(eth0, wire0);
	sim_claim(!nm_file_create(core, &ctl));
	open_in_region_1(&keep, "vale9:keep");
	bufs = pair_bufs_free(&keep);
	open_in_region_1(&a, "vale0:a");
	client_open(&w, core, "wire0", 0);
}

static void make_detached(void *ctx)
{
	(void)ctx;
	make_world();
}

static void make_attached(void *ctx)
{
	(void)ctx;
	make_world();
	sim_claim(!attach("vale0:eth0", NR_REG_ALL_NIC));
	sim_run_works();
}

/* The switch knows which side each is on. */
static void make_acquainted(void *ctx)
{
	make_attached(ctx);
	pair_introduce(&w, 2);
	sim_run_works();
	pair_introduce(&a, 1);
	sim_run_works();
	pair_drain(&a);
	pair_drain(&w);
}

/* Whatever happened, every buffer is back. */
static void end_world(void *ctx)
{
	(void)ctx;
	claim_stats_add_up(core, "vale0:a");
	claim_stats_add_up(core, "wire0");
	client_close(&a);
	client_close(&w);
	sim_claim(pair_bufs_free(&keep) == bufs);
	client_close(&keep);
	nm_file_destroy(ctl);
	if (eth0)
		soft_destroy(core, eth0);
	soft_destroy(core, wire0);
	world_end(core);
}

static void end_attached(void *ctx)
{
	claim_stats_add_up(core, "vale0:eth0");
	claim_stats_add_up(core, "eth0");
	sim_claim(!detach("vale0:eth0"));
	end_world(ctx);
}

/* ---- what threads do ---- */

static void send_three(struct client *c, u8 from, u8 to)
{
	for (u8 n = 1; n <= 3; n++) {
		pair_put(c, from, to, n);
		client_txsync(c);
		sim_run_works();
	}
}

static void a_sends(void *ctx)
{
	(void)ctx;
	send_three(&a, 1, 2);
}

static void w_sends(void *ctx)
{
	(void)ctx;
	send_three(&w, 2, 1);
}

/* What has come: whole frames, in order, none twice; how many. */
static u32 take(struct client *c, u8 from)
{
	u8 f[PAIR_LEN], last = 0, n;
	u16 flags;
	u32 len, got = 0;

	client_rxsync(c);
	while ((len = client_get(c, 0, f, PAIR_LEN, &flags))) {
		n = pair_frame(f, len, from);
		sim_claim(n > last);
		last = n;
		got++;
	}
	return got;
}

/* ---- frames both ways ---- */

/* What one counted as sent another was offered, from end to end. */
static void all_came_both_ways(void *ctx)
{
	struct nmreq_x_stats st;

	sim_claim(take(&w, 1) == 3);
	sim_claim(take(&a, 2) == 3);
	st = client_stats(core, "vale0:eth0", NETMAP_X_TX);
	/* One of each before: by which it was introduced. */
	sim_claim(st.offered == 4 && st.sent == 4);
	st = client_stats(core, "vale0:eth0", NETMAP_X_RX);
	sim_claim(st.attempted == 4 && st.delivered == 4);
	st = client_stats(core, "eth0", NETMAP_X_TX);
	sim_claim(st.offered == 4 && st.sent == 4);
	st = client_stats(core, "eth0", NETMAP_X_RX);
	sim_claim(st.attempted == 4 && st.delivered == 4);
	end_attached(ctx);
}

static void works_of_both_ways_lose_nothing(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_acquainted,
		.thread = {a_sends, w_sends},
		.finish = all_came_both_ways,
		.pairs = 200,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* Two senders, and the works of one find the other's frames. */
static void a_and_works(void *ctx)
{
	(void)ctx;
	pair_put(&a, 1, 2, 1);
	client_txsync(&a);
	sim_run_works();
	sim_run_works();
}

static void b_and_works(void *ctx)
{
	(void)ctx;
	pair_put(&keep, 3, 2, 1);
	client_txsync(&keep);
	sim_run_works();
}

static void make_two_senders(void *ctx)
{
	make_acquainted(ctx);
	client_close(&keep);
	open_in_region_1(&keep, "vale0:b");
}

static void both_went_out(void *ctx)
{
	struct nmreq_x_stats st = client_stats(core, "wire0", NETMAP_X_RX);

	sim_claim(st.delivered == 3);
	claim_stats_add_up(core, "vale0:b");
	end_attached(ctx);
}

static void frames_of_two_senders_go_out(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_two_senders,
		.thread = {a_and_works, b_and_works},
		.finish = both_went_out,
		.pairs = 200,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- attach and detach under traffic ---- */

static void detaches(void *ctx)
{
	(void)ctx;
	sim_claim(!detach("vale0:eth0"));
}

static void attaches_and_detaches(void *ctx)
{
	(void)ctx;
	sim_claim(!attach("vale0:eth0", NR_REG_NIC_SW));
	sim_run_works();
	sim_claim(!detach("vale0:eth0"));
}

/* What left before the end arrived whole, and the rest was counted. */
static void end_detached(void *ctx)
{
	sim_claim(!soft_started(eth0));
	take(&w, 1);
	take(&a, 2);
	sim_claim(client_space(&a, NM_TX, 0) == PAIR_SLOTS - 1);
	end_world(ctx);
}

static int detach_against(const char *name, void (*traffic)(void *))
{
	struct sim_scenario s = {
		.name = name,
		.setup = make_acquainted,
		.thread = {traffic, detaches},
		.finish = end_detached,
		.pairs = 200,
		.triples = 100,
	};

	return sim_explore(&s);
}

static void frames_to_the_wire_may_meet_a_detach(void **state)
{
	(void)state;
	assert_int_equal(detach_against(__func__, a_sends), 0);
}

static void frames_from_the_wire_may_meet_a_detach(void **state)
{
	(void)state;
	assert_int_equal(detach_against(__func__, w_sends), 0);
}

static int attach_against(const char *name, void (*traffic)(void *))
{
	struct sim_scenario s = {
		.name = name,
		.setup = make_detached,
		.thread = {traffic, attaches_and_detaches},
		.finish = end_detached,
		.pairs = 200,
		.triples = 100,
	};

	return sim_explore(&s);
}

static void an_interface_comes_and_goes_under_a_sender(void **state)
{
	(void)state;
	assert_int_equal(attach_against(__func__, a_sends), 0);
}

static void an_interface_comes_and_goes_under_its_wire(void **state)
{
	(void)state;
	assert_int_equal(attach_against(__func__, w_sends), 0);
}

/* ---- removal under traffic ---- */

static void eth0_goes(void *ctx)
{
	(void)ctx;
	soft_destroy(core, eth0);
	eth0 = NULL;
}

static void end_removed(void *ctx)
{
	sim_claim(detach("vale0:eth0") == -ENXIO);
	take(&w, 1);
	take(&a, 2);
	end_world(ctx);
}

static int removal_against(const char *name, void (*traffic)(void *))
{
	struct sim_scenario s = {
		.name = name,
		.setup = make_acquainted,
		.thread = {traffic, eth0_goes},
		.finish = end_removed,
		.pairs = 200,
		.triples = 100,
	};

	return sim_explore(&s);
}

static void frames_to_the_wire_may_meet_a_removal(void **state)
{
	(void)state;
	assert_int_equal(removal_against(__func__, a_sends), 0);
}

static void frames_from_the_wire_may_meet_a_removal(void **state)
{
	(void)state;
	assert_int_equal(removal_against(__func__, w_sends), 0);
}

/* ---- polling ---- */

static void polls_for_a_while(void *ctx)
{
	(void)ctx;
	sim_claim(!polling(true));
	sim_run_threads_once();
	sim_claim(!polling(false));
}

/* The pollers run beside the works. */
static void w_sends_to_all(void *ctx)
{
	(void)ctx;
	for (u8 n = 1; n <= 3; n++) {
		pair_put(&w, 2, 1, n);
		client_txsync(&w);
		sim_run_works();
		sim_run_threads_once();
	}
}

static void all_came_from_the_wire(void *ctx)
{
	sim_claim(take(&a, 2) == 3);
	end_attached(ctx);
}

static void polling_begins_and_ends_under_traffic(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_acquainted,
		.thread = {w_sends_to_all, polls_for_a_while},
		.finish = all_came_from_the_wire,
		.pairs = 200,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void make_polled(void *ctx)
{
	make_acquainted(ctx);
	sim_claim(!polling(true));
}

static void a_polled_interface_goes_under_traffic(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_polled,
		.thread = {w_sends_to_all, eth0_goes},
		.finish = end_removed,
		.pairs = 200,
		.triples = 100,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- a persistent port ---- */

static void make_persistent(void *ctx)
{
	struct nmreq_vale_newif b = {.nr_mem_id = 1,
				     .nr_tx_slots = PAIR_SLOTS,
				     .nr_rx_slots = PAIR_SLOTS};

	make_detached(ctx);
	client_close(&w);
	sim_claim(!world_ctrl(ctl, NETMAP_REQ_VALE_NEWIF, "per0", &b));
	sim_claim(!attach("vale0:per0", NR_REG_ALL_NIC));
	client_open(&w, core, "per0", 0);
	pair_introduce(&w, 2);
	sim_run_works();
	pair_drain(&a);
}

static void detaches_persistent(void *ctx)
{
	(void)ctx;
	sim_claim(!detach("vale0:per0"));
}

/* It is no member any more, and a port as before. A sync that met the detach
 * has left its frames for the next one. */
static void end_persistent(void *ctx)
{
	(void)ctx;
	take(&a, 2);
	client_txsync(&w);
	sim_claim(client_space(&w, NM_TX, 0) == PAIR_SLOTS - 1);
	take(&w, 1);
	pair_introduce(&w, 2);
	sim_claim(!take(&a, 2));
	claim_stats_add_up(core, "per0");
	client_close(&w);
	sim_claim(!world_ctrl(ctl, NETMAP_REQ_VALE_DELIF, "per0", NULL));
	client_open(&w, core, "wire0", 0);
	end_world(ctx);
}

static int persistent_against(const char *name, void (*traffic)(void *))
{
	struct sim_scenario s = {
		.name = name,
		.setup = make_persistent,
		.thread = {traffic, detaches_persistent},
		.finish = end_persistent,
		.pairs = 200,
		.triples = 100,
	};

	return sim_explore(&s);
}

static void a_persistent_port_that_sends_is_detached(void **state)
{
	(void)state;
	assert_int_equal(persistent_against(__func__, w_sends), 0);
}

static void a_persistent_port_that_receives_is_detached(void **state)
{
	(void)state;
	assert_int_equal(persistent_against(__func__, a_sends), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(works_of_both_ways_lose_nothing),
		unit_claim(frames_of_two_senders_go_out),
		unit_claim(frames_to_the_wire_may_meet_a_detach),
		unit_claim(frames_from_the_wire_may_meet_a_detach),
		unit_claim(an_interface_comes_and_goes_under_a_sender),
		unit_claim(an_interface_comes_and_goes_under_its_wire),
		unit_claim(frames_to_the_wire_may_meet_a_removal),
		unit_claim(frames_from_the_wire_may_meet_a_removal),
		unit_claim(polling_begins_and_ends_under_traffic),
		unit_claim(a_polled_interface_goes_under_traffic),
		unit_claim(a_persistent_port_that_sends_is_detached),
		unit_claim(a_persistent_port_that_receives_is_detached),
	};

	return unit_run(tests);
}
