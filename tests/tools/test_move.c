// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* bridge's way from ring to ring, on rings in memory of the test's own. */
#include "check.h"
#include "move.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS	 8
#define BUFS	 64
#define BUF_SIZE 256

struct test_ring {
	struct netmap_ring *ring;
	char *bufs;
};

static void set(const void *field, const void *value, size_t size)
{
	memcpy((void *)(uintptr_t)field, value, size);
}

/* A ring on @bufs (NULL: its own) with slots that have buffers @first on. */
static struct test_ring make(uint32_t buf_size, char *bufs, uint32_t first)
{
	size_t size =
		sizeof(struct netmap_ring) + SLOTS * sizeof(struct netmap_slot);
	struct test_ring t = {.bufs = bufs ? bufs : calloc(BUFS, buf_size)};
	uint32_t n = SLOTS;
	int64_t ofs;

	t.ring = aligned_alloc(128, (size + 127) / 128 * 128);
	assert_non_null(t.ring);
	assert_non_null(t.bufs);
	memset(t.ring, 0, size);
	ofs = t.bufs - (char *)t.ring;
	set(&t.ring->buf_ofs, &ofs, sizeof(ofs));
	set(&t.ring->num_slots, &n, sizeof(n));
	set(&t.ring->nr_buf_size, &buf_size, sizeof(buf_size));
	for (uint32_t i = 0; i < SLOTS; i++)
		t.ring->slot[i].buf_idx = first + i;
	return t;
}

static void destroy(struct test_ring *t, bool bufs)
{
	free(t->ring);
	if (bufs)
		free(t->bufs);
}

/* Slots i .. i + n - 1 of an rx ring are there, each with @len bytes: one frame
 * if @chained, else n. */
static void arrive(struct netmap_ring *r, uint32_t n, uint16_t len,
		   bool chained)
{
	for (uint32_t i = 0; i < n; i++) {
		struct netmap_slot *s = &r->slot[r->tail];

		s->len = len;
		s->flags = chained && i + 1 < n ? NS_MOREFRAG : 0;
		for (uint32_t b = 0; b < len; b++)
			NETMAP_BUF(r, s->buf_idx)[b] = (char)(i * len + b);
		r->tail = nm_ring_next(r, r->tail);
	}
}

static void has(struct netmap_ring *r, uint32_t slot, uint32_t from,
		uint16_t len)
{
	assert_int_equal(r->slot[slot].len, len);
	for (uint32_t b = 0; b < len; b++)
		assert_int_equal(NETMAP_BUF(r, r->slot[slot].buf_idx)[b],
				 (char)(from + b));
}

static void exchanged(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(BUF_SIZE, rx.bufs, 2 + SLOTS);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = SLOTS - 1;
	arrive(rx.ring, 3, 100, true);
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, true, &c, &no_room),
			 1);
	assert_false(no_room);
	assert_int_equal(c.bytes, 300);
	assert_int_equal(rx.ring->head, 3);
	assert_int_equal(tx.ring->head, 3);
	for (uint32_t i = 0; i < 3; i++) {
		has(tx.ring, i, i * 100, 100);
		assert_int_equal(tx.ring->slot[i].buf_idx, 2 + i);
		assert_int_equal(tx.ring->slot[i].flags,
				 NS_BUF_CHANGED | (i < 2 ? NS_MOREFRAG : 0));
		assert_int_equal(rx.ring->slot[i].buf_idx, 2 + SLOTS + i);
		assert_true(rx.ring->slot[i].flags & NS_BUF_CHANGED);
	}
	destroy(&tx, false);
	destroy(&rx, true);
}

static void copied(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(64, NULL, 2);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = SLOTS - 1;
	arrive(rx.ring, 2, 100, true); /* 200 bytes: 64, 64, 64, 8 */
	arrive(rx.ring, 1, 64, false);
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, false, &c, &no_room),
			 2);
	assert_int_equal(tx.ring->head, 5);
	for (uint32_t i = 0; i < 4; i++) {
		has(tx.ring, i, i * 64, i < 3 ? 64 : 8);
		assert_int_equal(tx.ring->slot[i].flags,
				 i < 3 ? NS_MOREFRAG : 0);
		assert_int_equal(tx.ring->slot[i].buf_idx, 2 + i);
	}
	has(tx.ring, 4, 0, 64);
	assert_int_equal(c.frames, 2);
	destroy(&tx, true);
	destroy(&rx, true);
}

static void whole_frames(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(BUF_SIZE, rx.bufs, 2 + SLOTS);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = 2; /* room for two */
	arrive(rx.ring, 1, 10, false);
	arrive(rx.ring, 2, 10, true);
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, true, &c, &no_room),
			 1);
	assert_true(no_room);
	assert_int_equal(rx.ring->head, 1);
	assert_int_equal(rx.ring->cur, 1);
	tx.ring->tail = 3;
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, true, &c, &no_room),
			 1);
	assert_int_equal(rx.ring->head, 3);
	destroy(&tx, false);
	destroy(&rx, true);
}

static void unfinished(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(BUF_SIZE, rx.bufs, 2 + SLOTS);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = SLOTS - 1;
	arrive(rx.ring, 1, 10, false);
	arrive(rx.ring, 2, 10, true);
	rx.ring->slot[2].flags = NS_MOREFRAG; /* the end is to come */
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, true, &c, &no_room),
			 1);
	assert_false(no_room);
	assert_int_equal(rx.ring->head, 1);
	assert_int_equal(rx.ring->cur, 3);
	arrive(rx.ring, 1, 10, false);
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, true, &c, &no_room),
			 1);
	assert_int_equal(rx.ring->head, 4);
	assert_int_equal(c.bytes, 40);
	destroy(&tx, false);
	destroy(&rx, true);
}

static void too_long(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(64, NULL, 2);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = SLOTS - 1;
	arrive(rx.ring, 3, 200, true); /* ten slots of 64, of a ring of eight */
	arrive(rx.ring, 1, 10, false);
	assert_int_equal(move_frames(rx.ring, tx.ring, 10, false, &c, &no_room),
			 2);
	assert_int_equal(c.dropped, 1);
	assert_int_equal(c.frames, 1);
	assert_int_equal(tx.ring->head, 1);
	destroy(&tx, true);
	destroy(&rx, true);
}

static void bursts(void **state)
{
	struct test_ring rx = make(BUF_SIZE, NULL, 2);
	struct test_ring tx = make(BUF_SIZE, rx.bufs, 2 + SLOTS);
	struct move_count c = {0};
	bool no_room;

	(void)state;
	tx.ring->tail = SLOTS - 1;
	arrive(rx.ring, 5, 10, false);
	assert_int_equal(move_frames(rx.ring, tx.ring, 2, true, &c, &no_room),
			 2);
	assert_false(no_room);
	assert_int_equal(rx.ring->head, 2);
	assert_int_equal(rx.ring->cur, 2);
	destroy(&tx, false);
	destroy(&rx, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM("buffers change places", exchanged),
		CLAIM("frames are copied into buffers of another size", copied),
		CLAIM("a frame moves as a whole or not at all", whole_frames),
		CLAIM("the end of a frame is waited for", unfinished),
		CLAIM("what no ring could hold is dropped and counted",
		      too_long),
		CLAIM("a burst is a limit", bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
