// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Bad slots cost their frame, and nothing else. */
#include "conf.h"

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

static void bad_tx_slots(void)
{
	struct netmap_ring *tx;
	struct nmreq_x_stats st;
	struct port a, b;
	uint32_t good = 0;

	conf_nic_pair("eth0", "eth1", small);
	a = conf_open("eth0");
	b = conf_open("eth1");
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 300; i++) {
		struct netmap_slot *slot = conf_slot(tx, 0);
		struct netmap_slot was = *slot;

		conf_put_frame(tx, conf_frame(2, 1, i));
		switch (i % 6) {
		case 0:
			slot->buf_idx = 0;
			break;
		case 1:
			slot->buf_idx = 0xffffffff;
			break;
		case 2:
			slot->len = 2113;
			break;
		case 3:
			slot->len = 0;
			break;
		case 4:
			slot->len = 13;
			break;
		default:
			good++;
		}
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15);
		slot->buf_idx = was.buf_idx;
		if (i % 6 == 5)
			conf_expect(&b, 0, conf_frame(2, 1, i));
		conf_expect_none(&b);
	}
	st = conf_stats("eth0", NETMAP_X_TX, 0);
	CHECK_EQ(st.offered, 300);
	CHECK_EQ(st.sent, good);
	CHECK_EQ(st.no_slot + st.no_runt, 250);
	CHECK_EQ(st.no_runt, 50);
}

/* Slots of bad frames come back in order, with those of good ones that are
 * still on their way. */
static void bad_among_slow(void)
{
	struct netmap_ring *tx;
	struct port a;

	conf_nic("eth0", (struct t_nic){.tx_slots = 16, .manual = true});
	a = conf_open("eth0");
	tx = conf_tx(&a, 0);
	for (uint32_t round = 0; round < 20; round++) {
		/* b g b g g b b g: */
		for (uint32_t i = 0; i < 8; i++) {
			bool bad = 0x65 >> i & 1;

			conf_put(tx, "0123456789abcdef", bad ? 3 : 16, 0);
		}
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15 - 7);
		CHECK_EQ(t_nics->send("eth0", 0, 1), 1);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15 - 5);
		CHECK_EQ(t_nics->send("eth0", 0, 2), 2);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15 - 1);
		CHECK_EQ(t_nics->send("eth0", 0, 10), 1);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 15);
	}
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).no_runt, 80);
}

static void bad_rx_slots(void)
{
	struct netmap_ring *rx;
	struct port p;

	conf_nic("eth0", small);
	p = conf_open("eth0");
	rx = conf_rx(&p, 0);
	for (uint32_t i = 0; i < 100; i++) {
		struct netmap_slot *slot = &rx->slot[i % 16];
		uint32_t idx = slot->buf_idx;

		if (i % 3 == 0)
			slot->buf_idx = i % 2 ? 1 : 0x7fffffff;
		CHECK(t_nics->arrive("eth0", 0, conf_frame(2, 1, i).data, 60));
		conf_rxsync(&p);
		CHECK_EQ(nm_ring_space(rx), 1);
		if (i % 3 == 0) {
			CHECK_EQ(slot->len, 0);
			slot->buf_idx = idx;
			conf_advance(rx, 1);
		} else {
			conf_expect(&p, 0, conf_frame(2, 1, i));
		}
	}
	CHECK_EQ(conf_stats("eth0", NETMAP_X_RX, 0).drop_slot, 34);
}

static void bad_cursors(void)
{
	struct port a, b;

	conf_nic_pair("eth0", "eth1", small);
	a = conf_open("eth0");
	b = conf_open("eth1");
	conf_tx(&a, 0)->head = 16;
	conf_txsync(&a);
	CHECK_EQ(conf_tx(&a, 0)->head, 0);
	conf_rx(&b, 0)->cur = 17;
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLERR);
	conf_send(&a, 0, conf_frame(2, 1, 1));
	conf_expect(&b, 0, conf_frame(2, 1, 1));
}

/* More frames than descriptors wait in the ring; nothing is an error. */
static void few_descriptors(void)
{
	struct netmap_ring *tx;
	struct port a, b;

	conf_nic("eth0",
		 (struct t_nic){.tx_slots = 16, .descs = 4, .manual = true});
	conf_nic("eth1", (struct t_nic){0});
	t_nics->cable("eth0", "eth1");
	a = conf_open("eth0");
	b = conf_open("eth1");
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 15; i++)
		conf_put_frame(tx, conf_frame(2, 1, i));
	for (uint32_t i = 0; i < 15; i += 4) {
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), i);
		CHECK_EQ(conf_poll(a.fd, POLLOUT), i ? POLLOUT : 0);
		CHECK_EQ(t_nics->send("eth0", 0, 100), i < 12 ? 4 : 3);
	}
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 15);
	for (uint32_t i = 0; i < 15; i++)
		conf_expect(&b, 0, conf_frame(2, 1, i));
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).sent, 15);
}

/* NS_REPORT asks for completions at once; without it they may come late. */
static void completion_request(void)
{
	struct netmap_ring *tx;
	struct port a;

	conf_nic("eth0", (struct t_nic){.tx_slots = 16, .lazy = true});
	a = conf_open("eth0");
	tx = conf_tx(&a, 0);
	conf_send(&a, 0, conf_frame(2, 1, 0));
	CHECK_EQ(nm_ring_space(tx), 14);
	conf_put(tx, conf_frame(2, 1, 1).data, 60, NS_REPORT);
	conf_put_frame(tx, conf_frame(2, 1, 2));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 14);
	for (uint32_t i = 0; i < 7; i++)
		conf_put_frame(tx, conf_frame(2, 1, 3 + i));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 15);
}

static const struct claim claims[] = {
	{"a tx slot that says what cannot be costs its frame", bad_tx_slots},
	{"its slot comes back in order", bad_among_slow},
	{"an rx slot without a buffer goes by empty", bad_rx_slots},
	{"bad cursors reset the ring", bad_cursors},
	{"frames that the interface cannot take yet wait", few_descriptors},
	{"NS_REPORT brings slots back at once", completion_request},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
