// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A hostile program: it writes anything in its rings, slots, buffers and
 * interface records, between syncs and in the middle of them, and syncs in any
 * order. Nothing outside its regions is touched, its neighbours on the same
 * switch move their frames, and at the end all is free.
 *
 *      hostile 0  vale0:h   --+
 *      hostile 1  vale0:i   --+-- vale0 --+-- vale0:a  neighbours, each in
 *      hostile 2  vale0:h{1   (hostile     +-- vale0:b  a region of its own
 *      hostile 3  vale0:h}1    0's region)
 *
 *
 *      hostile 4  eth0 and its host rings  --cable--  wire0, the system's alone
 *
 * A monitor, hostile too, may watch any of the hostile ones, or copy what passes
 * a neighbour. The interface comes when an operation asks for it.
 *
 * Input: a sequence of operations. One arms a hook with a run of bytes: from
 * then on the core's accesses to shared memory consume them, and some of them
 * write before the access.
 */
#include "fuzz.h"
#include "soft.h"

#define HOSTILE 4 /* on the switch */
#define NIC	4 /* the one on an interface */
#define SLOTS	8
#define LEN	60

static struct nm_core *core;
static struct client hostile[HOSTILE + 1], a, b;
static struct bytes input, racing;

/* The monitor, while there is one, and its ring. */
static struct client mon;
static struct netmap_ring *mon_ring;

static const char *const names[HOSTILE + 1] = {
	"vale0:h", "vale0:i", "vale0:h{1", "vale0:h}1", "eth0"};

/* ---- writing ---- */

static u32 take_value(struct bytes *in)
{
	u8 v = take_u8(in);

	switch (v >> 6) {
	case 0:
		return v;
	case 1:
		return 2 * SLOTS + (v & 31);
	case 2: /* around the lengths and indices that end */
		return (v & 32 ? 2112u : 0xffffu) + (v & 31) - 16;
	default:
		return take_u32(in);
	}
}

static void write_slot(struct bytes *in, struct netmap_ring *r)
{
	struct netmap_slot *s = &r->slot[take_u8(in) % SLOTS];

	switch (take_u8(in) % 5) {
	case 0:
		s->buf_idx = take_value(in);
		break;
	case 1:
		s->len = (u16)take_value(in);
		break;
	case 2:
		s->flags = (u16)take_value(in);
		break;
	case 3: /* an address that is readable, or not */
		s->ptr = take_u8(in) & 1 ? (uintptr_t)a.base + take_u8(in)
					 : take_u64(in);
		break;
	default:
		s->flags = NS_INDIRECT;
		s->len = take_u8(in);
		s->ptr = (uintptr_t)names;
	}
}

static void write_ring(struct bytes *in, struct netmap_ring *r)
{
	u8 v = take_u8(in);

	switch (v % 8) {
	case 0:
		r->head = take_value(in);
		break;
	case 1:
		r->cur = take_value(in);
		break;
	case 2:
		r->tail = take_value(in);
		break;
	case 3: /* what only netmap should write */
		take_bytes(in, r, sizeof(u64) * 7);
		break;
	case 4: /* everything there is, as a good program */
		r->head = r->cur = r->tail;
		break;
	default:
		write_slot(in, r);
	}
}

static void write_record(struct bytes *in, struct client *c)
{
	u32 i = take_u8(in) % sizeof(struct netmap_if);

	((u8 *)c->nifp)[i] = take_u8(in);
}

static void write_buffer(struct bytes *in, struct client *c)
{
	u8 *buf = client_buf(c, 2 + take_u8(in) % (2 * SLOTS));
	u8 n = take_u8(in);

	/* Addresses of neighbours and of itself, or anything. */
	if (n < 64) {
		memset(buf, 0, 14);
		buf[0] = buf[6] = 2;
		buf[5] = n & 7;
		buf[11] = n >> 3;
	} else {
		take_bytes(in, buf, n % 64);
	}
}

/* Rings as they were when the port was opened: the record may lie by now. Those
 * of the NIC's host are behind its own. */
static struct netmap_ring *rings[HOSTILE + 2][NM_DIRS];

static struct soft_nic *eth0, *wire0;
static bool nic_open;

static void write_something(struct bytes *in)
{
	u8 v = take_u8(in);
	struct client *c = &hostile[v % HOSTILE];

	switch (v / HOSTILE % 8) {
	case 0:
		write_record(in, c);
		break;
	case 1:
		write_buffer(in, c);
		break;
	case 2:
		if (mon_ring)
			write_ring(in, mon_ring);
		break;
	case 3:
		if (nic_open)
			write_ring(in, rings[NIC + (v & 1)][v >> 7]);
		break;
	default:
		write_ring(in, rings[v % HOSTILE][v >> 7]);
	}
}

/* Runs before each access of the core, while bytes last. */
static void race(void *arg)
{
	(void)arg;
	if (!bytes_left(&racing)) {
		sim_set_hook(NULL, NULL);
		return;
	}
	if (take_u8(&racing) & 1)
		write_something(&racing);
}

static void arm(struct bytes *in)
{
	u32 n = take_u8(in), left = (u32)(in->end - in->at);

	n = n < left ? n : left;
	racing = (struct bytes){in->at, in->at + n};
	in->at += n;
	sim_set_hook(race, NULL);
}

/* ---- the neighbours ---- */

static void put(struct client *c, u8 from, u8 to, u8 mark)
{
	u8 f[LEN] = {2, 0, 0, 0, 0x77, to, 2, 0, 0, 0, 0x77, from};

	memset(f + 12, mark, LEN - 12);
	if (to == 0xff)
		memset(f, 0xff, 6);
	sim_claim(client_put(c, 0, f, LEN, 0));
	client_txsync(c);
}

static void drain(struct client *c)
{
	struct netmap_ring *r = client_ring(c, NM_RX, 0);

	client_rxsync(c);
	r->head = r->cur = r->tail;
	client_rxsync(c);
}

static void expect(struct client *c, u8 from, u8 mark)
{
	u8 f[LEN];
	u16 flags;

	client_rxsync(c);
	sim_claim(client_get(c, 0, f, LEN, &flags) == LEN);
	sim_claim(flags == 0x100 && f[11] == from);
	for (u32 i = 12; i < LEN; i++)
		sim_claim(f[i] == mark);
	sim_claim(!client_space(c, NM_RX, 0));
}

/* What came from the hostile ones meanwhile is thrown away; then each frame
 * must be there, alone and whole. */
static void neighbours_talk(u8 mark)
{
	sim_set_hook(NULL, NULL);
	drain(&a);
	drain(&b);
	put(&b, 2, 0xff, mark);
	expect(&a, 2, mark);
	put(&a, 1, 2, (u8)(mark + 1));
	expect(&b, 1, (u8)(mark + 1));
}

static void check_neighbour(const char *name)
{
	struct nmreq_x_stats tx = client_stats(core, name, NETMAP_X_TX);
	struct nmreq_x_stats rx = client_stats(core, name, NETMAP_X_RX);

	claim_stats_add_up(core, name);
	sim_claim(!tx.resets && !rx.resets);
	sim_claim(tx.offered == tx.sent && !rx.drop_slot);
}

/* ---- operations ---- */

/* Port 1 has larger buffers than anybody it may send to. */
static void open_hostile(u32 i)
{
	core->params.priv_buf_size = i == 1 ? 4096 : NM_BUF_SIZE;
	client_open(&hostile[i], core, names[i], SLOTS);
	core->params.priv_buf_size = NM_BUF_SIZE;
	for (u32 d = 0; d < NM_DIRS; d++)
		rings[i][d] = client_ring(&hostile[i], d, 0);
}

/* Pipes are in port 0's region, so that goes last and comes first. */
static void reopen(u32 i)
{
	sim_set_hook(NULL, NULL);
	if (i == 0)
		return;
	client_close(&hostile[i]);
	open_hostile(i);
}

/* The monitor comes, or goes. In a region whose buffers were lost it may find
 * no room. */
static void toggle_monitor(struct bytes *in)
{
	static const u64 kind[] = {NR_MONITOR_TX, NR_MONITOR_RX,
				   NR_MONITOR_TX | NR_MONITOR_RX, NR_ZCOPY_MON};
	u8 v = take_u8(in);
	bool neighbour = v & 4;
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ALL_NIC,
		.nr_flags = kind[v % (neighbour ? 3 : 4)],
		.nr_rx_slots = v & 8 ? SLOTS : SLOTS / 2,
	};

	sim_set_hook(NULL, NULL);
	if (mon_ring) {
		client_close(&mon);
		mon_ring = NULL;
	} else if (!client_try(&mon, core,
			       neighbour ? "vale0:a"
					 : names[(v >> 4) % (HOSTILE + 1)],
			       &reg)) {
		mon_ring = client_ring(&mon, NM_RX, 0);
	}
}

