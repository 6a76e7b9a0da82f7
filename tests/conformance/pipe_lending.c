// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes lend slots: what one end sees of the other's slot, buffer and all. */
#include "conf.h"

static void open_pair(struct port *m, struct port *s, uint32_t extra)
{
	*m = conf_open_as("lone{1", REG_SLOTS(8, .nr_extra_bufs = extra));
	*s = conf_open("lone}1");
}

/* Gives back what @s has and lets @m know. */
static void take_back(struct port *s, struct port *m)
{
	conf_rxsync(s);
	conf_txsync(m);
}

static void slot_as_given(void)
{
	static const uint16_t flags[] = {0,	 NS_REPORT, NS_FORWARD,
					 0x00c0, 0xff00,    0xffde};
	struct port m, s;
	struct netmap_ring *tx, *rx;

	open_pair(&m, &s, 0);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	for (uint32_t i = 0; i < 24; i++) {
		uint32_t at = tx->head;
		struct netmap_slot want = {
			.buf_idx = tx->slot[at].buf_idx,
			.len = (uint16_t)(100 + i),
			.flags = flags[i % CONF_COUNT(flags)],
			.ptr = 0x123456789abcdef0u + i,
		};

		check_note("frame %u", i);
		tx->slot[at] = want;
		conf_advance(tx, 1);
		conf_txsync(&m);
		conf_rxsync(&s);
		CHECK_EQ(nm_ring_space(rx), 1);
		/* Slot k feeds slot k. */
		CHECK_EQ(rx->head, at);
		CHECK_EQ(rx->slot[at].buf_idx, want.buf_idx);
		CHECK_EQ(rx->slot[at].len, want.len);
		CHECK_EQ(rx->slot[at].flags, want.flags);
		CHECK_EQ(rx->slot[at].ptr, want.ptr);
		conf_advance(rx, 1);
		take_back(&s, &m);
	}
}

/* No byte is copied: it is the same buffer. */
static void same_buffer(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;
	char *theirs, *ours;

	open_pair(&m, &s, 0);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	ours = NETMAP_BUF(tx, conf_slot(tx, 0)->buf_idx);
	conf_send(&m, 0, conf_frame(2, 1, 1));
	conf_rxsync(&s);
	theirs = NETMAP_BUF(rx, conf_slot(rx, 0)->buf_idx);
	CHECK_EQ(theirs - s.mem, ours - m.mem);
	strcpy(ours, "changed after sending");
	CHECK_STR(theirs, "changed after sending");
	strcpy(theirs, "and before release");
	CHECK_STR(ours, "and before release");
}

static void slot_comes_back_as_left(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;
	struct netmap_slot want;

	open_pair(&m, &s, 0);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	conf_send(&m, 0, conf_frame(2, 1, 1));
	conf_rxsync(&s);
	want = (struct netmap_slot){.buf_idx = rx->slot[0].buf_idx,
				    .len = 77,
				    .flags = 0xab00,
				    .ptr = 0xfeed};
	rx->slot[0] = want;
	conf_advance(rx, 1);
	take_back(&s, &m);
	CHECK_EQ(nm_ring_space(tx), 7);
	CHECK_EQ(tx->slot[0].buf_idx, want.buf_idx);
	CHECK_EQ(tx->slot[0].len, want.len);
	CHECK_EQ(tx->slot[0].flags, want.flags);
	CHECK_EQ(tx->slot[0].ptr, want.ptr);
}

static void receiver_replaces_buffer(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;
	uint32_t spare, lent;

	open_pair(&m, &s, 1);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	spare = m.nifp->ni_bufs_head;
	for (uint32_t i = 0; i < 20; i++) {
		uint32_t at = tx->head;
		struct frame f = conf_frame(2, 1, i);

		check_note("round %u", i);
		lent = tx->slot[at].buf_idx;
		conf_send(&m, 0, f);
		conf_rxsync(&s);
		CHECK_EQ(rx->slot[at].buf_idx, lent);
		rx->slot[at].buf_idx = spare;
		rx->slot[at].flags |= NS_BUF_CHANGED;
		conf_advance(rx, 1);
		take_back(&s, &m);
		CHECK_EQ(tx->slot[at].buf_idx, spare);
		/* The frame stays with the receiver. */
		CHECK_MEM(NETMAP_BUF(rx, lent), f.data, sizeof(f.data));
		spare = lent;
	}
	m.nifp->ni_bufs_head = spare;
	*(uint32_t *)(void *)NETMAP_BUF(tx, spare) = 0;
}

static void changed_travels_to_receiver(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;

	open_pair(&m, &s, 0);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	tx->slot[0].flags = NS_BUF_CHANGED | 0x4200;
	tx->slot[0].len = 60;
	tx->slot[1].flags = 0x4300;
	tx->slot[1].len = 60;
	conf_advance(tx, 2);
	conf_txsync(&m);
	conf_rxsync(&s);
	CHECK_EQ(rx->slot[0].flags, NS_BUF_CHANGED | 0x4200);
	CHECK_EQ(rx->slot[1].flags, 0x4300);
	CHECK_EQ(tx->slot[0].flags & NS_BUF_CHANGED, 0);
}

