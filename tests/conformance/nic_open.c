// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Ports on interfaces of the system: found by name, shaped as they are. */
#include "conf.h"

static void unknown_name(void)
{
	conf_nic("eth0", (struct t_nic){0});
	CHECK_ERR(conf_try("eth1", REG(NR_REG_ALL_NIC)), ENXIO);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), 0);
	CHECK(!conf_exists("eth0"));
	t_nics->remove("eth0");
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), ENXIO);
}

/* What is asked for does not matter. */
static void shape(void)
{
	struct nmreq_register reg = REG_SLOTS(16, .nr_tx_rings = 7);
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_rings = 3,
					.rx_rings = 2,
					.tx_slots = 64,
					.rx_slots = 128});
	p = conf_open_as("eth0", reg);
	CHECK_EQ(p.reg.nr_tx_rings, 3);
	CHECK_EQ(p.reg.nr_rx_rings, 2);
	CHECK_EQ(p.reg.nr_tx_slots, 64);
	CHECK_EQ(p.reg.nr_rx_slots, 128);
	CHECK_EQ(p.reg.nr_host_tx_rings, 1);
	CHECK_EQ(p.reg.nr_host_rx_rings, 1);
	CHECK_EQ(conf_tx(&p, 2)->num_slots, 64);
	CHECK_EQ(conf_rx(&p, 1)->num_slots, 128);
	CHECK_EQ(p.nifp->ni_host_tx_rings, 1);
	CHECK_STR(p.nifp->ni_name, "eth0");
}

static void region_1(void)
{
	struct port a, b, v;

	conf_nic("eth0", (struct t_nic){0});
	conf_nic("eth1", (struct t_nic){0});
	conf_nic("eth2", (struct t_nic){0});
	a = conf_open("eth0");
	CHECK_EQ(a.reg.nr_mem_id, 1);
	CHECK_EQ(a.nifp->ni_flags & NI_PRIV_MEM, 0);
	b = conf_open("eth1");
	CHECK_EQ(b.reg.nr_mem_id, 1);
	v = conf_open("vale0:v");
	b = conf_open_as("eth2",
			 REG(NR_REG_ALL_NIC, .nr_mem_id = v.reg.nr_mem_id));
	CHECK_EQ(b.reg.nr_mem_id, v.reg.nr_mem_id);
	CHECK_EQ(b.nifp->ni_flags & NI_PRIV_MEM, NI_PRIV_MEM);
}

/* The counts of the first open last until the last close. */
static void host_ring_counts(void)
{
	struct nmreq_register reg = REG(NR_REG_ALL_NIC, .nr_host_tx_rings = 5,
					.nr_host_rx_rings = 4);
	struct port a, b;

	conf_nic("eth0", (struct t_nic){0});
	a = conf_open_as("eth0", reg);
	CHECK_EQ(a.reg.nr_host_tx_rings, 5);
	CHECK_EQ(a.reg.nr_host_rx_rings, 4);
	b = conf_open_as("eth0", REG(NR_REG_SW, .nr_host_tx_rings = 2));
	CHECK_EQ(b.reg.nr_host_tx_rings, 5);
	CHECK_EQ(b.nifp->ni_host_rx_rings, 4);
	conf_close(&a);
	conf_close(&b);
	b = conf_open_as("eth0", REG(NR_REG_SW, .nr_host_tx_rings = 2));
	CHECK_EQ(b.reg.nr_host_tx_rings, 2);
	CHECK_EQ(b.reg.nr_host_rx_rings, 1);
}

/* Which entries of a record of one tx and one rx ring, with two and one of the
 * host, are not 0, as a mask. */
static unsigned bound(uint32_t mode, uint16_t ringid)
{
	struct port p = conf_open_as(
		"eth0", REG(mode, .nr_ringid = ringid, .nr_host_tx_rings = 2));
	unsigned mask = 0;

	for (unsigned i = 0; i < 5; i++)
		mask |= (unsigned)(p.nifp->ring_ofs[i] != 0) << i;
	conf_close(&p);
	return mask;
}

static void selection(void)
{
	conf_nic("eth0", (struct t_nic){0});
	CHECK_EQ(bound(NR_REG_ALL_NIC, 0), 0x09);
	CHECK_EQ(bound(NR_REG_SW, 0), 0x16);
	CHECK_EQ(bound(NR_REG_NIC_SW, 0), 0x1f);
	CHECK_EQ(bound(NR_REG_ONE_NIC, 0), 0x09);
	CHECK_EQ(bound(NR_REG_ONE_SW, 0), 0x12);
	CHECK_EQ(bound(NR_REG_ONE_SW, 1), 0x14);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 1)),
		  EINVAL);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ONE_SW, .nr_ringid = 1)), EINVAL);
}

