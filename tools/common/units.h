/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* units.h - rates and times as people read them. */
#ifndef TOOLS_UNITS_H
#define TOOLS_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNITS_TEXT 32

/* "14.88 M", or "14880952 " with @plain; the unit's name is to follow. */
const char *units_rate(char text[UNITS_TEXT], double value, bool plain);
/* "812 ns", "12.3 us", "4.56 ms", "1.20 s" */
const char *units_time(char text[UNITS_TEXT], uint64_t ns);

#endif
