// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIC ports: what only the driver's side can see, and what may go wrong. */
#include "unit.h"

#include "soft.h"
#include "sweep.h"

#define LEN   60
#define SLOTS 8

static struct nm_core *core;
static struct soft_nic *eth0, *eth1;

/* A small region 1. */
static struct nm_core *small_world(void)
{
	struct nm_core *c = NULL;
	struct nm_params p;

	nm_params_init(&p);
	p.if_num = 10;
	p.ring_num = 32;
	p.buf_num = 512;
	p.vale_stations = 64;
	nm_core_create(&c, &p);
	return c;
}

static struct soft_nic *nic_make(const char *name, struct soft_conf conf)
{
	struct soft_nic *s;

	sim_claim(!soft_create(core, name, &conf, &s));
	return s;
}

/* eth0 and eth1, with a cable between them. */
static void two_nics(struct soft_conf conf)
{
	core = small_world();
	eth0 = nic_make("eth0", conf);
	eth1 = nic_make("eth1", conf);
	soft_cable(eth0, eth1);
}

static void end(void)
{
	soft_destroy(core, eth0);
	soft_destroy(core, eth1);
	world_end(core);
}

static void frame(u8 *f, u8 n)
{
	memset(f, n, LEN);
}

static void put(struct client *c, u8 n)
{
	u8 f[LEN];

	frame(f, n);
	sim_claim(client_put(c, 0, f, LEN, 0));
}

static void expect(struct client *c, u8 n)
{
	u8 f[LEN], got[LEN];
	u16 flags;

	frame(f, n);
	client_rxsync(c);
	assert_int_equal(client_get(c, 0, got, LEN, &flags), LEN);
	assert_memory_equal(f, got, LEN);
	assert_int_equal(flags, 0);
}

static void what_one_end_of_a_cable_sends_the_other_receives(void **state)
{
	struct soft_conf conf = {.slots = {SLOTS, SLOTS}};
	struct client a, b;

	(void)state;
	two_nics(conf);
	client_open(&a, core, "eth0", 0);
	client_open(&b, core, "eth1", 0);
	for (u8 i = 1; i < 100; i++) {
		put(&a, i);
		client_txsync(&a);
		assert_int_equal(client_space(&a, NM_TX, 0), SLOTS - 1);
		expect(&b, i);
	}
	assert_int_equal(a.reg.nr_mem_id, 1);
	assert_ptr_equal(a.base, b.base);
	claim_stats_add_up(core, "eth0");
	claim_stats_add_up(core, "eth1");
	client_close(&a);
	client_close(&b);
	end();
}

/* ---- a driver that takes as many pieces as it likes ---- */

static struct whim {
	struct nm_nic nic;
	u64 seed;
	bool frags, done_op;
	u8 next;    /* number of the next frame */
	u32 piece;  /* pieces of it that came */
	u32 flight; /* pieces that are not done */
	u32 puts;
} whim;

static void whim_info(struct nm_nic *nic, struct nm_nic_info *i)
{
	(void)nic;
	*i = (struct nm_nic_info){.rings = {1, 1},
				  .slots = {SLOTS, SLOTS},
				  .mtu = 1500,
				  .frags = whim.frags,
				  .up = true};
}

static int whim_start(struct nm_nic *nic, u32 dir, u32 ring)
{
	(void)nic;
	(void)dir;
	(void)ring;
	return 0;
}

static void whim_stop(struct nm_nic *nic, u32 dir, u32 ring)
{
	(void)nic;
	(void)dir;
	(void)ring;
}

static void whim_put(struct nm_nic *nic)
{
	(void)nic;
	whim.puts++;
}

/* Frame n has n % 3 + 1 pieces of 20 bytes, each full of n. */
static u32 pieces_of(u8 n)
{
	return whim.frags ? n % 3 + 1u : 1;
}

static u32 whim_tx(struct nm_nic *nic, u32 ring, const struct nm_nic_piece *p,
		   u32 n)
{
	u32 take = (u32)(sim_random(&whim.seed) % (n + 1));

	(void)nic;
	(void)ring;
	assert_false(p[n - 1].flags & NS_MOREFRAG);
	while (take && p[take - 1].flags & NS_MOREFRAG)
		take--;
	for (u32 i = 0; i < take; i++) {
		assert_int_equal(p[i].len, 20);
		assert_int_equal(p[i].data[0], whim.next);
		assert_int_equal(p[i].data[19], whim.next);
		whim.piece++;
		assert_int_equal(!!(p[i].flags & NS_MOREFRAG),
				 whim.piece < pieces_of(whim.next));
		if (p[i].flags & NS_MOREFRAG)
			continue;
		whim.next++;
		whim.piece = 0;
	}
	whim.flight += take;
	return take;
}

