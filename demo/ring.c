// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* ring.c - frames into rings and out of them, of whatever home. */
#include <string.h>
#include "demo.h"

static void release(struct netmap_ring *ring, uint32_t i)
{
	__atomic_store_n(&ring->cur, i, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, i, __ATOMIC_RELEASE);
}

void ring_put(struct netmap_ring *ring, const struct frame *f)
{
	const uint8_t *data = f->data;
	uint32_t left = f->len, i = ring->head;

	do {
		struct netmap_slot *slot = &ring->slot[i];
		uint32_t piece = left;

		if (piece > ring->nr_buf_size)
			piece = ring->nr_buf_size;
		memcpy(NETMAP_BUF(ring, slot->buf_idx), data, piece);
		slot->len = (uint16_t)piece;
		data += piece;
		left -= piece;
		slot->flags = left ? NS_MOREFRAG : 0;
		i = nm_ring_next(ring, i);
	} while (left);
	release(ring, i);
}

bool ring_take(struct netmap_ring *ring, uint8_t *buf, struct frame *f)
{
	uint32_t i = ring->head, tail = nm_ring_tail_(ring);
	bool whole = false;

	f->data = buf;
	f->len = 0;
	while (!whole && i != tail) {
		const struct netmap_slot *slot = &ring->slot[i];

		if (f->len + slot->len > MAX_FRAME)
			return false;
		memcpy(buf + f->len, NETMAP_BUF(ring, slot->buf_idx),
		       slot->len);
		f->len += slot->len;
		i = nm_ring_next(ring, i);
		/* slots of length 0 that end a frame of none are no frame */
		whole = !(slot->flags & NS_MOREFRAG) && f->len;
	}
	if (whole || !f->len)
		release(ring, i);
	return whole;
}

bool frame_same(const struct frame *a, const struct frame *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}
