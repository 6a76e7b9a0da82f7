// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Persistent ports on switches: ATTACH and DETACH. */
#include "conf_vale.h"

static void attached_port_forwards(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2), g = conf_frame(1, 9, 3);
	struct port p, a;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	a = conf_open("vale0:a");
	p = conf_open("per0");
	conf_send(&p, 0, f);
	conf_expect(&a, 0, f);
	conf_send(&a, 0, g);
	conf_expect(&p, 0, g);
	conf_close(&p);
	conf_close(&a);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

/* However it is opened it is the same port, and the switch finds it. */
static void two_names(void)
{
	static const char *const name[] = {"per0", "vale0:per0"};
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		p = conf_open_as(name[i],
				 REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE));
		CHECK_STR(p.nifp->ni_name, "per0");
		CHECK_ERR(conf_try(name[!i], REG(NR_REG_ALL_NIC)), EBUSY);
		CHECK_EQ(list_port("vale0:per0"), 0);
		conf_close(&p);
		CHECK_EQ(list_port("vale0:per0"), 0);
	}
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_EQ(list_port("vale0:per0"), -ENOENT);
	CHECK_ERR(delif("per0"), 0);
}

static void detached_while_open(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2);
	struct port p, a;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	a = conf_open("vale0:a");
	p = conf_open("vale0:per0");
	conf_send(&p, 0, f);
	conf_expect(&a, 0, f);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), EBUSY);
	conf_send(&p, 0, f);
	conf_expect_none(&a);
	conf_send(&a, 0, f);
	conf_expect_none(&p);
	CHECK_ERR(conf_try("vale0:per0", REG(NR_REG_ALL_NIC)), EINVAL);
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
}

static void not_attached_is_refused(void)
{
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(conf_try("vale0:per0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(attach("vale1:per0"), 0);
	CHECK_ERR(conf_try("vale0:per0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(conf_try("vale1:per0", REG(NR_REG_ALL_NIC)), 0);
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(conf_try("vale1:per0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(delif("per0"), 0);
	CHECK_ERR(conf_try("vale1:per0", REG(NR_REG_ALL_NIC)), 0);
}

static void attach_refuses(void)
{
	struct nmreq_vale_attach b = {.reg.nr_mode = NR_REG_ALL_NIC};
	struct port p;

	CHECK_ERR(attach("vale0:nosuch0"), EINVAL);
	CHECK_ERR(attach("per0"), EINVAL);
	CHECK_ERR(attach(""), EINVAL);
	CHECK_ERR(attach("vale0"), EINVAL);
	CHECK_ERR(attach("vale0:a{1"), EINVAL);
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_DEFAULT), EINVAL);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_SW), EINVAL);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_ONE_NIC), EINVAL);
	b.reg.nr_ringid = 1;
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_ATTACH, "vale0:per0", &b), EINVAL);
	b.reg.nr_ringid = 0;
	b.reg.nr_mem_id = 54321;
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_ATTACH, "vale0:per0", &b), EINVAL);
	p = conf_open("per0");
	CHECK_ERR(attach("vale0:per0"), EBUSY);
	conf_close(&p);
	CHECK_ERR(attach("vale0:per0"), 0);
	CHECK_ERR(attach("vale0:per0"), EBUSY);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

static void detach_refuses(void)
{
	struct port a;

	CHECK_ERR(detach("vale0:a"), ENXIO);
	CHECK_ERR(detach("per0"), EINVAL);
	CHECK_ERR(detach(""), EINVAL);
	a = conf_open("vale0:a");
	CHECK_ERR(detach("vale0:a"), EINVAL);
	CHECK_ERR(detach("vale0:b"), ENXIO);
	conf_close(&a);
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(detach("vale0:per0"), ENXIO);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_NIC_SW), 0);
	CHECK_ERR(detach("vale0:per0^"), EINVAL);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(detach("vale0:per0^"), ENXIO);
	CHECK_ERR(delif("per0"), 0);
}

static void indices(void)
{
	struct port a = conf_open("vale0:a");
	struct nmreq_vale_attach at = {.reg.nr_mode = NR_REG_ALL_NIC,
				       .port_index = 77};
	struct nmreq_vale_detach de = {0};

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_ATTACH, "vale0:per0", &at), 0);
	CHECK_EQ(at.port_index, 1);
	CHECK_EQ(at.reg.nr_mode, NR_REG_ALL_NIC);
	CHECK_EQ(at.reg.nr_tx_rings, 0);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_DETACH, "vale0:per0", &de), 0);
	CHECK_EQ(de.port_index, 1);
	CHECK_ERR(delif("per0"), 0);
	conf_close(&a);
}

/* The host's side is a port of its own; nobody else has the host rings. */
static void host_side(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2);
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_NIC_SW), 0);
	CHECK_EQ(list_port("vale0:per0"), 0);
	CHECK_EQ(list_port("vale0:per0^"), 1);
	CHECK_ERR(conf_try("per0", REG(NR_REG_SW)), EBUSY);
	CHECK_ERR(conf_try("vale0:per0^", REG(NR_REG_SW)), EBUSY);
	p = conf_open("per0");
	conf_send(&p, 0, f);
	CHECK_EQ(conf_stats("per0", NETMAP_X_TX, 0).sent, 1);
	conf_close(&p);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_EQ(list_port("vale0:per0^"), -ENOENT);
	p = conf_open_as("per0", REG(NR_REG_NIC_SW));
	conf_close(&p);
	CHECK_ERR(delif("per0"), 0);
}

static const struct claim claims[] = {
	{"an attached persistent port is a port of the switch",
	 attached_port_forwards},
	{"its bare name and valeX:name find the same port", two_names},
	{"it may be detached while a program has it open", detached_while_open},
	{"valeX:name of an interface that is not attached there is EINVAL",
	 not_attached_is_refused},
	{"ATTACH refuses what is no interface, bad modes, ports in use",
	 attach_refuses},
	{"DETACH refuses what is not attached", detach_refuses},
	{"ATTACH and DETACH tell the index and change nothing else", indices},
	{"NR_REG_NIC_SW attaches the host's side too", host_side},
};

int main(void)
{
	return CONF_RUN(claims);
}
