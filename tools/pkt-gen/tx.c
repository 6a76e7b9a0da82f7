// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * tx, txseq: send as fast as the port takes frames.
 *
 * A buffer that we filled comes back in its slot, so what has to be written is
 * what changes from frame to frame, at most: held[] has the buffer that each
 * slot had when we last filled it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <net/netmap_user.h>
#include "cli.h"
#include "pace.h"
#include "pcapfile.h"
#include "stop.h"
#include "worker.h"

#define LINGER_NS  1000000000ull /* for slots that are not sent at the end */
#define NO_BUFFER  0		 /* never a slot's */
#define STORE_STEP 128

/* A ring, and what we know of its slots. */
struct tx_ring {
	struct netmap_ring *ring;
	uint32_t *held;
	uint8_t *store; /* -I: data of each slot, `stride` bytes apart */
};

struct sender {
	struct worker *w;
	const struct options *o;
	struct frame frame;
	struct range_at src, dst;
	uint32_t seq;
	bool marks, times, varies;
	uint32_t slot_bytes, slots; /* in a slot; in a frame */
	size_t stride;
	struct tx_ring *rings;
	unsigned n_rings;
	struct pace pace;
	void (*fill)(struct sender *s, struct tx_ring *r, uint32_t frames);
	unsigned turn;	/* the ring that the next batch begins with */
	bool is_ready;	/* s->frame has not been sent yet (no rings) */
	uint64_t bytes; /* filled in */
};

/* ---- the next frame ---- */

static void next_src(struct sender *s)
{
	if (s->o->bits & OPT_RANDOM_SRC)
		range_random(&s->o->src, &s->src, worker_random(s->w),
			     worker_random(s->w));
	frame_set_src(&s->frame, &s->src);
}

static void next_dst(struct sender *s)
{
	if (s->o->bits & OPT_RANDOM_DST)
		range_random(&s->o->dst, &s->dst, worker_random(s->w),
			     worker_random(s->w));
	frame_set_dst(&s->frame, &s->dst);
}

/* Walks both ranges like the digits of a number, source first. */
static void walk(struct sender *s)
{
	bool carry = (s->o->bits & OPT_RANDOM_SRC) ||
		     range_next(&s->o->src, &s->src);

	if (carry && !(s->o->bits & OPT_RANDOM_DST))
		range_next(&s->o->dst, &s->dst);
}

/* Makes s->frame the one to send, and prepares for the one after it. */
static void next_frame(struct sender *s)
{
	struct frame *f = &s->frame;

	if (!s->varies)
		return;
	next_src(s);
	next_dst(s);
	walk(s);
	if (s->o->len_min != s->o->len_max) {
		uint32_t span = s->o->len_max - s->o->len_min + 1;

		frame_set_len(f,
			      s->o->len_min + (uint32_t)((worker_random(s->w) >>
							  32) * span >>
							 32));
	}
	if (s->marks)
		frame_set_mark(f, s->seq++, s->w->index);
	if (s->o->bits & OPT_FULL_CSUM)
		frame_seal_fully(f);
	else
		frame_seal(f);
}

/* ---- filling slots ---- */

static inline char *buffer(const struct tx_ring *r, const struct netmap_slot *s)
{
	return NETMAP_BUF(r->ring, s->buf_idx);
}

/* NS_BUF_CHANGED stays until a sync has seen it. */
static inline uint16_t keep(const struct netmap_slot *slot)
{
	return slot->flags & NS_BUF_CHANGED;
}

static void copy_all(const struct sender *s, char *to, const uint8_t *from,
		     uint32_t len)
{
	if (s->o->bits & OPT_MEMCPY)
		memcpy(to, from, len);
	else
		nm_pkt_copy(from, to, (int)len);
}

static inline void prefetch(const struct sender *s, const struct tx_ring *r,
			    uint32_t slot)
{
	if (s->o->bits & OPT_PREFETCH)
		__builtin_prefetch(buffer(r, &r->ring->slot[slot]), 1);
}

/* One slot, always the same frame. */
static void fill_same(struct sender *s, struct tx_ring *r, uint32_t frames)
{
	struct netmap_ring *ring = r->ring;
	uint32_t h = ring->head, len = s->frame.vnet + s->frame.len;

	for (uint32_t i = 0; i < frames; i++) {
		struct netmap_slot *slot = &ring->slot[h];

		if (unlikely(r->held[h] != slot->buf_idx)) {
			copy_all(s, buffer(r, slot), s->frame.data, len);
			r->held[h] = slot->buf_idx;
		}
		slot->len = (uint16_t)len;
		slot->flags = keep(slot);
		h = nm_ring_next(ring, h);
	}
	s->bytes += (uint64_t)frames * len;
	nm_ring_release_(ring, h);
}

