// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames to be cut up where their header is removed. */
#include "gso.h"

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_CWR 0x80

static struct port a, b;
static struct gso g;

static void open_pair(void)
{
	a = vnet_open("vale0:a", 128, 12);
	b = vnet_open("vale0:b", 4096, 0);
}

static int next_frame(uint8_t *f)
{
	return conf_get(conf_rx(&b, 0), f, 2048);
}

/* ---- TCP ---- */

/* One segment: its headers are those of the frame but for what must differ. */
static void check_segment(uint8_t *f, uint32_t len, uint32_t pos, uint32_t i,
			  bool last)
{
	const uint8_t *was = gso_frame(&g);
	uint8_t flags = was[g.l4 + 13];

	check_ip(f, g.l3, len);
	check_transport(f, g.l3, g.l4, len, 6);
	CHECK_EQ(be32(f + g.l4 + 4), be32(was + g.l4 + 4) + pos);
	if (!last)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (i)
		flags &= (uint8_t)~TCP_CWR;
	CHECK_EQ(f[g.l4 + 13], flags);
	if (was[g.l3] >> 4 == 4) {
		CHECK_EQ(be16(f + g.l3 + 4),
			 (be16(was + g.l3 + 4) + i) & 0xffff);
		memcpy(f + g.l3 + 2, was + g.l3 + 2, 4);
		memcpy(f + g.l3 + 10, was + g.l3 + 10, 2);
	} else {
		memcpy(f + g.l3 + 4, was + g.l3 + 4, 2);
	}
	memcpy(f + g.l4 + 4, was + g.l4 + 4, 4);
	f[g.l4 + 13] = was[g.l4 + 13];
	memcpy(f + g.l4 + 16, was + g.l4 + 16, 2);
	CHECK_MEM(f, was, g.payload);
}

static void check_segments(struct gso_what w)
{
	uint32_t max = 1514 + (w.tag ? 4 : 0) - g.payload, pos = 0, i = 0;
	uint32_t size = w.size < max ? w.size : max;
	uint8_t f[2048];

	conf_rxsync(&b);
	do {
		uint32_t n = w.payload - pos < size ? w.payload - pos : size;

		check_note("v6 %d tag %d options %u payload %u size %u: %u",
			   w.v6, w.tag, w.options, w.payload, w.size, pos);
		CHECK_EQ(next_frame(f), g.payload + n);
		CHECK_MEM(f + g.payload, gso_frame(&g) + g.payload + pos, n);
		check_segment(f, g.payload + n, pos, i++, pos + n == w.payload);
		pos += n;
	} while (pos < w.payload);
	conf_expect_none(&b);
	conf_rxsync(&b);
}

static void tcp(struct gso_what w, size_t piece)
{
	w.vnet = 12;
	gso_make(&g, w);
	gso_send(&a, &g, piece);
	check_segments(w);
}

static void segments(void)
{
	static const uint32_t payloads[] = {0,	  1,	99,   100,   101,  200,
					    1461, 5000, 9999, 30000, 65400};
	static const uint16_t sizes[] = {100, 536, 1001, 1448, 65535};

	open_pair();
	for (size_t p = 0; p < CONF_COUNT(payloads); p++)
		for (size_t s = 0; s < CONF_COUNT(sizes); s++)
			for (int k = 0; k < 4; k++)
				tcp(
					(struct gso_what){
						.payload = payloads[p],
						.size = sizes[s],
						.v6 = k & 1,
						.tag = k & 2,
						.options =
							(uint8_t)(12 * (s % 3)),
						.flags = TCP_ACK | TCP_PSH},
					2048);
}

static void flags(void)
{
	open_pair();
	for (uint32_t f = 0; f < 256; f++)
		tcp((struct gso_what){.payload = 3000,
				      .size = 1000,
				      .v6 = f & 1,
				      .flags = (uint8_t)f,
				      .ecn = f & 2 ? VNET_ECN : 0},
		    2048);
}

static void chains(void)
{
	open_pair();
	for (size_t piece = 100; piece < 2100; piece += 131)
		tcp((struct gso_what){.payload = 5000,
				      .size = 1400,
				      .options = 40,
				      .flags = TCP_ACK},
		    piece);
}

/* ---- UDP: fragments ---- */

