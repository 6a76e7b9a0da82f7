// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* ping: send a few frames, wait for all replies, measure how long each took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cli.h"
#include "pace.h"
#include "report.h"
#include "rings.h"
#include "stop.h"
#include "worker.h"

#define LOST_NS 1000000000ull /* a reply that takes longer is none */

struct pinger {
	struct worker *w;
	struct frame frame;
	struct range_at src, dst;
	struct latency *recent; /* since the last report */
	uint32_t first, next;	/* numbers of this round: first .. next - 1 */
	uint32_t missing;	/* replies, of this round */
	uint64_t seen[MAX_BURST / 64];
	uint64_t reported;
	struct pace pace;
};

/* Counts a reply of this round, once. */
static void reply(void *arg, const struct rx_frame *f)
{
	struct pinger *p = arg;
	uint32_t vnet = p->w->target.vnet, i;
	uint64_t now = clock_ns();
	struct frame_mark_read m;

	if (f->len < vnet ||
	    !frame_read_mark(f->data + vnet, f->len - vnet, FRAME_TIME, &m) ||
	    m.stream != p->w->index)
		return;
	i = m.seq - p->first;
	if (i >= p->next - p->first || (p->seen[i / 64] >> i % 64 & 1))
		return;
	p->seen[i / 64] |= 1ull << i % 64;
	p->missing--;
	latency_add(p->recent, now > m.time ? now - m.time : 0);
	worker_count(p->w, 1, f->total);
	p->w->answered++;
}

/* Looks at what has arrived. False: failed. */
static bool receive(struct pinger *p)
{
	struct target *t = &p->w->target;
	uint64_t bytes = 0;
	struct rx_frame f = {0};
	int got;

	if (t->d) {
		for (unsigned i = t->d->first_rx_ring; i <= t->d->last_rx_ring;
		     i++)
			rx_each(NETMAP_RXRING(t->d->nifp, i), UINT32_MAX, reply,
				p, &bytes);
		return true;
	}
	while ((got = target_receive(t, &f.data, &f.len)) == 1) {
		f.total = f.len;
		reply(p, &f);
	}
	return got == 0;
}

/* Prints what happened since the last time, if it is time. */
static void report(struct pinger *p, uint64_t now)
{
	uint64_t period = p->w->o->report_ms * 1000000ull;

	if (!period || now - p->reported < period)
		return;
	report_latency("round trips", p->recent);
	latency_merge(p->w->latency, p->recent);
	latency_clear(p->recent);
	p->reported = now;
}

static void prepare_frame(struct pinger *p)
{
	frame_set_src(&p->frame, &p->src);
	frame_set_dst(&p->frame, &p->dst);
	if (range_next(&p->w->o->src, &p->src))
		range_next(&p->w->o->dst, &p->dst);
	frame_set_mark(&p->frame, p->next, p->w->index);
	frame_set_time(&p->frame, clock_ns());
	if (p->w->o->bits & OPT_FULL_CSUM)
		frame_seal_fully(&p->frame);
	else
		frame_seal(&p->frame);
	if (p->w->o->bits & OPT_DUMP)
		dump_frame(p->frame.data, p->frame.vnet + p->frame.len);
}

/* Sends a round of @n. False: failed. */
static bool send_round(struct pinger *p, uint32_t n)
{
	struct target *t = &p->w->target;

	memset(p->seen, 0, sizeof(p->seen));
	p->first = p->next;
	p->missing = 0;
	while (p->missing < n && !stop_wanted()) {
		int r;

		prepare_frame(p);
		r = target_send(t, p->frame.data, p->frame.vnet + p->frame.len);
		if (r < 0)
			return false;
		if (r == 0) {
			if (!target_flush(t) ||
			    !target_wait(t, true, STOP_LOOK_MS))
				return false;
			continue;
		}
		p->next++;
		p->missing++;
		p->w->sent++;
	}
	return target_flush(t);
}

/* Waits for the replies of a round. False: failed. */
static bool wait_round(struct pinger *p)
{
	uint64_t start = clock_ns(), now = start;

	for (;;) {
		if (!receive(p))
			return false;
		now = clock_ns();
		report(p, now);
		if (p->missing == 0 || stop_wanted() || now - start > LOST_NS)
			return true;
		if (!target_wait(&p->w->target, false, STOP_LOOK_MS))
			return false;
	}
}

static void wait_pace(struct pinger *p)
{
	uint64_t at = pace_next(&p->pace);
	struct timespec t = {(time_t)(at / PACE_NS), (long)(at % PACE_NS)};
	uint64_t now = clock_ns(), look = STOP_LOOK_MS * 1000000ull;

	if (at > now + look)
		t = (struct timespec){(time_t)((now + look) / PACE_NS),
				      (long)((now + look) % PACE_NS)};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	report(p, clock_ns());
}

static bool rounds(struct pinger *p)
{
	struct worker *w = p->w;
	uint64_t left = w->count, n;

	while (left > 0 && !stop_wanted()) {
		n = pace_due(&p->pace, clock_ns());
		if (n == 0) {
			wait_pace(p);
			continue;
		}
		n = n < w->o->burst ? n : w->o->burst;
		n = n < left ? n : left;
		if (!send_round(p, (uint32_t)n) || !wait_round(p))
			return false;
		pace_sent(&p->pace, n);
		left -= n;
	}
	return true;
}

bool ping_run(struct worker *w)
{
	struct pinger p = {.w = w};
	struct frame_spec spec;
	bool ok;

	worker_frame(w, &spec, FRAME_TIME);
	p.src = spec.src;
	p.dst = spec.dst;
	p.recent = malloc(sizeof(*p.recent));
	if (!p.recent || !frame_build(&p.frame, &spec)) {
		free(p.recent);
		return cli_fail("no memory for a frame of %u bytes",
				spec.len_max);
	}
	latency_clear(p.recent);
	w->begin = p.reported = clock_ns();
	pace_init(&p.pace, w->rate, w->o->burst, w->begin);
	ok = rounds(&p);
	w->end = clock_ns();
	latency_merge(w->latency, p.recent);
	free(p.recent);
	frame_free(&p.frame);
	return ok;
}
