/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pace.h - a limit on frames per second. Time is given by the caller. Frames
 * are let go in chunks: often enough for a smooth stream, seldom enough for the
 * batches to be worth it. Who was late makes up for it, to a limit.
 */
#ifndef PKT_GEN_PACE_H
#define PKT_GEN_PACE_H

#include <stdint.h>

#define PACE_CHUNKS 2000 /* a second, at most */
#define PACE_LATE   10	 /* a tenth of a second can be made up for */
#define PACE_NS	    1000000000ull

struct pace {
	uint64_t rate; /* frames per second; 0: no limit */
	uint64_t chunk;
	uint64_t start; /* when `sent` was 0 */
	uint64_t sent;
};

static inline void pace_init(struct pace *p, uint64_t rate, uint32_t burst,
			     uint64_t now)
{
	uint64_t chunk = rate / PACE_CHUNKS;

	p->rate = rate;
	p->chunk = chunk < 1 ? 1 : chunk > burst ? burst : chunk;
	p->start = now;
	p->sent = 0;
}

/* When frame number @n is due. */
static inline uint64_t pace_time(const struct pace *p, uint64_t n)
{
	return p->start + n / p->rate * PACE_NS +
	       n % p->rate * PACE_NS / p->rate;
}

/* How many frames were due by @now, the one at the start included. */
static inline uint64_t pace_count(const struct pace *p, uint64_t now)
{
	uint64_t t = now - p->start;

	return 1 + t / PACE_NS * p->rate + t % PACE_NS * p->rate / PACE_NS;
}

/* How many frames may go now: 0, or a chunk at least. */
static inline uint64_t pace_due(struct pace *p, uint64_t now)
{
	uint64_t due, late = p->rate / PACE_LATE + p->chunk;

	if (!p->rate)
		return UINT64_MAX;
	due = pace_count(p, now) - p->sent;
	if ((int64_t)due < (int64_t)p->chunk)
		return 0;
	if (due > late) { /* forget the rest */
		p->start = now;
		p->sent = 0;
		due = p->chunk;
	}
	return due;
}

/* @n frames went. */
static inline void pace_sent(struct pace *p, uint64_t n)
{
	p->sent += n;
}

/* When the next chunk is due. */
static inline uint64_t pace_next(const struct pace *p)
{
	return pace_time(p, p->sent + p->chunk - 1);
}

#endif
