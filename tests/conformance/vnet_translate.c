// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames between ports whose headers have different lengths. */
#include "gso.h"

static const uint32_t lens[] = {0, 10, 12};

/* A header that asks for nothing, but has something in each byte it may. */
static void fill(uint8_t *p, size_t hdr, size_t len, uint32_t dst, uint32_t src,
		 uint32_t tag)
{
	for (size_t i = 0; i < hdr; i++)
		p[i] = i < 2 ? 0 : (uint8_t)(i + 1);
	conf_fill(p + hdr, len, dst, src, tag);
}

/* What @len bytes behind @from bytes of header come to with @to. */
static size_t expected(uint8_t *want, const uint8_t *sent, uint32_t from,
		       uint32_t to, size_t len)
{
	memset(want, 0, to);
	memcpy(want, sent, from < to ? from : to);
	memcpy(want + to, sent + from, len);
	return to + len;
}

static void one_way(uint32_t from, uint32_t to, uint32_t len, size_t piece)
{
	static uint8_t sent[9100], want[9100], got[9100];
	struct port a = vnet_open("vale0:a", 256, from);
	struct port b = vnet_open("vale0:b", 256, to);
	struct netmap_ring *rx = conf_rx(&b, 0);
	size_t n;

	check_note("%u bytes, header %u to %u, slots of %zu", len, from, to,
		   piece);
	fill(sent, from, len, BROADCAST, 1, len);
	conf_put_pieces(conf_tx(&a, 0), sent, from + len, piece);
	conf_txsync(&a);
	n = expected(want, sent, from, to, len);
	conf_rxsync(&b);
	CHECK(nm_ring_space(rx) > 0);
	CHECK_EQ(NS_RFRAGS(conf_slot(rx, 0)), nm_ring_space(rx));
	CHECK_EQ(conf_get(rx, got, sizeof(got)), n);
	CHECK_MEM(got, want, n);
	conf_expect_none(&b);
	conf_close(&a);
	conf_close(&b);
}

static void every_pair(void)
{
	static const uint32_t sizes[] = {14, 15, 60, 1514, 2048, 9000};

	for (size_t f = 0; f < CONF_COUNT(lens); f++)
		for (size_t t = 0; t < CONF_COUNT(lens); t++)
			for (size_t i = 0; i < CONF_COUNT(sizes); i++) {
				one_way(lens[f], lens[t], sizes[i], 2048);
				one_way(lens[f], lens[t], sizes[i], 200);
			}
}

static void from_60_to_72(void)
{
	struct port a = vnet_open("vale0:a", 8, 0);
	struct port b = vnet_open("vale0:b", 8, 12);
	struct frame f = conf_frame(BROADCAST, 1, 1);
	static const uint8_t zero[12];
	uint8_t got[72];

	conf_send(&a, 0, f);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->flags, 0x0100);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 72);
	CHECK_MEM(got, zero, 12);
	CHECK_MEM(got + 12, f.data, 60);
}

/* The sender's buffer is full: the header takes another slot. */
static void full_buffer(void)
{
	struct port a = vnet_open("vale0:a", 8, 0);
	struct port b = vnet_open("vale0:b", 8, 10);
	static uint8_t sent[4096], got[4096];
	struct netmap_ring *tx = conf_tx(&a, 0);
	uint32_t size = tx->nr_buf_size;

	conf_fill(sent, size, BROADCAST, 1, 1);
	conf_put(tx, sent, size, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->flags, 2 << 8 | NS_MOREFRAG);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 1)->flags, 2 << 8);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), size + 10);
	CHECK_MEM(got + 10, sent, size);
}

static void header_alone(void)
{
	struct port a = vnet_open("vale0:a", 8, 12);
	struct port b = vnet_open("vale0:b", 8, 0);
	uint8_t sent[72], got[72];

	fill(sent, 12, 60, BROADCAST, 1, 1);
	conf_put(conf_tx(&a, 0), sent, 12, NS_MOREFRAG);
	conf_put(conf_tx(&a, 0), sent + 12, 60, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->flags, 0x0100);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 60);
	CHECK_MEM(got, sent + 12, 60);
}

