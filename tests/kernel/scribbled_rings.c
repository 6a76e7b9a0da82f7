// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A program that rewrites its rings while the module works on them does no
 * harm: the machine lives, and two ports beside it lose no frame.
 *
 *      vale1:evil  <--  two threads sync, one writes noise
 *      vale1:next       on the same switch, in a region of its own
 *      vale2:a --> vale2:b    each frame is checked
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt.h"

#define FRAMES 2000

static struct kt_port evil, neighbour;
static atomic_bool over;

static uint32_t noise(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Plausible and absurd values in turn: absurd ones alone end at the first
 * check. */
static uint32_t number(uint32_t *state, uint32_t plausible)
{
	uint32_t n = noise(state);

	return n & 1 ? noise(state) % plausible : noise(state);
}

static void *scribble(void *arg)
{
	uint32_t state = 2463534242u;

	(void)arg;
	while (!atomic_load(&over)) {
		struct netmap_ring *r = noise(&state) & 1 ? evil.tx : evil.rx;
		volatile struct netmap_slot *s = &r->slot[noise(&state) % 1024];

		s->buf_idx = number(&state, 4000);
		s->len = (uint16_t)number(&state, 2112);
		s->flags = (uint16_t)noise(&state);
		s->ptr = noise(&state) & 1 ? number(&state, 4096)
					   : (uintptr_t)evil.mem;
		if (noise(&state) % 4)
			continue;
		*(volatile uint32_t *)&r->head = number(&state, 1024);
		*(volatile uint32_t *)&r->cur = number(&state, 1024);
		*(volatile uint32_t *)&r->tail = number(&state, 1024);
		*(volatile uint32_t *)&r->flags = noise(&state);
	}
	return NULL;
}

/* Takes whatever came: its lengths are noise as well. */
static void drain(struct kt_port *p)
{
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	p->rx->head = p->rx->cur = p->rx->tail;
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
}

static void *synchronize(void *arg)
{
	struct pollfd p = {.fd = evil.fd, .events = POLLIN | POLLOUT};

	(void)arg;
	while (!atomic_load(&over)) {
		KT_CHECK(ioctl(evil.fd, NIOCTXSYNC) == 0);
		KT_CHECK(ioctl(evil.fd, NIOCRXSYNC) == 0);
		KT_CHECK(poll(&p, 1, 0) >= 0);
		/* answers, so that the bad ring has something to receive */
		drain(&neighbour);
		kt_send(&neighbour, 9);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[2];
	struct kt_port a, b;

	kt_open(&evil, "vale1:evil");
	kt_open(&neighbour, "vale1:next");
	kt_open(&a, "vale2:a");
	kt_open(&b, "vale2:b");
	KT_CHECK(pthread_create(&threads[0], NULL, scribble, NULL) == 0);
	KT_CHECK(pthread_create(&threads[1], NULL, synchronize, NULL) == 0);
	for (int i = 0; i < FRAMES; i++) {
		kt_send(&a, (uint8_t)i);
		KT_CHECK(kt_receive(&b) == (uint8_t)i);
		ioctl(evil.fd, NIOCTXSYNC);
	}
	atomic_store(&over, true);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	kt_close(&evil);
	kt_close(&neighbour);
	kt_close(&a);
	kt_close(&b);
	return 0;
}
