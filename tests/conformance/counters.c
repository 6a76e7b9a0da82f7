// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Counters: every frame is in exactly one place of the sums. */
#include "conf.h"

static struct nmreq_x_stats tx_of(const char *name)
{
	return conf_stats(name, NETMAP_X_TX, NETMAP_X_ALL_RINGS);
}

static struct nmreq_x_stats rx_of(const char *name)
{
	return conf_stats(name, NETMAP_X_RX, NETMAP_X_ALL_RINGS);
}

static uint64_t tx_sum(const struct nmreq_x_stats *x)
{
	return x->sent + x->no_runt + x->no_slot + x->no_frags +
	       x->no_indirect + x->no_self + x->no_port + x->no_memory +
	       x->no_client;
}

static uint64_t rx_sum(const struct nmreq_x_stats *x)
{
	return x->delivered + x->drop_full + x->drop_closed + x->drop_slot +
	       x->drop_size + x->drop_header + x->drop_memory;
}

/* All that has been offered by @name and attempted at it, so far. */
static void adds_up(const char *name)
{
	struct nmreq_x_stats tx = tx_of(name), rx = rx_of(name);

	CHECK_EQ(tx.offered, tx_sum(&tx));
	CHECK_EQ(rx.attempted, rx_sum(&rx));
}

static void open_pair(struct port *a, struct port *b)
{
	*a = conf_open_as("vale0:a", REG_SLOTS(256));
	*b = conf_open_as("vale0:b", REG_SLOTS(256));
}

