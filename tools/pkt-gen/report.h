/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - lines on stdout: rates while it runs, a summary in the end. */
#ifndef PKT_GEN_REPORT_H
#define PKT_GEN_REPORT_H

#include <stdint.h>
#include "latency.h"
#include "worker.h"

#define REPORT_WINDOW 15 /* rates that -A averages */

struct report {
	const struct options *o;
	const struct worker *workers;
	unsigned n;
	uint64_t time; /* of the last line */
	struct counts last;
	double window[REPORT_WINDOW]; /* packets per second */
	unsigned n_rates;	      /* all, not only in the window */
};

/* Prints the rate since the last time. */
void report_rate(struct report *r, uint64_t now);
/* When all threads have ended. */
void report_summary(const struct report *r);

/* Prints minimum, mean, percentiles, maximum, and how many there were between
 * powers of two nanoseconds. */
void report_latency(const char *what, const struct latency *l);

#endif
