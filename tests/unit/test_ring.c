// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The rules of a sync, against a naive model: every state of small rings times
 * every head, cur and tail that a program could write, out of range included.
 */
#include "unit.h"

#include "port.h"

#define SLOTS_MAX 5

static struct nm_core *core;
static struct nm_region *region;
static struct nm_port port;

/* What the port type saw. */
static unsigned worked;
static u32 worked_head;

static int work(struct nm_queue *q, struct nm_sync *s)
{
	(void)s;
	worked++;
	worked_head = q->rhead;
	return 0;
}

static const struct nm_port_type type = {
	.name = "test",
	.sync = {work, work},
};

static void ring_make(u32 slots)
{
	struct nm_shape shape = {.rings = {1, 1}, .slots = {slots, slots}};
	struct nm_need need = nm_need_of(&shape, 0);
	struct nm_params p;

	nm_params_init(&p);
	assert_int_equal(nm_core_create(&core, &p), 0);
	os_mutex_lock(&core->lock);
	assert_int_equal(nm_port_region_create(core, &need, &region), 0);
	memset(&port, 0, sizeof(port));
	assert_int_equal(
		nm_port_init(&port, &type, core, "test", &shape, region), 0);
	for (u32 d = 0; d < NM_DIRS; d++)
		assert_int_equal(nm_queue_ring_create(&port.queue[d][0], true),
				 0);
	os_mutex_unlock(&core->lock);
}

static void ring_end(void)
{
	os_mutex_lock(&core->lock);
	for (u32 d = 0; d < NM_DIRS; d++)
		nm_queue_ring_destroy(&port.queue[d][0], true);
	nm_port_fini(&port);
	nm_region_put(region);
	os_mutex_unlock(&core->lock);
	nm_core_destroy(core);
}

static int sync_queue(struct nm_queue *q, struct nm_sync *s)
{
	*s = (struct nm_sync){.head = &q->ring->head,
			      .cur = &q->ring->cur,
			      .tail = &q->ring->tail};
	return nm_queue_sync(q, s);
}

/* ---- the model: walks the ring slot by slot ---- */

static bool model_between(u32 i, u32 from, u32 to, u32 n)
{
	for (;; from = (from + 1) % n) {
		if (i == from)
			return true;
		if (from == to)
			return false;
	}
}

struct state {
	u32 n, hwcur, rhead, rtail, hwtail;
};

static bool model_valid(u8 dir, const struct state *s, u32 head, u32 cur,
			u32 tail)
{
	u32 from = dir == NM_TX ? s->rhead : s->hwcur;
	u32 to = dir == NM_TX ? s->rtail : s->hwtail;

	return head < s->n && cur < s->n && tail < s->n &&
	       model_between(head, from, to, s->n) &&
	       model_between(cur, head, to, s->n);
}

static void check(u8 dir, const struct state *st, u32 head, u32 cur, u32 tail)
{
	struct nm_queue *q = &port.queue[dir][0];
	bool valid = model_valid(dir, st, head, cur, tail);
	u32 then = valid ? cur : st->hwcur;
	struct nm_sync s;
	u64 resets = nm_stat_read(q, NM_STAT_RESETS);

	q->hwcur = st->hwcur;
	q->rhead = q->rcur = st->rhead;
	q->rtail = st->rtail;
	q->hwtail = st->hwtail;
	q->ring->head = head;
	q->ring->cur = cur;
	q->ring->tail = tail;
	worked = 0;
	if (sync_queue(q, &s) || s.reset == valid || worked != valid ||
	    (valid && worked_head != head) || q->ring->tail != st->hwtail ||
	    q->ring->cur != then || s.ready != (then != st->hwtail) ||
	    q->ring->head != (valid ? head : st->hwcur) ||
	    q->hwcur != st->hwcur || q->hwtail != st->hwtail ||
	    nm_stat_read(q, NM_STAT_RESETS) != resets + !valid)
		fail_msg("%s ring of %u: hwcur %u rhead %u rtail %u hwtail %u, "
			 "head %u cur %u tail %u: should be %s",
			 dir == NM_TX ? "tx" : "rx", st->n, st->hwcur,
			 st->rhead, st->rtail, st->hwtail, head, cur, tail,
			 valid ? "taken" : "reset");
}

static void check_all_cursors(u8 dir, const struct state *st)
{
	static const u32 far[] = {0x7fffffff, 0x80000000, 0xffffffff};

	for (u32 head = 0; head < st->n + 2; head++) {
		for (u32 cur = 0; cur < st->n + 2; cur++) {
			for (u32 tail = 0; tail < st->n + 2; tail++)
				check(dir, st, head, cur, tail);
		}
	}
	for (u32 i = 0; i < 3; i++) {
		check(dir, st, far[i], st->hwcur, st->hwtail);
		check(dir, st, st->hwcur, far[i], st->hwtail);
		check(dir, st, st->hwcur, st->hwcur, far[i]);
	}
}

/* hwcur, rhead, rtail and hwtail in this order around the ring. */
static void check_all_states(u8 dir, u32 n)
{
	for (u32 hwcur = 0; hwcur < n; hwcur++) {
		for (u32 end = 0; end < n; end++) {
			for (u32 a = 0; a <= end; a++) {
				for (u32 b = a; b <= end; b++) {
					struct state st = {n, hwcur,
							   (hwcur + a) % n,
							   (hwcur + b) % n,
							   (hwcur + end) % n};

					check_all_cursors(dir, &st);
				}
			}
		}
	}
}

