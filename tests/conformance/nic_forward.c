// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames that a program passes on between NIC and host with a flag. */
#include "conf.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

static struct port open_both(uint32_t mode)
{
	conf_nic_pair("eth0", "eth1", small);
	return conf_open_as("eth0", REG(mode));
}

/* Receives @n frames of the wire; marks those of @mask; releases. */
static void release(const struct port *p, struct netmap_ring *rx, uint32_t n,
		    uint32_t mask)
{
	conf_rxsync(p);
	CHECK_EQ(nm_ring_space(rx), n);
	for (uint32_t i = 0; i < n; i++)
		if (mask >> i & 1)
			conf_slot(rx, i)->flags |= NS_FORWARD;
	conf_advance(rx, n);
}

static void arrive(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		CHECK(t_nics->arrive("eth0", 0, conf_frame(1, 2, i).data, 60));
}

static void nic_to_host(void)
{
	struct port p = open_both(NR_REG_ALL_NIC);
	struct netmap_ring *rx = conf_rx(&p, 0);

	rx->flags |= NR_FORWARD;
	arrive(4);
	release(&p, rx, 4, 0x5);
	conf_host_expect_none("eth0");
	conf_rxsync(&p);
	conf_host_expect("eth0", conf_frame(1, 2, 0));
	conf_host_expect("eth0", conf_frame(1, 2, 2));
	conf_host_expect_none("eth0");
	/* New frames are not marked. */
	arrive(15);
	release(&p, rx, 15, 0);
	conf_rxsync(&p);
	conf_host_expect_none("eth0");
}

static void both_flags(void)
{
	struct port p = open_both(NR_REG_NIC_SW);

	arrive(2);
	release(&p, conf_rx(&p, 0), 2, 0x3);
	conf_rxsync(&p);
	conf_host_expect_none("eth0");
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 1)));
	release(&p, conf_host_rx(&p, 0), 1, 1);
	conf_rxsync(&p);
	conf_host_expect_none("eth1");
}

static void host_to_nic(void)
{
	struct port p = open_both(NR_REG_NIC_SW);
	struct netmap_ring *rx = conf_host_rx(&p, 0), *tx = conf_tx(&p, 0);
	uint32_t from, to;

	rx->flags |= NR_FORWARD;
	for (uint32_t i = 0; i < 4; i++)
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
	conf_rxsync(&p);
	from = conf_slot(rx, 1)->buf_idx;
	to = conf_slot(tx, 0)->buf_idx;
	release(&p, rx, 4, 0xa);
	/* Sent in the same poll. */
	CHECK_EQ(conf_poll(p.fd, POLLIN), 0);
	conf_host_expect("eth1", conf_frame(2, 1, 1));
	conf_host_expect("eth1", conf_frame(2, 1, 3));
	conf_host_expect_none("eth1");
	/* By exchange of buffers; the program's cursors have moved. */
	CHECK_EQ(rx->slot[1].buf_idx, to);
	CHECK_EQ(tx->slot[0].buf_idx, from);
	CHECK_EQ(tx->head, 2);
	CHECK_EQ(tx->cur, 2);
	CHECK_EQ(nm_ring_space(tx), 15);
}

/* RXSYNC does what poll does; what the program has put before goes first. */
static void behind_the_program_s(void)
{
	struct port p = open_both(NR_REG_NIC_SW);
	struct netmap_ring *rx = conf_host_rx(&p, 0);

	rx->flags |= NR_FORWARD;
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 2)));
	release(&p, rx, 1, 1);
	conf_put_frame(conf_tx(&p, 0), conf_frame(2, 1, 1));
	conf_rxsync(&p);
	conf_host_expect("eth1", conf_frame(2, 1, 1));
	conf_host_expect("eth1", conf_frame(2, 1, 2));
}

/* Who has not all NIC tx rings, or none, cannot have frames put there. */
static void without_nic_rings(void)
{
	struct port nic, sw;
	struct netmap_ring *rx;

	conf_nic_pair("eth0", "eth1", small);
	nic = conf_open("eth0");
	sw = conf_open_as("eth0", REG(NR_REG_SW));
	rx = conf_host_rx(&sw, 0);
	rx->flags |= NR_FORWARD;
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 2)));
	release(&sw, rx, 1, 1);
	conf_rxsync(&sw);
	conf_txsync(&nic);
	conf_host_expect_none("eth1");
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 3)));
	conf_rxsync(&sw);
	CHECK_EQ(nm_ring_space(rx), 1);
}

/* Only as many as the tx ring has room for: the rest is lost, and counted. */
static void full_tx_ring(void)
{
	struct nmreq_x_stats st;
	struct netmap_ring *rx;
	struct port p;

	conf_nic("eth0",
		 (struct t_nic){.tx_slots = 8, .rx_slots = 16, .manual = true});
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	rx = conf_host_rx(&p, 0);
	rx->flags |= NR_FORWARD;
	for (uint32_t i = 0; i < 10; i++)
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
	release(&p, rx, 10, 0x3ff);
	conf_rxsync(&p);
	CHECK_EQ(t_nics->send("eth0", 0, 100), 7);
	st = conf_stats("eth0", NETMAP_X_RX, 1);
	CHECK_EQ(st.offered, 10);
	CHECK_EQ(st.sent, 7);
	CHECK_EQ(st.no_port, 3);
}

/* Cursors out of order in the tx ring: nothing is put there. */
static void bad_tx_cursors(void)
{
	struct port p = open_both(NR_REG_NIC_SW);
	struct netmap_ring *rx = conf_host_rx(&p, 0);

	rx->flags |= NR_FORWARD;
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 2)));
	release(&p, rx, 1, 1);
	conf_tx(&p, 0)->head = 0xffffffff;
	conf_rxsync(&p);
	conf_host_expect_none("eth1");
	CHECK_EQ(conf_poll(p.fd, 0), POLLERR);
	conf_send(&p, 0, conf_frame(2, 1, 3));
	conf_host_expect("eth1", conf_frame(2, 1, 3));
}

static const struct claim claims[] = {
	{"released NIC frames with the flag go to the host", nic_to_host},
	{"ring flag and slot flag are both needed", both_flags},
	{"released host frames with the flag leave by the NIC", host_to_nic},
	{"... behind what the program has put there", behind_the_program_s},
	{"... only from a bind that has all NIC tx rings", without_nic_rings},
	{"... and only as many as there is room for", full_tx_ring},
	{"... and none into a ring with bad cursors", bad_tx_cursors},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
