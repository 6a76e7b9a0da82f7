// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REGISTER: numbers of slots, rings and extra buffers are hints. */
#include "conf.h"

static void defaults(void)
{
	struct port p = conf_open("vale0:a");

	CHECK_EQ(p.reg.nr_tx_slots, 1024);
	CHECK_EQ(p.reg.nr_rx_slots, 1024);
	CHECK_EQ(conf_tx(&p, 0)->num_slots, 1024);
	CHECK_EQ(conf_rx(&p, 0)->num_slots, 1024);
}

static void slots_as_asked(void)
{
	static const uint32_t slots[] = {1, 2, 3, 5, 63, 64, 100, 1025, 4096};
	static const char *const name[] = {"vale0:a", "lone{1"};

	for (size_t k = 0; k < CONF_COUNT(name); k++) {
		for (size_t i = 0; i < CONF_COUNT(slots); i++) {
			struct port p = conf_open_as(
				name[k],
				REG(NR_REG_ALL_NIC, .nr_tx_slots = slots[i],
				    .nr_rx_slots = 7));

			check_note("%s with %u slots", name[k], slots[i]);
			CHECK_EQ(p.reg.nr_tx_slots, slots[i]);
			CHECK_EQ(p.reg.nr_rx_slots, 7);
			CHECK_EQ(conf_tx(&p, 0)->num_slots, slots[i]);
			CHECK_EQ(conf_tx(&p, 0)->tail, slots[i] - 1);
			CHECK_EQ(conf_rx(&p, 0)->num_slots, 7);
			conf_close(&p);
		}
	}
}

static void slots_clamped(void)
{
	static const uint32_t slots[] = {4097, 5000, 100000, 0xffffffffu};
	static const char *const name[] = {"vale0:a", "lone{1"};

	for (size_t k = 0; k < CONF_COUNT(name); k++) {
		for (size_t i = 0; i < CONF_COUNT(slots); i++) {
			struct port p =
				conf_open_as(name[k], REG_SLOTS(slots[i]));

			check_note("%s with %u slots", name[k], slots[i]);
			CHECK_EQ(p.reg.nr_tx_slots, 4096);
			CHECK_EQ(p.reg.nr_rx_slots, 4096);
			CHECK_EQ(conf_tx(&p, 0)->num_slots, 4096);
			CHECK_EQ(conf_rx(&p, 0)->num_slots, 4096);
			conf_close(&p);
		}
	}
}

static void vale_rings(void)
{
	static const uint16_t rings[] = {1, 2, 15, 16, 17, 100, 0xffff};

	for (size_t i = 0; i < CONF_COUNT(rings); i++) {
		uint16_t want = rings[i] > 16 ? 16 : rings[i];
		struct port p = conf_open_as(
			"vale0:a", REG_SLOTS(8, .nr_tx_rings = rings[i],
					     .nr_rx_rings = 3));

		check_note("%u tx rings", rings[i]);
		CHECK_EQ(p.reg.nr_tx_rings, want);
		CHECK_EQ(p.reg.nr_rx_rings, 3);
		CHECK_EQ(p.nifp->ni_tx_rings, want);
		CHECK_EQ(p.nifp->ni_rx_rings, 3);
		conf_close(&p);
		p = conf_open_as("vale0:a", REG_SLOTS(8, .nr_tx_rings = 3,
						      .nr_rx_rings = rings[i]));
		CHECK_EQ(p.reg.nr_rx_rings, want);
		CHECK_EQ(p.nifp->ni_rx_rings, want);
		conf_close(&p);
	}
}

