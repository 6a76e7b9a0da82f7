// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Monitors of pipes: lending goes on under their eyes. */
#include "monitors.h"

static void copies(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(8));
	struct port b = conf_open("lone}1");
	struct port ta = mon_open("lone{1", COPY_BOTH);
	struct port rb = mon_open("lone}1", COPY_BOTH);

	for (uint32_t i = 0; i < 30; i++) {
		conf_txsync(&a);
		conf_send(&a, 0, conf_any(i));
		mon_expect(&ta, 0, conf_any(i), NS_TXMON);
		mon_expect(&rb, 0, conf_any(i), 0);
		conf_expect(&b, 0, conf_any(i));
		conf_rxsync(&b);
	}
}

/* A frame that finds no room is shown when it is passed, once. */
static void once(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(4));
	struct port b = conf_open("lone}1");
	struct port m = mon_open("lone{1", COPY_TX);
	struct frame f = conf_any(1);

	CHECK(b.fd >= 0);
	conf_put(conf_tx(&a, 0), f.data, sizeof(f.data), NS_MOREFRAG);
	conf_txsync(&a);
	conf_expect_none(&m);
	conf_txsync(&a);
	conf_expect_none(&m);
	conf_put(conf_tx(&a, 0), f.data, sizeof(f.data), 0);
	conf_txsync(&a);
	conf_txsync(&a);
	conf_rxsync(&m);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 2);
}

/* Tx slots come back when the peer has released them and the sender syncs. */
static void swapped_tx(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(8));
	struct port b = conf_open("lone}1");
	struct port m = mon_open("lone{1", ZCOPY);
	uint32_t sent;

	for (uint32_t i = 0; i < 40; i++) {
		check_note("round %u", i);
		sent = conf_slot(conf_tx(&a, 0), 0)->buf_idx;
		conf_send(&a, 0, conf_any(i));
		conf_expect_none(&m);
		CHECK_EQ(conf_rx(&b, 0)->slot[i % 8].buf_idx, sent);
		conf_expect(&b, 0, conf_any(i));
		conf_rxsync(&b);
		conf_expect_none(&m);
		conf_txsync(&a);
		CHECK(conf_tx(&a, 0)->slot[i % 8].buf_idx != sent);
		mon_expect(&m, 0, conf_any(i), NS_TXMON);
		conf_rxsync(&m);
	}
	check_note("%s", "");
}

/* Rx slots are shown when released; the buffers go back to the sender's. */
static void swapped_rx(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(8));
	struct port b = conf_open("lone}1");
	struct port m = mon_open("lone}1", ZCOPY);
	uint32_t sent, spare;

	for (uint32_t i = 0; i < 40; i++) {
		check_note("round %u", i);
		sent = conf_slot(conf_tx(&a, 0), 0)->buf_idx;
		spare = conf_rx(&m, 0)->slot[i % 8].buf_idx;
		conf_send(&a, 0, conf_any(i));
		conf_expect(&b, 0, conf_any(i));
		conf_expect_none(&m);
		conf_rxsync(&b);
		CHECK_EQ(conf_rx(&m, 0)->slot[i % 8].buf_idx, sent);
		mon_expect(&m, 0, conf_any(i), 0);
		conf_txsync(&a);
		CHECK_EQ(conf_tx(&a, 0)->slot[i % 8].buf_idx, spare);
		conf_rxsync(&m);
	}
	check_note("%s", "");
}

/* Whatever was swapped, all buffers come back: pipes are made again and again
 * in a region that stays. */
static void nothing_leaks(void)
{
	struct nmreq_register reg = REG(NR_REG_ALL_NIC, .nr_mem_id = 1);
	struct port keep = conf_open_as("vale0:keep", reg);

	CHECK(keep.fd >= 0);
	for (uint32_t i = 0; i < 100; i++) {
		struct port a = conf_open("vale0:keep{1");
		struct port b = conf_open("vale0:keep}1");
		struct port ma = mon_open("vale0:keep{1", ZCOPY);
		struct port mb = mon_open("vale0:keep}1", ZCOPY);

		for (uint32_t k = 0; k < 5; k++) {
			conf_send(&a, 0, conf_any(k));
			conf_expect(&b, 0, conf_any(k));
		}
		conf_rxsync(&b);
		conf_txsync(&a);
		conf_close(i % 2 ? &ma : &a);
		conf_close(i % 3 ? &mb : &b);
		conf_close(i % 2 ? &a : &ma);
		conf_close(i % 3 ? &b : &mb);
	}
}

/* On a pipe NS_INDIRECT is one of the flags that pass untouched. */
static void foreign_flags(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");
	struct port m = mon_open("lone{1", COPY_TX);
	struct port n = mon_open("lone}1", COPY_RX);
	struct frame f = conf_any(1);

	CHECK(b.fd >= 0);
	conf_put(conf_tx(&a, 0), f.data, sizeof(f.data),
		 NS_INDIRECT | NS_FORWARD | NS_TXMON | 0x7700);
	conf_txsync(&a);
	mon_expect(&m, 0, f, NS_FORWARD | NS_TXMON | 0x7700);
	mon_expect(&n, 0, f, NS_FORWARD | 0x7700);
}

static const struct claim claims[] = {
	{"copy monitors at both ends show what passes", copies},
	{"a frame is shown once, when it is whole", once},
	{"zero copy of tx waits for the peer and the sender", swapped_tx},
	{"zero copy of rx sends the sender another buffer", swapped_rx},
	{"pipes with monitors give back all buffers", nothing_leaks},
	{"flags of no meaning to a pipe are shown", foreign_flags},
};

int main(void)
{
	return CONF_RUN(claims);
}
