// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench.c - measures what a frame costs, here and now, and writes a table.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"

#define MAX_ROWS 64

static const struct bench_def *const groups[] = {
	bench_copy_rows,  bench_netmap_rows, bench_nic_rows,
	bench_ports_rows, bench_pairs_rows,  bench_daemon_rows,
	bench_peers_rows, bench_packet_rows,
};

/* What the project promises: a is at most (at least) limit times b. */
struct promise {
	const char *a, *b;
	double limit;
	bool at_least;
};

static const struct promise promises[] = {
	{"vale.embedded", "copy64", 7, false},
	{"pipe.embedded", "copy64", 4, false},
	{"pipe.embedded.slots", "copy64", 2, false},
	{"ports.250idle", "ports.2", 1.3, false},
	{"fdb.random", "fdb.10", 2.5, false},
	{"vale.vnet", "vale.embedded", 1.1, false},
	{"vale.zcopy", "vale.embedded", 1.0, false},
	{"vale.zcopy.1514", "vale.embedded.1514", 0.5, false},
	/* in frames per second, so the other way round in nanoseconds */
	{"vale.1pair", "vale.2pairs", 1.8, true},
	{"peer.socketpair", "vale.embedded", 20, true},
	{"peer.udp", "vale.embedded", 20, true},
	{"peer.pipe2", "vale.embedded", 20, true},
	{"peer.afpacket", "vale.embedded", 20, true},
	{"peer.pcap", "vale.embedded", 20, true},
	{"peer.tap", "vale.embedded", 20, true},
	{"peer.bridge", "vale.embedded", 20, true},
	{"peer.ovs", "vale.embedded", 20, true},
	{"vale.daemon.200idle", "vale.daemon.1core", 1.5, false},
	{"vale.daemon.rtt", "peer2.eventfd", 2.2, false},
	{"pipe.daemon.rtt", "peer2.eventfd", 2.2, false},
	{"vale.daemon.rtt.2cores", "peer2.eventfd.2cores", 2.2, false},
	{"pipe.daemon.rtt.2cores", "peer2.eventfd.2cores", 2.2, false},
	{"peer2.socketpair", "vale.daemon.1core", 10, true},
	{"peer2.udp", "vale.daemon.1core", 10, true},
	{"peer2.pipe2", "vale.daemon.1core", 10, true},
};

struct options {
	unsigned rounds;
	unsigned slice_ms;
	const char *only;
	const char *out;
};

static struct bench_result rows[MAX_ROWS];
static unsigned n_rows;

static const struct bench_result *row_find(const char *name)
{
	for (unsigned i = 0; i < n_rows; i++)
		if (!strcmp(rows[i].def->name, name))
			return &rows[i];
	return NULL;
}

static double median_of(const char *name)
{
	const struct bench_result *row = row_find(name);

	return row ? bench_median(row) : -1;
}

/* The copy at 2048 is known to be several times slower on machines with the
 * usual caches; a run that does not see that was disturbed. */
static void note_noise(void)
{
	double near = median_of("copy64"), far = median_of("copy64.2048");

	if (near <= 0 || far < 0 || far >= 3 * near)
		return;
	for (unsigned i = 0; i < n_rows; i++) {
		char *note = rows[i].note;
		size_t used = strlen(note);

		if (!strcmp(rows[i].def->name, "copy64.2048"))
			snprintf(note + used, BENCH_TEXT - used,
				 "; NOT 3 times copy64: a noisy run");
	}
}

static void write_tsv(FILE *f)
{
	fputs("name\tmedian_ns\tmin_ns\tmax_ns\tmpps\tnote\n", f);
	for (unsigned i = 0; i < n_rows; i++) {
		const struct bench_result *r = &rows[i];
		double median = bench_median(r);

		if (median < 0)
			fprintf(f, "%s\t-\t-\t-\t-\t%s\n", r->def->name,
				r->note);
		else
			fprintf(f, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%s\n",
				r->def->name, median, r->ns[0],
				r->ns[r->rounds - 1], 1000 / median, r->note);
	}
}

static void print_table(void)
{
	printf("%-22s %9s %9s %9s %8s  %s\n", "ns per frame", "median", "min",
	       "max", "Mpps", "how");
	for (unsigned i = 0; i < n_rows; i++) {
		const struct bench_result *r = &rows[i];
		double median = bench_median(r);

		if (median < 0)
			printf("%-22s %9s %9s %9s %8s  %s\n", r->def->name, "-",
			       "-", "-", "-", r->note);
		else
			printf("%-22s %9.2f %9.2f %9.2f %8.2f  %s\n",
			       r->def->name, median, r->ns[0],
			       r->ns[r->rounds - 1], 1000 / median, r->note);
	}
}

static void print_promises(void)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		const struct promise *p = &promises[i];
		double a = median_of(p->a), b = median_of(p->b);

		if (a <= 0 || b <= 0)
			continue;
		if (!any)
			printf("\n%-46s %8s  %s\n", "ratio of medians", "here",
			       "limit");
		any = true;
		printf("%-22s / %-21s %8.2f  %s %-4g %s\n", p->a, p->b, a / b,
		       p->at_least ? ">=" : "<=", p->limit,
		       (p->at_least ? a / b >= p->limit : a / b <= p->limit)
			       ? "holds"
			       : "DOES NOT HOLD");
	}
}

static unsigned number(const char *arg, unsigned max, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || !*arg || n < 1 || n > max)
		argp_error(state, "not a number from 1 to %u: %s", max, arg);
	return (unsigned)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'r':
		o->rounds = number(arg, BENCH_MAX_ROUNDS, state);
		return 0;
	case 's':
		o->slice_ms = number(arg, 10000, state);
		return 0;
	case 'p':
		o->only = arg;
		return 0;
	case 'o':
		o->out = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option option_table[] = {
	{"rounds", 'r', "N", 0, "Rounds, each with every row (9)", 0},
	{"slice", 's', "MS", 0, "Milliseconds per row and round (75)", 0},
	{"only", 'p', "PREFIX", 0, "Rows whose name begins so", 0},
	{"out", 'o', "FILE", 0,
	 "Where to write the table, tab separated; build/bench.tsv if all rows "
	 "are measured",
	 0},
	{0},
};

static void choose_rows(const char *prefix)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct bench_def *d = groups[g]; d->name; d++)
			if (!strncmp(d->name, prefix, strlen(prefix)))
				rows[n_rows++].def = d;
}

int main(int argc, char **argv)
{
	struct options o = {.rounds = 9, .slice_ms = 75, .only = ""};
	const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc = "Measures nanoseconds per frame of netmap in one "
		       "process and between processes, and of what else there "
		       "is on this machine, in interleaved rounds.",
	};
	FILE *f = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.out && !*o.only)
		o.out = "build/bench.tsv";
	choose_rows(o.only);
	if (!n_rows) {
		fprintf(stderr, "bench: no row begins with %s\n", o.only);
		return 1;
	}
	if (o.out) {
		f = fopen(o.out, "we");
		if (!f) {
			perror(o.out);
			return 1;
		}
	}
	bench_netns_enter();
	bench_run(rows, n_rows, o.rounds, (uint64_t)o.slice_ms * 1000000);
	note_noise();
	print_table();
	print_promises();
	if (f) {
		write_tsv(f);
		if (fclose(f)) {
			perror(o.out);
			return 1;
		}
		printf("\nwritten to %s\n", o.out);
	}
	return 0;
}
