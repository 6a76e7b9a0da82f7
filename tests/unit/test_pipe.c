// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Pipes against a naive model: frames of one or many slots, both ways, at
 * random; receivers that swap buffers; ends that close and come back.
 *
 * The naive pipe is a list of the slots that are under way, each with the
 * buffer it must arrive in, and a list of the buffers that must come back.
 */
#include "unit.h"

#include "world.h"

#define SLOTS	8
#define EXTRA	3
#define LEN_MAX 200

struct passing {
	u32 idx, mark;
	u16 len, flags;
	u64 ptr;
};

/* One direction: tx ring of one end, rx ring of the other. */
struct way {
	struct client *from, *to;
	struct passing q[SLOTS];
	u32 sent;	 /* slots the sender has given, all in all */
	u32 shown;	 /* up to the last whole frame */
	u32 taken;	 /* slots the receiver has given back */
	u32 back[SLOTS]; /* buffer that must be in the sender's slot then */
	u64 frames;
};

static struct nm_core *core;
static struct client end[2];
static struct way way[2];
static u32 extra[2][EXTRA]; /* buffers that a receiver has beside its ring */
static u64 chance;

static u32 below(u32 n)
{
	return (u32)(sim_random(&chance) % n);
}

/* ---- sending ---- */

static void put_slot(struct way *w, bool more)
{
	struct netmap_ring *r = client_ring(w->from, NM_TX, 0);
	struct netmap_slot *slot = &r->slot[r->head];
	struct passing *p = &w->q[w->sent % SLOTS];

	*p = (struct passing){
		.idx = slot->buf_idx,
		.mark = (u32)sim_random(&chance),
		.len = (u16)(4 + below(LEN_MAX)),
		.flags = (u16)(sim_random(&chance) & ~(u64)NS_MOREFRAG),
		.ptr = sim_random(&chance),
	};
	if (more)
		p->flags |= NS_MOREFRAG;
	memcpy(client_buf(w->from, p->idx), &p->mark, sizeof(p->mark));
	slot->len = p->len;
	slot->flags = p->flags;
	slot->ptr = p->ptr;
	r->head = r->cur = (r->head + 1) % SLOTS;
	w->sent++;
	if (!more) {
		w->shown = w->sent;
		w->frames++;
	}
}

static void step_send(struct way *w)
{
	struct netmap_ring *r;
	u32 room;

	client_txsync(w->from);
	r = client_ring(w->from, NM_TX, 0);
	room = client_space(w->from, NM_TX, 0);
	assert_int_equal(room, SLOTS - 1 - (w->sent - w->taken));
	/* What came back is in the slots again. */
	for (u32 i = 0; i < room; i++) {
		u32 k = (r->head + i) % SLOTS;

		if (w->back[k])
			assert_int_equal(r->slot[k].buf_idx, w->back[k]);
	}
	room = below(room + 1);
	for (u32 i = 0; i < room; i++)
		put_slot(w, below(3) == 0 && w->sent - w->shown < 4);
	client_txsync(w->from);
}

/* ---- receiving ---- */

/* Takes the next slot's frame out, perhaps with its buffer. */
static void take_slot(struct way *w, u32 side)
{
	struct netmap_ring *r = client_ring(w->to, NM_RX, 0);
	struct netmap_slot *slot = &r->slot[r->head];
	struct passing *p = &w->q[w->taken % SLOTS];
	u32 mark, swap;

	assert_int_equal(slot->buf_idx, p->idx);
	assert_int_equal(slot->len, p->len);
	assert_int_equal(slot->flags, p->flags);
	assert_int_equal(slot->ptr, p->ptr);
	memcpy(&mark, client_buf(w->to, slot->buf_idx), sizeof(mark));
	assert_int_equal(mark, p->mark);
	if (!below(3)) {
		swap = below(EXTRA);
		slot->buf_idx = extra[side][swap];
		extra[side][swap] = p->idx;
		slot->flags |= NS_BUF_CHANGED;
	}
	w->back[w->taken % SLOTS] = slot->buf_idx;
	w->taken++;
	r->head = r->cur = (r->head + 1) % SLOTS;
}

static void step_receive(struct way *w, u32 side)
{
	u32 n;

	client_rxsync(w->to);
	n = client_space(w->to, NM_RX, 0);
	assert_int_equal(n, w->shown - w->taken);
	for (n = below(n + 1); n; n--)
		take_slot(w, side);
	client_rxsync(w->to);
}

/* ---- life ---- */

static void extra_take(u32 side)
{
	struct client *c = &end[side];
	u32 idx = c->nifp->ni_bufs_head;

	for (u32 i = 0; i < EXTRA; i++) {
		extra[side][i] = idx;
		memcpy(&idx, client_buf(c, idx), sizeof(idx));
	}
	assert_int_equal(idx, 0);
}

