// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "check.h"
#include "csum.h"
#include "frame.h"
#include <stdlib.h>
#include <string.h>

#define V4 (range_addr)0x0a000001 /* 10.0.0.1 */

static struct frame_spec spec_of(int version, uint32_t len,
				 enum frame_mark mark)
{
	struct frame_spec s = {
		.version = version,
		.dst_mac = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		.src_mac = {2, 0, 0, 0, 0, 1},
		.src = {V4, 1234},
		.dst = {V4 + 0x10000, 1234},
		.len_max = len,
		.mark = mark,
	};

	return s;
}

/*
 * By hand. IPv4 header: 4500 + 0020 + 0000 + 0000 + 4011 + 0a00 + 0001 + 0a01 +
 * 0001 = 9934, inverted 66cb. UDP: addresses 0a00 + 0001 + 0a01 + 0001 = 1403,
 * protocol 0011, length 000c twice, ports 04d2 twice, data 6e65 + 746d:
 * 1403 + 11 + 18 + 9a4 + e2d2 = 100a2, folded 00a3, inverted ff5c.
 */
static void v4_bytes(void **state)
{
	static const uint8_t expected[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	  0,	0, 0,
		0,    1,    0x08, 0x00, 0x45, 0,    0,	  0x20, 0, 0,
		0,    0,    64,	  17,	0x66, 0xcb, 10,	  0,	0, 1,
		10,   1,    0,	  1,	0x04, 0xd2, 0x04, 0xd2, 0, 0x0c,
		0xff, 0x5c, 'n',  'e',	't',  'm'};
	struct frame_spec s = spec_of(4, sizeof(expected), FRAME_PLAIN);
	struct frame f;

	(void)state;
	assert_true(frame_build(&f, &s));
	assert_int_equal(f.len, sizeof(expected));
	assert_memory_equal(f.ether, expected, sizeof(expected));
	frame_free(&f);
}

/*
 * By hand: addresses fd00 + 1 + fd00 + 1 + 1 = 1fa03, folded fa04; protocol
 * 0011; length 000a twice; ports 04d2 twice; data 6e65: fa04 + 11 + 14 + 9a4 +
 * 6e65 = 17232, folded 7233, inverted 8dcc.
 */
static void v6_bytes(void **state)
{
	static const uint8_t expected[] = {
		0x86, 0xdd, 0x60, 0,	0,    0,    0,	 0x0a, 17, 64,	 0xfd,
		0,    0,    0,	  0,	0,    0,    0,	 0,    0,  0,	 0,
		0,    0,    0,	  1,	0xfd, 0,    0,	 0,    0,  0,	 0,
		0,    0,    0,	  0,	0,    0,    1,	 0,    1,  0x04, 0xd2,
		0x04, 0xd2, 0,	  0x0a, 0x8d, 0xcc, 'n', 'e'};
	struct frame_spec s = spec_of(6, 64, FRAME_PLAIN);
	struct frame f;

	(void)state;
	s.src.addr = (range_addr)0xfd00 << 112 | 1;
	s.dst.addr = (range_addr)0xfd00 << 112 | 1 << 16 | 1;
	assert_true(frame_build(&f, &s));
	assert_memory_equal(f.ether + 12, expected, sizeof(expected));
	frame_free(&f);
}

/* What a receiver does: the sum over all, checksums included, is ffff. */
static void assert_good(const struct frame *f)
{
	const uint8_t *ip = f->ether + 14;
	uint32_t udp_at = f->version == 4 ? 20 : 40, len = f->len - 14 - udp_at;
	uint32_t addrs = f->version == 4 ? 12 : 8;
	uint64_t sum = csum_bytes(ip + addrs, udp_at - addrs);

	if (f->version == 4)
		assert_int_equal(csum_bytes(ip, 20), 0xffff);
	sum += 17 + len + csum_bytes(ip + udp_at, len);
	assert_int_equal(csum_fold(sum), 0xffff);
	assert_int_equal(ip[udp_at + 4] << 8 | ip[udp_at + 5], len);
	assert_false(ip[udp_at + 6] == 0 && ip[udp_at + 7] == 0);
}

static uint64_t random64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^
	       (uint64_t)random();
}

static void change(struct frame *f, uint32_t min, uint32_t max)
{
	range_addr mask = f->version == 4 ? 0xffffffff : ~(range_addr)0;
	range_addr a = (range_addr)random64() << 64 | random64();
	struct range_at at = {a & mask, (uint16_t)random()};

	switch (random() % 5) {
	case 0:
		frame_set_src(f, &at);
		break;
	case 1:
		frame_set_dst(f, &at);
		break;
	case 2:
		frame_set_len(f, min + (uint32_t)random() % (max - min + 1));
		break;
	case 3:
		frame_set_mark(f, (uint32_t)random64(), (uint32_t)random());
		break;
	case 4:
		frame_set_time(f, random64());
		break;
	}
}

