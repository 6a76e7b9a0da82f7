// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames are numbered per source; receivers check order, and the books. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <net/netmap_user.h>
#include "traffic.h"

#define FRAMES	20000u
#define SOURCES 4
#define WAIT_MS 20000 /* a wait this long has failed */

static int make_world(void **state)
{
	return nme_create((struct nme **)state, NULL);
}

static int end_world(void **state)
{
	return nme_destroy(*state);
}

static bool wait_for(struct nme_port *p, short events)
{
	struct nme_pollfd f = {.port = p, .events = events};

	return nme_poll(&f, 1, WAIT_MS) == 1 && f.revents == events;
}

/* ---- senders ---- */

struct sender {
	struct nme_port *port;
	uint32_t src, dst;
	bool failed;
	pthread_t thread;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	uint32_t number = 0;

	while (number < FRAMES && !s->failed) {
		uint32_t n = FRAMES - number < 64 ? FRAMES - number : 64;

		if (!frames_send(s->port, s->src, s->dst, &number, n))
			s->failed = !wait_for(s->port, POLLOUT);
	}
	return NULL;
}

static void sender_start(struct sender *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, send_all, s), 0);
}

static void sender_end(struct sender *s)
{
	pthread_join(s->thread, NULL);
	assert_false(s->failed);
}

/* ---- receivers ---- */

struct tally {
	uint32_t next[SOURCES]; /* least number not seen */
	uint32_t frames;
	bool disorder;
	uint32_t last; /* frames still to come; 0: done (callbacks) */
};

static void tally_frame(const struct stamp *s, void *arg)
{
	struct tally *t = arg;

	if (s->source >= SOURCES || s->number < t->next[s->source]) {
		t->disorder = true;
		return;
	}
	t->next[s->source] = s->number + 1;
	t->frames++;
}

/* ---- tests ---- */

static void a_pipe_loses_nothing_and_keeps_order(void **state)
{
	struct sender s = {.port = port_open(*state, "x{1"), .src = 1};
	struct nme_port *rx = port_open(*state, "x}1");
	struct tally t = {0};

	sender_start(&s);
	while (t.frames < FRAMES && wait_for(rx, POLLIN))
		frames_take(rx, tally_frame, &t);
	nme_rxsync(rx);
	sender_end(&s);
	assert_false(t.disorder);
	assert_int_equal(t.frames, FRAMES);
	nme_close(s.port);
	nme_close(rx);
}

static void many_senders_reach_one_receiver_in_order(void **state)
{
	struct sender s[SOURCES];
	struct nme_port *rx = port_open(*state, "vale0:rx");
	struct nmreq_x_stats st;
	struct tally t = {0};
	uint64_t sent = 0;

	for (uint32_t i = 0; i < SOURCES; i++) {
		char name[16] = "vale0:s0";

		name[7] = (char)('0' + i);
		s[i] = (struct sender){
			.port = port_open(*state, name), .src = i, .dst = 0x80};
	}
	station_announce(rx, 0x80);
	for (uint32_t i = 0; i < SOURCES; i++)
		sender_start(&s[i]);
	do {
		st = stats_of(rx, "vale0:rx", NETMAP_X_RX);
		frames_take(rx, tally_frame, &t);
	} while (st.attempted < SOURCES * FRAMES);
	for (uint32_t i = 0; i < SOURCES; i++)
		sender_end(&s[i]);
	frames_take(rx, tally_frame, &t);

	st = stats_of(rx, "vale0:rx", NETMAP_X_RX);
	assert_false(t.disorder);
	assert_int_equal(st.attempted, SOURCES * FRAMES);
	assert_int_equal(st.delivered, t.frames);
	assert_int_equal(st.attempted, st.delivered + st.drop_full);
	for (uint32_t i = 0; i < SOURCES; i++) {
		char name[16] = "vale0:s0";

		name[7] = (char)('0' + i);
		sent += stats_of(rx, name, NETMAP_X_TX).sent;
		nme_close(s[i].port);
	}
	assert_int_equal(sent, SOURCES * FRAMES);
	nme_close(rx);
}

static void take_in_callback(struct nme_port *p, void *arg)
{
	struct tally *t = arg;

	frames_take(p, tally_frame, t);
	nme_rxsync(p); /* gives the slots back */
	__atomic_store_n(&t->last, FRAMES - t->frames, __ATOMIC_RELEASE);
}

static void a_callback_runs_for_what_arrives(void **state)
{
	struct sender s = {.port = port_open(*state, "x{1"), .src = 2};
	struct nme_port *rx = port_open(*state, "x}1");
	struct tally t = {.last = FRAMES};
	uint32_t number = 0;

	assert_int_equal(nme_on_arrival(rx, take_in_callback, &t), 0);
	sender_start(&s);
	sender_end(&s);
	/* All slots are back: the callback has taken every frame. */
	while (__atomic_load_n(&t.last, __ATOMIC_ACQUIRE))
		nme_txsync(s.port);
	assert_int_equal(nme_on_arrival(rx, NULL, NULL), 0);
	assert_false(t.disorder);
	assert_int_equal(t.frames, FRAMES);
	/* After the end none comes. */
	assert_int_equal(frames_send(s.port, 2, 0, &number, 1), 1);
	assert_int_equal(t.frames, FRAMES);
	nme_close(s.port);
	nme_close(rx);
}

