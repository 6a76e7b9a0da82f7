// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* several_ports.c - ports, a timer and the keyboard in one poll(). Counts are
 * printed every second, and for each line that is typed, up to the end of input.
 *	cc -o several_ports several_ports.c $(pkg-config --cflags --libs libnetmap)
 *	./several_ports vale0:a vale1:b
 */
#include <libnetmap.h>
#include <net/netmap_user.h>
#include <poll.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PORTS 16
static unsigned long receive(struct nmport_d *d)
{
	unsigned long frames = 0;

	for (uint16_t i = d->first_rx_ring; i <= d->last_rx_ring; i++) {
		struct netmap_ring *ring = NETMAP_RXRING(d->nifp, i);

		for (; !nm_ring_empty(ring); frames++)
			ring->head = ring->cur = nm_ring_next(ring, ring->head);
	}
	return frames;
}

int main(int argc, char **argv)
{
	struct pollfd p[2 + PORTS] = {{.fd = STDIN_FILENO, .events = POLLIN}};
	struct itimerspec second = {{1, 0}, {1, 0}};
	unsigned long frames[PORTS] = {0};
	struct nmport_d *d[PORTS];
	char text[256];
	int n = argc - 1 < PORTS ? argc - 1 : PORTS;

	setlinebuf(stdout);
	p[1].fd = timerfd_create(CLOCK_MONOTONIC, 0), p[1].events = POLLIN;
	timerfd_settime(p[1].fd, 0, &second, NULL);
	for (int i = 0; i < n; i++) {
		d[i] = nmport_open(argv[1 + i]);
		if (!d[i])
			return 1; /* nmport_open() has said why, on stderr */
		p[2 + i].fd = d[i]->fd, p[2 + i].events = POLLIN;
	}
	while (poll(p, 2 + (nfds_t)n, -1) > 0) {
		for (int i = 0; i < 2; i++)
			if (p[i].revents && read(p[i].fd, text, 256) <= 0)
				return 0;
		for (int i = 0; i < n; i++) {
			if (p[2 + i].revents & POLLERR)
				return fputs("a port has failed\n", stderr), 1;
			frames[i] += receive(d[i]);
			if (p[0].revents || p[1].revents)
				printf("%s %lu\n", argv[1 + i], frames[i]);
		}
	}
	return 1;
}
