// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* act_fast.c - two processes on one core, by netmapd and by what the system
 * has. */
#include <stdio.h>
#include <stdlib.h>
#include "acts.h"
#include "pair_run.h"

#define RUNS 5
#define BAR  22

struct way_row {
	const char *way;
	bool netmap, round_trips;
	const char *what;
	/* found */
	double ns, lost;
};

static struct way_row table[] = {
	{"vale", true, false, "VALE switch in netmapd", 0, 0},
	{"pipe", true, false, "netmap pipe in netmapd", 0, 0},
	{"socketpair", false, false, "Unix datagrams (sendmmsg)", 0, 0},
	{"udp", false, false, "UDP, loopback (sendmmsg)", 0, 0},
	{"pipe2", false, false, "pipe2(O_DIRECT)", 0, 0},
	{"vale.rtt", true, true, "VALE switch, a frame", 0, 0},
	{"pipe.rtt", true, true, "netmap pipe, a frame", 0, 0},
	{"eventfd", false, true, "eventfd, nothing but waking", 0, 0},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool measure(struct way_row *row, struct pair_run *run, unsigned ms)
{
	unsigned long sent = 0, lost = 0;
	double ns[RUNS];
	struct pair_slice s;

	if (!pair_run_slice(run, ms, &s)) /* cold */
		return false;
	for (int i = 0; i < RUNS; i++) {
		if (!pair_run_slice(run, ms, &s))
			return false;
		ns[i] = (double)s.ns / (double)s.frames;
		sent += s.sent;
		lost += s.lost;
	}
	qsort(ns, RUNS, sizeof(ns[0]), compare);
	row->ns = ns[RUNS / 2];
	row->lost = sent ? 100.0 * (double)lost / (double)sent : 0;
	return true;
}

static bool row_measure(struct way_row *row, unsigned ms)
{
	char cpu[24];
	const char *const argv[] = {row->netmap ? PAIR_NETMAP : PAIR_SYSTEM,
				    row->way, cpu, row->netmap ? NETMAPD : NULL,
				    NULL};
	struct pair_run run;
	bool ok;

	pair_cpus(1, cpu, sizeof(cpu));
	ok = pair_run_start(&run, argv) && measure(row, &run, ms);
	if (!ok)
		fprintf(stderr, "acts: %s: %s\n", row->what, run.refusal);
	pair_run_end(&run);
	return ok;
}

static void print_row(const struct way_row *row, double best)
{
	double mpps = 1000 / row->ns;

	if (row->round_trips) {
		printf("  %-27s %8.1f us\n", row->what, row->ns / 1000);
		return;
	}
	printf("  %-27s %8.0f %8.2f %6.1f%%  ", row->what, row->ns, mpps,
	       row->lost);
	for (int i = 0; i < (int)(BAR * mpps / best + 0.5); i++)
		putchar('#');
	putchar('\n');
}

bool act_fast(const struct acts *a)
{
	double best = 0;

	for (size_t i = 0; i < ROWS; i++) {
		if (!row_measure(&table[i], a->slice_ms))
			return false;
		if (!table[i].round_trips && 1000 / table[i].ns > best)
			best = 1000 / table[i].ns;
	}
	printf("\nFAST     Two processes, and netmapd between them, on ONE "
	       "core. "
	       "60-byte frames,\n         written by one, read by the other; "
	       "frames that arrived count. Median of\n         %d runs of %u "
	       "ms, just now.\n\n"
	       "  %-27s %8s %8s %7s  %s\n",
	       RUNS, a->slice_ms, "from process to process", "ns each", "Mpps",
	       "lost", "Mpps");
	for (size_t i = 0; i < ROWS; i++) {
		if (i && table[i].round_trips && !table[i - 1].round_trips)
			puts("\n  there and back");
		print_row(&table[i], best);
	}
	return true;
}
