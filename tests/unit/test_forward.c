// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What forwarding does beside copying, against naive expectations: headers of
 * any length between any ports, buffers handed over, frames in slots of any
 * size; a client that looks up; memory that is not there.
 */
#include "unit.h"

#include "client.h"
#include "world.h"

#define PORTS 4
#define SLOTS 16
#define ALL   0xff
#define BATCH 3
#define MAX   1500
#define ROOM  (MAX + 12)

static struct nm_core *core;
static struct client cl[PORTS];
static u32 vnet[PORTS];
static u64 chance;

static u32 below(u32 n)
{
	return (u32)(sim_random(&chance) % n);
}

static const char *name_of(u32 port)
{
	static const char *const names[PORTS] = {"vale0:a", "vale0:b",
						 "vale0:c", "vale0:d"};

	return names[port];
}

static void header_set(u32 port, u32 len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = len};

	assert_int_equal(world_ctrl(cl[port].file, NETMAP_REQ_PORT_HDR_SET,
				    name_of(port), &h),
			 0);
	vnet[port] = len;
}

/* a and b share a region; a consents to handing over. */
static void open_all(u32 rings)
{
	core = world_make();
	for (u32 i = 0; i < PORTS; i++) {
		struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
					     .nr_tx_rings = (u16)rings,
					     .nr_rx_rings = (u16)rings,
					     .nr_tx_slots = SLOTS,
					     .nr_rx_slots = SLOTS,
					     .nr_flags = i ? 0 : NR_X_ZCOPY};

		if (i == 1)
			reg.nr_mem_id = cl[0].reg.nr_mem_id;
		assert_int_equal(client_try(&cl[i], core, name_of(i), &reg), 0);
		vnet[i] = 0;
	}
}

static void close_all(void)
{
	for (u32 i = 0; i < PORTS; i++) {
		claim_stats_add_up(core, name_of(i));
		client_close(&cl[i]);
	}
	world_end(core);
}

/* ---- the naive switch ---- */

struct sent {
	u32 from, to, len, piece; /* @len without the header */
	u8 data[ROOM];
};

static void frame_make(struct sent *s, u32 from, u32 to, u32 len)
{
	u8 *f = s->data + vnet[from];

	*s = (struct sent){.from = from, .to = to, .len = len};
	for (u32 i = 2; i < vnet[from]; i++)
		s->data[i] = (u8)sim_random(&chance);
	for (u32 i = 0; i < len; i++)
		f[i] = (u8)sim_random(&chance);
	memset(f, to == ALL ? 0xff : 0, 12);
	memset(f + 6, 0, 6);
	if (to != ALL) {
		f[0] = 2;
		f[5] = (u8)to;
	}
	f[6] = 2;
	f[11] = (u8)from;
}

/* The next frame of @port is what @s must be there. */
static void expect(u32 port, u32 ring, const struct sent *s)
{
	u32 from = vnet[s->from], to = vnet[port], n = s->len + to;
	u8 want[ROOM] = {0}, got[ROOM];
	u16 flags;

	memcpy(want, s->data, from < to ? from : to);
	memcpy(want + to, s->data + from, s->len);
	assert_int_equal(client_get(&cl[port], ring, got, ROOM, &flags), n);
	assert_memory_equal(got, want, n);
	if (from != to)
		assert_int_equal(flags, 0x100);
	else
		assert_int_equal(flags >> 8,
				 s->piece ? (n + s->piece - 1) / s->piece : 1);
}

static void expect_none(u32 port, u32 ring)
{
	assert_int_equal(client_space(&cl[port], NM_RX, ring), 0);
}

/* Every port has one place for each of its buffers. */
static void assert_buffers_kept(void)
{
	static u8 seen[65536];

	memset(seen, 0, sizeof(seen));
	for (u32 p = 0; p < 2; p++) {
		for (u32 dir = 0; dir < NM_DIRS; dir++) {
			struct netmap_ring *r = client_ring(&cl[p], dir, 0);

			for (u32 i = 0; i < SLOTS; i++) {
				assert_true(r->slot[i].buf_idx < 65536);
				assert_int_equal(seen[r->slot[i].buf_idx]++, 0);
			}
		}
	}
}

static void step(void)
{
	static struct sent batch[BATCH];
	static const u32 lens[] = {0, 10, 12};
	u32 from = below(PORTS), n = 1 + below(BATCH);

	if (!below(8))
		header_set(from, lens[below(3)]);
	for (u32 i = 0; i < n; i++) {
		struct sent *s = &batch[i];

		frame_make(s, from, below(4) ? below(PORTS) : ALL,
			   14 + below(MAX - 14));
		if (below(2))
			s->piece = 400 + below(MAX);
		assert_true(client_put(&cl[from], 0, s->data,
				       s->len + vnet[from], s->piece));
	}
	client_txsync(&cl[from]);
	for (u32 p = 0; p < PORTS; p++) {
		client_rxsync(&cl[p]);
		for (u32 i = 0; i < n; i++)
			if (p != from &&
			    (batch[i].to == ALL || batch[i].to == p))
				expect(p, 0, &batch[i]);
		expect_none(p, 0);
		client_rxsync(&cl[p]);
	}
}

static void introduce_all(void)
{
	struct sent s;

	for (u32 i = 0; i < PORTS; i++) {
		frame_make(&s, i, ALL, 60);
		assert_true(client_put(&cl[i], 0, s.data, 60, 0));
		client_txsync(&cl[i]);
		for (u32 p = 0; p < PORTS; p++) {
			client_rxsync(&cl[p]);
			if (p != i)
				expect(p, 0, &s);
			client_rxsync(&cl[p]);
		}
	}
}