static void pipe_rings(void)
{
	static const uint16_t rings[] = {1, 2, 256, 257, 0xffff};

	for (size_t i = 0; i < CONF_COUNT(rings); i++) {
		uint16_t want = rings[i] > 256 ? 256 : rings[i];
		struct port p = conf_open_as(
			"lone{1", REG_SLOTS(4, .nr_tx_rings = rings[i],
					    .nr_rx_rings = 1));

		check_note("%u tx rings", rings[i]);
		CHECK_EQ(p.reg.nr_tx_rings, want);
		CHECK_EQ(p.reg.nr_rx_rings, 1);
		CHECK_EQ(p.nifp->ni_tx_rings, want);
		conf_close(&p);
	}
}

/* A port's numbers are those of who made it. */
static void later_hints_ignored(void)
{
	static const char *const name[] = {"vale0:a", "lone{1"};

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct port p = conf_open_as(
			name[i],
			REG(NR_REG_ALL_NIC, .nr_tx_slots = 8, .nr_rx_slots = 16,
			    .nr_tx_rings = 2, .nr_rx_rings = 3));
		struct port q = conf_open_as(
			name[i], REG(NR_REG_ALL_NIC, .nr_tx_slots = 100,
				     .nr_rx_slots = 4, .nr_tx_rings = 1,
				     .nr_rx_rings = 5));

		check_note("port %s", name[i]);
		CHECK_EQ(q.reg.nr_tx_slots, 8);
		CHECK_EQ(q.reg.nr_rx_slots, 16);
		CHECK_EQ(q.reg.nr_tx_rings, 2);
		CHECK_EQ(q.reg.nr_rx_rings, 3);
		CHECK_EQ(q.nifp->ni_tx_rings, 2);
		CHECK_EQ(conf_tx(&q, 1)->num_slots, 8);
		conf_close(&p);
		conf_close(&q);
	}
}

/* Made anew, the port takes the numbers of the new request. */
static void hints_of_new_port(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));

	conf_close(&p);
	p = conf_open_as("vale0:a", REG_SLOTS(16));
	CHECK_EQ(p.reg.nr_tx_slots, 16);
	CHECK_EQ(p.reg.nr_rx_slots, 16);
}

static void pipe_slots_of_parent(void)
{
	struct port parent =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_slots = 32,
					    .nr_rx_slots = 16));
	struct port p = conf_open("vale0:a{1");

	CHECK_EQ(parent.reg.nr_tx_slots, 32);
	CHECK_EQ(p.reg.nr_tx_slots, 32);
	CHECK_EQ(p.reg.nr_rx_slots, 16);
}

/* Fewer are granted when the region has fewer; the list has that many. */
static void extra_bufs_clamped(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port q = conf_open_as("vale0:b",
				     REG_SLOTS(8, .nr_mem_id = p.reg.nr_mem_id,
					       .nr_extra_bufs = 0xffffffffu));
	struct nmreq_pools_info pools = conf_pools("vale0:a");
	struct netmap_ring *r = conf_tx(&q, 0);
	uint32_t n = 0;

	CHECK(q.reg.nr_extra_bufs < pools.nr_buf_pool_objtotal);
	CHECK(q.reg.nr_extra_bufs > 0);
	for (uint32_t i = q.nifp->ni_bufs_head; i;
	     i = *(uint32_t *)(void *)NETMAP_BUF(r, i))
		CHECK(++n <= q.reg.nr_extra_bufs);
	CHECK_EQ(n, q.reg.nr_extra_bufs);
}

static const struct claim claims[] = {
	{"0 slots means 1024", defaults},
	{"slots are as asked, down to 1", slots_as_asked},
	{"more than 4096 slots are clamped", slots_clamped},
	{"more than 16 rings of a switch port are clamped", vale_rings},
	{"more than 256 rings of a pipe are clamped", pipe_rings},
	{"numbers are ignored when the port exists", later_hints_ignored},
	{"numbers count again when the port is made anew", hints_of_new_port},
	{"a pipe has its parent's slots by default", pipe_slots_of_parent},
	{"extra buffers are granted as far as the region has them",
	 extra_bufs_clamped},
};

int main(void)
{
	return CONF_RUN(claims);
}
