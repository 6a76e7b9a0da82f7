// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REGISTER: a second bind, of the same descriptor or of the same port. */
#include "conf.h"

static void bound_descriptor(void)
{
	static const char *const again[] = {"vale0:a", "vale0:b", "lone{1"};
	struct port p = conf_open("vale0:a"), peer = conf_open("vale0:c");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	for (size_t i = 0; i < CONF_COUNT(again); i++) {
		struct nmreq_register reg = REG(NR_REG_ALL_NIC);

		check_note("again as %s", again[i]);
		CHECK_ERR(conf_register(p.fd, again[i], &reg), EBUSY);
	}
	CHECK(!conf_exists("vale0:b"));
	CHECK(!conf_exists("lone{1"));
	conf_send(&p, 0, f);
	conf_expect(&peer, 0, f);
}

/* Each bind has a netmap_if of its own; the rings are the same. */
static void second_bind_shares_rings(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:a");

	CHECK_EQ(a.reg.nr_mem_id, b.reg.nr_mem_id);
	CHECK_EQ(a.reg.nr_memsize, b.reg.nr_memsize);
	CHECK(a.reg.nr_offset != b.reg.nr_offset);
	CHECK_EQ((char *)conf_tx(&a, 0) - a.mem,
		 (char *)conf_tx(&b, 0) - b.mem);
	CHECK_EQ((char *)conf_rx(&a, 0) - a.mem,
		 (char *)conf_rx(&b, 0) - b.mem);
	CHECK_STR(b.nifp->ni_name, "vale0:a");
}

static void second_bind_joins_cursors(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8)), b;
	struct port peer = conf_open_as("vale0:b", REG_SLOTS(8));
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_send(&a, 0, f);
	conf_send(&peer, 0, f);
	conf_rxsync(&a);
	b = conf_open("vale0:a");
	CHECK_EQ(conf_tx(&b, 0)->head, 1);
	CHECK_EQ(conf_tx(&b, 0)->tail, 0);
	CHECK_EQ(conf_rx(&b, 0)->head, 0);
	CHECK_EQ(conf_rx(&b, 0)->tail, 1);
	conf_expect(&b, 0, f);
}

static void port_lives_with_last(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:a");
	struct port peer = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_close(&a);
	conf_send(&b, 0, f);
	conf_expect(&peer, 0, f);
	conf_close(&b);
	CHECK(!conf_exists("vale0:a"));
}

static void other_region_ignored(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open_as(
		"vale0:a", REG(NR_REG_ALL_NIC, .nr_mem_id = b.reg.nr_mem_id));

	CHECK(a.reg.nr_mem_id != b.reg.nr_mem_id);
	CHECK_EQ(c.reg.nr_mem_id, a.reg.nr_mem_id);
}

static void one_ring_then_all(void)
{
	struct port one = conf_open_as(
		"vale0:a", REG_SLOTS(4, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port other =
		conf_open_as("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 1));
	struct port peer = conf_open_as("vale0:b", REG_SLOTS(4));
	struct frame f = conf_frame(BROADCAST, 1, 1);

	conf_close(&one);
	conf_send(&other, 1, f);
	conf_expect(&peer, 0, f);
	/* Ring 0 had no user meanwhile; it comes back empty. */
	one = conf_open("vale0:a");
	CHECK_EQ(conf_tx(&one, 0)->head, 0);
	CHECK_EQ(conf_tx(&one, 0)->tail, 3);
	conf_send(&one, 0, f);
	conf_expect(&peer, 0, f);
	CHECK_EQ(conf_tx(&one, 1)->head, 1);
}

/* Every bind and unbind gives back all it took. */
static void many_times(void)
{
	struct port keep = conf_open_as("vale0:a", REG_SLOTS(8));

	for (int i = 0; i < 500; i++) {
		struct port p = conf_open("vale0:a");

		CHECK_EQ(p.reg.nr_mem_id, keep.reg.nr_mem_id);
		conf_close(&p);
		p = conf_open_as("vale0:b",
				 REG_SLOTS(8, .nr_extra_bufs = 4,
					   .nr_mem_id = keep.reg.nr_mem_id));
		CHECK_EQ(p.reg.nr_extra_bufs, 4);
		conf_close(&p);
	}
}

static const struct claim claims[] = {
	{"a bound descriptor is EBUSY and stays as it was", bound_descriptor},
	{"a second bind has its own netmap_if and the same rings",
	 second_bind_shares_rings},
	{"a second bind finds the cursors where they are",
	 second_bind_joins_cursors},
	{"a port lives until its last bind is closed", port_lives_with_last},
	{"nr_mem_id of an existing port is silently ignored",
	 other_region_ignored},
	{"a ring without users is made anew beside one that has some",
	 one_ring_then_all},
	{"500 binds and unbinds lose nothing of the region", many_times},
};

int main(void)
{
	return CONF_RUN(claims);
}
