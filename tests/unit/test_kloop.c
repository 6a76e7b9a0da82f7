// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The loop of CSB mode beside a program: every schedule with one preemption,
 * many with two and three; failing memory; records rewritten at any moment.
 *
 *    vale0:a   one ring each way in CSB mode, its loop is thread 0
 *    vale0:b   its peer
 */
#include "unit.h"

#include "pair.h"

static u8 frames; /* of the story */

enum { TX, RX };

static struct nm_core *core;
static struct client a, b;

static struct {
	struct nm_csb_atok atok[2] __attribute__((aligned(64)));
	struct nm_csb_ktoa ktoa[2] __attribute__((aligned(64)));
} csb;

static struct {
	struct nmreq_option o;
	struct {
		s32 ioeventfd, irqfd;
	} pair[2];
	struct nmreq_opt_sync_kloop_mode mode;
} kicks;

static int try_a(void)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_EXCLUSIVE,
				     .nr_tx_slots = PAIR_SLOTS,
				     .nr_rx_slots = PAIR_SLOTS};
	struct nmreq_opt_csb o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_CSB},
		.csb_atok = (uintptr_t)csb.atok,
		.csb_ktoa = (uintptr_t)csb.ktoa,
	};

	return client_try_with(&a, core, "vale0:a", &reg, &o);
}

static void kicks_make(u32 mode)
{
	memset(&kicks, 0, sizeof(kicks));
	kicks.o.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS;
	kicks.o.nro_size = sizeof(kicks.o) + sizeof(kicks.pair);
	kicks.o.nro_next = (uintptr_t)&kicks.mode;
	kicks.mode.nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_MODE;
	kicks.mode.mode = mode;
	for (int i = 0; i < 2; i++) {
		kicks.pair[i].ioeventfd = sim_event_make();
		kicks.pair[i].irqfd = sim_event_make();
	}
}

static void kicks_end(void)
{
	for (int i = 0; i < 2; i++) {
		sim_event_end(kicks.pair[i].ioeventfd);
		sim_event_end(kicks.pair[i].irqfd);
	}
}

static int loop_start(void *options)
{
	struct nmreq_sync_kloop_start body = {.sleep_us = 100};

	return world_ctrl_with(a.file, NETMAP_REQ_SYNC_KLOOP_START, "", &body,
			       options);
}

static int loop_stop(void)
{
	return world_ctrl(a.file, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL);
}

static void make(void *ctx)
{
	core = world_make();
	sim_claim(!try_a());
	client_open(&b, core, "vale0:b", 2 * PAIR_SLOTS);
	kicks_make(*(u32 *)ctx);
}

static void end(void *ctx)
{
	(void)ctx;
	kicks_end();
	client_close(&a);
	client_close(&b);
	world_end(core);
}

/* ---- the program's side ---- */

static u32 space(int i)
{
	u32 tail = os_load_acquire(&csb.ktoa[i].hwtail);

	return (tail + PAIR_SLOTS - os_load(&csb.atok[i].head)) % PAIR_SLOTS;
}

static void advance(int i)
{
	u32 head = (os_load(&csb.atok[i].head) + 1) % PAIR_SLOTS;

	os_store_release(&csb.atok[i].cur, head);
	os_store_release(&csb.atok[i].head, head);
}

/* Full barriers as in a real program, by what the simulator has for them. */
static void fence(void)
{
	static u32 word;

	os_xchg(&word, 0u);
}

/* Until there are @n slots. */
static void await(int i, u32 n)
{
	while (space(i) < n) {
		os_store(&csb.atok[i].appl_need_kick, 1u);
		fence();
		if (space(i) < n)
			sim_event_wait(kicks.pair[i].irqfd);
		os_store(&csb.atok[i].appl_need_kick, 0u);
	}
}

static void kick(int i)
{
	fence();
	if (os_load(&csb.ktoa[i].kern_need_kick))
		sim_event_write(kicks.pair[i].ioeventfd);
}

static void put(u8 number)
{
	struct netmap_ring *r = client_ring(&a, NM_TX, 0);
	u32 k = os_load(&csb.atok[TX].head);
	struct nm_slot s = nm_slot_load(&r->slot[k]);
	u8 f[PAIR_LEN];

	memset(f, number, sizeof(f));
	memset(f, 0xff, 6);
	memset(f + 6, 2, 6);
	os_copy(client_buf(&a, s.idx), f, PAIR_LEN);
	s.len = PAIR_LEN;
	s.flags = 0;
	nm_slot_store(&r->slot[k], s);
	advance(TX);
}

/* ---- stories ---- */

static void loop_runs(void *ctx)
{
	(void)ctx;
	sim_claim(!loop_start(&kicks));
}

