// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCREGIF with a command, NIOCGINFO with LIST: the requests of switches, in
 * flat records. Each is looked at, and undone, by the other interface. */
#include "conf_vale.h"
#include "legacy.h"

/* A command that must succeed, and says nothing in return. */
static void silent(struct nmreq r)
{
	struct nmreq before = r;

	check_note("command %u for %s", r.nr_cmd, r.nr_name);
	CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
	CHECK_MEM(&r, &before, sizeof(r));
	check_note("%s", "");
}

#define SWITCH(cmd, name, ...) LEGACY(name, .nr_cmd = (cmd), ##__VA_ARGS__)

/* ---- attaching ---- */

static void attaches_and_detaches(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2);
	struct port a, p;

	CHECK_ERR(newif("per0"), 0);
	a = conf_open("vale0:a");
	p = conf_open("per0");
	legacy_refused(NIOCREGIF, SWITCH(NETMAP_BDG_ATTACH, "vale0:per0"),
		       EBUSY);
	conf_close(&p);
	silent(SWITCH(NETMAP_BDG_ATTACH, "vale0:per0", .nr_tx_slots = 7));
	CHECK_EQ(list_port("vale0:per0"), 1);
	CHECK_EQ(list_port("vale0:per0^"), 255);
	p = conf_open("vale0:per0");
	conf_send(&a, 0, f);
	conf_expect(&p, 0, f);
	conf_close(&p);
	silent(SWITCH(NETMAP_BDG_DETACH, "vale0:per0"));
	CHECK_EQ(list_port("vale0:per0"), 255);
	CHECK_ERR(detach("vale0:per0"), ENXIO);
	CHECK_ERR(delif("per0"), 0);
}

/* Bit 0 of nr_arg1 is all of it that counts; the mode in nr_flags is none. */
static void host_side(void)
{
	CHECK_ERR(newif("per0"), 0);
	silent(SWITCH(NETMAP_BDG_ATTACH, "vale0:per0",
		      .nr_arg1 = NETMAP_BDG_HOST, .nr_flags = NR_REG_ONE_NIC));
	CHECK_EQ(list_port("vale0:per0^"), 1);
	CHECK_ERR(detach("vale0:per0"), 0);
	silent(SWITCH(NETMAP_BDG_ATTACH, "vale0:per0", .nr_arg1 = 6));
	CHECK_EQ(list_port("vale0:per0"), 0);
	CHECK_EQ(list_port("vale0:per0^"), 255);
	silent(SWITCH(NETMAP_BDG_DETACH, "vale0:per0"));
	CHECK_ERR(attach("vale0:per0"), 0);
	silent(SWITCH(NETMAP_BDG_DETACH, "vale0:per0"));
	CHECK_ERR(delif("per0"), 0);
}

/* ---- persistent ports ---- */

static void makes_and_ends_ports(void)
{
	struct nmreq asked =
		SWITCH(NETMAP_BDG_NEWIF, "per0", .nr_tx_slots = 100000,
		       .nr_rx_slots = 50, .nr_tx_rings = 100, .nr_rx_rings = 3,
		       .nr_arg1 = 9, .nr_arg3 = 8, .nr_memsize = 7,
		       .nr_offset = 6, .spare2 = {5});
	struct nmreq r = asked;
	struct port p;

	CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
	CHECK_EQ(r.nr_tx_slots, 4096);
	CHECK_EQ(r.nr_rx_slots, 50);
	CHECK_EQ(r.nr_tx_rings, 16);
	CHECK_EQ(r.nr_rx_rings, 3);
	CHECK_EQ(r.nr_arg3, 8);
	CHECK_EQ(r.nr_memsize, 7);
	CHECK_EQ(r.nr_offset, 6);
	legacy_echoed(&r, &asked);
	p = conf_open("per0");
	CHECK_EQ(p.reg.nr_tx_slots, 4096);
	CHECK_EQ(p.reg.nr_rx_rings, 3);
	CHECK_EQ(p.reg.nr_mem_id, r.nr_arg2);
	legacy_refused(NIOCREGIF, SWITCH(NETMAP_BDG_DELIF, "per0"), EBUSY);
	conf_close(&p);
	silent(SWITCH(NETMAP_BDG_DELIF, "per0"));
	CHECK_ERR(delif("per0"), ENXIO);
}

