// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "check.h"
#include "cli.h"
#include "ports.h"
#include "units.h"
#include <string.h>

static void numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{"0", 0},
		{"007", 7},
		{"10", 10},
		{"10k", 10000},
		{"3M", 3000000},
		{"2G", 2000000000},
		{"0x10", 16},
		{"0xfF", 255},
		{"18446744073709551615", UINT64_MAX},
	};
	static const char *const bad[] = {"",
					  "-1",
					  " 1",
					  "1 ",
					  "1x",
					  "k",
					  "1kk",
					  "0x",
					  "0x1k",
					  "1.5",
					  "18446744073709551616",
					  "18446744073709552k"};
	uint64_t v;

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(cli_number(good[i].text, &v));
		assert_true(v == good[i].value);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (cli_number(bad[i], &v))
			fail_msg("taken: '%s'", bad[i]);
}

static void texts(void **state)
{
	char t[UNITS_TEXT];

	(void)state;
	assert_string_equal(units_rate(t, 14880952, false), "14.881 M");
	assert_string_equal(units_rate(t, 14880952, true), "14880952 ");
	assert_string_equal(units_rate(t, 999.9996, false), "1.000 k");
	assert_string_equal(units_rate(t, 12, false), "12.000 ");
	assert_string_equal(units_time(t, 999), "999 ns");
	assert_string_equal(units_time(t, 1500), "1.50 us");
	assert_string_equal(units_time(t, 2500000), "2.50 ms");
	assert_string_equal(units_time(t, 3000000000), "3.00 s");
}

/* lo is an interface everywhere. */
static void specs(void **state)
{
	static const struct {
		const char *name, *spec;
	} all[] = {
		{"lo", "netmap:lo"},
		{"lo^", "netmap:lo^"},
		{"lo-1/xR", "netmap:lo-1/xR"},
		{"lo{1", "netmap:lo{1"},
		{"netmap:lo", "netmap:lo"},
		{"vale0:lo", "vale0:lo"},
		{"other", "other"},
	};
	char spec[PORTS_SPEC], name[IFNAMSIZ], longest[PORTS_SPEC + 1];

	(void)state;
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_true(ports_spec(all[i].name, spec));
		assert_string_equal(spec, all[i].spec);
	}
	memset(longest, 'x', PORTS_SPEC);
	longest[PORTS_SPEC] = '\0';
	assert_false(ports_spec(longest, spec));
	assert_true(ports_spec(longest + 1, spec));
	assert_true(ports_interface("netmap:lo-1@3", name));
	assert_string_equal(name, "lo");
	assert_false(ports_interface("netmap:lo{1", name));
	assert_false(ports_interface("vale0:lo", name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("numbers have units, and nothing else", numbers),
		CLAIM("rates and times are short", texts),
		CLAIM("a bare name is an interface, if there is one", specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
