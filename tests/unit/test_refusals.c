// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The memory of refused requests: against a naive list, by two threads at the
 * same time, in two worlds. */
#include <unistd.h>
#include "unit.h"

#include "world.h"

static struct nm_core *core;

/* ---- the ring against a list that forgets nothing ---- */

#define ADDED 200

static void add(struct nm_refusals *r, u32 i)
{
	struct nm_refusal e = {.error = i, .pid = i * 3};

	snprintf(e.sentence, sizeof(e.sentence), "number %u", i);
	nm_refusals_add(r, &e);
}

static void any_question_gets_the_oldest_entry_that_is_left(void **state)
{
	struct nm_refusals *r = os_alloc(sizeof(*r));
	struct nm_refusal e;
	char want[32];

	(void)state;
	assert_non_null(r);
	nm_refusals_init(r);
	for (u32 n = 0; n <= ADDED; n++) {
		u64 first = n > NM_REFUSALS ? n - NM_REFUSALS + 1 : 1;

		for (u64 seq = 0; seq <= n + 2; seq++) {
			u64 found = seq < first ? first : seq;
			int err = nm_refusals_get(r, seq, &e);

			assert_int_equal(err, found <= n ? 0 : -ENOENT);
			if (err)
				continue;
			snprintf(want, sizeof(want), "number %u", (u32)found);
			assert_int_equal(e.seq, found);
			assert_int_equal(e.error, found);
			assert_int_equal(e.pid, found * 3);
			assert_string_equal(e.sentence, want);
		}
		add(r, n + 1);
	}
	nm_refusals_fini(r);
	os_free(r);
}

static void texts_end_and_print_whatever_they_were(void **state)
{
	struct nm_refusals *r = os_alloc(sizeof(*r));
	struct nm_refusal e;

	(void)state;
	assert_non_null(r);
	nm_refusals_init(r);
	memset(&e, 0x81, sizeof(e));
	nm_refusals_add(r, &e);
	assert_int_equal(nm_refusals_get(r, 1, &e), 0);
	assert_int_equal(strlen(e.program), OS_PROGRAM_LEN - 1);
	assert_int_equal(strlen(e.sentence), OS_SENTENCE_LEN - 1);
	assert_int_equal(strspn(e.sentence, "?"), OS_SENTENCE_LEN - 1);
	nm_refusals_fini(r);
	os_free(r);
}

/* ---- two threads ---- */

static struct nm_file *files[2];

static void make(void *ctx)
{
	(void)ctx;
	core = world_make();
	sim_claim(!nm_file_create(core, &files[0]));
	sim_claim(!nm_file_create(core, &files[1]));
}

static void ask(u32 who, const char *name)
{
	struct nmreq_port_info_get b = {0};

	sim_claim(world_ctrl(files[who], NETMAP_REQ_PORT_INFO_GET, name, &b) ==
		  -ENXIO);
}

static void first_asks(void *ctx)
{
	(void)ctx;
	ask(0, "first0");
	ask(0, "first0");
}

static void second_asks(void *ctx)
{
	(void)ctx;
	ask(1, "second0");
}

/* Each entry has the sentence of the thread that it names. */
static void finish(void *ctx)
{
	struct nm_refusal e;
	u32 n[2] = {0};

	(void)ctx;
	for (u64 seq = 1; seq <= 3; seq++) {
		bool second;

		sim_claim(!nm_refusals_get(&core->refusals, seq, &e));
		second = e.pid == (u32)getpid() + 2;
		sim_claim(second || e.pid == (u32)getpid() + 1);
		sim_claim(strstr(e.sentence, second ? "second0" : "first0"));
		n[second]++;
	}
	sim_claim(n[0] == 2 && n[1] == 1);
	nm_file_destroy(files[0]);
	nm_file_destroy(files[1]);
	world_end(core);
}

static void no_thread_is_told_another_s_reason(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make,
		.thread = {first_asks, second_asks},
		.finish = finish,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

/* ---- worlds, and failing copies ---- */

static void worlds_do_not_tell_each_other(void **state)
{
	struct nmreq_x_refusal b = {.x_size = sizeof(b)};
	struct nm_core *other = world_make();
	struct nm_file *f;

	(void)state;
	core = world_make();
	assert_int_equal(nm_file_create(core, &files[0]), 0);
	assert_int_equal(nm_file_create(other, &f), 0);
	ask(0, "first0");
	assert_int_equal(world_ctrl(f, NETMAP_REQ_X_REFUSALS_GET, "", &b),
			 -ENOENT);
	assert_int_equal(
		world_ctrl(files[0], NETMAP_REQ_X_REFUSALS_GET, "", &b), 0);
	assert_int_equal(b.x_seq, 1);
	nm_file_destroy(files[0]);
	nm_file_destroy(f);
	world_end(core);
	world_end(other);
}

static void what_cannot_be_copied_is_remembered_too(void **state)
{
	struct nm_refusal e;
	unsigned n = 0, calls;

	(void)state;
	do {
		struct nmreq_port_info_get b = {0};
		int err;

		sim_begin(UNIT_SEED);
		make(NULL);
		sim_fail_nth(SIM_FAIL_COPY, ++n);
		err = world_ctrl(files[0], NETMAP_REQ_PORT_INFO_GET, "vale0:a",
				 &b);
		calls = sim_fail_calls();
		assert_int_equal(err, n <= calls ? -EFAULT : 0);
		assert_int_equal(nm_refusals_get(&core->refusals, 0, &e),
				 err ? 0 : -ENOENT);
		assert_true(!err || (e.error == EFAULT && e.sentence[0]));
		nm_file_destroy(files[0]);
		nm_file_destroy(files[1]);
		world_end(core);
		assert_null(sim_end());
	} while (n <= calls);
	assert_int_equal(calls, 4); /* header, body, and back */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(any_question_gets_the_oldest_entry_that_is_left),
		unit_claim(texts_end_and_print_whatever_they_were),
		unit_claim(no_thread_is_told_another_s_reason),
		unit_claim(worlds_do_not_tell_each_other),
		unit_claim(what_cannot_be_copied_is_remembered_too),
	};

	return unit_run(tests);
}
