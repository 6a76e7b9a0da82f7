// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCGINFO: PORT_INFO_GET in a flat record. */
#include "legacy.h"

static void describes_a_port(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 3, .nr_tx_slots = 64,
					    .nr_rx_slots = 32));
	struct nmreq asked = LEGACY("vale0:a", .nr_arg1 = 3, .nr_arg3 = 99,
				    .nr_ringid = 0x7fff, .nr_flags = 0x123456,
				    .nr_offset = 77, .spare2 = {5});
	struct nmreq r = asked;

	CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
	CHECK_EQ(r.nr_memsize, p.reg.nr_memsize);
	CHECK_EQ(r.nr_arg2, p.reg.nr_mem_id);
	CHECK_EQ(r.nr_tx_rings, 2);
	CHECK_EQ(r.nr_rx_rings, 3);
	CHECK_EQ(r.nr_tx_slots, 64);
	CHECK_EQ(r.nr_rx_slots, 32);
	legacy_echoed(&r, &asked);
	CHECK_EQ(r.nr_offset, 77);
	CHECK_EQ(r.nr_arg3, 99);
}

static void agrees_with_the_request(void)
{
	static const char *const names[] = {"vale3:x", "base{7", "vale0:a}1"};

	for (size_t i = 0; i < CONF_COUNT(names); i++) {
		struct nmreq_port_info_get info = {0};
		struct nmreq r = LEGACY("");

		check_note("port %s", names[i]);
		strcpy(r.nr_name, names[i]);
		CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
		CHECK_ERR(conf_ctrl(conf_fd(), NETMAP_REQ_PORT_INFO_GET,
				    names[i], &info),
			  0);
		CHECK_EQ(r.nr_memsize, (uint32_t)info.nr_memsize);
		CHECK_EQ(r.nr_tx_rings, info.nr_tx_rings);
		CHECK_EQ(r.nr_rx_rings, info.nr_rx_rings);
		CHECK_EQ(r.nr_tx_slots, info.nr_tx_slots);
		CHECK_EQ(r.nr_rx_slots, info.nr_rx_slots);
		CHECK(!conf_exists(names[i]));
	}
}

static void region_without_a_name(void)
{
	struct port p = conf_open("vale0:a");
	struct nmreq r = LEGACY(""), one = LEGACY("");

	r.nr_arg2 = p.reg.nr_mem_id;
	r.nr_tx_slots = 12;
	CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
	CHECK_EQ(r.nr_memsize, p.reg.nr_memsize);
	CHECK_EQ(r.nr_arg2, p.reg.nr_mem_id);
	CHECK_ERR(legacy_try(NIOCGINFO, &one), 0);
	CHECK_EQ(one.nr_arg2, 1);
	legacy_refused(NIOCGINFO, LEGACY("", .nr_arg2 = 0xfffe), EINVAL);
}

/* A command that is not LIST is no command here. */
static void other_commands_mean_information(void)
{
	static const uint16_t cmds[] = {1, 2,  3,  5,  6,  7,	  8,
					9, 10, 11, 12, 13, 0xffff};

	for (size_t i = 0; i < CONF_COUNT(cmds); i++) {
		struct nmreq r = LEGACY("vale0:a", .nr_cmd = cmds[i]);

		check_note("command %u", cmds[i]);
		CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
		CHECK_EQ(r.nr_tx_slots, 1024);
		CHECK_EQ(r.nr_cmd, cmds[i]);
	}
}

static void does_not_bind(void)
{
	struct nmreq r = LEGACY("vale0:a");
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCGINFO, &r), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK(!conf_exists("vale0:a"));
	r.nr_arg2 = 0; /* that region is gone */
	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &r), 0);
}

static void bad_names(void)
{
	legacy_refused(NIOCGINFO, LEGACY("vale0"), ENOMEM);
	legacy_refused(NIOCGINFO, LEGACY("nosuchnic0"), ENXIO);
	legacy_refused(NIOCGINFO, LEGACY("base{"), EINVAL);
}

static const struct claim claims[] = {
	{"NIOCGINFO describes a port and echoes the rest", describes_a_port},
	{"it tells what PORT_INFO_GET tells, and leaves nothing behind",
	 agrees_with_the_request},
	{"without a name it tells of the region nr_arg2, or region 1",
	 region_without_a_name},
	{"commands other than LIST are not looked at",
	 other_commands_mean_information},
	{"it does not bind", does_not_bind},
	{"bad names are refused and nothing is written", bad_names},
};

int main(void)
{
	return CONF_RUN(claims);
}
