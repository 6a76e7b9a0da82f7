// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Between a port and a driver no frame is lost, doubled or overtaken: what the
 * driver (modules/nmsink) receives comes in order, as far as the ring has room;
 * what it is to send it gets in order, also when it takes few at a time, is full
 * for a while, or refuses XDP frames. Who waits for room wakes. When the driver
 * is unloaded the port ends.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "kt_nic.h"

#define NUMBER_AT 14
#define MANY	  10000
#define BURST	  500

/* ---- rx ---- */

static uint32_t rx_number; /* of the next frame that the driver receives */

/* Takes what is there, frames of @len bytes, from rx_number on; how many. */
static unsigned take(struct kt_port *p, unsigned len)
{
	struct netmap_ring *r = p->rx;
	unsigned n = 0;

	for (; r->head != r->tail; n++) {
		struct netmap_slot *s = &r->slot[r->head];
		uint32_t number;

		memcpy(&number, kt_buffer(r, s->buf_idx) + NUMBER_AT,
		       sizeof(number));
		KT_CHECK(s->len == len && number == rx_number);
		rx_number++;
		r->head = r->cur = kt_next(r, r->head);
	}
	return n;
}

static void receives(struct kt_port *p, unsigned len)
{
	unsigned long before = kt_sink_get(0, "rx_dropped");

	kt_sink_set(0, "len", len);
	for (unsigned n = 0; n < MANY; n += BURST) {
		kt_sink_set(0, "rx", BURST);
		for (unsigned got = 0; got < BURST; got += take(p, len)) {
			struct pollfd f = {.fd = p->fd, .events = POLLIN};

			KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
			KT_CHECK(f.revents == POLLIN);
		}
	}
	/* The driver has all its pages back. */
	KT_CHECK(kt_sink_get(0, "rx_dropped") == before + MANY);
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0 && take(p, len) == 0);
}

/* The first ones are kept, those that find no room are not. */
static void receives_too_much(struct kt_port *p)
{
	unsigned room = p->rx->num_slots - 1, sent = 3 * room;
	unsigned long before = kt_sink_get(0, "rx_dropped");
	uint32_t first = rx_number;

	kt_sink_set(0, "len", 60);
	kt_sink_set(0, "rx", sent);
	KT_CHECK(kt_sink_becomes(0, "rx_dropped", before + sent));
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	KT_CHECK(take(p, 60) == room);
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	KT_CHECK(take(p, 60) == 0);
	rx_number = first + sent;
	receives(p, 60);
}

/* ---- tx ---- */

static uint32_t tx_number;   /* of the next frame that is sent */
static unsigned long tx_odd; /* frames that did not follow the one before */

/* Up to @n frames into the ring; how many. */
static unsigned put(struct kt_port *p, unsigned n)
{
	struct netmap_ring *r = p->tx;
	unsigned i;

	for (i = 0; i < n && r->head != r->tail; i++, tx_number++) {
		struct netmap_slot *s = &r->slot[r->head];
		uint8_t *b = kt_buffer(r, s->buf_idx);

		memset(b, 2, NUMBER_AT);
		memcpy(b + NUMBER_AT, &tx_number, sizeof(tx_number));
		s->len = (uint16_t)(60 + tx_number % 1455);
		s->flags = 0;
		r->head = r->cur = kt_next(r, r->head);
	}
	return i;
}

/* Each in its turn, by a program that only polls. */
static void send_all(struct kt_port *p, unsigned n)
{
	while (n) {
		struct pollfd f = {.fd = p->fd, .events = POLLOUT};

		KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
		KT_CHECK(f.revents == POLLOUT);
		n -= put(p, n);
	}
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
}

/* @n frames get there; of these as skbs between @least and @most. */
static void sends(struct kt_port *p, unsigned n, unsigned least, unsigned most)
{
	unsigned long frames = kt_sink_get(0, "tx_frames");
	unsigned long bytes = kt_sink_get(0, "tx_bytes");
	unsigned long skbs = kt_sink_get(0, "tx_skbs");

	for (unsigned i = 0; i < n; i++)
		bytes += 60 + (tx_number + i) % 1455;
	send_all(p, n);
	KT_CHECK(kt_sink_becomes(0, "tx_frames", frames + n));
	KT_CHECK(kt_sink_get(0, "tx_bytes") == bytes);
	KT_CHECK(kt_sink_get(0, "tx_odd") == tx_odd);
	skbs = kt_sink_get(0, "tx_skbs") - skbs;
	printf("%u frames, %lu as skbs\n", n, skbs);
	KT_CHECK(skbs >= least && skbs <= most);
}

static unsigned long dropped(void)
{
	FILE *f = fopen("/sys/class/net/nmsink0/statistics/tx_dropped", "r");
	unsigned long n;

	KT_CHECK(f && fscanf(f, "%lu", &n) == 1);
	fclose(f);
	return n;
}

