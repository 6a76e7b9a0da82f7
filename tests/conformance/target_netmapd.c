// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* netmapd: linked with libnetmap, or run by netmap-run. */
#include "target.h"

const char t_name[] = "netmapd";

bool t_reaches_memory(void)
{
	return false;
}

/* Each sync is a conversation with another process. */
uint32_t t_sample(void)
{
	return 23;
}
