// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The clock is a number here. */
#include "check.h"
#include "pace.h"

#define MS    1000000ull
#define START 123456789ull
#define STEP  (MS / 50)

/* Sends whenever it may, for @ns; how many frames. */
static uint64_t drive(struct pace *p, uint64_t from, uint64_t ns, uint64_t step,
		      uint64_t burst)
{
	uint64_t sent = 0;

	for (uint64_t t = from; t < from + ns; t += step) {
		uint64_t n = pace_due(p, t);

		n = n < burst ? n : burst;
		pace_sent(p, n);
		sent += n;
	}
	return sent;
}

static void rates(void **state)
{
	static const uint64_t all[] = {1, 7, 1000, 999983, 14880952};

	(void)state;
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct pace p;
		uint64_t sent;

		pace_init(&p, all[i], 512, START);
		sent = drive(&p, START, 3000 * MS, STEP, UINT64_MAX);
		/* a chunk and what a step lets go may be under way */
		assert_in_range(sent,
				3 * all[i] - p.chunk - all[i] * STEP / PACE_NS -
					1,
				3 * all[i] + 1);
	}
}

/* To wait until pace_next() is to be let go, and not much before. */
static void wakes(void **state)
{
	struct pace p;
	uint64_t t = START;

	(void)state;
	pace_init(&p, 1000003, 512, START);
	for (int i = 0; i < 10000; i++) {
		uint64_t next = pace_next(&p), n;

		assert_true(next >= t);
		assert_int_equal(pace_due(&p, next > START + 2000
						      ? next - 1000
						      : START) > p.chunk,
				 0);
		t = next + 1;
		n = pace_due(&p, t);
		assert_true(n >= p.chunk);
		pace_sent(&p, n);
	}
}

static void late(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 100000, 512, START);
	pace_sent(&p, pace_due(&p, START + 10 * MS));
	/* 50 ms are made up for, an hour is not */
	assert_in_range(pace_due(&p, START + 60 * MS), 4990, 5010);
	assert_true(pace_due(&p, START + 3600000 * MS) <= p.chunk);
	assert_int_equal(drive(&p, START + 3600000 * MS, 10 * MS, STEP,
			       UINT64_MAX) > 1000 + p.chunk,
			 0);
}

static void chunks(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 100, 512, START);
	assert_int_equal(p.chunk, 1);
	pace_init(&p, 10000000, 512, START);
	assert_int_equal(p.chunk, 512);
	pace_init(&p, 200000, 512, START);
	assert_int_equal(p.chunk, 100);
}

static void unlimited(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 512, START);
	pace_sent(&p, 1000000);
	assert_true(pace_due(&p, START) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("rates are kept over seconds", rates),
		CLAIM("who waits as told may send", wakes),
		CLAIM("a little is made up for, much is forgotten", late),
		CLAIM("chunks are 1/2000 of a second, up to a burst", chunks),
		CLAIM("rate 0 is no limit", unlimited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