static void a_sends(void *ctx)
{
	(void)ctx;
	for (u8 n = 1; n <= frames; n++) {
		await(TX, 1);
		put(n);
		kick(TX);
	}
	/* All are on their way once the slots are back. */
	await(TX, PAIR_SLOTS - 1);
	sim_claim(!loop_stop());
}

static void all_came(void *ctx)
{
	u8 f[PAIR_LEN];
	u16 flags;

	client_rxsync(&b);
	for (u8 n = 1; n <= frames; n++) {
		sim_claim(client_get(&b, 0, f, PAIR_LEN, &flags) == PAIR_LEN);
		sim_claim(f[20] == n);
	}
	end(ctx);
}

static void send_story(const char *name, u32 mode, u8 n)
{
	struct sim_scenario s = {
		.name = name,
		.setup = make,
		.thread = {loop_runs, a_sends},
		.finish = all_came,
		.ctx = &mode,
		.pairs = 300,
		.triples = 100,
	};

	frames = n;
	assert_int_equal(sim_explore(&s), 0);
}

static void kicked_frames_are_sent_and_slots_come_back(void **state)
{
	(void)state;
	send_story(__func__, 0, 1);
}

static void directly_kicked_frames_are_sent_and_slots_come_back(void **state)
{
	(void)state;
	send_story(__func__,
		   NM_OPT_SYNC_KLOOP_DIRECT_TX | NM_OPT_SYNC_KLOOP_DIRECT_RX,
		   2); /* the second while the first is sent */
}

/* The peer's frames have headers of another length, and what it takes to make
 * them cannot be had in any context: the loop makes it. */
static void make_with_headers(void *ctx)
{
	struct nmreq_port_hdr hdr = {.nr_hdr_len = 12};

	make(ctx);
	sim_claim(
		!world_ctrl(b.file, NETMAP_REQ_PORT_HDR_SET, "vale0:b", &hdr));
}

static void headers_came(void *ctx)
{
	struct nmreq_x_stats rx = client_stats(core, "vale0:b", NETMAP_X_RX);

	sim_claim(rx.attempted == frames);
	claim_stats_add_up(core, "vale0:a");
	claim_stats_add_up(core, "vale0:b");
	end(ctx);
}

static void frames_kicked_directly_get_headers(void **state)
{
	u32 mode = NM_OPT_SYNC_KLOOP_DIRECT_TX;
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_with_headers,
		.thread = {loop_runs, a_sends},
		.finish = headers_came,
		.ctx = &mode,
		.pairs = 100,
		.triples = 30,
	};

	(void)state;
	frames = 1;
	assert_int_equal(sim_explore(&s), 0);
}

/* The peer fills the ring again as soon as slots are back. */
static void a_receives(void *ctx)
{
	u8 f[PAIR_LEN];

	(void)ctx;
	for (u8 n = 1; n <= frames; n++) {
		memset(f, n, sizeof(f));
		memset(f, 0xff, 6);
		memset(f + 6, 4, 6);
		sim_claim(client_put(&b, 0, f, sizeof(f), 0));
		client_txsync(&b);
		await(RX, 1);
		advance(RX);
		kick(RX);
	}
	sim_claim(!loop_stop());
}

static void frames_that_come_are_told(void **state)
{
	u32 mode = 0;
	struct sim_scenario s = {
		.name = __func__,
		.setup = make,
		.thread = {loop_runs, a_receives},
		.finish = end,
		.ctx = &mode,
		.pairs = 300,
		.triples = 100,
	};

	(void)state;
	frames = 1;
	assert_int_equal(sim_explore(&s), 0);
}

static void stops(void *ctx)
{
	(void)ctx;
	sim_claim(!loop_stop());
}

/* Before the loop, in the middle of its beginning, or at work: it ends. */
static void a_stop_ends_a_loop_wherever_it_is(void **state)
{
	static u32 modes[] = {0, 3};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sim_scenario s = {
			.name = __func__,
			.setup = make,
			.thread = {loop_runs, stops},
			.finish = end,
			.ctx = &modes[i],
			.pairs = 300,
			.triples = 100,
		};

		assert_int_equal(sim_explore(&s), 0);
	}
}

/* Kicked, and not waited for: whatever the loop got to, the sums hold, and the
 * next one does the rest. */
static void traffic_and_stop(void *ctx)
{
	u8 f[PAIR_LEN];

	(void)ctx;
	memset(f, 9, sizeof(f));
	memset(f, 0xff, 6);
	memset(f + 6, 4, 6);
	put(1);
	kick(TX);
	sim_claim(client_put(&b, 0, f, sizeof(f), 0));
	client_txsync(&b);
	put(2);
	kick(TX);
	sim_claim(!loop_stop());
}

