// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "check.h"
#include "latency.h"
#include <stdlib.h>
#include <string.h>

#define N 20000

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Small times have classes of their own. */
static void exact(void **state)
{
	static struct latency l;

	(void)state;
	latency_clear(&l);
	for (uint64_t i = 1; i <= 100; i++)
		latency_add(&l, i);
	assert_int_equal(l.min, 1);
	assert_int_equal(l.max, 100);
	assert_int_equal(latency_mean(&l), 50);
	assert_int_equal(latency_percentile(&l, 500), 50);
	assert_int_equal(latency_percentile(&l, 900), 90);
	assert_int_equal(latency_percentile(&l, 990), 99);
	assert_int_equal(latency_percentile(&l, 999), 100);
	assert_int_equal(latency_percentile(&l, 1000), 100);
}

/* Against sorting, over times of all sizes. */
static void close_by(void **state)
{
	static const unsigned marks[] = {1, 500, 900, 990, 999, 1000};
	static uint64_t all[N];
	static struct latency l;

	(void)state;
	srandom(4);
	latency_clear(&l);
	for (int i = 0; i < N; i++) {
		all[i] = ((uint64_t)random() << 31 | (uint64_t)random()) >>
			 random() % 62;
		latency_add(&l, all[i]);
	}
	qsort(all, N, sizeof(*all), compare);
	for (int i = 0; i < 6; i++) {
		uint64_t is = latency_percentile(&l, marks[i]);
		uint64_t want = all[N / 1000 * marks[i] - 1];

		assert_true(is >= want);
		assert_true(is - want <= want / LATENCY_PARTS);
	}
	assert_true(latency_percentile(&l, 1000) == all[N - 1]);
}

static void octaves(void **state)
{
	static struct latency l;
	uint64_t sum = 0;

	(void)state;
	latency_clear(&l);
	latency_add(&l, 0);
	latency_add(&l, 1);
	for (unsigned b = 1; b < 64; b++) {
		latency_add(&l, 1ull << b);
		latency_add(&l, (1ull << b) + ((1ull << b) - 1));
	}
	for (unsigned b = 0; b < 64; b++) {
		assert_int_equal(latency_octave(&l, b), 2);
		sum += latency_octave(&l, b);
	}
	assert_int_equal(sum, l.n);
}

static void merged(void **state)
{
	static struct latency a, b, both;

	(void)state;
	latency_clear(&a);
	latency_clear(&b);
	latency_clear(&both);
	for (uint64_t i = 0; i < 5000; i++) {
		latency_add(i % 3 ? &a : &b, i * i);
		latency_add(&both, i * i);
	}
	latency_merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
}

static void none(void **state)
{
	static struct latency l;

	(void)state;
	latency_clear(&l);
	assert_int_equal(latency_mean(&l), 0);
	assert_int_equal(latency_percentile(&l, 500), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("percentiles of short times are exact", exact),
		CLAIM("percentiles are at most 1/64 above sorted times",
		      close_by),
		CLAIM("each time is in the octave of its highest bit", octaves),
		CLAIM("merged is as if added to one", merged),
		CLAIM("of no times there are no numbers", none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
