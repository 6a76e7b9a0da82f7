// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * unchanged.c - a program for netmap as there are many: it knows the two
 * headers, opens its port with nm_open(), and is linked with libc alone.
 *
 * usage: unchanged send PORT COUNT | receive PORT COUNT
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>

static int ready(struct nm_desc *d, short events)
{
	struct pollfd p = {.fd = NETMAP_FD(d), .events = events};

	return poll(&p, 1, 10000) == 1;
}

static int send_frames(struct nm_desc *d, unsigned count)
{
	unsigned char frame[60] = {255, 255, 255, 255, 255, 255, 2};

	for (unsigned i = 0; i < count; i++) {
		memcpy(frame + 14, &i, sizeof(i));
		while (!nm_inject(d, frame, sizeof(frame)))
			if (!ready(d, POLLOUT))
				return 1;
	}
	return ioctl(NETMAP_FD(d), NIOCTXSYNC, NULL) != 0;
}

static int receive_frames(struct nm_desc *d, unsigned count)
{
	unsigned got = 0, number;
	unsigned char *frame;
	struct nm_pkthdr h;

	puts("ready");
	fflush(stdout);
	while (got < count && ready(d, POLLIN)) {
		while (got < count && (frame = nm_nextpkt(d, &h))) {
			memcpy(&number, frame + 14, sizeof(number));
			if (h.len != 60 || number != got)
				return 1;
			got++;
		}
	}
	printf("%u\n", got);
	return got != count;
}

int main(int argc, char **argv)
{
	struct nm_desc *d;
	unsigned count;
	int status;

	if (argc != 4)
		return 2;
	d = nm_open(argv[2], NULL, 0, NULL);
	if (!d) {
		perror("/dev/netmap");
		return 1;
	}
	count = (unsigned)atoi(argv[3]);
	status = (*argv[1] == 's' ? send_frames : receive_frames)(d, count);
	nm_close(d);
	return status;
}
