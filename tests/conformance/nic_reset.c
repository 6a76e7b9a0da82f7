// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The rings of an interface stand still for a while. */
#include "conf.h"

static void stopped(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){0});
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	for (int i = 0; i < 3; i++) {
		t_nics->reset("eth0", true);
		CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EIO);
		CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, NULL), EIO);
		CHECK_EQ(conf_poll(p.fd, POLLIN), POLLERR);
		CHECK_EQ(conf_poll(p.fd, 0), POLLERR);
		t_nics->reset("eth0", false);
		conf_txsync(&p);
		conf_rxsync(&p);
		CHECK_EQ(conf_poll(p.fd, POLLIN), 0);
		CHECK_EQ(conf_poll(p.fd, POLLOUT), POLLOUT);
	}
}

/* What was with the interface is lost, what was not goes out. */
static void in_flight(void)
{
	struct netmap_ring *tx;
	struct port a, b;

	conf_nic("eth0", (struct t_nic){.tx_slots = 16, .manual = true});
	conf_nic("eth1", (struct t_nic){0});
	t_nics->cable("eth0", "eth1");
	a = conf_open("eth0");
	b = conf_open("eth1");
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 6; i++)
		conf_put_frame(tx, conf_frame(2, 1, i));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 9);
	t_nics->reset("eth0", true);
	for (uint32_t i = 10; i < 13; i++)
		conf_put_frame(tx, conf_frame(2, 1, i));
	CHECK_ERR(conf_ioctl(a.fd, NIOCTXSYNC, NULL), EIO);
	CHECK_EQ(t_nics->send("eth0", 0, 100), 0);
	t_nics->reset("eth0", false);
	conf_txsync(&a);
	CHECK_EQ(t_nics->send("eth0", 0, 100), 3);
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 15);
	for (uint32_t i = 10; i < 13; i++)
		conf_expect(&b, 0, conf_frame(2, 1, i));
	conf_expect_none(&b);
}

static void released_meanwhile(void)
{
	struct netmap_ring *rx;
	struct port p;

	conf_nic("eth0", (struct t_nic){.rx_slots = 4});
	p = conf_open("eth0");
	rx = conf_rx(&p, 0);
	for (uint32_t i = 0; i < 3; i++)
		CHECK(t_nics->arrive("eth0", 0, conf_frame(2, 1, i).data, 60));
	conf_rxsync(&p);
	CHECK_EQ(nm_ring_space(rx), 3);
	t_nics->reset("eth0", true);
	conf_advance(rx, 2);
	CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, NULL), EIO);
	t_nics->reset("eth0", false);
	conf_expect(&p, 0, conf_frame(2, 1, 2));
	for (uint32_t i = 5; i < 8; i++) {
		CHECK(t_nics->arrive("eth0", 0, conf_frame(2, 1, i).data, 60));
		conf_expect(&p, 0, conf_frame(2, 1, i));
	}
}

/* Nothing of this for a port that is not on the interface. */
static void others(void)
{
	struct port a, b;

	conf_nic("eth0", (struct t_nic){0});
	conf_nic("eth1", (struct t_nic){0});
	a = conf_open("eth0");
	b = conf_open("eth1");
	t_nics->reset("eth0", true);
	conf_txsync(&b);
	CHECK_EQ(conf_poll(b.fd, POLLOUT), POLLOUT);
	/* It may be closed, and opened, meanwhile. */
	conf_close(&a);
	a = conf_open("eth0");
	conf_txsync(&a);
}

static const struct claim claims[] = {
	{"while an interface is reset syncs give EIO, poll POLLERR", stopped},
	{"what the interface had is lost, and slots come back", in_flight},
	{"what was released meanwhile is given back", released_meanwhile},
	{"other interfaces go on", others},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
