// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes: two ends, and what goes in at one comes out at the other. */
#include "conf.h"

static void both_ways(const char *master, const char *slave)
{
	struct port m = conf_open_as(master, REG_SLOTS(8));
	struct port s = conf_open_as(slave, REG_SLOTS(8));

	check_note("%s and %s", master, slave);
	for (uint32_t i = 0; i < 30; i++) {
		struct frame f = conf_frame(2, 1, i), g = conf_frame(1, 2, ~i);

		conf_send(&m, 0, f);
		conf_send(&s, 0, g);
		conf_expect(&s, 0, f);
		conf_expect(&m, 0, g);
		conf_expect_none(&s);
		conf_expect_none(&m);
	}
	conf_close(&m);
	conf_close(&s);
}

static void all_kinds_of_parents(void)
{
	struct port p;

	both_ways("lone{1", "lone}1");
	both_ways("lone}x", "lone{x");
	both_ways("vale0:a{1", "vale0:a}1");
	p = conf_open("vale0:a");
	both_ways("vale0:a{1", "vale0:a}1");
	both_ways("vale0:a}2", "vale0:a{2");
	CHECK_EQ(p.reg.nr_tx_rings, 1);
}

static void in_order(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(16));
	struct port s = conf_open("lone}1");
	uint32_t sent = 0, got = 0;
	uint64_t seed = 5;

	while (got < 2000) {
		uint32_t n = conf_random(&seed) % 16;

		conf_txsync(&m);
		while (n-- && nm_ring_space(conf_tx(&m, 0)))
			conf_put_frame(conf_tx(&m, 0),
				       conf_frame(2, 1, sent++));
		conf_txsync(&m);
		conf_rxsync(&s);
		n = conf_random(&seed) % 16;
		while (n-- && nm_ring_space(conf_rx(&s, 0)))
			conf_expect(&s, 0, conf_frame(2, 1, got++));
	}
	CHECK(got <= sent);
}

static void any_length(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(4));
	struct port s = conf_open("lone}1");
	uint32_t size = conf_tx(&m, 0)->nr_buf_size;
	const uint32_t len[] = {0, 1, 13, 14, 59, 60, 1514, size - 1, size};
	static uint8_t data[65536], got[65536];

	for (size_t i = 0; i < CONF_COUNT(len); i++) {
		check_note("length %u", len[i]);
		conf_fill(data, len[i], 2, 1, len[i]);
		conf_txsync(&m);
		conf_put(conf_tx(&m, 0), data, len[i], 0);
		conf_txsync(&m);
		conf_rxsync(&s);
		CHECK_EQ(nm_ring_space(conf_rx(&s, 0)), 1);
		CHECK_EQ(conf_get(conf_rx(&s, 0), got, sizeof(got)), len[i]);
		CHECK_MEM(got, data, len[i]);
		conf_rxsync(&s);
	}
}

static void apart(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");
	struct port c = conf_open("lone{2"), d = conf_open("lone}2");
	struct port e = conf_open("other{1"), f = conf_open("other}1");
	struct frame x = conf_frame(2, 1, 1);

	conf_send(&a, 0, x);
	conf_expect_none(&a);
	conf_expect_none(&c);
	conf_expect_none(&d);
	conf_expect_none(&e);
	conf_expect_none(&f);
	conf_expect(&b, 0, x);
}

/* The parent's traffic and the pipe's do not mix. */
static void apart_from_parent(void)
{
	struct port p = conf_open("vale0:a"), q = conf_open("vale0:b");
	struct port m = conf_open("vale0:a{1"), s = conf_open("vale0:a}1");
	struct frame x = conf_frame(BROADCAST, 1, 1);
	struct frame y = conf_frame(BROADCAST, 2, 2);

	conf_send(&m, 0, x);
	conf_expect_none(&p);
	conf_expect_none(&q);
	conf_send(&p, 0, y);
	conf_expect(&q, 0, y);
	conf_expect(&s, 0, x);
	conf_expect_none(&s);
	conf_expect_none(&m);
}

static void one_end_twice(void)
{
	struct port m = conf_open("lone{1"), again = conf_open("lone{1");
	struct port s = conf_open("lone}1");
	struct frame f = conf_frame(2, 1, 1), g = conf_frame(2, 1, 2);

	CHECK_EQ((char *)conf_tx(&m, 0) - m.mem,
		 (char *)conf_tx(&again, 0) - again.mem);
	conf_send(&m, 0, f);
	conf_send(&again, 0, g);
	conf_expect(&s, 0, f);
	conf_expect(&s, 0, g);
}

static void small_rings(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(2));
	struct port s = conf_open("lone}1");

	for (uint32_t i = 0; i < 20; i++) {
		conf_txsync(&m);
		conf_send(&m, 0, conf_frame(2, 1, i));
		conf_expect(&s, 0, conf_frame(2, 1, i));
		conf_rxsync(&s);
	}
}

static const struct claim claims[] = {
	{"frames pass both ways, on a bare name and on a switch port",
	 all_kinds_of_parents},
	{"2000 frames arrive in order through 16 slots", in_order},
	{"any length from 0 to the buffer's size passes", any_length},
	{"pipes of different id or parent do not mix", apart},
	{"a pipe and its parent do not mix", apart_from_parent},
	{"two descriptors of one end share its rings", one_end_twice},
	{"a pipe of 2 slots works", small_rings},
};

int main(void)
{
	return CONF_RUN(claims);
}
