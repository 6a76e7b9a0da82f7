// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * take.c - uses a port that it did not open, and could not: takes it from the
 * socket that is its stdin (pass.c), and sends back what arrives, COUNT frames.
 *	cc -o take take.c $(pkg-config --cflags --libs libnetmap)
 */
#include <net/netmap_user.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static int take(int socket, struct nmreq_register *reg)
{
	long control[CMSG_SPACE(sizeof(int)) / sizeof(long)];
	struct iovec body = {reg, sizeof(*reg)};
	struct msghdr m = {NULL, 0, &body, 1, control, sizeof(control), 0};
	int fd = -1;

	if (recvmsg(socket, &m, 0) == sizeof(*reg) && m.msg_controllen)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

int main(int argc, char **argv)
{
	unsigned long left = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct nmreq_register reg = {0};
	struct pollfd p = {take(STDIN_FILENO, &reg), POLLIN, 0};
	struct netmap_ring *rx, *tx;
	void *region;

	if (p.fd < 0)
		return fputs("take: no port was passed on stdin\n", stderr), 1;
	region = mmap(NULL, reg.nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED,
		      p.fd, 0);
	if (region == MAP_FAILED)
		return perror("take: mmap"), 1;
	rx = NETMAP_RXRING(NETMAP_IF(region, reg.nr_offset), 0);
	tx = NETMAP_TXRING(NETMAP_IF(region, reg.nr_offset), 0);
	while (left > 0 && poll(&p, 1, -1) > 0 && !(p.revents & POLLERR)) {
		for (; left > 0 && !nm_ring_empty(rx) && !nm_ring_empty(tx);
		     left--) {
			struct netmap_slot frame = rx->slot[rx->head];

			frame.flags = NS_BUF_CHANGED;
			rx->slot[rx->head].buf_idx = tx->slot[tx->head].buf_idx;
			rx->slot[rx->head].flags = NS_BUF_CHANGED;
			tx->slot[tx->head] = frame;
			rx->head = rx->cur = nm_ring_next(rx, rx->head);
			tx->head = tx->cur = nm_ring_next(tx, tx->head);
		}
		p.events = nm_ring_empty(rx) ? POLLIN : POLLOUT;
	}
	ioctl(p.fd, NIOCTXSYNC);
	return left != 0;
}
