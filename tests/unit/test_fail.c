// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Every allocation fails once: a story is told again and again, the n-th time
 * with its n-th allocation failing, until it has fewer. Each time it must say
 * -ENOMEM and leave nothing behind, or go on unharmed; and the same step tried
 * once more must succeed.
 */
#include "unit.h"

#include "world.h"

#define SLOTS 8

static struct nm_core *core;

/* Steps that failed for lack of memory, of all stories together. */
static unsigned refused;

static struct nm_core *try_world(void)
{
	struct nm_core *c = NULL;
	struct nm_params p;

	nm_params_init(&p);
	p.vale_stations = 64;
	if (!nm_core_create(&c, &p))
		return c;
	refused++;
	sim_claim(sim_fail_fired());
	sim_claim(!nm_core_create(&c, &p));
	return c;
}

/* Opens; the second try must succeed. */
static void open_twice(struct client *c, const char *name,
		       const struct nmreq_register *reg)
{
	int err = client_try(c, core, name, reg);

	if (!err)
		return;
	if (err != -ENOMEM || !sim_last_refusal()[0])
		sim_die("open of %s gave %d: %s", name, err,
			sim_last_refusal());
	refused++;
	err = client_try(c, core, name, reg);
	if (err)
		sim_die("second open of %s gave %d: %s", name, err,
			sim_last_refusal());
}

static const struct nmreq_register plain = {
	.nr_mode = NR_REG_ALL_NIC, .nr_tx_slots = SLOTS, .nr_rx_slots = SLOTS};

static void send_one(struct client *from, struct client *to, u16 flags)
{
	u8 f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 7};
	u8 got[60];
	u16 seen;
	struct netmap_ring *r = client_ring(from, NM_TX, 0);
	struct netmap_slot *slot = &r->slot[r->head];

	sim_claim(client_put(from, 0, f, sizeof(f), 0));
	slot->flags = flags;
	slot->ptr = (uintptr_t)f;
	client_txsync(from);
	client_rxsync(to);
	if (!client_get(to, 0, got, sizeof(got), &seen)) {
		/* Only what needs memory to travel may be lost. */
		sim_claim(flags == NS_INDIRECT && sim_fail_fired());
		refused++;
		send_one(from, to, flags);
		return;
	}
	sim_claim(!memcmp(f, got, sizeof(f)));
	client_rxsync(to);
}

/* ---- stories ---- */

static void story_switch(void)
{
	struct client a, b;

	core = try_world();
	open_twice(&a, "vale0:a", &plain);
	open_twice(&b, "vale0:b", &plain);
	send_one(&a, &b, 0);
	send_one(&b, &a, NS_INDIRECT);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_rings_and_extra_buffers(void)
{
	struct nmreq_register many = {.nr_mode = NR_REG_ALL_NIC,
				      .nr_tx_rings = 3,
				      .nr_rx_rings = 4,
				      .nr_tx_slots = 70,
				      .nr_rx_slots = 70,
				      .nr_extra_bufs = 100};
	struct nmreq_register one = {.nr_mode = NR_REG_ONE_NIC, .nr_ringid = 2};
	struct client a, b;

	core = try_world();
	open_twice(&a, "vale0:a", &many);
	open_twice(&b, "vale0:a", &one);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_pipe(void)
{
	struct client a, b;

	core = try_world();
	open_twice(&a, "base{1", &plain);
	open_twice(&b, "base}1", &plain);
	send_one(&a, &b, 0);
	send_one(&b, &a, 0);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_pipe_on_a_switch_port(void)
{
	struct client a, b;

	core = try_world();
	open_twice(&a, "vale0:a{1", &plain);
	open_twice(&b, "vale0:a", &plain);
	client_close(&b);
	open_twice(&b, "vale0:a}1", &plain);
	send_one(&a, &b, 0);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_null_port_in_another_region(void)
{
	struct nmreq_register null = {.nr_mode = NR_REG_NULL,
				      .nr_tx_rings = 2,
				      .nr_rx_rings = 1,
				      .nr_tx_slots = SLOTS,
				      .nr_rx_slots = SLOTS,
				      .nr_extra_bufs = 3};
	struct client a, b;

	core = try_world();
	open_twice(&a, "vale0:a", &plain);
	null.nr_mem_id = a.reg.nr_mem_id;
	open_twice(&b, "x", &null);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_region_1(void)
{
	struct nmreq_register shared = plain;
	struct client a, b;

	shared.nr_mem_id = 1;
	core = try_world();
	open_twice(&a, "vale0:a", &shared);
	open_twice(&b, "vale1:b", &shared);
	sim_claim(a.base == b.base);
	client_close(&a);
	client_close(&b);
	world_end(core);
}

static void story_questions(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_pools_info pools = {0};
	struct nm_file *file;
	int err;

	core = try_world();
	while ((err = nm_file_create(core, &file)))
		sim_claim(err == -ENOMEM && ++refused);
	while ((err = world_ctrl(file, NETMAP_REQ_PORT_INFO_GET, "vale0:x",
				 &info)))
		sim_claim(err == -ENOMEM && ++refused);
	while ((err = world_ctrl(file, NETMAP_REQ_POOLS_INFO_GET, "y{1",
				 &pools)))
		sim_claim(err == -ENOMEM && ++refused);
	nm_file_destroy(file);
	world_end(core);
}

static void tell(void (*story)(void))
{
	const char *broken;
	unsigned n = 0, calls;

	refused = 0;
	do {
		sim_begin(UNIT_SEED);
		sim_fail_nth(SIM_FAIL_MEMORY, ++n);
		story();
		calls = sim_fail_calls();
		broken = sim_end();
		if (broken)
			fail_msg("with allocation %u failing: %s", n, broken);
	} while (n <= calls);
	/* Most allocations are for something that cannot be without. */
	assert_true(refused > n / 2);
	print_message("# %u allocations, %u refusals\n", n - 1, refused);
}

static void opening_and_sending_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_switch);
}

static void many_rings_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_rings_and_extra_buffers);
}

static void pipes_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_pipe);
	tell(story_pipe_on_a_switch_port);
}

static void null_ports_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_null_port_in_another_region);
}

static void region_1_survives_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_region_1);
}

static void questions_survive_every_failing_allocation(void **state)
{
	(void)state;
	tell(story_questions);
}

/* ---- the caller's memory ---- */

static void every_unreadable_byte_is_efault_and_leaves_nothing(void **state)
{
	unsigned n = 0, calls;
	struct client a;
	int err;

	(void)state;
	do {
		sim_begin(UNIT_SEED);
		core = try_world();
		sim_fail_nth(SIM_FAIL_COPY, ++n);
		err = client_try(&a, core, "vale0:a", &plain);
		calls = sim_fail_calls();
		sim_fail_nth(0, 0);
		assert_int_equal(err, n <= calls ? -EFAULT : 0);
		if (!err)
			client_close(&a);
		world_end(core);
		assert_null(sim_end());
	} while (n <= calls);
	assert_true(n > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(
			opening_and_sending_survive_every_failing_allocation),
		unit_claim(many_rings_survive_every_failing_allocation),
		unit_claim(pipes_survive_every_failing_allocation),
		unit_claim(null_ports_survive_every_failing_allocation),
		unit_claim(region_1_survives_every_failing_allocation),
		unit_claim(questions_survive_every_failing_allocation),
		unit_claim(every_unreadable_byte_is_efault_and_leaves_nothing),
	};

	return unit_run(tests);
}
