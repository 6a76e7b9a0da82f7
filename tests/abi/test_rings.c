/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The macros and small functions that are always there: addresses, indices,
 * copies, CSB records, messages. */
#include "fake.h"

/* The interface record of a port with 3 tx and 2 rx rings, one host ring each
 * way. */
static struct netmap_if *make_port(void)
{
	fake.tx_rings = 3;
	fake.rx_rings = 2;
	fake_make();
	return NETMAP_IF(fake.mem, FAKE_IF);
}

/* ---- addresses ---- */

static void rings_are_found_through_ring_ofs(void **state)
{
	struct netmap_if *nifp = make_port();
	char *base = (char *)fake.mem;
	size_t size = fake_ring_size();
	uint32_t i;

	(void)state;
	assert_ptr_equal(nifp, base + FAKE_IF);
	for (i = 0; i < 4; i++) /* 3 and the host's */
		assert_ptr_equal(NETMAP_TXRING(nifp, i),
				 base + FAKE_RINGS + i * size);
	for (i = 0; i < 3; i++) /* 2 and the host's */
		assert_ptr_equal(NETMAP_RXRING(nifp, i),
				 base + FAKE_RINGS + (4 + i) * size);
	FAKE_SET(ssize_t, nifp->ring_ofs[1], 0);
	assert_ptr_equal(NETMAP_TXRING(nifp, 1), nifp);
}

static void all_rings_see_the_same_buffers(void **state)
{
	struct netmap_if *nifp = make_port();
	char *bufs = (char *)fake.mem + fake_bufs_at();
	uint32_t i;

	(void)state;
	for (i = 0; i < fake_bufs(); i++) {
		struct netmap_ring *a = NETMAP_TXRING(nifp, 0);
		struct netmap_ring *b = NETMAP_RXRING(nifp, 2);
		char *buf = bufs + (size_t)i * fake.buf_size;

		assert_ptr_equal(NETMAP_BUF(a, i), buf);
		assert_ptr_equal(NETMAP_BUF(b, i), buf);
		assert_int_equal(NETMAP_BUF_IDX(a, buf), i);
		assert_int_equal(NETMAP_BUF_IDX(b, buf + 1), i);
		assert_int_equal(NETMAP_BUF_IDX(b, buf + fake.buf_size - 1), i);
	}
}

static void offsets_live_in_the_masked_bits_of_ptr(void **state)
{
	struct netmap_ring *ring = NETMAP_TXRING(make_port(), 0);
	struct netmap_slot *s = &ring->slot[3];

	(void)state;
	s->ptr = 0x1234567890abcdef;
	assert_int_equal(NETMAP_ROFFSET(ring, s), 0); /* no offsets */
	assert_ptr_equal(NETMAP_BUF_OFFSET(ring, s),
			 NETMAP_BUF(ring, s->buf_idx));
	NETMAP_WOFFSET(ring, s, 0x77);
	assert_true(s->ptr == 0x1234567890abcdef);

	FAKE_SET(uint64_t, ring->offset_mask, 0xfff);
	assert_int_equal(NETMAP_ROFFSET(ring, s), 0xdef);
	NETMAP_WOFFSET(ring, s, 0xff042);
	assert_true(s->ptr == 0x1234567890abc042);
	assert_int_equal(NETMAP_ROFFSET(ring, s), 0x42);
	assert_ptr_equal(NETMAP_BUF_OFFSET(ring, s),
			 NETMAP_BUF(ring, s->buf_idx) + 0x42);

	FAKE_SET(uint64_t, ring->offset_mask, UINT64_MAX); /* all 64 bits */
	NETMAP_WOFFSET(ring, s, 0x99);
	assert_true(s->ptr == 0x99);
}

static void rfrags_reads_the_upper_byte(void **state)
{
	struct netmap_slot s = {.flags = 0x4000 | NS_MOREFRAG | 0x1f};

	(void)state;
	assert_int_equal(NS_RFRAGS(&s), 64);
	s.flags = 0xff00;
	assert_int_equal(NS_RFRAGS(&s), 255);
	s.flags = 0x00ff;
	assert_int_equal(NS_RFRAGS(&s), 0);
}

/* ---- indices ---- */

