/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - what every unit test begins with: cmocka on the simulator. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sim.h"

#define UNIT_SEED 1u

static inline int unit_setup(void **state)
{
	(void)state;
	sim_begin(sim_seed(UNIT_SEED));
	return 0;
}

static inline int unit_teardown(void **state)
{
	const char *broken = sim_end();

	(void)state;
	if (!broken)
		return 0;
	print_error("%s\n", broken);
	return -1;
}

/* A test that begins and ends with the simulator's checks. */
#define unit_claim(fn) \
	cmocka_unit_test_setup_teardown(fn, unit_setup, unit_teardown)

#define unit_run(tests)                             \
	(cmocka_set_message_output(CM_OUTPUT_TAP),  \
	 cmocka_set_test_filter(sim_test_filter()), \
	 cmocka_run_group_tests(tests, NULL, NULL))

#endif
