// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Host rings: frames to and from the system's stack. */
#include "conf.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

static void host_put(const struct port *p, struct frame f)
{
	conf_put_frame(conf_host_tx(p, 0), f);
}

static void from_the_stack(void)
{
	struct port p;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	for (uint32_t i = 0; i < 40; i++) {
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
		conf_expect_host(&p, 0, conf_frame(2, 1, i));
	}
}

static void to_the_stack(void)
{
	struct netmap_ring *tx;
	struct port p;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_SW));
	tx = conf_host_tx(&p, 0);
	for (uint32_t i = 0; i < 40; i++) {
		host_put(&p, conf_frame(2, 1, i));
		conf_txsync(&p);
		CHECK_EQ(nm_ring_space(tx), tx->num_slots - 1);
		conf_host_expect("eth0", conf_frame(2, 1, i));
	}
}

static void lengths(void)
{
	static uint8_t data[4096], got[4096];
	struct netmap_ring *tx;
	struct port p;
	uint32_t size;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	tx = conf_host_tx(&p, 0);
	size = tx->nr_buf_size;
	conf_fill(data, size, 2, 1, 1);
	for (uint32_t len = 0; len < 20; len++) {
		conf_put(tx, data, len, 0);
		conf_txsync(&p);
		CHECK_EQ(t_nics->host_recv("eth0", got, sizeof(got)),
			 len < 14 ? 0 : len);
	}
	conf_put(tx, data, size, 0);
	conf_txsync(&p);
	CHECK_EQ(t_nics->host_recv("eth0", got, sizeof(got)), size);
	CHECK_MEM(got, data, size);
	conf_put(tx, data, size, 0);
	conf_slot(tx, tx->num_slots - 1)->len = (uint16_t)(size + 1);
	conf_txsync(&p);
	CHECK_EQ(t_nics->host_recv("eth0", got, sizeof(got)), 0);
	CHECK_EQ(nm_ring_space(tx), tx->num_slots - 1);

	CHECK(t_nics->host_send("eth0", 0, data, size));
	CHECK(!t_nics->host_send("eth0", 0, data, size + 1));
	CHECK(t_nics->host_send("eth0", 0, data, 14));
	conf_rxsync(&p);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), size);
	CHECK_MEM(got, data, size);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), 14);
	CHECK_EQ(conf_get(conf_host_rx(&p, 0), got, sizeof(got)), -1);
}

/* The stack's frames are taken where the NIC's ring is in netmap mode. */
static void host_ring_alone(void)
{
	struct port sw, nic;

	conf_nic_pair("eth0", "eth1", small);
	sw = conf_open_as("eth0", REG(NR_REG_SW));
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 1)));
	conf_host_expect("eth1", conf_frame(2, 1, 1));
	conf_rxsync(&sw);
	CHECK_EQ(nm_ring_space(conf_host_rx(&sw, 0)), 0);
	nic = conf_open("eth0");
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 2)));
	conf_host_expect_none("eth1");
	conf_expect_host(&sw, 0, conf_frame(2, 1, 2));
	conf_close(&nic);
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 3)));
	conf_host_expect("eth1", conf_frame(2, 1, 3));
}

static void nic_alone(void)
{
	struct port p;

	conf_nic_pair("eth0", "eth1", small);
	p = conf_open("eth0");
	CHECK(!conf_host_send("eth0", 0, conf_frame(2, 1, 1)));
	conf_host_expect_none("eth1");
	conf_send(&p, 0, conf_frame(2, 1, 2));
	conf_host_expect("eth1", conf_frame(2, 1, 2));
}

static void full(void)
{
	struct port p;
	uint32_t n = 0;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	while (conf_host_send("eth0", 0, conf_frame(2, 1, n)))
		n++;
	CHECK_EQ(n, 15);
	conf_rxsync(&p);
	CHECK_EQ(nm_ring_space(conf_host_rx(&p, 0)), 15);
	conf_advance(conf_host_rx(&p, 0), 15);
	CHECK(!conf_host_send("eth0", 0, conf_frame(2, 1, 99)));
	conf_rxsync(&p);
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 100)));
	conf_expect_host(&p, 0, conf_frame(2, 1, 100));
}

static void readiness(void)
{
	struct port p;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	CHECK_EQ(conf_poll(p.fd, POLLIN), 0);
	CHECK_EQ(conf_poll(p.fd, POLLOUT), POLLOUT);
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 1)));
	CHECK_EQ(conf_poll(p.fd, POLLIN), POLLIN);
	host_put(&p, conf_frame(2, 1, 2));
	CHECK_EQ(conf_poll(p.fd, 0), 0);
	conf_host_expect("eth0", conf_frame(2, 1, 2));
}

/* A bridge between an interface and its own stack, by swapping buffers: the
 * system keeps its network. */
static void hand_on(const struct port *p, struct netmap_ring *from,
		    struct netmap_ring *to)
{
	while (!nm_ring_empty(from)) {
		struct netmap_slot *a = conf_slot(from, 0);
		struct netmap_slot *b = conf_slot(to, 0);
		uint32_t idx = b->buf_idx;

		CHECK(!nm_ring_empty(to));
		b->buf_idx = a->buf_idx;
		b->len = a->len;
		b->flags = a->flags = NS_BUF_CHANGED;
		a->buf_idx = idx;
		conf_advance(from, 1);
		conf_advance(to, 1);
	}
	conf_txsync(p);
	conf_rxsync(p);
}

static void bridged(void)
{
	struct port p;

	conf_nic_pair("eth0", "eth1", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	for (uint32_t i = 0; i < 100; i++) {
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
		conf_rxsync(&p);
		hand_on(&p, conf_host_rx(&p, 0), conf_tx(&p, 0));
		conf_host_expect("eth1", conf_frame(2, 1, i));
		CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, i)));
		conf_rxsync(&p);
		hand_on(&p, conf_rx(&p, 0), conf_host_tx(&p, 0));
		conf_host_expect("eth0", conf_frame(1, 2, i));
	}
}

static const struct claim claims[] = {
	{"what the stack sends arrives on the host rx ring", from_the_stack},
	{"what a host tx ring sends the stack receives", to_the_stack},
	{"frames have 14 bytes to as many as a buffer holds", lengths},
	{"a host ring alone sees nothing, and the system goes on sending",
	 host_ring_alone},
	{"a NIC ring without host rings cuts the system off", nic_alone},
	{"a full host ring drops, as much as is released goes in", full},
	{"poll works on host rings as on others", readiness},
	{"a program bridges an interface and its stack by swapping", bridged},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
