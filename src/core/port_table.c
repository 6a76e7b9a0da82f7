// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "port.h"

const struct nm_port_type *const nm_port_types[] = {
	&nm_port_null, &nm_port_monitor, &nm_port_pipe,
	&nm_port_vale, &nm_port_nic,	 NULL,
};
