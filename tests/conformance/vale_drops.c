// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches drop silently, and the sender always gets its slots back. */
#include "conf.h"

static void reclaimed(const struct port *p)
{
	struct netmap_ring *tx = conf_tx(p, 0);

	CHECK_EQ(nm_ring_space(tx), tx->num_slots - 1);
}

static void full_receiver(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < 40; i++)
		conf_put_frame(tx, conf_frame(BROADCAST, 1, i));
	conf_txsync(&a);
	reclaimed(&a);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 40));
	reclaimed(&a);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 7);
	/* The first ones are there, in order. */
	for (uint32_t i = 0; i < 7; i++)
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	conf_rxsync(&b);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 50));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 50));
}

/* Room is what the receiver has given back by a sync. */
static void room_as_released(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct netmap_ring *rx = conf_rx(&b, 0);

	for (uint32_t k = 0; k < 8; k++) {
		for (uint32_t i = 0; i < 20; i++)
			conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 7);
		conf_advance(rx, k);
		for (uint32_t i = 0; i < 20; i++)
			conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 7 - k);
		for (uint32_t i = 0; i < 20; i++)
			conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 7);
		conf_drain(&b);
	}
}

static void slow_receiver_alone(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port slow = conf_open_as("vale0:slow", REG_SLOTS(4));
	struct port fast = conf_open_as("vale0:fast", REG_SLOTS(64));

	for (uint32_t i = 0; i < 100; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_expect(&fast, 0, conf_frame(BROADCAST, 1, i));
	}
	for (uint32_t i = 0; i < 3; i++)
		conf_expect(&slow, 0, conf_frame(BROADCAST, 1, i));
	conf_expect_none(&slow);
}

static void runts(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	uint8_t data[64], got[64];

	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	for (uint32_t len = 0; len < 20; len++) {
		check_note("length %u", len);
		conf_put(tx, data, len, 0);
		conf_txsync(&a);
		reclaimed(&a);
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), len >= 14);
		if (len >= 14) {
			CHECK_EQ(conf_get(rx, got, sizeof(got)), len);
			CHECK_MEM(got, data, len);
		}
	}
}

/* The header must be in the first slot. */
static void runt_of_two_slots(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_put_pieces(conf_tx(&a, 0), f.data, 16, 8);
	conf_put_frame(conf_tx(&a, 0), f);
	conf_txsync(&a);
	reclaimed(&a);
	conf_expect(&b, 0, f);
	conf_expect_none(&b);
}

static void longest(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0);
	uint32_t size = tx->nr_buf_size;
	static uint8_t data[65536], got[65536];
	struct netmap_slot *slot;

	conf_fill(data, size, BROADCAST, 1, 1);
	conf_put(tx, data, size, 0);
	slot = conf_slot(tx, 0);
	conf_put(tx, data, size, 0);
	slot->len = (uint16_t)(size + 1);
	conf_txsync(&a);
	reclaimed(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), size);
	CHECK_MEM(got, data, size);
	conf_expect_none(&b);
}

/* Any frame of the batch may be bad; exactly the good ones arrive. */
static void good_among_bad(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(256));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(256));
	struct port c = conf_open_as("vale0:c", REG_SLOTS(256));
	struct netmap_ring *tx = conf_tx(&a, 0);
	uint64_t seed = 3;

	conf_send(&c, 0, conf_frame(BROADCAST, 3, 0));
	conf_drain(&a);
	conf_drain(&b);
	for (int round = 0; round < 50; round++) {
		bool good[200];

		check_note("round %d", round);
		for (uint32_t i = 0; i < 200; i++) {
			struct netmap_slot *slot = conf_slot(tx, 0);
			uint32_t kind = conf_random(&seed) % 8;
			/* Kind 4 is for a station of its own port. */
			struct frame f = conf_frame(kind == 4 ? 1 : 3, 1, i);

			good[i] = kind > 4;
			conf_put_frame(tx, f);
			if (kind == 1)
				slot->len = 13;
			if (kind == 2)
				slot->len = 0xffff;
			if (kind == 3)
				slot->len = 0;
			good[i] |= kind == 0;
		}
		conf_txsync(&a);
		reclaimed(&a);
		for (uint32_t i = 0; i < 200; i++)
			if (good[i])
				conf_expect(&c, 0, conf_frame(3, 1, i));
		conf_expect_none(&c);
		conf_expect_none(&b);
	}
}

static void closed_receiver(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c");

	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
	conf_drain(&c);
	conf_close(&b);
	for (uint32_t i = 0; i < 10; i++) {
		conf_send(&a, 0, conf_frame(2, 1, i));
		reclaimed(&a);
	}
	conf_drain(&c);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 77));
	conf_expect(&c, 0, conf_frame(BROADCAST, 1, 77));
}

static const struct claim claims[] = {
	{"a full receiver keeps the first frames, the others vanish",
	 full_receiver},
	{"a receiver has as much room as it has released", room_as_released},
	{"a slow receiver costs the others nothing", slow_receiver_alone},
	{"frames under 14 bytes are dropped, 14 is enough", runts},
	{"the first slot must have 14 bytes", runt_of_two_slots},
	{"a frame as long as a buffer arrives, one byte more does not",
	 longest},
	{"the good frames of a batch arrive, whatever is among them",
	 good_among_bad},
	{"frames for a port that has been closed vanish or are flooded",
	 closed_receiver},
};

int main(void)
{
	return CONF_RUN(claims);
}
