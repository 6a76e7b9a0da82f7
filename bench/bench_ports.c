// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_ports.c - a VALE switch with many ports, or with many stations.
 *
 *                       +--------------- receivers: stations are spread
 *      sender --> [ switch ] ---- ...    evenly over them
 *                       +--------------- idle ports: see only what floods
 *
 * Each frame goes to another station, so the batch of the sender is spread
 * over all receivers; one thread does everything.
 */
#include <stdlib.h>
#include <stdio.h>
#include "bench_ring.h"

#define BATCHES	  16u
#define MAX_PORTS 250u
#define STATIONS  1000000u

enum choice { IN_TURN, AT_RANDOM };

struct shape {
	unsigned receivers, idle;
	uint32_t stations;  /* in all */
	uint32_t table;	    /* stations the switch is made for; 0: default */
	enum choice choice; /* of each frame's destination */
};

enum { PORTS_2, PORTS_250IDLE, PORTS_64ACTIVE, FDB_10, FDB_RANDOM };

/* Rows that are compared differ in one number only. */
static const struct shape shapes[] = {
	[PORTS_2] = {1, 0, 1, 0, IN_TURN},
	[PORTS_250IDLE] = {1, 248, 1, 0, IN_TURN},
	[PORTS_64ACTIVE] = {63, 0, 63, 0, IN_TURN},
	[FDB_10] = {1, 1, 10, STATIONS, AT_RANDOM},
	[FDB_RANDOM] = {1, 1, STATIONS, STATIONS, AT_RANDOM},
};

struct ports {
	const struct shape *shape;
	struct nme *world;
	struct nme_port *sender;
	struct nme_port *port[MAX_PORTS]; /* receivers, then idle ones */
	unsigned n_ports;
	uint32_t next;	 /* station, IN_TURN */
	uint64_t random; /* state, AT_RANDOM */
	uint64_t sent, flooded;
	uint8_t frame[64];
};

static const uint8_t mac_sender[6] = {2, 0, 0, 0, 0, 1};

static void ports_close(void *state)
{
	struct ports *p = state;

	nme_close(p->sender);
	for (unsigned i = 0; i < p->n_ports; i++)
		nme_close(p->port[i]);
	if (p->world)
		nme_destroy(p->world);
	free(p);
}

static bool ports_make(struct ports *p)
{
	unsigned n = p->shape->receivers + p->shape->idle;

	p->world = bench_world(p->shape->table);
	if (!p->world)
		return false;
	p->sender = bench_port(p->world, "vale0:sender");
	if (!p->sender)
		return false;
	while (p->n_ports < n) {
		char spec[32];

		snprintf(spec, sizeof(spec), "vale0:p%u", p->n_ports);
		p->port[p->n_ports] = bench_port(p->world, spec);
		if (!p->port[p->n_ports])
			return false;
		p->n_ports++;
	}
	return true;
}

/* Each station sends one frame to the sender, from the port where it lives. */
static bool ports_learn(struct ports *p)
{
	if (!bench_learn(p->sender, mac_sender))
		return false;
	for (uint32_t i = 0; i < p->shape->stations; i++) {
		struct nme_port *at = p->port[i % p->shape->receivers];
		struct netmap_ring *tx = bench_tx(at);
		uint8_t frame[BENCH_FRAME], mac[6];

		bench_station(mac, i);
		bench_frame(frame, BENCH_FRAME, mac_sender, mac);
		bench_fill(tx, 1, frame, BENCH_FRAME);
		if (p->shape->receivers == 1 && (i + 1) % BENCH_BATCH &&
		    i + 1 < p->shape->stations)
			continue; /* by the batch where all are on one port */
		if (nme_txsync(at)) {
			bench_refuse("TXSYNC: %s", nme_error());
			return false;
		}
		bench_drain(p->sender);
	}
	for (unsigned i = 0; i < p->n_ports; i++)
		bench_drain(p->port[i]);
	return true;
}

/* xorshift64 (G. Marsaglia, Xorshift RNGs, 2003), scaled to 0 .. n - 1. */
static uint32_t random_below(uint64_t *state, uint32_t n)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return (uint32_t)((x >> 32) * n >> 32);
}

