// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Checksums that a header leaves to do, where the header is removed. */
#include "gso.h"

static struct port a, b;

static void open_pair(uint32_t vnet)
{
	a = vnet_open("vale0:a", 128, vnet);
	b = vnet_open("vale0:b", 128, 0);
}

static uint64_t malformed(void)
{
	return conf_stats("vale0:b", NETMAP_X_RX, 0).drop_header;
}

static void every_size(bool v6, bool udp, bool tag, size_t piece)
{
	static struct gso g;
	static uint8_t got[4000];

	for (uint32_t n = 0; n < 1400; n += n < 20 ? 1 : 111) {
		const uint8_t *f;

		check_note("%u bytes, v6 %d udp %d tag %d", n, v6, udp, tag);
		gso_make(&g, (struct gso_what){.vnet = 12,
					       .payload = n,
					       .v6 = v6,
					       .udp = udp,
					       .tag = tag});
		g.data[1] = 0; /* not to be cut */
		f = gso_frame(&g);
		gso_send(&a, &g, piece);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), g.len);
		check_ip(got, g.l3, g.len);
		check_transport(got, g.l3, g.l4, g.len, udp ? 17 : 6);
		/* Nothing else has changed. */
		memcpy(got + g.l4 + (udp ? 6 : 16), f + g.l4 + (udp ? 6 : 16),
		       2);
		CHECK_MEM(got, f, g.len);
	}
	conf_expect_none(&b);
}

static void computed(void)
{
	open_pair(12);
	for (int i = 0; i < 8; i++) {
		every_size(i & 1, i & 2, i & 4, 2048);
		every_size(i & 1, i & 2, i & 4, 100);
	}
	CHECK_EQ(malformed(), 0);
}

static void not_asked_for(void)
{
	static struct gso g;
	uint8_t got[200];

	open_pair(10);
	gso_make(&g, (struct gso_what){.vnet = 10, .payload = 50});
	gso_header(&g, 0, 0, 0, 0, 0);
	gso_send(&a, &g, 2048);
	/* "checked already" asks for nothing either */
	gso_header(&g, 2, 0, 0, 1, 1);
	gso_send(&a, &g, 2048);
	conf_rxsync(&b);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), g.len);
		CHECK_MEM(got, gso_frame(&g), g.len);
	}
}

static void zero_is_ffff(void)
{
	static struct gso g;
	uint8_t got[200];

	open_pair(12);
	gso_make(&g, (struct gso_what){.vnet = 12, .payload = 20, .udp = true});
	g.data[1] = 0;
	memset(gso_frame(&g) + g.l4, 0, g.len - g.l4);
	memcpy(gso_frame(&g) + g.l4, "\xff\xff", 2);
	gso_send(&a, &g, 2048);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), g.len);
	CHECK_EQ(be16(got + g.l4 + 6), 0xffff);
}

static void outside(void)
{
	static struct gso g;
	uint8_t got[200];
	static const uint16_t bad[][2] = {
		{0, 6},	 {13, 6},     {34, 60},	    {93, 0},	      {94, 0},
		{95, 0}, {0xffff, 0}, {34, 0xffff}, {0xffff, 0xffff}, {34, 59},
	};
	static const uint16_t good[][2] = {{14, 0}, {34, 58}, {92, 0}};

	open_pair(12);
	gso_make(&g, (struct gso_what){.vnet = 12, .payload = 52, .udp = true});
	CHECK_EQ(g.len, 94);
	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("csum_start %u, csum_offset %u", bad[i][0],
			   bad[i][1]);
		gso_header(&g, VNET_NEEDS_CSUM, 0, 0, bad[i][0], bad[i][1]);
		gso_send(&a, &g, 2048);
		conf_expect_none(&b);
		CHECK_EQ(malformed(), i + 1);
	}
	for (size_t i = 0; i < CONF_COUNT(good); i++) {
		gso_header(&g, VNET_NEEDS_CSUM, 0, 0, good[i][0], good[i][1]);
		gso_send(&a, &g, 2048);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 94);
		CHECK_EQ(add_up(0, gso_frame(&g) + good[i][0],
				94u - good[i][0]) +
				 be16(got + good[i][0] + good[i][1]),
			 0xffff);
	}
}

/* Only where the header goes. */
static void kept(void)
{
	static struct gso g;
	uint8_t got[200];

	a = vnet_open("vale0:a", 8, 12);
	b = vnet_open("vale0:b", 8, 10);
	gso_make(&g, (struct gso_what){.vnet = 12, .payload = 20});
	gso_send(&a, &g, 2048);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), g.len + 10);
	CHECK_MEM(got, g.data, 10);
	CHECK_MEM(got + 10, gso_frame(&g), g.len);
}

static const struct claim claims[] = {
	{"TCP and UDP checksums over IPv4 and IPv6 are completed, for every "
	 "length, odd ones and chains included",
	 computed},
	{"without NEEDS_CSUM nothing changes", not_asked_for},
	{"a checksum of 0 is sent as 0xffff", zero_is_ffff},
	{"a checksum outside of the frame drops it, which is counted", outside},
	{"a header that is only shortened keeps what it asks for", kept},
};

int main(void)
{
	return CONF_RUN(claims);
}
