// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads on a switch: every schedule with one preemption, many with two
 * and three, and stores that are seen as late as a weakly ordered machine may.
 */
#include "unit.h"

#include "pair.h"

static struct nm_core *core;
static struct client a, b, c;

static void end_three(void *ctx)
{
	(void)ctx;
	claim_stats_add_up(core, "vale0:a");
	claim_stats_add_up(core, "vale0:b");
	client_close(&a);
	client_close(&b);
	if (c.file)
		client_close(&c);
	world_end(core);
}

/* ---- one sender, one receiver ---- */

static void make_pair(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "vale0:a", PAIR_SLOTS);
	client_open(&b, core, "vale0:b", PAIR_SLOTS);
	c.file = NULL;
	pair_introduce(&b, 2);
	pair_drain(&a);
}

static void a_sends_three(void *ctx)
{
	(void)ctx;
	pair_put(&a, 1, 2, 1);
	pair_put(&a, 1, 2, 2);
	client_txsync(&a);
	pair_put(&a, 1, 2, 3);
	client_txsync(&a);
}

static void b_polls_for_three(void *ctx)
{
	u8 f[PAIR_LEN], want = 1;
	u16 flags;
	u32 len;

	(void)ctx;
	while (want <= 3) {
		sim_claim(client_poll(&b, NM_POLLIN) == NM_POLLIN);
		while ((len = client_get(&b, 0, f, PAIR_LEN, &flags))) {
			sim_claim(flags == 0x100);
			sim_claim(pair_frame(f, len, 1) == want++);
		}
	}
}

