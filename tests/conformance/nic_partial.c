// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Rings of an interface that nobody has bound stay with the system. */
#include "conf.h"

static const struct t_nic two = {.tx_rings = 2, .rx_rings = 2};

static void system_alone(void)
{
	conf_nic_pair("eth0", "eth1", two);
	for (uint32_t q = 0; q < 2; q++) {
		CHECK(conf_host_send("eth0", q, conf_frame(2, 1, q)));
		conf_host_expect("eth1", conf_frame(2, 1, q));
	}
}

static void receive(void)
{
	struct port p;

	conf_nic_pair("eth0", "eth1", two);
	p = conf_open_as("eth1", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 0)));
	CHECK(conf_host_send("eth0", 1, conf_frame(2, 1, 1)));
	conf_host_expect("eth1", conf_frame(2, 1, 0));
	conf_host_expect_none("eth1");
	conf_expect(&p, 1, conf_frame(2, 1, 1));
	conf_expect_none(&p);
	conf_close(&p);
	CHECK(conf_host_send("eth0", 1, conf_frame(2, 1, 2)));
	conf_host_expect("eth1", conf_frame(2, 1, 2));
}

/* The system's queue beside a bound ring goes on sending; that of the bound
 * ring is cut off, for nobody has bound the host's ring. */
static void transmit(void)
{
	struct port p;

	conf_nic_pair("eth0", "eth1", two);
	p = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, 0)));
	conf_host_expect("eth1", conf_frame(2, 1, 0));
	CHECK(!conf_host_send("eth0", 1, conf_frame(2, 1, 1)));
	conf_host_expect_none("eth1");
	conf_send(&p, 1, conf_frame(2, 1, 2));
	conf_host_expect("eth1", conf_frame(2, 1, 2));
}

static void ring_by_ring(void)
{
	struct port a, b, to;

	conf_nic_pair("eth0", "eth1", two);
	a = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 0));
	b = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	to = conf_open("eth1");
	conf_send(&a, 0, conf_frame(2, 1, 0));
	conf_send(&b, 1, conf_frame(2, 1, 1));
	conf_expect(&to, 0, conf_frame(2, 1, 0));
	conf_expect(&to, 1, conf_frame(2, 1, 1));
	conf_expect_none(&to);
}

/* Unequal counts: a ring of the wire's other end is a ring modulo its own. */
static void uneven(void)
{
	struct port a, b;

	conf_nic("eth0", (struct t_nic){.tx_rings = 4, .rx_rings = 3});
	conf_nic("eth1", (struct t_nic){.tx_rings = 1, .rx_rings = 2});
	t_nics->cable("eth0", "eth1");
	a = conf_open("eth0");
	b = conf_open("eth1");
	for (uint32_t i = 0; i < 4; i++) {
		conf_send(&a, i, conf_frame(2, 1, i));
		conf_expect(&b, i % 2, conf_frame(2, 1, i));
	}
	conf_send(&b, 0, conf_frame(1, 2, 9));
	conf_expect(&a, 0, conf_frame(1, 2, 9));
	conf_expect_none(&a);
}

static const struct claim claims[] = {
	{"an interface nobody has bound is the system's", system_alone},
	{"what arrives on unbound rings goes to the system", receive},
	{"what the system sends by unbound rings goes out", transmit},
	{"each ring pair is a hardware queue's", ring_by_ring},
	{"rings are as many each way as the interface has", uneven},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