static u32 whim_done(struct nm_nic *nic, u32 ring)
{
	u32 n = (u32)(sim_random(&whim.seed) % (whim.flight + 1));

	(void)nic;
	(void)ring;
	whim.flight -= n;
	return n;
}

/* Bad frames between the good ones: never seen by the driver. */
static void put_some(struct client *c, u8 *n)
{
	struct netmap_ring *r = client_ring(c, NM_TX, 0);
	u8 f[LEN];

	while (client_space(c, NM_TX, 0) >= 3 && sim_random(&whim.seed) % 4) {
		if (sim_random(&whim.seed) % 4 == 0) {
			u32 k = r->head;

			sim_claim(client_put(c, 0, f, 0, 0));
			if (sim_random(&whim.seed) % 2)
				r->slot[k].len = 13;
			continue;
		}
		memset(f, *n, LEN);
		sim_claim(client_put(c, 0, f, 20 * pieces_of(*n), 20));
		++*n;
	}
}

static void drive(bool frags, bool done_op)
{
	struct nm_nic_ops ops = {
		.driver = "whim",
		.info = whim_info,
		.start = whim_start,
		.stop = whim_stop,
		.put = whim_put,
		.tx = whim_tx,
		.tx_done = done_op ? whim_done : NULL,
	};
	struct client c;
	u8 n = 0;

	core = small_world();
	whim = (struct whim){.nic = {.ops = &ops, .name = "whim"},
			     .seed = sim_seed(7),
			     .frags = frags};
	nm_list_add_tail(&core->interfaces, &whim.nic.node);
	client_open(&c, core, "whim", 0);
	for (u32 i = 0; i < 5000; i++) {
		put_some(&c, &n);
		client_txsync(&c);
		/* All slots are the program's, with the driver, or to come. */
		if (done_op)
			assert_true(client_space(&c, NM_TX, 0) + whim.flight <=
				    SLOTS - 1);
	}
	for (u32 i = 0; i < 1000 && client_space(&c, NM_TX, 0) < SLOTS - 1; i++)
		client_txsync(&c);
	assert_int_equal(client_space(&c, NM_TX, 0), SLOTS - 1);
	assert_int_equal(whim.next, n);
	claim_stats_add_up(core, "whim");
	client_close(&c);
	assert_int_equal(whim.puts, 1);
	assert_null(whim.nic.port);
	nm_list_del(&whim.nic.node);
	world_end(core);
}

static void a_driver_gets_good_frames_in_order_at_its_own_pace(void **state)
{
	(void)state;
	drive(false, true);
	drive(true, true);
}

static void a_driver_without_completions_is_done_with_what_it_took(void **state)
{
	(void)state;
	drive(false, false);
	drive(true, false);
}

/* ---- every allocation fails once ---- */

static struct soft_nic *make_twice(const char *name)
{
	struct soft_conf conf = {.rings = {2, 2}, .slots = {SLOTS, SLOTS}};
	struct soft_nic *s;

	if (!soft_create(core, name, &conf, &s))
		return s;
	sweep_refused++;
	sim_claim(!soft_create(core, name, &conf, &s));
	return s;
}

static void story(void)
{
	struct nmreq_register all = {.nr_mode = NR_REG_NIC_SW,
				     .nr_host_rx_rings = 2};
	struct nmreq_register one = {.nr_mode = NR_REG_ONE_NIC};
	struct client a, b, c;

	while (!(core = small_world()))
		sweep_refused++;
	eth0 = make_twice("eth0");
	eth1 = make_twice("eth1");
	soft_cable(eth0, eth1);
	sweep_open(&a, core, "eth0", &all);
	sweep_open(&b, core, "eth1", &one);
	sweep_open(&c, core, "eth1{1", &one);
	assert_int_equal(soft_started(eth0), 5);
	assert_int_equal(soft_started(eth1), 2);
	put(&a, 1);
	client_txsync(&a);
	expect(&b, 1);
	client_close(&c);
	client_close(&a);
	client_close(&b);
	assert_int_equal(soft_started(eth0), 0);
	end();
}

static void interfaces_survive_every_failing_allocation(void **state)
{
	(void)state;
	sweep(NULL, story, NULL);
}

/* A start fails beside a failing host_start: all is undone in every order. */
static void every_ring_may_refuse_to_start(void **state)
{
	struct soft_conf conf = {.rings = {2, 3}, .slots = {SLOTS, SLOTS}};
	struct nmreq_register all = {.nr_mode = NR_REG_NIC_SW};
	struct client a;

	(void)state;
	two_nics(conf);
	for (u32 n = 1; n <= 6; n++) {
		soft_fail_start(eth0, n);
		assert_int_equal(client_try(&a, core, "eth0", &all), -EIO);
		assert_int_equal(soft_started(eth0), 0);
	}
	assert_int_equal(client_try(&a, core, "eth0", &all), 0);
	assert_int_equal(soft_started(eth0), 6);
	client_close(&a);
	end();
}

