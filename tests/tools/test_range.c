// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "check.h"
#include "range.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct range parse(const char *text)
{
	struct range r;
	const char *why;

	if (!range_parse(&r, text, &why))
		fail_msg("%s %s", text, why);
	return r;
}

static void assert_range(const char *text, int version, uint64_t first,
			 uint64_t last, unsigned port_first, unsigned port_last)
{
	struct range r = parse(text);

	assert_int_equal(r.version, version);
	assert_true((uint64_t)r.first == first);
	assert_true((uint64_t)r.last == last);
	assert_int_equal(r.port_first, port_first);
	assert_int_equal(r.port_last, port_last);
}

static void forms(void **state)
{
	(void)state;
	assert_range("10.0.0.1", 4, 0x0a000001, 0x0a000001, 1234, 1234);
	assert_range("10.0.0.1:7", 4, 0x0a000001, 0x0a000001, 7, 7);
	assert_range("10.0.0.1:7-9", 4, 0x0a000001, 0x0a000001, 7, 9);
	assert_range("10.0.0.1-10.0.1.0", 4, 0x0a000001, 0x0a000100, 1234,
		     1234);
	assert_range("10.0.0.1:7-10.0.0.9", 4, 0x0a000001, 0x0a000009, 7, 7);
	assert_range("10.0.0.1:7-10.0.0.9:65535", 4, 0x0a000001, 0x0a000009, 7,
		     65535);
	assert_range("::1", 6, 1, 1, 1234, 1234);
	assert_range("[::1]", 6, 1, 1, 1234, 1234);
	assert_range("[::1]:7-[::9]:8", 6, 1, 9, 7, 8);
	assert_range("::1-::9", 6, 1, 9, 1234, 1234);
	assert_range("[::1]:7-9", 6, 1, 1, 7, 9);
	assert_true(parse("fd00::1").first == ((range_addr)0xfd00 << 112 | 1));
}

static void refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"10.0.0",
		"10.0.0.1:",
		"10.0.0.1:x",
		"10.0.0.1:65536",
		"10.0.0.2-10.0.0.1",
		"10.0.0.1:8-7",
		"10.0.0.1-::2",
		"[::1",
		"[::1]7",
		"10.0.0.1-10.0.0.2:",
		"10.0.0.1-",
		"host",
		"10.0.0.1:1-2-3",
		":7",
	};
	struct range r = {.version = 99};
	const char *why;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (range_parse(&r, bad[i], &why))
			fail_msg("taken: '%s'", bad[i]);
		assert_non_null(why);
	}
	assert_int_equal(r.version, 99); /* untouched */
}

static void way(void **state)
{
	struct range r = parse("10.0.0.1:7-10.0.0.3:8");
	struct range_at at = {r.first, r.port_first};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (unsigned a = 1; a <= 3; a++)
			for (unsigned p = 7; p <= 8; p++) {
				bool last = a == 3 && p == 8;

				assert_true(at.addr == 0x0a000000 + a);
				assert_int_equal(at.port, p);
				assert_int_equal(range_next(&r, &at), last);
			}
}

static void skips(void **state)
{
	struct range r = parse("10.0.0.1:7-10.0.0.5:9");

	(void)state;
	for (uint64_t start = 0; start < 15; start++) {
		struct range_at from = {r.first, r.port_first}, step;

		for (uint64_t i = 0; i < start; i++)
			range_next(&r, &from);
		step = from;
		for (uint64_t n = 0; n < 40; n++) {
			struct range_at jump = from;

			range_skip(&r, &jump, n);
			assert_true(jump.addr == step.addr);
			assert_int_equal(jump.port, step.port);
			range_next(&r, &step);
		}
	}
}

static void all_of_v6(void **state)
{
	struct range r = parse("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	struct range_at at = {r.last, r.port_last};

	(void)state;
	range_skip(&r, &at, 1);
	assert_true(at.addr == 0);
	range_random(&r, &at, 5, 6);
	assert_true(at.addr == ((range_addr)6 << 64 | 5));
}

static uint64_t random64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^
	       (uint64_t)random();
}

static void randoms(void **state)
{
	struct range r = parse("10.0.0.1:7-10.0.0.3:8");
	struct range one = parse("10.0.0.1");
	unsigned seen[3][2] = {{0}}, outside = 0;

	(void)state;
	srandom(3);
	for (int i = 0; i < 1000; i++) {
		struct range_at at;

		range_random(&r, &at, random64(), random64());
		assert_in_range(at.addr, 0x0a000001, 0x0a000003);
		assert_in_range(at.port, 7, 8);
		seen[at.addr - 0x0a000001][at.port - 7]++;
		range_random(&one, &at, random64(), random64());
		assert_true(at.addr <= 0xffffffff);
		assert_int_not_equal(at.port, 0);
		outside += at.addr != 0x0a000001;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(seen[i / 2][i % 2], 100, 240);
	assert_true(outside > 990);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("ranges are read in each form", forms),
		CLAIM("what is no range is refused with a reason", refusals),
		CLAIM("a way goes through all ports of all addresses", way),
		CLAIM("a jump is as many steps", skips),
		CLAIM("a range may be all of IPv6", all_of_v6),
		CLAIM("random ones are of the range, or any", randoms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