/* Flooded and own frames, from each kind of port to the two others. */
static void in_order(void)
{
	static const char *const names[] = {"vale0:a", "vale0:b", "vale0:c"};
	struct port p[3];
	uint8_t f[80], want[80], got[80];

	for (uint32_t i = 0; i < 3; i++)
		p[i] = vnet_open(names[i], 256, lens[i]);
	for (uint32_t i = 0; i < 3; i++) {
		fill(f, lens[i], 60, BROADCAST, i + 1, 0);
		conf_put(conf_tx(&p[i], 0), f, lens[i] + 60, 0);
		conf_txsync(&p[i]);
	}
	for (uint32_t i = 0; i < 3; i++)
		conf_drain(&p[i]);
	for (uint32_t from = 0; from < 3; from++) {
		for (uint32_t k = 0; k < 90; k++) {
			fill(f, lens[from], 60,
			     k % 3 ? k % 3 + from : BROADCAST, from + 1, k);
			if (k % 3)
				f[lens[from] + 5] =
					(uint8_t)((from + k % 3) % 3 + 1);
			conf_put(conf_tx(&p[from], 0), f, lens[from] + 60, 0);
		}
		conf_txsync(&p[from]);
		for (uint32_t d = 1; d < 3; d++) {
			uint32_t to = (from + d) % 3;

			conf_rxsync(&p[to]);
			for (uint32_t k = 0; k < 90; k++) {
				size_t n;

				if (k % 3 && k % 3 != d)
					continue;
				check_note("%u to %u, %u", from, to, k);
				fill(f, lens[from], 60,
				     k % 3 ? to + 1 : BROADCAST, from + 1, k);
				n = expected(want, f, lens[from], lens[to], 60);
				CHECK_EQ(conf_get(conf_rx(&p[to], 0), got,
						  sizeof(got)),
					 n);
				CHECK_MEM(got, want, n);
			}
			conf_expect_none(&p[to]);
			conf_drain(&p[to]);
		}
	}
}

static void full_ring(void)
{
	struct port a = vnet_open("vale0:a", 64, 0);
	struct port b = vnet_open("vale0:b", 8, 12);
	uint8_t got[72];
	struct nmreq_x_stats x;

	for (uint32_t i = 0; i < 40; i++)
		conf_put_frame(conf_tx(&a, 0), conf_frame(BROADCAST, 1, i));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 63);
	conf_rxsync(&b);
	for (uint32_t i = 0; i < 7; i++) {
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, 72), 72);
		CHECK_MEM(got + 12, conf_frame(BROADCAST, 1, i).data, 60);
	}
	conf_expect_none(&b);
	x = conf_stats("vale0:b", NETMAP_X_RX, 0);
	CHECK_EQ(x.attempted, 40);
	CHECK_EQ(x.delivered, 7);
	CHECK_EQ(x.drop_full, 33);
}

/* The length may change while ports are open. */
static void changed(void)
{
	struct port a = vnet_open("vale0:a", 8, 0);
	struct port b = vnet_open("vale0:b", 8, 12);
	struct frame f = conf_frame(BROADCAST, 1, 1);
	uint8_t got[72];

	for (uint32_t i = 0; i < 6; i++) {
		vnet_set("vale0:b", lens[i % 3]);
		conf_send(&a, 0, f);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, 72), 60 + lens[i % 3]);
		CHECK_MEM(got + lens[i % 3], f.data, 60);
	}
}

static const struct claim claims[] = {
	{"headers are removed, added as zeros, cut or extended by zeros",
	 every_pair},
	{"60 bytes become 72 with a header of 12, in one slot", from_60_to_72},
	{"what does not fit with its header takes one slot more", full_buffer},
	{"a header that fills the first slot goes with that slot",
	 header_alone},
	{"frames to known stations and to everybody keep their order",
	 in_order},
	{"a full receiver drops and counts what is translated", full_ring},
	{"a header of another length holds from the next sync on", changed},
};

int main(void)
{
	return CONF_RUN(claims);
}
