/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* worker.h - a thread, its target, and what it counts. */
#ifndef PKT_GEN_WORKER_H
#define PKT_GEN_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "frame.h"
#include "latency.h"
#include "options.h"
#include "seq.h"
#include "target.h"

#define STREAMS 256 /* that rxseq tells apart: by the last 8 bits */

/* Written by the worker, read by all; so each is stored at once. */
struct counts {
	uint64_t packets, bytes, batches;
	uint64_t min_space; /* free slots of a ring; UINT64_MAX: none seen */
};

struct worker {
	const struct options *o;
	unsigned index;
	uint64_t count; /* packets to do; UINT64_MAX: endless */
	uint64_t rate;	/* packets per second; 0: no limit */
	struct target target;
	pthread_t thread;
	bool is_started, is_done;
	bool has_failed;

	struct counts counts __attribute__((aligned(128)));
	/* for whoever has joined the thread, too */
	uint64_t begin, end;	 /* clock_ns() of the first and last packet */
	uint64_t sent, answered; /* ping */
	uint64_t dropped;	 /* pong: no room to send back */
	uint64_t odd;		 /* rxseq, -o 16: frames without a mark */
	struct latency *latency; /* ping, rx -o 16 */
	struct seq *seq;	 /* rxseq: of STREAMS */
	uint64_t random;
};

/* What the threads do; false: failed, and said. */
bool tx_run(struct worker *w);
bool rx_run(struct worker *w);
bool ping_run(struct worker *w);
bool pong_run(struct worker *w);

/* Adds a batch. */
static inline void worker_count(struct worker *w, uint64_t packets,
				uint64_t bytes)
{
	struct counts *c = &w->counts;

	__atomic_store_n(&c->packets, c->packets + packets, __ATOMIC_RELAXED);
	__atomic_store_n(&c->bytes, c->bytes + bytes, __ATOMIC_RELAXED);
	__atomic_store_n(&c->batches, c->batches + 1, __ATOMIC_RELAXED);
}

static inline void worker_space(struct worker *w, uint64_t space)
{
	if (space < w->counts.min_space)
		__atomic_store_n(&w->counts.min_space, space, __ATOMIC_RELAXED);
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled" (2016) */
static inline uint64_t worker_random(struct worker *w)
{
	uint64_t x = w->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	w->random = x;
	return x * 0x2545f4914f6cdd1d;
}

/* Fills in @spec for the frames that @w sends. */
void worker_frame(const struct worker *w, struct frame_spec *spec,
		  enum frame_mark mark);

/* Prints a frame, or what is at hand of it, in hexadecimal. */
void dump_frame(const uint8_t *data, uint32_t len);

#endif