/* Good program or not, it must not matter to the watched. */
static void sync_monitor(struct bytes *in)
{
	u8 v = take_u8(in);

	if (!mon_ring)
		return;
	nm_file_rxsync(mon.file, NULL);
	if (v & 1)
		mon_ring->slot[(v >> 4) % (SLOTS / 2)].buf_idx = take_value(in);
	if (v & 2)
		mon_ring->head = mon_ring->cur = mon_ring->tail;
	nm_file_poll(mon.file, NULL, v, NULL);
}

/* Bad slots behind a good head: what a reset does not stop. */
static void send_some(struct bytes *in, struct nm_file *f,
		      struct netmap_ring *r)
{
	u8 v = take_u8(in);
	u32 k, n;

	nm_file_txsync(f, NULL);
	k = r->head % SLOTS;
	for (n = v % SLOTS; n && k != r->tail % SLOTS;
	     n--, k = (k + 1) % SLOTS) {
		if (v & 8)
			r->slot[k].buf_idx = take_value(in);
		if (v & 16)
			r->slot[k].len = (u16)take_value(in);
		if (v & 32)
			r->slot[k].flags = (u16)take_value(in);
	}
	r->head = r->cur = k;
	nm_file_txsync(f, NULL);
}

/* The same on the receiving side: slots to be filled by others. */
static void release_some(struct bytes *in, struct nm_file *f,
			 struct netmap_ring *r)
{
	u8 v = take_u8(in);

