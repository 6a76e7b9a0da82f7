// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_nic.c - a NIC port on an interface made of memory (src/soft), one
 * thread: what the port costs beside the driver's own work of a descriptor.
 *
 *     fill 256 --> TXSYNC --> tx descriptors --> read 256 (as the wire would)
 *     fill 256 rx descriptors (as the wire would) --> RXSYNC --> read 256
 */
#include <stdlib.h>
#include "soft.h"
#include "nme_int.h"
#include "bench_ring.h"

#define BATCHES 16u

struct nic {
	struct nme *world;
	struct soft_nic *eth;
	struct nme_port *port;
	struct nm_nic_piece piece[BENCH_BATCH];
	uint8_t frame[64];
};

static const uint8_t mac_from[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_to[6] = {2, 0, 0, 0, 0, 2};

static void nic_close(void *state)
{
	struct nic *n = state;

	nme_close(n->port);
	if (n->eth)
		soft_destroy(nme_core(n->world), n->eth);
	if (n->world)
		nme_destroy(n->world);
	free(n);
}

static bool nic_make(struct nic *n)
{
	const struct soft_conf conf = {.manual = true, .silent = true};

	n->world = bench_world(0);
	if (!n->world)
		return false;
	if (soft_create(nme_core(n->world), "eth0", &conf, &n->eth)) {
		bench_refuse("eth0: %s", nme_error());
		return false;
	}
	n->port = bench_port(n->world, "eth0");
	return n->port;
}

static void *nic_open(const struct bench_def *def)
{
	struct nic *n = calloc(1, sizeof(*n));

	(void)def;
	if (!n) {
		bench_refuse("no memory");
		return NULL;
	}
	bench_frame(n->frame, BENCH_FRAME, mac_to, mac_from);
	if (nic_make(n))
		return n;
	nic_close(n);
	return NULL;
}

static unsigned broke(unsigned frames)
{
	bench_refuse("%u of %u frames went through", frames, BENCH_BATCH);
	return 0;
}

static unsigned tx_step(void *state)
{
	struct nic *n = state;
	struct netmap_ring *tx = bench_tx(n->port);
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		unsigned got;

		bench_fill(tx, BENCH_BATCH, n->frame, BENCH_FRAME);
		nme_txsync(n->port);
		got = soft_tx_take(n->eth, 0, n->piece, BENCH_BATCH);
		if (got != BENCH_BATCH)
			return broke(got);
		for (unsigned k = 0; k < BENCH_BATCH; k++) {
			sum += n->piece[k].len;
			sum += bench_read64(n->piece[k].data);
		}
	}
	bench_sink = sum;
	return BATCHES * BENCH_BATCH;
}

static unsigned rx_step(void *state)
{
	struct nic *n = state;
	struct netmap_ring *rx = bench_rx(n->port);
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++) {
		unsigned got;

		soft_wire_burst(n->eth, 0, n->frame, BENCH_FRAME, BENCH_BATCH);
		nme_rxsync(n->port);
		got = bench_read(rx, &sum);
		if (got != BENCH_BATCH)
			return broke(got);
	}
	bench_sink = sum;
	return BATCHES * BENCH_BATCH;
}

const struct bench_def bench_nic_rows[] = {
	{
		.name = "nic.fake.tx",
		.note = "NIC port, tx: ring to descriptors that refer to the "
			"buffers, batch 256, one thread",
		.open = nic_open,
		.step = tx_step,
		.close = nic_close,
	},
	{
		.name = "nic.fake.rx",
		.note = "NIC port, rx: packet memory copied into the ring's "
			"buffers, batch 256, one thread",
		.open = nic_open,
		.step = rx_step,
		.close = nic_close,
	},
	{0},
};
