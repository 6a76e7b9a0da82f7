// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames behind headers of one length, between ports that both have it. */
#include "gso.h"

static const uint32_t lens[] = {10, 12};

/* A header full of what would be a reason to work, and a frame. */
static void fill(uint8_t *p, size_t hdr, size_t len, uint32_t dst, uint32_t src,
		 uint32_t tag)
{
	memset(p, 0xff, hdr);
	p[0] = VNET_NEEDS_CSUM;
	conf_fill(p + hdr, len, dst, src, tag);
}

static void untouched(void)
{
	uint8_t sent[3000], got[3000];

	for (size_t i = 0; i < CONF_COUNT(lens); i++) {
		struct port a = vnet_open("vale0:a", 64, lens[i]);
		struct port b = vnet_open("vale0:b", 64, lens[i]);

		for (uint32_t len = 14; len < 2900; len += len < 100 ? 1 : 97) {
			size_t n = lens[i] + len;

			check_note("%u bytes behind %u", len, lens[i]);
			fill(sent, lens[i], len, BROADCAST, 1, len);
			conf_put_pieces(conf_tx(&a, 0), sent, n, 500);
			conf_txsync(&a);
			conf_rxsync(&b);
			CHECK_EQ(nm_ring_space(conf_rx(&b, 0)),
				 (n + 499) / 500);
			CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), n);
			CHECK_MEM(got, sent, n);
		}
		conf_close(&a);
		conf_close(&b);
	}
}

static void in_front(void)
{
	uint8_t f[3][100], got[100];

	for (size_t i = 0; i < CONF_COUNT(lens); i++) {
		uint32_t h = lens[i];
		struct port a = vnet_open("vale0:a", 64, h);
		struct port b = vnet_open("vale0:b", 64, h);
		struct port c = vnet_open("vale0:c", 64, h);

		fill(f[0], h, 60, BROADCAST, 2, 1);
		conf_put(conf_tx(&b, 0), f[0], h + 60, 0);
		conf_txsync(&b);
		conf_drain(&a);
		conf_drain(&c);
		/* Learned behind the header, and looked up there. */
		fill(f[0], h, 60, 2, 1, 2);
		fill(f[1], h, 60, 9, 1, 3);
		fill(f[2], h, 60, 2, 1, 4);
		for (int k = 0; k < 3; k++)
			conf_put(conf_tx(&a, 0), f[k], h + 60, 0);
		conf_txsync(&a);
		conf_rxsync(&b);
		for (int k = 0; k < 3; k++) {
			CHECK_EQ(conf_get(conf_rx(&b, 0), got, 100), h + 60);
			CHECK_MEM(got, f[k], h + 60);
		}
		conf_rxsync(&c);
		CHECK_EQ(conf_get(conf_rx(&c, 0), got, 100), h + 60);
		CHECK_MEM(got, f[1], h + 60);
		conf_expect_none(&b);
		conf_expect_none(&c);
		conf_close(&a);
		conf_close(&b);
		conf_close(&c);
	}
}

/* Where the header ends decides. */
static void where_it_ends(void)
{
	uint8_t f[100], got[100];

	for (size_t i = 0; i < CONF_COUNT(lens); i++) {
		uint32_t h = lens[i];
		struct port a = vnet_open("vale0:a", 64, h);
		struct port b = vnet_open("vale0:b", 64, h);
		uint64_t runts = 0;

		for (uint32_t first = 1; first <= h + 20; first++) {
			bool good = first == h || first >= h + 14;

			check_note("%u bytes first, header %u", first, h);
			fill(f, h, 60, BROADCAST, 1, first);
			conf_put(conf_tx(&a, 0), f, first, NS_MOREFRAG);
			conf_put(conf_tx(&a, 0), f + first, h + 60 - first, 0);
			conf_txsync(&a);
			CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 63);
			runts += !good;
			CHECK_EQ(conf_stats("vale0:a", NETMAP_X_TX, 0).no_runt,
				 runts);
			conf_rxsync(&b);
			if (!good) {
				conf_expect_none(&b);
				continue;
			}
			CHECK_EQ(conf_get(conf_rx(&b, 0), got, 100), h + 60);
			CHECK_MEM(got, f, h + 60);
		}
		/* Alone, or with too little behind. */
		conf_put(conf_tx(&a, 0), f, h, 0);
		conf_put(conf_tx(&a, 0), f, h, NS_MOREFRAG);
		conf_put(conf_tx(&a, 0), f + h, 13, 0);
		conf_put(conf_tx(&a, 0), f, h + 13, 0);
		conf_put(conf_tx(&a, 0), f, h + 14, 0);
		conf_txsync(&a);
		CHECK_EQ(conf_stats("vale0:a", NETMAP_X_TX, 0).no_runt,
			 runts + 3);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, 100), h + 14);
		conf_expect_none(&b);
		conf_close(&a);
		conf_close(&b);
	}
}

static void indirect(void)
{
	conf_needs_indirect();
	uint8_t sent[72], got[72];
	struct port a = vnet_open("vale0:a", 64, 12);
	struct port b = vnet_open("vale0:b", 64, 12);
	struct netmap_slot *slot = conf_slot(conf_tx(&a, 0), 0);

	fill(sent, 12, 60, BROADCAST, 1, 3);
	slot->ptr = (uintptr_t)sent;
	slot->len = sizeof(sent);
	slot->flags = NS_INDIRECT;
	conf_advance(conf_tx(&a, 0), 1);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 72);
	CHECK_MEM(got, sent, 72);
}

static const struct claim claims[] = {
	{"between ports of one header length nothing of a frame changes, "
	 "checksums and segments left to do included",
	 untouched},
	{"stations are learned and looked up behind the header", in_front},
	{"a header that is neither wholly in the first slot nor all of it "
	 "drops its frame, which is counted",
	 where_it_ends},
	{"NS_INDIRECT data begins with the header", indirect},
};

int main(void)
{
	return CONF_RUN(claims);
}
