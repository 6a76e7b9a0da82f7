// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REGISTER: nr_flags, and that the request's own words come back unchanged. */
#include "conf.h"

static void flags_echo(void)
{
	static const uint64_t flags[] = {
		0,
		0x1,
		0xff,
		0x1000,
		NR_EXCLUSIVE,
		NR_RX_RINGS_ONLY,
		NR_TX_RINGS_ONLY,
		NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY,
		NR_ACCEPT_VNET_HDR,
		NR_DO_RX_POLL,
		NR_NO_TX_POLL,
		0x40000,
		0x80000000u,
		(uint64_t)1 << 40,
		(uint64_t)1 << 47,
	};

	for (size_t i = 0; i < CONF_COUNT(flags); i++) {
		struct port p = conf_open_as(
			"vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = flags[i]));

		check_note("flags 0x%llx", (unsigned long long)flags[i]);
		CHECK_EQ(p.reg.nr_flags, flags[i]);
		CHECK_EQ(p.reg.nr_mode, NR_REG_ALL_NIC);
		CHECK_EQ(p.reg.nr_ringid, 0);
		conf_close(&p);
	}
}

static void mode_and_ring_echo(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ONE_NIC, .nr_tx_rings = 4,
					    .nr_rx_rings = 4, .nr_ringid = 3));

	CHECK_EQ(p.reg.nr_mode, NR_REG_ONE_NIC);
	CHECK_EQ(p.reg.nr_ringid, 3);
}

static bool has_tx(const struct port *p)
{
	return p->nifp->ring_ofs[0] != 0;
}

static bool has_rx(const struct port *p)
{
	return p->nifp->ring_ofs[p->nifp->ni_tx_rings +
				 p->nifp->ni_host_tx_rings] != 0;
}

/* The counts describe the port, the offsets the bind. */
static void only(uint64_t flags, bool tx, bool rx)
{
	static const char *const name[] = {"vale0:a", "lone{1"};

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct port p = conf_open_as(
			name[i], REG(NR_REG_ALL_NIC, .nr_flags = flags));

		check_note("port %s", name[i]);
		CHECK_EQ(has_tx(&p), tx);
		CHECK_EQ(has_rx(&p), rx);
		CHECK_EQ(p.nifp->ni_tx_rings, 1);
		CHECK_EQ(p.nifp->ni_rx_rings, 1);
		CHECK_EQ(p.reg.nr_tx_rings, 1);
		CHECK_EQ(p.reg.nr_rx_rings, 1);
		conf_txsync(&p);
		conf_rxsync(&p);
		conf_close(&p);
	}
}

static void rx_only(void)
{
	only(NR_RX_RINGS_ONLY, false, true);
}

static void tx_only(void)
{
	only(NR_TX_RINGS_ONLY, true, false);
}

static void neither(void)
{
	only(NR_TX_RINGS_ONLY | NR_RX_RINGS_ONLY, false, false);
}

static void halves_work(void)
{
	struct port tx = conf_open_as(
		"vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY));
	struct port rx = conf_open_as(
		"vale0:b", REG(NR_REG_ALL_NIC, .nr_flags = NR_RX_RINGS_ONLY));
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_send(&tx, 0, f);
	conf_expect(&rx, 0, f);
	CHECK_EQ(conf_poll(tx.fd, POLLIN | POLLOUT), POLLOUT);
	CHECK_EQ(conf_poll(rx.fd, POLLIN | POLLOUT), 0);
	conf_send(&tx, 0, f);
	CHECK_EQ(conf_poll(rx.fd, POLLIN | POLLOUT), POLLIN);
}

/* The receive half and the transmit half of one port, by two descriptors. */
static void halves_of_one_port(void)
{
	struct port tx = conf_open_as(
		"vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY));
	struct port rx = conf_open_as(
		"vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = NR_RX_RINGS_ONLY));
	struct port peer = conf_open("vale0:b");
	struct frame f = conf_frame(2, 1, 1), g = conf_frame(1, 2, 2);

	conf_send(&tx, 0, f);
	conf_expect(&peer, 0, f);
	conf_send(&peer, 0, g);
	conf_expect(&rx, 0, g);
}

static const struct claim claims[] = {
	{"nr_flags come back unchanged, unknown bits too", flags_echo},
	{"nr_mode and nr_ringid come back unchanged", mode_and_ring_echo},
	{"NR_RX_RINGS_ONLY binds no tx ring", rx_only},
	{"NR_TX_RINGS_ONLY binds no rx ring", tx_only},
	{"both together succeed and bind nothing", neither},
	{"a bind of one direction sends, receives and polls", halves_work},
	{"two descriptors can have one direction each", halves_of_one_port},
};

int main(void)
{
	return CONF_RUN(claims);
}