/* One fragment: @at bytes of it are headers, @pos is its place. */
static void check_fragment(const uint8_t *f, uint32_t len, uint32_t pos,
			   bool last, uint32_t *id)
{
	const uint8_t *was = gso_frame(&g), *ip = f + g.l3;

	check_ip(f, g.l3, len);
	if (was[g.l3] >> 4 == 4) {
		CHECK_EQ(be16(ip + 4), be16(was + g.l3 + 4));
		CHECK_EQ(be16(ip + 6), pos / 8 | (last ? 0 : 0x2000));
		CHECK_MEM(ip + 12, was + g.l3 + 12, 8);
		return;
	}
	CHECK_EQ(ip[6], 44);
	CHECK_EQ(ip[40], 17);
	CHECK_EQ(ip[41], 0);
	CHECK_EQ(be16(ip + 42), pos | !last);
	if (pos)
		CHECK_EQ(be32(ip + 44), *id);
	*id = be32(ip + 44);
	CHECK_MEM(ip + 7, was + g.l3 + 7, 33);
}

/* Fragments put together are the datagram, and that adds up. */
static void udp(struct gso_what w)
{
	static uint8_t whole[GSO_MAX];
	uint32_t at, size, max, pos = 0, total = w.payload + 8, id = 0;
	uint8_t f[2048];

	w.udp = true;
	w.vnet = 12;
	gso_make(&g, w);
	gso_send(&a, &g, 2048);
	at = g.l4 + (w.v6 ? 8 : 0);
	max = 1514 + (w.tag ? 4 : 0) - at;
	size = (w.size < max ? w.size : max) & ~7u;
	memcpy(whole, gso_frame(&g), g.l4);
	conf_rxsync(&b);
	do {
		uint32_t n = total - pos < size ? total - pos : size;

		check_note("v6 %d tag %d payload %u size %u: %u", w.v6, w.tag,
			   w.payload, w.size, pos);
		CHECK_EQ(next_frame(f), at + n);
		check_fragment(f, at + n, pos, pos + n == total, &id);
		memcpy(whole + g.l4 + pos, f + at, n);
		pos += n;
	} while (pos < total);
	check_transport(whole, g.l3, g.l4, g.len, 17);
	CHECK_MEM(whole + g.payload, gso_frame(&g) + g.payload, w.payload);
	conf_expect_none(&b);
	conf_rxsync(&b);
}

static void fragments(void)
{
	static const uint32_t payloads[] = {1600, 2000, 8001, 65000};
	static const uint16_t sizes[] = {104, 1000, 1003, 1480, 65535};

	open_pair();
	for (size_t p = 0; p < CONF_COUNT(payloads); p++)
		for (size_t s = 0; s < CONF_COUNT(sizes); s++)
			for (int k = 0; k < 4; k++)
				udp((struct gso_what){.payload = payloads[p],
						      .size = sizes[s],
						      .v6 = k & 1,
						      .tag = k & 2});
}

/* No more than one piece: no fragment. */
static void small_datagram(void)
{
	uint8_t f[2048];

	open_pair();
	for (int v6 = 0; v6 < 2; v6++) {
		gso_make(&g, (struct gso_what){.vnet = 12,
					       .payload = 992,
					       .size = 1000,
					       .udp = true,
					       .v6 = v6});
		gso_send(&a, &g, 2048);
		conf_rxsync(&b);
		CHECK_EQ(next_frame(f), g.len);
		check_transport(f, g.l3, g.l4, g.len, 17);
		memcpy(f + g.l4 + 6, gso_frame(&g) + g.l4 + 6, 2);
		CHECK_MEM(f, gso_frame(&g), g.len);
		conf_expect_none(&b);
	}
}

/* ---- malformed ---- */

static uint64_t bad_before;

/* The frame in g is dropped and counted. */
static void dropped(const char *what)
{
	check_note("%s", what);
	gso_send(&a, &g, 2048);
	conf_expect_none(&b);
	CHECK_EQ(conf_stats("vale0:b", NETMAP_X_RX, 0).drop_header,
		 ++bad_before);
}

static void make(bool v6, bool udp_)
{
	gso_make(&g, (struct gso_what){.vnet = 12,
				       .payload = 3000,
				       .size = 1000,
				       .v6 = v6,
				       .udp = udp_});
}

/* The same with byte @at of the header or the frame changed. */
static void dropped_with(bool v6, bool udp_, uint32_t at, uint8_t v)
{
	make(v6, udp_);
	CHECK(g.data[at] != v);
	g.data[at] = v;
	dropped("a byte changed");
}

