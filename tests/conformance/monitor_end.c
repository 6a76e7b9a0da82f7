// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The end of a monitored port, as its monitors see it. */
#include "monitors.h"

static void is_over(const struct port *m)
{
	CHECK_EQ(conf_poll(m->fd, POLLIN), POLLIN | POLLERR);
	CHECK_EQ(conf_poll(m->fd, POLLOUT), POLLOUT | POLLERR);
	conf_rxsync(m);
	conf_txsync(m);
}

/* What was recorded stays; the port is gone nevertheless. */
static void switch_port(uint64_t flags)
{
	struct port a = conf_open("vale0:a");
	struct port m = mon_open("vale0:a", flags);

	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN);
	conf_close(&a);
	CHECK(!conf_exists("vale0:a"));
	is_over(&m);
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
	is_over(&m);
	/* A new port by that name is another one. */
	a = conf_open("vale0:a");
	conf_send(&a, 0, conf_any(2));
	conf_expect_none(&m);
	is_over(&m);
}

static void switch_port_copied(void)
{
	switch_port(COPY_BOTH);
}

static void switch_port_swapped(void)
{
	switch_port(ZCOPY);
}

/* An end of a pipe stays with the pipe, but its user has gone. */
static void pipe_end(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");
	struct port m = mon_open("lone}1", COPY_RX);

	conf_send(&a, 0, conf_any(1));
	conf_close(&b);
	is_over(&m);
	conf_send(&a, 0, conf_any(2));
	mon_expect(&m, 0, conf_any(1), 0);
	b = conf_open("lone}1");
	is_over(&m);
}

/* As long as somebody uses a watched ring, it is not over. */
static void last_user(void)
{
	struct port a = conf_open_as(
		"vale0:a", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port one =
		conf_open_as("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	struct port m = mon_open("vale0:a", COPY_BOTH);

	conf_close(&a);
	CHECK_EQ(conf_poll(m.fd, POLLIN), 0);
	conf_send(&one, 1, conf_any(1));
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN);
	mon_next(&m, 1, conf_any(1), NS_TXMON);
	conf_close(&one);
	is_over(&m);
}

/* Monitors may close in any order, before or after their port. */
static void any_order(void)
{
	for (uint32_t i = 0; i < 24; i++) {
		struct port p[4];
		uint32_t order[4] = {0, 1, 2, 3}, left = 4, n = i;

		p[0] = conf_open("vale0:a");
		p[1] = mon_open("vale0:a", COPY_BOTH);
		p[2] = mon_open("vale0:a", ZCOPY);
		p[3] = mon_open("vale0:a", ZCOPY);
		conf_send(&p[0], 0, conf_any(i));
		while (left) {
			uint32_t k = n % left;

			n /= left;
			conf_close(&p[order[k]]);
			order[k] = order[--left];
		}
		CHECK(!conf_exists("vale0:a"));
	}
}

static const struct claim claims[] = {
	{"a switch port ends while a copy monitor lives", switch_port_copied},
	{"a switch port ends while a zero copy monitor lives",
	 switch_port_swapped},
	{"a pipe's end is over with its last user", pipe_end},
	{"a port of which a ring is in use is not over", last_user},
	{"ports and monitors close in any order", any_order},
};

int main(void)
{
	return CONF_RUN(claims);
}
