// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bridge.c - what one port receives the other sends: in one memory region
 * buffers change places, else bytes are copied. (Frames have one slot.)
 *	cc -o bridge bridge.c $(pkg-config --cflags --libs libnetmap)
 *	./bridge vale0:left vale1:right
 *	./bridge vale0:left vale1:right@share=vale0:left
 */
#include <libnetmap.h>
#include <net/netmap_user.h>
#include <poll.h>
#include <stdio.h>

static void move(struct netmap_ring *rx, struct netmap_ring *tx, int swap)
{
	while (!nm_ring_empty(rx) && !nm_ring_empty(tx)) {
		struct netmap_slot *from = &rx->slot[rx->head];
		struct netmap_slot *to = &tx->slot[tx->head];
		uint32_t buf = to->buf_idx;

		to->len = from->len;
		if (swap) {
			to->buf_idx = from->buf_idx;
			from->buf_idx = buf;
			to->flags = from->flags = NS_BUF_CHANGED;
		} else {
			memcpy(NETMAP_BUF(tx, buf),
			       NETMAP_BUF(rx, from->buf_idx), to->len);
		}
		rx->head = rx->cur = nm_ring_next(rx, rx->head);
		tx->head = tx->cur = nm_ring_next(tx, tx->head);
	}
}

int main(int argc, char **argv)
{
	struct pollfd p[2] = {{.events = POLLIN}, {.events = POLLIN}};
	struct nmport_d *a = argc == 3 ? nmport_open(argv[1]) : NULL;
	struct nmport_d *b = a ? nmport_open(argv[2]) : NULL, *d[] = {a, b};

	if (!b) /* nmport_open() has said why, on stderr */
		return fputs("usage: bridge PORT PORT\n", stderr), 1;
	p[0].fd = a->fd, p[1].fd = b->fd;
	/* poll() also sends what was put into the transmit rings. */
	while (poll(p, 2, -1) > 0) {
		if ((p[0].revents | p[1].revents) & POLLERR)
			return fputs("a port has failed\n", stderr), 1;
		p[0].events = p[1].events = 0;
		for (int i = 0; i < 2; i++) {
			struct netmap_ring *rx = NETMAP_RXRING(d[i]->nifp, 0);
			struct netmap_ring *tx = NETMAP_TXRING(d[!i]->nifp, 0);

			move(rx, tx, a->mem == b->mem);
			p[i].events |= nm_ring_empty(rx) ? POLLIN : 0;
			p[!i].events |= nm_ring_empty(rx) ? 0 : POLLOUT;
		}
	}
	return 1;
}
