/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nm_inject(), nm_dispatch(), nm_nextpkt(): frames into and out of rings. */
#include "fake.h"

#define BUF 256 /* bytes per buffer, as fake_setup() says */

static struct nm_desc *desc;

/* Opens all rings of a port with so many in each direction. */
static void open_rings(uint16_t tx, uint16_t rx)
{
	fake.tx_rings = tx;
	fake.rx_rings = rx;
	desc = nm_open("netmap:eth0", NULL, 0, NULL);
	assert_non_null(desc);
}

static int teardown(void **state)
{
	nm_close(desc);
	desc = NULL;
	return fake_teardown(state);
}

static struct netmap_ring *tx(int i)
{
	return NETMAP_TXRING(desc->nifp, i);
}

static struct netmap_ring *rx(int i)
{
	return NETMAP_RXRING(desc->nifp, i);
}

/* Byte @i of frame number @seed. */
static unsigned char byte(unsigned int seed, size_t i)
{
	return (unsigned char)(seed * 37 + i * 11 + i / 256);
}

/* ---- transmit ---- */

/* Injects frame @seed of @len bytes; what nm_inject() returned. */
static int inject(unsigned int seed, size_t len)
{
	static unsigned char frame[70000];
	size_t i;

	assert_true(len <= sizeof(frame));
	for (i = 0; i < len; i++)
		frame[i] = byte(seed, i);
	return nm_inject(desc, frame, len);
}

/* The frame is in the ring from slot @i on, in full buffers but the last. */
static void holds(struct netmap_ring *ring, uint32_t i, unsigned int seed,
		  size_t len)
{
	size_t at = 0, k;

	while (at < len) {
		struct netmap_slot *s = &ring->slot[i % ring->num_slots];
		size_t want = len - at < BUF ? len - at : BUF;
		unsigned char *buf =
			(unsigned char *)NETMAP_BUF(ring, s->buf_idx);

		assert_int_equal(s->len, want);
		assert_int_equal(s->flags, at + want < len ? NS_MOREFRAG : 0);
		for (k = 0; k < want; k++)
			assert_int_equal(buf[k], byte(seed, at + k));
		at += want;
		i++;
	}
}

static void a_frame_is_put_at_head_and_nothing_is_synced(void **state)
{
	(void)state;
	open_rings(1, 1);
	assert_int_equal(inject(1, 60), 60);
	holds(tx(0), 0, 1, 60);
	assert_int_equal(tx(0)->head, 1);
	assert_int_equal(tx(0)->cur, 1);
	assert_int_equal(tx(0)->tail, 7);
	assert_int_equal(fake.ioctls, 1); /* that of nm_open() */
	assert_int_equal(inject(2, 61), 61);
	holds(tx(0), 1, 2, 61);
	assert_int_equal(tx(0)->head, 2);
}

static void a_frame_longer_than_a_buffer_takes_several_slots(void **state)
{
	static const struct {
		size_t len;
		uint32_t slots;
	} rows[] = {
		{1, 1},	      {BUF - 1, 1},	{BUF, 1},	  {BUF + 1, 2},
		{2 * BUF, 2}, {2 * BUF + 1, 3}, {7 * BUF - 1, 7}, {7 * BUF, 7},
	};
	unsigned int i;

	(void)state;
	open_rings(1, 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t head = (i * 3) % 8; /* so that frames wrap too */

		tx(0)->head = tx(0)->cur = head;
		tx(0)->tail = (head + 7) % 8;
		assert_int_equal(inject(i, rows[i].len), rows[i].len);
		holds(tx(0), head, i, rows[i].len);
		assert_int_equal(tx(0)->head, (head + rows[i].slots) % 8);
		assert_int_equal(tx(0)->cur, tx(0)->head);
	}
}