static void headers_and_handover_bring_what_a_naive_switch_would(void **state)
{
	u64 given = 0;

	(void)state;
	chance = sim_seed(77);
	open_all(1);
	introduce_all();
	for (u32 i = 0; i < 6000; i++) {
		struct netmap_ring *r = client_ring(&cl[0], NM_TX, 0);

		step();
		for (u32 k = 0; k < SLOTS; k++) {
			given += r->slot[k].flags & NS_BUF_CHANGED;
			r->slot[k].flags = 0;
		}
		if (i % 16 == 0)
			assert_buffers_kept();
	}
	assert_true(given > 100);
	close_all();
}

/* ---- a client ---- */

static struct nm_vale_frame last;

/* Byte 4 of the frame is the ring, byte 5 the port. */
static u32 look_up(const struct nm_vale_frame *f, u32 *ring, void *priv)
{
	last = *f;
	*ring = f->data[4];
	++*(u32 *)priv;
	return f->data[5];
}

static void put_to(struct sent *s, u32 from, u32 ring, u32 port)
{
	frame_make(s, from, 0, 60);
	s->data[vnet[from] + 4] = (u8)ring;
	s->data[vnet[from] + 5] = (u8)port;
	assert_true(client_put(&cl[from], 1, s->data, 60 + vnet[from], 0));
}

static void assert_source(u64 sent, u64 self, u64 client, u64 nobody)
{
	struct nmreq_x_stats x = client_stats(core, "vale0:a", NETMAP_X_TX);

	assert_int_equal(x.sent, sent);
	assert_int_equal(x.no_self, self);
	assert_int_equal(x.no_client, client);
	assert_int_equal(x.no_port, nobody);
}

static void a_client_sends_frames_to_ports_and_rings_of_its_choice(void **state)
{
	const struct nm_switch_ops ops = {.lookup = look_up};
	struct sent s[6];
	u32 asked = 0;

	(void)state;
	chance = 5;
	open_all(3);
	assert_int_equal(nm_switch_set_ops(core, "vale0", &ops, &asked, 0), 0);
	header_set(0, 12);
	put_to(&s[0], 0, 2, 1);
	put_to(&s[1], 0, 0, 1);
	put_to(&s[2], 0, 2, NM_VALE_FLOOD);
	put_to(&s[3], 0, 5, 1); /* modulo 3 rings */
	put_to(&s[4], 0, 0, 1);
	put_to(&s[5], 0, 1, 2);
	client_txsync(&cl[0]);
	assert_int_equal(asked, 6);
	assert_int_equal(last.len, 60);
	assert_int_equal(last.total, 60);
	assert_int_equal(last.slots, 1);
	assert_int_equal(last.port, 0);
	assert_int_equal(last.ring, 1);
	for (u32 p = 1; p < PORTS; p++)
		client_rxsync(&cl[p]);
	expect(1, 2, &s[0]);
	expect(1, 2, &s[3]);
	expect_none(1, 2);
	expect(1, 0, &s[1]);
	expect(1, 0, &s[2]);
	expect(1, 0, &s[4]);
	expect_none(1, 0);
	expect(2, 0, &s[2]);
	expect(2, 1, &s[5]);
	expect(3, 0, &s[2]);
	assert_source(6, 0, 0, 0);
	put_to(&s[0], 0, 0, 0);
	put_to(&s[0], 0, 0, NM_VALE_DROP);
	put_to(&s[0], 0, 0, 77);
	client_txsync(&cl[0]);
	assert_source(6, 1, 1, 1);
	/* Back to learning: nobody is known. */
	assert_int_equal(nm_switch_set_ops(core, "vale0", NULL, NULL, 0), 0);
	put_to(&s[0], 0, 0, NM_VALE_DROP);
	client_txsync(&cl[0]);
	assert_int_equal(asked, 9);
	assert_source(7, 1, 1, 1);
	close_all();
}

/* ---- memory ---- */

static void
without_memory_frames_whose_header_changes_are_dropped_and_counted(void **state)
{
	struct sent s;

	(void)state;
	chance = 5;
	open_all(1);
	header_set(1, 12);
	frame_make(&s, 0, ALL, 60);
	assert_true(client_put(&cl[0], 0, s.data, 60, 0));
	sim_fail_nth(SIM_FAIL_MEMORY, 1);
	client_txsync(&cl[0]);
	assert_int_equal(sim_fail_calls(), 1);
	sim_fail_nth(0, 0);
	for (u32 p = 1; p < PORTS; p++)
		client_rxsync(&cl[p]);
	expect_none(1, 0);
	expect(2, 0, &s);
	expect(3, 0, &s);
	assert_int_equal(client_stats(core, "vale0:b", NETMAP_X_RX).drop_memory,
			 1);
	/* The next one finds some. */
	assert_true(client_put(&cl[0], 0, s.data, 60, 0));
	client_txsync(&cl[0]);
	client_rxsync(&cl[1]);
	expect(1, 0, &s);
	close_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(
			headers_and_handover_bring_what_a_naive_switch_would),
		unit_claim(
			a_client_sends_frames_to_ports_and_rings_of_its_choice),
		unit_claim(
			without_memory_frames_whose_header_changes_are_dropped_and_counted),
	};

	return unit_run(tests);
}
