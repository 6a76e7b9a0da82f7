// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCREGIF, NIOCGINFO, NIOCCONFIG where only the core sees: clients of a
 * switch, memory that fails, bytes that cannot be read or written. */
#include "unit.h"

#include "client.h"
#include "world.h"

static struct nm_core *core;

static struct nmreq flat(const char *name)
{
	struct nmreq r = {.nr_version = NETMAP_API};

	memcpy(r.nr_name, name, strlen(name) + 1);
	return r;
}

static int ask(unsigned long ioctl, void *arg)
{
	struct nm_file *f;
	int err = nm_file_create(core, &f);

	if (err)
		return err;
	err = nm_file_ioctl(f, NULL, ioctl, (uintptr_t)arg);
	nm_file_destroy(f);
	return err;
}

/* ---- a client of a switch ---- */

struct driver {
	unsigned calls;
	int answer;
};

static int config(u8 data[NM_IFRDATA_LEN], void *priv)
{
	struct driver *d = priv;

	d->calls++;
	for (u32 i = 0; i < NM_IFRDATA_LEN; i++)
		data[i] ^= 0xff;
	return d->answer;
}

static void client_set(struct driver *d)
{
	struct nm_switch_ops ops = {.config = d ? config : NULL};

	sim_claim(!nm_switch_set_ops(core, "vale0", d ? &ops : NULL, d, 0));
}

static void messages_reach_the_client_and_come_back_changed(void **state)
{
	struct driver d = {0};
	struct nm_ifreq r = {.nifr_name = "vale0:any"}, before;
	struct client a;

	(void)state;
	core = world_make();
	client_open(&a, core, "vale0:a", 8);
	client_set(&d);
	for (u32 i = 0; i < NM_IFRDATA_LEN; i++)
		r.data[i] = (char)i;
	assert_int_equal(ask(NIOCCONFIG, &r), 0);
	assert_int_equal(d.calls, 1);
	for (u32 i = 0; i < NM_IFRDATA_LEN; i++)
		assert_int_equal((u8)r.data[i], (u8)~i);
	before = r;
	d.answer = -EPERM;
	assert_int_equal(ask(NIOCCONFIG, &r), -EPERM);
	assert_int_equal(d.calls, 2);
	assert_memory_equal(&r, &before, sizeof(r));
	client_set(NULL);
	assert_int_equal(ask(NIOCCONFIG, &r), -EINVAL);
	client_close(&a);
	world_end(core);
}

/* ---- failures ---- */

static unsigned long numbers[] = {NIOCREGIF, NIOCGINFO, NIOCCONFIG};

static int ask_nth(unsigned i)
{
	struct nmreq r = flat("vale0:b");
	struct nm_ifreq c = {.nifr_name = "vale0:a"};

	r.nr_arg3 = 3;
	return numbers[i] == NIOCCONFIG ? ask(NIOCCONFIG, &c)
					: ask(numbers[i], &r);
}

/* Each kind of failure at every place, until there are no more places. */
static void sweep(unsigned kind, int want)
{
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = 0, calls;
		struct driver d = {0};
		struct client a;

		do {
			int err;

			sim_begin(UNIT_SEED);
			core = world_make();
			client_open(&a, core, "vale0:a", 8);
			client_set(&d);
			sim_fail_nth(kind, ++n);
			err = ask_nth(i);
			calls = sim_fail_calls();
			sim_fail_nth(0, 0);
			if (err != want || n > calls)
				assert_int_equal(err, 0);
			assert_true(!err || sim_last_refusal()[0]);
			client_set(NULL);
			client_close(&a);
			world_end(core);
			assert_null(sim_end());
		} while (n <= calls);
		assert_true(n > 2);
	}
}

static void every_failing_allocation_is_enomem_and_leaves_nothing(void **state)
{
	(void)state;
	sweep(SIM_FAIL_MEMORY, -ENOMEM);
}

static void every_failing_copy_is_efault_and_leaves_nothing(void **state)
{
	(void)state;
	sweep(SIM_FAIL_COPY, -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(messages_reach_the_client_and_come_back_changed),
		unit_claim(
			every_failing_allocation_is_enomem_and_leaves_nothing),
		unit_claim(every_failing_copy_is_efault_and_leaves_nothing),
	};

	return unit_run(tests);
}