/* A driver that is full: the ring fills, nothing is lost but what waits too
 * long, and that with a number; then all goes on. */
static void driver_is_full(struct kt_port *p)
{
	struct pollfd f = {.fd = p->fd, .events = POLLOUT};
	unsigned long frames = kt_sink_get(0, "tx_frames"), lost = dropped();
	uint32_t first = tx_number;
	time_t end = time(NULL) + KT_SECONDS;

	kt_sink_set(0, "room", 0);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	put(p, UINT32_MAX);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	KT_CHECK(p->tx->head == p->tx->tail);
	KT_CHECK(kt_sink_get(0, "tx_frames") == frames);
	/* The frame in front is given up some time: a place, and a waker. */
	KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1 && f.revents == POLLOUT);
	KT_CHECK(dropped() > lost);
	kt_sink_set(0, "room", UINT32_MAX);
	frames += tx_number - first;
	while (kt_sink_get(0, "tx_frames") + dropped() != frames + lost) {
		KT_CHECK(time(NULL) < end);
		usleep(1000);
	}
	/* Where they were given up there is a gap, nowhere else. */
	KT_CHECK(kt_sink_get(0, "tx_odd") == tx_odd + 1);
	tx_odd++;
}

static unsigned space(const struct kt_port *p)
{
	const struct netmap_ring *r = p->tx;

	return (r->tail + r->num_slots - r->head) % r->num_slots;
}

/* Slots of a frame come back when the driver has it, not before; those of one
 * that is too long, after those before it. False: it took so long that frames
 * were given up. */
static bool slots_come_back_in_order(struct kt_port *p)
{
	unsigned long lost = dropped();
	time_t end = time(NULL) + KT_SECONDS;
	static uint8_t f[4000];
	unsigned before, meanwhile;

	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	before = space(p);
	kt_sink_set(0, "room", 0);
	memset(f, 2, sizeof(f));
	for (unsigned i = 0; i < 9; i++) {
		memcpy(f + NUMBER_AT, &tx_number, sizeof(tx_number));
		tx_number += i % 3 != 2;
		kt_put_pieces(p->fd, p->tx, f, i % 3 == 2 ? 4000 : 1500, 500);
	}
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	meanwhile = space(p);
	lost = dropped() - lost;
	KT_CHECK(lost >= 3);
	kt_sink_set(0, "room", UINT32_MAX);
	while (space(p) != before) {
		KT_CHECK(time(NULL) < end);
		KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	}
	if (lost > 3)
		return false;
	KT_CHECK(meanwhile == before - 6 * 3 - 3 * 8);
	return true;
}

/* The driver refuses XDP frames, and some time later takes them again. */
static void driver_refuses(struct kt_port *p)
{
	unsigned long skbs;
	time_t end = time(NULL) + KT_SECONDS;

	kt_sink_set(0, "error", ENETDOWN);
	sends(p, MANY, MANY, MANY);
	kt_sink_set(0, "error", 0);
	do {
		KT_CHECK(time(NULL) < end);
		skbs = kt_sink_get(0, "tx_skbs");
		sends(p, 10, 0, 10);
	} while (kt_sink_get(0, "tx_skbs") != skbs);
	sends(p, MANY, 0, 0);
}

/* ---- the end ---- */

/* While frames come and go. */
static void driver_goes(struct kt_port *p)
{
	struct pollfd f = {.fd = p->fd, .events = POLLIN};

	put(p, 100);
	kt_sink_set(0, "room", 0);
	kt_sink_set(0, "rx", 100000);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
	KT_CHECK(kt_sink_unload() == 0);
	KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1 && f.revents & POLLERR);
	KT_FAILS(ioctl(p->fd, NIOCTXSYNC), EIO);
	KT_FAILS(ioctl(p->fd, NIOCRXSYNC), EIO);
	p->tx->slot[0].len = 61; /* the memory is there */
	kt_close(p);
}

int main(void)
{
	struct kt_port p;

	setvbuf(stdout, NULL, _IOLBF, 0);
	kt_sink_load();
	kt_open(&p, "nmsink0");
	kt_mode_is("nmsink0", KT_VETH);
	receives(&p, 60);
	receives(&p, 1514);
	receives_too_much(&p);

	sends(&p, MANY, 0, 0);
	kt_sink_set(0, "room", 3);
	sends(&p, 600, 0, 0);
	kt_sink_set(0, "room", UINT32_MAX);
	while (!slots_come_back_in_order(&p))
		;
	tx_odd = kt_sink_get(0, "tx_odd");
	driver_is_full(&p);
	sends(&p, MANY, 0, 0);
	driver_refuses(&p);
	kt_close(&p);

	/* The stack's again. */
	kt_sink_set(0, "len", 60);
	kt_sink_set(0, "rx", 10);
	KT_CHECK(kt_sink_becomes(0, "rx_passed", 10));
	kt_open(&p, "nmsink0");
	driver_goes(&p);
	return 0;
}
