// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Every frame of an interface is counted once, by what became of it. */
#include "conf.h"

static void add_up(const char *name)
{
	struct nmreq_x_stats tx =
		conf_stats(name, NETMAP_X_TX, NETMAP_X_ALL_RINGS);
	struct nmreq_x_stats rx =
		conf_stats(name, NETMAP_X_RX, NETMAP_X_ALL_RINGS);

	CHECK_EQ(tx.offered,
		 tx.sent + tx.no_runt + tx.no_slot + tx.no_frags + tx.no_port);
	CHECK_EQ(rx.attempted, rx.delivered + rx.drop_full + rx.drop_closed +
				       rx.drop_slot + rx.drop_size);
}

static void each_ring(void)
{
	struct nmreq_x_stats st;
	struct port a, b;

	conf_nic_pair("eth0", "eth1",
		      (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	a = conf_open("eth0");
	b = conf_open("eth1");
	for (uint32_t i = 0; i < 30; i++) {
		conf_send(&a, i % 3 == 0, conf_frame(2, 1, i));
		conf_expect(&b, i % 3 == 0, conf_frame(2, 1, i));
	}
	st = conf_stats("eth0", NETMAP_X_TX, 1);
	CHECK_EQ(st.x_rings, 3); /* and the host's */
	CHECK_EQ(st.sent, 10);
	CHECK_EQ(st.sent_bytes, 600);
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).sent, 20);
	st = conf_stats("eth1", NETMAP_X_RX, 0);
	CHECK_EQ(st.delivered, 20);
	CHECK_EQ(st.delivered_bytes, 1200);
	add_up("eth0");
	add_up("eth1");
}

static void drops(void)
{
	struct nmreq_x_stats st;
	struct port p;

	conf_nic("eth0", (struct t_nic){.rx_slots = 8});
	p = conf_open("eth0");
	for (uint32_t i = 0; i < 20; i++)
		t_nics->arrive("eth0", 0, conf_frame(2, 1, i).data, 60);
	st = conf_stats("eth0", NETMAP_X_RX, 0);
	CHECK_EQ(st.attempted, 20);
	CHECK_EQ(st.delivered, 7);
	CHECK_EQ(st.drop_full, 13);
	for (uint32_t i = 0; i < 7; i++)
		conf_expect(&p, 0, conf_frame(2, 1, i));
	add_up("eth0");
}

static void host(void)
{
	struct nmreq_x_stats st;
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_slots = 256, .rx_slots = 8});
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	for (uint32_t i = 0; i < 10; i++)
		conf_host_send("eth0", 0, conf_frame(2, 1, i));
	t_nics->host_send("eth0", 0, "short", 5);
	st = conf_stats("eth0", NETMAP_X_RX, 1);
	CHECK_EQ(st.attempted, 11);
	CHECK_EQ(st.delivered, 7);
	CHECK_EQ(st.drop_full, 3);
	CHECK_EQ(st.drop_size, 1);
	/* The system keeps some of what it is given, and drops the rest. */
	for (uint32_t i = 0; i < 200; i++)
		conf_put_frame(conf_host_tx(&p, 0), conf_frame(1, 2, i));
	conf_txsync(&p);
	st = conf_stats("eth0", NETMAP_X_TX, 1);
	CHECK_EQ(st.offered, 200);
	CHECK(st.sent > 0 && st.no_port > 0);
	CHECK_EQ(st.sent_bytes, 60 * st.sent);
	add_up("eth0");
	for (uint32_t i = 0; i < st.sent; i++)
		conf_host_expect("eth0", conf_frame(1, 2, i));
	conf_host_expect_none("eth0");
}

static void closed_host_ring(void)
{
	struct port nic, sw;

	conf_nic("eth0", (struct t_nic){0});
	nic = conf_open_as("eth0", REG(NR_REG_ALL_NIC, .nr_host_rx_rings = 2));
	sw = conf_open_as("eth0", REG(NR_REG_ONE_SW));
	CHECK(!conf_host_send("eth0", 1, conf_frame(2, 1, 0)));
	CHECK_EQ(conf_stats("eth0", NETMAP_X_RX, 2).drop_closed, 1);
	CHECK(nic.nifp && sw.nifp);
	add_up("eth0");
}

static const struct claim claims[] = {
	{"every ring counts its own frames and bytes", each_ring},
	{"a full ring counts what it drops", drops},
	{"host rings count both ways", host},
	{"frames for a host ring that is not bound are counted",
	 closed_host_ring},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
