// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames through a switch, from and to the inside of buffers. */
#include "conf_ofs.h"

#define SIZE 60

/* The next frame of @r lies @offset behind the start of its buffer; it is left
 * there. */
static void expect_at(struct netmap_ring *r, uint64_t offset, struct frame f)
{
	struct netmap_slot *s = conf_slot(r, 0);

	CHECK(!nm_ring_empty(r));
	CHECK_EQ(s->len, SIZE);
	CHECK_EQ(s->flags, 1 << NS_PORT_SHIFT);
	CHECK_MEM(NETMAP_BUF(r, s->buf_idx) + offset, f.data, SIZE);
}

static struct port open_ofs(const char *name, uint64_t max, uint64_t initial,
			    uint64_t gap)
{
	struct nmreq_opt_offsets o =
		OFFSETS(max, .nro_initial_offset = initial, .nro_min_gap = gap,
			.nro_offset_bits = 16);

	return conf_open_with(name, REG_SLOTS(64), &o);
}

static void sends_from_offset(void)
{
	struct port a = open_ofs("vale0:a", 512, 0, 0);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t i = 0; i < 300; i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);

		put_at(tx, i * 7 % 513, f.data, SIZE, 0);
		conf_txsync(&a);
		conf_expect(&b, 0, f);
	}
}

static void sends_in_batches(void)
{
	struct port a = open_ofs("vale0:a", 512, 0, 0);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct netmap_ring *tx = conf_tx(&a, 0);

	for (uint32_t round = 0; round < 5; round++) {
		for (uint32_t i = 0; i < 50; i++)
			put_at(tx, i * 10, conf_frame(BROADCAST, 1, i).data,
			       SIZE, 0);
		conf_txsync(&a);
		for (uint32_t i = 0; i < 50; i++)
			conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
		conf_rxsync(&b);
	}
}

static void receives_at_offset(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = open_ofs("vale0:b", 512, 100, 0);
	struct netmap_ring *rx = conf_rx(&b, 0);

	for (uint32_t i = 0; i < 64; i++)
		NETMAP_WOFFSET(rx, &rx->slot[i], i * 8);
	for (uint32_t i = 0; i < 60; i++)
		conf_put_frame(conf_tx(&a, 0), conf_frame(BROADCAST, 1, i));
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(rx), 60);
	for (uint32_t i = 0; i < 60; i++) {
		expect_at(rx, i * 8, conf_frame(BROADCAST, 1, i));
		CHECK_EQ(conf_slot(rx, 0)->ptr, i * 8);
		conf_advance(rx, 1);
	}
}

static void receives_at_initial(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = open_ofs("vale0:b", 512, 100, 0);

	conf_send(&a, 0, conf_frame(BROADCAST, 1, 5));
	conf_rxsync(&b);
	expect_at(conf_rx(&b, 0), 100, conf_frame(BROADCAST, 1, 5));
}

/* Bits of ptr above the mask belong to the program. */
static void other_bits_stay(void)
{
	struct port a = open_ofs("vale0:a", 512, 0, 0);
	struct port b = open_ofs("vale0:b", 512, 0, 0);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	struct frame f = conf_frame(BROADCAST, 1, 5);

	tx->slot[0].ptr = 0xabcdull << 48;
	rx->slot[0].ptr = 0x1234ull << 48 | 32;
	put_at(tx, 16, f.data, SIZE, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(tx->slot[0].ptr, 0xabcdull << 48 | 16);
	expect_at(rx, 32, f);
	CHECK_EQ(rx->slot[0].ptr, 0x1234ull << 48 | 32);
}

static void over_max_is_max(void)
{
	struct port a = open_ofs("vale0:a", 64, 0, 0);
	struct port b = open_ofs("vale0:b", 96, 0, 0);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	struct frame f = conf_frame(BROADCAST, 1, 5);
	struct netmap_slot *s = conf_slot(tx, 0);

	rx->slot[0].ptr = 0xffff;
	memcpy(NETMAP_BUF(tx, s->buf_idx) + 64, f.data, SIZE);
	s->ptr = 0xffff;
	s->len = SIZE;
	conf_advance(tx, 1);
	conf_txsync(&a);
	conf_rxsync(&b);
	expect_at(rx, 96, f);
}

/* What does not fit behind the offset is no frame. */
static void too_long_behind_offset(void)
{
	struct port a = open_ofs("vale0:a", 1000, 0, 0);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct netmap_ring *tx = conf_tx(&a, 0);
	uint32_t size = tx->nr_buf_size;
	struct nmreq_x_stats st;
	uint8_t data[4096], got[4096];

	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	put_at(tx, 1000, data, (uint16_t)(size - 1000), 0);
	put_at(tx, 1000, data, (uint16_t)(size - 1000), 0);
	tx->slot[1].len++;
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), size - 1000);
	CHECK_MEM(got, data, size - 1000);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), -1);
	st = conf_stats("vale0:a", NETMAP_X_TX, 0);
	CHECK_EQ(st.offered, 2);
	CHECK_EQ(st.sent, 1);
	CHECK_EQ(st.no_slot, 1);
}