static void indices_run_in_a_circle(void **state)
{
	struct netmap_ring *ring = NETMAP_TXRING(make_port(), 0);
	uint32_t head, tail, n;

	(void)state;
	for (head = 0; head < 7; head++)
		assert_int_equal(nm_ring_next(ring, head), head + 1);
	assert_int_equal(nm_ring_next(ring, 7), 0);

	for (head = 0; head < 8; head++) {
		for (tail = 0; tail < 8; tail++) {
			uint32_t i = head;

			for (n = 0; i != tail; n++) /* by walking */
				i = (i + 1) % 8;
			ring->head = head;
			ring->cur = 3; /* has no say in these */
			ring->tail = tail;
			assert_int_equal(nm_ring_space(ring), n);
			assert_int_equal(nm_ring_empty(ring), n == 0);
			assert_int_equal(nm_tx_pending(ring), n != 7);
		}
	}
}

/* ---- copies ---- */

static void pkt_copy_copies_so_many_bytes_and_no_more(void **state)
{
	static unsigned char src[2304], dst[2304], want[2304];
	int len, i;

	(void)state;
	for (i = 0; i < (int)sizeof(src); i++)
		src[i] = (unsigned char)(i * 7 + i / 256 + 1);
	for (len = -65; len <= 2200; len++) {
		memset(dst, 0, sizeof(dst));
		memset(want, 0, sizeof(want));
		nm_pkt_copy(src + len % 5 + 5, dst + 3, len);
		for (i = 0; i < len; i++)
			want[3 + i] = src[len % 5 + 5 + i];
		assert_memory_equal(dst, want, sizeof(dst));
	}
}

/* ---- CSB records ---- */

static void csb_records_carry_the_indices(void **state)
{
	struct nm_csb_atok atok;
	struct nm_csb_ktoa ktoa;
	uint32_t hwtail = 0, hwcur = 0;

	(void)state;
	memset(&atok, 0, sizeof(atok));
	memset(&ktoa, 0, sizeof(ktoa));
	nm_sync_kloop_appl_write(&atok, 5, 4);
	assert_int_equal(atok.cur, 5);
	assert_int_equal(atok.head, 4);
	assert_int_equal(atok.appl_need_kick, 0);
	assert_int_equal(atok.sync_flags, 0);
	ktoa.hwcur = 6;
	ktoa.hwtail = 7;
	nm_stst_barrier();
	nm_ldld_barrier();
	nm_sync_kloop_appl_read(&ktoa, &hwtail, &hwcur);
	assert_int_equal(hwtail, 7);
	assert_int_equal(hwcur, 6);
}

/* ---- messages ---- */

static int lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void d_prints_a_line_with_time_and_function(void **state)
{
	const char *text;

	(void)state;
	fake_err_begin();
	D("port %s has %d rings", "eth0", 4);
	D("no arguments");
	text = fake_err_end();
	assert_string_equal(
		text, "0005.000042 d_prints_a_line_with_time_and_function: "
		      "port eth0 has 4 rings\n"
		      "0005.000042 d_prints_a_line_with_time_and_function: "
		      "no arguments\n");
}

static void rd_prints_so_many_lines_a_second(void **state)
{
	const char *text;
	int second, i;

	(void)state;
	fake_err_begin();
	for (second = 0; second < 3; second++) {
		for (i = 0; i < 10; i++)
			RD(second + 2, "line %d of %d", i, second);
		fake.now++;
	}
	text = fake_err_end();
	assert_int_equal(lines(text), 2 + 3 + 4);
	assert_non_null(strstr(text, "line 0 of 0"));
	assert_non_null(strstr(text, "line 1 of 0"));
	assert_null(strstr(text, "line 2 of 0"));
	assert_non_null(strstr(text, "line 3 of 2"));
	assert_null(strstr(text, "line 4 of 2"));
}

static void nd_does_nothing(void **state)
{
	const char *text;
	int evaluated = 0;

	(void)state;
	fake_err_begin();
	ND("%d", ++evaluated);
	text = fake_err_end();
	assert_string_equal(text, "");
	assert_int_equal(evaluated, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(rings_are_found_through_ring_ofs),
		FAKE_TEST(all_rings_see_the_same_buffers),
		FAKE_TEST(offsets_live_in_the_masked_bits_of_ptr),
		FAKE_TEST(rfrags_reads_the_upper_byte),
		FAKE_TEST(indices_run_in_a_circle),
		FAKE_TEST(pkt_copy_copies_so_many_bytes_and_no_more),
		FAKE_TEST(csb_records_carry_the_indices),
		FAKE_TEST(d_prints_a_line_with_time_and_function),
		FAKE_TEST(rd_prints_so_many_lines_a_second),
		FAKE_TEST(nd_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
