// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches send what is for everybody, or for unknown stations, to all. */
#include "conf.h"

#define PORTS 16

static void open_ports(struct port p[PORTS])
{
	for (int i = 0; i < PORTS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "vale0:p%d", i);
		p[i] = conf_open_as(name, REG_SLOTS(32));
	}
}

/* Once at each port but the sender. */
static void all_but(struct port p[PORTS], int sender, struct frame f)
{
	for (int i = 0; i < PORTS; i++) {
		check_note("port %d, sender %d", i, sender);
		if (i != sender)
			conf_expect(&p[i], 0, f);
		conf_expect_none(&p[i]);
		conf_drain(&p[i]);
	}
}

static void floods(uint32_t dst)
{
	struct port p[PORTS];

	open_ports(p);
	for (int i = 0; i < PORTS; i++) {
		struct frame f = conf_frame(dst, 1, (uint32_t)i);

		conf_send(&p[i], 0, f);
		all_but(p, i, f);
	}
}

static void broadcast(void)
{
	floods(BROADCAST);
}

static void multicast(void)
{
	floods(MULTICAST(5));
}

static void unknown(void)
{
	floods(77);
}

static void to_nobody(void)
{
	struct port a = conf_open("vale0:a");

	for (uint32_t i = 0; i < 100; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 1023);
	}
	conf_expect_none(&a);
}

static void late_and_early(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b"), c;
	struct frame f = conf_frame(BROADCAST, 1, 1);
	struct frame g = conf_frame(BROADCAST, 1, 2);

	conf_send(&a, 0, f);
	c = conf_open("vale0:c");
	conf_expect_none(&c);
	conf_send(&a, 0, g);
	conf_expect(&c, 0, g);
	conf_expect(&b, 0, f);
	conf_expect(&b, 0, g);
	conf_close(&b);
	conf_send(&a, 0, f);
	conf_expect(&c, 0, f);
}

static void switches_apart(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale1:a"), d = conf_open("vale:a");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
	conf_expect_none(&c);
	conf_expect_none(&d);
}

/* A port is one receiver, however many have bound it. */
static void shared_port_once(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port again = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
	conf_expect_none(&again);
}

static void in_order(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c");

	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&c);
	/* Flooded, known, unknown: as sent. */
	for (uint32_t i = 0; i < 60; i++)
		conf_put_frame(conf_tx(&a, 0), conf_frame(i % 3 == 0 ? BROADCAST
							  : i % 3 == 1 ? 2
								       : 77,
							  1, i));
	conf_txsync(&a);
	for (uint32_t i = 0; i < 60; i++) {
		uint32_t dst = i % 3 == 0 ? BROADCAST : i % 3 == 1 ? 2 : 77;

		conf_expect(&b, 0, conf_frame(dst, 1, i));
		if (dst != 2)
			conf_expect(&c, 0, conf_frame(dst, 1, i));
	}
	conf_expect_none(&b);
	conf_expect_none(&c);
}

static void buffers_stay(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	struct netmap_slot was[16];

	memcpy(was, conf_rx(&b, 0)->slot, sizeof(was));
	for (uint32_t i = 0; i < 40; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	}
	for (uint32_t i = 0; i < 16; i++)
		CHECK_EQ(conf_rx(&b, 0)->slot[i].buf_idx, was[i].buf_idx);
}

static const struct claim claims[] = {
	{"broadcast reaches each of 15 other ports once", broadcast},
	{"multicast reaches each of 15 other ports once", multicast},
	{"unknown unicast reaches each of 15 other ports once", unknown},
	{"with nobody else there frames vanish and slots come back", to_nobody},
	{"who is there when a frame is sent gets it", late_and_early},
	{"other switches get nothing", switches_apart},
	{"a port bound twice gets a frame once", shared_port_once},
	{"flooded and known frames arrive in the order sent", in_order},
	{"data is copied, buffers stay in their slots", buffers_stay},
};

int main(void)
{
	return CONF_RUN(claims);
}
