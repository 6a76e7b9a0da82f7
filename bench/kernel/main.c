// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The kernel bench: every row once per round, so that whatever drifts hits all
 * rows alike. Prints one line per row, tab separated:
 *
 *      name median min max - note          instructions per frame
 *
 * A row that cannot run here has "-" and the reason.
 *
 * usage: bench-kernel [ROW...]     these rows; all, if none is named
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "bench.h"

#define ROUNDS	 7
#define MAX_ROWS 32

struct result {
	const struct bench_row *row;
	int error; /* errno of its setup, 0: it runs */
	double cost[ROUNDS];
};

static struct result results[MAX_ROWS];
static unsigned int nr_results;

void bench_frame(uint8_t *frame, size_t len, uint8_t dst, uint8_t src)
{
	size_t i;

	for (i = 0; i < len; i++)
		frame[i] = (uint8_t)i;
	memset(frame, 0, 12);
	frame[0] = 2;
	frame[5] = dst;
	frame[6] = 2;
	frame[11] = src;
	frame[12] = 0x88; /* local experimental, IEEE 802 */
	frame[13] = 0xb5;
}

static bool is_wanted(const char *name, char **wanted)
{
	char **w = wanted;

	while (*w && strcmp(*w, name))
		w++;
	return !*wanted || *w;
}

/* Those that are @wanted: ends with NULL; nothing but that: all. */
static void add(const struct bench_row *rows, char **wanted)
{
	for (; rows->name; rows++) {
		struct result *r = &results[nr_results];

		if (!is_wanted(rows->name, wanted))
			continue;
		nr_results++;
		r->row = rows;
		r->error = rows->setup(rows) ? errno : 0;
	}
}

static bool measure(struct result *r, unsigned int round)
{
	unsigned int n = r->row->frames, got;
	uint64_t before;

	before = __rdtsc();
	got = r->row->run(r->row, n);
	r->cost[round] = (double)(__rdtsc() - before) / n;
	if (got != n)
		fprintf(stderr, "%s: %u frames sent, %u received (%s)\n",
			r->row->name, n, got, strerror(errno));
	return got == n;
}

/* What the row @r->row->minus costs, of the same round, is not this row's. If
 * that was not wanted, nothing can be said. */
static void subtract(struct result *r)
{
	unsigned int i = 0, round;

	if (!r->row->minus)
		return;
	while (i < nr_results && strcmp(results[i].row->name, r->row->minus))
		i++;
	if (i == nr_results || results[i].error) {
		r->error = ENODATA;
		return;
	}
	for (round = 0; round < ROUNDS; round++)
		r->cost[round] -= results[i].cost[round];
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(struct result *r)
{
	const char *name = r->row->name;

	if (r->error) {
		printf("%s\t-\t-\t-\t-\t%s\n", name, strerror(r->error));
		return;
	}
	qsort(r->cost, ROUNDS, sizeof(r->cost[0]), by_value);
	printf("%s\t%.1f\t%.1f\t%.1f\t-\tinstructions per frame: %s\n", name,
	       r->cost[ROUNDS / 2], r->cost[0], r->cost[ROUNDS - 1],
	       r->row->note);
}

int main(int argc, char **argv)
{
	unsigned int round, i, wanted = (unsigned int)argc - 1;
	bool good = true;

	add(netmap_rows, argv + 1);
	add(nic_rows, argv + 1);
	add(sink_rows, argv + 1);
	add(link_rows, argv + 1);
	add(socket_rows, argv + 1);
	if (wanted && nr_results != wanted) {
		fprintf(stderr, "bench-kernel: %u rows named, %u known\n",
			wanted, nr_results);
		return 1;
	}
	/* the first round warms up: caches, learning tables, lazy pages */
	for (round = 0; round <= ROUNDS; round++)
		for (i = 0; i < nr_results; i++)
			if (!results[i].error)
				good &= measure(&results[i],
						round ? round - 1 : 0);
	for (i = 0; i < nr_results; i++)
		subtract(&results[i]);
	for (i = 0; i < nr_results; i++)
		print(&results[i]);
	return good ? 0 : 1;
}
