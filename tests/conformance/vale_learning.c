// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches learn where stations are. */
#include "conf.h"

#define PORTS 4

static void open_ports(struct port p[PORTS])
{
	static const char *const name[PORTS] = {"vale0:a", "vale0:b", "vale0:c",
						"vale0:d"};

	for (int i = 0; i < PORTS; i++)
		p[i] = conf_open_as(name[i], REG_SLOTS(256));
}

/* A frame that @f is at exactly the ports of @set (bit i: port i). */
static void arrives_at(struct port p[PORTS], unsigned int set, struct frame f)
{
	for (int i = 0; i < PORTS; i++) {
		check_note("port %d of set 0x%x", i, set);
		if (set >> i & 1)
			conf_expect(&p[i], 0, f);
		conf_expect_none(&p[i]);
	}
}

static void announce(struct port *p, uint32_t station)
{
	conf_send(p, 0, conf_frame(BROADCAST, station, 0));
}

static void drain_all(struct port p[PORTS])
{
	for (int i = 0; i < PORTS; i++)
		conf_drain(&p[i]);
}

static void unknown_then_known(void)
{
	struct port p[PORTS];
	struct frame f = conf_frame(2, 1, 1);

	open_ports(p);
	conf_send(&p[0], 0, f);
	arrives_at(p, 0xe, f);
	f = conf_frame(1, 2, 2);
	conf_send(&p[1], 0, f);
	arrives_at(p, 0x1, f);
	f = conf_frame(2, 1, 3);
	conf_send(&p[0], 0, f);
	arrives_at(p, 0x2, f);
	f = conf_frame(1, 3, 4);
	conf_send(&p[2], 0, f);
	arrives_at(p, 0x1, f);
}

/* The source of a group address belongs to nobody. */
static void group_source_not_learned(void)
{
	struct port p[PORTS];
	struct frame f = conf_frame(BROADCAST, MULTICAST(7), 1);

	open_ports(p);
	conf_send(&p[0], 0, f);
	arrives_at(p, 0xe, f);
	f = conf_frame(MULTICAST(7), 2, 2);
	conf_send(&p[1], 0, f);
	arrives_at(p, 0xd, f);
	f = conf_frame(2, BROADCAST, 3);
	conf_send(&p[2], 0, f);
	arrives_at(p, 0x2, f);
	f = conf_frame(BROADCAST, 4, 4);
	conf_send(&p[3], 0, f);
	arrives_at(p, 0x7, f);
}

static void moved_station(void)
{
	struct port p[PORTS];

	open_ports(p);
	for (uint32_t i = 0; i < 12; i++) {
		struct frame f = conf_frame(1, 9, i);
		uint32_t at = i % 3;

		announce(&p[at], 1);
		drain_all(p);
		conf_send(&p[3], 0, f);
		arrives_at(p, 1u << at, f);
	}
}

static void own_port_drops(void)
{
	struct port p[PORTS];
	struct frame f = conf_frame(1, 2, 1);

	open_ports(p);
	announce(&p[0], 1);
	drain_all(p);
	conf_send(&p[0], 0, f);
	arrives_at(p, 0, f);
	CHECK_EQ(nm_ring_space(conf_tx(&p[0], 0)), 255);
}

/* Each frame is learned from before the next one of the batch is looked at. */
static void within_a_batch(void)
{
	struct port p[PORTS];
	struct netmap_ring *tx;

	open_ports(p);
	tx = conf_tx(&p[0], 0);
	announce(&p[1], 2);
	drain_all(p);
	/* Station 2 moves here: what comes after it is for this port. */
	conf_put_frame(tx, conf_frame(2, 1, 1));
	conf_put_frame(tx, conf_frame(3, 2, 2));
	conf_put_frame(tx, conf_frame(2, 1, 3));
	conf_txsync(&p[0]);
	conf_expect(&p[1], 0, conf_frame(2, 1, 1));
	conf_expect(&p[1], 0, conf_frame(3, 2, 2));
	conf_expect_none(&p[1]);
	conf_expect(&p[2], 0, conf_frame(3, 2, 2));
	conf_expect_none(&p[2]);
}

static void dropped_unicast_learned(void)
{
	struct port p[PORTS];
	struct frame f = conf_frame(5, 6, 1);

	open_ports(p);
	announce(&p[0], 1);
	drain_all(p);
	/* For its own port, so it goes nowhere; still station 5 is known. */
	conf_send(&p[0], 0, conf_frame(1, 5, 0));
	drain_all(p);
	conf_send(&p[1], 0, f);
	arrives_at(p, 0x1, f);
}

static void many_stations(void)
{
	struct port p[PORTS];

	open_ports(p);
	for (uint32_t s = 0; s < 64; s++)
		announce(&p[s % 3], 100 + s);
	drain_all(p);
	for (uint32_t s = 0; s < 64; s++) {
		struct frame f = conf_frame(100 + s, 9, s);

		conf_send(&p[3], 0, f);
		arrives_at(p, 1u << s % 3, f);
	}
}

static void switches_apart(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale1:a"), d = conf_open("vale1:b");
	struct port e = conf_open("vale1:c");
	struct frame f = conf_frame(1, 2, 2);

	announce(&a, 1);
	conf_drain(&b);
	conf_expect_none(&d);
	/* Not known there. */
	conf_send(&c, 0, f);
	conf_expect(&d, 0, f);
	conf_expect(&e, 0, f);
	conf_expect_none(&a);
	conf_expect_none(&b);
}

/* Who takes a place that became free does not inherit stations. */
static void closed_port_forgotten(void)
{
	struct port p[PORTS], next;
	struct frame f = conf_frame(1, 2, 2);

	open_ports(p);
	announce(&p[0], 1);
	drain_all(p);
	conf_close(&p[0]);
	next = conf_open("vale0:next");
	conf_send(&p[1], 0, f);
	/* Unknown: everybody, or nobody; but not the newcomer alone. */
	conf_rxsync(&next);
	conf_rxsync(&p[2]);
	CHECK_EQ(nm_ring_space(conf_rx(&next, 0)),
		 nm_ring_space(conf_rx(&p[2], 0)));
}

static const struct claim claims[] = {
	{"an unknown station is flooded, a known one is not",
	 unknown_then_known},
	{"group addresses are not learned", group_source_not_learned},
	{"a station that moves is found at once", moved_station},
	{"a frame for a station of its own port is dropped", own_port_drops},
	{"a batch learns frame by frame", within_a_batch},
	{"a frame that is dropped is learned from too",
	 dropped_unicast_learned},
	{"64 stations on 3 ports are all found", many_stations},
	{"each switch learns for itself", switches_apart},
	{"the stations of a closed port are not the next port's",
	 closed_port_forgotten},
};

int main(void)
{
	return CONF_RUN(claims);
}