/* ---- an interface of a persistent port ---- */

static void an_interface_without_a_wire_is_the_system_s_alone(void **state)
{
	struct nm_port port = {.name = "vi0"};
	struct soft_nic *s;
	struct nm_nic *nic;
	u8 f[LEN] = {0};

	(void)state;
	core = small_world();
	nm_core_lock(core);
	assert_false(os_nic_exists(core, "vi0"));
	assert_int_equal(os_nic_find(core, "vi0", &nic), -ENXIO);
	assert_int_equal(os_nic_create(core, "vi0", &port, &nic), 0);
	assert_true(os_nic_exists(core, "vi0"));
	assert_int_equal(os_nic_create(core, "vi0", &port, &nic), -EEXIST);
	assert_int_equal(os_nic_find(core, "vi0", &nic), -EBUSY);
	nm_core_unlock(core);
	s = soft_find(core, "vi0");
	assert_false(soft_host_send(s, 0, f, LEN));
	nm_core_lock(core);
	sim_fail_nth(SIM_FAIL_MEMORY, 1);
	assert_int_equal(os_nic_create(core, "vi1", &port, &nic), -ENOMEM);
	sim_fail_nth(SIM_FAIL_MEMORY, 2);
	assert_int_equal(os_nic_create(core, "vi1", &port, &nic), -ENOMEM);
	nic = soft_base(s);
	nic->ops->put(nic);
	assert_false(os_nic_exists(core, "vi0"));
	nm_core_unlock(core);
	world_end(core);
}

/* ---- a hostile program ---- */

static struct hostile {
	struct client *c;
	u64 seed;
	bool busy;
} hostile;

/* Rewrites a slot, a ring header or cursors between two accesses of ours. */
static void scribble(void *arg)
{
	u64 r = sim_random(&hostile.seed);
	struct netmap_ring *ring;
	struct netmap_slot *slot;

	(void)arg;
	if (hostile.busy || r % 3)
		return;
	hostile.busy = true;
	ring = client_ring(hostile.c, r >> 8 & 1, r >> 9 & 1);
	slot = &ring->slot[(r >> 16) % SLOTS];
	switch (r >> 24 & 7) {
	case 0:
		slot->buf_idx = (u32)(r >> 32);
		break;
	case 1:
		slot->buf_idx = (u32)(r >> 32) % 512;
		break;
	case 2:
		slot->len = (u16)(r >> 32);
		break;
	case 3:
	case 4:
		slot->flags = (u16)(r >> 32);
		break;
	case 5:
		ring->flags = (u32)(r >> 32);
		break;
	case 6:
		ring->head = (u32)(r >> 32) % (SLOTS + 1);
		break;
	default:
		ring->cur = (u32)(r >> 32) % (SLOTS + 1);
		break;
	}
	hostile.busy = false;
}

static void rings_rewritten_while_we_look_harm_nobody_else(void **state)
{
	struct soft_conf conf = {
		.slots = {SLOTS, SLOTS}, .mtu = 9000, .frags = true};
	struct nmreq_register all = {.nr_mode = NR_REG_NIC_SW};
	static u8 big[8000];
	struct client a;

	(void)state;
	two_nics(conf);
	sim_claim(!client_try(&a, core, "eth0", &all));
	hostile = (struct hostile){.c = &a, .seed = sim_seed(11)};
	for (u32 i = 0; i < 4000; i++) {
		struct netmap_ring *tx = client_ring(&a, NM_TX, i & 1);
		struct netmap_ring *rx = client_ring(&a, NM_RX, i & 1);

		tx->head = tx->cur = tx->tail;
		rx->head = rx->cur = rx->tail;
		core->params.fwd = i >> 4 & 1;
		sim_set_hook(scribble, NULL);
		nm_file_txsync(a.file, NULL);
		soft_wire_put(eth0, 0, big, 60 + i % 7000);
		soft_host_send(eth0, 0, big, 60 + i % 3000);
		nm_file_rxsync(a.file, NULL);
		nm_file_poll(a.file, NULL, NM_POLLIN | NM_POLLOUT, NULL);
		sim_set_hook(NULL, NULL);
		while (soft_host_recv(eth0, big, sizeof(big)))
			;
	}
	claim_stats_add_up(core, "eth0");
	client_close(&a);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(what_one_end_of_a_cable_sends_the_other_receives),
		unit_claim(a_driver_gets_good_frames_in_order_at_its_own_pace),
		unit_claim(
			a_driver_without_completions_is_done_with_what_it_took),
		unit_claim(interfaces_survive_every_failing_allocation),
		unit_claim(every_ring_may_refuse_to_start),
		unit_claim(an_interface_without_a_wire_is_the_system_s_alone),
		unit_claim(rings_rewritten_while_we_look_harm_nobody_else),
	};

	return unit_run(tests);
}