/* Buffers on the list are freed by content: put back those it has now. */
static void extra_give(u32 side)
{
	struct client *c = &end[side];
	u32 next = 0;

	for (u32 i = EXTRA; i > 0; i--) {
		memcpy(client_buf(c, extra[side][i - 1]), &next, sizeof(next));
		next = extra[side][i - 1];
	}
	c->nifp->ni_bufs_head = next;
}

static void end_open(u32 side)
{
	static const char *const names[] = {"base{7", "base}7"};
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = SLOTS,
				     .nr_rx_slots = SLOTS,
				     .nr_extra_bufs = EXTRA};

	assert_int_equal(client_try(&end[side], core, names[side], &reg), 0);
	assert_int_equal(end[side].reg.nr_extra_bufs, EXTRA);
	extra_take(side);
}

static void end_close(u32 side)
{
	extra_give(side);
	client_close(&end[side]);
}

static void check_counters(void)
{
	struct nmreq_x_stats tx, rx;

	claim_stats_add_up(core, "base{7");
	claim_stats_add_up(core, "base}7");
	tx = client_stats(core, "base{7", NETMAP_X_TX);
	rx = client_stats(core, "base}7", NETMAP_X_RX);
	assert_int_equal(tx.sent, rx.delivered);
	assert_int_equal(tx.sent_bytes, rx.delivered_bytes);
	assert_int_equal(tx.sent, way[0].frames);
}

static void reopen(u32 side)
{
	struct nm_region *r = nm_file_region(end[!side].file);
	u32 before = r->pool[NM_POOL_BUF].objfree;

	end_close(side);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, before + EXTRA);
	end_open(side);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, before);
}

static void a_pipe_follows_a_naive_one(void **state)
{
	(void)state;
	chance = sim_seed(41);
	print_message("# SIM_SEED=%llu\n", (unsigned long long)chance);
	core = world_make();
	end_open(0);
	end_open(1);
	way[0] = (struct way){.from = &end[0], .to = &end[1]};
	way[1] = (struct way){.from = &end[1], .to = &end[0]};
	for (unsigned i = 0; i < 40000; i++) {
		u32 d = below(2), what = below(200);

		if (what < 100)
			step_send(&way[d]);
		else if (what < 199)
			step_receive(&way[d], !d);
		else
			reopen(d);
	}
	check_counters();
	end_close(0);
	end_close(1);
	world_end(core);
}

static void every_buffer_is_free_again_after_a_pipe(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nm_region *r;
	struct client a;
	u32 before;
	u8 f[60] = {0};

	(void)state;
	core = world_make();
	client_open(&a, core, "vale0:a", SLOTS);
	r = nm_file_region(a.file);
	before = r->pool[NM_POOL_BUF].objfree;
	assert_int_equal(client_try(&end[0], core, "vale0:a{x", &reg), 0);
	assert_int_equal(client_try(&end[1], core, "vale0:a}x", &reg), 0);
	assert_true(nm_file_region(end[0].file) == r);
	for (int i = 0; i < 5; i++)
		assert_true(client_put(&end[0], 0, f, 60, 0));
	client_txsync(&end[0]);
	client_rxsync(&end[1]);
	client_close(&end[0]);
	client_close(&end[1]);
	assert_int_equal(r->pool[NM_POOL_BUF].objfree, before);
	client_close(&a);
	world_end(core);
}

static void a_frame_that_never_ends_is_cut_after_64_slots(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 128,
				     .nr_rx_slots = 128};
	struct netmap_ring *tx, *rx;

	(void)state;
	core = world_make();
	assert_int_equal(client_try(&end[0], core, "base{1", &reg), 0);
	assert_int_equal(client_try(&end[1], core, "base}1", &reg), 0);
	tx = client_ring(&end[0], NM_TX, 0);
	rx = client_ring(&end[1], NM_RX, 0);
	for (u32 i = 0; i < 63; i++)
		tx->slot[i].flags = NS_MOREFRAG;
	tx->head = tx->cur = 63;
	client_txsync(&end[0]);
	client_rxsync(&end[1]);
	assert_int_equal(client_space(&end[1], NM_RX, 0), 0);
	tx->slot[63].flags = NS_MOREFRAG;
	tx->head = tx->cur = 64;
	client_txsync(&end[0]);
	client_rxsync(&end[1]);
	assert_int_equal(client_space(&end[1], NM_RX, 0), 64);
	assert_int_equal(rx->slot[62].flags & NS_MOREFRAG, NS_MOREFRAG);
	assert_int_equal(rx->slot[63].flags & NS_MOREFRAG, 0);
	client_close(&end[0]);
	client_close(&end[1]);
	world_end(core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_pipe_follows_a_naive_one),
		unit_claim(every_buffer_is_free_again_after_a_pipe),
		unit_claim(a_frame_that_never_ends_is_cut_after_64_slots),
	};

	return unit_run(tests);
}
