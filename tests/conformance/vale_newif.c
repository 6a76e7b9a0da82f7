// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Persistent ports: NEWIF makes them, DELIF ends them. */
#include "conf_vale.h"

static void lives_without_users(void)
{
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	p = conf_open("per0");
	CHECK_STR(p.nifp->ni_name, "per0");
	CHECK_EQ(p.reg.nr_tx_slots, 16);
	conf_close(&p);
	CHECK(conf_exists("per0"));
	CHECK_ERR(delif("per0"), 0);
	CHECK(!conf_exists("per0"));
	CHECK_ERR(conf_try("per0", REG(NR_REG_ALL_NIC)), ENXIO);
}

static void geometry_comes_back(void)
{
	struct nmreq_vale_newif d = {0}, b = {.nr_tx_rings = 100,
					      .nr_rx_rings = 3,
					      .nr_tx_slots = 100000,
					      .nr_rx_slots = 50};
	struct port p;

	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_NEWIF, "per0", &d), 0);
	CHECK_EQ(d.nr_tx_rings, 1);
	CHECK_EQ(d.nr_rx_rings, 1);
	CHECK_EQ(d.nr_tx_slots, 1024);
	CHECK_EQ(d.nr_rx_slots, 1024);
	CHECK(d.nr_mem_id > 1);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_NEWIF, "per1", &b), 0);
	CHECK_EQ(b.nr_tx_rings, 16);
	CHECK_EQ(b.nr_rx_rings, 3);
	CHECK_EQ(b.nr_tx_slots, 4096);
	CHECK_EQ(b.nr_rx_slots, 50);
	p = conf_open_as("per1", REG(NR_REG_ALL_NIC, .nr_tx_rings = 2));
	CHECK_EQ(p.reg.nr_tx_rings, 16);
	CHECK_EQ(p.reg.nr_rx_rings, 3);
	CHECK_EQ(p.reg.nr_mem_id, b.nr_mem_id);
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
	CHECK_ERR(delif("per1"), 0);
}

static void region_may_be_named(void)
{
	struct port a = conf_open("vale0:a");
	struct nmreq_vale_newif b = {.nr_mem_id = a.reg.nr_mem_id};
	struct port p;

	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_NEWIF, "per0", &b), 0);
	CHECK_EQ(b.nr_mem_id, a.reg.nr_mem_id);
	p = conf_open_as("per0", REG(NR_REG_ONE_NIC));
	CHECK_EQ(p.reg.nr_mem_id, a.reg.nr_mem_id);
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
	b.nr_mem_id = 54321;
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_NEWIF, "per0", &b), EINVAL);
	CHECK(!conf_exists("per0"));
}

static void bad_names(void)
{
	static const struct {
		const char *name;
		int err;
	} t[] = {
		{"", EINVAL},	     {"vale0", EINVAL},
		{"vale0:a", EINVAL}, {"valex", EINVAL},
		{"a{1", EINVAL},     {"abcdefghijklmnop", EINVAL},
	};

	for (size_t i = 0; i < CONF_COUNT(t); i++) {
		check_note("name \"%s\"", t[i].name);
		CHECK_ERR(newif(t[i].name), t[i].err);
	}
	CHECK_ERR(newif("abcdefghijklmno"), 0);
	CHECK_ERR(delif("abcdefghijklmno"), 0);
}

static void names_are_unique(void)
{
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(newif("per0"), EEXIST);
	CHECK_ERR(delif("per0"), 0);
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

static void delif_refuses(void)
{
	struct port p;

	CHECK_ERR(delif("per0"), ENXIO);
	CHECK_ERR(delif(""), ENXIO);
	p = conf_open("vale0:a");
	CHECK_ERR(delif("vale0:a"), EINVAL);
	conf_close(&p);
	CHECK_ERR(newif("per0"), 0);
	p = conf_open("per0");
	CHECK_ERR(delif("per0"), EBUSY);
	conf_close(&p);
	p = conf_open("per0{1");
	CHECK_ERR(delif("per0"), EBUSY);
	conf_close(&p);
	CHECK_ERR(attach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), EBUSY);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
	CHECK_ERR(delif("per0"), ENXIO);
}

static void has_host_rings(void)
{
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	p = conf_open_as("per0", REG(NR_REG_NIC_SW));
	CHECK_EQ(p.reg.nr_host_tx_rings, 1);
	CHECK_EQ(p.reg.nr_host_rx_rings, 1);
	CHECK(p.nifp->ring_ofs[1] != 0);
	conf_close(&p);
	p = conf_open_as("per0", REG(NR_REG_SW));
	conf_txsync(&p);
	conf_rxsync(&p);
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
}

/* A port on no switch drops what is sent, and counts it. */
static void alone_it_sends_nowhere(void)
{
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	p = conf_open("per0");
	conf_send(&p, 0, conf_frame(1, 2, 3));
	CHECK_EQ(nm_ring_space(conf_tx(&p, 0)), 15);
	CHECK_EQ(conf_stats("per0", NETMAP_X_TX, 0).no_port, 1);
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
}

static const struct claim claims[] = {
	{"a persistent port lives without users, from NEWIF until DELIF",
	 lives_without_users},
	{"NEWIF clamps counts and tells what became of them",
	 geometry_comes_back},
	{"NEWIF takes the region it is told, if there is one",
	 region_may_be_named},
	{"NEWIF refuses names of switches, of pipes and long ones", bad_names},
	{"NEWIF of a name that exists is EEXIST", names_are_unique},
	{"DELIF refuses what NEWIF has not made, and ports in use",
	 delif_refuses},
	{"a persistent port has host rings", has_host_rings},
	{"on no switch a persistent port drops what is sent",
	 alone_it_sends_nowhere},
};

int main(void)
{
	return CONF_RUN(claims);
}
