// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A program that sleeps for frames is woken once per burst, not once per frame,
 * by poll and by epoll alike; one that sleeps for room in a full tx ring is woken
 * when the device has room again.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kt_nic.h"

#define BURST  64
#define BURSTS 30
#define WAKES  2 /* at most, per burst */
#define LEN    60

static const uint8_t *frame(unsigned n)
{
	static uint8_t f[LEN];

	memset(f, 2, 12);
	memset(f + 12, 0x88, LEN - 12);
	memcpy(f + LEN - sizeof(n), &n, sizeof(n));
	return f;
}

/* ---- rx ---- */

static void wait_by_poll(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	KT_CHECK(poll(&p, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(p.revents == POLLIN);
}

static int epoll_of(int fd)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(EPOLL_CLOEXEC);

	KT_CHECK(ep >= 0);
	KT_CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
	return ep;
}

static void wait_by_epoll(int ep)
{
	struct epoll_event e;

	KT_CHECK(epoll_wait(ep, &e, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(e.events == EPOLLIN);
}

/* A burst by one sync whenever told to. */
struct sender {
	const char *name;
	int go[2], ready[2];
};

static void send_bursts(void *arg)
{
	struct sender *s = arg;
	unsigned n = 0;
	struct kt_port p;
	char c;

	kt_open(&p, s->name);
	KT_CHECK(write(s->ready[1], "", 1) == 1);
	while (read(s->go[0], &c, 1) == 1) {
		for (unsigned i = 0; i < BURST; i++)
			while (!kt_put(p.tx, frame(n + i), LEN))
				KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == 0);
		n += BURST;
		KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == 0);
	}
}

/* Bursts come, by @wait on @fd, from number @first on; how often it was woken. */
static unsigned receive_bursts(struct kt_port *p, struct sender *s,
			       void (*wait)(int fd), int fd, unsigned first)
{
	unsigned wakes = 0, n = first;
	uint8_t f[2048];

	for (unsigned i = 0; i < BURSTS; i++) {
		KT_CHECK(write(s->go[1], "", 1) == 1);
		for (unsigned end = n + BURST; n < end; wakes++) {
			wait(fd);
			while (kt_take(p->rx, f, sizeof(f)))
				KT_CHECK(!memcmp(f, frame(n++), LEN));
		}
	}
	return wakes;
}

static void bursts_wake_once(enum kt_kind kind)
{
	struct sender s;
	struct kt_pair pair;
	struct kt_port p;
	unsigned wakes;
	pid_t pid;
	char c;
	int ep;

	if (!kt_pair_make(&pair, kind))
		return;
	KT_CHECK(pipe(s.go) == 0 && pipe(s.ready) == 0);
	s.name = pair.b;
	pid = kt_fork(send_bursts, &s);
	KT_CHECK(read(s.ready[0], &c, 1) == 1);
	kt_open(&p, pair.a);
	wakes = receive_bursts(&p, &s, wait_by_poll, p.fd, 0);
	printf("%s: poll: %u for %u bursts of %u\n", kt_kind_name[kind], wakes,
	       BURSTS, BURST);
	KT_CHECK(wakes <= WAKES * BURSTS);
	ep = epoll_of(p.fd);
	wakes = receive_bursts(&p, &s, wait_by_epoll, ep, BURSTS * BURST);
	close(ep);
	printf("%s: epoll: %u\n", kt_kind_name[kind], wakes);
	KT_CHECK(wakes <= WAKES * BURSTS);
	kt_close(&p);
	kt_end(pid);
	for (unsigned i = 0; i < 2; i++) {
		close(s.go[i]);
		close(s.ready[i]);
	}
	kt_pair_end(&pair);
}

/* ---- tx ---- */

static int tap_open(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	KT_CHECK(fd >= 0);
	strcpy(r.ifr_name, name);
	KT_CHECK(ioctl(fd, TUNSETIFF, &r) == 0);
	kt_run(kt_here(),
	       "echo 1 >/proc/sys/net/ipv6/conf/%s/disable_ipv6; "
	       "ip link set %s up",
	       name, name);
	return fd;
}

/* Sends until neither the device nor the ring takes more; the next number. */
static unsigned fill(struct kt_port *p, unsigned n)
{
	struct pollfd f = {.fd = p->fd, .events = POLLOUT};

	do
		while (kt_put(p->tx, frame(n), LEN))
			n++;
	while (poll(&f, 1, 0) == 1);
	return n;
}

/* Reads up to @max frames, whose numbers only grow; how many there were. */
static unsigned drain(int tap, unsigned max, unsigned *next)
{
	unsigned n, got = 0;
	uint8_t f[2048];

	for (; got < max && read(tap, f, sizeof(f)) == LEN; got++) {
		memcpy(&n, f + LEN - sizeof(n), sizeof(n));
		KT_CHECK(!memcmp(f, frame(n), LEN));
		KT_CHECK(n >= *next);
		*next = n + 1;
	}
	return got;
}

/* The owner of a tap does not read: its device has no room. */
static void room_wakes(void)
{
	int tap = tap_open("kt0");
	unsigned sent = 0, next = 0;
	struct kt_port p;

	kt_open(&p, "kt0");
	kt_mode_is("kt0", KT_VETH);
	for (unsigned i = 0; i < 5; i++) {
		struct pollfd f = {.fd = p.fd, .events = POLLOUT};

		sent = fill(&p, sent);
		KT_CHECK(drain(tap, 200, &next) == 200);
		KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
		KT_CHECK(f.revents == POLLOUT);
	}
	/* All leave by themselves, while the program sleeps. */
	while (next != sent) {
		struct pollfd f = {.fd = tap, .events = POLLIN};

		KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
		drain(tap, sent, &next);
	}
	kt_close(&p);
	close(tap);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++)
		bursts_wake_once(kind);
	printf("room\n");
	room_wakes();
	return 0;
}
