// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* PORT_INFO_GET: what a port has, without binding it. */
#include "conf.h"

static int ask(const char *name, struct nmreq_port_info_get *info)
{
	int fd = conf_fd();
	int err = conf_ctrl(fd, NETMAP_REQ_PORT_INFO_GET, name, info);

	conf_fd_close(fd);
	return err;
}

static void existing(const char *name)
{
	struct port p = conf_open_as(
		name, REG(NR_REG_ALL_NIC, .nr_tx_slots = 8, .nr_rx_slots = 16,
			  .nr_tx_rings = 2, .nr_rx_rings = 3));
	struct nmreq_port_info_get info = {0};

	CHECK_ERR(ask(name, &info), 0);
	CHECK_EQ(info.nr_memsize, p.reg.nr_memsize);
	CHECK_EQ(info.nr_mem_id, p.reg.nr_mem_id);
	CHECK_EQ(info.nr_tx_slots, 8);
	CHECK_EQ(info.nr_rx_slots, 16);
	CHECK_EQ(info.nr_tx_rings, 2);
	CHECK_EQ(info.nr_rx_rings, 3);
	CHECK_EQ(info.nr_host_tx_rings, 0);
	CHECK_EQ(info.nr_host_rx_rings, 0);
}

static void existing_vale(void)
{
	existing("vale0:a");
}

static void existing_pipe(void)
{
	existing("lone{1");
	existing("vale0:a{1");
}

static void other_end(void)
{
	struct port p =
		conf_open_as("lone{1", REG(NR_REG_ALL_NIC, .nr_tx_slots = 8,
					   .nr_rx_slots = 16, .nr_tx_rings = 2,
					   .nr_rx_rings = 3));
	struct nmreq_port_info_get info = {0};

	CHECK_ERR(ask("lone}1", &info), 0);
	CHECK_EQ(info.nr_mem_id, p.reg.nr_mem_id);
	CHECK_EQ(info.nr_tx_slots, 16);
	CHECK_EQ(info.nr_rx_slots, 8);
	CHECK_EQ(info.nr_tx_rings, 3);
	CHECK_EQ(info.nr_rx_rings, 2);
}

static void not_existing(void)
{
	static const char *const name[] = {"vale0:a", "vale0:a{1", "vale0:a}1",
					   "lone{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct nmreq_port_info_get info = {0};

		check_note("port %s", name[i]);
		CHECK_ERR(ask(name[i], &info), 0);
		CHECK(info.nr_memsize > 0);
		CHECK_EQ(info.nr_tx_slots, 1024);
		CHECK_EQ(info.nr_rx_slots, 1024);
		CHECK_EQ(info.nr_tx_rings, 1);
		CHECK_EQ(info.nr_rx_rings, 1);
		CHECK(!conf_exists(name[i]));
	}
	CHECK(!conf_exists("vale0:a"));
}

/* More switches than there can be at a time. */
static void leaves_no_switch(void)
{
	for (int i = 0; i < 40; i++) {
		struct nmreq_port_info_get info = {0};
		char name[32];

		snprintf(name, sizeof(name), "vale%d:a", i);
		check_note("port %s", name);
		CHECK_ERR(ask(name, &info), 0);
	}
}

static void temporary_region_dies(void)
{
	struct nmreq_port_info_get info = {0};

	CHECK_ERR(ask("vale0:a", &info), 0);
	CHECK_ERR(ask("", &info), EINVAL);
}

static void region_by_id(void)
{
	struct port p = conf_open("vale0:a");
	struct nmreq_port_info_get info = {.nr_mem_id = p.reg.nr_mem_id};

	CHECK_ERR(ask("", &info), 0);
	CHECK_EQ(info.nr_memsize, p.reg.nr_memsize);
	CHECK_EQ(info.nr_mem_id, p.reg.nr_mem_id);
}

static void region_one(void)
{
	struct nmreq_port_info_get none = {0}, one = {.nr_mem_id = 1};

	CHECK_ERR(ask("", &none), 0);
	CHECK_EQ(none.nr_mem_id, 1);
	CHECK_ERR(ask("", &one), 0);
	CHECK_EQ(one.nr_mem_id, 1);
	CHECK_EQ(one.nr_memsize, none.nr_memsize);
	CHECK(one.nr_memsize > 0);
}

static void unknown_region(void)
{
	struct nmreq_port_info_get info = {.nr_mem_id = 9999};

	CHECK_ERR(ask("", &info), EINVAL);
	info = (struct nmreq_port_info_get){.nr_mem_id = 9999};
	CHECK_ERR(ask("vale0:a", &info), EINVAL);
}

static void name_errors(void)
{
	static const struct {
		const char *name;
		int err;
	} bad[] = {
		{"nosuch0", ENXIO}, {"val", ENOMEM},
		{"vale0", ENOMEM},  {"vale0:1234567890123456", ENOMEM},
		{"lone{", EINVAL},  {"abcdefghijklmnop{1", ENXIO},
	};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		struct nmreq_port_info_get info = {0};

		check_note("port %s", bad[i].name);
		CHECK_ERR(ask(bad[i].name, &info), bad[i].err);
	}
}

static void binds_nothing(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	struct nmreq_port_info_get info = {0};
	struct nmreq_register reg = REG_SLOTS(16);
	int fd = conf_fd();

	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_PORT_INFO_GET, "vale0:a", &info), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK_ERR(conf_register(fd, "vale0:b", &reg), 0);
	/* A bound descriptor may ask too, about any port. */
	CHECK_ERR(conf_ctrl(p.fd, NETMAP_REQ_PORT_INFO_GET, "vale0:b", &info),
		  0);
	CHECK_EQ(info.nr_tx_slots, 16);
}

static const struct claim claims[] = {
	{"an existing switch port is described", existing_vale},
	{"an existing pipe is described", existing_pipe},
	{"the end of a pipe that nobody has opened is described", other_end},
	{"a port that does not exist is described and not left behind",
	 not_existing},
	{"asking uses up no switches", leaves_no_switch},
	{"a region made for the answer is gone", temporary_region_dies},
	{"an empty name gives size and id of a region", region_by_id},
	{"an empty name and id 0 give region 1", region_one},
	{"an unknown region is EINVAL", unknown_region},
	{"bad names give the errors of REGISTER", name_errors},
	{"asking does not bind", binds_nothing},
};

int main(void)
{
	return CONF_RUN(claims);
}