static void delivered(void)
{
	struct port a, b;
	struct nmreq_x_stats tx, rx;

	open_pair(&a, &b);
	for (uint32_t i = 0; i < 100; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	tx = tx_of("vale0:a");
	rx = rx_of("vale0:b");
	CHECK_EQ(tx.offered, 100);
	CHECK_EQ(tx.sent, 100);
	CHECK_EQ(tx.sent_bytes, 6000);
	CHECK_EQ(rx.attempted, 100);
	CHECK_EQ(rx.delivered, 100);
	CHECK_EQ(rx.delivered_bytes, 6000);
	adds_up("vale0:a");
	adds_up("vale0:b");
}

/* One of each kind that goes nowhere, with a good one behind it. */
static void sources_drop_by_reason(void)
{
	struct port a, b;
	struct netmap_ring *tx;
	struct netmap_slot *slot;
	struct nmreq_x_stats x;
	static uint8_t data[65 * 60];
	struct frame self = conf_frame(1, 1, 1);
	uint32_t idx;

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	conf_put(tx, data, 13, 0);
	conf_put(tx, data, 0, 0);
	slot = conf_slot(tx, 0);
	conf_put(tx, data, 60, 0);
	idx = slot->buf_idx;
	slot->buf_idx = 0xffffffffu;
	conf_slot(tx, 0)->len = 0xffff;
	conf_slot(tx, 0)->flags = 0;
	conf_advance(tx, 1);
	conf_put_pieces(tx, data, sizeof(data), 60);
	conf_slot(tx, 0)->len = 60;
	conf_slot(tx, 0)->flags = NS_INDIRECT;
	conf_slot(tx, 0)->ptr = 0;
	conf_advance(tx, 1);
	conf_put_frame(tx, self);
	conf_put_frame(tx, conf_frame(BROADCAST, 1, 2));
	conf_txsync(&a);
	slot->buf_idx = idx;
	x = tx_of("vale0:a");
	CHECK_EQ(x.no_runt, 2);
	CHECK_EQ(x.no_slot, 2);
	CHECK_EQ(x.no_frags, 1);
	CHECK_EQ(x.no_indirect, 1);
	CHECK_EQ(x.no_self, 1);
	CHECK_EQ(x.no_port, 0);
	CHECK_EQ(x.sent, 1);
	CHECK_EQ(x.offered, 8);
	CHECK_EQ(x.sent_bytes, 60);
}

static void alone_on_the_switch(void)
{
	struct port a = conf_open("vale0:a");
	struct nmreq_x_stats x;

	conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
	conf_send(&a, 0, conf_frame(77, 1, 1));
	x = tx_of("vale0:a");
	CHECK_EQ(x.offered, 2);
	CHECK_EQ(x.no_port, 2);
	CHECK_EQ(x.sent, 0);
}

static void full_receiver(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct nmreq_x_stats tx, rx;

	for (uint32_t i = 0; i < 50; i++)
		conf_put_frame(conf_tx(&a, 0), conf_frame(BROADCAST, 1, i));
	conf_txsync(&a);
	conf_rxsync(&b);
	tx = tx_of("vale0:a");
	rx = rx_of("vale0:b");
	CHECK_EQ(tx.sent, 50);
	CHECK_EQ(rx.attempted, 50);
	CHECK_EQ(rx.delivered, 7);
	CHECK_EQ(rx.drop_full, 43);
}

static void closed_ring(void)
{
	struct port a = conf_open("vale0:a");
	struct port b = conf_open_as(
		"vale0:b", REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY));
	struct nmreq_x_stats tx, rx;

	for (uint32_t i = 0; i < 5; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	tx = tx_of("vale0:a");
	rx = rx_of("vale0:b");
	CHECK_EQ(tx.sent, 5);
	CHECK_EQ(rx.attempted, 5);
	CHECK_EQ(rx.drop_closed, 5);
	CHECK_EQ(rx.delivered, 0);
	conf_close(&b);
}

static void bad_receiver_slot(void)
{
	struct port a, b;
	struct nmreq_x_stats rx;

	open_pair(&a, &b);
	conf_rx(&b, 0)->slot[1].buf_idx = 0;
	for (uint32_t i = 0; i < 3; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	rx = rx_of("vale0:b");
	CHECK_EQ(rx.attempted, 3);
	CHECK(rx.drop_slot > 0);
	adds_up("vale0:b");
	adds_up("vale0:a");
}

static void flood_counts_once_per_port(void)
{
	static const char *const name[] = {"vale0:b", "vale0:c", "vale0:d"};
	struct port a = conf_open("vale0:a");

	for (size_t i = 0; i < 3; i++)
		conf_open(name[i]);
	for (uint32_t i = 0; i < 10; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	CHECK_EQ(tx_of("vale0:a").sent, 10);
	CHECK_EQ(tx_of("vale0:a").sent_bytes, 600);
	for (size_t i = 0; i < 3; i++) {
		CHECK_EQ(rx_of(name[i]).attempted, 10);
		CHECK_EQ(rx_of(name[i]).delivered, 10);
	}
	CHECK_EQ(rx_of("vale0:a").attempted, 0);
}

static void mixed_batch(void)
{
	struct port a, b, c = conf_open("vale0:c");
	struct nmreq_x_stats x;

	open_pair(&a, &b);
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&c);
	for (uint32_t i = 0; i < 30; i++)
		conf_put_frame(conf_tx(&a, 0),
			       conf_frame(i % 3 ? 2 : BROADCAST, 1, i));
	conf_txsync(&a);
	x = tx_of("vale0:a");
	CHECK_EQ(x.offered, 30);
	CHECK_EQ(x.sent, 30);
	CHECK_EQ(x.sent_bytes, 1800);
	CHECK_EQ(x.no_port, 0);
	CHECK_EQ(rx_of("vale0:b").delivered, 30);
	CHECK_EQ(rx_of("vale0:c").delivered, 11);
}

static void frames_not_slots(void)
{
	static uint8_t data[1000];
	struct port a, b, m = conf_open("lone{1");

	open_pair(&a, &b);
	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	for (int i = 0; i < 4; i++) {
		conf_put_pieces(conf_tx(&a, 0), data, sizeof(data), 100);
		conf_put_pieces(conf_tx(&m, 0), data, sizeof(data), 100);
	}
	conf_txsync(&a);
	conf_txsync(&m);
	CHECK_EQ(tx_of("vale0:a").offered, 4);
	CHECK_EQ(tx_of("vale0:a").sent_bytes, 4000);
	CHECK_EQ(rx_of("vale0:b").delivered, 4);
	CHECK_EQ(rx_of("vale0:b").delivered_bytes, 4000);
	CHECK_EQ(tx_of("lone{1").offered, 4);
	CHECK_EQ(tx_of("lone{1").sent_bytes, 4000);
	CHECK_EQ(rx_of("lone}1").delivered, 4);
	CHECK_EQ(rx_of("lone}1").delivered_bytes, 4000);
}

static void pipes_count(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct port s = conf_open("lone}1");

	for (uint32_t i = 0; i < 20; i++) {
		conf_txsync(&m);
		conf_send(&m, 0, conf_frame(2, 1, i));
		conf_expect(&s, 0, conf_frame(2, 1, i));
		conf_rxsync(&s);
	}
	CHECK_EQ(tx_of("lone{1").offered, 20);
	CHECK_EQ(tx_of("lone{1").sent, 20);
	CHECK_EQ(tx_of("lone{1").sent_bytes, 1200);
	CHECK_EQ(rx_of("lone}1").attempted, 20);
	CHECK_EQ(rx_of("lone}1").delivered, 20);
	CHECK_EQ(tx_of("lone}1").offered, 0);
	CHECK_EQ(rx_of("lone{1").attempted, 0);
	adds_up("lone{1");
	adds_up("lone}1");
}

/* An incomplete frame, or one that found no room, is not counted twice. */
static void pipes_count_once(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(8));
	struct frame f = conf_frame(2, 1, 1);

	for (int i = 0; i < 3; i++) {
		conf_put(conf_tx(&m, 0), f.data, 60, NS_MOREFRAG);
		conf_txsync(&m);
		conf_txsync(&m);
	}
	CHECK_EQ(rx_of("lone}1").delivered, 0);
	conf_put(conf_tx(&m, 0), f.data, 60, 0);
	conf_txsync(&m);
	conf_txsync(&m);
	CHECK_EQ(rx_of("lone}1").attempted, 1);
	CHECK_EQ(rx_of("lone}1").delivered, 1);
	CHECK_EQ(tx_of("lone{1").sent, 1);
	CHECK_EQ(tx_of("lone{1").sent_bytes, 240);
	adds_up("lone{1");
}

static void syncs_and_resets(void)
{
	struct port a, b;
	uint64_t tx0, rx0;

	open_pair(&a, &b);
	tx0 = tx_of("vale0:a").syncs;
	rx0 = rx_of("vale0:a").syncs;
	for (int i = 0; i < 7; i++)
		conf_txsync(&a);
	for (int i = 0; i < 5; i++)
		conf_rxsync(&a);
	CHECK_EQ(tx_of("vale0:a").syncs - tx0, 7);
	CHECK_EQ(rx_of("vale0:a").syncs - rx0, 5);
	CHECK_EQ(tx_of("vale0:a").resets, 0);
	for (int i = 0; i < 3; i++) {
		conf_tx(&a, 0)->head = 9999;
		conf_txsync(&a);
	}
	conf_rx(&a, 0)->cur = 9999;
	conf_rxsync(&a);
	conf_rxsync(&a);
	CHECK_EQ(tx_of("vale0:a").resets, 3);
	CHECK_EQ(rx_of("vale0:a").resets, 1);
	CHECK_EQ(tx_of("vale0:b").resets, 0);
}

static void per_ring(void)
{
	struct port a = conf_open_as(
		"vale0:a", REG_SLOTS(64, .nr_tx_rings = 3, .nr_rx_rings = 2));
	struct port b = conf_open("vale0:b");
	struct nmreq_x_stats x;

	CHECK(b.fd >= 0);
	for (uint32_t r = 0; r < 3; r++)
		for (uint32_t i = 0; i < 10 * (r + 1); i++)
			conf_send(&a, r, conf_frame(BROADCAST, 1, i));
	for (uint16_t r = 0; r < 3; r++) {
		x = conf_stats("vale0:a", NETMAP_X_TX, r);
		CHECK_EQ(x.sent, 10 * (r + 1));
		CHECK_EQ(x.x_rings, 3);
		CHECK_EQ(x.x_ring, r);
		CHECK_EQ(x.x_dir, NETMAP_X_TX);
	}
	x = tx_of("vale0:a");
	CHECK_EQ(x.sent, 60);
	CHECK_EQ(x.x_rings, 3);
	CHECK_EQ(rx_of("vale0:a").x_rings, 2);
}

static int ask(const char *name, struct nmreq_x_stats *x)
{
	int fd = conf_fd();
	int err = conf_ctrl(fd, NETMAP_REQ_X_STATS_GET, name, x);

	conf_fd_close(fd);
	return err;
}

static void refused(void)
{
	static const char *const name[] = {"",	      "nosuch0",  "vale0:b",
					   "vale1:a", "vale0:a{", "val"};
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8, .nr_tx_rings = 2));
	struct nmreq_x_stats x;
	struct nmreq_x_stats good = {.x_size = sizeof(x),
				     .x_ring = NETMAP_X_ALL_RINGS};

	CHECK_EQ(a.reg.nr_tx_rings, 2);
	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		check_note("name \"%s\"", name[i]);
		x = good;
		CHECK_ERR(ask(name[i], &x), ENXIO);
	}
	x = good;
	x.x_dir = 2;
	CHECK_ERR(ask("vale0:a", &x), EINVAL);
	x = good;
	x.x_ring = 2;
	CHECK_ERR(ask("vale0:a", &x), EINVAL);
	x.x_ring = 1;
	CHECK_ERR(ask("vale0:a", &x), 0);
	for (uint16_t size = 0; size < 16; size++) {
		x = good;
		x.x_size = size;
		check_note("size %u", size);
		CHECK_ERR(ask("vale0:a", &x), EINVAL);
	}
}

