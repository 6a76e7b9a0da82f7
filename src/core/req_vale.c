// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Requests about ports that outlive descriptors, and about switches. */
#include "client.h"
#include "req.h"
#include "vale_admin.h"

int nm_req_vale_attach(struct nm_req *rq)
{
	struct nmreq_vale_attach *b = (void *)rq->data;

	return nm_switch_attach(rq->file->core, rq->hdr.nr_name, &b->reg,
				rq->file->token, &b->port_index);
}

int nm_req_vale_detach(struct nm_req *rq)
{
	struct nmreq_vale_detach *b = (void *)rq->data;

	return nm_switch_detach(rq->file->core, rq->hdr.nr_name,
				rq->file->token, &b->port_index);
}

int nm_req_vale_list(struct nm_req *rq)
{
	struct nmreq_vale_list *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err;

	nm_core_lock(core);
	err = nm_vale_list(core, rq->hdr.nr_name, b);
	nm_core_unlock(core);
	return err;
}

int nm_req_vale_newif(struct nm_req *rq)
{
	return nm_switch_newif(rq->file->core, rq->hdr.nr_name,
			       (void *)rq->data);
}

int nm_req_vale_delif(struct nm_req *rq)
{
	return nm_switch_delif(rq->file->core, rq->hdr.nr_name);
}

static int polling(struct nm_req *rq, bool on)
{
	const struct nmreq_vale_polling *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err;

	nm_core_lock(core);
	err = nm_vale_polling(core, rq->hdr.nr_name, b, on);
	nm_core_unlock(core);
	return err;
}

int nm_req_vale_polling_enable(struct nm_req *rq)
{
	return polling(rq, true);
}

int nm_req_vale_polling_disable(struct nm_req *rq)
{
	return polling(rq, false);
}
