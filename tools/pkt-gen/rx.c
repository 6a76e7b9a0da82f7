// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* rx, rxseq: count what arrives; look at it, if asked to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cli.h"
#include "pcapfile.h"
#include "rings.h"
#include "stop.h"
#include "worker.h"

struct receiver {
	struct worker *w;
	const struct options *o;
	struct pcapfile *file; /* --write */
	uint8_t *whole;	       /* room for a frame in one piece */
	uint64_t now;	       /* of this batch, with -o 16 */
	uint64_t sum;	       /* of bytes read, so that they are (-o 2) */
	bool only_counts;
	/* Takes up to @max frames of a ring. */
	uint32_t (*take)(struct receiver *r, struct netmap_ring *ring,
			 uint32_t max, uint64_t *bytes);
};

/* ---- what is done with a frame ---- */

static void check_mark(struct receiver *r, const struct rx_frame *f)
{
	uint32_t vnet = r->w->target.vnet;
	bool times = r->o->bits & OPT_TIMESTAMP;
	struct frame_mark_read m;

	if (f->len < vnet ||
	    !frame_read_mark(f->data + vnet, f->len - vnet,
			     times ? FRAME_TIME : FRAME_SEQ, &m)) {
		r->w->odd++;
		return;
	}
	if (r->o->func == FUNC_RXSEQ)
		seq_add(&r->w->seq[m.stream % STREAMS], m.seq);
	if (times)
		latency_add(r->w->latency,
			    r->now > m.time ? r->now - m.time : 0);
}

static void look(void *arg, const struct rx_frame *f)
{
	struct receiver *r = arg;
	uint32_t bits = r->o->bits, len;

	if (r->o->func == FUNC_RXSEQ || (bits & OPT_TIMESTAMP))
		check_mark(r, f);
	if (!r->file && !(bits & (OPT_COPY | OPT_MEMCPY | OPT_DUMP)))
		return;
	len = rx_gather(f, r->whole, FRAME_MAX);
	if (bits & OPT_DUMP)
		dump_frame(r->whole, len);
	if (r->file && len >= r->w->target.vnet)
		pcapfile_add(r->file, r->whole + r->w->target.vnet,
			     len - r->w->target.vnet);
}

/* rxseq, and nothing else. */
static void check_seq(void *arg, const struct rx_frame *f)
{
	struct receiver *r = arg;
	uint32_t vnet = r->w->target.vnet;
	struct frame_mark_read m;

	if (likely(f->len >= vnet &&
		   frame_read_mark(f->data + vnet, f->len - vnet, FRAME_SEQ,
				   &m)))
		seq_add(&r->w->seq[m.stream % STREAMS], m.seq);
	else
		r->w->odd++;
}

/* ---- rings ---- */

static uint32_t take_look(struct receiver *r, struct netmap_ring *ring,
			  uint32_t max, uint64_t *bytes)
{
	return rx_each(ring, max, look, r, bytes);
}

static uint32_t take_seq(struct receiver *r, struct netmap_ring *ring,
			 uint32_t max, uint64_t *bytes)
{
	return rx_each(ring, max, check_seq, r, bytes);
}

/* Frames are counted by their last slots. */
static uint32_t take_count(struct receiver *r, struct netmap_ring *ring,
			   uint32_t max, uint64_t *bytes)
{
	uint32_t slot = ring->head, space = nm_ring_space(ring), n = 0;
	uint64_t sum = 0;

	(void)r;
	for (; space > 0 && n < max; space--) {
		const struct netmap_slot *s = &ring->slot[slot];

		sum += s->len;
		n += !(s->flags & NS_MOREFRAG);
		slot = nm_ring_next(ring, slot);
	}
	*bytes += sum;
	nm_ring_release_(ring, slot);
	return n;
}

/* -o 1, 2: fetch the next buffer; read this one. */
static uint32_t take_read(struct receiver *r, struct netmap_ring *ring,
			  uint32_t max, uint64_t *bytes)
{
	uint32_t slot = ring->head, space = nm_ring_space(ring), n = 0;
	uint64_t sum = 0;

	for (; space > 0 && n < max; space--) {
		const struct netmap_slot *s = &ring->slot[slot];
		const char *p = NETMAP_BUF(ring, s->buf_idx);

		slot = nm_ring_next(ring, slot);
		if (r->o->bits & OPT_PREFETCH)
			__builtin_prefetch(
				NETMAP_BUF(ring, ring->slot[slot].buf_idx));
		if (r->o->bits & OPT_ACCESS)
			r->sum += (uint8_t)*p;
		sum += s->len;
		n += !(s->flags & NS_MOREFRAG);
	}
	*bytes += sum;
	nm_ring_release_(ring, slot);
	__asm__ volatile("" : : "r"(r->sum));
	return n;
}

