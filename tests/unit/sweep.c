// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "unit.h"

#include "sweep.h"

unsigned sweep_refused;

/* The step that is tried for the second time; NULL: none. */
static const char *second;

void sweep(void (*before)(void), void (*story)(void), void (*after)(void))
{
	unsigned n = 0, calls, refusals = 0;
	const char *broken;

	do {
		sim_begin(UNIT_SEED);
		sweep_refused = 0;
		if (before)
			before();
		sim_fail_nth(SIM_FAIL_MEMORY, ++n);
		story();
		calls = sim_fail_calls();
		sim_fail_nth(0, 0);
		if (after)
			after();
		refusals += sweep_refused;
		broken = sim_end();
		if (broken)
			fail_msg("with allocation %u failing: %s", n, broken);
	} while (n <= calls);
	assert_true(refusals > n / 2);
	print_message("# %u allocations, %u refusals\n", n - 1, refusals);
}

bool sweep_again(int err, int want, const char *step)
{
	bool again = err != 0;

	if (again && (second || err != want || !sim_last_refusal()[0]))
		sim_die("%s%s gave %d: %s", second ? "again, " : "", step, err,
			sim_last_refusal());
	second = again ? step : NULL;
	sweep_refused += again;
	return again;
}

void sweep_open(struct client *c, struct nm_core *core, const char *name,
		const struct nmreq_register *reg)
{
	while (sweep_again(client_try(c, core, name, reg), -ENOMEM, name))
		;
}
