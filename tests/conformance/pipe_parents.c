// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What a pipe hangs on when nobody has its base. */
#include "conf_vale.h"

static void parent_is_an_interface(void)
{
	struct port a = conf_open("base0{1"), b, p;

	CHECK(conf_exists("base0"));
	p = conf_open("base0");
	CHECK_EQ(p.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(p.reg.nr_host_tx_rings, 1);
	CHECK_ERR(newif("base0"), EEXIST);
	CHECK_ERR(conf_try("vale0:base0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(delif("base0"), EINVAL);
	conf_close(&a);
	CHECK(conf_exists("base0"));
	b = conf_open("base0}2");
	conf_close(&p);
	CHECK(conf_exists("base0"));
	CHECK_ERR(delif("base0"), EINVAL);
	conf_close(&b);
	CHECK(!conf_exists("base0"));
	CHECK_ERR(delif("base0"), ENXIO);
}

static void parent_may_be_attached(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2);
	struct port a = conf_open("base0{1"), v, p;

	CHECK_ERR(attach("vale0:base0"), 0);
	v = conf_open("vale0:v");
	p = conf_open("base0");
	conf_send(&p, 0, f);
	conf_expect(&v, 0, f);
	conf_close(&p);
	conf_close(&a);
	CHECK_EQ(list_port("vale0:base0"), 0);
	CHECK_ERR(detach("vale0:base0"), 0);
	CHECK(!conf_exists("base0"));
	conf_close(&v);
}

static void persistent_parent_stays(void)
{
	struct frame f = conf_frame(1, 2, 3);
	struct port a, b;

	CHECK_ERR(newif("base0"), 0);
	a = conf_open("base0{x");
	b = conf_open("base0}x");
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
	conf_close(&a);
	conf_close(&b);
	CHECK(conf_exists("base0"));
	CHECK_ERR(delif("base0"), 0);
}

static const struct claim claims[] = {
	{"a base that nobody has becomes an interface, until the last pipe "
	 "goes",
	 parent_is_an_interface},
	{"such a parent can be attached to a switch", parent_may_be_attached},
	{"a persistent port is a parent like others", persistent_parent_stays},
};

int main(void)
{
	return CONF_RUN(claims);
}
