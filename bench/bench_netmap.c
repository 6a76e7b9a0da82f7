// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_netmap.c - a VALE switch and a pipe in this process, one thread.
 *
 *     fill 256 --> TXSYNC --> (switch or pipe) --> RXSYNC --> read 256
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bench_ring.h"

#define VNET_LEN 12
#define BATCHES	 16u /* per step, so that reading the clock does not count */

/* ---- worlds with ports ---- */

struct nme *bench_world(uint32_t stations)
{
	struct nme_conf conf = {
		.size = sizeof(conf),
		.vale_stations = stations,
	};
	struct nme *world;

	if (!nme_create(&world, &conf))
		return world;
	bench_refuse("nme_create: %s", nme_error());
	return NULL;
}

struct nme_port *bench_port(struct nme *world, const char *spec)
{
	struct nme_port *port;

	if (!nme_open(world, spec, &port))
		return port;
	bench_refuse("%s: %s", spec, nme_error());
	return NULL;
}

bool bench_learn(struct nme_port *from, const uint8_t src[6])
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	uint8_t frame[BENCH_FRAME];

	bench_frame(frame, BENCH_FRAME, all, src);
	bench_fill(bench_tx(from), 1, frame, BENCH_FRAME);
	if (!nme_txsync(from))
		return true;
	bench_refuse("TXSYNC: %s", nme_error());
	return false;
}

void bench_drain(struct nme_port *port)
{
	struct netmap_ring *ring = bench_rx(port);

	nme_rxsync(port);
	ring->head = ring->cur = ring->tail;
	nme_rxsync(port);
}

/* ---- one sender, one receiver ---- */

struct flow {
	struct nme *world;
	struct nme_port *from, *to, *monitor; /* or NULL */
	uint8_t frame[BENCH_BIG_FRAME + 2];
};

static const uint8_t mac_from[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_to[6] = {2, 0, 0, 0, 0, 2};

static void flow_close(void *state)
{
	struct flow *f = state;

	nme_close(f->monitor);
	nme_close(f->from);
	nme_close(f->to);
	if (f->world)
		nme_destroy(f->world);
	free(f);
}

static struct flow *flow_open(const char *from, const char *to)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f) {
		bench_refuse("no memory");
		return NULL;
	}
	bench_frame(f->frame, BENCH_BIG_FRAME, mac_to, mac_from);
	f->world = bench_world(0);
	f->from = f->world ? bench_port(f->world, from) : NULL;
	f->to = f->from ? bench_port(f->world, to) : NULL;
	if (f->to)
		return f;
	flow_close(f);
	return NULL;
}

static void *vale_open(const struct bench_def *def)
{
	struct flow *f = flow_open("vale0:from", "vale0:to");

	(void)def;
	if (!f)
		return NULL;
	if (bench_learn(f->to, mac_to)) {
		bench_drain(f->from);
		return f;
	}
	flow_close(f);
	return NULL;
}

/* @from consents to handing over; both are in one region. */
static void *zcopy_open(const struct bench_def *def)
{
	struct flow *f = flow_open("vale0:from@1@zcopy", "vale0:to@1");

	(void)def;
	if (f && bench_learn(f->to, mac_to)) {
		bench_drain(f->from);
		return f;
	}
	if (f)
		flow_close(f);
	return NULL;
}

static bool header_set(struct nme_port *port, const char *name)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = VNET_LEN};
	struct nmreq_header hdr = {.nr_version = NETMAP_API,
				   .nr_reqtype = NETMAP_REQ_PORT_HDR_SET,
				   .nr_body = (uintptr_t)&h};

	strcpy(hdr.nr_name, name);
	if (!nme_ioctl(port, NIOCCTRL, &hdr))
		return true;
	bench_refuse("%s: %s", name, nme_error());
	return false;
}

/* Frames of the same length, a header of zeros included. */
static void *vnet_open(const struct bench_def *def)
{
	struct flow *f = vale_open(def);

	if (!f)
		return NULL;
	memset(f->frame, 0, VNET_LEN);
	bench_frame(f->frame + VNET_LEN, BENCH_BIG_FRAME - VNET_LEN, mac_to,
		    mac_from);
	if (header_set(f->from, "vale0:from") && header_set(f->to, "vale0:to"))
		return f;
	flow_close(f);
	return NULL;
}

/* The same flow, and a copy of each frame for a monitor of the receiver. */
static void *monitor_open(const struct bench_def *def)
{
	struct flow *f = vale_open(def);

	if (!f)
		return NULL;
	f->monitor = bench_port(f->world, "vale0:to/r");
	if (f->monitor)
		return f;
	flow_close(f);
	return NULL;
}

static void *pipe_open(const struct bench_def *def)
{
	(void)def;
	return flow_open("bench{1", "bench}1");
}