static void a_sleeping_receiver_gets_all_frames_in_order(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pair,
		.thread = {a_sends_three, b_polls_for_three},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- two senders, one receiver ---- */

/* More than the switch fills under its lock: leases run side by side. */
#define BURST 4

static void make_three_of(u32 slots)
{
	core = world_make();
	client_open(&a, core, "vale0:a", slots);
	client_open(&b, core, "vale0:b", slots);
	client_open(&c, core, "vale0:c", slots);
	pair_introduce(&b, 2);
	pair_introduce(&c, 3);
	pair_drain(&a);
	pair_drain(&b);
	pair_drain(&c);
}

static void make_three(void *ctx)
{
	(void)ctx;
	make_three_of(2 * BURST);
}

static void burst(struct client *cl, u8 from)
{
	for (u8 n = 1; n <= BURST; n++)
		pair_put(cl, from, 2, n);
	client_txsync(cl);
}

static void a_sends_burst(void *ctx)
{
	(void)ctx;
	burst(&a, 1);
}

static void c_sends_burst(void *ctx)
{
	(void)ctx;
	burst(&c, 3);
}

/* b takes all there is: whole frames, in each sender's order. */
static u32 take_of_two(void)
{
	u8 f[PAIR_LEN], last_a = 0, last_c = 0, *last;
	u32 got = 0, len;
	u16 flags;

	while ((len = client_get(&b, 0, f, PAIR_LEN, &flags))) {
		u8 n = pair_frame(f, len, f[11]);

		last = f[11] == 1 ? &last_a : &last_c;
		sim_claim(n > *last);
		*last = n;
		got++;
	}
	return got;
}

/* Room for one less than was sent: that one is dropped. */
static void b_got_what_was_counted(void *ctx)
{
	struct nmreq_x_stats st = client_stats(core, "vale0:b", NETMAP_X_RX);

	client_rxsync(&b);
	sim_claim(take_of_two() == 2 * BURST - 1);
	/* One before: the frame by which c made itself known. */
	sim_claim(st.delivered == 2 * BURST && st.drop_full == 1);
	end_three(ctx);
}

static void two_senders_share_a_ring_without_gaps(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_three,
		.thread = {a_sends_burst, c_sends_burst},
		.finish = b_got_what_was_counted,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* Takes while they come; the ring is never seen with a gap or an empty slot. */
static void b_takes_what_is_there(void *ctx)
{
	(void)ctx;
	client_rxsync(&b);
	take_of_two();
	client_rxsync(&b);
	take_of_two();
}

static void a_receiver_sees_no_slot_before_it_is_filled(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_three,
		.thread = {a_sends_burst, b_takes_what_is_there},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void a_and_b_send_to_c(void *ctx)
{
	(void)ctx;
	pair_put(&a, 1, 3, 1);
	client_txsync(&a);
	pair_put(&b, 2, 3, 1);
	client_txsync(&b);
}

static void c_polls_for_two(void *ctx)
{
	u8 f[PAIR_LEN];
	u16 flags;
	u32 got = 0;

	(void)ctx;
	while (got < 2) {
		client_poll(&c, NM_POLLIN);
		while (client_get(&c, 0, f, PAIR_LEN, &flags))
			got++;
	}
}

static void frames_of_two_senders_wake_the_receiver(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_three,
		.thread = {a_and_b_send_to_c, c_polls_for_two},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static struct os_poll sleeper;

static void make_three_and_sleep(void *ctx)
{
	make_three(ctx);
	sim_poll_init(&sleeper);
	sim_claim(!nm_file_poll(b.file, NULL, NM_POLLIN, &sleeper));
}

/* b slept all the while; it was woken, and all that it is told of is there. */
static void b_was_woken_for_all(void *ctx)
{
	sim_claim(sleeper.woken);
	sim_poll_fini(&sleeper);
	client_rxsync(&b);
	sim_claim(take_of_two() == 2 * BURST - 1);
	end_three(ctx);
}

static void whoever_finishes_last_wakes_for_both(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_three_and_sleep,
		.thread = {a_sends_burst, c_sends_burst},
		.finish = b_was_woken_for_all,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- one ring, two threads ---- */

static void make_shared(void *ctx)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};

	make_pair(ctx);
	/* A second bind of b's rings. */
	sim_claim(!client_try(&c, core, "vale0:b", &reg));
	pair_put(&a, 1, 2, 1);
}

static void a_syncs_and_b_polls(void *ctx)
{
	(void)ctx;
	client_txsync(&a);
	client_poll(&b, NM_POLLIN);
}

/* Neither takes the frame: both must be told of it. */
static void other_polls(void *ctx)
{
	(void)ctx;
	client_poll(&c, NM_POLLIN);
}

static void whoever_is_skipped_is_woken(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_shared,
		.thread = {a_syncs_and_b_polls, other_polls},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void b_syncs(void *ctx)
{
	(void)ctx;
	client_rxsync(&b);
	client_rxsync(&b);
}

static void c_syncs_and_polls(void *ctx)
{
	(void)ctx;
	client_rxsync(&c);
	client_poll(&c, NM_POLLIN);
}

static void make_shared_with_frame(void *ctx)
{
	make_shared(ctx);
	client_txsync(&a);
}

static void a_poll_beside_syncs_of_the_same_ring_returns(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_shared_with_frame,
		.thread = {b_syncs, c_syncs_and_polls},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- closing ---- */

static void b_closes(void *ctx)
{
	(void)ctx;
	client_close(&b);
}

static void end_without_b(void *ctx)
{
	(void)ctx;
	claim_stats_add_up(core, "vale0:a");
	client_close(&a);
	if (c.file)
		client_close(&c);
	world_end(core);
}

static void a_receiver_closes_under_its_sender_s_traffic(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pair,
		.thread = {a_sends_three, b_closes},
		.finish = end_without_b,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* The switch knows neither: all frames are flooded. */
static void make_strangers(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "vale0:a", PAIR_SLOTS);
	client_open(&b, core, "vale0:b", PAIR_SLOTS);
	c.file = NULL;
}

static void b_reopens(void *ctx)
{
	(void)ctx;
	client_close(&b);
	client_open(&b, core, "vale0:b", PAIR_SLOTS);
	client_rxsync(&b);
}

static void a_receiver_reopens_under_its_sender_s_traffic(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_strangers,
		.thread = {a_sends_three, b_reopens},
		.finish = end_three,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- arrival callbacks ---- */

static unsigned arrivals;

static void count_arrival(struct nm_file *file, void *arg)
{
	(void)file;
	(void)arg;
	arrivals++;
}

static void make_notified(void *ctx)
{
	make_pair(ctx);
	sim_claim(!nm_file_notify(b.file, count_arrival, NULL));
	sim_run_works();
	arrivals = 0;
}

static void b_stops_notify(void *ctx)
{
	(void)ctx;
	sim_claim(!nm_file_notify(b.file, NULL, NULL));
	arrivals = 0;
}

static void no_arrival_after_stop(void *ctx)
{
	sim_run_works();
	sim_claim(!arrivals);
	end_three(ctx);
}

static void no_arrival_is_told_after_it_was_stopped(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_notified,
		.thread = {a_sends_three, b_stops_notify},
		.finish = no_arrival_after_stop,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- a receiver that keeps buffers ---- */

static void b_swaps_all(void *ctx)
{
	(void)ctx;
	pair_swap_all(&b);
}

static void a_refills(void *ctx)
{
	(void)ctx;
	pair_refill(&a);
}

static void make_full_switch(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "vale0:a", PAIR_SLOTS);
	pair_open_extra(&b, core, "vale0:b");
	c.file = NULL;
	pair_introduce(&b, 2);
	pair_fill(&a, &b);
}

static void end_with_secrets(void *ctx)
{
	pair_secrets_kept(&b, PAIR_SLOTS - 1);
	end_three(ctx);
}

static void slots_that_come_back_to_a_switch_are_whole(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_full_switch,
		.thread = {b_swaps_all, a_refills},
		.finish = end_with_secrets,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_sleeping_receiver_gets_all_frames_in_order),
		unit_claim(two_senders_share_a_ring_without_gaps),
		unit_claim(a_receiver_sees_no_slot_before_it_is_filled),
		unit_claim(frames_of_two_senders_wake_the_receiver),
		unit_claim(whoever_finishes_last_wakes_for_both),
		unit_claim(whoever_is_skipped_is_woken),
		unit_claim(a_poll_beside_syncs_of_the_same_ring_returns),
		unit_claim(a_receiver_closes_under_its_sender_s_traffic),
		unit_claim(a_receiver_reopens_under_its_sender_s_traffic),
		unit_claim(no_arrival_is_told_after_it_was_stopped),
		unit_claim(slots_that_come_back_to_a_switch_are_whole),
	};

	return unit_run(tests);
}