static void changed_travels_back(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;

	open_pair(&m, &s, 0);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	conf_put_frame(tx, conf_frame(2, 1, 1));
	conf_put_frame(tx, conf_frame(2, 1, 2));
	conf_txsync(&m);
	conf_rxsync(&s);
	rx->slot[0].flags = NS_BUF_CHANGED;
	conf_advance(rx, 2);
	take_back(&s, &m);
	CHECK_EQ(rx->slot[0].flags & NS_BUF_CHANGED, 0);
	CHECK_EQ(tx->slot[0].flags & NS_BUF_CHANGED, NS_BUF_CHANGED);
	CHECK_EQ(tx->slot[1].flags & NS_BUF_CHANGED, 0);
}

/* A receiver that sends on what it got: zero copy through two pipes. */
static void relay(void)
{
	struct port a = conf_open_as("vale0:p{1", REG_SLOTS(8));
	struct port b = conf_open("vale0:p}1");
	struct port c = conf_open_as("vale0:p{2", REG_SLOTS(8));
	struct port d = conf_open("vale0:p}2");
	struct netmap_ring *in = conf_rx(&b, 0), *out = conf_tx(&c, 0);

	for (uint32_t i = 0; i < 100; i++) {
		struct frame f = conf_frame(2, 1, i);
		struct netmap_slot *from, *to, tmp;

		conf_txsync(&a);
		conf_send(&a, 0, f);
		conf_rxsync(&b);
		conf_txsync(&c);
		from = conf_slot(in, 0);
		to = conf_slot(out, 0);
		tmp = *from;
		from->buf_idx = to->buf_idx;
		from->flags = NS_BUF_CHANGED;
		to->buf_idx = tmp.buf_idx;
		to->len = tmp.len;
		to->flags = NS_BUF_CHANGED;
		conf_advance(in, 1);
		conf_advance(out, 1);
		conf_rxsync(&b);
		conf_txsync(&c);
		conf_expect(&d, 0, f);
		conf_rxsync(&d);
	}
}

/* However the two ends swap, each buffer stays in exactly one place. */
static void buffers_are_kept(void)
{
	struct port m, s;
	struct netmap_ring *tx[2], *rx[2];
	uint32_t pool[5], n = 0;
	bool seen[4096] = {false};
	uint64_t seed = 11;

	open_pair(&m, &s, CONF_COUNT(pool));
	tx[0] = conf_tx(&m, 0), rx[0] = conf_rx(&s, 0);
	tx[1] = conf_tx(&s, 0), rx[1] = conf_rx(&m, 0);
	for (uint32_t i = m.nifp->ni_bufs_head; i;
	     i = *(uint32_t *)(void *)NETMAP_BUF(tx[0], i))
		pool[n++] = i;
	CHECK_EQ(n, CONF_COUNT(pool));
	for (int step = 0; step < 5000; step++) {
		uint32_t way = conf_random(&seed) % 2;
		uint32_t *spare = &pool[conf_random(&seed) % n], idx;
		struct netmap_ring *r =
			conf_random(&seed) % 2 ? tx[way] : rx[way];

		if (nm_ring_space(r)) {
			idx = conf_slot(r, 0)->buf_idx;
			conf_slot(r, 0)->buf_idx = *spare;
			conf_slot(r, 0)->flags = NS_BUF_CHANGED;
			conf_slot(r, 0)->len = 60;
			*spare = idx;
			conf_advance(r, 1);
		}
		conf_txsync(conf_random(&seed) % 2 ? &m : &s);
		conf_rxsync(conf_random(&seed) % 2 ? &m : &s);
	}
	conf_drain(&s);
	conf_drain(&m);
	conf_txsync(&m);
	conf_txsync(&s);
	conf_drain(&s);
	conf_drain(&m);
	conf_txsync(&m);
	conf_txsync(&s);
	for (uint32_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < 8; i++) {
			uint32_t idx = tx[k]->slot[i].buf_idx;

			CHECK(idx >= 2 && idx < 4096);
			CHECK(!seen[idx]);
			seen[idx] = true;
			CHECK_EQ(rx[k]->slot[i].buf_idx, 0);
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		CHECK(!seen[pool[i]]);
		seen[pool[i]] = true;
	}
}

static const struct claim claims[] = {
	{"slot k arrives in slot k with index, len, all flags and ptr",
	 slot_as_given},
	{"both ends have the same buffer before them", same_buffer},
	{"a released slot comes back as the receiver left it",
	 slot_comes_back_as_left},
	{"a receiver may put another buffer in the slot",
	 receiver_replaces_buffer},
	{"NS_BUF_CHANGED travels to the receiver and is cleared behind",
	 changed_travels_to_receiver},
	{"NS_BUF_CHANGED travels back to the sender and is cleared behind",
	 changed_travels_back},
	{"a frame passes two pipes in one buffer", relay},
	{"after 5000 random swaps every buffer is in one place",
	 buffers_are_kept},
};

int main(void)
{
	return CONF_RUN(claims);
}
