/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * latency.h - a histogram of times in nanoseconds. Each octave has
 * LATENCY_PARTS classes, so a percentile is at most 1/LATENCY_PARTS too high;
 * minimum, mean and maximum are exact.
 */
#ifndef PKT_GEN_LATENCY_H
#define PKT_GEN_LATENCY_H

#include <stdint.h>

#define LATENCY_BITS	6
#define LATENCY_PARTS	(1u << LATENCY_BITS)
#define LATENCY_CLASSES ((64 - LATENCY_BITS + 1) * LATENCY_PARTS)

struct latency {
	uint64_t n, sum, min, max;
	uint64_t count[LATENCY_CLASSES];
};

void latency_clear(struct latency *l);
void latency_add(struct latency *l, uint64_t ns);
void latency_merge(struct latency *to, const struct latency *from);

uint64_t latency_mean(const struct latency *l);
/* The time that @per_1000 of 1000 did not exceed: the upper end of its class,
 * and never more than the maximum. 0 of none. */
uint64_t latency_percentile(const struct latency *l, unsigned per_1000);
/* How many were 2^@bit .. 2^(@bit+1) - 1; with @bit 0 also 0. */
uint64_t latency_octave(const struct latency *l, unsigned bit);

#endif
