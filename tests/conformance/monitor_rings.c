// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Ring i of a monitor shows pair i; modes select as for other ports. */
#include "monitors.h"

static struct port open_rings(const char *name, uint16_t tx, uint16_t rx)
{
	return conf_open_as(
		name, REG_SLOTS(32, .nr_tx_rings = tx, .nr_rx_rings = rx));
}

static void pairs(void)
{
	struct port m = open_rings("lone{1", 3, 3), s = conf_open("lone}1");
	struct port mon = mon_open("lone{1", COPY_BOTH);

	CHECK_EQ(mon.reg.nr_rx_rings, 3);
	for (uint32_t i = 0; i < 3; i++) {
		conf_send(&m, i, conf_any(i));
		conf_send(&s, i, conf_any(10 + i));
	}
	conf_rxsync(&mon);
	for (uint32_t i = 0; i < 3; i++) {
		mon_next(&mon, i, conf_any(i), NS_TXMON);
		mon_next(&mon, i, conf_any(10 + i), 0);
		CHECK_EQ(nm_ring_space(conf_rx(&mon, i)), 0);
	}
}

static void more_tx_than_rx(void)
{
	struct port a = open_rings("vale0:a", 4, 1);
	struct port b = conf_open("vale0:b");
	struct port m = mon_open("vale0:a", COPY_BOTH);

	CHECK_EQ(m.reg.nr_rx_rings, 4);
	for (uint32_t i = 0; i < 4; i++)
		conf_send(&a, i, conf_any(i));
	conf_send(&b, 0, conf_any(9));
	conf_rxsync(&m);
	for (uint32_t i = 0; i < 4; i++)
		mon_next(&m, i, conf_any(i), NS_TXMON);
	mon_next(&m, 0, conf_any(9), ONE_SLOT);
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQ(nm_ring_space(conf_rx(&m, i)), 0);
}

static void one_ring(uint64_t flags, uint16_t mark)
{
	struct port a = open_rings("vale0:a", 4, 4);
	struct nmreq_register one = REG(NR_REG_ONE_NIC, .nr_ringid = 2);
	struct port m = mon_open_as("vale0:a", flags, one);
	uint32_t first_rx = m.nifp->ni_tx_rings + m.nifp->ni_host_tx_rings;

	CHECK_EQ(m.nifp->ni_rx_rings, 4);
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQ(m.nifp->ring_ofs[first_rx + i] != 0, i == 2);
	CHECK(m.nifp->ring_ofs[0] != 0);
	for (uint32_t i = 0; i < 4; i++)
		conf_send(&a, i, conf_any(i));
	mon_expect(&m, 2, conf_any(2), mark);
	conf_close(&a);
	CHECK_EQ(conf_poll(m.fd, POLLIN), POLLIN | POLLERR);
}

static void one_ring_copied(void)
{
	one_ring(COPY_TX, NS_TXMON);
}

static void one_ring_swapped(void)
{
	one_ring(ZCOPY, NS_TXMON);
}

/* Rings that nobody uses are not watched. */
static void port_in_parts(void)
{
	struct nmreq_register one = REG(NR_REG_ONE_NIC, .nr_ringid = 1,
					.nr_tx_rings = 2, .nr_rx_rings = 2);
	struct port a = conf_open_as("vale0:a", one);
	struct port m = mon_open("vale0:a", COPY_TX);

	conf_send(&a, 1, conf_any(1));
	mon_expect(&m, 1, conf_any(1), NS_TXMON);
	CHECK_EQ(nm_ring_space(conf_rx(&m, 0)), 0);
	one.nr_ringid = 0;
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 0,
					  .nr_flags = COPY_TX)),
		  EINVAL);
}

/* A monitor of the direction that is not bound has nothing to show. */
static void one_direction(void)
{
	struct nmreq_register tx =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY);
	struct port a = conf_open_as("vale0:a", tx);
	struct port m = mon_open("vale0:a", COPY_BOTH);

	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = COPY_RX)),
		  EINVAL);
	conf_send(&a, 0, conf_any(1));
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
}

static void receive_rings_alone(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = mon_open("vale0:a", COPY_TX | NR_RX_RINGS_ONLY);

	CHECK_EQ(m.nifp->ring_ofs[0], 0);
	conf_send(&a, 0, conf_any(1));
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
}

static const struct claim claims[] = {
	{"ring i shows both directions of pair i", pairs},
	{"a port with more tx than rx rings is shown whole", more_tx_than_rx},
	{"a monitor of one ring shows that ring", one_ring_copied},
	{"so does a zero copy monitor", one_ring_swapped},
	{"rings of the port that nobody uses are not watched", port_in_parts},
	{"a direction that nobody uses is not watched", one_direction},
	{"NR_RX_RINGS_ONLY leaves the tx ring out", receive_rings_alone},
};

int main(void)
{
	return CONF_RUN(claims);
}
