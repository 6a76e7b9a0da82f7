// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Regions: who shares memory with whom, and for how long. */
#include "conf.h"

static void private_by_default(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("lone{1");

	CHECK(a.reg.nr_mem_id >= 2);
	CHECK(b.reg.nr_mem_id >= 2);
	CHECK(c.reg.nr_mem_id >= 2);
	CHECK(a.reg.nr_mem_id != b.reg.nr_mem_id);
	CHECK(a.reg.nr_mem_id != c.reg.nr_mem_id);
	CHECK(b.reg.nr_mem_id != c.reg.nr_mem_id);
	CHECK_EQ(a.nifp->ni_flags & NI_PRIV_MEM, NI_PRIV_MEM);
	CHECK_EQ(c.nifp->ni_flags & NI_PRIV_MEM, NI_PRIV_MEM);
}

static void region_one(void)
{
	struct nmreq_register reg = REG_SLOTS(8, .nr_mem_id = 1);
	struct port a = conf_open_as("vale0:a", reg);
	struct port b = conf_open_as("vale0:b", reg);
	struct frame f = conf_frame(BROADCAST, 1, 1);

	CHECK_EQ(a.reg.nr_mem_id, 1);
	CHECK_EQ(b.reg.nr_mem_id, 1);
	CHECK_EQ(a.reg.nr_memsize, b.reg.nr_memsize);
	CHECK_EQ(a.nifp->ni_flags & NI_PRIV_MEM, 0);
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
}

/* The number of a new region is the next behind the last one given. */
static void ids_go_on(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b"), c;
	uint16_t first = a.reg.nr_mem_id, second = b.reg.nr_mem_id;

	CHECK_EQ(second, first + 1);
	conf_close(&a);
	c = conf_open("vale0:c");
	CHECK_EQ(c.reg.nr_mem_id, second + 1);
}

static void shared_by_id(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as(
		"vale0:b", REG_SLOTS(8, .nr_mem_id = a.reg.nr_mem_id));
	struct netmap_ring *ra = conf_tx(&a, 0), *rb = conf_tx(&b, 0);
	uint32_t mine = ra->slot[0].buf_idx, its = rb->slot[0].buf_idx;

	CHECK_EQ(b.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(b.reg.nr_memsize, a.reg.nr_memsize);
	CHECK(mine != its);
	strcpy(NETMAP_BUF(ra, mine), "written through a");
	CHECK_STR(NETMAP_BUF(rb, mine), "written through a");
	strcpy(NETMAP_BUF(rb, its), "written through b");
	CHECK_STR(NETMAP_BUF(ra, its), "written through b");
	/* One mapping serves both. */
	CHECK_STR(NETMAP_IF(a.mem, b.reg.nr_offset)->ni_name, "vale0:b");
}

static void no_index_twice(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as(
		"vale0:b", REG_SLOTS(16, .nr_mem_id = a.reg.nr_mem_id));
	struct netmap_ring *r[] = {conf_tx(&a, 0), conf_rx(&a, 0),
				   conf_tx(&b, 0), conf_rx(&b, 0)};
	bool seen[4096] = {false};

	for (size_t k = 0; k < 4; k++) {
		for (uint32_t i = 0; i < 16; i++) {
			uint32_t idx = r[k]->slot[i].buf_idx;

			CHECK(idx < 4096);
			CHECK(!seen[idx]);
			seen[idx] = true;
		}
	}
}

static void pipes_in_parents_region(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = conf_open("vale0:a{1"), s = conf_open("vale0:a}1");

	CHECK_EQ(m.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(s.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(m.reg.nr_memsize, a.reg.nr_memsize);
}

static void parent_in_pipes_region(void)
{
	struct port m = conf_open("vale0:a{1"), a = conf_open("vale0:a");

	CHECK_EQ(m.reg.nr_mem_id, a.reg.nr_mem_id);
}

static void dead_id(void)
{
	struct port a = conf_open("vale0:a");
	uint16_t id = a.reg.nr_mem_id;

	conf_close(&a);
	CHECK_ERR(conf_try("vale0:b", REG(NR_REG_ALL_NIC, .nr_mem_id = id)),
		  EINVAL);
}

static void id_lives_with_last_user(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	uint16_t id = a.reg.nr_mem_id;
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8, .nr_mem_id = id));
	struct port c;

	conf_close(&a);
	c = conf_open_as("vale0:c", REG_SLOTS(8, .nr_mem_id = id));
	CHECK_EQ(c.reg.nr_mem_id, id);
	conf_close(&b);
	conf_close(&c);
	CHECK_ERR(conf_try("vale0:b", REG_SLOTS(8, .nr_mem_id = id)), EINVAL);
}

/* A frame passes from port to port as a buffer, without being copied. */
static void buffers_move_between_ports(void)
{
	struct port src = conf_open_as("vale0:src", REG_SLOTS(8));
	struct port in = conf_open_as("vale0:in", REG_SLOTS(8));
	struct port out = conf_open_as(
		"vale1:out", REG_SLOTS(8, .nr_mem_id = in.reg.nr_mem_id));
	struct port dst = conf_open_as("vale1:dst", REG_SLOTS(8));
	struct netmap_ring *rx = conf_rx(&in, 0), *tx = conf_tx(&out, 0);

	for (uint32_t i = 0; i < 50; i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);
		struct netmap_slot *from, *to;
		uint32_t idx;

		conf_send(&src, 0, f);
		conf_rxsync(&in);
		CHECK_EQ(nm_ring_space(rx), 1);
		from = conf_slot(rx, 0);
		to = conf_slot(tx, 0);
		idx = to->buf_idx;
		*to = (struct netmap_slot){.buf_idx = from->buf_idx,
					   .len = from->len,
					   .flags = NS_BUF_CHANGED};
		from->buf_idx = idx;
		from->flags |= NS_BUF_CHANGED;
		conf_advance(rx, 1);
		conf_advance(tx, 1);
		conf_txsync(&out);
		conf_rxsync(&in);
		conf_expect(&dst, 0, f);
		CHECK_EQ(to->flags & NS_BUF_CHANGED, 0);
	}
}

static void map_less(void)
{
	int fd = conf_fd();
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	char *mem;

	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
	mem = conf_map(fd, reg.nr_offset / 4096 * 4096 + 4096);
	CHECK_STR(NETMAP_IF(mem, reg.nr_offset)->ni_name, "vale0:a");
}

static void map_more(void)
{
	int fd = conf_fd();
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);

	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
	CHECK(t_mmap(fd, reg.nr_memsize + 4096) == (void *)-1);
	CHECK_ERR(errno, EINVAL);
}

static const struct claim claims[] = {
	{"each port has a private region of its own by default",
	 private_by_default},
	{"region 1 can be asked for and is not private", region_one},
	{"a new region gets the number after the last one given", ids_go_on},
	{"ports opened with the same id see each other's buffers",
	 shared_by_id},
	{"no buffer is in two rings of a region", no_index_twice},
	{"a pipe is in its parent's region", pipes_in_parents_region},
	{"a parent opened after its pipe is in the pipe's region",
	 parent_in_pipes_region},
	{"a dead id is EINVAL", dead_id},
	{"an id lives until its last user has gone", id_lives_with_last_user},
	{"buffers move between ports of a region by swapping indices",
	 buffers_move_between_ports},
	{"part of the region can be mapped", map_less},
	{"more than the region cannot be mapped", map_more},
};

int main(void)
{
	return CONF_RUN(claims);
}
