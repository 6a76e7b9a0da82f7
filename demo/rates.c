// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * rates.c - the frames of a capture again and again, as fast as they go.
 *
 * Frames are taken in windows of up to WINDOW. In each the frames of host 0
 * are handed over by one TXSYNC, then those of host 1; then every end does one
 * RXSYNC and reads the length of each slot and the first bytes of each frame.
 * How many frames are to arrive at which end is worked out by the model before
 * the clock starts, and compared after each window.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "demo.h"

#define WINDOW 256u /* frames */
/* Slots per host. A pipe's sender gets them back two windows later: the
 * receiver's next RXSYNC gives them up, the sender's TXSYNC after that takes
 * them; so a ring of 1024 must hold three windows. */
#define WINDOW_SLOTS 341u

struct window {
	unsigned first, n; /* frames of the capture */
	unsigned of_host[HOSTS];
	unsigned arrive[MAX_ENDS]; /* frames at each end */
};

struct plan {
	const struct capture *capture;
	struct way way;
	struct window *window;
	unsigned n;
};

static volatile uint64_t sink; /* what was read, so that it is read */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Cuts the capture in windows. */
static bool plan_windows(struct plan *p)
{
	const struct capture *c = p->capture;
	unsigned slots[HOSTS] = {0};
	struct window *w = NULL;

	p->window = calloc(c->n, sizeof(*p->window));
	if (!p->window) {
		fprintf(stderr, "demo: out of memory\n");
		return false;
	}
	for (unsigned i = 0; i < c->n; i++) {
		const struct frame *f = &c->frame[i];
		unsigned need = slots_of(way_tx(&p->way, 0), f->len);

		if (!w || w->n == WINDOW ||
		    slots[f->host] + need > WINDOW_SLOTS) {
			w = &p->window[p->n++];
			w->first = i;
			memset(slots, 0, sizeof(slots));
		}
		w->n++;
		w->of_host[f->host]++;
		slots[f->host] += need;
	}
	return true;
}

/* How many frames arrive where, in the order of sending; the model has seen
 * all stations before, as the switch will have. */
static void plan_arrivals(struct plan *p)
{
	const struct capture *c = p->capture;
	struct model m;

	model_init(&m, p->way.kind);
	for (unsigned i = 0; i < c->n; i++)
		model_route(&m, &c->frame[i], c->frame[i].host);
	for (struct window *w = p->window; w < p->window + p->n; w++) {
		for (unsigned k = 0; k < HOSTS * w->n; k++) {
			unsigned host = k / w->n;
			const struct frame *f = &c->frame[w->first + k % w->n];
			unsigned ends;

			if (f->host != host)
				continue;
			ends = model_route(&m, f, host);
			for (unsigned end = 0; end < p->way.ends; end++)
				w->arrive[end] += ends >> end & 1;
		}
	}
}

static void window_send(const struct plan *p, const struct window *w,
			unsigned host)
{
	struct netmap_ring *ring = way_tx(&p->way, host);
	const struct frame *f = &p->capture->frame[w->first];

	for (unsigned i = 0; i < w->n; i++)
		if (f[i].host == host)
			ring_put(ring, &f[i]);
	nme_txsync(p->way.port[host]);
}

/* Reads what is there; returns how many frames. */
static unsigned end_read(const struct way *way, unsigned end)
{
	struct netmap_ring *ring = way_rx(way, end);
	unsigned frames = 0;
	bool starts = true;
	uint64_t sum = 0;
	uint32_t i;

	nme_rxsync(way->port[end]);
	for (i = ring->head; i != ring->tail; i = nm_ring_next(ring, i)) {
		const struct netmap_slot *slot = &ring->slot[i];
		uint64_t w[8];

		sum += slot->len;
		if (starts) {
			memcpy(w, NETMAP_BUF(ring, slot->buf_idx), sizeof(w));
			sum += w[0] + w[1] + w[2] + w[3] + w[4] + w[5] + w[6] +
			       w[7];
		}
		starts = !(slot->flags & NS_MOREFRAG);
		frames += starts;
	}
	ring->head = ring->cur = i;
	sink += sum;
	return frames;
}

/* Once through the capture. */
static bool plan_pass(const struct plan *p, bool counts)
{
	for (const struct window *w = p->window; w < p->window + p->n; w++) {
		for (unsigned host = 0; host < HOSTS; host++)
			if (w->of_host[host])
				window_send(p, w, host);
		for (unsigned end = 0; end < p->way.ends; end++) {
			unsigned n = end_read(&p->way, end);

			if (!counts || n == w->arrive[end])
				continue;
			fprintf(stderr,
				"demo: %s of %s, frames %u to %u: %u arrived "
				"at %c instead of %u\n",
				way_name(p->way.kind), p->capture->path,
				w->first + 1, w->first + w->n, n, end_name(end),
				w->arrive[end]);
			return false;
		}
	}
	return true;
}

/* Nanoseconds per frame over about @slice_ns; < 0: failed. */
static double plan_run(const struct plan *p, uint64_t slice_ns)
{
	uint64_t start = now_ns(), took;
	unsigned long frames = 0;

	do {
		if (!plan_pass(p, true))
			return -1;
		frames += p->capture->n;
		took = now_ns() - start;
	} while (took < slice_ns);
	return (double)took / (double)frames;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool plan_measure(const struct plan *p, struct rate *r,
			 uint64_t slice_ns)
{
	double run[RATE_RUNS];

	plan_pass(p, false); /* stations are learned, memory is there */
	for (unsigned i = 0; i < RATE_RUNS; i++) {
		run[i] = plan_run(p, slice_ns);
		if (run[i] < 0)
			return false;
	}
	qsort(run, RATE_RUNS, sizeof(run[0]), compare);
	r->ns = run[RATE_RUNS / 2];
	r->mpps = 1000 / r->ns;
	r->gbit = 8 * (double)p->capture->bytes / p->capture->n / r->ns;
	return true;
}

bool rate_measure(struct rate *r, const struct capture *c, enum way_kind kind,
		  uint64_t slice_ns)
{
	struct plan p = {.capture = c};
	bool ok;

	if (!way_open(&p.way, kind))
		return false;
	ok = plan_windows(&p);
	if (ok) {
		plan_arrivals(&p);
		ok = plan_measure(&p, r, slice_ns);
	}
	free(p.window);
	way_close(&p.way);
	return ok;
}
