// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Random traffic over a switch of many ports, against a naive model of it.
 *
 * The model sends each frame by itself: learn, look up, and append it to the
 * receiver's ring if that has room. CONF_SEED=SEED[,STEPS] in the environment changes that.
 */
#include <stdlib.h>

#include "conf.h"

#define PORTS	  12
#define RINGS_MAX 4
#define SLOTS_MAX 64
#define STATIONS  40
#define FRAGS_MAX 5
#define PIECE	  64
#define NO_PORT	  -1

/* What the model knows of a frame: how to make it again. */
struct sent {
	uint32_t dst, src, tag, frags;
};

/* An rx ring of the model. */
struct queue {
	struct sent frame[SLOTS_MAX];
	uint32_t n;	/* frames */
	uint32_t used;	/* slots, of frames and not given back yet */
	uint32_t taken; /* slots taken by the program, since its last sync */
};

struct member {
	bool open;
	struct port port;
	uint32_t slots, tx_rings, rx_rings;
	struct queue rx[RINGS_MAX];
};

static uint64_t seed = 20;
static uint32_t steps = 20000;

static struct member member[PORTS];
static int place[STATIONS]; /* where a station was last seen */
static uint32_t tags;

static uint32_t below(uint32_t n)
{
	return conf_random(&seed) % n;
}

/* ---- the model ---- */

static void model_arrive(struct member *m, uint32_t ring, struct sent s)
{
	struct queue *q = &m->rx[ring];

	if (m->slots - 1 - q->used < s.frags)
		return;
	q->frame[q->n++] = s;
	q->used += s.frags;
}

static void model_send(int from, uint32_t ring, struct sent s)
{
	int to;

	place[s.src] = from;
	to = s.dst < STATIONS ? place[s.dst] : NO_PORT;
	if (to == from)
		return;
	if (to != NO_PORT) {
		model_arrive(&member[to], ring % member[to].rx_rings, s);
		return;
	}
	for (int i = 0; i < PORTS; i++)
		if (i != from && member[i].open)
			model_arrive(&member[i], 0, s);
}

/* ---- the switch ---- */

static void join(int i)
{
	struct member *m = &member[i];
	char name[32];

	snprintf(name, sizeof(name), "vale0:m%d", i);
	memset(m->rx, 0, sizeof(m->rx));
	m->slots = 8 + below(SLOTS_MAX - 8);
	m->tx_rings = 1 + below(RINGS_MAX);
	m->rx_rings = 1 + below(RINGS_MAX);
	m->port = conf_open_as(
		name, REG_SLOTS(m->slots, .nr_tx_rings = (uint16_t)m->tx_rings,
				.nr_rx_rings = (uint16_t)m->rx_rings));
	m->open = true;
}

static void leave(int i)
{
	conf_close(&member[i].port);
	member[i].open = false;
	for (int s = 0; s < STATIONS; s++)
		if (place[s] == i)
			place[s] = NO_PORT;
}

static uint32_t any_destination(void)
{
	uint32_t kind = below(10);

	if (kind == 0)
		return BROADCAST;
	if (kind == 1)
		return MULTICAST(below(5));
	return below(STATIONS);
}

static void send_some(int i)
{
	struct member *m = &member[i];
	uint32_t ring = below(m->tx_rings), n = 1 + below(20);
	struct netmap_ring *tx = conf_tx(&m->port, ring);

	while (n--) {
		struct sent s = {any_destination(), below(STATIONS), tags++,
				 below(4) ? 1 : 1 + below(FRAGS_MAX)};
		uint8_t data[FRAGS_MAX * PIECE];

		if (nm_ring_space(tx) < s.frags)
			break;
		conf_fill(data, s.frags * PIECE, s.dst, s.src, s.tag);
		conf_put_pieces(tx, data, s.frags * PIECE, PIECE);
		model_send(i, ring, s);
	}
	conf_txsync(&m->port);
	CHECK_EQ(nm_ring_space(tx), m->slots - 1);
}

/* Takes up to @n frames of a ring; they are given back by the next sync. */
static void take_some(struct member *m, uint32_t ring, uint32_t n)
{
	struct queue *q = &m->rx[ring];
	struct netmap_ring *rx = conf_rx(&m->port, ring);

	for (; n && q->n; n--) {
		struct sent s = q->frame[0];
		uint8_t want[FRAGS_MAX * PIECE], got[FRAGS_MAX * PIECE];

		conf_fill(want, s.frags * PIECE, s.dst, s.src, s.tag);
		CHECK_EQ(conf_get(rx, got, sizeof(got)), s.frags * PIECE);
		CHECK_MEM(got, want, s.frags * PIECE);
		memmove(&q->frame[0], &q->frame[1],
			--q->n * sizeof(q->frame[0]));
		q->taken += s.frags;
	}
}

static void receive_some(struct member *m)
{
	conf_rxsync(&m->port);
	for (uint32_t r = 0; r < m->rx_rings; r++) {
		m->rx[r].used -= m->rx[r].taken;
		m->rx[r].taken = 0;
	}
	for (uint32_t r = 0; r < m->rx_rings; r++) {
		uint32_t slots = 0;

		for (uint32_t k = 0; k < m->rx[r].n; k++)
			slots += m->rx[r].frame[k].frags;
		CHECK_EQ(nm_ring_space(conf_rx(&m->port, r)), slots);
		take_some(m, r, below(3) ? below(8) : SLOTS_MAX);
	}
}

static uint32_t waiting(const struct member *m)
{
	uint32_t n = 0;

	for (uint32_t r = 0; r < m->rx_rings; r++)
		n += m->rx[r].n;
	return n;
}

static void step(uint32_t n)
{
	int i = (int)below(PORTS);

	check_note("step %u, port %d", n, i);
	if (!member[i].open) {
		if (!below(8))
			join(i);
		return;
	}
	if (!below(150))
		leave(i);
	else if (below(2))
		send_some(i);
	else
		receive_some(&member[i]);
}

static void random_traffic(void)
{
	printf("# seed %llu, %u steps\n", (unsigned long long)seed, steps);
	for (int s = 0; s < STATIONS; s++)
		place[s] = NO_PORT;
	for (int i = 0; i < PORTS; i++)
		join(i);
	for (uint32_t n = 0; n < steps; n++)
		step(n);
	for (int i = 0; i < PORTS; i++)
		while (member[i].open && waiting(&member[i]))
			receive_some(&member[i]);
}

static const struct claim claims[] = {
	{"random traffic between 12 ports is as the naive switch says",
	 random_traffic},
};

int main(void)
{
	const char *own = getenv("CONF_SEED"); /* SEED[,STEPS] */
	char *end;

	if (own) {
		seed = strtoull(own, &end, 0);
		if (*end == ',')
			steps = (uint32_t)strtoul(end + 1, NULL, 0);
	}
	return CONF_RUN(claims);
}