static void a_frame_that_does_not_fit_leaves_the_ring_alone(void **state)
{
	struct netmap_ring *ring;
	char before[8 * sizeof(struct netmap_slot)];

	(void)state;
	open_rings(1, 1);
	ring = tx(0);
	memcpy(before, ring->slot, sizeof(before));
	assert_int_equal(inject(1, 7 * BUF + 1), 0);
	ring->tail = 2;
	assert_int_equal(inject(1, 2 * BUF + 1), 0);
	ring->tail = 0;
	assert_int_equal(inject(1, 1), 0);
	assert_int_equal(ring->head, 0);
	assert_int_equal(ring->cur, 0);
	assert_memory_equal(before, ring->slot, sizeof(before));
}

static void an_empty_frame_is_not_put(void **state)
{
	(void)state;
	open_rings(1, 1);
	assert_int_equal(inject(1, 0), 0);
	assert_int_equal(tx(0)->head, 0);
}

static void a_frame_has_at_most_64_slots(void **state)
{
	(void)state;
	fake.slots = 128;
	open_rings(1, 1);
	assert_int_equal(inject(1, 64 * BUF + 1), 0);
	assert_int_equal(tx(0)->head, 0);
	assert_int_equal(inject(2, 64 * BUF), 64 * BUF);
	holds(tx(0), 0, 2, 64 * BUF);
	assert_int_equal(tx(0)->head, 64);
}

static void a_buffer_larger_than_a_length_field_is_filled_to_that(void **state)
{
	(void)state;
	fake.buf_size = 65536;
	open_rings(1, 1);
	assert_int_equal(inject(1, 65536), 65536);
	assert_int_equal(tx(0)->slot[0].len, 65535);
	assert_int_equal(tx(0)->slot[0].flags, NS_MOREFRAG);
	assert_int_equal(tx(0)->slot[1].len, 1);
	assert_int_equal(tx(0)->head, 2);
}

static void flags_of_earlier_frames_do_not_stick(void **state)
{
	uint32_t i;

	(void)state;
	open_rings(1, 1);
	for (i = 0; i < 8; i++)
		tx(0)->slot[i].flags = NS_MOREFRAG | NS_INDIRECT | NS_REPORT |
				       NS_BUF_CHANGED | 0x300;
	assert_int_equal(inject(1, BUF + 1), BUF + 1);

	/* that a buffer was exchanged is still news */
	assert_int_equal(tx(0)->slot[0].flags, NS_BUF_CHANGED | NS_MOREFRAG);
	assert_int_equal(tx(0)->slot[1].flags, NS_BUF_CHANGED);
}

static void the_first_ring_with_room_is_taken_in_a_circle(void **state)
{
	(void)state;
	open_rings(3, 1);
	assert_int_equal(inject(1, 60), 60);
	assert_int_equal(desc->cur_tx_ring, 0);
	tx(0)->tail = tx(0)->head; /* full */
	assert_int_equal(inject(2, 60), 60);
	assert_int_equal(desc->cur_tx_ring, 1);
	holds(tx(1), 0, 2, 60);
	tx(1)->tail = 2; /* room for one slot, not for two */
	assert_int_equal(inject(3, BUF + 1), BUF + 1);
	assert_int_equal(desc->cur_tx_ring, 2);
	holds(tx(2), 0, 3, BUF + 1);
	assert_int_equal(inject(4, 60), 60); /* stays where it was */
	assert_int_equal(desc->cur_tx_ring, 2);
	tx(2)->tail = tx(2)->head;
	assert_int_equal(inject(5, 60), 60); /* from the last to the first */
	assert_int_equal(desc->cur_tx_ring, 1);
	holds(tx(1), 1, 5, 60);
	assert_int_equal(inject(6, 60), 0);
	assert_int_equal(desc->cur_tx_ring, 1);
	assert_int_equal(tx(3)->head, 0); /* the host ring is not ours */
}

