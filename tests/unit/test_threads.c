// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads at once: every schedule with one preemption, many with two and
 * three, and stores that are seen as late as a weakly ordered machine may.
 */
#include "unit.h"

#include "world.h"

#define SLOTS 4
#define LEN   64

static struct nm_core *core;
static struct client a, b, c;

/* Frames tell who sent them, and which one of his it is, all over. */
static void frame_fill(u8 *f, u8 from, u8 to, u8 number)
{
	static const u8 mac[6] = {2, 0, 0, 0, 0, 0};

	memset(f, number, LEN);
	memcpy(f, mac, 6);
	memcpy(f + 6, mac, 6);
	f[5] = to;
	f[11] = from;
}

/* Frames differ in length, so that slots do too. */
static u32 frame_len(u8 number)
{
	return LEN - number;
}

/* The frame is whole; returns its number. */
static u8 frame_check(const u8 *f, u32 len, u8 from)
{
	sim_claim(len == frame_len(f[12]) && f[11] == from);
	for (u32 i = 12; i < len; i++)
		sim_claim(f[i] == f[12]);
	return f[12];
}

static void put(struct client *cl, u8 from, u8 to, u8 number)
{
	u8 f[LEN];

	frame_fill(f, from, to, number);
	sim_claim(client_put(cl, 0, f, frame_len(number), 0));
}

/* So that frames to @from are not flooded. */
static void introduce(struct client *cl, u8 from)
{
	put(cl, from, 0xff, 0);
	client_txsync(cl);
}

static void drain(struct client *cl)
{
	u8 f[LEN];
	u16 flags;

	client_rxsync(cl);
	while (client_get(cl, 0, f, LEN, &flags))
		;
	client_rxsync(cl);
}

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
	client_open(&a, core, "vale0:a", SLOTS);
	client_open(&b, core, "vale0:b", SLOTS);
	c.file = NULL;
	introduce(&b, 2);
	drain(&a);
}

static void a_sends_three(void *ctx)
{
	(void)ctx;
	put(&a, 1, 2, 1);
	put(&a, 1, 2, 2);
	client_txsync(&a);
	put(&a, 1, 2, 3);
	client_txsync(&a);
}

