// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCREGIF in modes 5 and 6: ends of a pipe, numbered by nr_ringid. */
#include "legacy.h"

#define MASTER(name, n, ...)                                         \
	LEGACY(name, .nr_flags = NR_REG_PIPE_MASTER, .nr_ringid = n, \
	       ##__VA_ARGS__)
#define SLAVE(name, n, ...)                                         \
	LEGACY(name, .nr_flags = NR_REG_PIPE_SLAVE, .nr_ringid = n, \
	       ##__VA_ARGS__)

static void both_ends(void)
{
	struct nmreq m = MASTER("base", 3), s = SLAVE("base", 3), asked = m;
	struct port a = legacy_open(&m), b = legacy_open(&s);
	struct frame f = conf_frame(1, 2, 3), g = conf_frame(2, 1, 4);

	legacy_echoed(&m, &asked);
	CHECK(conf_exists("base{3"));
	CHECK(conf_exists("base}3"));
	CHECK_EQ(m.nr_arg2, s.nr_arg2);
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
	conf_send(&b, 0, g);
	conf_expect(&a, 0, g);
}

static void same_as_by_name(void)
{
	static const struct {
		uint16_t id;
		const char *master, *slave;
	} p[] = {
		{0, "base{0", "base}0"},
		{7, "base{7", "base}7"},
		{10, "base{10", "base}10"},
		{4094, "base{4094", "base}4094"},
	};

	for (size_t i = 0; i < CONF_COUNT(p); i++) {
		struct nmreq s = SLAVE("base", p[i].id);
		struct port a = conf_open(p[i].master), b = legacy_open(&s);
		struct frame f = conf_frame(1, 2, p[i].id);

		check_note("%s", p[i].slave);
		CHECK(conf_exists(p[i].slave));
		conf_send(&a, 0, f);
		conf_expect(&b, 0, f);
		conf_close(&a);
		conf_close(&b);
	}
}

static void on_a_switch_port(void)
{
	struct port parent = conf_open("vale0:abcdefghi"); /* 15 characters */
	struct nmreq m = MASTER("vale0:abcdefghi", 4094);
	struct nmreq s = SLAVE("vale0:abcdefghi", 4094);
	struct port a = legacy_open(&m), b = legacy_open(&s);
	struct frame f = conf_frame(1, 2, 3);

	CHECK_EQ(m.nr_arg2, parent.reg.nr_mem_id);
	CHECK(conf_exists("vale0:abcdefghi{4094"));
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
}

/* The bits above the number are not part of it. */
static void poll_bits_are_no_number(void)
{
	struct nmreq m = MASTER("base", 5 | NETMAP_NO_TX_POLL);
	struct nmreq s = SLAVE("base", 5 | NETMAP_DO_RX_POLL);
	struct port a = legacy_open(&m), b = legacy_open(&s);

	CHECK(conf_exists("base{5"));
	conf_put_frame(conf_tx(&a, 0), conf_frame(1, 2, 3));
	conf_poll(a.fd, POLLIN);
	conf_expect_none(&b);
	conf_txsync(&a);
	conf_expect(&b, 0, conf_frame(1, 2, 3));
}

static void sizes(void)
{
	struct nmreq m = MASTER("base", 1, .nr_tx_rings = 2, .nr_rx_rings = 3,
				.nr_tx_slots = 16, .nr_rx_slots = 32,
				.nr_arg1 = 9, .nr_arg3 = 4);
	struct nmreq s = SLAVE("base", 1);
	struct port a = legacy_open(&m), b = legacy_open(&s);

	CHECK_EQ(m.nr_tx_rings, 2);
	CHECK_EQ(m.nr_rx_rings, 3);
	CHECK_EQ(m.nr_tx_slots, 16);
	CHECK_EQ(m.nr_rx_slots, 32);
	CHECK_EQ(m.nr_arg1, 9);
	CHECK_EQ(m.nr_arg3, 4);
	CHECK_EQ(s.nr_tx_rings, 3);
	CHECK_EQ(s.nr_rx_rings, 2);
	CHECK_EQ(conf_rx(&b, 1)->num_slots, 16);
	CHECK_EQ(conf_tx(&a, 1)->num_slots, 16);
}

static void refusals(void)
{
	legacy_refused(NIOCREGIF, MASTER("", 1), ENXIO);
	legacy_refused(NIOCREGIF, MASTER("base{1", 1), EINVAL);
	legacy_refused(NIOCREGIF, SLAVE("vale0", 1), ENOMEM);
}

/* These modes are for this request alone. */
static void not_by_register(void)
{
	CHECK_ERR(conf_try("base", REG(NR_REG_PIPE_MASTER)), ENXIO);
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_PIPE_MASTER)), EINVAL);
	CHECK_ERR(conf_try("vale0:a{1", REG(NR_REG_PIPE_SLAVE)), EINVAL);
}

static const struct claim claims[] = {
	{"modes 5 and 6 open the two ends of the pipe nr_ringid", both_ends},
	{"{N and }N in a name are the same pipe", same_as_by_name},
	{"a pipe hangs on a switch port with a name of 15 characters",
	 on_a_switch_port},
	{"poll bits of nr_ringid are not part of the number",
	 poll_bits_are_no_number},
	{"numbers of rings and slots describe the master", sizes},
	{"bad parents are refused and nothing is written", refusals},
	{"REGISTER knows neither mode", not_by_register},
};

int main(void)
{
	return CONF_RUN(claims);
}
