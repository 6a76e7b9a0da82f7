// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Offsets travel through a pipe with the slots that have them. */
#include "conf_ofs.h"

static struct nmreq_opt_offsets offsets(uint64_t max, uint64_t initial)
{
	return OFFSETS(max, .nro_initial_offset = initial,
		       .nro_offset_bits = 16);
}

static struct port open_ofs(const char *name, uint64_t max, uint64_t initial)
{
	struct nmreq_opt_offsets o = offsets(max, initial);

	return conf_open_with(name, REG_SLOTS(16), &o);
}

static void travels_with_slot(void)
{
	struct port a = open_ofs("vale0:x{1", 256, 0);
	struct port b = open_ofs("vale0:x}1", 256, 0);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);

	for (uint32_t i = 0; i < 40; i++) {
		struct frame f = conf_frame(1, 2, i);
		struct netmap_slot *s;

		put_at(tx, i * 6, f.data, sizeof(f), 0);
		conf_txsync(&a);
		conf_rxsync(&b);
		s = conf_slot(rx, 0);
		CHECK_EQ(NETMAP_ROFFSET(rx, s), i * 6);
		CHECK_EQ(s->len, sizeof(f));
		CHECK_MEM(NETMAP_BUF_OFFSET(rx, s), f.data, sizeof(f));
		conf_advance(rx, 1);
		conf_rxsync(&b);
	}
}

/* Who opens the other end with no wish of its own still sees where data is. */
static void both_ends_say_so(void)
{
	struct port a = open_ofs("vale0:x{1", 256, 40);
	struct port b = conf_open("vale0:x}1");
	struct netmap_ring *rx = conf_rx(&b, 0);
	struct frame f = conf_frame(1, 2, 3);

	CHECK_EQ(rx->offset_mask, 0xffff);
	CHECK_EQ(conf_tx(&b, 0)->offset_mask, 0xffff);
	CHECK_EQ(conf_tx(&a, 0)->slot[0].ptr, 40);
	put_at(conf_tx(&a, 0), 40, f.data, sizeof(f), 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_MEM(NETMAP_BUF_OFFSET(rx, conf_slot(rx, 0)), f.data, sizeof(f));
}

static void first_end_decides(void)
{
	struct port a = open_ofs("vale0:x{1", 256, 40);
	struct nmreq_opt_offsets larger = offsets(257, 0);
	struct nmreq_opt_offsets less = offsets(128, 24);
	struct port b;

	CHECK_ERR(conf_try_with("vale0:x}1", REG_SLOTS(16), &larger), EBUSY);
	CHECK_ERR((int)larger.nro_opt.nro_status, EBUSY);
	b = conf_open_with("vale0:x}1", REG_SLOTS(16), &less);
	CHECK_EQ(less.nro_max_offset, 256);
	CHECK_EQ(conf_tx(&b, 0)->slot[15].ptr, 24);
	CHECK_EQ(conf_tx(&a, 0)->slot[15].ptr, 40);
}

static void not_beside_an_end_without(void)
{
	struct port a = conf_open_as("vale0:x{1", REG_SLOTS(16));
	struct nmreq_opt_offsets o = offsets(128, 24);

	CHECK_ERR(conf_try_with("vale0:x}1", REG_SLOTS(16), &o), EBUSY);
	CHECK_EQ(conf_rx(&a, 0)->offset_mask, 0);
}

static void over_max_is_max(void)
{
	struct port a = open_ofs("vale0:x{1", 64, 0);
	struct port b = open_ofs("vale0:x}1", 64, 0);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);
	struct netmap_slot *s = conf_slot(tx, 0);

	s->ptr = 7ull << 32 | 0xffff;
	s->len = 60;
	conf_advance(tx, 1);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(rx, 0)->ptr, 7ull << 32 | 64);
	CHECK_EQ(conf_slot(rx, 0)->len, 60);
}

static void too_long_passes_empty(void)
{
	struct port a = open_ofs("vale0:x{1", 64, 64);
	struct port b = open_ofs("vale0:x}1", 64, 64);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);

	for (uint32_t i = 0; i < 2; i++)
		conf_slot(tx, i)->len = (uint16_t)(tx->nr_buf_size - 64 + i);
	conf_advance(tx, 2);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(rx), 2);
	CHECK_EQ(conf_slot(rx, 0)->len, tx->nr_buf_size - 64);
	CHECK_EQ(conf_slot(rx, 1)->len, 0);
	CHECK_EQ(conf_stats("vale0:x{1", NETMAP_X_TX, 0).no_slot, 1);
}

static void forgotten_by_the_last(void)
{
	struct nmreq_register one =
		REG(NR_REG_ONE_NIC, .nr_tx_rings = 2, .nr_rx_rings = 2,
		    .nr_tx_slots = 8, .nr_rx_slots = 8);
	struct port keep = conf_open_as("vale0:x{1", one), a, b;
	struct nmreq_opt_offsets o = offsets(64, 64);

	one.nr_ringid = 1;
	a = conf_open_with("vale0:x{1", one, &o);
	b = conf_open_as("vale0:x}1", one);
	conf_close(&a);
	CHECK_EQ(conf_rx(&b, 1)->offset_mask, 0xffff);
	conf_close(&b);
	a = conf_open_as("vale0:x{1", one);
	CHECK_EQ(conf_rx(&a, 1)->offset_mask, 0);
	CHECK_EQ(conf_tx(&a, 1)->offset_mask, 0);
	(void)keep;
}

static const struct claim claims[] = {
	{"an offset travels with its slot", travels_with_slot},
	{"both ends have the offsets of the first", both_ends_say_so},
	{"the second end may ask for less, not for more", first_end_decides},
	{"nor for any beside an end without", not_beside_an_end_without},
	{"an offset over the largest is the largest", over_max_is_max},
	{"a slot too long for its offset passes empty", too_long_passes_empty},
	{"rings without users at either end forget", forgotten_by_the_last},
};

int main(void)
{
	return CONF_RUN(claims);
}
