// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * sink.c - receives COUNT frames, and adds up their bytes.
 *
 *	cc -o sink sink.c $(pkg-config --cflags --libs libnetmap)
 *	./sink vale0:sink 1000
 */
#include <libnetmap.h>
#include <net/netmap_user.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long frames, bytes, sum;

static void take(const unsigned char *data, uint16_t len)
{
	bytes += len;
	while (len > 0)
		sum += data[--len];
}

/* Frames are in the slots from head to tail; moving head gives them back. */
static void receive(struct netmap_ring *ring, unsigned long count)
{
	while (frames < count && !nm_ring_empty(ring)) {
		const struct netmap_slot *slot = &ring->slot[ring->head];

		take((void *)NETMAP_BUF(ring, slot->buf_idx), slot->len);
		frames += !(slot->flags & NS_MOREFRAG); /* else it goes on */
		ring->head = ring->cur = nm_ring_next(ring, ring->head);
	}
}

int main(int argc, char **argv)
{
	struct pollfd arrived = {.events = POLLIN};
	struct nmport_d *d;
	unsigned long count;

	if (argc != 3)
		return fputs("usage: sink PORT COUNT\n", stderr), 2;
	count = strtoul(argv[2], NULL, 10);
	d = nmport_open(argv[1]);
	if (!d)
		return 1; /* it has said why, on stderr */
	arrived.fd = d->fd;
	while (frames < count) {
		if (poll(&arrived, 1, -1) < 0 || arrived.revents & POLLERR)
			return fputs("the port has failed\n", stderr), 1;
		for (uint16_t i = d->first_rx_ring; i <= d->last_rx_ring; i++)
			receive(NETMAP_RXRING(d->nifp, i), count);
	}
	printf("%lu frames, %lu bytes, sum %lu\n", frames, bytes, sum);
	nmport_close(d);
	return 0;
}