static void region_by_arg2(void)
{
	struct port a = conf_open("vale0:a");
	struct nmreq r = SWITCH(NETMAP_BDG_NEWIF, "per0", .nr_tx_slots = 8,
				.nr_rx_slots = 8);

	r.nr_arg2 = a.reg.nr_mem_id;
	CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
	CHECK_EQ(r.nr_arg2, a.reg.nr_mem_id);
	legacy_refused(NIOCREGIF, SWITCH(NETMAP_BDG_NEWIF, "per0"), EEXIST);
	legacy_refused(NIOCREGIF,
		       SWITCH(NETMAP_BDG_NEWIF, "per1", .nr_arg2 = 54321),
		       EINVAL);
	CHECK_ERR(delif("per0"), 0);
	CHECK(!conf_exists("per1"));
}

/* ---- headers ---- */

static uint32_t header(const char *name)
{
	struct nmreq_port_hdr h = {0};

	CHECK_ERR(vale_ctrl(NETMAP_REQ_PORT_HDR_GET, name, &h), 0);
	return h.nr_hdr_len;
}

static void headers(void)
{
	static const uint16_t len[] = {12, 10, 0};
	struct port a = conf_open("vale0:a");

	CHECK(a.fd >= 0);
	for (size_t i = 0; i < CONF_COUNT(len); i++) {
		struct nmreq r = SWITCH(NETMAP_VNET_HDR_GET, "vale0:a",
					.nr_arg1 = 4711, .nr_arg2 = 3);

		silent(SWITCH(NETMAP_BDG_VNET_HDR, "vale0:a",
			      .nr_arg1 = len[i]));
		CHECK_EQ(header("vale0:a"), len[i]);
		CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
		CHECK_EQ(r.nr_arg1, len[i]);
		CHECK_EQ(r.nr_arg2, 3);
	}
	silent(SWITCH(NETMAP_BDG_VNET_HDR, "vale0:a", .nr_arg1 = 12));
	legacy_refused(NIOCREGIF,
		       SWITCH(NETMAP_BDG_VNET_HDR, "vale0:a", .nr_arg1 = 11),
		       EINVAL);
	CHECK_EQ(header("vale0:a"), 12);
	legacy_refused(NIOCREGIF, LEGACY("vale0:a"), EIO);
	legacy_refused(NIOCREGIF, SWITCH(NETMAP_VNET_HDR_GET, "vale0:b"),
		       ENXIO);
}

/* ---- the list ---- */

static void lists_by_name(void)
{
	struct port a = conf_open("vale3:a"), b = conf_open("vale5:x");
	struct port c = conf_open("vale5:b");
	struct nmreq r = LEGACY("vale5:b", .nr_cmd = NETMAP_BDG_LIST,
				.nr_arg1 = 77, .nr_arg2 = 78);

	CHECK(a.fd >= 0 && b.fd >= 0 && c.fd >= 0);
	CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
	CHECK_EQ(r.nr_arg1, 1);
	CHECK_EQ(r.nr_arg2, 1);
	CHECK_STR(r.nr_name, "vale5:b");
	r = LEGACY("vale5:nosuch", .nr_cmd = NETMAP_BDG_LIST);
	CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
	CHECK_EQ(r.nr_arg2, 255);
	legacy_refused(NIOCGINFO, LEGACY("vale6:x", .nr_cmd = NETMAP_BDG_LIST),
		       ENOENT);
	legacy_refused(NIOCGINFO, LEGACY("eth0", .nr_cmd = NETMAP_BDG_LIST),
		       EINVAL);
}

