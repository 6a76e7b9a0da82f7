// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * check.c - every frame through a way, compared byte for byte.
 *
 * Frames are sent in the order of the capture, each by the end where its host
 * is. Frames in a row of the same host make a batch (at most BATCH slots):
 *
 *     put batch -> TXSYNC -> each end: RXSYNC, take what came, compare with
 *     what the model says, in order -> next batch
 *
 * So nothing may be missing, nothing may be there that should not, and the
 * order at each end is that of sending.
 */
#include <stdio.h>
#include <string.h>
#include "demo.h"

#define BATCH 256u /* slots: a quarter of a ring */

struct run {
	struct check *check;
	struct way way;
	struct model model;
	unsigned first, end; /* frames of the batch */
	unsigned route[BATCH];
	uint8_t buf[MAX_FRAME];
};

/* Frame @i as it was sent, or as it should arrive; NULL: there is none. */
static const struct frame *sent_frame(const struct check *c, unsigned i)
{
	return i < c->sent->n ? &c->sent->frame[i] : NULL;
}

static const struct frame *expected_frame(const struct check *c, unsigned i)
{
	return i < c->expected->n ? &c->expected->frame[i] : NULL;
}

static unsigned host_at(const struct check *c, unsigned i)
{
	const struct frame *f = sent_frame(c, i);

	return f ? f->host : expected_frame(c, i)->host;
}

/* Frames to look at: those sent, and those that should have been. */
static unsigned frames_total(const struct check *c)
{
	unsigned n = c->sent->n > c->expected->n ? c->sent->n : c->expected->n;

	return c->last && c->last < n ? c->last : n;
}

static bool wrong(struct run *r, unsigned end, unsigned i, const char *what,
		  const struct frame *expected, const struct frame *got)
{
	struct check *c = r->check;

	c->wrong = i + 1;
	printf("\nWRONG: %s of %s, frame %u, sent by %c, at %c: %s\n",
	       way_name(r->way.kind), c->sent->path, i + 1,
	       end_name(host_at(c, i)), end_name(end), what);
	dump_difference(expected, got);
	return false;
}

/* Puts the batch that begins at r->first into the ring of its host, and hands
 * it over; r->end is set behind it. */
static bool send_batch(struct run *r)
{
	const struct check *c = r->check;
	unsigned host = host_at(c, r->first), total = frames_total(c), i;
	struct netmap_ring *ring = way_tx(&r->way, host);
	unsigned room = nm_ring_space(ring);

	if (room > BATCH)
		room = BATCH;
	for (i = r->first; i < total && host_at(c, i) == host; i++) {
		const struct frame *f = sent_frame(c, i);
		const struct frame *e = expected_frame(c, i);
		unsigned slots = f ? slots_of(ring, f->len) : 1;

		if (slots > room)
			break;
		room -= slots;
		r->route[i - r->first] =
			e ? model_route(&r->model, e, host) : 0;
		if (f)
			ring_put(ring, f);
	}
	r->end = i;
	if (i > r->first && !nme_txsync(r->way.port[host]))
		return true;
	fprintf(stderr, "demo: frame %u cannot be sent: %s\n", r->first + 1,
		i > r->first ? nme_error() : "no room in the ring");
	return false;
}

/* What came to @end is what the model says of this batch. */
static bool check_end(struct run *r, unsigned end)
{
	struct check *c = r->check;
	struct netmap_ring *ring = way_rx(&r->way, end);
	struct frame got;

	if (nme_rxsync(r->way.port[end])) {
		fprintf(stderr, "demo: RXSYNC: %s\n", nme_error());
		return false;
	}
	for (unsigned i = r->first; i < r->end; i++) {
		const struct frame *e = expected_frame(c, i);

		if (!(r->route[i - r->first] & 1u << end))
			continue;
		if (!ring_take(ring, r->buf, &got))
			return wrong(r, end, i,
				     got.len ? "not whole" : "missing", e,
				     got.len ? &got : NULL);
		if (!frame_same(e, &got))
			return wrong(r, end, i, "other bytes", e, &got);
		c->delivered++;
	}
	if (ring_take(ring, r->buf, &got) || got.len)
		return wrong(r, end, r->end - 1, "one too many", NULL, &got);
	return nme_rxsync(r->way.port[end]) == 0; /* the slots go back */
}

static bool check_batch(struct run *r)
{
	if (!send_batch(r))
		return false;
	for (unsigned end = 0; end < r->way.ends; end++)
		if (!check_end(r, end))
			return false;
	for (unsigned i = r->first; i < r->end; i++)
		r->check->flooded +=
			__builtin_popcount(r->route[i - r->first]) > 1;
	r->check->frames += r->end - r->first;
	r->check->ends = r->route[r->end - 1 - r->first];
	return true;
}

bool check_run(struct check *c, enum way_kind kind)
{
	static struct run r;
	bool ok = true;

	c->frames = c->flooded = c->delivered = c->wrong = 0;
	r.check = c;
	model_init(&r.model, kind);
	if (!way_open(&r.way, kind))
		return false;
	for (r.first = 0; ok && r.first < frames_total(c); r.first = r.end)
		ok = check_batch(&r);
	way_close(&r.way);
	return ok;
}