static void malformed(void)
{
	const uint32_t l3 = 12 + 14;

	open_pair();
	bad_before = 0;
	/* The header: size 0, types unknown or of another protocol. */
	make(false, false);
	g.data[4] = g.data[5] = 0;
	dropped("gso_size 0");
	dropped_with(false, false, 1, 2);
	dropped_with(false, false, 1, 5);
	dropped_with(false, false, 1, VNET_ECN);
	dropped_with(false, false, 1, 0x41);
	dropped_with(false, false, 1, VNET_TCPV6);
	dropped_with(false, false, 1, VNET_UDP);
	dropped_with(true, false, 1, VNET_TCPV4);
	dropped_with(false, true, 1, VNET_TCPV4);
	/* hdr_len behind the frame, the checksum elsewhere */
	dropped_with(false, false, 3, 0xff);
	dropped_with(false, false, 6, 35);
	dropped_with(false, false, 8, 6);
	dropped_with(true, true, 8, 16);
	/* too many pieces */
	make(false, false);
	g.data[4] = 1;
	g.data[5] = 0;
	dropped("gso_size 1");
	/* IPv4: version, header length, total length, a fragment, protocol */
	dropped_with(false, false, l3, 0x55);
	dropped_with(false, false, l3, 0x44);
	dropped_with(false, false, l3, 0x4f);
	dropped_with(false, false, l3 + 3, 0);
	dropped_with(false, false, l3 + 6, 0x20);
	dropped_with(false, true, l3 + 7, 1);
	dropped_with(false, false, l3 + 9, 47);
	/* IPv6: version, length, next header */
	dropped_with(true, false, l3, 0x40);
	dropped_with(true, false, l3 + 5, 0);
	dropped_with(true, false, l3 + 6, 43);
	dropped_with(true, false, l3 + 6, 44);
	dropped_with(true, true, l3 + 6, 50);
	/* TCP and UDP: header length, length */
	dropped_with(false, false, l3 + 32, 0x40);
	dropped_with(true, true, l3 + 45, 0);
	/* no IP at all */
	dropped_with(false, false, l3 - 2, 0x88);
	dropped_with(false, false, l3 - 2, 0x81);
}

static void cut_short(void)
{
	uint32_t full;

	open_pair();
	bad_before = 0;
	for (int k = 0; k < 4; k++) {
		make(k & 1, k & 2);
		full = g.payload;
		for (uint32_t len = 14; len < full; len++) {
			make(k & 1, k & 2);
			g.len = len;
			/* IP agrees. */
			if (len >= g.l4 && k & 1)
				set_be16(gso_frame(&g) + 18, len - g.l4);
			if (len >= g.l4 && !(k & 1))
				set_be16(gso_frame(&g) + 16, len - 14);
			dropped("cut short");
		}
	}
}

static void extension_headers(void)
{
	struct gso_what w = {.vnet = 12,
			     .payload = 4000,
			     .size = 1200,
			     .v6 = true,
			     .flags = TCP_ACK | TCP_FIN};
	uint8_t f[2048];

	open_pair();
	bad_before = 0;
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 60);
	gso_send(&a, &g, 2048);
	check_segments(w);
	/* The fragment header is behind the hop-by-hop options. */
	w.udp = true;
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 60);
	gso_send(&a, &g, 2048);
	conf_rxsync(&b);
	for (uint32_t pos = 0; pos < 4008 + 16; pos += 1200) {
		uint32_t n = 4024 - pos < 1200 ? 4024 - pos : 1200;

		CHECK_EQ(next_frame(f), 14 + 40 + 8 + 8 + n);
		CHECK_EQ(f[20], 0);
		CHECK_EQ(f[54], 44);
		CHECK_EQ(f[62], 60);
		CHECK_EQ(be16(f + 64), pos | (pos + n < 4024));
	}
	conf_expect_none(&b);
	/* Others are not understood. */
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 43);
	dropped("routing header");
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 0);
	dropped("hop-by-hop header twice");
	/* Longer than the frame. */
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 60);
	g.data[12 + g.l3 + 41] = 0xff;
	g.len -= 2500;
	set_be16(gso_frame(&g) + g.l3 + 4, g.len - g.l3 - 40);
	dropped("hop-by-hop header without an end");
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 60);
	g.data[12 + g.l3 + 49] = 0xff;
	g.len -= 2500;
	set_be16(gso_frame(&g) + g.l3 + 4, g.len - g.l3 - 40);
	dropped("destination options without an end");
}

