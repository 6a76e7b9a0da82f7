// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_run.c - rounds and statistics.
 *
 * Rounds are interleaved: each round runs every row once, for a short slice of
 * time, so that whatever else the machine does meets all rows alike. A round
 * before them is not counted: it finds memory and caches cold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "bench.h"

static void row_open(struct bench_result *row)
{
	snprintf(row->note, sizeof(row->note), "%s", row->def->note);
	bench_refuse("%s", "");
	row->rounds = 0;
	row->state = row->def->open(row->def);
	if (!row->state)
		snprintf(row->note, sizeof(row->note), "%s", bench_reason());
}

static void row_close(struct bench_result *row)
{
	if (!row->state)
		return;
	if (row->def->remark)
		row->def->remark(row->state, row->note);
	row->def->close(row->state);
	row->state = NULL;
}

/* The row cannot go on: what it measured until now does not count. */
static void row_break(struct bench_result *row)
{
	row->def->close(row->state);
	row->state = NULL;
	row->rounds = 0;
	snprintf(row->note, sizeof(row->note), "broke: %.180s", bench_reason());
}

/* Runs @row for about @ns; frames moved and, in *took, nanoseconds. */
static unsigned long steps(struct bench_result *row, uint64_t ns,
			   uint64_t *took)
{
	uint64_t start = bench_now();
	unsigned long frames = 0;

	do {
		unsigned n = row->def->step(row->state);

		if (!n)
			return 0;
		frames += n;
		*took = bench_now() - start;
	} while (*took < ns);
	return frames;
}

static void row_slice(struct bench_result *row, uint64_t ns)
{
	unsigned long frames;
	uint64_t took = 0;

	if (!row->state)
		return;
	if (row->def->slice)
		frames = row->def->slice(row->state, ns, &took);
	else
		frames = steps(row, ns, &took);
	if (!frames) {
		row_break(row);
		return;
	}
	row->ns[row->rounds++] = (double)took / (double)frames;
}

/* One round; @n rows. */
static void round_run(struct bench_result *rows, unsigned n, uint64_t slice_ns)
{
	for (unsigned i = 0; i < n; i++)
		row_slice(&rows[i], slice_ns);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(const struct bench_result *row)
{
	unsigned n = row->rounds;

	if (!n)
		return -1;
	return (row->ns[(n - 1) / 2] + row->ns[n / 2]) / 2;
}

/* On a terminal: where we are; round 0 wipes it out. */
static void progress(unsigned round, unsigned rounds)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (round)
		fprintf(stderr, "\rround %u of %u ", round, rounds);
	else
		fprintf(stderr, "\r%30s\r", "");
}

void bench_run(struct bench_result *rows, unsigned n, unsigned rounds,
	       uint64_t slice_ns)
{
	for (unsigned i = 0; i < n; i++)
		row_open(&rows[i]);
	round_run(rows, n, slice_ns);
	for (unsigned i = 0; i < n; i++)
		rows[i].rounds = 0;
	for (unsigned r = 0; r < rounds; r++) {
		progress(r + 1, rounds);
		round_run(rows, n, slice_ns);
	}
	progress(0, rounds);
	for (unsigned i = 0; i < n; i++) {
		row_close(&rows[i]);
		qsort(rows[i].ns, rows[i].rounds, sizeof(rows[i].ns[0]),
		      compare);
	}
}
