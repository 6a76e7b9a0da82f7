/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * loop.h - a port whose descriptor an event loop watches, for loop_*.c: each is
 * one library's loop around loop_receive(). Include it once per program.
 */
#ifndef TESTS_DAEMON_LOOP_H
#define TESTS_DAEMON_LOOP_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <net/netmap.h>
#include <net/netmap_user.h>

#define FRAMES	  20000
#define WINDOW	  32 /* frames under way */
#define TIMEOUT_S 30 /* for the loop; all is lost then */

struct port {
	int fd;
	struct netmap_ring *tx, *rx;
};

static struct port sender, receiver;
static uint32_t received; /* atomic */

static void need(bool yes, const char *what)
{
	if (yes)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void open_port(struct port *p, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 64,
				     .nr_rx_slots = 64};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg};
	struct netmap_if *nifp;
	char *mem;

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	p->fd = open("/dev/netmap", O_RDWR | O_NONBLOCK);
	need(p->fd >= 0, "open");
	need(!ioctl(p->fd, NIOCCTRL, &h), name);
	mem = mmap(NULL, reg.nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED,
		   p->fd, 0);
	need(mem != MAP_FAILED, "mmap");
	nifp = NETMAP_IF(mem, reg.nr_offset);
	p->tx = NETMAP_TXRING(nifp, 0);
	p->rx = NETMAP_RXRING(nifp, 0);
}

/* Numbered frames, as many under way as the receiver has room for. */
static void *send_all(void *arg)
{
	struct netmap_ring *r = sender.tx;
	uint32_t sent = 0;

	while (sent < FRAMES) {
		uint32_t got = __atomic_load_n(&received, __ATOMIC_ACQUIRE);

		for (;
		     sent < FRAMES && sent - got < WINDOW && !nm_ring_empty(r);
		     sent++) {
			struct netmap_slot *slot = &r->slot[r->head];
			char *buf = NETMAP_BUF(r, slot->buf_idx);

			memset(buf, 0xff, 60);
			buf[6] = 2;
			memcpy(buf + 14, &sent, sizeof(sent));
			slot->len = 60;
			r->head = r->cur = nm_ring_next(r, r->head);
		}
		need(!ioctl(sender.fd, NIOCTXSYNC, NULL), "NIOCTXSYNC");
		usleep(1);
	}
	return arg;
}

/* Opens the ports and starts to send; returns the descriptor to watch for
 * input. */
static int loop_begin(void)
{
	pthread_t thread;

	alarm(2 * TIMEOUT_S);
	open_port(&sender, "vale5:a");
	open_port(&receiver, "vale5:b");
	need(!pthread_create(&thread, NULL, send_all, NULL), "thread");
	pthread_detach(thread);
	return receiver.fd;
}

/* To be called when there is input. True: that was all. */
static bool loop_receive(void)
{
	struct netmap_ring *r = receiver.rx;
	uint32_t n, due = received;

	need(!ioctl(receiver.fd, NIOCRXSYNC, NULL), "NIOCRXSYNC");
	while (!nm_ring_empty(r)) {
		memcpy(&n, NETMAP_BUF(r, r->slot[r->head].buf_idx) + 14,
		       sizeof(n));
		need(n == due, "a frame is not the one that is due");
		due++;
		r->head = r->cur = nm_ring_next(r, r->head);
	}
	__atomic_store_n(&received, due, __ATOMIC_RELEASE);
	return due == FRAMES;
}

/* What main() returns. */
static int loop_result(void)
{
	printf("%u of %u frames\n", received, FRAMES);
	return received != FRAMES;
}

#endif
