// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The switch against a naive one: ports, stations and frames at random; frames
 * in several slots, bad slots, indirect data, offsets, rings that fill up.
 *
 * The naive switch knows one list per port of the frames that must be there,
 * byte for byte, and which port spoke last from which address.
 */
#include "unit.h"

#include "world.h"

#define PORTS	  5
#define SLOTS	  16
#define STATIONS  12 /* the last has no unicast address: never learned */
#define QUEUE	  SLOTS
#define LEN_MAX	  1600
#define PIECE_MAX 300
#define OFS_MAX	  48

struct frame {
	u32 len, slots;
	u8 data[LEN_MAX];
};

struct model_port {
	struct frame queue[QUEUE]; /* delivered, not yet taken */
	u32 head, count;
	u32 used;     /* slots of the ring not yet given back */
	u32 returned; /* slots taken, given back at the next rxsync */
	u64 attempted, delivered, drop_full;
	u64 offered, sent, no_runt, no_slot, no_frags, no_self, no_indirect;
};

static struct nm_core *core;
static struct client cl[PORTS];
static struct model_port model[PORTS];
static int station_at[STATIONS]; /* port, -1: unknown */
static u64 chance;

static u32 below(u32 n)
{
	return (u32)(sim_random(&chance) % n);
}

static void name_of(char *name, u32 port)
{
	memcpy(name, "vale7:p0", 9);
	name[7] = (char)('0' + port);
}

static void station_mac(u8 *mac, u32 station)
{
	memset(mac, 0x11, 6);
	mac[0] = station == STATIONS - 1 ? 0x01 : 0x02;
	mac[5] = (u8)station;
}

/* ---- the naive switch ---- */

static void model_deliver(u32 to, const struct frame *f)
{
	struct model_port *m = &model[to];

	m->attempted++;
	if (m->used + f->slots > SLOTS - 1) {
		m->drop_full++;
		return;
	}
	m->used += f->slots;
	m->queue[(m->head + m->count++) % QUEUE] = *f;
	m->delivered++;
}

static void model_forward(u32 from, u32 src, u32 dst, const struct frame *f)
{
	int at;

	if (src != STATIONS - 1)
		station_at[src] = (int)from;
	at = dst == STATIONS - 1 ? -1 : station_at[dst];
	if (at == (int)from) {
		model[from].no_self++;
		return;
	}
	model[from].sent++;
	for (u32 i = 0; i < PORTS; i++) {
		if (i != from && (at < 0 || at == (int)i))
			model_deliver(i, f);
	}
}

/* ---- what a sender does ---- */

/* What is queued in a tx ring until the next sync. */
struct sent {
	u32 src, dst;
	struct frame f;
	enum { GOOD, RUNT, BAD_SLOT, BAD_INDIRECT } kind;
};

static struct sent batch[SLOTS];
static u32 nbatch;
static u8 indirect[SLOTS][LEN_MAX];

static void frame_make(struct sent *s)
{
	s->src = below(STATIONS);
	s->dst = below(STATIONS);
	s->kind = GOOD;
	s->f.len = below(8) ? 14 + below(PIECE_MAX - 14) : below(14);
	if (s->f.len < 14)
		s->kind = RUNT;
	else if (!below(4))
		s->f.len = 14 + below(LEN_MAX - 14);
	for (u32 i = 0; i < s->f.len; i++)
		s->f.data[i] = (u8)sim_random(&chance);
	if (s->f.len >= 12) {
		station_mac(s->f.data, s->dst);
		station_mac(s->f.data + 6, s->src);
	}
}

/* Every other port has offsets. */
static bool has_offsets(u32 port)
{
	return port % 2;
}

/* What a slot says of an offset: too large ones, and other bits, may be in it. */
static u64 any_ptr(void)
{
	return below(OFS_MAX + 20) | sim_random(&chance) << 16;
}

