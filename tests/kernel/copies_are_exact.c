// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A switch copies frames of every length to the byte, and not one byte more:
 * whatever way of copying a length selects. */
#include <string.h>
#include <sys/ioctl.h>

#include "kt.h"

#define HEADER	14
#define UNUSED	0xee
#define PATTERN 251 /* prime: no power-of-two step hides in it */

static uint32_t next(const struct netmap_ring *r, uint32_t i)
{
	return i + 1 == r->num_slots ? 0 : i + 1;
}

static void send_length(struct kt_port *p, uint16_t len)
{
	struct netmap_slot *s = &p->tx->slot[p->tx->head];
	uint8_t *frame = kt_buffer(p->tx, s->buf_idx);

	for (uint32_t i = 0; i < p->tx->nr_buf_size; i++)
		frame[i] = (uint8_t)((i + len) % PATTERN);
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	s->len = len;
	s->flags = 0;
	p->tx->head = p->tx->cur = next(p->tx, p->tx->head);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
}

static void check_length(struct kt_port *p, uint16_t len)
{
	struct netmap_slot *s = &p->rx->slot[p->rx->head];
	uint8_t *frame = kt_buffer(p->rx, s->buf_idx);

	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	KT_CHECK(p->rx->head != p->rx->tail);
	KT_CHECK(s->len == len);
	for (uint32_t i = 12; i < len; i++)
		KT_CHECK(frame[i] == (uint8_t)((i + len) % PATTERN));
	for (uint32_t i = len; i < p->rx->nr_buf_size; i++)
		KT_CHECK(frame[i] == UNUSED);
	p->rx->head = p->rx->cur = next(p->rx, p->rx->head);
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
}

int main(void)
{
	struct kt_port a, b;
	uint32_t len;

	kt_open(&a, "vale0:a");
	kt_open(&b, "vale0:b");
	for (len = HEADER; len <= a.tx->nr_buf_size; len++) {
		memset(kt_buffer(b.rx, b.rx->slot[b.rx->head].buf_idx), UNUSED,
		       b.rx->nr_buf_size);
		send_length(&a, (uint16_t)len);
		check_length(&b, (uint16_t)len);
	}
	kt_close(&a);
	kt_close(&b);
	return 0;
}