static void room_is_behind_max(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = open_ofs("vale0:b", 1000, 0, 0);
	uint32_t room = conf_rx(&b, 0)->nr_buf_size - 1000;
	struct nmreq_x_stats st;
	uint8_t data[4096], got[4096];

	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	conf_put(conf_tx(&a, 0), data, room, 0);
	conf_put(conf_tx(&a, 0), data, room + 1, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), room);
	CHECK_MEM(got, data, room);
	CHECK(conf_get(conf_rx(&b, 0), got, sizeof(got)) <= 0);
	st = conf_stats("vale0:b", NETMAP_X_RX, 0);
	CHECK_EQ(st.attempted, 2);
	CHECK_EQ(st.delivered, 1);
	CHECK_EQ(st.drop_size, 1);
}

/* The slots of one buffer, 256 bytes each: none writes into another. */
static void slots_share_buffers(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = open_ofs("vale0:b", 7 * 256, 0, 256);
	struct netmap_ring *rx = conf_rx(&b, 0);
	uint8_t data[512];

	for (uint32_t i = 0; i < 64; i++) {
		rx->slot[i].buf_idx = rx->slot[i / 8 * 8].buf_idx;
		NETMAP_WOFFSET(rx, &rx->slot[i], i % 8 * 256);
	}
	for (uint32_t i = 0; i < 32; i++) {
		conf_fill(data, sizeof(data), BROADCAST, 1, i);
		conf_put(conf_tx(&a, 0), data, 256, 0);
	}
	conf_put(conf_tx(&a, 0), data, 257, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	for (uint32_t i = 0; i < 32; i++) {
		struct netmap_slot *s = conf_slot(rx, 0);

		conf_fill(data, sizeof(data), BROADCAST, 1, i);
		CHECK_EQ(s->len, 256);
		CHECK_MEM(NETMAP_BUF_OFFSET(rx, s), data, 256);
		conf_advance(rx, 1);
	}
	CHECK_EQ(conf_stats("vale0:b", NETMAP_X_RX, 0).drop_size, 1);
}

static void pieces_have_offsets(void)
{
	struct port a = open_ofs("vale0:a", 512, 0, 0);
	struct port b = open_ofs("vale0:b", 512, 48, 0);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	uint8_t data[300];

	conf_fill(data, sizeof(data), BROADCAST, 1, 9);
	for (uint32_t i = 0; i < 3; i++)
		put_at(tx, i * 30, data + i * 100, 100,
		       i < 2 ? NS_MOREFRAG : 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(rx), 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct netmap_slot *s = conf_slot(rx, i);

		CHECK_EQ(s->len, 100);
		CHECK_EQ(NS_RFRAGS(s), 3);
		CHECK_MEM(NETMAP_BUF_OFFSET(rx, s), data + i * 100, 100);
	}
}

/* Addresses are read behind the offset, too near to the end of the buffer for
 * more than them. */
static void learns_behind_offset(void)
{
	struct port a = open_ofs("vale0:a", 2048, 0, 0);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct port c = conf_open_as("vale0:c", REG_SLOTS(8));
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct frame f = conf_frame(BROADCAST, 1, 0);

	put_at(tx, 2048, f.data, 14, 0);
	conf_txsync(&a);
	conf_drain(&b);
	conf_drain(&c);
	conf_send(&b, 0, conf_frame(1, 2, 7));
	conf_rxsync(&a);
	conf_expect_none(&c);
	CHECK_EQ(nm_ring_space(conf_rx(&a, 0)), 1);
}

static const struct claim claims[] = {
	{"frames are sent from where slots say", sends_from_offset},
	{"so are batches", sends_in_batches},
	{"frames are received where slots say", receives_at_offset},
	{"the initial offset is such a place", receives_at_initial},
	{"bits of ptr beside the offset stay", other_bits_stay},
	{"an offset over the largest is the largest", over_max_is_max},
	{"len counts from the offset to the end of the buffer",
	 too_long_behind_offset},
	{"room is what is behind the largest offset", room_is_behind_max},
	{"slots share a buffer, each its gap", slots_share_buffers},
	{"each piece of a frame has its offset", pieces_have_offsets},
	{"addresses are learned behind the offset", learns_behind_offset},
};

int main(void)
{
	return CONF_RUN(claims);
}
