// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Pipes and frames in several slots: only complete frames appear. */
#include "conf.h"

static void open_pair(struct port *m, struct port *s, uint32_t slots)
{
	*m = conf_open_as("lone{1", REG_SLOTS(slots));
	*s = conf_open("lone}1");
}

static uint32_t visible(struct port *s)
{
	conf_rxsync(s);
	return nm_ring_space(conf_rx(s, 0));
}

static void piece(struct port *m, uint16_t flags)
{
	struct frame f = conf_frame(2, 1, flags);

	conf_put(conf_tx(m, 0), f.data, sizeof(f.data), flags);
}

static void whole_frames(void)
{
	struct port m, s;
	uint8_t data[600], got[600];

	open_pair(&m, &s, 16);
	for (uint32_t size = 1; size <= 13; size++) {
		uint32_t len = size * 40;

		check_note("%u pieces", size);
		conf_fill(data, len, 2, 1, size);
		conf_txsync(&m);
		conf_put_pieces(conf_tx(&m, 0), data, len, 40);
		conf_txsync(&m);
		CHECK_EQ(visible(&s), size);
		CHECK_EQ(conf_get(conf_rx(&s, 0), got, sizeof(got)), len);
		CHECK_MEM(got, data, len);
		conf_rxsync(&s);
	}
}

static void incomplete_is_hidden(void)
{
	struct port m, s;

	open_pair(&m, &s, 16);
	for (uint32_t i = 0; i < 4; i++) {
		piece(&m, NS_MOREFRAG);
		conf_txsync(&m);
		CHECK_EQ(visible(&s), 0);
		CHECK_EQ(conf_poll(s.fd, POLLIN), 0);
	}
	piece(&m, 0);
	CHECK_EQ(visible(&s), 0);
	conf_txsync(&m);
	CHECK_EQ(visible(&s), 5);
	CHECK_EQ(conf_poll(s.fd, POLLIN), POLLIN);
}

static void complete_before_incomplete(void)
{
	struct port m, s;

	open_pair(&m, &s, 16);
	piece(&m, 0);
	piece(&m, NS_MOREFRAG);
	piece(&m, 0);
	piece(&m, NS_MOREFRAG);
	piece(&m, NS_MOREFRAG);
	conf_txsync(&m);
	CHECK_EQ(visible(&s), 3);
	piece(&m, 0);
	piece(&m, NS_MOREFRAG);
	conf_txsync(&m);
	CHECK_EQ(visible(&s), 6);
}

static void flags_and_ptr_are_kept(void)
{
	struct port m, s;
	struct netmap_ring *rx;

	open_pair(&m, &s, 16);
	rx = conf_rx(&s, 0);
	for (uint32_t i = 0; i < 3; i++)
		conf_tx(&m, 0)->slot[i].ptr = 0x8877665544332200u + i;
	piece(&m, NS_MOREFRAG | 0x1200);
	piece(&m, NS_MOREFRAG);
	piece(&m, 0x3400);
	conf_txsync(&m);
	CHECK_EQ(visible(&s), 3);
	CHECK_EQ(rx->slot[0].flags, NS_MOREFRAG | 0x1200);
	CHECK_EQ(rx->slot[1].flags, NS_MOREFRAG);
	CHECK_EQ(rx->slot[2].flags, 0x3400);
	for (uint32_t i = 0; i < 3; i++)
		CHECK_EQ(rx->slot[i].ptr, 0x8877665544332200u + i);
}

/* Pieces may be given back one by one. */
static void released_piecewise(void)
{
	struct port m, s;
	struct netmap_ring *tx, *rx;

	open_pair(&m, &s, 8);
	tx = conf_tx(&m, 0);
	rx = conf_rx(&s, 0);
	for (int i = 0; i < 4; i++)
		piece(&m, NS_MOREFRAG);
	piece(&m, 0);
	conf_txsync(&m);
	CHECK_EQ(visible(&s), 5);
	for (uint32_t i = 1; i <= 5; i++) {
		conf_advance(rx, 1);
		conf_rxsync(&s);
		conf_txsync(&m);
		CHECK_EQ(nm_ring_space(tx), 2 + i);
	}
}

static void jumbo(void)
{
	static uint8_t data[10000], got[10000];
	struct port m, s;

	open_pair(&m, &s, 64);
	for (uint32_t i = 0; i < 100; i++) {
		conf_fill(data, sizeof(data), 2, 1, i);
		conf_txsync(&m);
		conf_put_pieces(conf_tx(&m, 0), data, sizeof(data), 2048);
		conf_txsync(&m);
		conf_rxsync(&s);
		CHECK_EQ(conf_get(conf_rx(&s, 0), got, sizeof(got)),
			 sizeof(data));
		CHECK_MEM(got, data, sizeof(data));
		conf_rxsync(&s);
	}
}

/* Frames of random size, over random syncs. */
static void random_frames(void)
{
	static uint8_t data[1000], got[1000];
	struct port m, s;
	uint64_t seed = 77;
	uint32_t sent = 0, received = 0;

	open_pair(&m, &s, 32);
	while (received < 1000) {
		uint32_t n = 1 + sent * 7 % 10;

		conf_txsync(&m);
		if (nm_ring_space(conf_tx(&m, 0)) >= n) {
			conf_fill(data, n * 60, 2, 1, sent++);
			conf_put_pieces(conf_tx(&m, 0), data, n * 60, 60);
		}
		if (conf_random(&seed) % 2)
			conf_txsync(&m);
		conf_rxsync(&s);
		if (conf_random(&seed) % 3 && nm_ring_space(conf_rx(&s, 0))) {
			n = 1 + received * 7 % 10;
			conf_fill(data, n * 60, 2, 1, received++);
			CHECK_EQ(conf_get(conf_rx(&s, 0), got, sizeof(got)),
				 n * 60);
			CHECK_MEM(got, data, n * 60);
		}
	}
}

static const struct claim claims[] = {
	{"frames of up to 13 slots arrive whole", whole_frames},
	{"an incomplete frame is hidden until its last slot is sent",
	 incomplete_is_hidden},
	{"complete frames before an incomplete one appear",
	 complete_before_incomplete},
	{"every slot keeps its flags and ptr", flags_and_ptr_are_kept},
	{"slots of a frame can be given back one by one", released_piecewise},
	{"a hundred frames of 10000 bytes arrive", jumbo},
	{"a thousand frames of random size arrive", random_frames},
};

int main(void)
{
	return CONF_RUN(claims);
}
