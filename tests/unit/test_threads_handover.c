// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two threads while buffers are handed over, or headers change: ports open and
 * close, take and give back slots. Every schedule with one preemption, many
 * with two and three.
 *
 *   vale0:a --- vale0:b     one region, which a third keeps; a consents
 */
#include "unit.h"

#include "pair.h"

static struct nm_core *core;
static struct client a, b, keep;
static u32 bufs;	 /* free ones of the region at rest */
static u32 hdr_a, hdr_b; /* lengths of headers */

static void open_kept(struct client *c, const char *name, u64 flags)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_mem_id = keep.reg.nr_mem_id,
				     .nr_tx_slots = PAIR_SLOTS,
				     .nr_rx_slots = PAIR_SLOTS,
				     .nr_flags = flags};

	sim_claim(!client_try(c, core, name, &reg));
}

static void header_set(struct client *c, const char *name, u32 len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = len};

	sim_claim(!world_ctrl(c->file, NETMAP_REQ_PORT_HDR_SET, name, &h));
}

static void make(void *ctx)
{
	(void)ctx;
	core = world_make();
	client_open(&keep, core, "vale9:keep", PAIR_SLOTS);
	bufs = pair_bufs_free(&keep);
	open_kept(&a, "vale0:a", NR_X_ZCOPY);
	open_kept(&b, "vale0:b", NR_X_ZCOPY);
	pair_introduce(&b, 2);
	pair_introduce(&a, 1);
	pair_drain(&a);
	pair_drain(&b);
}

/* The @n slots of each ring of the clients have different buffers. */
static void claim_each_has_its_own(const struct client *const *c, u32 n)
{
	u32 seen[4 * PAIR_SLOTS], k = 0;

	for (u32 i = 0; i < n; i++) {
		for (u32 d = 0; d < NM_DIRS; d++) {
			struct netmap_ring *r = client_ring(c[i], d, 0);

			for (u32 j = 0; j < PAIR_SLOTS; j++)
				seen[k++] = nm_slot_load(&r->slot[j]).idx;
		}
	}
	for (u32 i = 0; i < k; i++)
		for (u32 j = i + 1; j < k; j++)
			sim_claim(seen[i] != seen[j]);
}

static void close_all(struct client *last)
{
	const char *name = last == &a ? "vale0:a" : "vale0:b";
	const struct client *const one[] = {last};

	claim_each_has_its_own(one, 1);
	claim_stats_add_up(core, name);
	client_close(last);
	sim_claim(pair_bufs_free(&keep) == bufs);
	client_close(&keep);
	world_end(core);
}

static void end_both(void *ctx)
{
	const struct client *const both[] = {&a, &b};

	(void)ctx;
	claim_each_has_its_own(both, 2);
	claim_stats_add_up(core, "vale0:b");
	client_close(&b);
	close_all(&a);
}

static void end_without_b(void *ctx)
{
	(void)ctx;
	client_txsync(&a);
	sim_claim(client_space(&a, NM_TX, 0) == PAIR_SLOTS - 1);
	close_all(&a);
}

/* ---- what threads do ---- */

/* With the header that its port has. */
static void put(struct client *c, u8 from, u8 to, u8 n, u32 hdr)
{
	u8 f[12 + PAIR_LEN] = {0}, *e = f + hdr;

	memset(e, n, PAIR_LEN);
	memset(e, 0, 12);
	e[0] = e[6] = 2;
	e[5] = to;
	e[11] = from;
	sim_claim(client_put(c, 0, f, hdr + PAIR_LEN - n, 0));
}

static void a_sends_three(void *ctx)
{
	(void)ctx;
	put(&a, 1, 2, 1, hdr_a);
	client_txsync(&a);
	put(&a, 1, 2, 2, hdr_a);
	put(&a, 1, 2, 3, hdr_a);
	client_txsync(&a);
}

static void b_sends_two(void *ctx)
{
	(void)ctx;
	for (u8 n = 1; n <= 2; n++) {
		put(&b, 2, 1, n, hdr_b);
		client_txsync(&b);
	}
}

static void b_closes(void *ctx)
{
	(void)ctx;
	client_close(&b);
}

static void b_reopens(void *ctx)
{
	(void)ctx;
	client_close(&b);
	open_kept(&b, "vale0:b", NR_X_ZCOPY);
	client_rxsync(&b);
}

/* Whole frames in order, behind a header of 0, or of as many zeros as there
 * are too many bytes. */
static u8 take(struct client *c, u8 from, u8 last)
{
	static const u8 zero[12];
	u8 f[12 + PAIR_LEN], n;
	u16 flags;
	u32 len, hdr;

	client_rxsync(c);
	while ((len = client_get(c, 0, f, sizeof(f), &flags))) {
		sim_claim(flags == 0x100);
		hdr = len > PAIR_LEN ? 12 : 0;
		sim_claim(!memcmp(f, zero, hdr));
		n = pair_frame(f + hdr, len - hdr, from);
		sim_claim(n == last + 1);
		last = n;
	}
	return last;
}

static void b_takes(void *ctx)
{
	u8 last = 0;

	(void)ctx;
	while (last < 3) {
		sim_claim(client_poll(&b, NM_POLLIN) == NM_POLLIN);
		last = take(&b, 1, last);
	}
	client_rxsync(&b);
}

static int explore(const char *name, void (*setup)(void *),
		   void (*first)(void *), void (*second)(void *),
		   void (*finish)(void *))
{
	struct sim_scenario s = {
		.name = name,
		.setup = setup,
		.thread = {first, second},
		.finish = finish,
		.pairs = 300,
		.triples = 100,
	};

	return sim_explore(&s);
}

