// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes come with their first end, keep what they hold, go with the last. */
#include "conf.h"

static const char *const masters[] = {"lone{1", "vale0:a{1"};
static const char *const slaves[] = {"lone}1", "vale0:a}1"};

static void receiver_comes_late(void)
{
	for (size_t k = 0; k < 2; k++) {
		struct port m = conf_open_as(masters[k], REG_SLOTS(8)), s;

		for (uint32_t i = 0; i < 5; i++)
			conf_send(&m, 0, conf_frame(2, 1, i));
		s = conf_open(slaves[k]);
		for (uint32_t i = 0; i < 5; i++)
			conf_expect(&s, 0, conf_frame(2, 1, i));
		conf_expect_none(&s);
		conf_close(&m);
		conf_close(&s);
	}
}

static void sender_leaves(void)
{
	for (size_t k = 0; k < 2; k++) {
		struct port m = conf_open_as(masters[k], REG_SLOTS(8));
		struct port s = conf_open(slaves[k]);

		for (uint32_t i = 0; i < 5; i++)
			conf_send(&m, 0, conf_frame(2, 1, i));
		conf_close(&m);
		for (uint32_t i = 0; i < 5; i++)
			conf_expect(&s, 0, conf_frame(2, 1, i));
		conf_expect_none(&s);
		conf_close(&s);
	}
}

/* The ring is found as it was left: frames that were not taken stay. */
static void receiver_reopens(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");

	for (uint32_t i = 0; i < 6; i++)
		conf_send(&m, 0, conf_frame(2, 1, i));
	for (uint32_t i = 0; i < 2; i++)
		conf_expect(&s, 0, conf_frame(2, 1, i));
	conf_rxsync(&s);
	conf_close(&s);
	conf_txsync(&m);
	conf_send(&m, 0, conf_frame(2, 1, 6));
	s = conf_open("lone}1");
	for (uint32_t i = 2; i < 7; i++)
		conf_expect(&s, 0, conf_frame(2, 1, i));
	conf_expect_none(&s);
}

static void sender_reopens(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");

	for (uint32_t i = 0; i < 4; i++)
		conf_send(&m, 0, conf_frame(2, 1, i));
	conf_close(&m);
	m = conf_open("lone{1");
	conf_txsync(&m);
	CHECK_EQ(conf_tx(&m, 0)->head, 4);
	CHECK_EQ(nm_ring_space(conf_tx(&m, 0)), 3);
	for (uint32_t i = 4; i < 7; i++)
		conf_send(&m, 0, conf_frame(2, 1, i));
	for (uint32_t i = 0; i < 7; i++)
		conf_expect(&s, 0, conf_frame(2, 1, i));
	conf_rxsync(&s);
	conf_txsync(&m);
	CHECK_EQ(nm_ring_space(conf_tx(&m, 0)), 7);
}

static void both_take_turns(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(16)), s;
	uint32_t sent = 0, got = 0;

	for (int turn = 0; turn < 50; turn++) {
		conf_txsync(&m);
		for (int i = 0; i < 3; i++)
			conf_send(&m, 0, conf_frame(2, 1, sent++));
		s = conf_open("lone}1");
		conf_close(&m);
		for (int i = 0; i < 3; i++)
			conf_expect(&s, 0, conf_frame(2, 1, got++));
		conf_rxsync(&s);
		m = conf_open("lone{1");
		conf_close(&s);
	}
}

/* When both are closed, what was under way is gone. */
static void gone_with_last(void)
{
	for (size_t k = 0; k < 2; k++) {
		struct port m = conf_open_as(masters[k], REG_SLOTS(8));
		struct port s = conf_open(slaves[k]);

		conf_send(&m, 0, conf_frame(2, 1, 1));
		conf_close(&s);
		CHECK(conf_exists(slaves[k]));
		conf_close(&m);
		CHECK(!conf_exists(masters[k]));
		CHECK(!conf_exists(slaves[k]));
		s = conf_open_as(slaves[k], REG_SLOTS(4));
		conf_expect_none(&s);
		CHECK_EQ(s.reg.nr_rx_slots, 4);
		conf_close(&s);
	}
	CHECK(!conf_exists("vale0:a"));
}