static u8 *data_at(u32 port, const struct netmap_slot *slot)
{
	u32 ofs = has_offsets(port) ? slot->ptr & 0xffff : 0;

	return client_buf(&cl[port], slot->buf_idx) +
	       (ofs < OFS_MAX ? ofs : OFS_MAX);
}

/* The data moves to where the slot says from now on. */
static void move_to_offset(u32 port, struct netmap_slot *slot)
{
	u8 *buf = client_buf(&cl[port], slot->buf_idx);

	slot->ptr = any_ptr();
	memmove(data_at(port, slot), buf, slot->len);
	memset(buf, 0xee, (size_t)(data_at(port, slot) - buf));
}

/* Turns a slot into one that points to its data, or nowhere. */
static void make_indirect(u32 port, struct netmap_slot *slot, u8 *data,
			  struct sent *s)
{
	memcpy(data, data_at(port, slot), slot->len);
	memset(client_buf(&cl[port], slot->buf_idx), 0xdd, slot->len + OFS_MAX);
	slot->flags |= NS_INDIRECT;
	slot->ptr = (uintptr_t)data;
	if (below(3))
		return;
	slot->ptr = below(2) ? 0 : 8;
	s->kind = BAD_INDIRECT;
}

static void make_bad(struct netmap_slot *slot, struct sent *s)
{
	slot->len = (u16)(2113 + below(60000));
	s->kind = BAD_SLOT;
}

/* Spoils or changes slots of the frame that was put last. */
static void change_slots(u32 port, struct sent *s)
{
	struct netmap_ring *r = client_ring(&cl[port], NM_TX, 0);

	for (u32 i = s->f.slots; i; i--) {
		u32 k = (r->head + SLOTS - i) % SLOTS;
		struct netmap_slot *slot = &r->slot[k];

		if (has_offsets(port))
			move_to_offset(port, slot);
		if (s->kind != GOOD)
			continue;
		if (!below(10))
			make_indirect(port, slot, indirect[k], s);
		else if (s->f.slots == 1 && !below(20))
			make_bad(slot, s);
	}
}

/* Puts one frame in @port's ring; false: full. */
static bool put_one(u32 port)
{
	struct sent *s = &batch[nbatch];
	u32 piece = below(3) ? 0 : 100 + below(PIECE_MAX - 100);

	frame_make(s);
	if (s->f.len < 14)
		piece = 0;
	s->f.slots = piece ? (s->f.len + piece - 1) / piece : 1;
	if (s->f.slots > 8 ||
	    !client_put(&cl[port], 0, s->f.data, s->f.len, piece))
		return false;
	change_slots(port, s);
	nbatch++;
	return true;
}

static void account(u32 port, const struct sent *s)
{
	struct model_port *m = &model[port];

	m->offered++;
	switch (s->kind) {
	case RUNT:
		m->no_runt++;
		break;
	case BAD_SLOT:
		m->no_slot++;
		break;
	case BAD_INDIRECT:
		m->no_indirect++;
		break;
	case GOOD:
		model_forward(port, s->src, s->dst, &s->f);
	}
}

static void step_send(u32 port)
{
	struct netmap_ring *r = client_ring(&cl[port], NM_TX, 0);
	u32 n = 1 + below(SLOTS);

	nbatch = 0;
	while (nbatch < n && put_one(port))
		;
	client_txsync(&cl[port]);
	for (u32 i = 0; i < nbatch; i++)
		account(port, &batch[i]);
	/* A switch gives all slots back at once. */
	assert_int_equal(r->tail, (r->head + SLOTS - 1) % SLOTS);
	for (u32 i = 0; i < SLOTS; i++) {
		r->slot[i].flags = 0;
		r->slot[i].ptr = 0;
	}
}

/* ---- what a receiver does ---- */

/* Takes the next frame, from wherever it lies; where the next one will lie is
 * changed. Its length, 0: none. */
