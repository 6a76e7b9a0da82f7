// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Bad slots: what a reset does to them, and what the data path does. */
#include "conf.h"

/* Spoils four slots, then forces a reset by a bad head. */
static void spoil(struct netmap_ring *r, uint32_t total,
		  struct netmap_slot *was)
{
	memcpy(was, r->slot, r->num_slots * sizeof(*was));
	r->slot[0].buf_idx = 1;
	r->slot[2].buf_idx = total;
	r->slot[3].len = (uint16_t)(r->nr_buf_size + 1);
	r->slot[5].buf_idx = 0xffffffffu;
	r->slot[6].len = 0xffff;
	r->head = r->num_slots;
}

static void mended(const struct netmap_ring *r, const struct netmap_slot *was)
{
	for (uint32_t i = 0; i < r->num_slots; i++) {
		bool bad_index = i == 0 || i == 2 || i == 5;
		bool bad_len = i == 3 || i == 6;

		check_note("slot %u", i);
		CHECK_EQ(r->slot[i].buf_idx, bad_index ? 0 : was[i].buf_idx);
		CHECK_EQ(r->slot[i].len, bad_index || bad_len ? 0 : was[i].len);
	}
}

static void reset_mends_slots(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t total = conf_pools("vale0:a").nr_buf_pool_objtotal;
	struct netmap_ring *ring[] = {conf_tx(&p, 0), conf_rx(&p, 0)};
	struct netmap_slot was[8];

	for (size_t i = 0; i < 2; i++) {
		spoil(ring[i], total, was);
		conf_txsync(&p);
		conf_rxsync(&p);
		mended(ring[i], was);
	}
}

/* The highest buffer and the full length are not bad. */
static void reset_spares_good_slots(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t total = conf_pools("vale0:a").nr_buf_pool_objtotal;
	struct netmap_ring *r = conf_tx(&p, 0);

	r->slot[0].buf_idx = total - 1;
	r->slot[0].len = (uint16_t)r->nr_buf_size;
	r->slot[1].buf_idx = 2;
	r->head = 99;
	conf_txsync(&p);
	CHECK_EQ(r->head, 0);
	CHECK_EQ(r->slot[0].buf_idx, total - 1);
	CHECK_EQ(r->slot[0].len, r->nr_buf_size);
	CHECK_EQ(r->slot[1].buf_idx, 2);
}

static void no_reset_leaves_slots(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	struct netmap_ring *r = conf_tx(&p, 0);

	r->slot[3].buf_idx = 0xffffffffu;
	r->slot[3].len = 0xffff;
	conf_txsync(&p);
	CHECK_EQ(r->slot[3].buf_idx, 0xffffffffu);
	CHECK_EQ(r->slot[3].len, 0xffff);
}

/* Frames with a bad slot go nowhere; those around them do. */
static void switch_drops_bad_tx(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	uint32_t total = conf_pools("vale0:a").nr_buf_pool_objtotal;
	const uint32_t bad[] = {0,	   1,		total,
				total + 1, 0x80000000u, 0xffffffffu};
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < CONF_COUNT(bad); i++) {
		struct netmap_slot *slot;
		uint32_t idx;

		check_note("index 0x%x", bad[i]);
		conf_put_frame(tx, conf_frame(BROADCAST, 1, 2 * i));
		slot = conf_slot(tx, 0);
		conf_put_frame(tx, conf_frame(BROADCAST, 1, 99));
		idx = slot->buf_idx;
		slot->buf_idx = bad[i];
		conf_put_frame(tx, conf_frame(BROADCAST, 1, 2 * i + 1));
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15);
		slot->buf_idx = idx;
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, 2 * i));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, 2 * i + 1));
		conf_expect_none(&b);
	}
}

static void switch_drops_long_tx(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	struct netmap_ring *tx = conf_tx(&a, 0);
	const uint16_t bad[] = {(uint16_t)(tx->nr_buf_size + 1), 0x8000,
				0xffff};

	for (uint32_t i = 0; i < CONF_COUNT(bad); i++) {
		struct netmap_slot *slot = conf_slot(tx, 0);

		check_note("length %u", bad[i]);
		conf_put_frame(tx, conf_frame(BROADCAST, 1, 99));
		slot->len = bad[i];
		conf_put_frame(tx, conf_frame(BROADCAST, 1, i));
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15);
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
		conf_expect_none(&b);
	}
}

