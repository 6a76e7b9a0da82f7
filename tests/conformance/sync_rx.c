// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* RXSYNC and poll: every head, cur and tail a program may write. */
#include "ring_model.h"

struct way {
	struct port from, to;
	bool polls;
};

/* Nothing in the ring, next slot @at. */
static void rewind_to(struct way *w, uint32_t at)
{
	struct netmap_ring *rx = conf_rx(&w->to, 0);

	conf_drain(&w->to);
	while (rx->head != at) {
		conf_txsync(&w->from);
		conf_send(&w->from, 0, conf_frame(2, 1, 0));
		conf_drain(&w->to);
	}
	conf_txsync(&w->from);
	CHECK_EQ(rx->tail, at);
}

static bool sync(struct way *w, struct cursors after)
{
	short got;

	if (!w->polls) {
		conf_rxsync(&w->to);
		return false;
	}
	got = conf_poll(w->to.fd, POLLIN);
	CHECK_EQ(got & POLLIN, after.cur != after.tail ? POLLIN : 0);
	return got & POLLERR;
}

static void try(struct way *w, uint32_t at, uint32_t arrived, struct cursors c)
{
	struct netmap_ring *rx = conf_rx(&w->to, 0);
	struct cursors was, want;
	bool good, reset;

	rewind_to(w, at);
	for (uint32_t i = 0; i < arrived; i++)
		conf_put_frame(conf_tx(&w->from, 0), conf_frame(2, 1, i));
	conf_txsync(&w->from);
	conf_rxsync(&w->to);
	was = cursors_of(rx);
	CHECK_EQ(model_steps(was.head, was.tail), arrived);
	good = model_accepts(c, was);
	want = good ? c : (struct cursors){was.head, was.head, was.tail};
	want.tail = was.tail;

	check_note("at %u arrived %u: %u %u %u, program says %u %u %u", at,
		   arrived, was.head, was.cur, was.tail, c.head, c.cur, c.tail);
	cursors_set(rx, c);
	reset = sync(w, want);
	if (w->polls)
		CHECK_EQ(reset, !good);
	CHECK_EQ(rx->head, want.head);
	CHECK_EQ(rx->cur, want.cur);
	CHECK_EQ(rx->tail, want.tail);
}

static void try_all(struct way *w)
{
	for (uint32_t at = 0; at < MODEL_SLOTS; at++)
		for (uint32_t k = 0; k < MODEL_SLOTS; k++)
			model_for_each(n, at * MODEL_SLOTS + k)
				try(w, at, k, model_try(n));
}

static void vale(bool polls)
{
	struct way w = {.from = conf_open_as("vale0:a", REG_SLOTS(64)),
			.to = conf_open_as("vale0:b", REG_SLOTS(MODEL_SLOTS)),
			.polls = polls};

	try_all(&w);
}

static void pipes(bool polls)
{
	struct way w = {.from = conf_open_as("lone{1", REG_SLOTS(MODEL_SLOTS)),
			.to = conf_open("lone}1"),
			.polls = polls};

	try_all(&w);
}

static void vale_sync(void)
{
	vale(false);
}

static void vale_poll(void)
{
	vale(true);
}

static void pipe_sync(void)
{
	pipes(false);
}

static void pipe_poll(void)
{
	pipes(true);
}

/* What was there when the ring was reset is still there. */
static void frames_survive_reset(const char *from, const char *to)
{
	struct port a = conf_open_as(from, REG_SLOTS(8));
	struct port b = conf_open_as(to, REG_SLOTS(8));
	struct netmap_ring *rx = conf_rx(&b, 0);

	for (uint32_t i = 0; i < 5; i++)
		conf_send(&a, 0, conf_frame(2, 1, i));
	conf_expect(&b, 0, conf_frame(2, 1, 0));
	conf_rxsync(&b);
	rx->head = rx->cur = 12345;
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(rx), 4);
	for (uint32_t i = 1; i < 5; i++)
		conf_expect(&b, 0, conf_frame(2, 1, i));
	conf_expect_none(&b);
}

static void frames_survive(void)
{
	frames_survive_reset("vale0:a", "vale0:b");
	frames_survive_reset("lone{1", "lone}1");
}

static void keeps_between_head_and_cur(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(8));
	struct port b = conf_open("lone}1");
	struct netmap_ring *rx = conf_rx(&b, 0), *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < 5; i++)
		conf_put_frame(tx, conf_frame(2, 1, i));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 2);
	conf_rxsync(&b);
	rx->head = 2;
	rx->cur = 4;
	conf_rxsync(&b);
	CHECK_EQ(rx->cur, 4);
	CHECK_EQ(rx->tail, 5);
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 4);
	for (uint32_t i = 2; i < 5; i++)
		conf_expect(&b, 0, conf_frame(2, 1, i));
}

static void every_bound_ring(void)
{
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(8, .nr_tx_rings = 3, .nr_rx_rings = 3));
	struct port b = conf_open("lone}1");
	struct port one =
		conf_open_as("lone}1", REG(NR_REG_ONE_NIC, .nr_ringid = 1));

	for (uint32_t i = 0; i < 3; i++)
		conf_put_frame(conf_tx(&a, i), conf_frame(2, 1, i));
	conf_txsync(&a);
	conf_rxsync(&one);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 0);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 1)), 1);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 2)), 0);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 1);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 2)), 1);
}

static const struct claim claims[] = {
	{"switch port: RXSYNC accepts what the model accepts, and resets "
	 "otherwise",
	 vale_sync},
	{"switch port: poll does the same and shows a reset as POLLERR",
	 vale_poll},
	{"pipe: RXSYNC accepts what the model accepts, and resets otherwise",
	 pipe_sync},
	{"pipe: poll does the same and shows a reset as POLLERR", pipe_poll},
	{"a reset loses no frame", frames_survive},
	{"slots between head and cur are not given back",
	 keeps_between_head_and_cur},
	{"RXSYNC acts on every bound ring and no other", every_bound_ring},
};

int main(void)
{
	return CONF_RUN(claims);
}
