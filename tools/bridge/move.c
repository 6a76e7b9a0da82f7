// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "move.h"

static uint32_t slot_len(const struct netmap_ring *r,
			 const struct netmap_slot *s)
{
	return s->len < r->nr_buf_size ? s->len : r->nr_buf_size;
}

/* The slots of the frame at @slot and its bytes; 0: not all of it is there. */
static uint32_t find_frame(struct netmap_ring *rx, uint32_t slot,
			   uint32_t there, uint32_t *bytes)
{
	uint32_t n = 0;

	*bytes = 0;
	while (n < there) {
		const struct netmap_slot *s = &rx->slot[slot];

		n++;
		*bytes += slot_len(rx, s);
		if (!(s->flags & NS_MOREFRAG))
			return n;
		slot = nm_ring_next(rx, slot);
	}
	return 0;
}

/* Exchanges buffers; returns the tx slot behind. */
static uint32_t swap(struct netmap_ring *rx, uint32_t from,
		     struct netmap_ring *tx, uint32_t to, uint32_t slots)
{
	for (uint32_t i = 0; i < slots; i++) {
		struct netmap_slot *r = &rx->slot[from], *t = &tx->slot[to];
		uint32_t idx = t->buf_idx;

		t->buf_idx = r->buf_idx;
		t->len = (uint16_t)slot_len(rx, r);
		t->flags = (uint16_t)(NS_BUF_CHANGED |
				      (i + 1 < slots ? NS_MOREFRAG : 0));
		r->buf_idx = idx;
		r->flags |= NS_BUF_CHANGED;
		from = nm_ring_next(rx, from);
		to = nm_ring_next(tx, to);
	}
	return to;
}

/* Copies @bytes of a frame; buffers may be of different sizes. */
static uint32_t copy(struct netmap_ring *rx, uint32_t from,
		     struct netmap_ring *tx, uint32_t to, uint32_t bytes)
{
	uint32_t at = 0; /* in slot `from` */

	for (;;) {
		struct netmap_slot *t = &tx->slot[to];
		uint32_t len = 0;

		t->flags &= NS_BUF_CHANGED;
		while (bytes > 0 && len < tx->nr_buf_size) {
			struct netmap_slot *r = &rx->slot[from];
			uint32_t n = slot_len(rx, r) - at;

			if (n > tx->nr_buf_size - len)
				n = tx->nr_buf_size - len;
			nm_pkt_copy(NETMAP_BUF(rx, r->buf_idx) + at,
				    NETMAP_BUF(tx, t->buf_idx) + len, (int)n);
			len += n;
			at += n;
			bytes -= n;
			if (at == slot_len(rx, r)) {
				from = nm_ring_next(rx, from);
				at = 0;
			}
		}
		t->len = (uint16_t)len;
		to = nm_ring_next(tx, to);
		if (bytes == 0)
			return to;
		t->flags |= NS_MOREFRAG;
	}
}

static uint32_t slot_plus(const struct netmap_ring *r, uint32_t i, uint32_t n)
{
	return i + n < r->num_slots ? i + n : i + n - r->num_slots;
}

/* Slots that a copy takes. */
static uint32_t slots_of(const struct netmap_ring *tx, uint32_t bytes)
{
	return bytes ? (bytes + tx->nr_buf_size - 1) / tx->nr_buf_size : 1;
}

uint32_t move_frames(struct netmap_ring *rx, struct netmap_ring *tx,
		     uint32_t max, bool zero_copy, struct move_count *count,
		     bool *no_room)
{
	uint32_t from = rx->head, there = nm_ring_space(rx);
	uint32_t to = tx->head, room = nm_ring_space(tx), n = 0;
	uint32_t wake;

	*no_room = false;
	for (; n < max; n++) {
		uint32_t bytes, slots = find_frame(rx, from, there, &bytes);
		uint32_t need = zero_copy ? slots : slots_of(tx, bytes);
		bool fits = need <= NETMAP_MAX_FRAGS && need < tx->num_slots;

		*no_room = slots && fits && need > room;
		if (slots == 0 || *no_room)
			break;
		if (!fits) {
			count->dropped++;
		} else {
			to = zero_copy ? swap(rx, from, tx, to, slots)
				       : copy(rx, from, tx, to, bytes);
			room -= need;
			count->frames++;
			count->bytes += bytes;
		}
		there -= slots;
		for (uint32_t i = 0; i < slots; i++)
			from = nm_ring_next(rx, from);
	}
	wake = n < max && !*no_room ? slot_plus(rx, from, there) : from;
	nm_ring_release_(rx, from);
	rx->cur = wake;
	nm_ring_release_(tx, to);
	return n;
}
