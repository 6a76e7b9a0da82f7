// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames in several slots are recorded whole or not at all. */
#include "monitors.h"

#define BIG 10000

static uint8_t data[BIG], got[BIG];

static void next_is(const struct port *m, uint32_t len, uint32_t tag,
		    uint16_t mark)
{
	struct netmap_ring *r = conf_rx(m, 0);

	conf_fill(data, len, BROADCAST, 1, tag);
	CHECK_EQ(conf_slot(r, 0)->flags & NS_TXMON, mark);
	CHECK_EQ(conf_get(r, got, sizeof(got)), len);
	CHECK_MEM(got, data, len);
}

static void put(const struct port *p, uint32_t len, uint32_t tag,
		uint32_t piece)
{
	conf_fill(data, len, BROADCAST, 1, tag);
	conf_put_pieces(conf_tx(p, 0), data, len, piece);
}

/* A hundred frames of 10 kB, seen by every kind on both sides. */
static void jumbo(const char *from, const char *to, const char *swapped)
{
	struct port a = conf_open_as(from, REG_SLOTS(64));
	struct port b = conf_open_as(to, REG_SLOTS(64));
	struct port ct = mon_open(from, COPY_TX), cr = mon_open(to, COPY_RX);
	struct port z = mon_open(swapped, ZCOPY);
	uint16_t mark = swapped == from ? NS_TXMON : 0;

	for (uint32_t i = 0; i < 100; i++) {
		check_note("frame %u", i);
		put(&a, BIG, i, 2048);
		conf_txsync(&a);
		conf_rxsync(&b);
		next_is(&b, BIG, i, 0);
		conf_rxsync(&b);
		conf_txsync(&a);
		conf_rxsync(&ct);
		next_is(&ct, BIG, i, NS_TXMON);
		conf_rxsync(&cr);
		next_is(&cr, BIG, i, 0);
		conf_rxsync(&z);
		next_is(&z, BIG, i, mark);
	}
	check_note("%s", "");
}

static void jumbo_over_switch(void)
{
	static const char a[] = "vale0:a", b[] = "vale0:b";

	jumbo(a, b, a);
	conf_cleanup();
	jumbo(a, b, b);
}

static void jumbo_over_pipe(void)
{
	static const char a[] = "lone{1", b[] = "lone}1";

	jumbo(a, b, a);
	conf_cleanup();
	jumbo(a, b, b);
}

/* Seven slots: two frames of three fit, and one of one. */
static void whole_or_not(uint64_t flags)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct port m = mon_open_as("vale0:a", flags, REG_SLOTS(8));
	struct nmreq_x_stats x;

	for (uint32_t i = 0; i < 4; i++)
		put(&a, 300, i, 100);
	put(&a, 60, 4, 100);
	put(&a, 60, 5, 100);
	put(&a, 2000, 6, 100);
	conf_txsync(&a);
	conf_rxsync(&b);
	for (uint32_t i = 0; i < 4; i++)
		next_is(&b, 300, i, 0);
	conf_rxsync(&m);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 7);
	next_is(&m, 300, 0, NS_TXMON);
	next_is(&m, 300, 1, NS_TXMON);
	next_is(&m, 60, 4, NS_TXMON);
	x = conf_stats(flags == ZCOPY ? "vale0:a/zrt#0" : "vale0:a/t#0",
		       NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 7);
	CHECK_EQ(x.delivered, 3);
	CHECK_EQ(x.delivered_bytes, 660);
	CHECK_EQ(x.drop_full, 4);
}

static void copied_whole_or_not(void)
{
	whole_or_not(COPY_TX);
}

static void swapped_whole_or_not(void)
{
	whole_or_not(ZCOPY);
}

