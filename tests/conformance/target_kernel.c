// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The module. */
#include "target.h"

const char t_name[] = "kernel";

bool t_reaches_memory(void)
{
	return true;
}

uint32_t t_sample(void)
{
	return 1;
}