/* A caller of any age gets what it knows, and not a byte more. */
static void sizes(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	union {
		struct nmreq_x_stats x;
		uint8_t bytes[sizeof(struct nmreq_x_stats) + 64];
	} got, full;

	CHECK(b.fd >= 0);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
	for (uint16_t size = 16; size < sizeof(got); size++) {
		uint16_t want = size < sizeof(got.x) ? size : sizeof(got.x);

		check_note("size %u", size);
		memset(&got, 0x5a, sizeof(got));
		got.x = (struct nmreq_x_stats){.x_size = size};
		memset(got.bytes + 16, 0x5a, sizeof(got) - 16);
		memset(&full, 0x5a, sizeof(full));
		full.x = conf_stats("vale0:a", NETMAP_X_TX, 0);
		CHECK_ERR(ask("vale0:a", &got.x), 0);
		CHECK_EQ(got.x.x_size, want);
		CHECK_MEM(got.bytes + 2, full.bytes + 2, want - 2);
		for (size_t i = want; i < sizeof(got); i++)
			CHECK_EQ(got.bytes[i], 0x5a);
	}
}

static void no_bind_needed(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct nmreq_x_stats x = {.x_size = sizeof(x)};
	int fd = conf_fd();

	conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_STATS_GET, "vale0:a", &x), 0);
	CHECK_EQ(x.sent, 1);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	/* A bound descriptor may ask too, and an exclusive port be asked. */
	CHECK_ERR(conf_ctrl(b.fd, NETMAP_REQ_X_STATS_GET, "vale0:a", &x), 0);
	conf_close(&a);
	a = conf_open_as("vale0:a",
			 REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE));
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_STATS_GET, "vale0:a", &x), 0);
	/* A new port begins at 0. */
	CHECK_EQ(x.sent, 0);
}

