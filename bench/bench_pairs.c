// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_pairs.c - pairs of threads, each pair on a core of its own.
 *
 *      core 0:  sender 0 --> [          ] --> receiver 0
 *                            [  vale0   ]
 *      core 1:  sender 1 --> [          ] --> receiver 1
 *
 * A sender sends a window of frames and waits until its receiver has read them
 * all, so nothing is lost. A receiver waits in nme_poll(). Pairs share nothing
 * but the switch.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench_ring.h"

#define MAX_PAIRS 2u
#define BATCH	  255u /* four of them fit in a ring of 1024 */
#define WINDOW	  (4 * BATCH)

struct pair {
	struct pairs *all;
	struct nme_port *from, *to;
	int cpu;
	uint8_t frame[64];

	/* during a slice */
	sem_t drained;	  /* the receiver has read a window */
	atomic_bool last; /* this window ends the slice; before it is sent */
	atomic_bool lost; /* the receiver waited in vain */
	unsigned long frames;
	uint64_t took, sum;
};

struct pairs {
	struct nme *world;
	unsigned n;
	struct pair pair[MAX_PAIRS];
	pthread_barrier_t start;
	uint64_t slice_ns;
};

static void *sender_main(void *arg)
{
	struct pair *p = arg;
	struct netmap_ring *tx = bench_tx(p->from);
	uint64_t start;

	pthread_barrier_wait(&p->all->start);
	start = bench_now();
	p->frames = 0;
	do {
		p->took = bench_now() - start;
		if (p->took >= p->all->slice_ns)
			atomic_store(&p->last, true);
		for (unsigned i = 0; i < WINDOW / BATCH; i++) {
			bench_fill(tx, BATCH, p->frame, BENCH_FRAME);
			nme_txsync(p->from);
		}
		sem_wait(&p->drained);
		p->frames += WINDOW;
	} while (!atomic_load(&p->last));
	p->took = bench_now() - start;
	return NULL;
}

static void *receiver_main(void *arg)
{
	struct pair *p = arg;
	struct netmap_ring *rx = bench_rx(p->to);
	bool last = false;

	pthread_barrier_wait(&p->all->start);
	while (!last) {
		for (unsigned got = 0; got < WINDOW;) {
			struct nme_pollfd pfd = {p->to, POLLIN, 0};

			if (nme_poll(&pfd, 1, 1000) <= 0) {
				atomic_store(&p->lost, true);
				atomic_store(&p->last, true);
				sem_post(&p->drained);
				return NULL;
			}
			got += bench_read(rx, &p->sum);
		}
		last = atomic_load(&p->last);
		nme_rxsync(p->to); /* the slots go back */
		sem_post(&p->drained);
	}
	return NULL;
}

static bool thread_start(pthread_t *thread, int cpu, void *(*fn)(void *),
			 void *arg)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int err;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	err = pthread_create(thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	return !err;
}

static unsigned long pairs_slice(void *state, uint64_t ns, uint64_t *took)
{
	struct pairs *all = state;
	pthread_t thread[2 * MAX_PAIRS];
	unsigned long frames = 0;

	all->slice_ns = ns;
	for (unsigned i = 0; i < all->n; i++) {
		struct pair *p = &all->pair[i];

		atomic_store(&p->last, false);
		if (!thread_start(&thread[2 * i], p->cpu, sender_main, p) ||
		    !thread_start(&thread[2 * i + 1], p->cpu, receiver_main,
				  p)) {
			perror("bench: pthread_create");
			exit(1); /* the others wait at the barrier */
		}
	}
	for (unsigned i = 0; i < 2 * all->n; i++)
		pthread_join(thread[i], NULL);
	for (unsigned i = 0; i < all->n; i++) {
		struct pair *p = &all->pair[i];

		if (atomic_load(&p->lost)) {
			bench_refuse("frames of pair %u were lost", i);
			return 0;
		}
		frames += p->frames;
		bench_sink = p->sum;
		if (p->took > *took)
			*took = p->took;
	}
	return frames;
}

static void pairs_close(void *state)
{
	struct pairs *all = state;

	for (unsigned i = 0; i < all->n; i++) {
		nme_close(all->pair[i].from);
		nme_close(all->pair[i].to);
		sem_destroy(&all->pair[i].drained);
	}
	if (all->world)
		nme_destroy(all->world);
	pthread_barrier_destroy(&all->start);
	free(all);
}

static bool pair_make(struct pair *p, unsigned i)
{
	uint8_t from[6], to[6];
	char spec[32];

	bench_station(from, 2 * i);
	bench_station(to, 2 * i + 1);
	bench_frame(p->frame, BENCH_FRAME, to, from);
	snprintf(spec, sizeof(spec), "vale0:from%u", i);
	p->from = bench_port(p->all->world, spec);
	snprintf(spec, sizeof(spec), "vale0:to%u", i);
	p->to = p->from ? bench_port(p->all->world, spec) : NULL;
	return p->to && bench_learn(p->to, to);
}

/* The first @n CPUs that we may use; false: there are fewer. */
static bool choose_cpus(struct pairs *all)
{
	unsigned found = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < all->n; cpu++)
		if (CPU_ISSET(cpu, &set))
			all->pair[found++].cpu = cpu;
	if (found < all->n)
		bench_refuse("needs %u CPUs", all->n);
	return found == all->n;
}

static void *pairs_open(const struct bench_def *def)
{
	struct pairs *all = calloc(1, sizeof(*all));
	bool ok;

	if (!all) {
		bench_refuse("no memory");
		return NULL;
	}
	all->n = (unsigned)def->arg;
	pthread_barrier_init(&all->start, NULL, 2 * all->n);
	for (unsigned i = 0; i < all->n; i++) {
		all->pair[i].all = all;
		sem_init(&all->pair[i].drained, 0, 0);
	}
	ok = choose_cpus(all);
	if (ok)
		all->world = bench_world(0);
	ok = ok && all->world;
	for (unsigned i = 0; ok && i < all->n; i++)
		ok = pair_make(&all->pair[i], i);
	/* what was broadcast for the learning */
	for (unsigned i = 0; ok && i < all->n; i++) {
		bench_drain(all->pair[i].from);
		bench_drain(all->pair[i].to);
	}
	if (ok)
		return all;
	pairs_close(all);
	return NULL;
}

const struct bench_def bench_pairs_rows[] = {
	{
		.name = "vale.1pair",
		.note = "one sender and one receiver thread, both on the "
			"first CPU",
		.arg = 1,
		.open = pairs_open,
		.slice = pairs_slice,
		.close = pairs_close,
	},
	{
		.name = "vale.2pairs",
		.note = "two such pairs on one switch, on two CPUs; of both "
			"together",
		.arg = 2,
		.open = pairs_open,
		.slice = pairs_slice,
		.close = pairs_close,
	},
	{0},
};
