// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Parameter fwd: everything released goes on between NIC and host. */
#include "conf.h"

static void all(void)
{
	struct netmap_ring *rx, *host;
	struct port p;

	conf_nic_pair("eth0", "eth1",
		      (struct t_nic){.tx_slots = 16, .rx_slots = 16});
	t_nics->set_fwd(true);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	rx = conf_rx(&p, 0);
	host = conf_host_rx(&p, 0);
	for (uint32_t i = 0; i < 50; i++) {
		CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, i)));
		CHECK(conf_host_send("eth0", 0, conf_frame(2, 1, i)));
		CHECK_EQ(conf_poll(p.fd, POLLIN), POLLIN);
		CHECK_EQ(nm_ring_space(rx), 1);
		CHECK_EQ(nm_ring_space(host), 1);
		conf_advance(rx, 1);
		conf_advance(host, 1);
		CHECK_EQ(conf_poll(p.fd, POLLIN), 0);
		conf_host_expect("eth0", conf_frame(1, 2, i));
		conf_host_expect("eth1", conf_frame(2, 1, i));
	}
	t_nics->set_fwd(false);
	CHECK(conf_host_send("eth1", 0, conf_frame(1, 2, 1)));
	conf_rxsync(&p);
	conf_advance(rx, 1);
	conf_rxsync(&p);
	conf_host_expect_none("eth0");
}

static const struct claim claims[] = {
	{"with fwd on, a program that only releases is a bridge", all},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
