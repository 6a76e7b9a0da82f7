// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Attachments whose making fails, by every allocation and by every ring that
 * does not start: the request says so, nothing stays, and the next one works.
 */
#include "unit.h"

#include "soft.h"
#include "sweep.h"

static struct nm_core *core;
static struct soft_nic *eth0, *wire0;
static struct nm_file *file;

static const struct nmreq_register plain = {
	.nr_mode = NR_REG_ALL_NIC, .nr_tx_slots = 8, .nr_rx_slots = 8};

/* The interfaces are there before anything fails. */
static void world_with_nics(void)
{
	const struct soft_conf conf = {.rings = {2, 2}, .slots = {8, 8}};

	core = world_make();
	sim_claim(!soft_create(core, "eth0", &conf, &eth0));
	sim_claim(!soft_create(core, "wire0", &conf, &wire0));
	soft_cable(eth0, wire0);
	sim_claim(!nm_file_create(core, &file));
}

static void world_with_nics_end(void)
{
	nm_file_destroy(file);
	soft_destroy(core, eth0);
	soft_destroy(core, wire0);
	world_end(core);
}

/* A request that may fail once, with @want. */
static void ask(u16 type, const char *name, void *body, int want)
{
	while (sweep_again(world_ctrl(file, type, name, body), want, name))
		;
}

static void attach(const char *name, u32 mode, int want)
{
	struct nmreq_vale_attach b = {.reg.nr_mode = mode};

	ask(NETMAP_REQ_VALE_ATTACH, name, &b, want);
}

static void detach(const char *name)
{
	struct nmreq_vale_detach b = {0};

	/* The request itself is copied. */
	ask(NETMAP_REQ_VALE_DETACH, name, &b, -ENOMEM);
}

/* What comes by the wire gets to the program, and back. */
static void frames_pass(void)
{
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 7};
	struct client a;
	u8 got[60];
	u16 flags;

	sweep_open(&a, core, "vale0:a", &plain);
	sim_claim(soft_wire_put(eth0, 0, f, sizeof(f)));
	sim_run_works();
	client_rxsync(&a);
	sim_claim(client_get(&a, 0, got, sizeof(got), &flags) == sizeof(f));
	sim_claim(!memcmp(f, got, sizeof(f)));
	sim_claim(client_put(&a, 0, f, sizeof(f), 0));
	client_txsync(&a);
	sim_run_works();
	sim_claim(soft_host_recv(wire0, got, sizeof(got)) == sizeof(f));
	client_close(&a);
}

static void attach_nic(u32 mode, int want)
{
	attach("vale0:eth0", mode, want);
	sim_claim(soft_started(eth0) == (mode == NR_REG_NIC_SW ? 5 : 4));
	frames_pass();
	detach("vale0:eth0");
	sim_claim(!soft_started(eth0));
}

/* ---- stories, told with the n-th allocation failing ---- */

static void story_nic(void)
{
	attach_nic(NR_REG_ALL_NIC, -ENOMEM);
}

static void story_nic_and_host(void)
{
	attach_nic(NR_REG_NIC_SW, -ENOMEM);
}

/* The interface is gone while it is attached. */
static void story_removal(void)
{
	const struct soft_conf conf = {0};

	attach("vale0:eth0", NR_REG_NIC_SW, -ENOMEM);
	soft_destroy(core, eth0);
	while (soft_create(core, "eth0", &conf, &eth0))
		sweep_refused++;
}

static void story_polling(void)
{
	struct nmreq_vale_polling b = {
		.nr_mode = NETMAP_POLLING_MODE_MULTI_CPU,
		.nr_num_polling_cpus = 2,
	};

	attach("vale0:eth0", NR_REG_ALL_NIC, -ENOMEM);
	ask(NETMAP_REQ_VALE_POLLING_ENABLE, "vale0:eth0", &b, -ENOMEM);
	ask(NETMAP_REQ_VALE_POLLING_DISABLE, "vale0:eth0", &b, -ENOMEM);
	frames_pass();
	detach("vale0:eth0");
}