static void parent_leaves_first(void)
{
	struct port p = conf_open("vale0:a"), q = conf_open("vale0:b");
	struct port m = conf_open("vale0:a{1"), s = conf_open("vale0:a}1");
	struct frame f = conf_frame(2, 1, 1), b = conf_frame(BROADCAST, 3, 2);

	conf_close(&p);
	conf_send(&m, 0, f);
	conf_expect(&s, 0, f);
	conf_rxsync(&s);
	/* Its rings have no user: nothing is delivered, nothing breaks. */
	conf_send(&q, 0, b);
	p = conf_open("vale0:a");
	CHECK_EQ(p.reg.nr_mem_id, m.reg.nr_mem_id);
	conf_send(&q, 0, b);
	conf_expect(&p, 0, b);
	conf_close(&m);
	conf_close(&s);
	conf_send(&p, 0, b);
	conf_expect(&q, 0, b);
	conf_close(&p);
	CHECK(!conf_exists("vale0:a"));
}

static void parent_is_gone_with_pipes(void)
{
	struct port m = conf_open("vale0:a{1"), n = conf_open("vale0:a{2");

	CHECK(conf_exists("vale0:a"));
	conf_close(&m);
	CHECK(conf_exists("vale0:a"));
	conf_close(&n);
	CHECK(!conf_exists("vale0:a"));
}

/* A name that nobody has is one port for all pipes on it. */
static void bare_name(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone{2");
	uint16_t id = a.reg.nr_mem_id;

	CHECK_EQ(b.reg.nr_mem_id, id);
	conf_close(&a);
	conf_close(&b);
	CHECK_ERR(conf_try("vale0:x", REG(NR_REG_ALL_NIC, .nr_mem_id = id)),
		  EINVAL);
	CHECK_ERR(conf_try("lone", REG(NR_REG_ALL_NIC)), ENXIO);
}

static void in_a_named_region(void)
{
	struct port v = conf_open("vale0:a");
	struct port m = conf_open_as(
		"lone{1", REG_SLOTS(8, .nr_mem_id = v.reg.nr_mem_id));
	struct port s = conf_open("lone}1");
	struct frame f = conf_frame(2, 1, 1);

	CHECK_EQ(m.reg.nr_mem_id, v.reg.nr_mem_id);
	CHECK_EQ(s.reg.nr_mem_id, v.reg.nr_mem_id);
	conf_send(&m, 0, f);
	conf_expect(&s, 0, f);
}

static void sixty_four(void)
{
	struct port m[64], s;
	struct nmreq_register reg = REG_SLOTS(4);
	char name[32];
	struct frame f = conf_frame(2, 1, 1);

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "lone{%d", i);
		m[i] = conf_open_as(name, reg);
	}
	CHECK_ERR(conf_try("lone{64", reg), EINVAL);
	CHECK_ERR(conf_try("lone}64", reg), EINVAL);
	s = conf_open("lone}63");
	conf_send(&m[63], 0, f);
	conf_expect(&s, 0, f);
	conf_close(&m[0]);
	CHECK_ERR(conf_try("lone{64", reg), 0);
}

static const struct claim claims[] = {
	{"frames wait for an end that is not open yet", receiver_comes_late},
	{"frames of an end that has been closed arrive", sender_leaves},
	{"a receiver that opens again finds what it had not taken",
	 receiver_reopens},
	{"a sender that opens again goes on where it was", sender_reopens},
	{"the ends can be open in turns", both_take_turns},
	{"a pipe is gone with its last end", gone_with_last},
	{"a pipe outlives its parent's users", parent_leaves_first},
	{"a parent made for pipes is gone with the last of them",
	 parent_is_gone_with_pipes},
	{"a bare name is one parent, gone with its last pipe", bare_name},
	{"a pipe on a bare name can be in a named region", in_a_named_region},
	{"a parent has at most 64 pipes", sixty_four},
};

int main(void)
{
	return CONF_RUN(claims);
}
