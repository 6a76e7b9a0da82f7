// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes lose nothing: a sender's slots come back when they are released. */
#include "conf.h"

static void full_pipe(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&m, 0);

	for (uint32_t i = 0; i < 7; i++) {
		CHECK_EQ(nm_ring_space(tx), 7 - i);
		conf_send(&m, 0, conf_frame(2, 1, i));
	}
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(nm_ring_space(tx), 0);
		CHECK_EQ(conf_poll(m.fd, POLLOUT), 0);
		conf_txsync(&m);
		/* That they have been seen does not give them back. */
		conf_rxsync(&s);
		CHECK_EQ(nm_ring_space(conf_rx(&s, 0)), 7);
	}
}

static void as_many_as_released(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&m, 0), *rx = conf_rx(&s, 0);

	for (uint32_t k = 0; k < 8; k++) {
		for (uint32_t turn = 0; turn < 8; turn++) {
			check_note("%u released, turn %u", k, turn);
			while (nm_ring_space(tx))
				conf_put_frame(tx, conf_frame(2, 1, k));
			conf_txsync(&m);
			conf_rxsync(&s);
			CHECK_EQ(nm_ring_space(rx), 7);
			conf_advance(rx, k);
			conf_txsync(&m);
			CHECK_EQ(nm_ring_space(tx), 0);
			conf_rxsync(&s);
			conf_txsync(&m);
			CHECK_EQ(nm_ring_space(tx), k);
			CHECK_EQ(conf_poll(m.fd, POLLOUT), k ? POLLOUT : 0);
		}
	}
}

static void nothing_lost(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(16));
	struct port s = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&m, 0), *rx = conf_rx(&s, 0);
	uint32_t sent = 0, got = 0;

	/* The sender always sends all it can, the receiver takes 3 of it. */
	while (got < 3000) {
		conf_txsync(&m);
		while (nm_ring_space(tx))
			conf_put_frame(tx, conf_frame(2, 1, sent++));
		conf_txsync(&m);
		for (int i = 0; i < 3; i++)
			conf_expect(&s, 0, conf_frame(2, 1, got++));
		conf_rxsync(&s);
		CHECK_EQ(sent - got, nm_ring_space(rx));
	}
}

/* One direction that is full does not hinder the other. */
static void directions_apart(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(4));
	struct port s = conf_open("lone}1");
	struct frame f = conf_frame(1, 2, 3);

	while (nm_ring_space(conf_tx(&m, 0)))
		conf_put_frame(conf_tx(&m, 0), conf_frame(2, 1, 1));
	conf_txsync(&m);
	for (int i = 0; i < 10; i++) {
		conf_txsync(&s);
		conf_send(&s, 0, f);
		conf_expect(&m, 0, f);
		conf_rxsync(&m);
	}
	CHECK_EQ(conf_poll(m.fd, POLLOUT), 0);
	CHECK_EQ(conf_poll(s.fd, POLLOUT), POLLOUT);
}

static void full_without_receiver(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(4)), s;

	for (uint32_t i = 0; i < 3; i++)
		conf_send(&m, 0, conf_frame(2, 1, i));
	conf_txsync(&m);
	CHECK_EQ(nm_ring_space(conf_tx(&m, 0)), 0);
	CHECK_EQ(conf_poll(m.fd, POLLOUT), 0);
	s = conf_open("lone}1");
	for (uint32_t i = 0; i < 3; i++)
		conf_expect(&s, 0, conf_frame(2, 1, i));
	conf_rxsync(&s);
	CHECK_EQ(conf_poll(m.fd, POLLOUT), POLLOUT);
}

static const struct claim claims[] = {
	{"a full pipe takes nothing and is not ready for POLLOUT", full_pipe},
	{"the sender gets as many slots as are released", as_many_as_released},
	{"a fast sender and a slow receiver lose nothing", nothing_lost},
	{"a full direction leaves the other alone", directions_apart},
	{"a pipe whose other end is closed fills up and waits",
	 full_without_receiver},
};

int main(void)
{
	return CONF_RUN(claims);
}
