// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Every allocation fails once, in what programs do most; and every copy. */
#include <sys/mman.h>
#include "unit.h"

#include "sweep.h"

#define SLOTS 8

static struct nm_core *core;

static struct nm_core *try_world(void)
{
	struct nm_core *c = NULL;
	struct nm_params p;

	nm_params_init(&p);
	p.vale_stations = 64;
	while (nm_core_create(&c, &p))
		sweep_refused++;
	return c;
}

static void open_twice(struct client *c, const char *name,
		       const struct nmreq_register *reg)
{
	sweep_open(c, core, name, reg);
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
		sweep_refused++;
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

static void ask(struct nm_file *file, u16 type, const char *name, void *body)
{
	while (sweep_again(world_ctrl(file, type, name, body), -ENOMEM, name))
		;
}

static void story_questions(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_pools_info pools = {0};
	struct nm_file *file;

	core = try_world();
	while (nm_file_create(core, &file))
		sweep_refused++;
	ask(file, NETMAP_REQ_PORT_INFO_GET, "vale0:x", &info);
	ask(file, NETMAP_REQ_POOLS_INFO_GET, "y{1", &pools);
	nm_file_destroy(file);
	world_end(core);
}

/* ---- memory of the program ---- */

#define EXTMEM (4u << 20)

static u8 *memory;

static int try_on_memory(struct client *c, const char *name)
{
	struct nmreq_opt_extmem o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_EXTMEM,
			    .nro_status = 777},
		.nro_usrptr = (uintptr_t)memory,
		.nro_info = {.nr_memsize = EXTMEM,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 16,
			     .nr_ring_pool_objsize = 2048,
			     .nr_buf_pool_objtotal = 512},
	};
	int err = client_try_with(c, core, name, &plain, &o);

	/* The option tells of its own failure, not of others'. */
	sim_claim(err ? o.nro_opt.nro_status == 777 ||
				  o.nro_opt.nro_status == 0 ||
				  o.nro_opt.nro_status == (u32)-err
		      : o.nro_opt.nro_status == 0);
	return err;
}

static void open_on_memory(struct client *c, const char *name)
{
	while (sweep_again(try_on_memory(c, name), -ENOMEM, name))
		;
	sim_claim(c->base == memory);
}

/* Two on the same pages, one that finds them by their number, and one beside;
 * whoever is last lets go. */
static void story_memory_of_the_program(void)
{
	struct nmreq_register third = plain;
	struct client a, b, c, d;

	core = try_world();
	open_on_memory(&a, "vale0:a");
	open_on_memory(&b, "vale0:b");
	sim_claim(a.reg.nr_mem_id == b.reg.nr_mem_id);
	third.nr_mem_id = a.reg.nr_mem_id;
	open_twice(&c, "vale1:c", &third);
	open_twice(&d, "vale1:d", &plain);
	send_one(&a, &b, 0);
	send_one(&c, &d, 0);
	client_close(&a);
	client_close(&c);
	client_close(&b);
	/* A new region, on the same memory. */
	open_on_memory(&a, "vale0:a");
	client_close(&a);
	client_close(&d);
	world_end(core);
}

static void tell(void (*story)(void))
{
	sweep(NULL, story, NULL);
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

static void
regions_on_a_program_s_memory_survive_every_failing_allocation(void **state)
{
	(void)state;
	memory = mmap(NULL, EXTMEM, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	tell(story_memory_of_the_program);
	munmap(memory, EXTMEM);
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
		unit_claim(
			regions_on_a_program_s_memory_survive_every_failing_allocation),
		unit_claim(every_unreadable_byte_is_efault_and_leaves_nothing),
	};

	return unit_run(tests);
}
