// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Without a link frames are lost; rings and programs go on. */
#include "conf.h"

static void no_link(void)
{
	struct netmap_ring *tx;
	struct port a, b;

	conf_nic_pair("eth0", "eth1",
		      (struct t_nic){.tx_slots = 16, .rx_slots = 16});
	a = conf_open("eth0");
	b = conf_open("eth1");
	tx = conf_tx(&a, 0);
	for (uint32_t round = 0; round < 4; round++) {
		bool up = round % 2;

		t_nics->link("eth0", up);
		for (uint32_t i = 0; i < 40; i++) {
			conf_send(&a, 0, conf_frame(2, 1, i));
			CHECK_EQ(nm_ring_space(tx), 15);
			if (up)
				conf_expect(&b, 0, conf_frame(2, 1, i));
			conf_expect_none(&b);
			conf_send(&b, 0, conf_frame(1, 2, i));
			if (up)
				conf_expect(&a, 0, conf_frame(1, 2, i));
			conf_expect_none(&a);
		}
		CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	}
}

static void no_cable(void)
{
	struct port a;

	conf_nic_pair("eth0", "eth1", (struct t_nic){0});
	a = conf_open("eth0");
	t_nics->cable("eth0", NULL);
	conf_send(&a, 0, conf_frame(2, 1, 1));
	conf_host_expect_none("eth1");
	t_nics->cable("eth1", "eth0");
	conf_send(&a, 0, conf_frame(2, 1, 2));
	conf_host_expect("eth1", conf_frame(2, 1, 2));
}

static void loop(void)
{
	struct port a;

	conf_nic("eth0", (struct t_nic){0});
	t_nics->cable("eth0", "eth0");
	a = conf_open("eth0");
	conf_send(&a, 0, conf_frame(2, 1, 1));
	conf_expect(&a, 0, conf_frame(2, 1, 1));
}

static const struct claim claims[] = {
	{"without link what is sent is lost, and slots come back", no_link},
	{"without a cable too", no_cable},
	{"an interface may be plugged into itself", loop},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