	nm_file_rxsync(f, NULL);
	if (v & 8)
		r->slot[v % SLOTS].buf_idx = take_value(in);
	r->head = r->cur = r->tail;
	nm_file_rxsync(f, NULL);
}

/* ---- the interface ---- */

/* Region 1 is the port's alone, or the monitor's too: then there may be no room
 * for it. */
static void nic_client_open(void)
{
	static const struct nmreq_register reg = {.nr_mode = NR_REG_NIC_SW};
	struct client *c = &hostile[NIC];

	nic_open = !client_try(c, core, "eth0", &reg);
	for (u32 d = 0; nic_open && d < NM_DIRS; d++) {
		rings[NIC][d] = client_ring(c, d, 0);
		rings[NIC + 1][d] = client_ring(c, d, 1);
	}
}

static void nic_client_close(void)
{
	if (nic_open)
		client_close(&hostile[NIC]);
	nic_open = false;
}

/* Comes, as @kind says, or goes, with a port on it or without. */
static void nic_toggle(u8 kind)
{
	const struct soft_conf conf = {
		.slots = {SLOTS, SLOTS},
		.frags = kind & 1,
		.manual = kind & 2,
		.lazy = kind & 4,
		.silent = kind & 8,
		.descs = kind & 16 ? SLOTS / 2 : 0,
	};

	if (eth0) {
		soft_destroy(core, eth0);
		eth0 = NULL;
		return;
	}
	/* What was on the last one of that name has no interface now. */
	nic_client_close();
	sim_claim(!soft_create(core, "eth0", &conf, &eth0));
	if (!wire0)
		sim_claim(!soft_create(core, "wire0", &(struct soft_conf){0},
				       &wire0));
	soft_cable(eth0, wire0);
	nic_client_open();
}