static void updates(void **state)
{
	(void)state;
	srandom(1);
	for (int version = 4; version <= 6; version += 2) {
		struct frame_spec s = spec_of(version, 301, FRAME_TIME);
		uint32_t min = frame_len_min(version, FRAME_TIME);
		struct frame f;
		uint8_t full[301];

		assert_true(frame_build(&f, &s));
		assert_good(&f);
		for (int i = 0; i < 20000; i++) {
			change(&f, min, 301);
			frame_seal(&f);
			assert_good(&f);
			memcpy(full, f.ether, f.len);
			frame_seal_fully(&f);
			assert_memory_equal(full, f.ether, f.len);
		}
		frame_free(&f);
	}
}

/* 65536 ports, one of which makes the checksum 0, which says "none". */
static void never_zero(void **state)
{
	struct frame_spec s = spec_of(4, 60, FRAME_PLAIN);
	unsigned all_ones = 0;
	struct frame f;

	(void)state;
	assert_true(frame_build(&f, &s));
	for (uint32_t port = 0; port < 65536; port++) {
		struct range_at at = {V4, (uint16_t)port};

		frame_set_src(&f, &at);
		frame_seal(&f);
		assert_good(&f);
		all_ones += f.ether[40] == 0xff && f.ether[41] == 0xff;
	}
	assert_int_equal(all_ones, 1);
	frame_free(&f);
}

/* A buffer that has the longest frame has, with the hot bytes of another one
 * over it, that one. */
static void hot_bytes(void **state)
{
	struct frame_spec s = spec_of(4, 400, FRAME_TIME);
	uint8_t buffer[512];
	struct frame f;

	(void)state;
	srandom(2);
	s.vnet = 12;
	assert_true(frame_build(&f, &s));
	memcpy(buffer, f.data, 412);
	for (int i = 0; i < 1000; i++) {
		change(&f, 58, 400);
		frame_seal(&f);
		memcpy(buffer, f.data, f.hot);
		assert_memory_equal(buffer, f.data, f.vnet + f.len);
	}
	frame_free(&f);
}

static void marks(void **state)
{
	struct frame_spec s = spec_of(6, 100, FRAME_TIME);
	struct frame_mark_read m;
	struct frame f;

	(void)state;
	assert_true(frame_build(&f, &s));
	frame_set_mark(&f, 0x12345678, 9);
	frame_set_time(&f, 0x0123456789abcdef);
	assert_true(frame_read_mark(f.ether, f.len, FRAME_TIME, &m));
	assert_int_equal(m.seq, 0x12345678);
	assert_int_equal(m.stream, 9);
	assert_true(m.time == 0x0123456789abcdef);
	assert_true(frame_read_mark(f.ether, 78, FRAME_TIME, &m));
	for (uint32_t len = 0; len < 78; len++)
		assert_false(frame_read_mark(f.ether, len, FRAME_TIME, &m));
	f.ether[13] = 0; /* another EtherType */
	assert_false(frame_read_mark(f.ether, f.len, FRAME_TIME, &m));
	frame_free(&f);
}

static void turned(void **state)
{
	struct frame_spec s = spec_of(4, 60, FRAME_PLAIN);
	struct frame f;
	uint8_t short_frame[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0};

	(void)state;
	s.src.port = 7;
	assert_true(frame_build(&f, &s));
	frame_turn(f.ether, f.len);
	assert_good(&f);
	assert_memory_equal(f.ether, s.src_mac, 6);
	assert_memory_equal(f.ether + 6, s.dst_mac, 6);
	assert_memory_equal(f.ether + 26, "\x0a\x01\x00\x01\x0a\x00\x00\x01",
			    8);
	assert_memory_equal(f.ether + 34, "\x04\xd2\x00\x07", 4);
	frame_turn(short_frame, 13); /* nothing */
	assert_int_equal(short_frame[0], 1);
	frame_turn(short_frame, 20); /* its MAC addresses */
	assert_int_equal(short_frame[0], 7);
	frame_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("an IPv4 frame has the bytes computed by hand", v4_bytes),
		CLAIM("an IPv6 frame has the bytes computed by hand", v6_bytes),
		CLAIM("updated checksums are those of the whole frame",
		      updates),
		CLAIM("a UDP checksum is never 0", never_zero),
		CLAIM("only hot bytes change", hot_bytes),
		CLAIM("marks are read as written, where there is one", marks),
		CLAIM("a frame that is sent back has good checksums", turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
