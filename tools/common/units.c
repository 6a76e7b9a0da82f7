// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "units.h"
#include <stdio.h>

const char *units_rate(char text[UNITS_TEXT], double value, bool plain)
{
	static const char *const prefix[] = {"", "k", "M", "G", "T"};
	unsigned i = 0;

	if (plain) {
		snprintf(text, UNITS_TEXT, "%.0f ", value);
		return text;
	}
	while (value >= 999.9995 && i < 4) {
		value /= 1000;
		i++;
	}
	snprintf(text, UNITS_TEXT, "%.3f %s", value, prefix[i]);
	return text;
}

const char *units_time(char text[UNITS_TEXT], uint64_t ns)
{
	if (ns < 1000)
		snprintf(text, UNITS_TEXT, "%u ns", (unsigned)ns);
	else if (ns < 1000 * 1000)
		snprintf(text, UNITS_TEXT, "%.2f us", (double)ns / 1e3);
	else if (ns < 1000 * 1000 * 1000)
		snprintf(text, UNITS_TEXT, "%.2f ms", (double)ns / 1e6);
	else
		snprintf(text, UNITS_TEXT, "%.2f s", (double)ns / 1e9);
	return text;
}
