// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* LIST: ports of switches by name, and one after the other. */
#include "conf_vale.h"

/* The entry at or behind (@bridge, @port); 0 or an errno. */
static int list_at(struct nmreq_vale_list *b, char name[64])
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_VALE_LIST,
				 .nr_body = (uintptr_t)b};
	int fd = conf_fd(), err = conf_ioctl(fd, NIOCCTRL, &h);

	conf_fd_close(fd);
	memcpy(name, h.nr_name, sizeof(h.nr_name));
	return err;
}

static void by_name(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale7:c");
	struct nmreq_vale_list l = {.nr_bridge_idx = 9, .nr_port_idx = 9};

	CHECK_EQ(list_port("vale0:a"), 0);
	CHECK_EQ(list_port("vale0:b"), 1);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_LIST, "vale7:c", &l), 0);
	CHECK_EQ(l.nr_bridge_idx, 1);
	CHECK_EQ(l.nr_port_idx, 0);
	CHECK_EQ(list_port("vale0:c"), 255);
	CHECK_EQ(list_port("vale0:"), 255);
	conf_close(&a);
	CHECK_EQ(list_port("vale0:a"), 255);
	CHECK_EQ(list_port("vale0:b"), 1);
	conf_close(&b);
	CHECK_EQ(list_port("vale0:b"), -ENOENT);
	conf_close(&c);
}

static void bad_names(void)
{
	struct port a = conf_open("vale0:a");

	CHECK_EQ(list_port("eth0"), -EINVAL);
	CHECK_EQ(list_port("val"), -EINVAL);
	CHECK_EQ(list_port("vale0"), -ENOENT);
	CHECK_EQ(list_port("vale1:a"), -ENOENT);
	CHECK_EQ(list_port("vale123456789012345:a"), -ENOENT);
	conf_close(&a);
}

static void walk(void)
{
	static const char *const want[] = {"vale3:a", "vale3:per0",
					   "vale3:per0^", "vale4:x",
					   "vale4:per0"};
	struct nmreq_vale_list l = {0};
	struct port a, x, gap;
	char name[64];

	CHECK_ERR(newif("per0"), 0);
	a = conf_open("vale3:a");
	CHECK_ERR(attach_as("vale3:per0", NR_REG_NIC_SW), 0);
	gap = conf_open("vale4:gap");
	x = conf_open("vale4:x");
	CHECK_ERR(attach("vale4:per0"), 0);
	conf_close(&gap);
	for (size_t i = 0; i < CONF_COUNT(want); i++, l.nr_port_idx++) {
		CHECK_ERR(list_at(&l, name), 0);
		CHECK_STR(name, want[i]);
	}
	CHECK_ERR(list_at(&l, name), ENOENT);
	l.nr_bridge_idx = 1;
	l.nr_port_idx = 0;
	CHECK_ERR(list_at(&l, name), 0);
	CHECK_STR(name, "vale4:x");
	CHECK_EQ(l.nr_bridge_idx, 1);
	CHECK_EQ(l.nr_port_idx, 1);
	l.nr_bridge_idx = 0xffff;
	CHECK_ERR(list_at(&l, name), ENOENT);
	l.nr_bridge_idx = 0;
	l.nr_port_idx = 0xffffffff;
	CHECK_ERR(list_at(&l, name), 0);
	CHECK_STR(name, "vale4:x");
	CHECK_ERR(detach("vale4:per0"), 0);
	CHECK_ERR(detach("vale3:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
	conf_close(&x);
	conf_close(&a);
}

static void no_switch(void)
{
	struct nmreq_vale_list l = {0};
	char name[64];

	CHECK_ERR(list_at(&l, name), ENOENT);
	CHECK_STR(name, "");
}

/* An index stays a switch's own while others come and go. */
static void indices_stay(void)
{
	struct port a = conf_open("vale1:a"), b = conf_open("vale2:b"), c;
	struct nmreq_vale_list l = {0};

	conf_close(&a);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_LIST, "vale2:b", &l), 0);
	CHECK_EQ(l.nr_bridge_idx, 1);
	c = conf_open("vale3:c");
	CHECK_ERR(vale_ctrl(NETMAP_REQ_VALE_LIST, "vale3:c", &l), 0);
	CHECK_EQ(l.nr_bridge_idx, 0);
	conf_close(&b);
	conf_close(&c);
}

static const struct claim claims[] = {
	{"a name gives the indices of switch and port, 255 if only the "
	 "switch is there",
	 by_name},
	{"no switch of that name is ENOENT, no name of a switch EINVAL",
	 bad_names},
	{"an empty name walks all ports of all switches", walk},
	{"without switches the walk ends at once", no_switch},
	{"a switch keeps its index while it lives", indices_stay},
};

int main(void)
{
	return CONF_RUN(claims);
}