static void end_with_sums(void *ctx)
{
	struct nmreq_x_stats tx, rx;

	sim_signal();
	sim_claim(loop_start(NULL) == -EINTR);
	sim_claim(space(TX) == PAIR_SLOTS - 1 && space(RX) == 1);
	tx = client_stats(core, "vale0:a", NETMAP_X_TX);
	rx = client_stats(core, "vale0:b", NETMAP_X_RX);
	sim_claim(tx.sent == 2 && rx.delivered == 2);
	claim_stats_add_up(core, "vale0:a");
	claim_stats_add_up(core, "vale0:b");
	end(ctx);
}

static void a_stop_may_come_under_traffic(void **state)
{
	static u32 modes[] = {0, 3};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sim_scenario s = {
			.name = __func__,
			.setup = make,
			.thread = {loop_runs, traffic_and_stop},
			.finish = end_with_sums,
			.ctx = &modes[i],
			.pairs = 300,
			.triples = 100,
		};

		assert_int_equal(sim_explore(&s), 0);
	}
}

/* ---- alone ---- */

static void a_signal_ends_a_loop(void **state)
{
	struct nmreq_x_refusal r = {.x_size = sizeof(r)};
	u32 mode = 0;

	(void)state;
	make(&mode);
	put(1);
	sim_signal();
	assert_int_equal(loop_start(NULL), -EINTR);
	assert_int_equal(csb.ktoa[TX].hwcur, 1);
	sim_signal();
	assert_int_equal(loop_start(&kicks), -EINTR);
	/* Which is no refusal. */
	assert_int_equal(world_ctrl(b.file, NETMAP_REQ_X_REFUSALS_GET, "", &r),
			 -ENOENT);
	end(NULL);
}

static void a_loop_that_a_signal_ends_was_not_refused(void **state)
{
	struct nm_refusal r;
	u32 mode = 0;

	(void)state;
	make(&mode);
	sim_signal();
	assert_int_equal(loop_start(NULL), -EINTR);
	assert_int_equal(nm_refusals_get(&core->refusals, 0, &r), -ENOENT);
	end(NULL);
}

/* Tells the story with the @n-th allocation failing; false: it has fewer. */
static bool story_with_failure(unsigned n)
{
	int err;
	bool fired;

	core = world_make();
	kicks_make(3);
	sim_fail_nth(SIM_FAIL_MEMORY, n);
	err = try_a();
	if (!err) {
		sim_signal();
		err = loop_start(&kicks);
		sim_claim(err == -EINTR || err == -ENOMEM);
		if (err == -ENOMEM) /* the signal is left */
			sim_claim(loop_start(NULL) == -EINTR);
		client_close(&a);
	}
	fired = sim_fail_fired();
	sim_claim(fired == (err == -ENOMEM));
	sim_fail_nth(0, 0);
	kicks_end();
	world_end(core);
	return fired;
}

static void every_allocation_may_fail(void **state)
{
	unsigned n = 1;

	(void)state;
	while (story_with_failure(n))
		n++;
	assert_true(n > 15);
}

/* ---- hostile ---- */

static u64 chance;

static void scribble(void *arg)
{
	u64 r = sim_random(&chance);
	u32 *word = (u32 *)&csb + r % (sizeof(csb) / sizeof(u32));

	(void)arg;
	if (r >> 60)
		return;
	*word = r >> 59 & 1 ? (u32)(r >> 32) : (u32)(r >> 32) % 8;
}

static void scribbled_records_harm_nobody(void **state)
{
	u32 mode = 0;
	struct client c;
	u8 f[PAIR_LEN];

	(void)state;
	chance = sim_seed(UNIT_SEED);
	make(&mode);
	client_open(&c, core, "vale0:c", 2 * PAIR_SLOTS);
	for (int i = 0; i < 3000; i++) {
		sim_set_hook(scribble, NULL);
		sim_signal();
		assert_int_equal(loop_start(i & 1 ? &kicks : NULL), -EINTR);
		sim_set_hook(NULL, NULL);
		pair_drain(&c);
		memset(f, 0xff, sizeof(f));
		f[6] = 4;
		assert_true(client_put(&b, 0, f, sizeof(f), 0));
		client_txsync(&b);
		client_rxsync(&c);
		assert_int_equal(client_space(&c, NM_RX, 0), 1);
	}
	client_close(&c);
	end(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kicked_frames_are_sent_and_slots_come_back),
		cmocka_unit_test(
			directly_kicked_frames_are_sent_and_slots_come_back),
		cmocka_unit_test(frames_kicked_directly_get_headers),
		cmocka_unit_test(frames_that_come_are_told),
		cmocka_unit_test(a_stop_ends_a_loop_wherever_it_is),
		cmocka_unit_test(a_stop_may_come_under_traffic),
		unit_claim(a_signal_ends_a_loop),
		unit_claim(a_loop_that_a_signal_ends_was_not_refused),
		unit_claim(every_allocation_may_fail),
		unit_claim(scribbled_records_harm_nobody),
	};

	return unit_run(tests);
}
