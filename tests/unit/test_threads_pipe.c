// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads on a pipe: every schedule with one preemption, many with two and
 * three, and stores that are seen as late as a weakly ordered machine may.
 */
#include "unit.h"

#include "pair.h"

static struct nm_core *core;
static struct client a, b;

static void make_pipe(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "base{1", PAIR_SLOTS);
	client_open(&b, core, "base}1", PAIR_SLOTS);
}

static void end_pipe(void *ctx)
{
	(void)ctx;
	claim_stats_add_up(core, "base{1");
	claim_stats_add_up(core, "base}1");
	client_close(&a);
	client_close(&b);
	world_end(core);
}

/* More than the ring holds: the sender must wait for slots to come back. */
#define PIPE_FRAMES 5

static void pipe_a_sends(void *ctx)
{
	(void)ctx;
	for (u8 n = 1; n <= PIPE_FRAMES; n++) {
		while (!client_space(&a, NM_TX, 0))
			client_poll(&a, NM_POLLOUT);
		pair_put(&a, 1, 2, n);
	}
	client_txsync(&a);
}

static void pipe_b_receives(void *ctx)
{
	u8 f[PAIR_LEN], want = 1;
	u16 flags;
	u32 len;

	(void)ctx;
	while (want <= PIPE_FRAMES) {
		client_poll(&b, NM_POLLIN);
		while ((len = client_get(&b, 0, f, PAIR_LEN, &flags)))
			sim_claim(pair_frame(f, len, 1) == want++);
	}
	client_rxsync(&b);
}

static void a_pipe_holds_its_sender_back_and_loses_nothing(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pipe,
		.thread = {pipe_a_sends, pipe_b_receives},
		.finish = end_pipe,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- receivers that swap buffers ---- */

static void make_pipe_with_extra(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "base{1", PAIR_SLOTS);
	pair_open_extra(&b, core, "base}1");
}

static void pipe_b_swaps(void *ctx)
{
	struct netmap_ring *r = client_ring(&b, NM_RX, 0);
	u32 got = 0, k;

	(void)ctx;
	while (got < PIPE_FRAMES) {
		client_poll(&b, NM_POLLIN);
		for (; client_space(&b, NM_RX, 0); got++) {
			k = os_load(&r->head);
			pair_swap(&b, k, 0);
			pair_move(&b, (k + 1) % PAIR_SLOTS);
		}
	}
	client_rxsync(&b);
}

static void end_pipe_with_one_secret(void *ctx)
{
	pair_secrets_kept(&b, 1);
	end_pipe(ctx);
}

static void a_sender_never_writes_a_buffer_that_was_swapped_out(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pipe_with_extra,
		.thread = {pipe_a_sends, pipe_b_swaps},
		.finish = end_pipe_with_one_secret,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void make_full_pipe(void *ctx)
{
	make_pipe_with_extra(ctx);
	pair_fill(&a, &b);
}

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

static void end_pipe_with_secrets(void *ctx)
{
	pair_secrets_kept(&b, PAIR_SLOTS - 1);
	end_pipe(ctx);
}

static void slots_that_come_back_to_a_pipe_s_sender_are_whole(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_full_pipe,
		.thread = {b_swaps_all, a_refills},
		.finish = end_pipe_with_secrets,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

static void echo(struct client *cl, u8 self, u8 other)
{
	u8 f[PAIR_LEN];
	u16 flags;
	u32 len;

	pair_put(cl, self, other, 1);
	client_poll(cl, NM_POLLIN);
	len = client_get(cl, 0, f, PAIR_LEN, &flags);
	sim_claim(pair_frame(f, len, other) == 1);
	pair_put(cl, self, other, 2);
	client_txsync(cl);
}

static void echo_a(void *ctx)
{
	(void)ctx;
	echo(&a, 1, 2);
}

static void echo_b(void *ctx)
{
	(void)ctx;
	echo(&b, 2, 1);
}

static void a_pipe_carries_both_ways_at_once(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pipe,
		.thread = {echo_a, echo_b},
		.finish = end_pipe,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
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

static void pipe_b_reopens(void *ctx)
{
	u8 f[PAIR_LEN], last = 0, n;
	u16 flags;
	u32 len;

	(void)ctx;
	client_close(&b);
	client_open(&b, core, "base}1", PAIR_SLOTS);
	client_rxsync(&b);
	while ((len = client_get(&b, 0, f, PAIR_LEN, &flags))) {
		n = pair_frame(f, len, 1);
		sim_claim(n == last + 1);
		last = n;
	}
}

static void an_end_of_a_pipe_reopens_and_finds_its_frames(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pipe,
		.thread = {a_sends_three, pipe_b_reopens},
		.finish = end_pipe,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_pipe_holds_its_sender_back_and_loses_nothing),
		unit_claim(a_sender_never_writes_a_buffer_that_was_swapped_out),
		unit_claim(slots_that_come_back_to_a_pipe_s_sender_are_whole),
		unit_claim(a_pipe_carries_both_ways_at_once),
		unit_claim(an_end_of_a_pipe_reopens_and_finds_its_frames),
	};

	return unit_run(tests);
}
