// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Extra buffers: the list behind ni_bufs_head. */
#include <stdlib.h>

#include "conf.h"

#define MAX 65536

static uint32_t *next_of(struct netmap_ring *r, uint32_t idx)
{
	return (uint32_t *)(void *)NETMAP_BUF(r, idx);
}

/* Walks the list; each index once. Returns how many. */
static uint32_t walk(const struct port *p, bool seen[MAX])
{
	struct netmap_ring *r = conf_tx(p, 0);
	uint32_t n = 0;

	for (uint32_t i = p->nifp->ni_bufs_head; i; i = *next_of(r, i)) {
		CHECK(i >= 2 && i < MAX);
		CHECK(!seen[i]);
		seen[i] = true;
		n++;
	}
	return n;
}

static void in_rings(const struct port *p, bool seen[MAX])
{
	struct netmap_ring *ring[] = {conf_tx(p, 0), conf_rx(p, 0)};

	for (size_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < ring[k]->num_slots; i++) {
			uint32_t idx = ring[k]->slot[i].buf_idx;

			CHECK(idx >= 2 && idx < MAX);
			CHECK(!seen[idx]);
			seen[idx] = true;
		}
	}
}

static void none(void)
{
	struct port p = conf_open("vale0:a");

	CHECK_EQ(p.reg.nr_extra_bufs, 0);
	CHECK_EQ(p.nifp->ni_bufs_head, 0);
}

static void chain(void)
{
	static const uint32_t want[] = {1, 2, 100, 1000};

	for (size_t k = 0; k < CONF_COUNT(want); k++) {
		struct port p = conf_open_as(
			"vale0:a", REG_SLOTS(8, .nr_extra_bufs = want[k]));
		bool seen[MAX] = {false};

		check_note("%u wanted", want[k]);
		CHECK_EQ(p.reg.nr_extra_bufs, want[k]);
		in_rings(&p, seen);
		CHECK_EQ(walk(&p, seen), want[k]);
		conf_close(&p);
	}
}

static void descending(void)
{
	struct port p =
		conf_open_as("vale0:a", REG_SLOTS(8, .nr_extra_bufs = 50));
	struct netmap_ring *r = conf_tx(&p, 0);
	uint32_t last = UINT32_MAX;

	for (uint32_t i = p.nifp->ni_bufs_head; i; i = *next_of(r, i)) {
		CHECK(i < last);
		last = i;
	}
}

static void list_per_bind(void)
{
	struct port a =
		conf_open_as("vale0:a", REG_SLOTS(8, .nr_extra_bufs = 10));
	struct port b =
		conf_open_as("vale0:a", REG_SLOTS(8, .nr_extra_bufs = 20));
	struct port c = conf_open("vale0:a");
	bool seen[MAX] = {false};

	in_rings(&a, seen);
	CHECK_EQ(walk(&a, seen), 10);
	CHECK_EQ(walk(&b, seen), 20);
	CHECK_EQ(c.nifp->ni_bufs_head, 0);
}

/* How many a new bind can have in the region of @keep. */
static uint32_t room(const struct port *keep)
{
	struct port p = conf_open_as(
		"vale0:probe", REG_SLOTS(8, .nr_extra_bufs = 0xffffffffu,
					 .nr_mem_id = keep->reg.nr_mem_id));
	uint32_t n = p.reg.nr_extra_bufs;

	conf_close(&p);
	return n;
}

static void freed_at_close(void)
{
	struct port keep = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t n = room(&keep);

	CHECK(n > 0);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(room(&keep), n);
}

/* What the lists and the slots hold at close is what is freed. */
static void swapped_buffers_freed(void)
{
	struct port keep = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t before = room(&keep);

	for (int round = 0; round < 10; round++) {
		struct port p = conf_open_as(
			"vale0:b", REG_SLOTS(8, .nr_extra_bufs = 8,
					     .nr_mem_id = keep.reg.nr_mem_id));
		struct netmap_ring *r = conf_tx(&p, 0);
		uint32_t idx = p.nifp->ni_bufs_head, next;

		for (uint32_t i = 0; i < 8; i++, idx = next) {
			uint32_t mine = r->slot[i].buf_idx;

			next = *next_of(r, idx);
			r->slot[i].buf_idx = idx;
			r->slot[i].flags |= NS_BUF_CHANGED;
			*next_of(r, mine) = i ? p.nifp->ni_bufs_head : 0;
			p.nifp->ni_bufs_head = mine;
		}
		conf_close(&p);
		CHECK_EQ(room(&keep), before);
	}
}