/* One slot, and the beginning of the frame changes. */
static void fill_hot(struct sender *s, struct tx_ring *r, uint32_t frames)
{
	struct netmap_ring *ring = r->ring;
	uint32_t h = ring->head, longest = s->frame.vnet + s->frame.len_max;

	for (uint32_t i = 0; i < frames; i++) {
		struct netmap_slot *slot = &ring->slot[h];
		char *to = buffer(r, slot);

		prefetch(s, r, nm_ring_next(ring, h));
		next_frame(s);
		if (unlikely(r->held[h] != slot->buf_idx)) {
			memcpy(to, s->frame.data, longest);
			r->held[h] = slot->buf_idx;
		}
		for (uint32_t b = 0; b < s->frame.hot; b += 32)
			memcpy(to + b, s->frame.data + b, 32);
		slot->len = (uint16_t)(s->frame.vnet + s->frame.len);
		slot->flags = keep(slot);
		s->bytes += slot->len;
		h = nm_ring_next(ring, h);
	}
	nm_ring_release_(ring, h);
}

/* -r: whatever is there. */
static void fill_rubbish(struct sender *s, struct tx_ring *r, uint32_t frames)
{
	struct netmap_ring *ring = r->ring;
	uint32_t h = ring->head;

	for (uint32_t i = 0; i < frames; i++) {
		struct netmap_slot *slot = &ring->slot[h];

		slot->len = (uint16_t)(s->frame.vnet + s->frame.len);
		slot->flags = keep(slot);
		s->bytes += slot->len;
		h = nm_ring_next(ring, h);
	}
	nm_ring_release_(ring, h);
}

/* Where -I leaves the frame for the slot: it is read as late as at the sync. */
static const uint8_t *data_for(struct sender *s, struct tx_ring *r, uint32_t h)
{
	uint8_t *data;

	if (!r->store)
		return s->frame.data;
	data = r->store + h * s->stride;
	memcpy(data, s->frame.data, s->frame.hot); /* the rest is there */
	return data;
}

/* Any frame in any number of slots, by copy or -I; returns the slot behind. */
static uint32_t put(struct sender *s, struct tx_ring *r, uint32_t h)
{
	const uint8_t *from = data_for(s, r, h);
	uint32_t left = s->frame.vnet + s->frame.len;

	if (s->o->bits & OPT_DUMP)
		dump_frame(s->frame.data, left);
	s->bytes += left;
	for (;;) {
		struct netmap_slot *slot = &r->ring->slot[h];
		uint32_t len = left < s->slot_bytes ? left : s->slot_bytes;

		slot->len = (uint16_t)len;
		slot->flags = keep(slot);
		if (s->o->bits & OPT_INDIRECT) {
			slot->flags |= NS_INDIRECT;
			slot->ptr = (uintptr_t)from;
		} else {
			copy_all(s, buffer(r, slot), from, len);
		}
		h = nm_ring_next(r->ring, h);
		from += len;
		left -= len;
		if (left == 0)
			return h;
		slot->flags |= NS_MOREFRAG;
	}
}

static void fill_any(struct sender *s, struct tx_ring *r, uint32_t frames)
{
	uint32_t h = r->ring->head;

	for (uint32_t i = 0; i < frames; i++) {
		prefetch(s, r, nm_ring_next(r->ring, h));
		next_frame(s);
		h = put(s, r, h);
	}
	nm_ring_release_(r->ring, h);
}

/* ---- batches ---- */

static void send_time(struct sender *s)
{
	if (s->times)
		frame_set_time(&s->frame, clock_ns());
}

static uint32_t fill_ring(struct sender *s, struct tx_ring *r, uint64_t max)
{
	uint32_t space = nm_ring_space(r->ring), n = space / s->slots;

	worker_space(s->w, space);
	if (n > max)
		n = (uint32_t)max;
	if (n > 0) {
		s->fill(s, r, n);
		r->ring->slot[r->ring->head ? r->ring->head - 1
					    : r->ring->num_slots - 1]
			.flags |= NS_REPORT;
	}
	return n;
}

/* Fills up to @max frames into the rings; how many. */
static uint64_t fill_batch(struct sender *s, uint64_t max)
{
	uint64_t n = 0;

	send_time(s);
	for (unsigned i = 0; i < s->n_rings && n < max; i++) {
		n += fill_ring(s, &s->rings[s->turn], max - n);
		s->turn = s->turn + 1 < s->n_rings ? s->turn + 1 : 0;
	}
	return n;
}

