// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Monitors of NIC rings and of host rings. */
#include "monitors.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

/* Flags of a frame from the wire: none. */
#define NIC_SLOT 0

static void copies(void)
{
	struct port p, tx, rx, both;

	conf_nic_pair("eth0", "eth1", small);
	p = conf_open("eth0");
	tx = mon_open("eth0", COPY_TX);
	rx = mon_open("eth0", COPY_RX);
	both = mon_open("eth0", COPY_BOTH);
	CHECK(tx.reg.nr_mem_id != 1);
	for (uint32_t i = 0; i < 40; i++) {
		conf_send(&p, 0, conf_frame(2, 1, i));
		mon_expect(&tx, 0, conf_frame(2, 1, i), NS_TXMON);
		CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, i)));
		mon_expect(&rx, 0, conf_frame(1, 2, i), NIC_SLOT);
		conf_rxsync(&both);
		mon_next(&both, 0, conf_frame(2, 1, i), NS_TXMON);
		mon_next(&both, 0, conf_frame(1, 2, i), NIC_SLOT);
		conf_expect(&p, 0, conf_frame(1, 2, i));
		conf_host_expect("eth1", conf_frame(2, 1, i));
	}
	conf_expect_none(&tx);
	conf_expect_none(&rx);
}

/* Only what the interface has taken was sent. */
static void taken_frames(void)
{
	struct port p, m;

	conf_nic("eth0",
		 (struct t_nic){.tx_slots = 16, .descs = 2, .manual = true});
	p = conf_open("eth0");
	m = mon_open("eth0", COPY_TX);
	for (uint32_t i = 0; i < 3; i++)
		conf_put_frame(conf_tx(&p, 0), conf_frame(2, 1, i));
	conf_put(conf_tx(&p, 0), "bad", 3, 0);
	conf_txsync(&p);
	conf_rxsync(&m);
	mon_next(&m, 0, conf_frame(2, 1, 0), NS_TXMON);
	mon_next(&m, 0, conf_frame(2, 1, 1), NS_TXMON);
	conf_expect_none(&m);
	CHECK_EQ(t_nics->send("eth0", 0, 100), 2);
	conf_txsync(&p);
	conf_txsync(&p);
	mon_expect(&m, 0, conf_frame(2, 1, 2), NS_TXMON);
}

/* Buffers change places when an rx slot is released, or a tx slot is back. */
static void swapped(void)
{
	struct netmap_ring *rx;
	struct port p, m;
	uint32_t was;

	conf_nic_pair("eth0", "eth1", small);
	p = conf_open("eth0");
	m = mon_open("eth0", ZCOPY);
	CHECK_EQ(m.reg.nr_mem_id, 1);
	rx = conf_rx(&p, 0);
	CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, 7)));
	conf_expect_none(&m);
	was = rx->slot[0].buf_idx;
	conf_expect(&p, 0, conf_frame(1, 2, 7));
	conf_expect_none(&m);
	conf_rxsync(&p);
	CHECK_EQ(conf_rx(&m, 0)->slot[0].buf_idx, was);
	mon_expect(&m, 0, conf_frame(1, 2, 7), NIC_SLOT);
	for (uint32_t i = 0; i < 40; i++) {
		conf_send(&p, 0, conf_frame(2, 1, i));
		mon_expect(&m, 0, conf_frame(2, 1, i), NS_TXMON);
		conf_host_expect("eth1", conf_frame(2, 1, i));
		CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, i)));
		conf_expect(&p, 0, conf_frame(1, 2, i));
		conf_rxsync(&p);
		mon_expect(&m, 0, conf_frame(1, 2, i), NIC_SLOT);
	}
}

/* The next frame in a monitor's ring for the host's. */
static void host_next(const struct port *m, struct frame f, uint16_t flags)
{
	struct netmap_ring *r = conf_host_rx(m, 0);
	struct frame got;

	conf_rxsync(m);
	CHECK(nm_ring_space(r) > 0);
	CHECK_EQ(conf_slot(r, 0)->flags, flags);
	CHECK_EQ(conf_get(r, got.data, sizeof(got.data)), sizeof(f.data));
	CHECK_MEM(got.data, f.data, sizeof(f.data));
}

static void host_rings(uint64_t flags)
{
	struct port p, m;
	struct netmap_ring *rx;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	m = mon_open_as("eth0", flags, REG(NR_REG_NIC_SW));
	rx = conf_host_rx(&p, 0);
	for (uint32_t i = 0; i < 40; i++) {
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
		conf_rxsync(&p);
		CHECK_EQ(nm_ring_space(rx), 1);
		conf_advance(rx, 1);
		conf_rxsync(&p);
		host_next(&m, conf_frame(2, 1, i), NIC_SLOT);
		conf_put_frame(conf_host_tx(&p, 0), conf_frame(1, 2, i));
		conf_txsync(&p);
		host_next(&m, conf_frame(1, 2, i), NS_TXMON);
		conf_host_expect("eth0", conf_frame(1, 2, i));
	}
	conf_expect_none(&m);
}

static void host_copied(void)
{
	host_rings(COPY_BOTH);
}

static void host_swapped(void)
{
	host_rings(ZCOPY);
}

static void removal(void)
{
	struct port p, m;

	conf_nic("eth0", small);
	p = conf_open("eth0");
	m = mon_open("eth0", COPY_BOTH);
	conf_send(&p, 0, conf_frame(2, 1, 1));
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN);
	t_nics->remove("eth0");
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN | POLLERR);
	mon_expect(&m, 0, conf_frame(2, 1, 1), NS_TXMON);
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN | POLLERR);
}

static const struct claim claims[] = {
	{"copy monitors show what NIC rings send and receive", copies},
	{"what the interface has not taken was not sent", taken_frames},
	{"zero copy monitors of NIC rings swap buffers", swapped},
	{"copy monitors show host rings", host_copied},
	{"zero copy monitors show host rings", host_swapped},
	{"a monitor learns that the interface is gone", removal},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
