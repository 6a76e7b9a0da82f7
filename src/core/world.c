// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The end of a world (core.h): what lives without descriptors ends with it. */
#include "client.h"
#include "vale_admin.h"

void nm_core_destroy(struct nm_core *core)
{
	nm_core_lock(core);
	nm_vale_end(core);
	nm_switches_end(core);
	nm_core_unlock(core);
	nm_refusals_fini(&core->refusals);
	os_mutex_fini(&core->lock);
	os_free(core);
}