static void b_polls_for_three(void *ctx)
{
	u8 f[LEN], want = 1;
	u16 flags;
	u32 len;

	(void)ctx;
	while (want <= 3) {
		sim_claim(client_poll(&b, NM_POLLIN) == NM_POLLIN);
		while ((len = client_get(&b, 0, f, LEN, &flags))) {
			sim_claim(flags == 0x100);
			sim_claim(frame_check(f, len, 1) == want++);
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
	introduce(&b, 2);
	introduce(&c, 3);
	drain(&a);
	drain(&b);
	drain(&c);
}

static void make_three(void *ctx)
{
	(void)ctx;
	make_three_of(2 * BURST);
}

static void burst(struct client *cl, u8 from)
{
	for (u8 n = 1; n <= BURST; n++)
		put(cl, from, 2, n);
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
	u8 f[LEN], last_a = 0, last_c = 0, *last;
	u32 got = 0, len;
	u16 flags;

	while ((len = client_get(&b, 0, f, LEN, &flags))) {
		u8 n = frame_check(f, len, f[11]);

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
	put(&a, 1, 3, 1);
	client_txsync(&a);
	put(&b, 2, 3, 1);
	client_txsync(&b);
}

static void c_polls_for_two(void *ctx)
{
	u8 f[LEN];
	u16 flags;
	u32 got = 0;

	(void)ctx;
	while (got < 2) {
		client_poll(&c, NM_POLLIN);
		while (client_get(&c, 0, f, LEN, &flags))
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
	put(&a, 1, 2, 1);
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

static void b_reopens(void *ctx)
{
	(void)ctx;
	client_close(&b);
	client_open(&b, core, "vale0:b", SLOTS);
	client_rxsync(&b);
}

static void a_receiver_reopens_under_its_sender_s_traffic(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_pair,
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

/* ---- pipes ---- */

static void make_pipe(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "base{1", SLOTS);
	client_open(&b, core, "base}1", SLOTS);
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
		put(&a, 1, 2, n);
	}
	client_txsync(&a);
}

static void pipe_b_receives(void *ctx)
{
	u8 f[LEN], want = 1;
	u16 flags;
	u32 len;

	(void)ctx;
	while (want <= PIPE_FRAMES) {
		client_poll(&b, NM_POLLIN);
		while ((len = client_get(&b, 0, f, LEN, &flags)))
			sim_claim(frame_check(f, len, 1) == want++);
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

/* Buffers that b has beside its ring, and wrote its own data in. */
static u32 kept[SLOTS - 1];
static const u8 secret[LEN] = "nobody else writes here";

static void open_with_extra(struct client *cl, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = SLOTS,
				     .nr_rx_slots = SLOTS,
				     .nr_extra_bufs = SLOTS - 1};
	u32 idx;

	sim_claim(!client_try(cl, core, name, &reg));
	idx = cl->nifp->ni_bufs_head;
	for (u32 i = 0; i < SLOTS - 1; i++) {
		kept[i] = idx;
		memcpy(&idx, client_buf(cl, idx), sizeof(idx));
	}
}

/* Takes the buffer out of slot @k and gives kept[@i] instead. */
static void swap_out(struct client *cl, u32 k, u32 i)
{
	struct netmap_ring *r = client_ring(cl, NM_RX, 0);
	u32 idx = nm_slot_load(&r->slot[k]).idx;

	os_copy(client_buf(cl, idx), secret, LEN);
	nm_slot_store(&r->slot[k], (struct nm_slot){.idx = kept[i]});
	kept[i] = idx;
}

/* ... and @cl moves on to slot @k. */
static void move_to(struct client *cl, u32 k)
{
	struct netmap_ring *r = client_ring(cl, NM_RX, 0);

	os_store(&r->cur, k);
	os_store_release(&r->head, k);
}

static void secrets_are_kept(struct client *cl, u32 n)
{
	u32 next = 0;

	for (u32 i = 0; i < n; i++)
		sim_claim(!memcmp(client_buf(cl, kept[i]), secret, LEN));
	for (u32 i = SLOTS - 1; i > 0; i--) {
		memcpy(client_buf(cl, kept[i - 1]), &next, sizeof(next));
		next = kept[i - 1];
	}
	cl->nifp->ni_bufs_head = next;
}

static void make_pipe_with_extra(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "base{1", SLOTS);
	open_with_extra(&b, "base}1");
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
			swap_out(&b, k, 0);
			move_to(&b, (k + 1) % SLOTS);
		}
	}
	client_rxsync(&b);
}

static void end_pipe_with_one_secret(void *ctx)
{
	secrets_are_kept(&b, 1);
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

/* The ring is full, and b has seen all of it. */
static void fill_ring(void)
{
	for (u8 n = 1; n < SLOTS; n++)
		put(&a, 1, 2, n);
	client_txsync(&a);
	client_rxsync(&b);
	sim_claim(client_space(&b, NM_RX, 0) == SLOTS - 1);
}

static void make_full_pipe(void *ctx)
{
	make_pipe_with_extra(ctx);
	fill_ring();
}

static void b_swaps_all(void *ctx)
{
	struct netmap_ring *r = client_ring(&b, NM_RX, 0);
	u32 k = os_load(&r->head);

	(void)ctx;
	for (u32 i = 0; i < SLOTS - 1; i++, k = (k + 1) % SLOTS)
		swap_out(&b, k, i);
	move_to(&b, k);
	client_rxsync(&b);
}

static void a_refills(void *ctx)
{
	(void)ctx;
	client_txsync(&a);
	for (u8 n = 1; client_space(&a, NM_TX, 0); n++)
		put(&a, 1, 2, n);
	client_txsync(&a);
}

static void end_pipe_with_secrets(void *ctx)
{
	secrets_are_kept(&b, SLOTS - 1);
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

static void make_full_switch(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&a, core, "vale0:a", SLOTS);
	open_with_extra(&b, "vale0:b");
	c.file = NULL;
	introduce(&b, 2);
	fill_ring();
}

static void end_with_secrets(void *ctx)
{
	secrets_are_kept(&b, SLOTS - 1);
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

static void echo(struct client *cl, u8 self, u8 other)
{
	u8 f[LEN];
	u16 flags;
	u32 len;

	put(cl, self, other, 1);
	client_poll(cl, NM_POLLIN);
	len = client_get(cl, 0, f, LEN, &flags);
	sim_claim(frame_check(f, len, other) == 1);
	put(cl, self, other, 2);
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

static void pipe_b_reopens(void *ctx)
{
	u8 f[LEN], last = 0, n;
	u16 flags;
	u32 len;

	(void)ctx;
	client_close(&b);
	client_open(&b, core, "base}1", SLOTS);
	client_rxsync(&b);
	while ((len = client_get(&b, 0, f, LEN, &flags))) {
		n = frame_check(f, len, 1);
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
		unit_claim(a_pipe_holds_its_sender_back_and_loses_nothing),
		unit_claim(a_sender_never_writes_a_buffer_that_was_swapped_out),
		unit_claim(slots_that_come_back_to_a_pipe_s_sender_are_whole),
		unit_claim(slots_that_come_back_to_a_switch_are_whole),
		unit_claim(a_pipe_carries_both_ways_at_once),
		unit_claim(an_end_of_a_pipe_reopens_and_finds_its_frames),
	};

	return unit_run(tests);
}