static void offsets_shift_the_data_and_shrink_the_room(void **state)
{
	struct netmap_ring *ring;
	uint32_t i;
	char *buf;

	(void)state;
	open_rings(1, 1);
	ring = tx(0);
	FAKE_SET(uint64_t, ring->offset_mask, 0xffff);
	for (i = 0; i < ring->num_slots; i++)
		NETMAP_WOFFSET(ring, &ring->slot[i], 16);
	assert_int_equal(inject(1, BUF), BUF);
	buf = NETMAP_BUF(ring, ring->slot[0].buf_idx);
	assert_int_equal(ring->slot[0].len, BUF - 16);
	assert_int_equal(ring->slot[1].len, 16);
	assert_int_equal((unsigned char)buf[15], 0);
	assert_int_equal((unsigned char)buf[16], byte(1, 0));
	assert_int_equal((unsigned char)buf[17], byte(1, 1));

	/* no slot has any room: offsets as large as the buffer, and larger */
	for (i = 0; i < ring->num_slots; i++)
		NETMAP_WOFFSET(ring, &ring->slot[i], BUF + (i & 1));
	assert_int_equal(inject(1, 1), 0);
}

/* ---- receive ---- */

/* Lets a slot of @len bytes arrive, counting up from @first. */
static void arrive(struct netmap_ring *ring, unsigned char first, uint16_t len,
		   uint16_t flags)
{
	struct netmap_slot *s = &ring->slot[ring->tail];
	unsigned char *buf = (unsigned char *)NETMAP_BUF_OFFSET(ring, s);
	uint16_t i;

	assert_int_not_equal(nm_ring_next(ring, ring->tail), ring->head);
	for (i = 0; i < len; i++)
		buf[i] = (unsigned char)(first + i);
	s->len = len;
	s->flags = flags;
	ring->tail = nm_ring_next(ring, ring->tail);
}

/* What the callback was shown. */
static struct seen {
	struct nm_pkthdr hdr;
	unsigned char first;
	uint32_t head; /* of ring 0, during the call */
} seen[32];
static int n_seen;

static void see(unsigned char *arg, const struct nm_pkthdr *hdr,
		const unsigned char *buf)
{
	assert_ptr_equal(arg, seen);
	assert_ptr_equal(hdr, &desc->hdr);
	assert_ptr_equal(buf, hdr->buf);
	assert_ptr_equal(hdr->d, desc);
	assert_in_range(n_seen, 0, 31);
	seen[n_seen].hdr = *hdr;
	seen[n_seen].first = hdr->caplen ? buf[0] : 0;
	seen[n_seen].head = rx(0)->head;
	n_seen++;
}

static int dispatch(int cnt)
{
	n_seen = 0;
	return nm_dispatch(desc, cnt, see, (unsigned char *)seen);
}

static void each_frame_is_one_call_with_its_bytes(void **state)
{
	(void)state;
	open_rings(1, 1);
	rx(0)->ts.tv_sec = 11;
	rx(0)->ts.tv_usec = 12;
	arrive(rx(0), 1, 60, 0x0100);
	arrive(rx(0), 2, 61, 0x0100);
	assert_int_equal(dispatch(0), 2);
	assert_int_equal(n_seen, 2);
	assert_int_equal(seen[0].first, 1);
	assert_int_equal(seen[0].hdr.len, 60);
	assert_int_equal(seen[0].hdr.caplen, 60);
	assert_int_equal(seen[0].hdr.ts.tv_sec, 11);
	assert_int_equal(seen[0].hdr.ts.tv_usec, 12);
	assert_ptr_equal(seen[0].hdr.slot, &rx(0)->slot[0]);
	assert_ptr_equal(seen[0].hdr.buf,
			 NETMAP_BUF(rx(0), rx(0)->slot[0].buf_idx));
	assert_int_equal(seen[1].first, 2);
	assert_int_equal(seen[1].hdr.len, 61);
	assert_ptr_equal(seen[1].hdr.slot, &rx(0)->slot[1]);

	/* a slot is given up once its call is over */
	assert_int_equal(seen[0].head, 0);
	assert_int_equal(seen[1].head, 1);
	assert_int_equal(rx(0)->head, 2);
	assert_int_equal(rx(0)->cur, 2);
	assert_int_equal(rx(0)->tail, 2);
	assert_int_equal(fake.ioctls, 1); /* no sync */
	assert_int_equal(dispatch(0), 0);
}