/* The same for targets without rings; -1: failed. */
static int64_t send_batch(struct sender *s, uint64_t max)
{
	uint64_t n = 0;

	send_time(s);
	while (n < max) {
		uint32_t len;
		int r;

		if (!s->is_ready)
			next_frame(s);
		s->is_ready = true;
		len = s->frame.vnet + s->frame.len;
		r = target_send(&s->w->target, s->frame.data, len);
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		if (s->o->bits & OPT_DUMP)
			dump_frame(s->frame.data, len);
		s->is_ready = false;
		s->bytes += len;
		n++;
	}
	return (int64_t)n;
}

/* Waits until the pace lets frames go, or it is time to look around. */
static void wait_pace(const struct sender *s)
{
	uint64_t at = pace_next(&s->pace), now = clock_ns();
	uint64_t last = now + STOP_LOOK_MS * 1000000ull;
	struct timespec t;

	if (at > last)
		at = last;
	t.tv_sec = (time_t)(at / PACE_NS);
	t.tv_nsec = (long)(at % PACE_NS);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Sends a batch; *@left goes down. False: failed, and said. */
static bool step(struct sender *s, uint64_t *left)
{
	struct worker *w = s->w;
	uint64_t max = *left < s->o->burst ? *left : s->o->burst;
	uint64_t due = pace_due(&s->pace, clock_ns());
	int64_t n;

	if (due == 0) {
		wait_pace(s);
		return true;
	}
	if (due < max)
		max = due;
	s->bytes = 0;
	n = s->n_rings ? (int64_t)fill_batch(s, max) : send_batch(s, max);
	if (n < 0)
		return false;
	if (n == 0)
		return target_wait(&w->target, true, STOP_LOOK_MS);
	if (!target_flush(&w->target))
		return false;
	pace_sent(&s->pace, (uint64_t)n);
	worker_count(w, (uint64_t)n, s->bytes);
	*left -= (uint64_t)n;
	return true;
}

static uint64_t pending(const struct sender *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < s->n_rings; i++)
		n += s->rings[i].ring->num_slots - 1 -
		     nm_ring_space(s->rings[i].ring);
	return n;
}

/* Waits for the port to send what it was given, as long as it does something. */
static bool linger(struct sender *s)
{
	uint64_t last = pending(s), now, since = clock_ns();
	uint64_t patience = stop_wanted() ? LINGER_NS / 10 : LINGER_NS;

	while (last > 0) {
		if (!target_flush(&s->w->target))
			return false;
		now = clock_ns();
		if (pending(s) < last) {
			last = pending(s);
			since = now;
		} else if (now - since > patience) {
			cli_say("%s: %llu slots were not sent, since nobody "
				"takes them",
				s->w->target.spec, (unsigned long long)last);
			break;
		} else {
			clock_nanosleep(CLOCK_MONOTONIC, 0,
					&(struct timespec){0, 100000}, NULL);
		}
	}
	return true;
}

/* ---- preparing ---- */

static bool make_frame(struct sender *s)
{
	const struct options *o = s->o;
	struct frame_spec spec;
	enum frame_mark mark = s->times	  ? FRAME_TIME
			       : s->marks ? FRAME_SEQ
					  : FRAME_PLAIN;

	if (o->frame_file)
		return pcapfile_frame(&s->frame, o->frame_file,
				      s->w->target.vnet);
	worker_frame(s->w, &spec, mark);
	if (o->bits & OPT_RUBBISH) { /* its length is all we need */
		s->frame.vnet = spec.vnet;
		s->frame.len = s->frame.len_max = spec.len_max;
		return true;
	}
	s->src = spec.src;
	s->dst = spec.dst;
	if (!frame_build(&s->frame, &spec))
		return cli_fail("no memory for a frame of %u bytes",
				spec.len_max);
	return true;
}

/* Does one frame differ from the next? */
static bool has_variety(const struct sender *s)
{
	const struct options *o = s->o;

	if (o->frame_file || (o->bits & OPT_RUBBISH))
		return false;
	return s->marks || o->len_min != o->len_max ||
	       (o->bits & (OPT_RANDOM_SRC | OPT_RANDOM_DST | OPT_FULL_CSUM)) ||
	       !range_is_single(&o->src) || !range_is_single(&o->dst);
}

