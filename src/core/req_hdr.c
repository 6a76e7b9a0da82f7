// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Requests about the virtio-net header of a port. */
#include "req.h"
#include "vale_admin.h"
#include "vnet.h"

static int check_name(const struct nm_req *rq)
{
	if (rq->hdr.nr_name[NM_NAME_LEN - 1])
		return os_refuse(-EINVAL, "name is longer than %d characters",
				 NM_NAME_LEN - 1);
	return 0;
}

/* The port @name, a reference; of an attachment the side that is on the switch,
 * not the port behind it. NULL: there is none. */
static struct nm_port *port_find(struct nm_core *core, const char *name)
{
	struct nm_port *p = nm_vale_member(core, name);

	return p ? p : nm_port_find(core, name);
}

static int set(struct nm_core *core, const char *name, u32 len)
{
	struct nm_port *p = port_find(core, name);
	bool ours = p && (p->type == &nm_port_vale || p->type == &nm_port_vi ||
			  p->type == &nm_port_attach);

	if (ours)
		os_store(&p->vnet_len, len); /* senders read it per batch */
	if (p)
		nm_port_put(p);
	return ours ? 0 : os_refuse(-ENXIO, "%s: is no port of a switch", name);
}

int nm_req_port_hdr_set(struct nm_req *rq)
{
	const struct nmreq_port_hdr *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err = check_name(rq);

	if (err)
		return err;
	if (!nm_vnet_is_length(b->nr_hdr_len))
		return os_refuse(-EINVAL,
				 "%s: a header of %u bytes, not 0, "
				 "10 or 12",
				 rq->hdr.nr_name, b->nr_hdr_len);
	nm_core_lock(core);
	err = set(core, rq->hdr.nr_name, b->nr_hdr_len);
	nm_core_unlock(core);
	return err;
}

static int get(struct nm_core *core, const char *name, u32 *len)
{
	struct nm_port *p = port_find(core, name);
	struct nm_name n;
	int err;

	if (p) {
		*len = p->vnet_len;
		nm_port_put(p);
		return 0;
	}
	err = nm_name_parse(&n, name);
	if (!err && n.pipe_role)
		return os_refuse(-ENODEV, "%s: the pipe is not open", name);
	return os_refuse(-ENXIO, "%s: no such port", name);
}

int nm_req_port_hdr_get(struct nm_req *rq)
{
	struct nmreq_port_hdr *b = (void *)rq->data;
	struct nm_core *core = rq->file->core;
	int err = check_name(rq);

	if (err)
		return err;
	nm_core_lock(core);
	err = get(core, rq->hdr.nr_name, &b->nr_hdr_len);
	nm_core_unlock(core);
	return err;
}
