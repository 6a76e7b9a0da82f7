// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* An interface disappears while programs use it. */
#include "conf.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

static void in_use(void)
{
	struct netmap_ring *tx;
	struct port p;
	uint32_t idx;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	tx = conf_tx(&p, 0);
	idx = tx->slot[0].buf_idx;
	t_nics->remove("eth0");
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EIO);
	CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, NULL), EIO);
	CHECK_EQ(conf_poll(p.fd, POLLIN), POLLERR);
	CHECK_EQ(conf_poll(p.fd, 0), POLLERR);
	CHECK(conf_poll(p.fd, POLLOUT) & POLLERR);
	/* Its memory is the program's. */
	CHECK_EQ(tx->slot[0].buf_idx, idx);
	conf_put_frame(tx, conf_frame(2, 1, 1));
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EIO);
	conf_close(&p);
}

static void host_rings_alone(void)
{
	struct port p;

	conf_nic("eth0", small);
	p = conf_open_as("eth0", REG(NR_REG_SW));
	t_nics->remove("eth0");
	conf_put_frame(conf_host_tx(&p, 0), conf_frame(2, 1, 1));
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EIO);
	CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, NULL), EIO);
}

static void in_flight(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_slots = 16, .manual = true});
	p = conf_open("eth0");
	for (uint32_t i = 0; i < 10; i++)
		conf_put_frame(conf_tx(&p, 0), conf_frame(2, 1, i));
	conf_txsync(&p);
	CHECK(t_nics->arrive("eth0", 0, conf_frame(1, 2, 3).data, 60));
	t_nics->remove("eth0");
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EIO);
	conf_close(&p);
}

static void same_name_again(void)
{
	struct port old, a, b;

	conf_nic("eth0", small);
	old = conf_open("eth0");
	t_nics->remove("eth0");
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), ENXIO);
	CHECK(!conf_exists("eth0"));
	conf_nic_pair("eth0", "eth1", (struct t_nic){.tx_rings = 2});
	a = conf_open("eth0");
	b = conf_open("eth1");
	CHECK_EQ(a.reg.nr_tx_rings, 2);
	conf_send(&a, 0, conf_frame(2, 1, 1));
	conf_expect(&b, 0, conf_frame(2, 1, 1));
	CHECK_ERR(conf_ioctl(old.fd, NIOCTXSYNC, NULL), EIO);
	conf_close(&old);
	conf_send(&a, 1, conf_frame(2, 1, 2));
	conf_expect(&b, 0, conf_frame(2, 1, 2));
}

static void other_end_of_the_cable(void)
{
	struct port a, b;

	conf_nic_pair("eth0", "eth1", small);
	a = conf_open("eth0");
	b = conf_open("eth1");
	t_nics->remove("eth1");
	for (uint32_t i = 0; i < 40; i++)
		conf_send(&a, 0, conf_frame(2, 1, i));
	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	CHECK(conf_poll(b.fd, POLLIN) & POLLERR);
}

/* A pipe on it has its own life. */
static void pipes(void)
{
	struct port a, b;

	conf_nic("eth0", small);
	a = conf_open("eth0{1");
	b = conf_open("eth0}1");
	t_nics->remove("eth0");
	conf_send(&a, 0, conf_frame(2, 1, 1));
	conf_expect(&b, 0, conf_frame(2, 1, 1));
}

static const struct claim claims[] = {
	{"syncs fail, poll says POLLERR, memory stays, closing works", in_use},
	{"host rings too", host_rings_alone},
	{"frames in flight are lost without harm", in_flight},
	{"the name is free for another interface", same_name_again},
	{"the other end of the cable sends into the void",
	 other_end_of_the_cable},
	{"pipes on it go on", pipes},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