/* A chain that a switch closes at head ends there for monitors too. */
static void closed_at_head(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = mon_open("vale0:a", COPY_TX);
	struct port z = mon_open("vale0:a", ZCOPY);

	conf_fill(data, 100, BROADCAST, 1, 1);
	conf_put(conf_tx(&a, 0), data, 60, NS_MOREFRAG);
	conf_put(conf_tx(&a, 0), data + 60, 40, NS_MOREFRAG);
	conf_txsync(&a);
	conf_rxsync(&b);
	next_is(&b, 100, 1, 0);
	conf_rxsync(&c);
	next_is(&c, 100, 1, NS_TXMON);
	conf_rxsync(&z);
	next_is(&z, 100, 1, NS_TXMON);
}

/* So does one that is released in two parts, and one without an end. */
static void released_in_parts(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");
	struct port z = mon_open("lone}1", ZCOPY);
	struct netmap_ring *r = conf_rx(&z, 0);

	put(&a, 300, 1, 100);
	conf_txsync(&a);
	conf_rxsync(&b);
	conf_advance(conf_rx(&b, 0), 2);
	conf_rxsync(&b);
	conf_rxsync(&z);
	CHECK_EQ(nm_ring_space(r), 2);
	CHECK_EQ(conf_slot(r, 0)->flags, NS_MOREFRAG);
	CHECK_EQ(conf_slot(r, 1)->flags, 0);
	conf_advance(conf_rx(&b, 0), 1);
	conf_rxsync(&b);
	conf_rxsync(&z);
	CHECK_EQ(nm_ring_space(r), 3);
	CHECK_EQ(conf_slot(r, 2)->flags, 0);
}

static void endless(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(256));
	struct port b = conf_open("lone}1");
	struct port c = mon_open("lone{1", COPY_TX);
	struct netmap_ring *r = conf_rx(&c, 0);

	CHECK(b.fd >= 0);
	conf_fill(data, 60, BROADCAST, 1, 1);
	for (uint32_t i = 0; i < 70; i++)
		conf_put(conf_tx(&a, 0), data, 60, i < 69 ? NS_MOREFRAG : 0);
	conf_txsync(&a);
	conf_rxsync(&c);
	CHECK_EQ(nm_ring_space(r), 70);
	CHECK_EQ(conf_get(r, got, sizeof(got)), 64 * 60);
	CHECK_EQ(conf_get(r, got, sizeof(got)), 6 * 60);
}

/* Indirect and plain pieces in one frame. */
static void mixed_indirect(void)
{
	conf_needs_indirect();
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = mon_open("vale0:a", COPY_TX);
	struct netmap_ring *tx = conf_tx(&a, 0);

	conf_fill(data, 500, BROADCAST, 1, 1);
	for (uint32_t i = 0; i < 5; i++) {
		uint16_t more = i < 4 ? NS_MOREFRAG : 0;

		if (i % 2 == 0) {
			conf_put(tx, data + 100 * i, 100, more);
			continue;
		}
		conf_slot(tx, 0)->flags = NS_INDIRECT | more;
		conf_slot(tx, 0)->len = 100;
		conf_slot(tx, 0)->ptr = (uintptr_t)(data + 100 * i);
		conf_advance(tx, 1);
	}
	conf_txsync(&a);
	conf_rxsync(&b);
	next_is(&b, 500, 1, 0);
	conf_rxsync(&c);
	next_is(&c, 500, 1, NS_TXMON);
}

static const struct claim claims[] = {
	{"a hundred frames of 10 kB over a switch", jumbo_over_switch},
	{"a hundred frames of 10 kB over a pipe", jumbo_over_pipe},
	{"a copied frame is recorded whole or not at all", copied_whole_or_not},
	{"a swapped frame is recorded whole or not at all",
	 swapped_whole_or_not},
	{"a chain that is closed at head ends there", closed_at_head},
	{"a frame that is released in parts is shown in parts",
	 released_in_parts},
	{"a chain of more than 64 slots is cut", endless},
	{"frames of plain and indirect slots are shown whole", mixed_indirect},
};

int main(void)
{
	return CONF_RUN(claims);
}
