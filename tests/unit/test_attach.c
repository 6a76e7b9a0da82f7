// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Attachments whose making fails, by every allocation and by every ring that
 * does not start: the request says so, nothing stays, and the next one works.
 */
#include "unit.h"

#include "soft.h"
#include "world.h"

static struct nm_core *core;
static struct soft_nic *eth0, *wire0;
static struct nm_file *file;
static unsigned refused;

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
	refused = 0;
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
	int err = world_ctrl(file, type, name, body);

	if (!err)
		return;
	if (err != want || !sim_last_refusal()[0])
		sim_die("request %u for %s gave %d: %s", type, name, err,
			sim_last_refusal());
	refused++;
	err = world_ctrl(file, type, name, body);
	if (err)
		sim_die("second request %u for %s gave %d: %s", type, name, err,
			sim_last_refusal());
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

static void open_twice(struct client *c, const char *name)
{
	int err = client_try(c, core, name, &plain);

	if (!err)
		return;
	sim_claim(err == -ENOMEM);
	refused++;
	sim_claim(!client_try(c, core, name, &plain));
}

/* What comes by the wire gets to the program, and back. */
static void frames_pass(void)
{
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 7};
	struct client a;
	u8 got[60];
	u16 flags;

	open_twice(&a, "vale0:a");
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
		refused++;
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
	const char *broken;
	unsigned n = 0, calls, refusals = 0;

	do {
		sim_begin(UNIT_SEED);
		world_with_nics();
		sim_fail_nth(SIM_FAIL_MEMORY, ++n);
		story();
		calls = sim_fail_calls();
		sim_fail_nth(0, 0);
		refusals += refused;
		world_with_nics_end();
		broken = sim_end();
		if (broken)
			fail_msg("with allocation %u failing: %s", n, broken);
	} while (n <= calls);
	assert_true(refusals > n / 2);
	print_message("# %u allocations, %u refusals\n", n - 1, refusals);
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
			attach_nic(tries[i].mode, -EIO);
			assert_int_equal(refused, 1);
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
		cmocka_unit_test(polling_survives_every_failing_allocation),
		cmocka_unit_test(
			persistent_ports_survive_every_failing_allocation),
		cmocka_unit_test(
			a_ring_that_does_not_start_leaves_nothing_attached),
		unit_claim(a_world_ends_with_what_is_attached),
	};

	return unit_run(tests);
}
