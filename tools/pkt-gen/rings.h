/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* rings.h - walks frames in receive rings; inline, so that what is done with a
 * frame is compiled into the loop. */
#ifndef PKT_GEN_RINGS_H
#define PKT_GEN_RINGS_H

#include <net/netmap_user.h>
#include "target.h"

/* A frame that was received: its first piece, and where the others are. */
struct rx_frame {
	const uint8_t *data; /* vnet bytes included */
	uint32_t len;	     /* of the first piece */
	uint32_t total;
	struct netmap_ring *ring; /* NULL: there is but one piece */
	uint32_t slot, slots;
};

static inline uint32_t slot_len(const struct netmap_ring *ring,
				const struct netmap_slot *slot)
{
	return slot->len < ring->nr_buf_size ? slot->len : ring->nr_buf_size;
}

/* Finds the frame that begins at @slot of the @space slots there: its slots, and
 * its bytes in *@total; 0: not all of it is there. */
static inline uint32_t frame_slots(struct netmap_ring *ring, uint32_t slot,
				   uint32_t space, uint32_t *total)
{
	uint32_t n = 0, sum = 0;

	while (n < space) {
		const struct netmap_slot *s = &ring->slot[slot];

		n++;
		sum += slot_len(ring, s);
		if (!(s->flags & NS_MOREFRAG)) {
			*total = sum;
			return n;
		}
		slot = nm_ring_next(ring, slot);
	}
	return 0;
}

static inline uint32_t slot_plus(const struct netmap_ring *ring, uint32_t slot,
				 uint32_t n)
{
	slot += n;
	return slot < ring->num_slots ? slot : slot - ring->num_slots;
}

/* Gives up what is in front of @slot, where @space slots follow that are no whole
 * frame: the rest of it is to wake us. */
static inline void rx_release(struct netmap_ring *ring, uint32_t slot,
			      uint32_t space)
{
	nm_ring_release_(ring, slot);
	ring->cur = slot_plus(ring, slot, space);
}

/* Copies a frame together. Returns its bytes, at most @size. */
static inline uint32_t rx_gather(const struct rx_frame *f, uint8_t *to,
				 uint32_t size)
{
	uint32_t at = 0, slot = f->slot;

	if (!f->ring) {
		at = f->len < size ? f->len : size;
		memcpy(to, f->data, at);
		return at;
	}
	for (uint32_t i = 0; i < f->slots; i++) {
		const struct netmap_slot *s = &f->ring->slot[slot];
		uint32_t len = slot_len(f->ring, s);

		if (len > size - at)
			len = size - at;
		memcpy(to + at, NETMAP_BUF(f->ring, s->buf_idx), len);
		at += len;
		slot = nm_ring_next(f->ring, slot);
	}
	return at;
}

typedef void (*rx_fn)(void *arg, const struct rx_frame *f);

/* Calls @fn for up to @max frames of a ring and gives their slots back. Returns
 * how many, and adds their bytes to *@bytes. */
static inline __attribute__((always_inline)) uint32_t
rx_each(struct netmap_ring *ring, uint32_t max, rx_fn fn, void *arg,
	uint64_t *bytes)
{
	uint32_t slot = ring->head, space = nm_ring_space(ring), n = 0;
	struct rx_frame f = {.ring = ring};

	for (; n < max; n++) {
		f.slots = frame_slots(ring, slot, space, &f.total);
		if (!f.slots) {
			rx_release(ring, slot, space);
			return n;
		}
		f.slot = slot;
		f.data = (uint8_t *)NETMAP_BUF(ring, ring->slot[slot].buf_idx);
		f.len = slot_len(ring, &ring->slot[slot]);
		fn(arg, &f);
		*bytes += f.total;
		space -= f.slots;
		slot = slot_plus(ring, slot, f.slots);
	}
	nm_ring_release_(ring, slot);
	return n;
}

#endif
