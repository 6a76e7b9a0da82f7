// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What rings and slots are like when a port has just been made. */
#include "conf.h"

static void slots_ascend(struct netmap_ring *r, uint32_t *idx)
{
	for (uint32_t i = 0; i < r->num_slots; i++) {
		CHECK_EQ(r->slot[i].buf_idx, *idx);
		(*idx)++;
	}
}

static void buffers_in_order(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_slots = 8,
					    .nr_rx_slots = 5, .nr_tx_rings = 2,
					    .nr_rx_rings = 3));
	uint32_t idx = 2;

	for (uint32_t i = 0; i < 3; i++)
		slots_ascend(conf_rx(&p, i), &idx);
	for (uint32_t i = 0; i < 2; i++)
		slots_ascend(conf_tx(&p, i), &idx);
}

static void slots_blank(struct netmap_ring *r)
{
	for (uint32_t i = 0; i < r->num_slots; i++) {
		CHECK_EQ(r->slot[i].len, r->nr_buf_size);
		CHECK_EQ(r->slot[i].flags, 0);
		CHECK_EQ(r->slot[i].ptr, 0);
	}
}

static void slots_initial(void)
{
	struct port p = conf_open("vale0:a");
	struct port m = conf_open("lone{1");

	slots_blank(conf_tx(&p, 0));
	slots_blank(conf_rx(&p, 0));
	slots_blank(conf_tx(&m, 0));
}

static void cursors_initial(void)
{
	static const char *const name[] = {"vale0:a", "lone{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct port p = conf_open_as(name[i], REG_SLOTS(6));
		struct netmap_ring *tx = conf_tx(&p, 0), *rx = conf_rx(&p, 0);

		check_note("port %s", name[i]);
		CHECK_EQ(tx->head, 0);
		CHECK_EQ(tx->cur, 0);
		CHECK_EQ(tx->tail, 5);
		CHECK_EQ(rx->head, 0);
		CHECK_EQ(rx->cur, 0);
		CHECK_EQ(rx->tail, 0);
	}
}

static void blank(const struct netmap_ring *r)
{
	CHECK_EQ(r->flags, 0);
	CHECK_EQ(r->offset_mask, 0);
	CHECK_EQ(r->buf_align, 0);
	CHECK_EQ(r->ts.tv_sec, 0);
	CHECK_EQ(r->ts.tv_usec, 0);
	for (size_t i = 0; i < sizeof(r->sem); i++)
		CHECK_EQ(r->sem[i], 0);
}

static void header_initial(void)
{
	struct port p = conf_open("vale0:a"), m = conf_open("lone{1");

	blank(conf_tx(&p, 0));
	blank(conf_rx(&p, 0));
	blank(conf_tx(&m, 0));
	blank(conf_rx(&m, 0));
}

static void pipe_rx_owns_nothing(void)
{
	static const char *const name[] = {"lone{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct port p = conf_open(name[i]);
		struct netmap_ring *rx = conf_rx(&p, 0);

		for (uint32_t k = 0; k < rx->num_slots; k++)
			CHECK_EQ(rx->slot[k].buf_idx, 0);
	}
}

static void same_buffers_from_any_ring(void)
{
	struct port p = conf_open_as(
		"vale0:a", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2));
	char *first = NETMAP_BUF(conf_tx(&p, 0), 0);

	CHECK(NETMAP_BUF(conf_tx(&p, 1), 0) == first);
	CHECK(NETMAP_BUF(conf_rx(&p, 0), 0) == first);
	CHECK(NETMAP_BUF(conf_rx(&p, 1), 0) == first);
	CHECK(NETMAP_BUF(conf_rx(&p, 1), 7) ==
	      first + 7 * (size_t)conf_tx(&p, 0)->nr_buf_size);
}

static void dirty(struct netmap_ring *r)
{
	r->flags = 0xffffffffu;
	memset((void *)&r->ts, 0xff, sizeof(r->ts));
	memset((char *)r + offsetof(struct netmap_ring, offset_mask), 0xff, 72);
	memset(r->sem, 0xff, sizeof(r->sem));
	for (uint32_t i = 0; i < r->num_slots; i++) {
		r->slot[i].flags = 0xffff;
		r->slot[i].len = 0xffff;
		r->slot[i].ptr = UINT64_MAX;
	}
}

/* The region stays, by another port in it; the objects are used again. */
static void reused_objects_are_blank(void)
{
	struct port keep = conf_open_as("vale0:keep", REG_SLOTS(8));
	struct nmreq_register reg =
		REG_SLOTS(8, .nr_mem_id = keep.reg.nr_mem_id);
	struct port p = conf_open_as("vale0:a", reg);
	uint64_t offset = p.reg.nr_offset;
	const uint32_t *spare;

	dirty(conf_tx(&p, 0));
	dirty(conf_rx(&p, 0));
	memset((char *)p.nifp + offsetof(struct netmap_if, ni_spare1), 0xff,
	       sizeof(p.nifp->ni_spare1));
	*(uint32_t *)(void *)((char *)p.nifp +
			      offsetof(struct netmap_if, ni_version)) = 77;
	conf_close(&p);
	p = conf_open_as("vale0:b", reg);
	CHECK_EQ(p.reg.nr_offset, offset);
	blank(conf_tx(&p, 0));
	blank(conf_rx(&p, 0));
	slots_blank(conf_tx(&p, 0));
	slots_blank(conf_rx(&p, 0));
	CHECK_EQ(p.nifp->ni_version, 0);
	spare = p.nifp->ni_spare1;
	CHECK(!spare[0] && !spare[1] && !spare[2]);
}

/* Programs keep their own things there. */
static void scratch_is_left_alone(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct frame f = conf_frame(BROADCAST, 1, 1);
	uint8_t want[sizeof(tx->sem)];

	memset(want, 0x5a, sizeof(want));
	memcpy(tx->sem, want, sizeof(want));
	for (uint32_t i = 0; i < tx->num_slots; i++)
		tx->slot[i].ptr = 0x1122334455667700u + i;
	for (int i = 0; i < 20; i++) {
		conf_send(&a, 0, f);
		conf_expect(&b, 0, f);
	}
	CHECK_MEM(tx->sem, want, sizeof(want));
	for (uint32_t i = 0; i < tx->num_slots; i++)
		CHECK_EQ(tx->slot[i].ptr, 0x1122334455667700u + i);
}

static const struct claim claims[] = {
	{"rx rings get their buffers first, then tx rings, ascending from 2",
	 buffers_in_order},
	{"slots begin with the buffer's size, no flags, no ptr", slots_initial},
	{"rx begins at 0 0 0, tx at 0 0 num_slots - 1", cursors_initial},
	{"ring headers begin without flags, mask, time and scratch",
	 header_initial},
	{"rx rings of a pipe begin with index 0", pipe_rx_owns_nothing},
	{"a buffer is at the same place seen from any ring",
	 same_buffers_from_any_ring},
	{"objects that are used again are blank", reused_objects_are_blank},
	{"scratch area and slot ptr stay as the program left them",
	 scratch_is_left_alone},
};

int main(void)
{
	return CONF_RUN(claims);
}
