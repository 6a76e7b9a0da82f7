/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench_ring.h - fill and read: what the two programs at the ends of a way do.
 *
 * Lengths are constants at every call, so that each copy is compiled for its
 * length, and the functions into the loops that use them. Only one program
 * uses each ring, so its fields are read once per batch.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <netmap_embedded.h>
#include <net/netmap_user.h>
#include "bench.h"

#define BENCH_BATCH 256u

#define BENCH_INLINE static inline __attribute__((always_inline))

/* Slots from @i on that lie side by side, at most @n. */
BENCH_INLINE unsigned bench_stretch(const struct netmap_ring *ring, uint32_t i,
				    unsigned n)
{
	return n < ring->num_slots - i ? n : ring->num_slots - i;
}

/* The slot after a stretch of @n. */
BENCH_INLINE uint32_t bench_after(const struct netmap_ring *ring, uint32_t i,
				  unsigned n)
{
	return i + n == ring->num_slots ? 0 : i + n;
}

/* Hands the slots before @i over; netmap may look at any time. */
BENCH_INLINE void bench_release(struct netmap_ring *ring, uint32_t i)
{
	__atomic_store_n(&ring->cur, i, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, i, __ATOMIC_RELEASE);
}

/* Puts @n frames of @len bytes in the ring; it must have room for them. */
BENCH_INLINE void bench_fill(struct netmap_ring *ring, unsigned n,
			     const uint8_t *frame, const unsigned len)
{
	char *bufs = NETMAP_BUF(ring, 0);
	const size_t buf_size = ring->nr_buf_size;
	uint32_t i = ring->head;

	while (n) {
		const unsigned stretch = bench_stretch(ring, i, n);
		struct netmap_slot *slot = &ring->slot[i];

		for (unsigned k = 0; k < stretch; k++, slot++) {
			slot->len = (uint16_t)len;
			slot->flags = 0;
			memcpy(bufs + slot->buf_idx * buf_size, frame, len);
		}
		n -= stretch;
		i = bench_after(ring, i, stretch);
	}
	bench_release(ring, i);
}

/* Index, length and flags of a slot, in one load. */
BENCH_INLINE uint64_t bench_slot(const struct netmap_slot *slot)
{
	return *(const bench_word *)slot;
}

/* Reads all frames that are there and gives their slots back; returns how
 * many. */
BENCH_INLINE unsigned bench_read(struct netmap_ring *ring, uint64_t *sum)
{
	const char *bufs = NETMAP_BUF(ring, 0);
	const size_t buf_size = ring->nr_buf_size;
	const unsigned frames = nm_ring_space(ring);
	uint32_t i = ring->head;
	uint64_t s = *sum;

	for (unsigned n = frames; n;) {
		const unsigned stretch = bench_stretch(ring, i, n);
		const struct netmap_slot *slot = &ring->slot[i];

		for (unsigned k = 0; k < stretch; k++, slot++) {
			const uint64_t w = bench_slot(slot);

			s += w;
			s += bench_read64(bufs + (uint32_t)w * buf_size);
		}
		n -= stretch;
		i = bench_after(ring, i, stretch);
	}
	bench_release(ring, i);
	*sum = s;
	return frames;
}

/* ---- worlds with ports in them; all refuse on failure ---- */

/* A world whose switches hold @stations (0: default); NULL: refused. */
struct nme *bench_world(uint32_t stations);
/* NULL: refused. */
struct nme_port *bench_port(struct nme *world, const char *spec);

/* Sends one frame from @from, source @src, to nobody (broadcast), so that the
 * switch learns where @src is; the other ports drop or keep it. */
bool bench_learn(struct nme_port *from, const uint8_t src[6]);
/* Takes what is in the receive ring away. */
void bench_drain(struct nme_port *port);

static inline struct netmap_ring *bench_tx(const struct nme_port *port)
{
	return NETMAP_TXRING(nme_if(port), 0);
}

static inline struct netmap_ring *bench_rx(const struct nme_port *port)
{
	return NETMAP_RXRING(nme_if(port), 0);
}

/* Address of station @i (any 32 bits), computed: no table beside the
 * switch's own. */
static inline void bench_station(uint8_t mac[6], uint32_t i)
{
	mac[0] = 0x02; /* locally administered, not a group */
	mac[1] = 0xfd;
	memcpy(mac + 2, &i, 4);
}

#endif