static void one_ring_is_synced_by_two_threads(void **state)
{
	struct sender s = {.port = port_open(*state, "x{1"), .src = 1};
	struct nme_port *rx = port_open(*state, "x}1");
	struct tally t = {0};

	sender_start(&s);
	/* We sync the sender's ring as well, and it ours, by the pipe. */
	while (t.frames < FRAMES) {
		nme_txsync(s.port);
		frames_take(rx, tally_frame, &t);
	}
	nme_rxsync(rx);
	sender_end(&s);
	assert_false(t.disorder);
	nme_close(s.port);
	nme_close(rx);
}

static void receivers_come_and_go_under_traffic(void **state)
{
	struct sender s = {.port = port_open(*state, "vale0:s"), .dst = 3};
	struct nme_port *witness = port_open(*state, "vale0:w");
	struct nmreq_x_stats st;
	struct tally t = {0};

	sender_start(&s);
	do {
		struct nme_port *p = port_open(*state, "vale0:p");

		frames_take(witness, tally_frame, &t);
		frames_take(p, NULL, NULL);
		nme_close(p);
		st = stats_of(witness, "vale0:w", NETMAP_X_RX);
	} while (st.attempted < FRAMES);
	sender_end(&s);
	frames_take(witness, tally_frame, &t);
	st = stats_of(witness, "vale0:w", NETMAP_X_RX);
	assert_false(t.disorder);
	assert_int_equal(st.attempted, FRAMES);
	assert_int_equal(st.delivered, t.frames);
	nme_close(s.port);
	nme_close(witness);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Every slot of tx ring 0 holds a buffer of its own. */
static void assert_buffers_whole(struct nme_port *p)
{
	struct netmap_ring *ring = NETMAP_TXRING(nme_if(p), 0);
	uint32_t idx[4096];

	for (uint32_t i = 0; i < ring->num_slots; i++)
		idx[i] = ring->slot[i].buf_idx;
	qsort(idx, ring->num_slots, sizeof(*idx), by_value);
	assert_true(idx[0] >= 2);
	for (uint32_t i = 1; i < ring->num_slots; i++)
		assert_int_not_equal(idx[i], idx[i - 1]);
}

static void a_receiver_that_resets_costs_the_sender_no_buffer(void **state)
{
	struct sender s = {.port = port_open(*state, "x{1"), .src = 1};
	struct nme_port *rx = port_open(*state, "x}1");
	struct netmap_ring *ring = NETMAP_RXRING(nme_if(rx), 0);
	struct tally t = {0};

	sender_start(&s);
	while (t.frames < FRAMES) {
		frames_take(rx, tally_frame, &t);
		nme_rxsync(rx);
		/* All is given back: now a head that cannot be. */
		__atomic_store_n(&ring->head, ring->num_slots,
				 __ATOMIC_RELAXED);
		nme_rxsync(rx);
	}
	sender_end(&s);
	nme_txsync(s.port);
	assert_false(t.disorder);
	assert_true(stats_of(rx, "x}1", NETMAP_X_RX).resets > 0);
	assert_buffers_whole(s.port);
	nme_close(s.port);
	nme_close(rx);
}

static void a_handle_is_polled_beside_its_syncs(void **state)
{
	static const char *const name[][2] = {{"x{1", "x}1"},
					      {"vale0:a", "vale0:b"}};

	for (size_t i = 0; i < 2; i++) {
		struct sender s = {.port = port_open(*state, name[i][0]),
				   .dst = 3};
		struct nme_port *rx = port_open(*state, name[i][1]);
		struct nme_pollfd f = {.port = s.port, .events = POLLIN};
		struct nmreq_x_stats st;

		sender_start(&s);
		do {
			assert_int_equal(nme_poll(&f, 1, 0), 0);
			frames_take(rx, NULL, NULL);
			st = stats_of(rx, name[i][1], NETMAP_X_RX);
		} while (st.attempted < FRAMES);
		sender_end(&s);
		nme_close(s.port);
		nme_close(rx);
	}
}

struct churn {
	struct nme *world;
	uint32_t id;
	bool failed;
};

static void *churn(void *arg)
{
	struct churn *c = arg;
	char a[16] = "vale0:a", b[16] = "vale0:b";
	struct nme_port *pa, *pb;
	uint32_t number = 0;

	a[4] = b[4] = (char)('0' + c->id);
	for (int i = 0; i < 50 && !c->failed; i++) {
		if (nme_open(c->world, a, &pa) || nme_open(c->world, b, &pb)) {
			c->failed = true;
			break;
		}
		frames_send(pa, 1, 2, &number, 8);
		c->failed = frames_take(pb, NULL, NULL) != 8;
		nme_close(pa);
		nme_close(pb);
	}
	return NULL;
}

static void switches_are_made_and_ended_in_parallel(void **state)
{
	pthread_t thread[SOURCES];
	struct churn c[SOURCES];

	for (uint32_t i = 0; i < SOURCES; i++) {
		c[i] = (struct churn){.world = *state, .id = i};
		assert_int_equal(pthread_create(&thread[i], NULL, churn, &c[i]),
				 0);
	}
	for (uint32_t i = 0; i < SOURCES; i++) {
		pthread_join(thread[i], NULL);
		assert_false(c[i].failed);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		T(a_pipe_loses_nothing_and_keeps_order),
		T(many_senders_reach_one_receiver_in_order),
		T(a_callback_runs_for_what_arrives),
		T(one_ring_is_synced_by_two_threads),
		T(receivers_come_and_go_under_traffic),
		T(a_receiver_that_resets_costs_the_sender_no_buffer),
		T(a_handle_is_polled_beside_its_syncs),
		T(switches_are_made_and_ended_in_parallel),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