static u32 frame_take(u32 port, u8 *data, u16 *flags)
{
	struct netmap_ring *r = client_ring(&cl[port], NM_RX, 0);
	u32 len = 0;
	bool more = r->head != r->tail;

	*flags = r->slot[r->head].flags;
	while (more) {
		struct netmap_slot *slot = &r->slot[r->head];

		assert_int_not_equal(r->head, r->tail);
		memcpy(data + len, data_at(port, slot), slot->len);
		len += slot->len;
		more = slot->flags & NS_MOREFRAG;
		if (has_offsets(port))
			slot->ptr = any_ptr();
		r->head = r->cur = (r->head + 1) % SLOTS;
	}
	return len;
}

static void step_receive(u32 port)
{
	struct model_port *m = &model[port];
	u8 data[LEN_MAX];
	u32 take = below(QUEUE + 1), len;
	u16 flags;

	client_rxsync(&cl[port]);
	m->used -= m->returned;
	m->returned = 0;
	for (; take; take--) {
		struct frame *f = &m->queue[m->head];

		len = frame_take(port, data, &flags);
		if (!m->count) {
			assert_int_equal(len, 0);
			return;
		}
		assert_int_equal(len, f->len);
		assert_memory_equal(data, f->data, len);
		assert_int_equal(flags >> 8, f->slots);
		m->head = (m->head + 1) % QUEUE;
		m->count--;
		m->returned += f->slots;
	}
}

/* ---- counters ---- */

static void check_counters(u32 port)
{
	const struct model_port *m = &model[port];
	struct nmreq_x_stats tx, rx;
	char name[16];

	name_of(name, port);
	claim_stats_add_up(core, name);
	tx = client_stats(core, name, NETMAP_X_TX);
	rx = client_stats(core, name, NETMAP_X_RX);
	assert_int_equal(tx.offered, m->offered);
	assert_int_equal(tx.sent, m->sent);
	assert_int_equal(tx.no_runt, m->no_runt);
	assert_int_equal(tx.no_slot, m->no_slot);
	assert_int_equal(tx.no_indirect, m->no_indirect);
	assert_int_equal(tx.no_self, m->no_self);
	assert_int_equal(tx.no_port, 0);
	assert_int_equal(rx.attempted, m->attempted);
	assert_int_equal(rx.delivered, m->delivered);
	assert_int_equal(rx.drop_full, m->drop_full);
}

static void port_open(u32 port)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = SLOTS,
				     .nr_rx_slots = SLOTS};
	struct nmreq_opt_offsets o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_OFFSETS},
		.nro_max_offset = OFS_MAX,
		.nro_offset_bits = 16,
	};
	char name[16];

	name_of(name, port);
	assert_int_equal(client_try_with(&cl[port], core, name, &reg,
					 has_offsets(port) ? &o : NULL),
			 0);
}

/* The port leaves and comes back: what it had is gone, and its stations. */
static void step_reopen(u32 port)
{
	client_close(&cl[port]);
	port_open(port);
	memset(&model[port], 0, sizeof(model[port]));
	for (u32 i = 0; i < STATIONS; i++) {
		if (station_at[i] == (int)port)
			station_at[i] = -1;
	}
}

static void switch_follows_model(unsigned steps, u32 batch_slots)
{
	u64 seed = chance;

	print_message("# SIM_SEED=%llu\n", (unsigned long long)seed);
	core = world_make();
	core->params.bridge_batch = batch_slots;
	memset(model, 0, sizeof(model));
	for (u32 i = 0; i < STATIONS; i++)
		station_at[i] = -1;
	for (u32 i = 0; i < PORTS; i++)
		port_open(i);
	for (unsigned i = 0; i < steps; i++) {
		u32 port = below(PORTS), what = below(1000);

		if (what < 500)
			step_send(port);
		else if (what < 998)
			step_receive(port);
		else
			step_reopen(port);
		if (i % 64 == 0)
			check_counters(port);
	}
	for (u32 i = 0; i < PORTS; i++)
		client_close(&cl[i]);
	world_end(core);
}

static void a_switch_follows_a_naive_one(void **state)
{
	(void)state;
	chance = sim_seed(31);
	switch_follows_model(20000, NM_BATCH_MAX);
}

