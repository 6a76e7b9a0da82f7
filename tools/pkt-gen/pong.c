// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * pong: send back what arrives, its addresses exchanged. In a netmap port the
 * buffers change places between the receive and the transmit ring, unless the
 * frames are to be copied (-o 4, 8).
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cli.h"
#include "rings.h"
#include "stop.h"
#include "worker.h"

/* Moves one slot; the rx slot has another buffer then. */
static void move(const struct worker *w, struct netmap_ring *rx,
		 struct netmap_slot *from, struct netmap_ring *tx,
		 struct netmap_slot *to)
{
	uint32_t bits = w->o->bits, len = slot_len(rx, from);
	uint32_t idx = to->buf_idx;

	if (bits & OPT_MEMCPY) {
		memcpy(NETMAP_BUF(tx, idx), NETMAP_BUF(rx, from->buf_idx), len);
	} else if (bits & OPT_COPY) {
		nm_pkt_copy(NETMAP_BUF(rx, from->buf_idx), NETMAP_BUF(tx, idx),
			    (int)len);
	} else {
		to->buf_idx = from->buf_idx;
		from->buf_idx = idx;
		from->flags |= NS_BUF_CHANGED;
	}
	to->len = (uint16_t)len;
	to->flags = (uint16_t)((from->flags & NS_MOREFRAG) |
			       (bits & (OPT_COPY | OPT_MEMCPY)
					? to->flags & NS_BUF_CHANGED
					: NS_BUF_CHANGED));
}

static void turn(const struct worker *w, struct netmap_ring *rx,
		 struct netmap_slot *slot)
{
	uint8_t *data = (uint8_t *)NETMAP_BUF(rx, slot->buf_idx);
	uint32_t len = slot_len(rx, slot);

	if (w->o->bits & OPT_DUMP)
		dump_frame(data, len);
	if (len > w->target.vnet)
		frame_turn(data + w->target.vnet, len - w->target.vnet);
}

/* Sends back up to @max frames of @rx by @tx; how many. Sets *@is_full if the
 * next one does not fit. */
static uint32_t echo(struct worker *w, struct netmap_ring *rx,
		     struct netmap_ring *tx, uint64_t max, uint64_t *bytes,
		     bool *is_full)
{
	uint32_t from = rx->head, there = nm_ring_space(rx), n = 0;
	uint32_t to = tx->head, room = nm_ring_space(tx);

	worker_space(w, room);
	while (n < max) {
		uint32_t total, slots = frame_slots(rx, from, there, &total);

		if (slots == 0) {
			rx_release(rx, from, there);
			nm_ring_release_(tx, to);
			return n;
		}
		if (slots > room) {
			*is_full = true;
			break;
		}
		turn(w, rx, &rx->slot[from]);
		for (uint32_t i = 0; i < slots; i++) {
			move(w, rx, &rx->slot[from], tx, &tx->slot[to]);
			from = nm_ring_next(rx, from);
			to = nm_ring_next(tx, to);
		}
		there -= slots;
		room -= slots;
		*bytes += total;
		n++;
	}
	nm_ring_release_(rx, from);
	nm_ring_release_(tx, to);
	return n;
}

/* Ring i is answered on ring i, or on one of those there are. */
static uint64_t echo_rings(struct worker *w, uint64_t left, uint64_t *bytes,
			   bool *is_full)
{
	struct nmport_d *d = w->target.d;
	unsigned n_tx = (unsigned)(d->last_tx_ring - d->first_tx_ring + 1);
	uint64_t n = 0;

	for (unsigned i = d->first_rx_ring; i <= d->last_rx_ring; i++) {
		unsigned j = (i - d->first_rx_ring) % n_tx;
		uint64_t max = left - n;

		n += echo(w, NETMAP_RXRING(d->nifp, i),
			  NETMAP_TXRING(d->nifp, d->first_tx_ring + j),
			  max < w->o->burst ? max : w->o->burst, bytes,
			  is_full);
	}
	return n;
}

static int64_t echo_plain(struct worker *w, uint64_t left, uint64_t *bytes)
{
	static __thread uint8_t copy[FRAME_MAX + 12];
	const uint8_t *data;
	uint32_t len, vnet = w->target.vnet;
	uint64_t n = 0;
	int got;

	while (n < left && n < w->o->burst &&
	       (got = target_receive(&w->target, &data, &len)) != 0) {
		if (got < 0)
			return -1;
		if (len < vnet || len > sizeof(copy))
			continue;
		memcpy(copy, data, len);
		if (w->o->bits & OPT_DUMP)
			dump_frame(copy, len);
		frame_turn(copy + vnet, len - vnet);
		got = target_send(&w->target, copy, len);
		if (got < 0)
			return -1;
		w->dropped += got == 0;
		*bytes += len;
		n++;
	}
	return (int64_t)n;
}

static bool step(struct worker *w, uint64_t *left)
{
	uint64_t bytes = 0;
	bool is_full = false;
	int64_t n = w->target.d
			    ? (int64_t)echo_rings(w, *left, &bytes, &is_full)
			    : echo_plain(w, *left, &bytes);

	if (n < 0)
		return false;
	if (n == 0) /* no frames, or no room for them */
		return target_wait(&w->target, is_full, STOP_LOOK_MS);
	w->end = clock_ns();
	if (!w->begin)
		w->begin = w->end;
	worker_count(w, (uint64_t)n, bytes);
	*left -= (uint64_t)n;
	return target_flush(&w->target);
}

bool pong_run(struct worker *w)
{
	uint64_t left = w->count;

	while (left > 0 && !stop_wanted())
		if (!step(w, &left))
			return false;
	return true;
}
