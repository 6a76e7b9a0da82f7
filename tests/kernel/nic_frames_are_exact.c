// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Frames of every size pass between two interfaces in netmap mode as they are,
 * with any driver; senders get their slots back, whether somebody receives or
 * not. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kt_nic.h"

#define SHORT 60
#define LONG  1514
#define FLOOD 3000

/* Byte @i of frame @n; a type that no protocol takes. */
static uint8_t byte_at(unsigned n, unsigned i)
{
	static const uint8_t header[] = {2, 0, 0, 0, 0, 2,    2,
					 0, 0, 0, 0, 1, 0x88, 0xb5};

	return i < sizeof(header) ? header[i]
				  : (uint8_t)(n * 31 + i * 7 + i / 251);
}

static unsigned len_of(unsigned n)
{
	return SHORT + n % (LONG - SHORT + 1);
}

/* Frame @n goes into the ring, if that has room. */
static bool put(struct kt_port *p, unsigned n)
{
	struct netmap_ring *r = p->tx;
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *b = kt_buffer(r, s->buf_idx);

	if (r->head == r->tail)
		return false;
	s->len = (uint16_t)len_of(n);
	s->flags = 0;
	for (unsigned i = 0; i < s->len; i++)
		b[i] = byte_at(n, i);
	r->head = r->cur = kt_next(r, r->head);
	return true;
}

/* Takes what has come, frame @n and those after it; how many. */
static unsigned take(struct kt_port *p, unsigned n)
{
	struct netmap_ring *r = p->rx;
	unsigned got = 0;

	for (; r->head != r->tail; got++, n++) {
		struct netmap_slot *s = &r->slot[r->head];
		uint8_t *b = kt_buffer(r, s->buf_idx);

		KT_CHECK(s->len == len_of(n));
		for (unsigned i = 0; i < s->len; i++)
			if (b[i] != byte_at(n, i)) {
				printf("frame %u, %u bytes, differs at %u\n", n,
				       s->len, i);
				KT_CHECK(b[i] == byte_at(n, i));
			}
		r->head = r->cur = kt_next(r, r->head);
	}
	return got;
}

static void wait_for(struct kt_port *p, short events)
{
	struct pollfd f = {.fd = p->fd, .events = events};

	KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(f.revents == events);
}

/* What is sent faster than received may be lost, so the sender keeps pace. */
static void frames_pass(struct kt_port *from, struct kt_port *to, unsigned n)
{
	unsigned sent = 0, got = 0;

	while (got < n) {
		while (sent < n && sent - got < 64 && put(from, sent))
			sent++;
		KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
		wait_for(to, POLLIN);
		got += take(to, got);
	}
	KT_CHECK(got == n);
}

/* A sender that only polls gets slots back, without end. */
static void senders_wake(struct kt_port *from)
{
	for (unsigned sent = 0; sent < FLOOD;) {
		wait_for(from, POLLOUT);
		while (put(from, 0))
			sent++;
	}
}

static void try_kind(enum kt_kind kind)
{
	struct kt_port a, b;
	struct kt_pair pair;

	if (!kt_pair_make(&pair, kind)) {
		printf("no %s here\n", kt_kind_name[kind]);
		return;
	}
	printf("%s\n", kt_kind_name[kind]);
	fflush(stdout);
	kt_open(&a, pair.a);
	kt_open(&b, pair.b);
	kt_mode_is(pair.a, kind);
	kt_mode_is(pair.b, kind);
	frames_pass(&a, &b, LONG - SHORT + 1);
	frames_pass(&b, &a, LONG - SHORT + 1);
	senders_wake(&a);
	kt_close(&b);
	senders_wake(&a);
	kt_close(&a);
	kt_pair_end(&pair);
}

int main(void)
{
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++)
		try_kind(kind);
	return 0;
}
