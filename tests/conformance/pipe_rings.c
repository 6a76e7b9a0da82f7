// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes with many rings, and with different numbers in each direction. */
#include "conf.h"

static void ring_feeds_ring(uint16_t rings)
{
	struct port m =
		conf_open_as("lone{1", REG_SLOTS(4, .nr_tx_rings = rings,
						 .nr_rx_rings = rings));
	struct port s = conf_open("lone}1");

	check_note("%u rings", rings);
	CHECK_EQ(s.reg.nr_tx_rings, rings);
	CHECK_EQ(s.reg.nr_rx_rings, rings);
	for (uint32_t i = 0; i < rings; i++) {
		conf_put_frame(conf_tx(&m, i), conf_frame(2, 1, i));
		conf_put_frame(conf_tx(&s, i), conf_frame(1, 2, ~i));
	}
	conf_txsync(&m);
	conf_txsync(&s);
	for (uint32_t i = 0; i < rings; i++) {
		conf_expect(&s, i, conf_frame(2, 1, i));
		conf_expect(&m, i, conf_frame(1, 2, ~i));
	}
	conf_expect_none(&m);
	conf_expect_none(&s);
	conf_close(&m);
	conf_close(&s);
}

static void many(void)
{
	ring_feeds_ring(1);
	ring_feeds_ring(2);
	ring_feeds_ring(7);
	ring_feeds_ring(16);
	ring_feeds_ring(64);
}

/* What is asked for describes the master, whoever asks. */
static void shape(const struct port *m, const struct port *s)
{
	CHECK_EQ(m->reg.nr_tx_rings, 2);
	CHECK_EQ(m->reg.nr_rx_rings, 3);
	CHECK_EQ(m->reg.nr_tx_slots, 8);
	CHECK_EQ(m->reg.nr_rx_slots, 16);
	CHECK_EQ(s->reg.nr_tx_rings, 3);
	CHECK_EQ(s->reg.nr_rx_rings, 2);
	CHECK_EQ(s->reg.nr_tx_slots, 16);
	CHECK_EQ(s->reg.nr_rx_slots, 8);
	CHECK_EQ(s->nifp->ni_tx_rings, 3);
	CHECK_EQ(s->nifp->ni_rx_rings, 2);
	CHECK_EQ(conf_tx(m, 1)->num_slots, 8);
	CHECK_EQ(conf_rx(s, 1)->num_slots, 8);
	CHECK_EQ(conf_rx(m, 2)->num_slots, 16);
	CHECK_EQ(conf_tx(s, 2)->num_slots, 16);
}

static void traffic(const struct port *m, const struct port *s)
{
	for (uint32_t i = 0; i < 2; i++)
		conf_send(m, i, conf_frame(2, 1, i));
	for (uint32_t i = 0; i < 3; i++)
		conf_send(s, i, conf_frame(1, 2, i));
	for (uint32_t i = 0; i < 2; i++)
		conf_expect(s, i, conf_frame(2, 1, i));
	for (uint32_t i = 0; i < 3; i++)
		conf_expect(m, i, conf_frame(1, 2, i));
}

static const struct nmreq_register wanted = {
	.nr_mode = NR_REG_ALL_NIC,
	.nr_tx_rings = 2,
	.nr_rx_rings = 3,
	.nr_tx_slots = 8,
	.nr_rx_slots = 16,
};

static void master_first(void)
{
	struct port m = conf_open_as("lone{1", wanted);
	struct port s = conf_open("lone}1");

	shape(&m, &s);
	traffic(&m, &s);
}

static void slave_first(void)
{
	struct port s = conf_open_as("lone}1", wanted);
	struct port m = conf_open("lone{1");

	shape(&m, &s);
	traffic(&m, &s);
}

static void on_switch_port(void)
{
	struct port s = conf_open_as("vale0:a}1", wanted);
	struct port m = conf_open("vale0:a{1");

	shape(&m, &s);
	traffic(&m, &s);
}

static void one_pair_of_many(void)
{
	struct port all = conf_open_as(
		"lone{1", REG_SLOTS(4, .nr_tx_rings = 3, .nr_rx_rings = 3));
	struct port one =
		conf_open_as("lone}1", REG(NR_REG_ONE_NIC, .nr_ringid = 1));

	CHECK_EQ(one.reg.nr_tx_rings, 3);
	conf_send(&all, 1, conf_frame(2, 1, 1));
	conf_send(&one, 1, conf_frame(1, 2, 2));
	conf_expect(&one, 1, conf_frame(2, 1, 1));
	conf_expect(&all, 1, conf_frame(1, 2, 2));
}

/* Rings of one end bound by different descriptors, one of them comes late. */
static void rings_bound_one_by_one(void)
{
	struct port all = conf_open_as(
		"lone{1", REG_SLOTS(4, .nr_tx_rings = 4, .nr_rx_rings = 4));

	for (uint32_t i = 0; i < 4; i++)
		conf_send(&all, i, conf_frame(2, 1, i));
	for (uint16_t i = 0; i < 4; i++) {
		struct port one = conf_open_as(
			"lone}1", REG(NR_REG_ONE_NIC, .nr_ringid = i));

		conf_expect(&one, i, conf_frame(2, 1, i));
		conf_close(&one);
	}
}

static const struct claim claims[] = {
	{"tx ring i feeds rx ring i, up to 64 rings", many},
	{"the request describes the master: made by the master", master_first},
	{"the request describes the master: made by the slave", slave_first},
	{"the same on a switch port", on_switch_port},
	{"one pair of rings can be bound", one_pair_of_many},
	{"frames wait for each ring until it is bound", rings_bound_one_by_one},
};

int main(void)
{
	return CONF_RUN(claims);
}
