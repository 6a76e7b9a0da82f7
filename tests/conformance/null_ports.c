// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Null ports: rings and buffers of a region, without traffic. */
#include "conf.h"

static struct nmreq_register null_in(const struct port *p)
{
	return REG(NR_REG_NULL, .nr_mem_id = p->reg.nr_mem_id, .nr_tx_rings = 2,
		   .nr_rx_rings = 3, .nr_tx_slots = 8, .nr_rx_slots = 16,
		   .nr_extra_bufs = 5);
}

static void needs_region(void)
{
	CHECK_ERR(conf_try("x", REG(NR_REG_NULL)), EINVAL);
	CHECK_ERR(conf_try("x", REG(NR_REG_NULL, .nr_tx_rings = 1)), EINVAL);
	CHECK_ERR(conf_try("x", REG(NR_REG_NULL, .nr_mem_id = 9999)), EINVAL);
}

static void as_asked(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&v));

	CHECK_EQ(n.reg.nr_mem_id, v.reg.nr_mem_id);
	CHECK_EQ(n.reg.nr_tx_rings, 2);
	CHECK_EQ(n.reg.nr_rx_rings, 3);
	CHECK_EQ(n.reg.nr_tx_slots, 8);
	CHECK_EQ(n.reg.nr_rx_slots, 16);
	CHECK_EQ(n.reg.nr_extra_bufs, 5);
	CHECK_EQ(n.nifp->ni_tx_rings, 2);
	CHECK_EQ(n.nifp->ni_rx_rings, 3);
	CHECK_EQ(conf_tx(&n, 1)->num_slots, 8);
	CHECK_EQ(conf_rx(&n, 2)->num_slots, 16);
	CHECK(n.nifp->ni_bufs_head != 0);
	CHECK_STR(n.nifp->ni_name, "null:x");
}

static void nothing_at_all(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as(
		"x", REG(NR_REG_NULL, .nr_mem_id = v.reg.nr_mem_id));

	CHECK_EQ(n.reg.nr_tx_rings, 0);
	CHECK_EQ(n.reg.nr_rx_rings, 0);
	CHECK_EQ(n.reg.nr_extra_bufs, 0);
	CHECK_EQ(n.nifp->ni_tx_rings, 0);
	CHECK_EQ(n.nifp->ni_rx_rings, 0);
	CHECK_EQ(n.nifp->ni_bufs_head, 0);
	conf_txsync(&n);
	conf_rxsync(&n);
	CHECK_EQ(conf_poll(n.fd, POLLIN | POLLOUT), 0);
}

static void only_buffers(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n =
		conf_open_as("x", REG(NR_REG_NULL, .nr_mem_id = v.reg.nr_mem_id,
				      .nr_extra_bufs = 100));
	struct netmap_ring *any = conf_tx(&v, 0);
	uint32_t found = 0;

	CHECK_EQ(n.reg.nr_extra_bufs, 100);
	for (uint32_t i = n.nifp->ni_bufs_head; i;
	     i = *(uint32_t *)(void *)NETMAP_BUF(any, i))
		found++;
	CHECK_EQ(found, 100);
}

static void one_direction(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n =
		conf_open_as("x", REG(NR_REG_NULL, .nr_mem_id = v.reg.nr_mem_id,
				      .nr_rx_rings = 1, .nr_rx_slots = 4));

	CHECK_EQ(n.nifp->ni_tx_rings, 0);
	CHECK_EQ(n.nifp->ni_rx_rings, 1);
	CHECK_EQ(conf_rx(&n, 0)->num_slots, 4);
	CHECK_EQ(conf_poll(n.fd, POLLIN | POLLOUT), 0);
}

static void never_moves(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&v));
	struct netmap_ring *tx = conf_tx(&n, 0), *rx = conf_rx(&n, 0);

	for (int i = 0; i < 5; i++) {
		conf_advance(tx, 1);
		conf_txsync(&n);
		CHECK_EQ(tx->tail, 7);
		CHECK_EQ(tx->head, i + 1);
		conf_rxsync(&n);
		CHECK_EQ(rx->tail, 0);
		CHECK_EQ(rx->head, 0);
	}
}

static void polls(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&v));

	CHECK_EQ(conf_poll(n.fd, POLLIN), 0);
	CHECK_EQ(conf_poll(n.fd, POLLOUT), POLLOUT);
	CHECK_EQ(conf_poll(n.fd, POLLIN | POLLOUT), POLLOUT);
}

static void not_found_by_name(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&v));
	struct port again = conf_open_as("x", null_in(&v));

	CHECK_ERR(conf_try("x", REG(NR_REG_ALL_NIC)), ENXIO);
	CHECK_ERR(conf_try("null:x", REG(NR_REG_ALL_NIC)), ENXIO);
	CHECK(!conf_exists("x"));
	CHECK((char *)conf_tx(&n, 0) - n.mem !=
	      (char *)conf_tx(&again, 0) - again.mem);
}

/* Its name may be that of a port: it has nothing to do with it. */
static void name_of_a_port(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("vale0:a", null_in(&v));

	CHECK_STR(n.nifp->ni_name, "null:vale0:a");
	CHECK((char *)conf_tx(&n, 0) - n.mem != (char *)conf_tx(&v, 0) - v.mem);
}

static void keeps_region(void)
{
	struct port v = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&v));
	uint16_t id = v.reg.nr_mem_id;

	conf_close(&v);
	v = conf_open_as("vale0:b", REG_SLOTS(8, .nr_mem_id = id));
	CHECK_EQ(v.reg.nr_mem_id, id);
	conf_close(&v);
	conf_close(&n);
	CHECK_ERR(conf_try("vale0:b", REG_SLOTS(8, .nr_mem_id = id)), EINVAL);
}

/* What it is for: a buffer of it is sent by a port of the region. */
static void buffers_travel(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct port n = conf_open_as("x", null_in(&a));
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct netmap_slot *slot = conf_slot(tx, 0), *its;
	struct frame f = conf_frame(BROADCAST, 1, 1);
	uint32_t idx = slot->buf_idx;

	its = &conf_tx(&n, 0)->slot[0];
	memcpy(NETMAP_BUF(tx, its->buf_idx), f.data, sizeof(f.data));
	slot->buf_idx = its->buf_idx;
	slot->len = sizeof(f.data);
	slot->flags = NS_BUF_CHANGED;
	its->buf_idx = idx;
	conf_advance(tx, 1);
	conf_txsync(&a);
	conf_expect(&b, 0, f);
}

static void in_region_one(void)
{
	struct port n =
		conf_open_as("x", REG(NR_REG_NULL, .nr_mem_id = 1,
				      .nr_tx_rings = 1, .nr_tx_slots = 4));

	CHECK_EQ(n.reg.nr_mem_id, 1);
	CHECK_EQ(n.nifp->ni_flags & NI_PRIV_MEM, 0);
}

static const struct claim claims[] = {
	{"a null port needs an existing region", needs_region},
	{"it has rings, slots and buffers as asked", as_asked},
	{"it may have none of them", nothing_at_all},
	{"it may have extra buffers only", only_buffers},
	{"it may have rings of one direction", one_direction},
	{"syncs succeed and tail stays", never_moves},
	{"poll is POLLOUT when there are tx rings", polls},
	{"nobody finds it by name", not_found_by_name},
	{"its name may be that of a port", name_of_a_port},
	{"it keeps its region alive", keeps_region},
	{"its buffers can be sent by ports of the region", buffers_travel},
	{"it can be in region 1", in_region_one},
};

int main(void)
{
	return CONF_RUN(claims);
}