static void a_switch_with_small_batches_follows_a_naive_one(void **state)
{
	(void)state;
	chance = sim_seed(32);
	switch_follows_model(10000, 3);
}

/* ---- one at a time ---- */

static void open_two(struct client *a, struct client *b)
{
	core = world_make();
	client_open(a, core, "vale0:a", 128);
	client_open(b, core, "vale0:b", 128);
}

static void close_two(struct client *a, struct client *b)
{
	client_close(a);
	client_close(b);
	world_end(core);
}

static void a_frame_of_65_slots_is_dropped_and_of_64_is_not(void **state)
{
	struct client a, b;
	struct nmreq_x_stats tx;
	u8 f[65 * 14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[65 * 14];
	u16 flags;

	(void)state;
	open_two(&a, &b);
	assert_true(client_put(&a, 0, f, 64 * 14, 14));
	client_txsync(&a);
	assert_true(client_put(&a, 0, f, 65 * 14, 14));
	client_txsync(&a);
	client_rxsync(&b);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 64 * 14);
	assert_int_equal(flags, 64 << 8 | NS_MOREFRAG);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 0);
	tx = client_stats(core, "vale0:a", NETMAP_X_TX);
	assert_int_equal(tx.no_frags, 1);
	assert_int_equal(tx.sent, 1);
	close_two(&a, &b);
}

static void an_unfinished_frame_is_closed_at_head(void **state)
{
	struct client a, b;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[60];
	struct netmap_ring *r;
	u16 flags;

	(void)state;
	open_two(&a, &b);
	r = client_ring(&a, NM_TX, 0);
	assert_true(client_put(&a, 0, f, 60, 0));
	r->slot[0].flags |= NS_MOREFRAG;
	client_txsync(&a);
	client_rxsync(&b);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 60);
	assert_int_equal(flags, 0x100);
	close_two(&a, &b);
}

static void a_receiver_s_bad_slot_costs_that_frame_only(void **state)
{
	struct client a, b;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[60];
	struct nmreq_x_stats rx;
	u16 flags;

	(void)state;
	open_two(&a, &b);
	client_ring(&b, NM_RX, 0)->slot[1].buf_idx = 0x12345678;
	for (int i = 0; i < 3; i++) {
		f[59] = (u8)i;
		assert_true(client_put(&a, 0, f, 60, 0));
	}
	client_txsync(&a);
	client_rxsync(&b);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 60);
	assert_int_equal(got[59], 0);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 0);
	assert_int_equal(client_get(&b, 0, got, sizeof(got), &flags), 60);
	assert_int_equal(got[59], 2);
	rx = client_stats(core, "vale0:b", NETMAP_X_RX);
	assert_int_equal(rx.drop_slot, 1);
	assert_int_equal(rx.delivered, 2);
	claim_stats_add_up(core, "vale0:b");
	close_two(&a, &b);
}

/* Who maps the region chooses the address: not in another's memory. */
static void indirect_data_is_read_only_where_nobody_else_maps(void **state)
{
	struct client a, b;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[60];
	struct nmreq_x_stats tx;
	u16 flags;

	(void)state;
	open_two(&a, &b);
	for (u32 i = 0; i < 3; i++) {
		struct netmap_slot *slot = &client_ring(&a, NM_TX, 0)->slot[i];

		if (i == 1)
			sim_mem_share(nm_file_region(a.file)->mem);
		assert_true(client_put(&a, 0, f, 60, 0));
		slot->flags = i == 2 ? 0 : NS_INDIRECT;
		slot->ptr = (uintptr_t)f;
		client_txsync(&a);
		client_rxsync(&b);
		assert_int_equal(client_get(&b, 0, got, 60, &flags),
				 i == 1 ? 0 : 60);
	}
	tx = client_stats(core, "vale0:a", NETMAP_X_TX);
	assert_int_equal(tx.no_indirect, 1);
	assert_int_equal(tx.sent, 2);
	claim_stats_add_up(core, "vale0:a");
	close_two(&a, &b);
}

