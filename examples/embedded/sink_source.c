// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * sink_source.c - netmap inside one process, in a few lines: a source sends
 * frames through a VALE switch, a sink is called when they arrive.
 *
 *	cc -o sink_source sink_source.c $(pkg-config --cflags --libs netmap-embedded)
 */
#include <netmap_embedded.h>
#include <net/netmap_user.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define FRAMES 1000u /* fit in a ring of 1024 slots, so none is dropped */

static unsigned seen;

/* Called by the world's worker thread whenever something has arrived. */
static void arrived(struct nme_port *sink, void *all_seen)
{
	struct netmap_ring *rx = NETMAP_RXRING(nme_if(sink), 0);

	nme_rxsync(sink);
	for (; !nm_ring_empty(rx); seen++)
		rx->head = rx->cur = nm_ring_next(rx, rx->head);
	if (seen == FRAMES)
		sem_post(all_seen);
}

int main(void)
{
	struct nme_port *source, *sink;
	struct netmap_ring *tx;
	struct nme *world;
	sem_t all_seen;

	sem_init(&all_seen, 0, 0);
	if (nme_create(&world, NULL) ||
	    nme_open(world, "vale0:source", &source) ||
	    nme_open(world, "vale0:sink", &sink) ||
	    nme_on_arrival(sink, arrived, &all_seen)) {
		fprintf(stderr, "%s\n", nme_error());
		return 1;
	}
	tx = NETMAP_TXRING(nme_if(source), 0);
	for (unsigned i = 0; i < FRAMES; i++) {
		struct netmap_slot *slot = &tx->slot[tx->head];

		slot->len =
			60; /* bytes of ff: to everybody, that is the sink */
		memset(NETMAP_BUF(tx, slot->buf_idx), 0xff, slot->len);
		tx->head = tx->cur = nm_ring_next(tx, tx->head);
	}
	nme_txsync(source); /* here they go through the switch */
	sem_wait(&all_seen);
	nme_on_arrival(sink, NULL, NULL);
	printf("%u frames sent, %u seen\n", FRAMES, seen);
	nme_close(source);
	nme_close(sink);
	return nme_destroy(world) ? 1 : 0;
}