static void a_tx_sync_takes_exactly_the_legal_cursors(void **state)
{
	(void)state;
	for (u32 n = 1; n <= SLOTS_MAX; n++) {
		ring_make(n);
		check_all_states(NM_TX, n);
		ring_end();
	}
}

static void an_rx_sync_takes_exactly_the_legal_cursors(void **state)
{
	(void)state;
	for (u32 n = 1; n <= SLOTS_MAX; n++) {
		ring_make(n);
		check_all_states(NM_RX, n);
		ring_end();
	}
}

/* ---- slots at a reset ---- */

static u32 pick_index(u64 *chance, u32 total)
{
	u64 r = sim_random(chance);

	switch (r % 5) {
	case 0:
		return (u32)(r >> 8) % 3;
	case 1:
		return total - 1 + (u32)(r >> 8) % 3;
	case 2:
		return (u32)(r >> 8);
	default:
		return 2 + (u32)(r >> 8) % (2 * SLOTS_MAX);
	}
}

static u16 pick_len(u64 *chance)
{
	u64 r = sim_random(chance);

	return r % 4 ? (u16)(2110 + (r >> 8) % 5) : (u16)(r >> 8);
}

static void a_reset_empties_slots_that_cannot_be(void **state)
{
	u32 total;
	u64 chance = sim_seed(3);
	struct nm_sync s;
	void *seen;

	(void)state;
	ring_make(SLOTS_MAX);
	total = region->pool[NM_POOL_BUF].objtotal;
	assert_int_equal(nm_region_fault(region, region->size - 1, &seen), 0);
	for (unsigned round = 0; round < 20000; round++) {
		struct nm_queue *q = &port.queue[round & 1][0];
		struct netmap_slot before[SLOTS_MAX], buf[SLOTS_MAX];

		memcpy(buf, q->ring->slot, sizeof(buf));
		for (u32 i = 0; i < SLOTS_MAX; i++) {
			q->ring->slot[i] = (struct netmap_slot){
				.buf_idx = pick_index(&chance, total),
				.len = pick_len(&chance),
				.flags = (u16)sim_random(&chance),
				.ptr = sim_random(&chance),
			};
		}
		memcpy(before, q->ring->slot, sizeof(before));
		q->ring->head = SLOTS_MAX;
		assert_int_equal(sync_queue(q, &s), 0);
		assert_true(s.reset);
		for (u32 i = 0; i < SLOTS_MAX; i++) {
			const struct netmap_slot *now = &q->ring->slot[i];
			bool bad = before[i].buf_idx < 2 ||
				   before[i].buf_idx >= total;

			assert_int_equal(now->buf_idx,
					 bad ? 0 : before[i].buf_idx);
			assert_int_equal(now->len, bad || before[i].len > 2112
							   ? 0
							   : before[i].len);
			assert_int_equal(now->flags, before[i].flags);
			assert_int_equal(now->ptr, before[i].ptr);
		}
		memcpy(q->ring->slot, buf, sizeof(buf));
	}
	ring_end();
}

static int refuse_work(struct nm_queue *q, struct nm_sync *s)
{
	(void)q;
	(void)s;
	return -EIO;
}

static void a_sync_reports_what_its_port_reports(void **state)
{
	static const struct nm_port_type bad = {
		.name = "bad",
		.sync = {refuse_work, refuse_work},
	};
	struct nm_sync s;

	(void)state;
	ring_make(4);
	port.type = &bad;
	assert_int_equal(sync_queue(&port.queue[NM_TX][0], &s), -EIO);
	port.type = &type;
	assert_int_equal(sync_queue(&port.queue[NM_TX][0], &s), 0);
	ring_end();
}

static void a_new_ring_is_as_the_interface_says(void **state)
{
	struct netmap_ring *tx, *rx;

	(void)state;
	ring_make(5);
	tx = port.queue[NM_TX][0].ring;
	rx = port.queue[NM_RX][0].ring;
	assert_int_equal(tx->head, 0);
	assert_int_equal(tx->cur, 0);
	assert_int_equal(tx->tail, 4);
	assert_int_equal(tx->dir, 1);
	assert_int_equal(rx->head, 0);
	assert_int_equal(rx->cur, 0);
	assert_int_equal(rx->tail, 0);
	assert_int_equal(rx->dir, 0);
	for (u32 i = 0; i < 5; i++) {
		u8 *buf = (u8 *)rx + rx->buf_ofs +
			  (u64)rx->slot[i].buf_idx * rx->nr_buf_size;

		assert_int_equal(rx->slot[i].len, 2112);
		assert_int_equal(rx->slot[i].flags, 0);
		assert_int_equal(rx->slot[i].ptr, 0);
		assert_ptr_equal(buf,
				 nm_region_buf(region, rx->slot[i].buf_idx));
	}
	ring_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_new_ring_is_as_the_interface_says),
		unit_claim(a_tx_sync_takes_exactly_the_legal_cursors),
		unit_claim(an_rx_sync_takes_exactly_the_legal_cursors),
		unit_claim(a_reset_empties_slots_that_cannot_be),
		unit_claim(a_sync_reports_what_its_port_reports),
	};

	return unit_run(tests);
}