/* Rings come anew, so what others left is gone with the last bind. */
static void a_region_without_binds_is_nobody_s_again(void **state)
{
	struct nmreq_vale_newif b = {.nr_tx_slots = 8, .nr_rx_slots = 8};
	struct nm_file *file;
	struct client one, two;
	struct os_mem *mem;

	(void)state;
	core = world_make();
	assert_int_equal(nm_file_create(core, &file), 0);
	assert_int_equal(world_ctrl(file, NETMAP_REQ_VALE_NEWIF, "per0", &b),
			 0);
	client_open(&one, core, "per0", 8);
	client_open(&two, core, "per0", 8);
	mem = nm_file_region(one.file)->mem;
	sim_mem_share(mem);
	client_close(&one);
	assert_false(os_mem_is_callers(mem, NULL));
	client_close(&two);
	assert_true(os_mem_is_callers(mem, NULL));
	assert_int_equal(world_ctrl(file, NETMAP_REQ_VALE_DELIF, "per0", NULL),
			 0);
	nm_file_destroy(file);
	world_end(core);
}

/* Region 1 has small buffers here, private regions the usual ones. */
static void open_small_and_large(struct client *small, struct client *large)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 8,
				     .nr_rx_slots = 8,
				     .nr_mem_id = 1};
	struct nm_params p;

	nm_params_init(&p);
	p.vale_stations = 64;
	p.buf_size = 128;
	assert_int_equal(nm_core_create(&core, &p), 0);
	assert_int_equal(client_try(small, core, "vale0:a", &reg), 0);
	client_open(large, core, "vale0:b", 8);
}

/* Fills the buffers beside @idx, to see later that nobody wrote there. */
static void canary_set(struct client *c, u32 idx)
{
	memset(client_buf(c, idx - 1), 0x5a, 128);
	memset(client_buf(c, idx + 1), 0x5a, 128);
}

static void assert_canary(struct client *c, u32 idx)
{
	for (u32 i = 0; i < 128; i++) {
		assert_int_equal(client_buf(c, idx - 1)[i], 0x5a);
		assert_int_equal(client_buf(c, idx + 1)[i], 0x5a);
	}
}

static void a_piece_larger_than_the_receiver_s_buffer_is_dropped(void **state)
{
	struct client small, large;
	u8 f[200] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[200];
	static const u32 pieces[] = {0, 150};
	struct nmreq_x_stats rx;
	u32 idx;
	u16 flags;

	(void)state;
	open_small_and_large(&small, &large);
	for (u32 i = 0; i < 2; i++) {
		struct netmap_ring *r = client_ring(&small, NM_RX, 0);

		idx = r->slot[r->tail].buf_idx;
		canary_set(&small, idx);
		assert_true(client_put(&large, 0, f, 200, pieces[i]));
		client_txsync(&large);
		client_rxsync(&small);
		/* Slots without a frame, or nothing: no byte of it. */
		while (client_get(&small, 0, got, sizeof(got), &flags))
			fail();
		assert_canary(&small, idx);
		client_rxsync(&small);
	}
	rx = client_stats(core, "vale0:a", NETMAP_X_RX);
	assert_int_equal(rx.drop_size, 2);
	assert_int_equal(rx.delivered, 0);
	claim_stats_add_up(core, "vale0:a");
	/* What fits still comes. */
	assert_true(client_put(&large, 0, f, 128, 0));
	client_txsync(&large);
	client_rxsync(&small);
	do {
		idx = client_get(&small, 0, got, sizeof(got), &flags);
	} while (!idx && client_space(&small, NM_RX, 0));
	assert_int_equal(idx, 128);
	close_two(&small, &large);
}

