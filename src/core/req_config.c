// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCCONFIG: words between a program and whoever drives a switch. */
#include "client.h"
#include "req.h"

static int config(struct nm_file *file, struct os_caller *caller,
		  struct nm_ifreq *r, u64 arg)
{
	int err = os_copyin(caller, r, arg, sizeof(*r));

	if (err)
		return os_refuse(err, "struct nm_ifreq is not readable");
	if (r->nifr_name[IFNAMSIZ - 1])
		return os_refuse(-EINVAL, "nifr_name: no NUL in its %d bytes",
				 IFNAMSIZ);
	err = nm_switch_config(file->core, r->nifr_name, (u8 *)r->data);
	if (err)
		return err;
	err = os_copyout(caller, arg, r, sizeof(*r));
	return err ? os_refuse(err, "the reply cannot be written") : 0;
}

int nm_req_config(struct nm_file *file, struct os_caller *caller, u64 arg)
{
	struct nm_ifreq *r;
	int err;

	if (!arg)
		return os_refuse(-EINVAL, "NIOCCONFIG without an argument");
	r = os_alloc(sizeof(*r));
	if (!r)
		return os_refuse(-ENOMEM, "no memory for a request");
	err = config(file, caller, r, arg);
	os_free(r);
	return err;
}
