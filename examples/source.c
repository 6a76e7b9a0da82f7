// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * source.c - sends COUNT numbered frames of 60 bytes.
 *
 *	cc -o source source.c $(pkg-config --cflags --libs libnetmap)
 *	./source vale0:source 1000
 */
#include <libnetmap.h>
#include <net/netmap_user.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* To everybody, from 02:00:00:00:00:01, of a type for experiments. */
static unsigned char frame[60] = {255, 255, 255, 255, 255, 255,	 2,
				  0,   0,   0,	 0,   1,   0x88, 0xb5};

static void flush(const struct nmport_d *d)
{
	for (uint16_t i = d->first_tx_ring; i <= d->last_tx_ring; i++)
		while (nm_tx_pending(NETMAP_TXRING(d->nifp, i))) {
			ioctl(d->fd, NIOCTXSYNC);
			usleep(100);
		}
}

int main(int argc, char **argv)
{
	struct nmport_d *d;
	unsigned long count;

	if (argc != 3)
		return fputs("usage: source PORT COUNT\n", stderr), 2;
	count = strtoul(argv[2], NULL, 10);
	d = nmport_open(argv[1]);
	if (!d)
		return 1; /* it has said why, on stderr */
	for (unsigned long i = 0; i < count; i++) {
		struct pollfd room = {.fd = d->fd, .events = POLLOUT};

		memcpy(frame + 14, &i, sizeof(i));
		/* Puts it into a ring. Where they are full, poll() sends. */
		while (!nmport_inject(d, frame, sizeof(frame)))
			if (poll(&room, 1, -1) < 0 || room.revents & POLLERR)
				return fputs("the port has failed\n", stderr),
				       1;
	}
	flush(d); /* what is not sent when a port is closed may be lost */
	nmport_close(d);
	return 0;
}
