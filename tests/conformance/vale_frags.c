// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches and frames in several slots. */
#include "conf.h"

#define PIECE 100

static void open_pair(struct port *a, struct port *b, uint32_t slots)
{
	*a = conf_open_as("vale0:a", REG_SLOTS(256));
	*b = conf_open_as("vale0:b", REG_SLOTS(slots));
}

/* The next @n slots of the receiver are one frame of @n slots. */
static void one_frame(struct netmap_ring *rx, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct netmap_slot *slot = conf_slot(rx, i);

		check_note("slot %u of %u", i, n);
		CHECK_EQ(NS_RFRAGS(slot), n);
		CHECK_EQ(slot->flags, n << 8 | (i + 1 < n ? NS_MOREFRAG : 0));
	}
}

static void any_number(void)
{
	static uint8_t data[64 * PIECE], got[64 * PIECE];
	struct port a, b;
	struct netmap_ring *rx;

	open_pair(&a, &b, 128);
	rx = conf_rx(&b, 0);
	for (uint32_t n = 1; n <= NETMAP_MAX_FRAGS; n++) {
		conf_fill(data, n * PIECE, BROADCAST, 1, n);
		conf_put_pieces(conf_tx(&a, 0), data, n * PIECE, PIECE);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 255);
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), n);
		one_frame(rx, n);
		CHECK_EQ(conf_get(rx, got, sizeof(got)), n * PIECE);
		CHECK_MEM(got, data, n * PIECE);
	}
}

static void pieces_of_any_size(void)
{
	static const uint16_t len[] = {14, 1, 2000, 63, 64, 65, 1, 700};
	struct port a, b;
	struct netmap_ring *tx, *rx;
	uint8_t data[4096], got[4096];
	size_t sum = 0;

	open_pair(&a, &b, 64);
	tx = conf_tx(&a, 0);
	rx = conf_rx(&b, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 5);
	for (size_t i = 0; i < CONF_COUNT(len); i++) {
		struct netmap_slot *slot = conf_slot(tx, (uint32_t)i);

		memcpy(NETMAP_BUF(tx, slot->buf_idx), data + sum, len[i]);
		slot->len = len[i];
		slot->flags = i + 1 < CONF_COUNT(len) ? NS_MOREFRAG : 0;
		sum += len[i];
	}
	conf_advance(tx, CONF_COUNT(len));
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(rx, got, sizeof(got)), sum);
	CHECK_MEM(got, data, sum);
	conf_expect_none(&b);
}

static void single_slot(void)
{
	struct port a, b;

	open_pair(&a, &b, 16);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->flags, 0x0100);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->len, 60);
}

/* Whatever the sender has in the upper byte, or asks for. */
static void flags_of_sender(void)
{
	static const uint16_t flags[] = {0xff00,	 0x0500,
					 NS_REPORT,	 NS_NO_LEARN,
					 NS_BUF_CHANGED, NS_FORWARD};
	struct port a, b;
	struct netmap_ring *tx, *rx;
	struct frame f = conf_frame(BROADCAST, 1, 1);

	open_pair(&a, &b, 64);
	tx = conf_tx(&a, 0);
	rx = conf_rx(&b, 0);
	for (uint32_t i = 0; i < CONF_COUNT(flags); i++) {
		struct netmap_slot *slot = conf_slot(tx, 0), was;

		check_note("flags 0x%x", flags[i]);
		conf_put(tx, f.data, sizeof(f.data), flags[i]);
		was = *slot;
		was.flags &= (uint16_t)~NS_BUF_CHANGED;
		conf_txsync(&a);
		CHECK_EQ(slot->flags, was.flags);
		CHECK_EQ(slot->len, was.len);
		CHECK_EQ(slot->buf_idx, was.buf_idx);
		CHECK_EQ(slot->ptr, was.ptr);
		conf_rxsync(&b);
		CHECK_EQ(conf_slot(rx, 0)->flags, 0x0100);
		conf_expect(&b, 0, f);
	}
}

static void unfinished_chain(void)
{
	struct port a, b;
	struct netmap_ring *tx, *rx;
	uint8_t data[180], got[180];

	open_pair(&a, &b, 64);
	tx = conf_tx(&a, 0);
	rx = conf_rx(&b, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	for (uint32_t i = 0; i < 3; i++)
		conf_put(tx, data + 60 * i, 60, NS_MOREFRAG);
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 255);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(rx), 3);
	one_frame(rx, 3);
	CHECK_EQ(conf_get(rx, got, sizeof(got)), 180);
	CHECK_MEM(got, data, 180);
	/* What follows is a frame of its own. */
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 2));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 2));
}