/* Numbers of processors have gaps where some do not run. */
static void any_processor_that_runs_may_poll(void **state)
{
	struct nmreq_vale_polling b = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_num_polling_cpus = 1,
	};

	(void)state;
	world_with_nics();
	attach("vale0:eth0", NR_REG_ALL_NIC, 0);
	for (b.nr_first_cpu_id = 0; b.nr_first_cpu_id < 2 * SIM_CPU_LAST;
	     b.nr_first_cpu_id++) {
		bool runs = b.nr_first_cpu_id < SIM_CPUS - 1 ||
			    b.nr_first_cpu_id == SIM_CPU_LAST;
		int err = world_ctrl(file, NETMAP_REQ_VALE_POLLING_ENABLE,
				     "vale0:eth0", &b);

		assert_int_equal(err, runs ? 0 : -EINVAL);
		if (runs)
			ask(NETMAP_REQ_VALE_POLLING_DISABLE, "vale0:eth0", &b,
			    0);
	}
	frames_pass();
	detach("vale0:eth0");
	world_with_nics_end();
}

/* A sync of its tx ring runs for longer than the end of the interface waits. */
static void a_port_kept_on_its_switch_ends_with_the_world(void **state)
{
	struct nmreq_vale_newif b = {0};
	struct nm_port *port;
	struct nm_queue *q;

	(void)state;
	world_with_nics();
	ask(NETMAP_REQ_VALE_NEWIF, "per0", &b, 0);
	attach("vale0:per0", NR_REG_NIC_SW, 0);
	nm_core_lock(core);
	port = nm_port_find(core, "per0");
	q = &port->queue[NM_TX][0];
	assert_int_equal(nm_queue_hold(q), 0);
	nm_nic_gone(port);
	nm_queue_unhold(q);
	nm_port_put(port);
	nm_core_unlock(core);
	world_with_nics_end(); /* unit_claim() looks for what is left */
}

/* NEWIF, on one switch with its host's side, and on a second. */
static void story_persistent(void)
{
	struct nmreq_vale_newif b = {.nr_tx_slots = 8, .nr_rx_slots = 8};

	ask(NETMAP_REQ_VALE_NEWIF, "per0", &b, -ENOMEM);
	attach("vale0:per0", NR_REG_NIC_SW, -ENOMEM);
	attach("vale1:per0", NR_REG_ALL_NIC, -ENOMEM);
	detach("vale1:per0");
	detach("vale0:per0");
	ask(NETMAP_REQ_VALE_DELIF, "per0", NULL, -ENOMEM);
}

static void tell(void (*story)(void))
{
	sweep(world_with_nics, story, world_with_nics_end);
}

static void attaching_a_nic_survives_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_nic);
	tell(story_nic_and_host);
	tell(story_removal);
}

static void polling_survives_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_polling);
}

static void persistent_ports_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_persistent);
}

static void a_ring_that_does_not_start_leaves_nothing_attached(void **state)
{
	/* Two rings each way; the host's side is captured once. */
	static const struct {
		u32 mode, starts;
	} tries[] = {{NR_REG_ALL_NIC, 4}, {NR_REG_NIC_SW, 5}};
	u32 n;

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		for (n = 1; n <= tries[i].starts; n++) {
			sim_begin(UNIT_SEED);
			world_with_nics();
			soft_fail_start(eth0, n);
			sweep_refused = 0;
			attach_nic(tries[i].mode, -EIO);
			assert_int_equal(sweep_refused, 1);
			world_with_nics_end();
			assert_null(sim_end());
		}
	}
}

/* Persistent ports, on a switch or not, their hosts attached or not. */
static void a_world_ends_with_what_is_attached(void **state)
{
	struct nmreq_vale_newif b = {.nr_tx_slots = 8, .nr_rx_slots = 8};

	(void)state;
	core = world_make();
	sim_claim(!nm_file_create(core, &file));
	ask(NETMAP_REQ_VALE_NEWIF, "per0", &b, 0);
	ask(NETMAP_REQ_VALE_NEWIF, "per1", &b, 0);
	ask(NETMAP_REQ_VALE_NEWIF, "per2", &b, 0);
	attach("vale0:per0", NR_REG_NIC_SW, 0);
	attach("vale1:per1", NR_REG_ALL_NIC, 0);
	nm_file_destroy(file);
	world_end(core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			attaching_a_nic_survives_every_failing_allocation),
		unit_claim(any_processor_that_runs_may_poll),
		unit_claim(a_port_kept_on_its_switch_ends_with_the_world),
		cmocka_unit_test(polling_survives_every_failing_allocation),
		cmocka_unit_test(
			persistent_ports_survive_every_failing_allocation),
		cmocka_unit_test(
			a_ring_that_does_not_start_leaves_nothing_attached),
		unit_claim(a_world_ends_with_what_is_attached),
	};

	return unit_run(tests);
}
