// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * nm_open.c - sends back what arrives, addresses exchanged. Knows the headers
 * of netmap alone; it is linked with no library of netmap's.
 *
 *	cc -o nm_open nm_open.c $(pkg-config --cflags libnetmap)
 *	./nm_open vale0:echo             where /dev/netmap is the kernel's
 *	netmap-run ./nm_open vale0:echo  anywhere
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>

/* Called for each frame that has arrived. */
static void reply(unsigned char *port, const struct nm_pkthdr *h,
		  const unsigned char *frame)
{
	struct nm_desc *d = (struct nm_desc *)port;
	unsigned char answer[65536];

	if (h->caplen < 14 || h->caplen > sizeof(answer))
		return;
	memcpy(answer, frame + 6, 6);
	memcpy(answer + 6, frame, 6);
	memcpy(answer + 12, frame + 12, h->caplen - 12);
	nm_inject(d, answer, h->caplen); /* lost if there is no room */
}

int main(int argc, char **argv)
{
	struct pollfd p = {.events = POLLIN};
	struct nm_desc *d;

	if (argc != 2)
		return fputs("usage: nm_open PORT\n", stderr), 2;
	d = nm_open(argv[1], NULL, 0, NULL);
	if (!d)
		return perror(argv[1]), 1;
	p.fd = NETMAP_FD(d);
	/* poll() also sends what was injected. */
	while (poll(&p, 1, -1) > 0 && !(p.revents & POLLERR))
		nm_dispatch(d, -1, reply, (unsigned char *)d);
	nm_close(d);
	return fprintf(stderr, "%s: the port has failed\n", argv[1]), 1;
}