/* A receiver with a bad slot loses what would have gone there. */
static void switch_drops_bad_rx(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct port c = conf_open_as("vale0:c", REG_SLOTS(16));
	struct netmap_ring *rx = conf_rx(&b, 0);
	uint32_t idx = rx->slot[1].buf_idx, got = 0;

	rx->slot[1].buf_idx = 0xffffffffu;
	for (uint32_t i = 0; i < 4; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	for (uint32_t i = 0; i < 4; i++)
		conf_expect(&c, 0, conf_frame(BROADCAST, 1, i));
	conf_rxsync(&b);
	while (!nm_ring_empty(rx)) {
		struct frame f;
		int len = conf_get(rx, f.data, sizeof(f.data));

		if (len <= 0)
			continue;
		CHECK_EQ(len, sizeof(f.data));
		got++;
	}
	CHECK(got < 4);
	/* Mended, everything arrives again. */
	rx->slot[1].buf_idx = idx;
	conf_drain(&b);
	for (uint32_t i = 0; i < 20; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	}
}

/* A frame of three slots, of which the receiver spoiled one: the others say
 * nothing is there, and the next frame arrives. */
static void switch_drops_whole_frame(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	struct frame f = conf_frame(BROADCAST, 1, 1);
	uint8_t got[sizeof(f.data)];

	for (uint32_t bad = 0; bad < 3; bad++) {
		struct netmap_slot *slot = conf_slot(rx, bad);
		uint32_t idx = slot->buf_idx;
		int len = 0;

		check_note("slot %u", bad);
		slot->buf_idx = 1;
		conf_put_pieces(tx, f.data, sizeof(f.data), 20);
		conf_put_frame(tx, f);
		conf_txsync(&a);
		slot->buf_idx = idx;
		conf_rxsync(&b);
		while (!len)
			len = conf_get(rx, got, sizeof(got));
		CHECK_EQ(len, sizeof(f.data));
		CHECK_MEM(got, f.data, sizeof(f.data));
		conf_expect_none(&b);
	}
}

/* Nobody but the two programs looks at what a pipe carries: the frames after
 * a bad slot arrive, and the slots come back. */
static void pipe_survives_bad_slots(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&m, 0), *rx = conf_rx(&s, 0);

	for (uint32_t round = 0; round < 20; round++) {
		struct netmap_slot *slot = conf_slot(tx, 0);
		uint32_t idx = slot->buf_idx;

		check_note("round %u", round);
		conf_put_frame(tx, conf_frame(2, 1, 99));
		slot->buf_idx = 0xfffffff0u + round % 16;
		slot->len = 0xffff;
		conf_put_frame(tx, conf_frame(2, 1, round));
		conf_txsync(&m);
		conf_rxsync(&s);
		CHECK(!nm_ring_empty(rx));
		/* Passed on as it is, or left out. */
		if (nm_ring_space(rx) == 2)
			conf_advance(rx, 1);
		conf_expect(&s, 0, conf_frame(2, 1, round));
		conf_rxsync(&s);
		conf_txsync(&m);
		CHECK_EQ(nm_ring_space(tx), 7);
		slot->buf_idx = idx;
	}
}

static const struct claim claims[] = {
	{"a reset empties bad slots and no others", reset_mends_slots},
	{"a reset leaves the highest buffer and a full length",
	 reset_spares_good_slots},
	{"without a reset no slot is touched", no_reset_leaves_slots},
	{"a switch drops frames with a bad index", switch_drops_bad_tx},
	{"a switch drops frames with a length beyond the buffer",
	 switch_drops_long_tx},
	{"a bad slot of a receiver costs it that frame and nobody else's",
	 switch_drops_bad_rx},
	{"a bad slot of a receiver costs it the whole frame",
	 switch_drops_whole_frame},
	{"a pipe goes on after bad slots", pipe_survives_bad_slots},
};

int main(void)
{
	return CONF_RUN(claims);
}
