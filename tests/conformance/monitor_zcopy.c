// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Zero copy monitors: buffers change places when slots are given up. */
#include "monitors.h"

static void reply(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(32));
	struct port m = mon_open("vale0:a", ZCOPY);

	CHECK_EQ(m.reg.nr_flags, NR_ZCOPY_MON | NR_MONITOR_TX | NR_MONITOR_RX);
	CHECK_EQ(m.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(m.reg.nr_memsize, a.reg.nr_memsize);
	CHECK_EQ(m.reg.nr_rx_slots, 32);
	CHECK_STR(m.nifp->ni_name, "vale0:a/zrt#0");
}

/* On a switch a tx slot is done with at once, an rx slot when released. */
static void when_given_up(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", ZCOPY);

	conf_send(&a, 0, conf_any(1));
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
	conf_expect(&b, 0, conf_any(1));
	conf_send(&b, 0, conf_any(2));
	conf_expect_none(&m);
	conf_expect(&a, 0, conf_any(2));
	conf_expect_none(&m);
	conf_rxsync(&a);
	mon_expect(&m, 0, conf_any(2), ONE_SLOT);
}

static void buffers_are_swapped(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", ZCOPY);
	struct netmap_slot *tx = conf_slot(conf_tx(&a, 0), 0);
	struct netmap_slot *seen = &conf_rx(&m, 0)->slot[0];
	uint32_t was = tx->buf_idx, spare = seen->buf_idx;

	CHECK(b.fd >= 0);
	tx->ptr = 0x1234;
	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(seen->buf_idx, was);
	CHECK_EQ(seen->ptr, 0x1234);
	CHECK_EQ(tx->buf_idx, spare);
	CHECK_EQ(tx->flags & NS_BUF_CHANGED, NS_BUF_CHANGED);
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
}

/* Rings go round several times; buffers stay good wherever they are. */
static void round_and_round(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct port m = mon_open_as("vale0:a", ZCOPY, REG_SLOTS(5));
	struct port n = mon_open_as("vale0:b", ZCOPY, REG_SLOTS(16));

	for (uint32_t i = 0; i < 100; i++) {
		check_note("round %u", i);
		conf_send(&a, 0, conf_any(i));
		mon_expect(&m, 0, conf_any(i), NS_TXMON);
		conf_rxsync(&m);
		conf_expect(&b, 0, conf_any(i));
		conf_rxsync(&b);
		mon_expect(&n, 0, conf_any(i), ONE_SLOT);
		conf_rxsync(&n);
	}
	check_note("%s", "");
}

static void overflow(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct port m = mon_open_as("vale0:a", ZCOPY, REG_SLOTS(4));
	struct nmreq_x_stats x;

	for (uint32_t i = 0; i < 20; i++)
		conf_put_frame(conf_tx(&a, 0), conf_any(i));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 63);
	for (uint32_t i = 0; i < 20; i++)
		conf_expect(&b, 0, conf_any(i));
	conf_rxsync(&m);
	for (uint32_t i = 0; i < 3; i++)
		mon_next(&m, 0, conf_any(i), NS_TXMON);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 0);
	x = conf_stats("vale0:a/zrt#0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 20);
	CHECK_EQ(x.delivered, 3);
	CHECK_EQ(x.drop_full, 17);
	x = conf_stats("vale0:a", NETMAP_X_TX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.sent, 20);
}

/* A slot that names no buffer keeps what it has; nothing is followed. */
static void bad_slots(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = mon_open("vale0:a", ZCOPY);
	struct netmap_ring *tx = conf_tx(&a, 0), *r = conf_rx(&m, 0);
	struct netmap_slot *slot = conf_slot(tx, 0);
	uint32_t idx = slot->buf_idx;

	conf_put_frame(tx, conf_any(1));
	slot->buf_idx = 0xfffffff0u;
	conf_slot(tx, 0)->len = 0xffff;
	conf_advance(tx, 1);
	conf_put_frame(tx, conf_any(3));
	conf_txsync(&a);
	CHECK_EQ(slot->buf_idx, 0xfffffff0u);
	slot->buf_idx = idx;
	conf_rxsync(&m);
	CHECK_EQ(nm_ring_space(r), 3);
	CHECK_EQ(conf_slot(r, 0)->len, 0);
	CHECK_EQ(conf_slot(r, 1)->len, 0);
	conf_advance(r, 2);
	mon_next(&m, 0, conf_any(3), NS_TXMON);
}

/* What a switch fetched from the program's memory is in no buffer. */
static void indirect_is_not_shown(void)
{
	conf_needs_indirect();
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", ZCOPY);
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct frame f = conf_any(1);
	struct nmreq_x_stats x;

	conf_slot(tx, 0)->flags = NS_INDIRECT;
	conf_slot(tx, 0)->len = sizeof(f.data);
	conf_slot(tx, 0)->ptr = (uintptr_t)f.data;
	conf_advance(tx, 1);
	conf_put_frame(tx, conf_any(2));
	conf_txsync(&a);
	conf_expect(&b, 0, f);
	mon_expect(&m, 0, conf_any(2), NS_TXMON);
	x = conf_stats("vale0:a/zrt#0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 2);
	CHECK_EQ(x.drop_slot, 1);
}

/* All that was swapped is given back: the region's buffers do not run out. */
static void nothing_leaks(void)
{
	struct nmreq_register reg =
		REG(NR_REG_ALL_NIC, .nr_mem_id = 1, .nr_tx_slots = 1024,
		    .nr_rx_slots = 1024);
	struct port a = conf_open_as("vale0:a", reg);
	struct port b = conf_open("vale0:b");

	for (uint32_t i = 0; i < 200; i++) {
		struct port m = mon_open("vale0:a", ZCOPY);

		for (uint32_t k = 0; k < 5; k++)
			conf_send(&a, 0, conf_any(k));
		conf_drain(&b);
		conf_close(&m);
	}
}

static const struct claim claims[] = {
	{"the reply has all three flags and the port's region", reply},
	{"tx slots are shown when done with, rx slots when released",
	 when_given_up},
	{"buffers change places, and the port is told", buffers_are_swapped},
	{"rings of all sizes go round many times", round_and_round},
	{"a full monitor leaves the port's buffers alone", overflow},
	{"slots that name no buffer are recorded empty", bad_slots},
	{"indirect frames are not shown and counted", indirect_is_not_shown},
	{"closing gives back what was swapped", nothing_leaks},
};

int main(void)
{
	return CONF_RUN(claims);
}
