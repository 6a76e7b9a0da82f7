// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads and a monitor: it opens, reads, sleeps and closes while its port
 * is at work, under every schedule with one preemption and many with more.
 */
#include "unit.h"

#include "pair.h"

#define COPY_TX NR_MONITOR_TX
#define COPY_RX NR_MONITOR_RX
#define ZCOPY	NR_ZCOPY_MON

static struct nm_core *core;
static struct client a, b, c, mon;
static const char *watched;
static u64 kind;

static void open_monitor(void)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = kind,
				     .nr_tx_slots = 2 * PAIR_SLOTS,
				     .nr_rx_slots = 2 * PAIR_SLOTS};

	sim_claim(!client_try(&mon, core, watched, &reg));
}

/* Takes what the monitor shows of @from: whole frames, each the next after
 * *last, which is 0 while there was none. */
static void look(u8 from, u8 *last)
{
	u8 f[PAIR_LEN], n;
	u16 flags;
	u32 len;

	client_rxsync(&mon);
	while ((len = client_get(&mon, 0, f, PAIR_LEN, &flags))) {
		sim_claim(!(flags & NS_TXMON) == !!(kind == COPY_RX));
		n = pair_frame(f, len, from);
		sim_claim(!*last || n == *last + 1);
		*last = n;
	}
	client_rxsync(&mon);
}

/* ---- a monitor comes and goes ---- */

static void make_switch(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "vale0:a", PAIR_SLOTS);
	client_open(&b, core, "vale0:b", PAIR_SLOTS);
	pair_introduce(&b, 2);
	pair_drain(&a);
}

static void make_pipe(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "base{1", PAIR_SLOTS);
	client_open(&b, core, "base}1", PAIR_SLOTS);
}

static void a_sends_three(void *ctx)
{
	(void)ctx;
	pair_put(&a, 1, 2, 1);
	client_txsync(&a);
	pair_put(&a, 1, 2, 2);
	pair_put(&a, 1, 2, 3);
	client_txsync(&a);
}

static void monitor_comes_and_goes(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	open_monitor();
	look(1, &last);
	client_close(&mon);
}

