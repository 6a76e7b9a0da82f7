// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <net/netmap_user.h>
#include "traffic.h"

struct nme_port *port_open(struct nme *w, const char *spec)
{
	struct nme_port *p;

	if (nme_open(w, spec, &p))
		fail_msg("%s: %s", spec, nme_error());
	return p;
}

static void frame_write(uint8_t *buf, uint32_t src, uint32_t dst,
			uint32_t number)
{
	struct stamp s = {.source = src, .number = number};
	uint8_t header[14] = {
		2, 0, 0, 0, 0, (uint8_t)dst, 2, 0, 0, 0, 0, (uint8_t)src, 8, 0};

	memset(buf, 0, FRAME_LEN);
	memcpy(buf, header, sizeof(header));
	memcpy(buf + sizeof(header), &s, sizeof(s));
}

uint32_t frames_send(struct nme_port *p, uint32_t src, uint32_t dst,
		     uint32_t *number, uint32_t n)
{
	struct netmap_ring *ring = NETMAP_TXRING(nme_if(p), 0);
	uint32_t k = ring->head, done = 0;
	uint32_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	for (; done < n && k != tail; done++, k = nm_ring_next(ring, k)) {
		struct netmap_slot *slot = &ring->slot[k];

		frame_write((uint8_t *)NETMAP_BUF(ring, slot->buf_idx), src,
			    dst, (*number)++);
		slot->len = FRAME_LEN;
		slot->flags = 0;
	}
	__atomic_store_n(&ring->cur, k, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, k, __ATOMIC_RELEASE);
	nme_txsync(p);
	return done;
}

uint32_t frames_take(struct nme_port *p,
		     void (*fn)(const struct stamp *s, void *arg), void *arg)
{
	struct netmap_ring *ring = NETMAP_RXRING(nme_if(p), 0);
	uint32_t k, n = 0, tail;
	struct stamp s;

	nme_rxsync(p);
	tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	for (k = ring->head; k != tail; k = nm_ring_next(ring, k), n++) {
		memcpy(&s, NETMAP_BUF(ring, ring->slot[k].buf_idx) + 14,
		       sizeof(s));
		if (fn)
			fn(&s, arg);
	}
	__atomic_store_n(&ring->cur, k, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, k, __ATOMIC_RELEASE);
	return n;
}

void station_announce(struct nme_port *p, uint32_t station)
{
	uint32_t number = 0;

	assert_int_equal(frames_send(p, station, 0xff, &number, 1), 1);
}

struct nmreq_x_stats stats_of(struct nme_port *p, const char *name,
			      uint16_t dir)
{
	struct nmreq_x_stats st = {.x_size = sizeof(st),
				   .x_dir = dir,
				   .x_ring = NETMAP_X_ALL_RINGS};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_STATS_GET,
				 .nr_body = (uintptr_t)&st};

	strcpy(h.nr_name, name);
	if (nme_ioctl(p, NIOCCTRL, &h))
		fail_msg("%s: %s", name, nme_error());
	return st;
}
