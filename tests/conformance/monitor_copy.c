// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Copy monitors of a switch port: what is shown, when, and at whose cost. */
#include "monitors.h"

static void rx_before_the_reader(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:b", COPY_RX);

	for (uint32_t i = 0; i < 10; i++) {
		conf_send(&a, 0, conf_any(i));
		mon_expect(&m, 0, conf_any(i), ONE_SLOT);
	}
	for (uint32_t i = 0; i < 10; i++) {
		conf_rxsync(&b);
		mon_next(&b, 0, conf_any(i), ONE_SLOT);
	}
	conf_rxsync(&b);
	conf_send(&b, 0, conf_any(1));
	conf_expect_none(&m);
}

static void tx_when_sent(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_TX);

	conf_put_frame(conf_tx(&a, 0), conf_any(1));
	conf_expect_none(&m);
	conf_txsync(&a);
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
	conf_expect(&b, 0, conf_any(1));
	conf_send(&b, 0, conf_any(2));
	conf_expect(&a, 0, conf_any(2));
	conf_expect_none(&m);
}

static void both_in_order(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_BOTH);

	for (uint32_t i = 0; i < 10; i++) {
		conf_send(&a, 0, conf_any(2 * i));
		conf_send(&b, 0, conf_any(2 * i + 1));
	}
	conf_rxsync(&m);
	for (uint32_t i = 0; i < 10; i++) {
		mon_next(&m, 0, conf_any(2 * i), NS_TXMON);
		mon_next(&m, 0, conf_any(2 * i + 1), ONE_SLOT);
	}
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 0);
}

/* A program's own mark is not taken for ours; its other flags are shown. */
static void tx_flags(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_TX);
	struct port r = mon_open("vale0:b", COPY_RX);
	struct frame f = conf_any(3);

	CHECK(b.fd >= 0);
	conf_put(conf_tx(&a, 0), f.data, sizeof(f.data),
		 NS_REPORT | NS_BUF_CHANGED | NS_TXMON | 0x0500);
	conf_txsync(&a);
	mon_expect(&m, 0, f, NS_REPORT | NS_TXMON | 0x0500);
	mon_expect(&r, 0, f, ONE_SLOT);
}

/* What is unicast to somebody else is no arrival, but was sent. */
static void only_its_own(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c");
	struct port mb = mon_open("vale0:b", COPY_BOTH);
	struct port mc = mon_open("vale0:c", COPY_BOTH);

	conf_send(&c, 0, conf_frame(BROADCAST, 3, 1));
	mon_expect(&mc, 0, conf_frame(BROADCAST, 3, 1), NS_TXMON);
	mon_expect(&mb, 0, conf_frame(BROADCAST, 3, 1), ONE_SLOT);
	conf_drain(&b);
	conf_send(&a, 0, conf_frame(3, 1, 2));
	mon_expect(&mc, 0, conf_frame(3, 1, 2), ONE_SLOT);
	conf_expect_none(&mb);
}

/* Data that the switch fetches from the program's memory is shown too. */
static void indirect(void)
{
	conf_needs_indirect();
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_TX);
	struct frame f[4];
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < 4; i++) {
		f[i] = conf_any(i);
		if (i % 2) {
			conf_put_frame(tx, f[i]);
			continue;
		}
		conf_slot(tx, 0)->flags = NS_INDIRECT;
		conf_slot(tx, 0)->len = sizeof(f[i].data);
		conf_slot(tx, 0)->ptr = (uintptr_t)f[i].data;
		conf_advance(tx, 1);
	}
	conf_txsync(&a);
	conf_rxsync(&m);
	for (uint32_t i = 0; i < 4; i++) {
		mon_next(&m, 0, f[i], NS_TXMON);
		conf_expect(&b, 0, f[i]);
	}
}

/* A frame that the switch does not take goes nowhere, so is not shown. */
static void bad_frames(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_TX);
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct netmap_slot *slot;
	uint32_t idx;

	CHECK(b.fd >= 0);
	conf_put_frame(tx, conf_any(1));
	slot = conf_slot(tx, 0);
	idx = slot->buf_idx;
	conf_put_frame(tx, conf_any(2));
	slot->buf_idx = 0xffffffffu;
	conf_put(tx, conf_any(3).data, 13, 0);
	conf_put_frame(tx, conf_any(4));
	conf_txsync(&a);
	slot->buf_idx = idx;
	conf_rxsync(&m);
	mon_next(&m, 0, conf_any(1), NS_TXMON);
	mon_next(&m, 0, conf_any(4), NS_TXMON);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 0);
}