static void a_length_over_the_sender_s_buffer_is_refused(void **state)
{
	struct client small, large;
	u8 f[128] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[2112];
	struct nmreq_x_stats tx;
	u16 flags;

	(void)state;
	open_small_and_large(&small, &large);
	assert_true(client_put(&small, 0, f, 128, 0));
	client_ring(&small, NM_TX, 0)->slot[0].len = 129;
	assert_true(client_put(&small, 0, f, 128, 0));
	client_txsync(&small);
	client_rxsync(&large);
	assert_int_equal(client_get(&large, 0, got, sizeof(got), &flags), 128);
	assert_int_equal(client_get(&large, 0, got, sizeof(got), &flags), 0);
	tx = client_stats(core, "vale0:a", NETMAP_X_TX);
	assert_int_equal(tx.no_slot, 1);
	assert_int_equal(tx.sent, 1);
	close_two(&small, &large);
}

static void frames_to_nobody_are_counted_and_come_back(void **state)
{
	struct client a;
	struct nmreq_x_stats tx;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2};

	(void)state;
	core = world_make();
	client_open(&a, core, "vale0:a", 8);
	for (int i = 0; i < 7; i++)
		assert_true(client_put(&a, 0, f, 60, 0));
	client_txsync(&a);
	assert_int_equal(client_space(&a, NM_TX, 0), 7);
	tx = client_stats(core, "vale0:a", NETMAP_X_TX);
	assert_int_equal(tx.no_port, 7);
	assert_int_equal(tx.sent, 0);
	claim_stats_add_up(core, "vale0:a");
	client_close(&a);
	world_end(core);
}

static void a_port_without_rx_users_counts_its_drops_as_closed(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_TX_RINGS_ONLY};
	struct client a, b;
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2};
	struct nmreq_x_stats rx;

	(void)state;
	core = world_make();
	client_open(&a, core, "vale0:a", 8);
	assert_int_equal(client_try(&b, core, "vale0:b", &reg), 0);
	assert_true(client_put(&a, 0, f, 60, 0));
	client_txsync(&a);
	rx = client_stats(core, "vale0:b", NETMAP_X_RX);
	assert_int_equal(rx.drop_closed, 1);
	claim_stats_add_up(core, "vale0:b");
	close_two(&a, &b);
}

static void
unicast_keeps_the_sender_s_ring_and_floods_go_to_ring_0(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_rings = 4,
				     .nr_rx_rings = 3,
				     .nr_tx_slots = 8,
				     .nr_rx_slots = 8};
	struct client a, b;
	u8 f[60] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, got[60];
	u8 hello[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2};
	u16 flags;

	(void)state;
	core = world_make();
	assert_int_equal(client_try(&a, core, "vale0:a", &reg), 0);
	assert_int_equal(client_try(&b, core, "vale0:b", &reg), 0);
	for (u32 i = 0; i < 4; i++) {
		assert_true(client_put(&b, i, hello, 60, 0));
		client_txsync(&b);
		client_rxsync(&a);
		assert_int_equal(client_get(&a, 0, got, 60, &flags), 60);
	}
	for (u32 i = 0; i < 4; i++) {
		assert_true(client_put(&a, i, f, 60, 0));
		client_txsync(&a);
		client_rxsync(&b);
		assert_int_equal(client_get(&b, i % 3, got, 60, &flags), 60);
	}
	close_two(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_switch_follows_a_naive_one),
		unit_claim(a_switch_with_small_batches_follows_a_naive_one),
		unit_claim(a_frame_of_65_slots_is_dropped_and_of_64_is_not),
		unit_claim(an_unfinished_frame_is_closed_at_head),
		unit_claim(a_receiver_s_bad_slot_costs_that_frame_only),
		unit_claim(indirect_data_is_read_only_where_nobody_else_maps),
		unit_claim(a_region_without_binds_is_nobody_s_again),
		unit_claim(
			a_piece_larger_than_the_receiver_s_buffer_is_dropped),
		unit_claim(a_length_over_the_sender_s_buffer_is_refused),
		unit_claim(frames_to_nobody_are_counted_and_come_back),
		unit_claim(a_port_without_rx_users_counts_its_drops_as_closed),
		unit_claim(
			unicast_keeps_the_sender_s_ring_and_floods_go_to_ring_0),
	};

	return unit_run(tests);
}
