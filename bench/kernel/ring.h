/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ring.h - ports and their rings, as the rows of netmap use them. */
#ifndef BENCH_KERNEL_RING_H
#define BENCH_KERNEL_RING_H

#include <stdbool.h>
#include <string.h>
#include <net/netmap.h>

#include "bench.h"

/* A descriptor bound to all rings of a port; the first ones. */
struct end {
	int fd;
	struct netmap_ring *tx;
	struct netmap_ring *rx;
};

/* 0, or -1 and errno. */
int end_open(struct end *e, const char *name);
/* RXSYNC, and waits for @n frames; false: they do not come. */
bool end_wait(struct end *e, uint32_t n);
/* Station 2, at @from, says a word that comes to @to: a switch then knows where
 * it is. */
int introduce(struct end *from, struct end *to);

/* From station 1 to station 2, once a row has been set up. */
extern uint8_t short_frame[64];

typedef uint64_t pair __attribute__((vector_size(16)));
extern pair seen; /* what was read, so that it has to be read */

static inline uint8_t *buffer(struct netmap_ring *r, uint32_t i)
{
	return (uint8_t *)r + r->buf_ofs + (size_t)i * r->nr_buf_size;
}

static inline uint32_t next(const struct netmap_ring *r, uint32_t i)
{
	return i + 1 == r->num_slots ? 0 : i + 1;
}

static inline uint32_t available(const struct netmap_ring *r)
{
	uint32_t tail = *(volatile uint32_t *)&r->tail;

	return tail >= r->head ? tail - r->head : tail + r->num_slots - r->head;
}

/* Fills @n slots with frames of @len bytes; inlined for a constant @len. */
static inline uint32_t fill(struct netmap_ring *r, uint32_t n, uint16_t len,
			    const uint8_t *frame)
{
	uint32_t head = r->head;

	for (; n; n--) {
		struct netmap_slot *s = &r->slot[head];

		memcpy(buffer(r, s->buf_idx), frame, len);
		s->len = len;
		s->flags = 0;
		head = next(r, head);
	}
	return head;
}

static inline uint32_t take(struct netmap_ring *r, uint32_t n)
{
	uint32_t head = r->head;
	pair sum = seen;

	for (; n; n--) {
		const struct netmap_slot *s = &r->slot[head];
		const pair *p = (const pair *)(void *)buffer(r, s->buf_idx);

		sum ^= p[0] ^ p[1] ^ p[2] ^ p[3];
		sum[0] += s->len + s->flags;
		head = next(r, head);
	}
	seen = sum;
	return head;
}

static inline void move(struct netmap_ring *r, uint32_t head)
{
	*(volatile uint32_t *)&r->cur = head;
	*(volatile uint32_t *)&r->head = head;
}

/* Frames that are there do not end a poll any more, only new ones. */
static inline void move_cur(struct netmap_ring *r)
{
	*(volatile uint32_t *)&r->cur = *(volatile uint32_t *)&r->tail;
}

#endif