/* Lets go of what was recorded, unread: that is the monitor's own time. */
static bool monitor_drain(struct nme_port *monitor)
{
	struct netmap_ring *ring = bench_rx(monitor);
	unsigned n;

	nme_rxsync(monitor);
	n = nm_ring_space(ring);
	ring->head = ring->cur = ring->tail;
	if (n == BENCH_BATCH)
		return true;
	bench_refuse("%u of %u frames were recorded", n, BENCH_BATCH);
	return false;
}

BENCH_INLINE unsigned flow_step(void *state, const unsigned len)
{
	struct flow *f = state;
	struct netmap_ring *tx = bench_tx(f->from), *rx = bench_rx(f->to);
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		unsigned n;

		bench_fill(tx, BENCH_BATCH, f->frame, len);
		nme_txsync(f->from);
		nme_rxsync(f->to);
		n = bench_read(rx, &sum);
		if (n != BENCH_BATCH) {
			bench_refuse("%u of %u frames arrived", n, BENCH_BATCH);
			return 0;
		}
		if (f->monitor && !monitor_drain(f->monitor))
			return 0;
	}
	bench_sink = sum;
	return BATCHES * BENCH_BATCH;
}

static unsigned small_step(void *state)
{
	return flow_step(state, BENCH_FRAME);
}

static unsigned big_step(void *state)
{
	return flow_step(state, BENCH_BIG_FRAME);
}

/* ---- slots only: what a pipe costs when nobody touches the data ---- */

static void slots_fill(struct netmap_ring *ring, unsigned n)
{
	uint32_t i = ring->head;

	while (n) {
		const unsigned stretch = bench_stretch(ring, i, n);
		struct netmap_slot *slot = &ring->slot[i];

		for (unsigned k = 0; k < stretch; k++, slot++) {
			slot->len = BENCH_FRAME;
			slot->flags = 0;
		}
		n -= stretch;
		i = bench_after(ring, i, stretch);
	}
	ring->head = ring->cur = i;
}

static unsigned slots_read(struct netmap_ring *ring, uint64_t *sum)
{
	const unsigned frames = nm_ring_space(ring);
	uint32_t i = ring->head;
	uint64_t s = *sum;

	for (unsigned n = frames; n;) {
		const unsigned stretch = bench_stretch(ring, i, n);
		const struct netmap_slot *slot = &ring->slot[i];

		for (unsigned k = 0; k < stretch; k++, slot++)
			s += bench_slot(slot);
		n -= stretch;
		i = bench_after(ring, i, stretch);
	}
	ring->head = ring->cur = i;
	*sum = s;
	return frames;
}

static unsigned slots_step(void *state)
{
	struct flow *f = state;
	struct netmap_ring *tx = bench_tx(f->from), *rx = bench_rx(f->to);
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		unsigned n;

		slots_fill(tx, BENCH_BATCH);
		nme_txsync(f->from);
		nme_rxsync(f->to);
		n = slots_read(rx, &sum);
		if (n != BENCH_BATCH) {
			bench_refuse("%u of %u slots arrived", n, BENCH_BATCH);
			return 0;
		}
	}
	bench_sink = sum;
	return BATCHES * BENCH_BATCH;
}

const struct bench_def bench_netmap_rows[] = {
	{
		.name = "vale.embedded",
		.note = "VALE switch, two ports with a region each, learned "
			"unicast, batch 256, one thread",
		.open = vale_open,
		.step = small_step,
		.close = flow_close,
	},
	{
		.name = "vale.embedded.1514",
		.note = "the same with 1514 B frames",
		.open = vale_open,
		.step = big_step,
		.close = flow_close,
	},
	{
		.name = "vale.monitor",
		.note = "vale.embedded with a copy monitor of the receiver, "
			"whose frames are released unread",
		.open = monitor_open,
		.step = small_step,
		.close = flow_close,
	},
	{
		.name = "vale.vnet",
		.note = "vale.embedded with 12 bytes of virtio-net header in "
			"each frame, both ports have it",
		.open = vnet_open,
		.step = small_step,
		.close = flow_close,
	},
	{
		.name = "vale.zcopy",
		.note = "vale.embedded in one region, buffers handed over",
		.open = zcopy_open,
		.step = small_step,
		.close = flow_close,
	},
	{
		.name = "vale.zcopy.1514",
		.note = "the same with 1514 B frames",
		.open = zcopy_open,
		.step = big_step,
		.close = flow_close,
	},
	{
		.name = "pipe.embedded",
		.note = "netmap pipe, batch 256, one thread",
		.open = pipe_open,
		.step = small_step,
		.close = flow_close,
	},
	{
		.name = "pipe.embedded.slots",
		.note = "the same; length and flags stored, index, length and "
			"flags loaded, data not touched",
		.open = pipe_open,
		.step = slots_step,
		.close = flow_close,
	},
	{0},
};
