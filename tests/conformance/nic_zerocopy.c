// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* From one interface to another by exchange of buffers: no byte is copied. */
#include "conf.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

/* Moves all frames from one ring to the other. */
static void forward(struct netmap_ring *rx, struct netmap_ring *tx)
{
	while (!nm_ring_empty(rx)) {
		struct netmap_slot *from = conf_slot(rx, 0);
		struct netmap_slot *to = conf_slot(tx, 0);
		uint32_t idx = to->buf_idx;

		CHECK(!nm_ring_empty(tx));
		CHECK(NETMAP_BUF(rx, from->buf_idx) ==
		      NETMAP_BUF(tx, from->buf_idx));
		to->buf_idx = from->buf_idx;
		to->len = from->len;
		to->flags |= NS_BUF_CHANGED;
		from->buf_idx = idx;
		from->flags |= NS_BUF_CHANGED;
		conf_advance(rx, 1);
		conf_advance(tx, 1);
	}
}

static bool has_twice(const struct netmap_ring *r, uint8_t seen[])
{
	for (uint32_t i = 0; i < r->num_slots; i++)
		if (seen[r->slot[i].buf_idx]++)
			return true;
	return false;
}

/*    outside == in0 [ in1 ~~program~~ out1 ] out0 == outside */
static void through(void)
{
	static uint8_t seen[1 << 20];
	struct port in, out;
	uint32_t sent = 0, got = 0;

	conf_nic("in", small);
	conf_nic_pair("out", "outside", small);
	in = conf_open("in");
	out = conf_open_as("out", REG(NR_REG_ALL_NIC));
	CHECK_EQ(in.reg.nr_mem_id, out.reg.nr_mem_id);
	while (got < 1000) {
		for (uint32_t i = 0; i < sent % 13 + 1; i++, sent++)
			CHECK(t_nics->arrive("in", 0,
					     conf_frame(2, 1, sent).data, 60));
		conf_rxsync(&in);
		forward(conf_rx(&in, 0), conf_tx(&out, 0));
		conf_txsync(&out);
		CHECK_EQ(conf_tx(&out, 0)->slot[0].flags & NS_BUF_CHANGED, 0);
		conf_rxsync(&in);
		while (got < sent)
			conf_host_expect("outside", conf_frame(2, 1, got++));
	}
	CHECK(!has_twice(conf_rx(&in, 0), seen));
	CHECK(!has_twice(conf_tx(&out, 0), seen));
}

/* The buffer that a slot had goes nowhere else while it is being sent. */
static void while_in_flight(void)
{
	struct netmap_ring *tx;
	struct port p, to;

	conf_nic("eth0", (struct t_nic){.tx_slots = 8, .manual = true});
	conf_nic("eth1", small);
	t_nics->cable("eth0", "eth1");
	p = conf_open("eth0");
	to = conf_open("eth1");
	tx = conf_tx(&p, 0);
	for (uint32_t i = 0; i < 7; i++)
		conf_put_frame(tx, conf_frame(2, 1, i));
	conf_txsync(&p);
	CHECK_EQ(nm_ring_space(tx), 0);
	CHECK_EQ(t_nics->send("eth0", 0, 3), 3);
	conf_txsync(&p);
	CHECK_EQ(nm_ring_space(tx), 3);
	for (uint32_t i = 0; i < 3; i++)
		conf_put_frame(tx, conf_frame(2, 1, 7 + i));
	conf_txsync(&p);
	CHECK_EQ(t_nics->send("eth0", 0, 100), 7);
	for (uint32_t i = 0; i < 10; i++)
		conf_expect(&to, 0, conf_frame(2, 1, i));
}

static const struct claim claims[] = {
	{"two interfaces share a region and hand frames on by swapping",
	 through},
	{"slots come back when they have been sent, not before",
	 while_in_flight},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