/* ---- handover ---- */

static void make_handover(void *ctx)
{
	hdr_a = hdr_b = 0;
	make(ctx);
}

static void what_is_handed_over_arrives_whole_and_in_order(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_handover, a_sends_three,
				 b_takes, end_both),
			 0);
}

static void two_may_hand_over_to_each_other(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_handover, a_sends_three,
				 b_sends_two, end_both),
			 0);
}

static void a_receiver_closes_while_it_is_handed_buffers(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_handover, a_sends_three,
				 b_closes, end_without_b),
			 0);
}

static void a_receiver_reopens_while_it_is_handed_buffers(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_handover, a_sends_three,
				 b_reopens, end_both),
			 0);
}

/* ---- handover beside monitors ---- */

static u64 kind;
static const char *watched;
static struct client mon;

/* What is shown is whole, and in order; nothing else is shown. */
static void monitor_comes_and_goes(void *ctx)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = kind,
				     .nr_tx_slots = 2 * PAIR_SLOTS,
				     .nr_rx_slots = 2 * PAIR_SLOTS};
	u8 f[PAIR_LEN], last = 0, n;
	u16 flags;
	u32 len;

	(void)ctx;
	sim_claim(!client_try(&mon, core, watched, &reg));
	for (int i = 0; i < 2; i++) {
		client_rxsync(&mon);
		while ((len = client_get(&mon, 0, f, PAIR_LEN, &flags))) {
			n = pair_frame(f, len, 1);
			sim_claim(!last || n == last + 1);
			last = n;
		}
	}
	client_close(&mon);
}

static void b_has_three(void *ctx)
{
	sim_claim(take(&b, 1, 0) == 3);
	client_rxsync(&b);
	end_both(ctx);
}

static int beside_monitor(const char *name, u64 flags, const char *port)
{
	kind = flags;
	watched = port;
	return explore(name, make_handover, a_sends_three,
		       monitor_comes_and_goes, b_has_three);
}

static void a_tx_monitor_may_watch_a_handover(void **state)
{
	(void)state;
	assert_int_equal(beside_monitor(__func__, NR_MONITOR_TX, "vale0:a"), 0);
}

static void an_rx_monitor_may_watch_a_handover(void **state)
{
	(void)state;
	assert_int_equal(beside_monitor(__func__, NR_MONITOR_RX, "vale0:b"), 0);
}

static void a_zcopy_monitor_of_the_sender_may_watch_a_handover(void **state)
{
	(void)state;
	assert_int_equal(beside_monitor(__func__, NR_ZCOPY_MON, "vale0:a"), 0);
}

/* The receiver releases what it has while the monitor comes. */
static void a_sends_and_b_takes(void *ctx)
{
	u8 last = 0;

	a_sends_three(ctx);
	last = take(&b, 1, last);
	sim_claim(last == 3);
	client_rxsync(&b);
}

static void a_zcopy_monitor_of_the_receiver_may_watch_a_handover(void **state)
{
	(void)state;
	kind = NR_ZCOPY_MON;
	watched = "vale0:b";
	assert_int_equal(explore(__func__, make_handover, a_sends_and_b_takes,
				 monitor_comes_and_goes, end_both),
			 0);
}

/* ---- headers ---- */

/* a has none, b one of 12 bytes: added. */
static void make_longer(void *ctx)
{
	hdr_a = hdr_b = 0;
	make(ctx);
	header_set(&b, "vale0:b", 12);
	hdr_b = 12;
}

/* The other way round: removed. */
static void make_shorter(void *ctx)
{
	hdr_a = hdr_b = 0;
	make(ctx);
	header_set(&a, "vale0:a", 12);
	hdr_a = 12;
}

static void frames_with_longer_headers_arrive_whole_and_in_order(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_longer, a_sends_three, b_takes,
				 end_both),
			 0);
}

static void frames_with_shorter_headers_arrive_whole_and_in_order(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_shorter, a_sends_three, b_takes,
				 end_both),
			 0);
}

static void a_receiver_closes_while_headers_are_added(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_longer, a_sends_three, b_closes,
				 end_without_b),
			 0);
}

static void both_ways_headers_change_at_once(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_longer, a_sends_three,
				 b_sends_two, end_both),
			 0);
}

/* The receiver's header changes under way: each frame has the old or the new
 * one, all of it. */
static void b_changes_its_header(void *ctx)
{
	(void)ctx;
	header_set(&b, "vale0:b", 12);
	header_set(&b, "vale0:b", 0);
}

static void a_header_is_set_under_traffic(void **state)
{
	(void)state;
	assert_int_equal(explore(__func__, make_handover, a_sends_three,
				 b_changes_its_header, b_has_three),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(what_is_handed_over_arrives_whole_and_in_order),
		unit_claim(two_may_hand_over_to_each_other),
		unit_claim(a_receiver_closes_while_it_is_handed_buffers),
		unit_claim(a_receiver_reopens_while_it_is_handed_buffers),
		unit_claim(a_tx_monitor_may_watch_a_handover),
		unit_claim(an_rx_monitor_may_watch_a_handover),
		unit_claim(a_zcopy_monitor_of_the_sender_may_watch_a_handover),
		unit_claim(
			a_zcopy_monitor_of_the_receiver_may_watch_a_handover),
		unit_claim(
			frames_with_longer_headers_arrive_whole_and_in_order),
		unit_claim(
			frames_with_shorter_headers_arrive_whole_and_in_order),
		unit_claim(a_receiver_closes_while_headers_are_added),
		unit_claim(both_ways_headers_change_at_once),
		unit_claim(a_header_is_set_under_traffic),
	};

	return unit_run(tests);
}