/* The receiver has all three, whatever the monitor saw. */
static void b_has_three(void *ctx)
{
	u8 f[PAIR_LEN];
	u16 flags;

	(void)ctx;
	client_rxsync(&b);
	for (u8 n = 1; n <= 3; n++)
		sim_claim(pair_frame(f, client_get(&b, 0, f, PAIR_LEN, &flags),
				     1) == n);
	client_rxsync(&b);
	client_txsync(&a);
	sim_claim(client_space(&a, NM_TX, 0) == PAIR_SLOTS - 1);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static int come_and_go(const char *name, void (*make)(void *), u64 flags,
		       const char *port)
{
	struct sim_scenario s = {
		.name = name,
		.setup = make,
		.thread = {a_sends_three, monitor_comes_and_goes},
		.finish = b_has_three,
		.pairs = 500,
		.triples = 200,
	};

	watched = port;
	kind = flags;
	return sim_explore(&s);
}

static void a_zcopy_monitor_comes_and_goes_on_a_switch(void **state)
{
	(void)state;
	assert_int_equal(come_and_go(__func__, make_switch, ZCOPY, "vale0:a"),
			 0);
}

static void an_rx_monitor_comes_and_goes_on_a_pipe(void **state)
{
	(void)state;
	assert_int_equal(come_and_go(__func__, make_pipe, COPY_RX, "base}1"),
			 0);
}

/* ---- two producers, one monitor ---- */

static void make_three(void *ctx)
{
	make_switch(ctx);
	client_open(&c, core, "vale0:c", PAIR_SLOTS);
	pair_introduce(&c, 3);
	pair_drain(&a);
	pair_drain(&b);
	open_monitor();
}

static void burst(struct client *cl, u8 from)
{
	for (u8 n = 1; n <= 2; n++)
		pair_put(cl, from, 2, n);
	client_txsync(cl);
}

static void a_bursts(void *ctx)
{
	(void)ctx;
	burst(&a, 1);
}

static void c_bursts(void *ctx)
{
	(void)ctx;
	burst(&c, 3);
}

/* Frame by frame what b got, and no more. */
static void monitor_has_what_b_has(void *ctx)
{
	u8 f[PAIR_LEN], g[PAIR_LEN];
	u16 flags, seen;
	u32 len, n = 0;

	(void)ctx;
	client_rxsync(&b);
	client_rxsync(&mon);
	while ((len = client_get(&b, 0, f, PAIR_LEN, &flags))) {
		sim_claim(client_get(&mon, 0, g, PAIR_LEN, &seen) == len);
		sim_claim(!memcmp(f, g, len) && flags == seen);
		n++;
	}
	sim_claim(n == PAIR_SLOTS - 1);
	sim_claim(!client_get(&mon, 0, g, PAIR_LEN, &seen));
	claim_stats_add_up(core, "vale0:b");
	claim_stats_add_up(core, "vale0:b/r#0");
	client_close(&mon);
	client_close(&c);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void arrivals_of_two_senders_are_shown_as_they_are_received(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_three,
		.thread = {a_bursts, c_bursts},
		.finish = monitor_has_what_b_has,
		.pairs = 500,
	};

	(void)state;
	watched = "vale0:b";
	kind = COPY_RX;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- sleeping ---- */

static void make_switch_and_monitor(void *ctx)
{
	make_switch(ctx);
	open_monitor();
}

static void monitor_polls_for_three(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	while (last < 3) {
		sim_claim(client_poll(&mon, NM_POLLIN) == NM_POLLIN);
		look(1, &last);
	}
}

static void b_has_three_and_monitor_closes(void *ctx)
{
	client_close(&mon);
	b_has_three(ctx);
}

static int sleep_for_three(const char *name, u64 flags, const char *port)
{
	struct sim_scenario s = {
		.name = name,
		.setup = make_switch_and_monitor,
		.thread = {a_sends_three, monitor_polls_for_three},
		.finish = b_has_three_and_monitor_closes,
		.pairs = 500,
	};

	watched = port;
	kind = flags;
	return sim_explore(&s);
}

static void a_sleeping_rx_monitor_sees_all_frames(void **state)
{
	(void)state;
	assert_int_equal(sleep_for_three(__func__, COPY_RX, "vale0:b"), 0);
}

static void a_sleeping_zcopy_monitor_sees_all_frames(void **state)
{
	(void)state;
	assert_int_equal(sleep_for_three(__func__, ZCOPY, "vale0:a"), 0);
}

/* ---- the end ---- */

static void a_sends_and_closes(void *ctx)
{
	(void)ctx;
	pair_put(&a, 1, 2, 1);
	client_txsync(&a);
	client_close(&a);
}

static void monitor_polls_to_the_end(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	while (!(client_poll(&mon, NM_POLLIN) & NM_POLLERR))
		look(1, &last);
	look(1, &last);
	sim_claim(last == 1);
}

static void monitor_closes(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	look(1, &last);
	client_close(&mon);
}

static void close_b(void *ctx)
{
	(void)ctx;
	client_close(&b);
	world_end(core);
}

static void close_both(void *ctx)
{
	client_close(&mon);
	close_b(ctx);
}

static void a_sleeping_monitor_is_told_of_the_end(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_switch_and_monitor,
		.thread = {a_sends_and_closes, monitor_polls_to_the_end},
		.finish = close_both,
		.pairs = 500,
	};

	(void)state;
	watched = "vale0:a";
	kind = COPY_TX;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_port_and_its_zcopy_monitor_close_together(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_switch_and_monitor,
		.thread = {a_sends_and_closes, monitor_closes},
		.finish = close_b,
		.pairs = 500,
	};

	(void)state;
	watched = "vale0:a";
	kind = ZCOPY;
	assert_int_equal(sim_explore(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_zcopy_monitor_comes_and_goes_on_a_switch),
		unit_claim(an_rx_monitor_comes_and_goes_on_a_pipe),
		unit_claim(
			arrivals_of_two_senders_are_shown_as_they_are_received),
		unit_claim(a_sleeping_rx_monitor_sees_all_frames),
		unit_claim(a_sleeping_zcopy_monitor_sees_all_frames),
		unit_claim(a_sleeping_monitor_is_told_of_the_end),
		unit_claim(a_port_and_its_zcopy_monitor_close_together),
	};

	return unit_run(tests);
}