static bool fit_slots(struct sender *s)
{
	const struct netmap_ring *ring = s->rings[0].ring;
	uint32_t total = s->frame.vnet + s->frame.len_max;
	const char *spec = s->w->target.spec;

	s->slot_bytes = s->o->slot_bytes ? s->o->slot_bytes : ring->nr_buf_size;
	if (s->slot_bytes > ring->nr_buf_size)
		return cli_fail("%s: its buffers have %u bytes, but slots are "
				"to have %u (-F, -M)",
				spec, ring->nr_buf_size, s->slot_bytes);
	s->slots = (total + s->slot_bytes - 1) / s->slot_bytes;
	if (s->slots > NETMAP_MAX_FRAGS || s->slots >= ring->num_slots)
		return cli_fail("%s: a frame of %u bytes takes %u slots of %u "
				"bytes, but %u is the most (-M, -l)",
				spec, total, s->slots, s->slot_bytes,
				ring->num_slots <= NETMAP_MAX_FRAGS
					? ring->num_slots - 1
					: NETMAP_MAX_FRAGS);
	if ((s->o->bits & OPT_RUBBISH) && s->slots > 1)
		return cli_fail("%s: -r sends frames of one slot, which has %u "
				"bytes, not %u",
				spec, s->slot_bytes, total);
	return true;
}

/* Room behind each slot for its data, with what does not change in place. */
static bool make_store(struct sender *s, struct tx_ring *r)
{
	size_t len = s->frame.vnet + s->frame.len_max;

	if (!(s->o->bits & OPT_INDIRECT) || !s->varies)
		return true;
	s->stride = (len + 2 * STORE_STEP - 1) / STORE_STEP * STORE_STEP;
	r->store = malloc(r->ring->num_slots * s->stride);
	for (uint32_t i = 0; r->store && i < r->ring->num_slots; i++)
		memcpy(r->store + i * s->stride, s->frame.data, len);
	return r->store != NULL;
}

static bool make_rings(struct sender *s)
{
	struct nmport_d *d = s->w->target.d;
	unsigned n = (unsigned)(d->last_tx_ring - d->first_tx_ring + 1);

	s->rings = calloc(n, sizeof(*s->rings));
	for (unsigned i = 0; s->rings && i < n; i++) {
		struct tx_ring *r = &s->rings[i];

		r->ring = NETMAP_TXRING(d->nifp, d->first_tx_ring + i);
		r->held = calloc(r->ring->num_slots, sizeof(*r->held));
		s->n_rings++;
		if (!r->held || !make_store(s, r))
			return cli_fail("no memory for the state of %u slots",
					r->ring->num_slots);
	}
	return s->rings ? fit_slots(s) : cli_fail("no memory for %u rings", n);
}

static void choose_fill(struct sender *s)
{
	uint32_t bits = s->o->bits;
	uint32_t room = s->n_rings ? s->rings[0].ring->nr_buf_size : 0;

	if (bits & OPT_RUBBISH)
		s->fill = fill_rubbish;
	else if (s->slots > 1 || s->frame.hot > room ||
		 (bits & (OPT_INDIRECT | OPT_COPY | OPT_MEMCPY | OPT_DUMP)))
		s->fill = fill_any;
	else
		s->fill = s->varies ? fill_hot : fill_same;
}

static bool check_target(const struct sender *s)
{
	const struct target *t = &s->w->target;

	if (t->kind == TARGET_NETMAP)
		return true;
	if (s->o->slots || s->o->slot_bytes ||
	    (s->o->bits & (OPT_RUBBISH | OPT_INDIRECT)))
		return cli_fail("%s: has no slots, for which -F, -M, -I and -r "
				"are",
				s->o->port);
	return true;
}

static bool prepare(struct sender *s)
{
	s->times = s->o->bits & OPT_TIMESTAMP;
	s->marks = s->times || s->o->func == FUNC_TXSEQ;
	if (!check_target(s) || !make_frame(s))
		return false;
	s->varies = has_variety(s);
	if (s->w->target.kind == TARGET_NETMAP && !make_rings(s))
		return false;
	choose_fill(s);
	return true;
}

static void release(struct sender *s)
{
	for (unsigned i = 0; i < s->n_rings; i++) {
		free(s->rings[i].held);
		free(s->rings[i].store);
	}
	free(s->rings);
	frame_free(&s->frame);
}

bool tx_run(struct worker *w)
{
	struct sender s = {.w = w, .o = w->o};
	uint64_t left = w->count;
	bool ok = prepare(&s);

	w->begin = clock_ns();
	pace_init(&s.pace, w->rate, w->o->burst, w->begin);
	while (ok && left > 0 && !stop_wanted())
		ok = step(&s, &left);
	if (ok)
		ok = linger(&s);
	w->end = clock_ns();
	release(&s);
	return ok;
}