static void netmap_mode(void)
{
	struct port a, b, c;

	conf_nic("eth0", (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	CHECK_EQ(t_nics->started("eth0"), 0);
	a = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	CHECK_EQ(t_nics->started("eth0"), 2);
	b = conf_open("eth0");
	CHECK_EQ(t_nics->started("eth0"), 4);
	c = conf_open_as("eth0", REG(NR_REG_SW));
	CHECK_EQ(t_nics->started("eth0"), 5);
	conf_close(&b);
	CHECK_EQ(t_nics->started("eth0"), 3);
	conf_close(&c);
	CHECK_EQ(t_nics->started("eth0"), 2);
	conf_close(&a);
	CHECK_EQ(t_nics->started("eth0"), 0);
}

static void one_direction(void)
{
	struct port a;

	conf_nic("eth0", (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	a = conf_open_as("eth0",
			 REG(NR_REG_ALL_NIC, .nr_flags = NR_RX_RINGS_ONLY));
	CHECK_EQ(t_nics->started("eth0"), 2);
	conf_close(&a);
	CHECK_EQ(t_nics->started("eth0"), 0);
}

static void questions(void)
{
	struct nmreq_port_info_get info = {0};
	int fd = conf_fd();

	conf_nic("eth0", (struct t_nic){.tx_rings = 4, .rx_slots = 64});
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_PORT_INFO_GET, "eth0", &info), 0);
	CHECK_EQ(info.nr_tx_rings, 4);
	CHECK_EQ(info.nr_rx_slots, 64);
	CHECK_EQ(info.nr_host_tx_rings, 1);
	CHECK_EQ(info.nr_mem_id, 1);
	CHECK_EQ(conf_pools("eth0").nr_mem_id, 1);
	CHECK_EQ(t_nics->started("eth0"), 0);
	CHECK(!conf_exists("eth0"));
}

/* A pipe hung on an interface leaves it to the system. */
static void pipe_on_nic(void)
{
	struct port a, b, c;

	conf_nic("eth0", (struct t_nic){.tx_slots = 64, .rx_slots = 64});
	a = conf_open("eth0{1");
	b = conf_open("eth0}1");
	CHECK_EQ(a.reg.nr_mem_id, 1);
	CHECK_EQ(a.reg.nr_tx_slots, 64);
	CHECK_EQ(t_nics->started("eth0"), 0);
	conf_send(&a, 0, conf_frame(2, 1, 7));
	conf_expect(&b, 0, conf_frame(2, 1, 7));
	c = conf_open("eth0");
	CHECK_EQ(t_nics->started("eth0"), 2);
	conf_close(&c);
	CHECK_EQ(t_nics->started("eth0"), 0);
}

static void mtu(void)
{
	conf_nic("eth0", (struct t_nic){.mtu = 9000});
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_EQ(t_nics->started("eth0"), 0);
	/* The host's rings alone carry no frames of the wire. */
	CHECK_ERR(conf_try("eth0", REG(NR_REG_SW)), 0);
	conf_nic("eth1", (struct t_nic){.mtu = 9000, .frags = true});
	CHECK_ERR(conf_try("eth1", REG(NR_REG_ALL_NIC)), 0);
	conf_nic("eth2", (struct t_nic){.mtu = 2112 - 18});
	CHECK_ERR(conf_try("eth2", REG(NR_REG_ALL_NIC)), 0);
	conf_nic("eth3", (struct t_nic){.mtu = 2112 - 17});
	CHECK_ERR(conf_try("eth3", REG(NR_REG_ALL_NIC)), EINVAL);
}

/* Two tx, two rx rings and the capture start: any of them may fail. */
static void failing_start(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	for (uint32_t n = 1; n <= 5; n++) {
		check_note("start %u", n);
		t_nics->fail_start("eth0", n);
		CHECK_ERR(conf_try("eth0", REG(NR_REG_NIC_SW)), EIO);
		CHECK_EQ(t_nics->started("eth0"), 0);
		CHECK(!conf_exists("eth0"));
	}
	t_nics->fail_start("eth0", 6);
	p = conf_open_as("eth0", REG(NR_REG_NIC_SW));
	CHECK_EQ(t_nics->started("eth0"), 5);
	CHECK(p.nifp != NULL);
}

static void failing_start_beside_a_user(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	p = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 0));
	t_nics->fail_start("eth0", 2);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), EIO);
	CHECK_EQ(t_nics->started("eth0"), 2);
	CHECK(t_nics->arrive("eth0", 0, "0123456789abcdef", 16));
	conf_rxsync(&p);
	CHECK_EQ(nm_ring_space(conf_rx(&p, 0)), 1);
}

static void exclusive(void)
{
	struct port p;

	conf_nic("eth0", (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	p = conf_open_as("eth0", REG(NR_REG_ONE_NIC, .nr_flags = NR_EXCLUSIVE));
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), EBUSY);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ONE_NIC, .nr_ringid = 1)), 0);
	CHECK_EQ(t_nics->started("eth0"), 2);
	conf_close(&p);
	CHECK_ERR(conf_try("eth0", REG(NR_REG_ALL_NIC)), 0);
}

static const struct claim claims[] = {
	{"an interface is found by its name while it exists", unknown_name},
	{"rings and slots are the interface's", shape},
	{"ports of interfaces live in region 1, or where asked", region_1},
	{"host rings are as many as the first open asked for",
	 host_ring_counts},
	{"each mode selects its rings, NIC rings before the host's", selection},
	{"a ring is in netmap mode from its first bind to its last close",
	 netmap_mode},
	{"rings of one direction enter netmap mode alone", one_direction},
	{"questions leave the interface alone", questions},
	{"a pipe on an interface leaves it alone, and shares its region",
	 pipe_on_nic},
	{"frames of the MTU fit a buffer, or may have several", mtu},
	{"a ring that does not start leaves nothing started", failing_start},
	{"... and those in use going", failing_start_beside_a_user},
	{"NIC rings are bound exclusively", exclusive},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