/* What the wire and the system do, a hostile program or not. */
static void nic_traffic(struct bytes *in)
{
	static u8 f[3000];
	u8 v = take_u8(in);
	u32 len = 14 + take_u8(in) * 11u;

	switch (v % 8) {
	case 0:
	case 1:
		soft_wire_put(eth0, 0, f, len);
		break;
	case 2:
		soft_host_send(eth0, 0, f, len);
		break;
	case 3:
		soft_tx_run(eth0, 0, v >> 3);
		break;
	case 4:
		soft_irq(eth0, 0);
		break;
	case 5:
		if (nic_open)
			soft_reset(eth0, v & 8);
		break;
	case 6:
		while (soft_host_recv(wire0, f, sizeof(f)))
			;
		break;
	default:
		while (soft_host_recv(eth0, f, sizeof(f)))
			;
	}
	sim_run_works();
}

static void nic_step(struct bytes *in)
{
	u8 op = take_u8(in);
	u32 host = op >> 7;
	struct nm_file *f = hostile[NIC].file;

	if (op % 16 == 0) {
		sim_set_hook(NULL, NULL);
		nic_toggle(take_u8(in));
	} else if (op % 16 < 4) {
		if (eth0)
			nic_traffic(in);
	} else if (!nic_open) {
		return;
	} else if (op % 16 == 4) {
		nm_file_poll(f, NULL, take_u8(in), NULL);
	} else if (op % 16 < 7) {
		send_some(in, f, rings[NIC + host][NM_TX]);
	} else if (op % 16 < 9) {
		release_some(in, f, rings[NIC + host][NM_RX]);
	} else if (op % 16 < 11) {
		nm_file_txsync(f, NULL);
	} else if (op % 16 < 13) {
		nm_file_rxsync(f, NULL);
	} else {
		write_ring(in, rings[NIC + host][op >> 6 & 1]);
	}
}

static void nic_end(void)
{
	nic_client_close();
	if (eth0)
		soft_destroy(core, eth0);
	if (wire0)
		soft_destroy(core, wire0);
	eth0 = wire0 = NULL;
}

static void step(struct bytes *in)
{
	u8 op = take_u8(in);
	struct nm_file *f = hostile[op % HOSTILE].file;

	switch (op / HOSTILE % 16) {
	case 0:
		reopen(op % HOSTILE);
		break;
	case 1:
		neighbours_talk(op);
		break;
	case 2:
		sim_advance((u64)take_u8(in) << 32);
		break;
	case 3:
	case 4:
		arm(in);
		break;
	case 5:
		nm_file_txsync(f, NULL);
		break;
	case 6:
		nm_file_rxsync(f, NULL);
		break;
	case 7:
		send_some(in, f, rings[op % HOSTILE][NM_TX]);
		break;
	case 8:
		release_some(in, f, rings[op % HOSTILE][NM_RX]);
		break;
	case 9:
		nm_file_poll(f, NULL, take_u8(in), NULL);
		break;
	case 10:
		toggle_monitor(in);
		break;
	case 11:
		sync_monitor(in);
		break;
	case 12:
		nic_step(in);
		break;
	default:
		write_something(in);
	}
}

static void world_open(void)
{
	core = world_make();
	mon_ring = NULL;
	for (u32 i = 0; i < HOSTILE; i++)
		open_hostile(i);
	client_open(&a, core, "vale0:a", SLOTS);
	client_open(&b, core, "vale0:b", SLOTS);
}

static void world_close(void)
{
	sim_set_hook(NULL, NULL);
	neighbours_talk(1);
	check_neighbour("vale0:a");
	check_neighbour("vale0:b");
	for (u32 i = HOSTILE; i > 0; i--)
		client_close(&hostile[i - 1]);
	neighbours_talk(2);
	nic_end();
	if (mon_ring)
		client_close(&mon);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	input = (struct bytes){data, data + size};
	sim_begin(1);
	world_open();
	for (u32 n = 0; n < 256 && bytes_left(&input); n++)
		step(&input);
	world_close();
	fuzz_end();
	return 0;
}