static void count_limits_the_calls(void **state)
{
	int i;

	(void)state;
	open_rings(1, 1);
	for (i = 0; i < 7; i++)
		arrive(rx(0), (unsigned char)i, 60, 0);
	assert_int_equal(dispatch(1), 1);
	assert_int_equal(rx(0)->head, 1);
	assert_int_equal(dispatch(3), 3);
	assert_int_equal(seen[2].first, 3);
	assert_int_equal(dispatch(-1), 3); /* the rest */
	assert_int_equal(seen[2].first, 6);
	arrive(rx(0), 9, 60, 0);
	assert_int_equal(dispatch(5), 1); /* fewer than allowed */
}

static void more_pkts_is_on_all_calls_but_the_last(void **state)
{
	int i;

	(void)state;
	open_rings(1, 4);
	arrive(rx(0), 0, 60, 0);
	arrive(rx(0), 1, 60, 0);
	arrive(rx(2), 2, 60, 0);
	arrive(rx(3), 3, 60, NS_MOREFRAG);
	arrive(rx(3), 4, 60, 0);
	assert_int_equal(dispatch(0), 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(seen[i].hdr.flags, i < 3 ? NM_MORE_PKTS : 0);

	/* the count ends it too */
	for (i = 0; i < 4; i++)
		arrive(rx(1), (unsigned char)i, 60, 0);
	assert_int_equal(dispatch(3), 3);
	assert_int_equal(seen[0].hdr.flags, NM_MORE_PKTS);
	assert_int_equal(seen[1].hdr.flags, NM_MORE_PKTS);
	assert_int_equal(seen[2].hdr.flags, 0);
}

static void rings_take_turns(void **state)
{
	int i;

	(void)state;
	open_rings(1, 3);
	for (i = 0; i < 3; i++) {
		arrive(rx(i), (unsigned char)(10 * i), 60, 0);
		arrive(rx(i), (unsigned char)(10 * i + 1), 60, 0);
	}
	assert_int_equal(dispatch(1), 1);
	assert_int_equal(seen[0].first, 0);
	assert_int_equal(dispatch(1), 1);
	assert_int_equal(seen[0].first, 10); /* not ring 0 again */
	assert_int_equal(dispatch(0), 4);
	assert_int_equal(seen[0].first, 20);
	assert_int_equal(seen[1].first, 21);
	assert_int_equal(seen[2].first, 1);
	assert_int_equal(seen[3].first, 11);
	for (i = 0; i < 3; i++)
		assert_int_equal(rx(i)->head, 2);
}

static void pieces_in_full_adjacent_buffers_are_one_capture(void **state)
{
	(void)state;
	open_rings(1, 1);
	arrive(rx(0), 1, BUF, NS_MOREFRAG | 0x300);
	arrive(rx(0), 2, BUF, NS_MOREFRAG | 0x300);
	arrive(rx(0), 3, 10, 0x300);
	arrive(rx(0), 4, 60, 0x100);
	assert_int_equal(dispatch(0), 2);
	assert_int_equal(seen[0].first, 1);
	assert_int_equal(seen[0].hdr.len, 2 * BUF + 10);
	assert_int_equal(seen[0].hdr.caplen, 2 * BUF + 10);
	assert_ptr_equal(seen[0].hdr.slot, &rx(0)->slot[0]);
	assert_int_equal(seen[0].head, 0);
	assert_int_equal(seen[1].first, 4);
	assert_int_equal(seen[1].hdr.len, 60);
	assert_int_equal(seen[1].head, 3);
}

static void a_piece_that_is_not_full_ends_the_capture(void **state)
{
	(void)state;
	open_rings(1, 1);
	arrive(rx(0), 1, BUF, NS_MOREFRAG);
	arrive(rx(0), 2, BUF - 1, NS_MOREFRAG);
	arrive(rx(0), 3, BUF, NS_MOREFRAG);
	arrive(rx(0), 4, 10, 0);
	assert_int_equal(dispatch(0), 1);
	assert_int_equal(seen[0].hdr.len, 3 * BUF - 1 + 10);
	assert_int_equal(seen[0].hdr.caplen, 2 * BUF - 1);
	assert_int_equal(rx(0)->head, 4);
}

static void a_buffer_elsewhere_ends_the_capture(void **state)
{
	uint32_t idx;

	(void)state;
	open_rings(1, 1);
	idx = rx(0)->slot[1].buf_idx;
	rx(0)->slot[1].buf_idx = rx(0)->slot[2].buf_idx;
	rx(0)->slot[2].buf_idx = idx;
	arrive(rx(0), 1, BUF, NS_MOREFRAG); /* buffer n */
	arrive(rx(0), 2, BUF, NS_MOREFRAG); /* n + 2 */
	arrive(rx(0), 3, BUF, NS_MOREFRAG); /* n + 1: too late */
	arrive(rx(0), 4, 10, 0);
	assert_int_equal(dispatch(0), 1);
	assert_int_equal(seen[0].hdr.len, 3 * BUF + 10);
	assert_int_equal(seen[0].hdr.caplen, BUF);
	assert_int_equal(rx(0)->head, 4);
}

static void a_frame_may_go_round_the_end_of_the_ring(void **state)
{
	(void)state;
	open_rings(1, 1);
	rx(0)->head = rx(0)->cur = rx(0)->tail = 6;
	arrive(rx(0), 1, BUF, NS_MOREFRAG);
	arrive(rx(0), 2, BUF, NS_MOREFRAG);
	arrive(rx(0), 3, 10, 0); /* slot 0: its buffer is far away */
	assert_int_equal(dispatch(0), 1);
	assert_int_equal(seen[0].hdr.len, 2 * BUF + 10);
	assert_int_equal(seen[0].hdr.caplen, 2 * BUF);
	assert_int_equal(rx(0)->head, 1);
}

static void a_frame_cut_off_by_tail_is_what_is_there(void **state)
{
	(void)state;
	open_rings(1, 1);
	arrive(rx(0), 1, BUF, NS_MOREFRAG);
	arrive(rx(0), 2, BUF, NS_MOREFRAG);
	rx(0)->slot[2].len = 99; /* not received: must not be looked at */
	assert_int_equal(dispatch(0), 1);
	assert_int_equal(seen[0].hdr.len, 2 * BUF);
	assert_int_equal(seen[0].hdr.caplen, 2 * BUF);
	assert_int_equal(rx(0)->head, 2);
}

static void nextpkt_gives_single_slots_and_releases_them(void **state)
{
	struct nm_pkthdr h;
	unsigned char *buf;

	(void)state;
	open_rings(1, 1);
	rx(0)->ts.tv_sec = 21;
	arrive(rx(0), 1, BUF, NS_MOREFRAG);
	arrive(rx(0), 2, 10, 0);
	memset(&h, 0x5a, sizeof(h));
	buf = nm_nextpkt(desc, &h);
	assert_ptr_equal(buf, NETMAP_BUF(rx(0), rx(0)->slot[0].buf_idx));
	assert_int_equal(buf[0], 1);
	assert_int_equal(h.len, BUF);
	assert_int_equal(h.caplen, BUF);
	assert_int_equal(h.flags, 0);
	assert_int_equal(h.ts.tv_sec, 21);
	assert_ptr_equal(h.slot, &rx(0)->slot[0]);
	assert_ptr_equal(h.d, desc);
	assert_ptr_equal(h.buf, buf);
	assert_int_equal(rx(0)->head, 1);
	assert_int_equal(rx(0)->cur, 1);
	buf = nm_nextpkt(desc, &h);
	assert_int_equal(buf[0], 2);
	assert_int_equal(h.len, 10);
	assert_int_equal(rx(0)->head, 2);
	assert_null(nm_nextpkt(desc, &h));
	assert_int_equal(rx(0)->head, 2);
	assert_int_equal(fake.ioctls, 1); /* no sync */
}

static void nextpkt_goes_from_ring_to_ring(void **state)
{
	struct nm_pkthdr h;

	(void)state;
	open_rings(1, 3);
	arrive(rx(2), 1, 60, 0);
	arrive(rx(1), 2, 60, 0);
	arrive(rx(1), 3, 60, 0);
	assert_int_equal(*nm_nextpkt(desc, &h), 2);
	assert_int_equal(desc->cur_rx_ring, 1);
	assert_int_equal(*nm_nextpkt(desc, &h), 3);
	assert_int_equal(*nm_nextpkt(desc, &h), 1);
	assert_int_equal(desc->cur_rx_ring, 2);
	arrive(rx(0), 4, 60, 0);
	assert_int_equal(*nm_nextpkt(desc, &h), 4);
	assert_null(nm_nextpkt(desc, &h));
	arrive(rx(3), 5, 60, 0); /* the host ring is not ours */
	assert_null(nm_nextpkt(desc, &h));
}

static void received_data_begins_at_its_offset(void **state)
{
	struct nm_pkthdr h;
	unsigned char *buf;

	(void)state;
	open_rings(1, 1);
	FAKE_SET(uint64_t, rx(0)->offset_mask, 0xff);
	rx(0)->slot[0].ptr = 0xabcd20; /* 32 */
	rx(0)->slot[1].ptr = 0xabcd21;
	arrive(rx(0), 1, 60, 0);
	arrive(rx(0), 2, 60, 0);
	buf = nm_nextpkt(desc, &h);
	assert_ptr_equal(buf, NETMAP_BUF(rx(0), rx(0)->slot[0].buf_idx) + 32);
	assert_int_equal(buf[0], 1);
	assert_int_equal(dispatch(0), 1);
	assert_int_equal(seen[0].first, 2);
	assert_ptr_equal(seen[0].hdr.buf,
			 NETMAP_BUF(rx(0), rx(0)->slot[1].buf_idx) + 33);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_frame_is_put_at_head_and_nothing_is_synced),
		TEST(a_frame_longer_than_a_buffer_takes_several_slots),
		TEST(a_frame_that_does_not_fit_leaves_the_ring_alone),
		TEST(an_empty_frame_is_not_put),
		TEST(a_frame_has_at_most_64_slots),
		TEST(a_buffer_larger_than_a_length_field_is_filled_to_that),
		TEST(flags_of_earlier_frames_do_not_stick),
		TEST(the_first_ring_with_room_is_taken_in_a_circle),
		TEST(offsets_shift_the_data_and_shrink_the_room),
		TEST(each_frame_is_one_call_with_its_bytes),
		TEST(count_limits_the_calls),
		TEST(more_pkts_is_on_all_calls_but_the_last),
		TEST(rings_take_turns),
		TEST(pieces_in_full_adjacent_buffers_are_one_capture),
		TEST(a_piece_that_is_not_full_ends_the_capture),
		TEST(a_buffer_elsewhere_ends_the_capture),
		TEST(a_frame_may_go_round_the_end_of_the_ring),
		TEST(a_frame_cut_off_by_tail_is_what_is_there),
		TEST(nextpkt_gives_single_slots_and_releases_them),
		TEST(nextpkt_goes_from_ring_to_ring),
		TEST(received_data_begins_at_its_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
