// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* X_PORTS_GET: which ports there are. */
#include "conf.h"

/* The first port at or after @seq: 0 or an errno. */
static int get(int fd, uint64_t seq, struct nmreq_header *hdr,
	       struct nmreq_x_port *p)
{
	*p = (struct nmreq_x_port){.x_size = sizeof(*p), .x_seq = seq};
	*hdr = (struct nmreq_header){.nr_version = NETMAP_API,
				     .nr_reqtype = NETMAP_REQ_X_PORTS_GET,
				     .nr_body = (uintptr_t)p};
	return conf_ioctl(fd, NIOCCTRL, hdr);
}

/* The port of that name, which is there @times. */
static struct nmreq_x_port find(const char *name, unsigned times)
{
	struct nmreq_x_port p, found = {0};
	struct nmreq_header hdr;
	int fd = conf_fd(), err;
	unsigned n = 0;

	for (uint64_t seq = 0; !(err = get(fd, seq, &hdr, &p));
	     seq = p.x_seq + 1) {
		CHECK(p.x_seq >= seq && p.x_seq);
		CHECK_EQ(p.x_size, sizeof(p));
		if (strcmp(hdr.nr_name, name))
			continue;
		found = p;
		n++;
	}
	CHECK_ERR(err, ENOENT);
	CHECK_EQ(n, times);
	conf_fd_close(fd);
	return found;
}

static void a_port_is_listed_while_it_exists(void)
{
	struct port a;
	struct nmreq_x_port p;

	find("vale7:list", 0);
	a = conf_open_as("vale7:list",
			 REG(NR_REG_ALL_NIC, .nr_tx_rings = 2, .nr_rx_rings = 3,
			     .nr_tx_slots = 64));
	p = find("vale7:list", 1);
	CHECK_EQ(p.x_rings[0], 2);
	CHECK_EQ(p.x_rings[1], 3);
	CHECK_EQ(p.x_slots[0], 64);
	CHECK_EQ(p.x_host_rings[0], 0);
	CHECK_EQ(p.x_users[0], 1);
	CHECK_EQ(p.x_users[1], 1);
	CHECK_EQ(p.x_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(p.x_memsize, a.reg.nr_memsize);
	CHECK(p.x_kind[0]);
	conf_close(&a);
	find("vale7:list", 0);
}

static void ports_come_in_the_order_of_their_making(void)
{
	struct port a = conf_open("vale7:first");
	struct port b = conf_open("vale7:second");

	CHECK(find("vale7:first", 1).x_seq < find("vale7:second", 1).x_seq);
	conf_close(&a);
	conf_close(&b);
}

static void a_body_that_is_too_short_is_refused(void)
{
	struct nmreq_x_port p = {.x_size = 15};
	int fd = conf_fd();

	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_PORTS_GET, "", &p), EINVAL);
	conf_fd_close(fd);
}

static const struct claim claims[] = {
	{"a port is listed, as it is, while it exists",
	 a_port_is_listed_while_it_exists},
	{"ports come in the order of their making",
	 ports_come_in_the_order_of_their_making},
	{"x_size is at least 16", a_body_that_is_too_short_is_refused},
};

int main(void)
{
	return CONF_RUN(claims);
}
