// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* bench_common.c - what every program that measures needs. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include "bench.h"

volatile uint64_t bench_sink;

static char reason[BENCH_TEXT];

void bench_refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
}

const char *bench_reason(void)
{
	return reason;
}

uint64_t bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void bench_frame(uint8_t *frame, unsigned len, const uint8_t dst[6],
		 const uint8_t src[6])
{
	memcpy(frame, dst, 6);
	memcpy(frame + 6, src, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	for (unsigned i = 14; i < len; i++)
		frame[i] = (uint8_t)i;
}