/* Random good and bad frames between small rings. */
static void always_add_up(void)
{
	static const char *const name[] = {"vale0:a", "vale0:b", "vale0:c",
					   "vale0:d"};
	struct port p[4];
	uint64_t seed = 9, offered = 0;

	for (size_t i = 0; i < 4; i++)
		p[i] = conf_open_as(name[i], REG_SLOTS(16));
	for (int step = 0; step < 3000; step++) {
		struct port *q = &p[conf_random(&seed) % 4];
		struct netmap_ring *tx = conf_tx(q, 0);
		uint32_t n = conf_random(&seed) % 8;

		for (; n && nm_ring_space(tx); n--) {
			struct netmap_slot *slot = conf_slot(tx, 0);

			conf_put_frame(tx,
				       conf_frame(conf_random(&seed) % 6,
						  conf_random(&seed) % 6, 0));
			if (conf_random(&seed) % 8 == 0)
				slot->len = (uint16_t)conf_random(&seed);
			offered++;
		}
		conf_txsync(q);
		if (conf_random(&seed) % 2)
			conf_drain(&p[conf_random(&seed) % 4]);
	}
	for (size_t i = 0; i < 4; i++) {
		adds_up(name[i]);
		offered -= tx_of(name[i]).offered;
	}
	CHECK_EQ(offered, 0);
}

static const struct claim claims[] = {
	{"frames and bytes count at their source and destination", delivered},
	{"a source counts by reason what goes nowhere", sources_drop_by_reason},
	{"alone on a switch: no_port", alone_on_the_switch},
	{"a full receiver: drop_full", full_receiver},
	{"a ring that nobody has bound: drop_closed", closed_ring},
	{"a bad slot of the receiver: drop_slot", bad_receiver_slot},
	{"a flooded frame is one sent and one attempted per port",
	 flood_counts_once_per_port},
	{"known and flooded frames of one batch all count as sent",
	 mixed_batch},
	{"a frame of several slots counts once", frames_not_slots},
	{"pipes count at both ends", pipes_count},
	{"pipes count an incomplete frame when it is whole", pipes_count_once},
	{"syncs and resets are counted", syncs_and_resets},
	{"rings count apart, and add up", per_ring},
	{"bad names are ENXIO, bad sizes, directions and rings EINVAL",
	 refused},
	{"as many bytes are filled in as the caller has", sizes},
	{"reading needs no bind and is no bind", no_bind_needed},
	{"after random traffic offered and attempted add up", always_add_up},
};

int main(void)
{
	return CONF_RUN(claims);
}