static void too_many(void)
{
	static uint8_t data[70 * 60], got[70 * 60];
	struct port a, b;
	struct netmap_ring *rx;
	int len;

	open_pair(&a, &b, 256);
	rx = conf_rx(&b, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	conf_put_frame(conf_tx(&a, 0), conf_frame(BROADCAST, 1, 1));
	conf_put_pieces(conf_tx(&a, 0), data, 65 * 60, 60);
	conf_put_frame(conf_tx(&a, 0), conf_frame(BROADCAST, 1, 2));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 255);
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 1));
	/* Never as one frame of 65 slots. */
	len = conf_get(rx, got, sizeof(got));
	CHECK(len > 0 && len <= 64 * 60);
	while (len != 60 || memcmp(got, conf_frame(BROADCAST, 1, 2).data, 60)) {
		len = conf_get(rx, got, sizeof(got));
		CHECK(len > 0 && len <= 64 * 60);
	}
	conf_expect_none(&b);
}

static void all_or_nothing(void)
{
	static uint8_t data[8 * PIECE], got[8 * PIECE];
	struct port a, b;
	struct netmap_ring *rx;

	open_pair(&a, &b, 8);
	rx = conf_rx(&b, 0);
	for (uint32_t n = 1; n <= 8; n++) {
		uint32_t before;

		check_note("%u slots", n);
		conf_send(&a, 0, conf_frame(BROADCAST, 1, n));
		conf_rxsync(&b);
		before = nm_ring_space(rx);
		CHECK_EQ(before, 1);
		conf_fill(data, n * PIECE, BROADCAST, 1, n);
		conf_put_pieces(conf_tx(&a, 0), data, n * PIECE, PIECE);
		conf_txsync(&a);
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, n));
		if (n <= 6) {
			CHECK_EQ(conf_get(rx, got, sizeof(got)), n * PIECE);
			CHECK_MEM(got, data, n * PIECE);
		}
		conf_expect_none(&b);
	}
}

static void jumbo(void)
{
	static uint8_t data[10000], got[10000];
	struct port a, b;
	struct port c = conf_open_as("vale0:c", REG_SLOTS(64));

	open_pair(&a, &b, 64);
	for (uint32_t i = 0; i < 100; i++) {
		conf_fill(data, sizeof(data), BROADCAST, 1, i);
		conf_put_pieces(conf_tx(&a, 0), data, sizeof(data), 2048);
		conf_txsync(&a);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)),
			 sizeof(data));
		CHECK_MEM(got, data, sizeof(data));
		conf_rxsync(&c);
		CHECK_EQ(conf_get(conf_rx(&c, 0), got, sizeof(got)),
			 sizeof(data));
		CHECK_MEM(got, data, sizeof(data));
	}
}

static void known_station(void)
{
	uint8_t data[500], got[500];
	struct port a, b;
	struct port c = conf_open("vale0:c");

	open_pair(&a, &b, 64);
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
	conf_drain(&c);
	conf_fill(data, sizeof(data), 2, 1, 9);
	conf_put_pieces(conf_tx(&a, 0), data, sizeof(data), PIECE);
	conf_txsync(&a);
	conf_expect_none(&c);
	conf_rxsync(&b);
	one_frame(conf_rx(&b, 0), 5);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), sizeof(data));
	CHECK_MEM(got, data, sizeof(data));
}

static const struct claim claims[] = {
	{"frames of 1 to 64 slots arrive, each slot with their number",
	 any_number},
	{"pieces may be of any size", pieces_of_any_size},
	{"a frame of one slot has flags 0x0100", single_slot},
	{"the sender's flags do not arrive, and only NS_BUF_CHANGED is "
	 "cleared",
	 flags_of_sender},
	{"a chain that ends at head without an end is delivered as it is",
	 unfinished_chain},
	{"no frame of more than 64 slots arrives", too_many},
	{"a frame that does not fit leaves nothing of it", all_or_nothing},
	{"a hundred frames of 10000 bytes reach two ports", jumbo},
	{"a frame of several slots goes to a known station only",
	 known_station},
};

int main(void)
{
	return CONF_RUN(claims);
}