/* Headers that leave a piece no room: of 2048 bytes, in front of fragments. */
static void no_room(void)
{
	open_pair();
	bad_before = 0;
	gso_make(&g, (struct gso_what){.vnet = 12,
				       .payload = 4000,
				       .size = 1000,
				       .v6 = true,
				       .udp = true});
	gso_ip6_options(&g, 0, 60);
	/* The second is in the first now, and so is some of what follows. */
	memset(gso_frame(&g) + g.l3 + 40, 0, 2048);
	g.data[12 + g.l3 + 40] = 17;
	g.data[12 + g.l3 + 41] = 255;
	g.l4 = g.l3 + 40 + 2048;
	memset(gso_frame(&g) + g.l4, 0, 8);
	set_be16(gso_frame(&g) + g.l4 + 4, g.len - g.l4);
	g.data[6] = (uint8_t)g.l4;
	g.data[7] = (uint8_t)(g.l4 >> 8);
	dropped("a header longer than a piece");
	make(false, true);
	g.data[4] = 7;
	g.data[5] = 0;
	dropped("fragments of less than 8 bytes");
}

/* More bytes, or more pieces, than the switch puts together before it delivers
 * them. */
static void many_at_once(void)
{
	struct gso_what w = {
		.vnet = 12, .payload = 60000, .size = 1400, .flags = TCP_ACK};

	open_pair();
	for (int small = 0; small < 2; small++) {
		if (small)
			w.size = 100;
		gso_make(&g, w);
		for (int i = 0; i < 3; i++)
			conf_put_pieces(conf_tx(&a, 0), g.data, g.vnet + g.len,
					2048);
		conf_txsync(&a);
		conf_rxsync(&b);
		for (uint32_t i = 0; i < 3; i++)
			for (uint32_t pos = 0, k = 0; pos < w.payload;
			     pos += w.size, k++) {
				uint32_t left = w.payload - pos;
				uint32_t n = left < w.size ? left : w.size;
				uint8_t f[2048];

				check_note("size %u, frame %u, %u", w.size, i,
					   pos);
				CHECK_EQ(next_frame(f), g.payload + n);
				CHECK_MEM(f + g.payload,
					  gso_frame(&g) + g.payload + pos, n);
				check_segment(f, g.payload + n, pos, k,
					      left <= w.size);
			}
		conf_expect_none(&b);
		conf_rxsync(&b);
	}
}

/* What finds no room is dropped, a piece at a time. */
static void full_ring(void)
{
	struct nmreq_x_stats x;
	uint8_t f[2048];

	a = vnet_open("vale0:a", 128, 12);
	b = vnet_open("vale0:b", 8, 0);
	make(false, false);
	for (int i = 0; i < 3; i++)
		gso_send(&a, &g, 2048);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 127);
	conf_rxsync(&b);
	for (int i = 0; i < 7; i++)
		CHECK(next_frame(f) > 0);
	conf_expect_none(&b);
	x = conf_stats("vale0:b", NETMAP_X_RX, 0);
	CHECK_EQ(x.attempted, 9);
	CHECK_EQ(x.delivered, 7);
	CHECK_EQ(x.drop_full, 2);
	CHECK_EQ(conf_stats("vale0:a", NETMAP_X_TX, 0).sent, 3);
}

static const struct claim claims[] = {
	{"TCP becomes segments of at most gso_size and 1514 bytes, each with "
	 "lengths, id, sequence number and checksums of its own",
	 segments},
	{"FIN and PSH stay on the last segment, CWR on the first", flags},
	{"a frame to be cut may come in slots of any size", chains},
	{"UDP becomes IP fragments of one datagram, whose checksum is right",
	 fragments},
	{"a datagram that fits in one piece is no fragment", small_datagram},
	{"headers that contradict the frame drop it, which is counted",
	 malformed},
	{"a frame cut short anywhere in its headers is dropped", cut_short},
	{"IPv6 options are copied, other extension headers drop the frame",
	 extension_headers},
	{"headers that leave a piece no room for payload drop the frame",
	 no_room},
	{"many large frames sent at once become as many pieces", many_at_once},
	{"pieces that find a full ring are dropped and counted", full_ring},
};

int main(void)
{
	return CONF_RUN(claims);
}
