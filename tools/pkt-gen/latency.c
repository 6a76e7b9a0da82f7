// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "latency.h"
#include <string.h>

/*
 * Numbers below 2 * PARTS are classes of their own. Above, with the highest bit
 * at b, the PARTS classes of the octave are told apart by the LATENCY_BITS bits
 * behind it.
 */
static unsigned class_of(uint64_t ns)
{
	unsigned shift;

	if (ns < 2 * LATENCY_PARTS)
		return (unsigned)ns;
	shift = 63u - (unsigned)__builtin_clzll(ns) - LATENCY_BITS;
	return shift * LATENCY_PARTS + (unsigned)(ns >> shift);
}

static uint64_t class_end(unsigned class)
{
	unsigned shift;

	if (class < 2 * LATENCY_PARTS)
		return class;
	shift = class / LATENCY_PARTS - 1;
	return ((uint64_t)(class - shift * LATENCY_PARTS + 1) << shift) - 1;
}

void latency_clear(struct latency *l)
{
	memset(l, 0, sizeof(*l));
	l->min = UINT64_MAX;
}

void latency_add(struct latency *l, uint64_t ns)
{
	l->n++;
	l->sum += ns;
	if (ns < l->min)
		l->min = ns;
	if (ns > l->max)
		l->max = ns;
	l->count[class_of(ns)]++;
}

void latency_merge(struct latency *to, const struct latency *from)
{
	to->n += from->n;
	to->sum += from->sum;
	if (from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	for (unsigned i = 0; i < LATENCY_CLASSES; i++)
		to->count[i] += from->count[i];
}

uint64_t latency_mean(const struct latency *l)
{
	return l->n ? l->sum / l->n : 0;
}

uint64_t latency_percentile(const struct latency *l, unsigned per_1000)
{
	uint64_t want =
		l->n / 1000 * per_1000 + (l->n % 1000 * per_1000 + 999) / 1000;
	uint64_t seen = 0;

	if (want == 0)
		want = 1;
	for (unsigned i = 0; i < LATENCY_CLASSES; i++) {
		seen += l->count[i];
		if (seen >= want)
			return class_end(i) < l->max ? class_end(i) : l->max;
	}
	return l->max;
}

uint64_t latency_octave(const struct latency *l, unsigned bit)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < LATENCY_CLASSES; i++)
		if (63 - __builtin_clzll(class_end(i) | 1) == (int)bit)
			n += l->count[i];
	return n;
}