/* As bench_fill(), with a destination of its own for each frame. */
BENCH_INLINE void fill_stations(struct ports *p, struct netmap_ring *ring,
				const enum choice choice)
{
	char *bufs = NETMAP_BUF(ring, 0);
	const size_t buf_size = ring->nr_buf_size;
	const uint32_t stations = p->shape->stations;
	uint32_t i = ring->head, next = p->next;
	uint64_t random = p->random;

	for (unsigned n = BENCH_BATCH; n;) {
		const unsigned stretch = bench_stretch(ring, i, n);
		struct netmap_slot *slot = &ring->slot[i];

		for (unsigned k = 0; k < stretch; k++, slot++) {
			char *buf = bufs + slot->buf_idx * buf_size;

			slot->len = BENCH_FRAME;
			slot->flags = 0;
			memcpy(buf, p->frame, BENCH_FRAME);
			if (choice == AT_RANDOM)
				next = random_below(&random, stations);
			else
				next = next + 1 >= stations ? 0 : next + 1;
			bench_station((uint8_t *)buf, next);
		}
		n -= stretch;
		i = bench_after(ring, i, stretch);
	}
	ring->head = ring->cur = i;
	p->next = next;
	p->random = random;
}

/* Idle ports see only what the switch floods: it did not know the station.
 * One of them tells for all. */
static void count_flooded(struct ports *p)
{
	struct nme_port *idle = p->port[p->shape->receivers];
	struct netmap_ring *rx = bench_rx(idle);

	nme_rxsync(idle);
	p->flooded += nm_ring_space(rx);
	rx->head = rx->cur = rx->tail;
}

static unsigned ports_step(void *state)
{
	struct ports *p = state;
	const unsigned receivers = p->shape->receivers;
	struct netmap_ring *tx = bench_tx(p->sender);
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		unsigned n = 0;

		if (p->shape->choice == AT_RANDOM)
			fill_stations(p, tx, AT_RANDOM);
		else
			fill_stations(p, tx, IN_TURN);
		nme_txsync(p->sender);
		for (unsigned r = 0; r < receivers; r++) {
			nme_rxsync(p->port[r]);
			n += bench_read(bench_rx(p->port[r]), &sum);
		}
		if (n != BENCH_BATCH) {
			bench_refuse("%u of %u frames arrived", n, BENCH_BATCH);
			return 0;
		}
	}
	if (p->shape->idle)
		count_flooded(p);
	p->sent += BATCHES * BENCH_BATCH;
	bench_sink = sum;
	return BATCHES * BENCH_BATCH;
}

/* Until every buffer of every receiver has been used once: memory that is
 * touched for the first time is the system's cost, not the switch's. */
static bool ports_warm(struct ports *p)
{
	unsigned long slots = (unsigned long)p->shape->receivers *
			      bench_rx(p->port[0])->num_slots;

	for (unsigned long i = 0; i <= slots; i += BATCHES * BENCH_BATCH)
		if (!ports_step(p))
			return false;
	return true;
}

static void *ports_open(const struct bench_def *def)
{
	struct ports *p = calloc(1, sizeof(*p));

	if (!p) {
		bench_refuse("no memory");
		return NULL;
	}
	p->shape = &shapes[def->arg];
	p->random = 88172645463325252ull; /* any number but 0 */
	if (ports_make(p) && ports_learn(p)) {
		uint8_t mac[6];

		bench_station(mac, 0);
		bench_frame(p->frame, BENCH_FRAME, mac, mac_sender);
		if (ports_warm(p))
			return p;
	}
	ports_close(p);
	return NULL;
}

/* Unknown stations are flooded: say how many, for it costs. */
static void ports_remark(void *state, char text[BENCH_TEXT])
{
	const struct ports *p = state;
	size_t used = strlen(text);

	if (p->shape->idle)
		snprintf(text + used, BENCH_TEXT - used,
			 "; %.3f %% of frames flooded",
			 100.0 * (double)p->flooded / (double)p->sent);
}

#define PORTS_ROW(_name, _shape, _note)                            \
	{                                                          \
		.name = (_name), .note = (_note), .arg = (_shape), \
		.open = ports_open, .step = ports_step,            \
		.remark = ports_remark, .close = ports_close,      \
	}

const struct bench_def bench_ports_rows[] = {
	PORTS_ROW("fdb.random", FDB_RANDOM,
		  "VALE, 1,000,000 learned stations on one port, uniformly "
		  "random destinations"),
	PORTS_ROW("fdb.10", FDB_10, "the same with 10 stations"),
	PORTS_ROW("ports.2", PORTS_2, "VALE with 2 ports"),
	PORTS_ROW("ports.250idle", PORTS_250IDLE,
		  "VALE with 250 ports, 248 of them idle"),
	PORTS_ROW("ports.64active", PORTS_64ACTIVE,
		  "VALE with 64 ports, one sends to the others in turn, frame "
		  "by frame"),
	{0},
};
