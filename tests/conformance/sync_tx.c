// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* TXSYNC and poll: every head, cur and tail a program may write. */
#include "ring_model.h"

/* One way from a tx ring to an rx ring, and how it is synchronized. */
struct way {
	struct port from, to;
	bool reclaims; /* slots come back at once, not when they are released */
	bool polls;
};

/* Empty, all slots the program's, next slot @at. */
static void rewind_to(struct way *w, uint32_t at)
{
	struct netmap_ring *tx = conf_tx(&w->from, 0);
	struct frame f = conf_frame(2, 1, 0);

	do {
		conf_drain(&w->to);
		conf_txsync(&w->from);
		if (tx->head != at)
			conf_send(&w->from, 0, f);
	} while (tx->head != at);
	conf_drain(&w->to);
	conf_txsync(&w->from);
	CHECK_EQ(nm_ring_space(tx), MODEL_SLOTS - 1);
}

/* Synchronizes; was the ring reset, as far as that is told? */
static bool sync(struct way *w, struct cursors after)
{
	short got;

	if (!w->polls) {
		conf_txsync(&w->from);
		return false;
	}
	got = conf_poll(w->from.fd, POLLOUT);
	CHECK_EQ(got & POLLOUT, after.cur != after.tail ? POLLOUT : 0);
	return got & POLLERR;
}

static void try(struct way *w, uint32_t at, uint32_t sent, struct cursors c)
{
	struct netmap_ring *tx = conf_tx(&w->from, 0);
	struct netmap_ring *rx = conf_rx(&w->to, 0);
	struct cursors was, want;
	uint32_t before;
	bool good, reset;

	rewind_to(w, at);
	for (uint32_t i = 0; i < sent; i++)
		conf_send(&w->from, 0, conf_frame(2, 1, i));
	conf_rxsync(&w->to);
	before = nm_ring_space(rx);
	was = cursors_of(tx);
	good = model_accepts(c, was);
	want = good ? c : (struct cursors){was.head, was.head, was.tail};
	want.tail = was.tail;
	if (good && w->reclaims)
		want.tail = (c.head + MODEL_SLOTS - 1) % MODEL_SLOTS;

	check_note("at %u sent %u: %u %u %u, program says %u %u %u", at, sent,
		   was.head, was.cur, was.tail, c.head, c.cur, c.tail);
	cursors_set(tx, c);
	reset = sync(w, want);
	if (w->polls)
		CHECK_EQ(reset, !good);
	CHECK_EQ(tx->head, want.head);
	CHECK_EQ(tx->cur, want.cur);
	CHECK_EQ(tx->tail, want.tail);
	/* Nothing is sent but what lies before an accepted head. */
	conf_rxsync(&w->to);
	CHECK_EQ(nm_ring_space(rx) - before,
		 good ? model_steps(was.head, c.head) : 0);
}

static void try_all(struct way *w, uint32_t most)
{
	struct netmap_ring *tx = conf_tx(&w->from, 0);
	struct frame f = conf_frame(2, 1, 0);

	/* Whatever is sent by moving head is a frame. */
	for (uint32_t i = 0; i < MODEL_SLOTS; i++) {
		memcpy(NETMAP_BUF(tx, tx->slot[i].buf_idx), f.data,
		       sizeof(f.data));
		tx->slot[i].len = sizeof(f.data);
	}
	for (uint32_t at = 0; at < MODEL_SLOTS; at++)
		for (uint32_t sent = 0; sent <= most; sent++)
			model_for_each(n, at * (most + 1) + sent)
				try(w, at, sent, model_try(n));
}

static void vale(bool polls)
{
	struct way w = {.from = conf_open_as("vale0:a", REG_SLOTS(MODEL_SLOTS)),
			.to = conf_open_as("vale0:b", REG_SLOTS(64)),
			.reclaims = true,
			.polls = polls};

	/* Sent slots are back at once: nothing else to vary. */
	try_all(&w, 0);
}

static void pipes(bool polls)
{
	struct way w = {.from = conf_open_as("lone{1", REG_SLOTS(MODEL_SLOTS)),
			.to = conf_open("lone}1"),
			.polls = polls};

	try_all(&w, MODEL_SLOTS - 1);
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

static void only_to_head(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < 10; i++)
		conf_put_frame(tx, conf_frame(BROADCAST, 1, i));
	tx->head = 4;
	tx->cur = 10;
	conf_txsync(&a);
	CHECK_EQ(tx->head, 4);
	CHECK_EQ(tx->cur, 10);
	for (uint32_t i = 0; i < 4; i++)
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	conf_expect_none(&b);
	tx->head = 10;
	conf_txsync(&a);
	for (uint32_t i = 4; i < 10; i++)
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	conf_expect_none(&b);
}

static void every_bound_ring(void)
{
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(8, .nr_tx_rings = 4, .nr_rx_rings = 4));
	struct port b = conf_open("lone}1");
	struct port one =
		conf_open_as("lone{1", REG(NR_REG_ONE_NIC, .nr_ringid = 2));

	for (uint32_t i = 0; i < 4; i++)
		conf_put_frame(conf_tx(&a, i), conf_frame(2, 1, i));
	conf_txsync(&one);
	conf_expect(&b, 2, conf_frame(2, 1, 2));
	conf_expect_none(&b);
	conf_txsync(&a);
	conf_expect(&b, 0, conf_frame(2, 1, 0));
	conf_expect(&b, 1, conf_frame(2, 1, 1));
	conf_expect(&b, 3, conf_frame(2, 1, 3));
}

/* A bad ring does not keep the others from working. */
static void reset_of_one_ring(void)
{
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port b = conf_open("lone}1");

	conf_tx(&a, 0)->head = 99;
	conf_put_frame(conf_tx(&a, 1), conf_frame(2, 1, 7));
	conf_txsync(&a);
	CHECK_EQ(conf_tx(&a, 0)->head, 0);
	conf_expect(&b, 1, conf_frame(2, 1, 7));
	conf_send(&a, 0, conf_frame(2, 1, 8));
	conf_expect(&b, 0, conf_frame(2, 1, 8));
}

static const struct claim claims[] = {
	{"switch port: TXSYNC accepts what the model accepts, and resets "
	 "otherwise",
	 vale_sync},
	{"switch port: poll does the same and shows a reset as POLLERR",
	 vale_poll},
	{"pipe: TXSYNC accepts what the model accepts, and resets otherwise",
	 pipe_sync},
	{"pipe: poll does the same and shows a reset as POLLERR", pipe_poll},
	{"slots between head and cur are not sent", only_to_head},
	{"TXSYNC sends on every bound ring and no other", every_bound_ring},
	{"a ring that is reset does not stop the others", reset_of_one_ring},
};

int main(void)
{
	return CONF_RUN(claims);
}
