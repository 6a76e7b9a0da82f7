// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two ports of a program that behaves, until SIGTERM: numbered frames from the
 * one to the other. Says what came of it, and fails where that is not as it has
 * to be.
 *
 *   lossless   every frame arrives, in order
 *   shared     others send to the receiver too: frames may be lost for one
 *              reason, that its ring was full, and the counters tell of each
 *
 * usage: good lossless|shared SENDER RECEIVER
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <net/netmap.h>
#include <net/netmap_ext.h>
#include <net/netmap_user.h>
#include "daemon.h"

#define WINDOW	 64   /* frames under way */
#define STALL_MS 8000 /* without any that arrives */
#define LOST_MS	 20   /* shared: what has not come by then may be lost */

struct port {
	int fd;
	const char *name;
	struct netmap_ring *tx, *rx;
};

static struct port sender, receiver;
static bool shared;
static volatile sig_atomic_t stopped;
static uint64_t sent, next, got, taken, stall_ms;
static uint64_t settled; /* of those sent: come, or given up */

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static void ctrl(const struct port *p, int type, void *body)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = (uint16_t)type,
				 .nr_body = (uintptr_t)body};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", p->name);
	if (ioctl(p->fd, NIOCCTRL, &h))
		die("%s: request %d: %s", p->name, type, strerror(errno));
}

static void open_port(struct port *p, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 256,
				     .nr_rx_slots = 256};
	struct netmap_if *nifp;
	char *mem;

	p->name = name;
	p->fd = open("/dev/netmap", O_RDWR);
	CLAIM(p->fd >= 0);
	ctrl(p, NETMAP_REQ_REGISTER, &reg);
	mem = mmap(NULL, reg.nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED,
		   p->fd, 0);
	CLAIM(mem != MAP_FAILED);
	nifp = NETMAP_IF(mem, reg.nr_offset);
	p->tx = NETMAP_TXRING(nifp, 0);
	p->rx = NETMAP_RXRING(nifp, 0);
}

static void put(struct netmap_ring *ring, uint8_t to, uint8_t from, uint64_t n)
{
	struct netmap_slot *slot = &ring->slot[ring->head];
	char *buf = NETMAP_BUF(ring, slot->buf_idx);

	memset(buf, 0, 60);
	buf[0] = to == 0xff ? -1 : 2;
	buf[5] = (char)to;
	buf[6] = 2;
	buf[11] = (char)from;
	memcpy(buf + 16, &n, sizeof(n));
	slot->len = 60;
	slot->flags = 0;
	ring->head = ring->cur = nm_ring_next(ring, ring->head);
}

/* One frame has come to the receiver: ours? */
static void take(const char *buf)
{
	uint64_t n;

	if (buf[0] != 2 || buf[5] != 2 || buf[6] != 2 || buf[11] != 1) {
		CLAIM(shared);
		return;
	}
	memcpy(&n, buf + 16, sizeof(n));
	if (n < next || n >= sent || (n != next && !shared))
		die("frame %ju came, %ju is due, %ju were sent", (uintmax_t)n,
		    (uintmax_t)next, (uintmax_t)sent);
	next = n + 1;
	if (settled < next)
		settled = next;
	got++;
}

static bool receive(void)
{
	struct netmap_ring *r = receiver.rx;
	uint64_t before = got;

	CLAIM(!ioctl(receiver.fd, NIOCRXSYNC, NULL));
	while (!nm_ring_empty(r)) {
		take(NETMAP_BUF(r, r->slot[r->head].buf_idx));
		r->head = r->cur = nm_ring_next(r, r->head);
		taken++;
	}
	/* Ours are flooded to all where the switch does not know a station. */
	sender.rx->head = sender.rx->cur = sender.rx->tail;
	CLAIM(!ioctl(sender.fd, NIOCRXSYNC, NULL));
	return got > before;
}

static void fill(void)
{
	while (!stopped && sent - settled < WINDOW && !nm_ring_empty(sender.tx))
		put(sender.tx, 2, 1, sent++);
	CLAIM(!ioctl(sender.fd, NIOCTXSYNC, NULL));
}

static void wait_for_frames(void)
{
	struct pollfd p[] = {{.fd = receiver.fd, .events = POLLIN},
			     {.fd = sender.fd, .events = POLLIN}};
	int n = poll(p, 2, shared ? LOST_MS : STALL_MS);

	CLAIM(n >= 0 || errno == EINTR);
	CLAIM(n <= 0 || !((p[0].revents | p[1].revents) & ~POLLIN));
}

static void run(void)
{
	int64_t seen = now_ms(), now;

	while (!stopped || (settled < sent && !shared)) {
		fill();
		if (receive()) {
			seen = now_ms();
			continue;
		}
		wait_for_frames();
		now = now_ms();
		if ((uint64_t)(now - seen) > stall_ms)
			stall_ms = (uint64_t)(now - seen);
		if (now - seen > STALL_MS)
			die("nothing arrives for %d ms: %ju sent, %ju due",
			    STALL_MS, (uintmax_t)sent, (uintmax_t)next);
		if (shared && now - seen > LOST_MS)
			settled = sent;
	}
}

static struct nmreq_x_stats stats(const struct port *p, uint16_t dir)
{
	struct nmreq_x_stats st = {.x_size = sizeof(st),
				   .x_dir = dir,
				   .x_ring = NETMAP_X_ALL_RINGS};

	ctrl(p, NETMAP_REQ_X_STATS_GET, &st);
	return st;
}

static void balance(void)
{
	struct nmreq_x_stats tx, rx;
	int64_t deadline = now_ms() + STALL_MS;

	/* What is still under way arrives, or is counted. */
	do {
		receive();
		tx = stats(&sender, NETMAP_X_TX);
		rx = stats(&receiver, NETMAP_X_RX);
		if (now_ms() > deadline)
			die("books: %ju sent, %ju taken; offered %ju sent %ju; "
			    "attempted %ju delivered %ju full %ju",
			    (uintmax_t)sent, (uintmax_t)taken,
			    (uintmax_t)tx.offered, (uintmax_t)tx.sent,
			    (uintmax_t)rx.attempted, (uintmax_t)rx.delivered,
			    (uintmax_t)rx.drop_full);
	} while (tx.sent != sent || tx.offered != sent ||
		 rx.attempted != rx.delivered + rx.drop_full ||
		 rx.delivered != taken);
	CLAIM(sent - got <= rx.drop_full);
	printf("%s: %ju sent, %ju lost for want of room, longest wait %ju ms\n",
	       sender.name, (uintmax_t)sent, (uintmax_t)(sent - got),
	       (uintmax_t)stall_ms);
}

int main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_term};

	CLAIM(argc == 4);
	sigaction(SIGTERM, &act, NULL);
	shared = !strcmp(argv[1], "shared");
	open_port(&sender, argv[2]);
	open_port(&receiver, argv[3]);
	/* The switch gets to know the receiver. */
	if (!strchr(argv[3], '}')) {
		put(receiver.tx, 0xff, 2, 0);
		CLAIM(!ioctl(receiver.fd, NIOCTXSYNC, NULL));
	}
	/* Ready. */
	puts("ready");
	fflush(stdout);
	run();
	balance();
	CLAIM(got > 0 && (shared || got == sent));
	return 0;
}
