// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames of several slots on interfaces. */
#include "conf.h"

static const struct t_nic jumbo = {
	.tx_slots = 128, .rx_slots = 128, .mtu = 9000, .frags = true};

static uint8_t data[65536], got[65536];

/* Two programs at the ends of a cable. */
static struct port a, b;

static void cabled(struct t_nic conf)
{
	conf_nic_pair("eth0", "eth1", conf);
	a = conf_open("eth0");
	b = conf_open("eth1");
}

static void both_ways(void)
{
	cabled(jumbo);
	for (uint32_t len = 60; len < 9000; len += 447) {
		check_note("length %u", len);
		conf_fill(data, len, 2, 1, len);
		conf_put_pieces(conf_tx(&a, 0), data, len, 1000);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 127);
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), (len + 2111) / 2112);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), len);
		CHECK_MEM(got, data, len);
	}
}

static void not_without_frags(void)
{
	cabled((struct t_nic){.tx_slots = 16, .rx_slots = 16});
	conf_fill(data, 2113, 2, 1, 1);
	conf_put_pieces(conf_tx(&a, 0), data, 1000, 100);
	conf_put_frame(conf_tx(&a, 0), conf_frame(2, 1, 5));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 15);
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).no_frags, 1);
	conf_expect(&b, 0, conf_frame(2, 1, 5));
	conf_expect_none(&b);
	CHECK(t_nics->arrive("eth1", 0, data, 2048));
	CHECK_EQ(conf_stats("eth1", NETMAP_X_RX, 0).drop_size, 0);
}

/* A frame waits for its end, and for room for all of it. */
static void open_end(void)
{
	struct netmap_ring *tx;

	cabled(jumbo);
	tx = conf_tx(&a, 0);
	conf_fill(data, 300, 2, 1, 1);
	conf_put(tx, data, 100, NS_MOREFRAG);
	conf_put(tx, data + 100, 100, NS_MOREFRAG);
	conf_txsync(&a);
	conf_expect_none(&b);
	CHECK_EQ(nm_ring_space(tx), 125);
	conf_put(tx, data + 200, 100, 0);
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 127);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 300);
	CHECK_MEM(got, data, 300);
}

static void most_pieces(void)
{
	struct netmap_ring *tx;

	cabled(jumbo);
	tx = conf_tx(&a, 0);
	conf_fill(data, 6500, 2, 1, 1);
	conf_put_pieces(tx, data, 6400, 100);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 6400);
	conf_put_pieces(tx, data, 6500, 100);
	conf_put_frame(tx, conf_frame(2, 1, 7));
	conf_txsync(&a);
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).no_frags, 1);
	conf_expect(&b, 0, conf_frame(2, 1, 7));
	CHECK_EQ(nm_ring_space(tx), 127);
}

/* One that never ends cannot stop a ring. */
static void no_end(void)
{
	struct netmap_ring *tx;

	cabled((struct t_nic){.tx_slots = 8, .frags = true});
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 7; i++)
		conf_put(tx, data, 100, NS_MOREFRAG);
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 7);
	conf_send(&a, 0, conf_frame(2, 1, 7));
	conf_expect(&b, 0, conf_frame(2, 1, 7));
}

static void no_room(void)
{
	conf_nic("eth0",
		 (struct t_nic){.rx_slots = 8, .mtu = 9000, .frags = true});
	b = conf_open("eth0");
	conf_fill(data, 9000, 2, 1, 1);
	CHECK(t_nics->arrive("eth0", 0, data, 9000));
	CHECK(t_nics->arrive("eth0", 0, data, 9000));
	CHECK(t_nics->arrive("eth0", 0, data, 4000));
	conf_rxsync(&b);
	CHECK_EQ(conf_stats("eth0", NETMAP_X_RX, 0).drop_full, 1);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 9000);
	CHECK_MEM(got, data, 9000);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 4000);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), -1);
}

/* What the system sends comes whole as well, or not at all. */
static void host(void)
{
	struct port p;

	conf_nic("eth0",
		 (struct t_nic){.rx_slots = 8, .mtu = 9000, .frags = true});
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	conf_fill(data, 9000, 2, 1, 1);
	CHECK(t_nics->host_send("eth0", 0, data, 9000));
	CHECK(!t_nics->host_send("eth0", 0, data, 9000));
	CHECK(t_nics->host_send("eth0", 0, data, 4000));
	conf_rxsync(&p);
	CHECK_EQ(conf_stats("eth0", NETMAP_X_RX, 1).drop_full, 1);
	CHECK_EQ(nm_ring_space(conf_host_rx(&p, 0)), 5 + 2);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), 9000);
	CHECK_MEM(got, data, 9000);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), 4000);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), -1);
}

static const struct claim claims[] = {
	{"interfaces with fragments carry frames of several slots", both_ways},
	{"others drop them, and nothing else", not_without_frags},
	{"a frame goes out when its end is there", open_end},
	{"64 slots are a frame, 65 are dropped", most_pieces},
	{"a frame without an end leaves the ring usable", no_end},
	{"a frame that does not fit whole is dropped", no_room},
	{"what the system sends takes several slots, too", host},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
