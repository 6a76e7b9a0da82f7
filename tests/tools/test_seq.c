// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "check.h"
#include "seq.h"
#include <stdlib.h>

static void add(struct seq *s, uint32_t from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		seq_add(s, from + i);
}

static void assert_seq(const struct seq *s, uint64_t lost, uint64_t late,
		       uint64_t twice)
{
	assert_int_equal(s->lost, lost);
	assert_int_equal(s->late, late);
	assert_int_equal(s->twice, twice);
}

static void in_order(void **state)
{
	struct seq s = {0};

	(void)state;
	add(&s, UINT32_MAX - 5000, 10000); /* over the end of numbers */
	assert_int_equal(s.came, 10000);
	assert_seq(&s, 0, 0, 0);
}

static void lost(void **state)
{
	struct seq s = {0};

	(void)state;
	add(&s, 100, 10);
	add(&s, 113, 10);
	assert_seq(&s, 3, 0, 0);
	add(&s, 123 + 5000, 1);
	assert_seq(&s, 5003, 0, 0);
}

static void late(void **state)
{
	struct seq s = {0};

	(void)state;
	add(&s, 0, 2000);
	add(&s, 2005, 1);
	assert_seq(&s, 5, 0, 0);
	add(&s, 2001, 1);
	add(&s, 2000, 1);
	assert_seq(&s, 3, 2, 0);
	add(&s, 2001, 1);
	add(&s, 2005, 1);
	assert_seq(&s, 3, 2, 2);
}

static void first(void **state)
{
	struct seq s = {0};

	(void)state;
	add(&s, 50, 1);
	add(&s, 49, 1); /* was sent before the first one: not missed */
	assert_seq(&s, 0, 1, 0);
	add(&s, 49, 1);
	assert_seq(&s, 0, 1, 1);
	add(&s, 52, 1);
	add(&s, 48, 1);
	assert_seq(&s, 1, 2, 1);
}

/* Against a table of all numbers. */
static void random_order(void **state)
{
	static unsigned char came[20000];
	struct seq s = {0};
	uint32_t next = 1;
	uint64_t twice = 0, late_ones = 0, missing = 0;

	(void)state;
	srandom(5);
	seq_add(&s, 0);
	came[0] = 1;
	while (next < sizeof(came) - 100) {
		uint32_t behind = next < 1000 ? next : 1000;
		uint32_t i = next - behind + (uint32_t)random() % (behind + 4);

		if (random() % 2)
			i = next;
		seq_add(&s, i);
		twice += came[i] != 0;
		late_ones += i < next && !came[i];
		came[i] = 1;
		if (i >= next)
			next = i + 1;
	}
	for (uint32_t i = 0; i < next; i++)
		missing += !came[i];
	assert_seq(&s, missing, late_ones, twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("what is in order is neither lost nor late", in_order),
		CLAIM("gaps are lost", lost),
		CLAIM("late frames are not lost, and are told from repeated "
		      "ones",
		      late),
		CLAIM("a stream may begin anywhere", first),
		CLAIM("any order is counted as by a table", random_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
