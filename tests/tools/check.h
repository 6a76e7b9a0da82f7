/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* check.h - what every unit test of the tools includes. */
#ifndef TESTS_TOOLS_CHECK_H
#define TESTS_TOOLS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Each with its description as its name. */
#define CLAIM(_name, _test)                    \
	{                                      \
		_name, _test, NULL, NULL, NULL \
	}

#endif