/* A monitor without room loses frames; the port does not. */
static void overflow(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct port m = mon_open_as("vale0:b", COPY_RX, REG_SLOTS(8));
	struct nmreq_x_stats x;

	CHECK_EQ(m.reg.nr_rx_slots, 8);
	for (uint32_t i = 0; i < 50; i++)
		conf_send(&a, 0, conf_any(i));
	for (uint32_t i = 0; i < 50; i++)
		conf_expect(&b, 0, conf_any(i));
	conf_rxsync(&m);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 7);
	for (uint32_t i = 0; i < 7; i++)
		mon_next(&m, 0, conf_any(i), ONE_SLOT);
	conf_rxsync(&m);
	conf_send(&a, 0, conf_any(99));
	mon_expect(&m, 0, conf_any(99), ONE_SLOT);
	x = conf_stats("vale0:b", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 51);
	CHECK_EQ(x.delivered, 51);
	x = conf_stats("vale0:b/r#0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 51);
	CHECK_EQ(x.delivered, 8);
	CHECK_EQ(x.delivered_bytes, 8 * 60);
	CHECK_EQ(x.drop_full, 43);
}

/* A frame larger than the receiver has room for is dropped by the receiver:
 * no arrival; one for which the monitor alone has a bad slot is its own loss. */
static void bad_monitor_slot(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m = mon_open("vale0:b", COPY_RX);
	struct netmap_ring *r = conf_rx(&m, 0);
	uint32_t idx = r->slot[0].buf_idx;
	struct nmreq_x_stats x;

	r->slot[0].buf_idx = 0;
	conf_send(&a, 0, conf_any(1));
	r->slot[0].buf_idx = idx;
	conf_send(&a, 0, conf_any(2));
	mon_expect(&m, 0, conf_any(2), ONE_SLOT);
	conf_expect(&b, 0, conf_any(1));
	conf_expect(&b, 0, conf_any(2));
	x = conf_stats("vale0:b/r#0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 2);
	CHECK_EQ(x.drop_slot, 1);
}

static void reply_and_names(void)
{
	struct port a = conf_open_as(
		"vale0:a", REG_SLOTS(64, .nr_tx_rings = 3, .nr_rx_rings = 2));
	struct port r = mon_open("vale0:a", COPY_RX);
	struct port t = mon_open("vale0:a", COPY_TX);
	struct port rt = mon_open_as("vale0:a", COPY_BOTH, REG_SLOTS(5000));

	CHECK_STR(r.nifp->ni_name, "vale0:a/r#0");
	CHECK_STR(t.nifp->ni_name, "vale0:a/t#1");
	CHECK_STR(rt.nifp->ni_name, "vale0:a/rt#2");
	CHECK_EQ(r.reg.nr_flags, COPY_RX);
	CHECK_EQ(rt.reg.nr_flags, COPY_BOTH);
	CHECK_EQ(r.reg.nr_rx_rings, 3);
	CHECK_EQ(r.reg.nr_tx_rings, 1);
	CHECK_EQ(r.nifp->ni_rx_rings, 3);
	CHECK_EQ(r.nifp->ni_tx_rings, 1);
	CHECK_EQ(r.reg.nr_host_rx_rings, 0);
	CHECK_EQ(r.reg.nr_rx_slots, 64);
	CHECK_EQ(rt.reg.nr_rx_slots, 4096);
	CHECK(r.reg.nr_mem_id != a.reg.nr_mem_id);
	CHECK(r.reg.nr_mem_id != t.reg.nr_mem_id);
	CHECK(r.nifp->ni_flags & NI_PRIV_MEM);
}

static void nothing_to_send_with(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = mon_open("vale0:a", COPY_BOTH);

	CHECK(a.fd >= 0);
	CHECK_EQ(nm_ring_space(conf_tx(&m, 0)), 0);
	conf_txsync(&m);
	CHECK_EQ(conf_poll(m.fd, POLLOUT), POLLOUT | POLLERR);
	CHECK_EQ(conf_poll(m.fd, POLLIN), 0);
	CHECK_EQ(conf_poll(m.fd, 0), 0);
	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN);
	mon_next(&m, 0, conf_any(1), NS_TXMON);
}

/* A named region, so that a program may pass the copies on by exchange. */
static void region_as_asked(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale1:b");
	struct nmreq_register reg =
		REG(NR_REG_ALL_NIC, .nr_mem_id = b.reg.nr_mem_id);
	struct port m = mon_open_as("vale0:a", COPY_TX, reg);

	CHECK_EQ(m.reg.nr_mem_id, b.reg.nr_mem_id);
	conf_send(&a, 0, conf_any(1));
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
}

static const struct claim claims[] = {
	{"rx frames are shown on arrival, before the port reads them",
	 rx_before_the_reader},
	{"tx frames are shown when they are sent, with NS_TXMON", tx_when_sent},
	{"a monitor of both directions shows them in order", both_in_order},
	{"flags are copied, NS_TXMON is the monitor's own", tx_flags},
	{"a monitor shows its port's traffic and no other", only_its_own},
	{"indirect data is shown", indirect},
	{"a frame that the switch refuses is not shown", bad_frames},
	{"a full monitor loses frames, its port does not", overflow},
	{"a monitor's bad slot costs the monitor a frame", bad_monitor_slot},
	{"reply, name and region are as the interface says", reply_and_names},
	{"tx rings of a monitor are of no use", nothing_to_send_with},
	{"a copy monitor lives in the region it names", region_as_asked},
};

int main(void)
{
	return CONF_RUN(claims);
}