/* Names that are too long for a flat record are cut. */
static void lists_all(void)
{
	static const char *const want[] = {"vale3:a", "vale3:per0",
					   "vale3:per0^", "vale12345:abcde"};
	struct port a = conf_open("vale3:a"), l;
	struct nmreq r = LEGACY("", .nr_cmd = NETMAP_BDG_LIST);

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach_as("vale3:per0", NR_REG_NIC_SW), 0);
	l = conf_open("vale12345:abcdefghi");
	CHECK(a.fd >= 0 && l.fd >= 0);
	for (size_t i = 0; i < CONF_COUNT(want); i++) {
		memset(r.nr_name, 0, sizeof(r.nr_name));
		CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
		CHECK_STR(r.nr_name, want[i]);
		r.nr_arg2++;
	}
	memset(r.nr_name, 0, sizeof(r.nr_name));
	legacy_refused(NIOCGINFO, r, ENOENT);
	CHECK_ERR(detach("vale3:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

/* ---- polling ---- */

#define POLLING(on, name, mode, ...)                                        \
	SWITCH((on) ? NETMAP_BDG_POLLING_ON : NETMAP_BDG_POLLING_OFF, name, \
	       .nr_flags = (mode), ##__VA_ARGS__)

static void no_polling_without_a_nic(void)
{
	struct port a = conf_open("vale0:a");

	CHECK(a.fd >= 0);
	for (int on = 0; on < 2; on++) {
		check_note("on %d", on);
		legacy_refused(
			NIOCREGIF,
			POLLING(on, "vale0:a", NR_REG_ALL_NIC, .nr_arg1 = 1),
			EOPNOTSUPP);
		legacy_refused(
			NIOCREGIF,
			POLLING(on, "vale0:b", NR_REG_ALL_NIC, .nr_arg1 = 1),
			ENXIO);
		for (uint32_t mode = 0; mode < 16; mode++)
			if (mode != NR_REG_ALL_NIC && mode != NR_REG_ONE_NIC)
				legacy_refused(NIOCREGIF,
					       POLLING(on, "vale0:a", mode,
						       .nr_arg1 = 1),
					       EINVAL);
	}
}

static int poll_modern(bool on, uint32_t mode, uint32_t first, uint32_t n)
{
	struct nmreq_vale_polling b = {.nr_mode = mode,
				       .nr_first_cpu_id = first,
				       .nr_num_polling_cpus = n};

	return vale_ctrl(on ? NETMAP_REQ_VALE_POLLING_ENABLE
			    : NETMAP_REQ_VALE_POLLING_DISABLE,
			 "vale0:eth0", &b);
}

/* The mode that NR_REG_* asks for here is the other one of the newer request,
 * as refusals tell: one processor polls all rings, not two. */
static void polls(void)
{
	static const uint32_t modes[] = {NR_REG_ALL_NIC, NR_REG_ONE_NIC};
	struct frame f = conf_frame(BROADCAST, 1, 2);
	struct port a, wire;

	conf_nic_pair("eth0", "wire0",
		      (struct t_nic){.tx_rings = 2, .rx_rings = 2});
	CHECK_ERR(attach("vale0:eth0"), 0);
	a = conf_open("vale0:a");
	wire = conf_open("wire0");
	if (poll_modern(true, NETMAP_POLLING_MODE_SINGLE_CPU, 0, 1))
		check_skip("polling needs a second processor");
	for (size_t i = 0; i < CONF_COUNT(modes); i++) {
		silent(POLLING(false, "vale0:eth0", modes[i], .nr_arg1 = 1));
		CHECK_ERR(poll_modern(false, 0, 0, 1), EFAULT);
		silent(POLLING(true, "vale0:eth0", modes[i], .nr_arg1 = 1));
		CHECK_ERR(
			poll_modern(true, NETMAP_POLLING_MODE_SINGLE_CPU, 0, 1),
			EFAULT);
		CHECK_ERR(detach("vale0:eth0"), EBUSY);
		conf_send(&wire, 0, f);
		conf_await(&a, 0, f);
	}
	CHECK_ERR(poll_modern(false, 0, 0, 0), 0);
	legacy_refused(
		NIOCREGIF,
		POLLING(true, "vale0:eth0", NR_REG_ALL_NIC, .nr_arg1 = 2),
		EINVAL);
	legacy_refused(NIOCREGIF,
		       POLLING(true, "vale0:eth0", NR_REG_ONE_NIC,
			       .nr_ringid = 2, .nr_arg1 = 1),
		       EINVAL);
	CHECK_ERR(detach("vale0:eth0"), 0);
}

/* ---- refusals: by both interfaces the same ---- */

static void refusals_are_the_same(void)
{
	static const struct {
		uint16_t cmd, type;
		const char *name;
	} t[] = {
		{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, "vale0:nosuch0"},
		{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, "per0"},
		{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, ""},
		{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, "vale0:a{1"},
		{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, "vale0:a"},
		{NETMAP_BDG_DETACH, NETMAP_REQ_VALE_DETACH, "vale0:a"},
		{NETMAP_BDG_DETACH, NETMAP_REQ_VALE_DETACH, "vale0:b"},
		{NETMAP_BDG_DETACH, NETMAP_REQ_VALE_DETACH, "per0"},
		{NETMAP_BDG_DETACH, NETMAP_REQ_VALE_DETACH, ""},
		{NETMAP_BDG_NEWIF, NETMAP_REQ_VALE_NEWIF, "vale0:b"},
		{NETMAP_BDG_NEWIF, NETMAP_REQ_VALE_NEWIF, ""},
		{NETMAP_BDG_DELIF, NETMAP_REQ_VALE_DELIF, "vale0:a"},
		{NETMAP_BDG_DELIF, NETMAP_REQ_VALE_DELIF, "per1"},
		{NETMAP_BDG_DELIF, NETMAP_REQ_VALE_DELIF, ""},
		{NETMAP_BDG_VNET_HDR, NETMAP_REQ_PORT_HDR_SET, "vale0:b"},
		{NETMAP_BDG_VNET_HDR, NETMAP_REQ_PORT_HDR_SET, "per1"},
		{NETMAP_VNET_HDR_GET, NETMAP_REQ_PORT_HDR_GET, "vale1:a"},
		{NETMAP_VNET_HDR_GET, NETMAP_REQ_PORT_HDR_GET, "vale0:a{2"},
	};
	struct port a = conf_open("vale0:a");

	CHECK(a.fd >= 0);
	CHECK_ERR(newif("per0"), 0);
	for (size_t i = 0; i < CONF_COUNT(t); i++) {
		/* Every body is zero but one mode; DELIF has none. */
		struct nmreq_vale_attach b = {0};
		bool bare = t[i].type == NETMAP_REQ_VALE_DELIF;
		struct nmreq r = LEGACY("", .nr_cmd = t[i].cmd);
		int err;

		check_note("command %u, name \"%s\"", t[i].cmd, t[i].name);
		if (t[i].type == NETMAP_REQ_VALE_ATTACH)
			b.reg.nr_mode = NR_REG_ALL_NIC;
		err = vale_ctrl(t[i].type, t[i].name, bare ? NULL : &b);
		CHECK(err != 0);
		strcpy(r.nr_name, t[i].name);
		legacy_refused(NIOCREGIF, r, err);
	}
	CHECK_ERR(delif("per0"), 0);
	CHECK(!conf_exists("vale0:b"));
	CHECK(!conf_exists("per1"));
}

/* A descriptor is no port's by these, and may be. */
static void no_binding(void)
{
	struct nmreq up = SWITCH(NETMAP_BDG_NEWIF, "per0");
	struct nmreq to = SWITCH(NETMAP_BDG_ATTACH, "vale0:per0");
	struct nmreq off = SWITCH(NETMAP_BDG_DETACH, "vale0:per0");
	struct nmreq down = SWITCH(NETMAP_BDG_DELIF, "per0");
	struct nmreq bind = LEGACY("vale0:a");
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &up), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &bind), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &to), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &off), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCREGIF, &down), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), 0);
}

static const struct claim claims[] = {
	{"ATTACH and DETACH put a port on a switch and take it off",
	 attaches_and_detaches},
	{"NETMAP_BDG_HOST attaches the host's side too", host_side},
	{"NEWIF and DELIF make and end a port, with counts clamped",
	 makes_and_ends_ports},
	{"nr_arg2 chooses the region of a new port", region_by_arg2},
	{"VNET_HDR and VNET_HDR_GET have the length in nr_arg1", headers},
	{"LIST by NIOCGINFO finds a port by name", lists_by_name},
	{"LIST without a name walks all ports, long names cut", lists_all},
	{"POLLING refuses other modes, and what is no NIC",
	 no_polling_without_a_nic},
	{"what NIOCCTRL refuses is refused with the same errno",
	 refusals_are_the_same},
	{"commands need no bound descriptor, and bind none", no_binding},
	/* Where the home has NICs. */
	{"POLLING_ON and POLLING_OFF are those of NIOCCTRL", polls},
};

int main(void)
{
	return check_run(claims, CONF_COUNT(claims) - !t_nics, conf_cleanup);
}