/* A program that has done it wrong: the same buffer in two places, indices out
 * of range, a list that is a circle. Nothing is given out twice afterwards. */
static void spoiled_lists(void)
{
	struct port keep = conf_open_as("vale0:a", REG_SLOTS(8));
	struct nmreq_register reg = REG_SLOTS(8, .nr_extra_bufs = 4,
					      .nr_mem_id = keep.reg.nr_mem_id);

	for (int round = 0; round < 5; round++) {
		struct port p = conf_open_as("vale0:b", reg), q;
		struct netmap_ring *r = conf_tx(&p, 0);
		bool seen[MAX] = {false};

		r->slot[1].buf_idx = r->slot[0].buf_idx;
		r->slot[2].buf_idx = 0xffffffffu;
		r->slot[3].buf_idx = 1;
		r->slot[4].buf_idx = conf_tx(&keep, 0)->slot[0].buf_idx;
		*next_of(r, p.nifp->ni_bufs_head) = p.nifp->ni_bufs_head;
		if (round % 2)
			p.nifp->ni_bufs_head = 0xfffffff0u;
		conf_close(&p);
		q = conf_open_as("vale0:c", reg);
		in_rings(&q, seen);
		walk(&q, seen);
		conf_close(&q);
	}
}

/* The receiver keeps the buffer of its next frame on its list and puts its
 * extra one in the slot. */
static void swap_received(struct port *s)
{
	struct netmap_slot *slot = conf_slot(conf_rx(s, 0), 0);
	uint32_t lent = slot->buf_idx;

	slot->buf_idx = s->nifp->ni_bufs_head;
	slot->flags |= NS_BUF_CHANGED;
	s->nifp->ni_bufs_head = lent;
	*next_of(conf_tx(s, 0), lent) = 0;
}

/* Frames not sent, not taken, not given back: their buffers are freed. */
static void pipes_free_what_is_under_way(void)
{
	struct port keep = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t before = room(&keep);

	for (int round = 0; round < 10; round++) {
		struct port m = conf_open("vale0:a{1");
		struct port s = conf_open_as(
			"vale0:a}1", REG(NR_REG_ALL_NIC, .nr_extra_bufs = 1));
		struct frame f = conf_frame(2, 1, 1);

		for (int i = 0; i < 5; i++)
			conf_send(&m, 0, f);
		conf_expect(&s, 0, f);
		conf_rxsync(&s);
		conf_advance(conf_rx(&s, 0), 1);
		swap_received(&s);
		conf_put(conf_tx(&m, 0), f.data, 60, NS_MOREFRAG);
		conf_txsync(&m);
		conf_close(round % 2 ? &m : &s);
		conf_close(round % 2 ? &s : &m);
		CHECK_EQ(room(&keep), before);
	}
}

static void on_pipes(void)
{
	struct port m =
		conf_open_as("lone{1", REG_SLOTS(8, .nr_extra_bufs = 16));
	struct port s =
		conf_open_as("lone}1", REG(NR_REG_ALL_NIC, .nr_extra_bufs = 4));
	bool seen[MAX] = {false};

	CHECK_EQ(m.reg.nr_extra_bufs, 16);
	CHECK_EQ(walk(&m, seen), 16);
	CHECK_EQ(walk(&s, seen), s.reg.nr_extra_bufs);
	CHECK_EQ(s.reg.nr_extra_bufs, 4);
}

static const struct claim claims[] = {
	{"without extra buffers the list is empty", none},
	{"the list has as many buffers as granted, none in a ring", chain},
	{"the list descends from its head", descending},
	{"each bind has its own list", list_per_bind},
	{"closing frees the list", freed_at_close},
	{"closing frees what list and slots hold by then",
	 swapped_buffers_freed},
	{"spoiled lists and slots never make a buffer be given out twice",
	 spoiled_lists},
	{"a pipe that ends frees the buffers of frames under way",
	 pipes_free_what_is_under_way},
	{"pipes have extra buffers too", on_pipes},
};

int main(void)
{
	return CONF_RUN(claims);
}