/* Takes what is there from all rings, a burst of each. */
static uint32_t take_rings(struct receiver *r, uint64_t left, uint64_t *bytes)
{
	struct nmport_d *d = r->w->target.d;
	uint32_t n = 0;

	for (unsigned i = d->first_rx_ring; i <= d->last_rx_ring; i++) {
		struct netmap_ring *ring = NETMAP_RXRING(d->nifp, i);
		uint32_t max = r->o->burst, space = nm_ring_space(ring);

		if (space == 0)
			continue;
		worker_space(r->w, ring->num_slots - 1 - space);
		if (max > left - n)
			max = (uint32_t)(left - n);
		n += r->take(r, ring, max, bytes);
	}
	return n;
}

/* ---- targets without rings ---- */

static int take_plain(struct receiver *r, uint64_t left, uint64_t *bytes)
{
	uint32_t max = left < r->o->burst ? (uint32_t)left : r->o->burst, n = 0;

	while (n < max) {
		struct rx_frame f = {0};
		int got = target_receive(&r->w->target, &f.data, &f.len);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		f.total = f.len;
		*bytes += f.len;
		n++;
		if (!r->only_counts)
			look(r, &f);
	}
	return (int)n;
}

/* ---- batches ---- */

static bool sync_rings(struct receiver *r)
{
	struct target *t = &r->w->target;

	if (t->kind != TARGET_NETMAP || ioctl(t->d->fd, NIOCRXSYNC, NULL) == 0)
		return true;
	return cli_fail("%s: cannot receive: %s", t->spec, strerror(errno));
}

/* Nothing is there. False: that is the end, or it failed. */
static bool wait(struct receiver *r)
{
	struct worker *w = r->w;

	if (w->target.ended)
		return false;
	if (target_wait(&w->target, false, STOP_LOOK_MS))
		return true;
	w->has_failed = true;
	return false;
}

/* False: the end, or failed. */
static bool step(struct receiver *r, uint64_t *left)
{
	struct worker *w = r->w;
	uint64_t bytes = 0;
	int64_t n;

	if (r->o->bits & OPT_TIMESTAMP)
		r->now = clock_ns();
	n = w->target.d ? (int64_t)take_rings(r, *left, &bytes)
			: take_plain(r, *left, &bytes);
	if (n == 0)
		return wait(r);
	if (n < 0 || !sync_rings(r)) {
		w->has_failed = true;
		return false;
	}
	w->end = clock_ns();
	if (!w->begin)
		w->begin = w->end;
	worker_count(w, (uint64_t)n, bytes);
	*left -= (uint64_t)n;
	return true;
}

static void choose_take(struct receiver *r)
{
	uint32_t bits = r->o->bits;
	bool looks =
		r->file ||
		(bits & (OPT_TIMESTAMP | OPT_COPY | OPT_MEMCPY | OPT_DUMP));

	r->only_counts = !looks && r->o->func == FUNC_RX;
	if (looks)
		r->take = take_look;
	else if (r->o->func == FUNC_RXSEQ)
		r->take = take_seq;
	else
		r->take = bits & (OPT_PREFETCH | OPT_ACCESS) ? take_read
							     : take_count;
}

bool rx_run(struct worker *w)
{
	struct receiver r = {.w = w, .o = w->o};
	uint64_t left = w->count;

	r.whole = malloc(FRAME_MAX);
	if (!r.whole)
		return cli_fail("no memory for a frame");
	if (w->o->write_file) {
		r.file = pcapfile_create(w->o->write_file);
		w->has_failed = !r.file;
	}
	choose_take(&r);
	while (!w->has_failed && left > 0 && !stop_wanted() && step(&r, &left))
		;
	if (!pcapfile_close(r.file))
		w->has_failed = true;
	free(r.whole);
	return !w->has_failed;
}
