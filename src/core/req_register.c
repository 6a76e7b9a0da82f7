// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "req.h"

#define MONITORS (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON)

/* Binds; undone if an option of the chain was served by nobody. */
static int bind_file(struct nm_req *rq, struct nmreq_register *reg)
{
	struct nm_file *f = rq->file;
	struct nm_port *port;
	int err;

	err = nm_port_open(f->core, rq->hdr.nr_name, reg, NULL, &port);
	if (err)
		return err;
	err = nm_bind_open(&f->bind, port, reg);
	if (err) {
		nm_port_put(port);
		return err;
	}
	for (u32 i = 0; i < rq->nopts; i++) {
		if (!rq->opt[i].status)
			continue;
		err = os_refuse(-EOPNOTSUPP, "%s: option type %u is not served",
				port->name, rq->opt[i].type);
		nm_bind_close(&f->bind);
		return err;
	}
	nm_file_publish(f);
	return 0;
}

static int check(const struct nm_req *rq, const struct nmreq_register *reg)
{
	if (nm_file_is_bound(rq->file))
		return os_refuse(-EBUSY, "the descriptor is bound to %s",
				 rq->file->bind.port->name);
	if (reg->nr_flags & MONITORS)
		return os_refuse(-EOPNOTSUPP,
				 "monitors are not served by this version");
	return 0;
}

int nm_req_register(struct nm_req *rq)
{
	struct nmreq_register *reg = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err;

	nm_core_lock(core);
	err = check(rq, reg);
	if (!err)
		err = bind_file(rq, reg);
	nm_core_unlock(core);
	return err;
}
