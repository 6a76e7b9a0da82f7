// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Several host rings. */
#include "conf.h"

#define HOSTS(mode, tx, rx, ...)                                      \
	REG(mode, .nr_host_tx_rings = (tx), .nr_host_rx_rings = (rx), \
	    ##__VA_ARGS__)

static void spread(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_rings = 4, .rx_rings = 4});
	p = conf_open_as("eth0", HOSTS(NR_REG_NIC_SW, 2, 3));
	for (uint32_t q = 0; q < 12; q++) {
		CHECK(conf_host_send("eth0", q, conf_frame(2, 1, q)));
		conf_expect_host(&p, q % 3, conf_frame(2, 1, q));
	}
	for (uint32_t i = 0; i < 2; i++) {
		conf_put_frame(conf_host_tx(&p, i), conf_frame(1, 2, i));
		conf_txsync(&p);
		conf_host_expect("eth0", conf_frame(1, 2, i));
	}
}

/* Frames for host rings that nobody has bound vanish. */
static void one_of_them(void)
{
	struct port nic, sw;

	conf_nic("eth0", (struct t_nic){0});
	nic = conf_open_as("eth0", HOSTS(NR_REG_ALL_NIC, 4, 4));
	sw = conf_open_as("eth0", REG(NR_REG_ONE_SW, .nr_ringid = 2));
	for (uint32_t q = 0; q < 8; q++)
		CHECK_EQ(conf_host_send("eth0", q, conf_frame(2, 1, q)),
			 q % 4 == 2);
	conf_expect_host(&sw, 2, conf_frame(2, 1, 2));
	conf_expect_host(&sw, 2, conf_frame(2, 1, 6));
	CHECK_EQ(nm_ring_space(conf_host_rx(&sw, 2)), 0);
	conf_expect_none(&nic);
}

static void capture_lasts(void)
{
	struct port nic, a, b;

	conf_nic("eth0", (struct t_nic){0});
	nic = conf_open_as("eth0", HOSTS(NR_REG_ALL_NIC, 2, 2));
	a = conf_open_as("eth0", REG(NR_REG_ONE_SW, .nr_ringid = 0));
	b = conf_open_as("eth0", REG(NR_REG_ONE_SW, .nr_ringid = 1));
	conf_close(&a);
	CHECK(!conf_host_send("eth0", 0, conf_frame(2, 1, 0)));
	CHECK(conf_host_send("eth0", 1, conf_frame(2, 1, 1)));
	conf_expect_host(&b, 1, conf_frame(2, 1, 1));
	conf_close(&b);
	CHECK_EQ(t_nics->started("eth0"), 2);
	CHECK(nic.nifp != NULL);
}

static void clamped(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_slots = 8, .rx_slots = 8});
	p = conf_open_as("eth0", HOSTS(NR_REG_NIC_SW, 65535, 65535));
	CHECK_EQ(p.reg.nr_host_tx_rings, 32);
	CHECK_EQ(p.reg.nr_host_rx_rings, 32);
	CHECK(conf_host_send("eth0", 31, conf_frame(2, 1, 0)));
	conf_expect_host(&p, 31, conf_frame(2, 1, 0));
}

static const struct claim claims[] = {
	{"the stack's queues spread over the host rx rings", spread},
	{"one host ring is bound alone", one_of_them},
	{"the capture lasts as long as one of them is bound", capture_lasts},
	{"more than 32 host rings are 32", clamped},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
