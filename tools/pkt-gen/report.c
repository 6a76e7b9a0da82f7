// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "report.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include "units.h"

#define FRAMING 24 /* preamble 8, checksum 4, gap 12 bytes */

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static struct counts total(const struct report *r)
{
	struct counts sum = {.min_space = UINT64_MAX};

	for (unsigned i = 0; i < r->n; i++) {
		const struct counts *c = &r->workers[i].counts;
		uint64_t space = load(&c->min_space);

		sum.packets += load(&c->packets);
		sum.bytes += load(&c->bytes);
		sum.batches += load(&c->batches);
		if (space < sum.min_space)
			sum.min_space = space;
	}
	return sum;
}

static double bits(const struct options *o, uint64_t packets, uint64_t bytes)
{
	return 8.0 * (double)(bytes + (o->framing ? packets * FRAMING : 0));
}

/* ---- rates ---- */

static void print_window(const struct report *r)
{
	unsigned n = r->n_rates < REPORT_WINDOW ? r->n_rates : REPORT_WINDOW;
	double sum = 0, squares = 0, mean;
	char m[UNITS_TEXT], d[UNITS_TEXT];

	for (unsigned i = 0; i < n; i++)
		sum += r->window[i];
	mean = sum / n;
	for (unsigned i = 0; i < n; i++)
		squares += (r->window[i] - mean) * (r->window[i] - mean);
	printf(", mean %spps, deviation %spps of %u",
	       units_rate(m, mean, r->o->plain),
	       units_rate(d, sqrt(squares / n), r->o->plain), n);
}

static void print_threads(const struct report *r)
{
	for (unsigned i = 0; i < r->n; i++)
		printf("  thread %u: %" PRIu64 " packets\n", i,
		       load(&r->workers[i].counts.packets));
}

static void print_space(uint64_t space)
{
	if (space != UINT64_MAX)
		printf(", min space %" PRIu64, space);
}

void report_rate(struct report *r, uint64_t now)
{
	struct counts c = total(r);
	uint64_t packets = c.packets - r->last.packets;
	uint64_t bytes = c.bytes - r->last.bytes;
	uint64_t batches = c.batches - r->last.batches;
	double seconds = (double)(now - r->time) / 1e9;
	char p[UNITS_TEXT], b[UNITS_TEXT];

	printf("%spps (%" PRIu64 " packets in %.3f s), %sbps, batch %.1f",
	       units_rate(p, (double)packets / seconds, r->o->plain), packets,
	       seconds,
	       units_rate(b, bits(r->o, packets, bytes) / seconds, r->o->plain),
	       batches ? (double)packets / (double)batches : 0.0);
	print_space(c.min_space);
	r->window[r->n_rates++ % REPORT_WINDOW] = (double)packets / seconds;
	if (r->o->bits & OPT_RATE_STATS)
		print_window(r);
	putchar('\n');
	if (r->o->verbose > 1)
		print_threads(r);
	fflush(stdout);
	r->time = now;
	r->last = c;
}

/* ---- times ---- */

void report_latency(const char *what, const struct latency *l)
{
	static const struct {
		const char *name;
		unsigned per_1000;
	} marks[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99.9", 999}};
	char t[UNITS_TEXT];

	flockfile(stdout);
	printf("%" PRIu64 " %s", l->n, what);
	if (l->n > 0) {
		printf(": min %s", units_time(t, l->min));
		printf(", mean %s", units_time(t, latency_mean(l)));
		for (unsigned i = 0; i < 4; i++)
			printf(", %s %s", marks[i].name,
			       units_time(t, latency_percentile(
						     l, marks[i].per_1000)));
		printf(", max %s", units_time(t, l->max));
	}
	putchar('\n');
	for (unsigned b = 0; b < 64; b++) {
		uint64_t n = latency_octave(l, b);

		if (n > 0)
			printf("  2^%02u ns ... 2^%02u: %" PRIu64 "\n", b,
			       b + 1, n);
	}
	fflush(stdout);
	funlockfile(stdout);
}

/* ---- summary ---- */

static double duration(const struct report *r)
{
	uint64_t begin = UINT64_MAX, end = 0;

	for (unsigned i = 0; i < r->n; i++) {
		const struct worker *w = &r->workers[i];

		if (w->begin && w->begin < begin)
			begin = w->begin;
		if (w->end > end)
			end = w->end;
	}
	return end > begin ? (double)(end - begin) / 1e9 : 0;
}

static void summary_ping(const struct report *r)
{
	struct latency *all = r->workers[0].latency;
	uint64_t sent = r->workers[0].sent, answered = r->workers[0].answered;

	for (unsigned i = 1; i < r->n; i++) {
		latency_merge(all, r->workers[i].latency);
		sent += r->workers[i].sent;
		answered += r->workers[i].answered;
	}
	printf("Sent %" PRIu64 " packets, %" PRIu64 " answered, %" PRIu64
	       " lost, in %.3f s\n",
	       sent, answered, sent - answered, duration(r));
	report_latency("round trips", all);
}

static void summary_seq(const struct report *r)
{
	uint64_t lost = 0, late = 0, twice = 0, odd = 0;
	unsigned streams = 0;

	for (unsigned i = 0; i < r->n; i++) {
		odd += r->workers[i].odd;
		for (unsigned j = 0; j < STREAMS; j++) {
			const struct seq *s = &r->workers[i].seq[j];

			streams += s->begun;
			lost += s->lost;
			late += s->late;
			twice += s->twice;
		}
	}
	printf("Sequence: %u streams, %" PRIu64 " lost, %" PRIu64
	       " out of order, %" PRIu64 " twice, %" PRIu64
	       " without a number\n",
	       streams, lost, late, twice, odd);
}

static void summary_age(const struct report *r)
{
	struct latency *all = r->workers[0].latency;

	for (unsigned i = 1; i < r->n; i++)
		latency_merge(all, r->workers[i].latency);
	report_latency("frames with their time", all);
}

static const char *verb(const struct options *o)
{
	if (options_send(o))
		return "Sent";
	return o->func == FUNC_PONG ? "Sent back" : "Received";
}

void report_summary(const struct report *r)
{
	struct counts c = total(r);
	double seconds = duration(r);
	/* one batch takes no time that could be measured */
	double per = seconds > 0 ? 1 / seconds : 0;
	char p[UNITS_TEXT], b[UNITS_TEXT];

	if (r->o->func == FUNC_PING) {
		summary_ping(r);
		return;
	}
	printf("%s %" PRIu64 " packets, %" PRIu64 " bytes, in %.3f s\n",
	       verb(r->o), c.packets, c.bytes, seconds);
	printf("Speed: %spps, %sbps, average batch %.2f",
	       units_rate(p, (double)c.packets * per, r->o->plain),
	       units_rate(b, bits(r->o, c.packets, c.bytes) * per, r->o->plain),
	       c.batches ? (double)c.packets / (double)c.batches : 0.0);
	print_space(c.min_space);
	putchar('\n');
	if (r->o->func == FUNC_RXSEQ)
		summary_seq(r);
	if (options_receive(r->o) && (r->o->bits & OPT_TIMESTAMP))
		summary_age(r);
	fflush(stdout);
}
