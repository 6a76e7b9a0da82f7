// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "req.h"

/* nm_bind_open() with the OFFSETS option, which is there. */
static int bind_with_offsets(struct nm_req *rq, struct nm_port *port,
			     struct nmreq_register *reg)
{
	struct nmreq_opt_offsets *o = nm_req_option(rq, NETMAP_REQ_OPT_OFFSETS);
	struct nm_bind *b = &rq->file->bind;
	struct nm_offsets ofs;
	int err = nm_req_offsets(rq, port, &ofs);

	if (!err)
		err = nm_bind_open(b, port, reg, &ofs);
	if (err)
		return err;
	/* What holds may be more than what was asked for. */
	for (u32 d = 0; d < NM_DIRS; d++)
		if (b->first[d] < b->end[d])
			o->nro_max_offset =
				nm_bind_queue(b, d, b->first[d])->ofs_max;
	return 0;
}

static int bind_port(struct nm_req *rq, struct nm_port *port,
		     struct nmreq_register *reg)
{
	if (!nm_req_option(rq, NETMAP_REQ_OPT_OFFSETS))
		return nm_bind_open(&rq->file->bind, port, reg, NULL);
	return nm_req_option_done(rq, NETMAP_REQ_OPT_OFFSETS,
				  bind_with_offsets(rq, port, reg));
}

/* The port that is meant, a reference; on memory of the program, if that is
 * asked for and the port does not exist. */
static int port_get(struct nm_req *rq, struct nmreq_register *reg,
		    struct nm_extmem *ext, struct nm_port **port)
{
	struct nm_core *core = rq->file->core;
	struct nm_region *region = NULL;
	int err = 0;

	if (ext->pin) {
		err = nm_req_extmem_region(rq, ext, &region);
		if (err)
			return err;
		reg->nr_mem_id = region->id;
	}
	err = nm_port_open(core, rq->hdr.nr_name, reg, NULL, port);
	if (region)
		nm_region_put(region);
	return err;
}

/* Whoever opens a port knows what its frames begin with. */
static int check_header(const struct nm_port *p,
			const struct nmreq_register *reg)
{
	if (!p->vnet_len || reg->nr_flags & NR_ACCEPT_VNET_HDR)
		return 0;
	return os_refuse(-EIO,
			 "%s: frames have a virtio-net header of %u bytes, "
			 "which NR_ACCEPT_VNET_HDR accepts",
			 p->name, p->vnet_len);
}

/* Binds; nobody can use it yet. */
static int bind_file(struct nm_req *rq, struct nmreq_register *reg,
		     struct nm_extmem *ext)
{
	struct nm_port *port;
	bool zcopy = false;
	int err;

	err = port_get(rq, reg, ext, &port);
	if (err)
		return err;
	err = check_header(port, reg);
	if (!err)
		err = nm_req_zcopy(rq, port, reg->nr_flags, &zcopy);
	if (!err)
		err = bind_port(rq, port, reg);
	if (err) {
		nm_port_put(port);
		return err;
	}
	rq->file->bind.zcopy = zcopy;
	return 0;
}

static int check(const struct nm_req *rq)
{
	if (rq->file->binding)
		return os_refuse(-EBUSY, "the descriptor is being bound");
	if (nm_file_is_bound(rq->file))
		return os_refuse(
			-EBUSY,
			"the descriptor is bound to %s already; open another",
			rq->file->bind.port->name);
	return 0;
}

/* Begins: what needs the lock, but no memory of the caller. */
static int begin(struct nm_req *rq, struct nmreq_register *reg,
		 struct nm_extmem *ext)
{
	struct nm_file *f = rq->file;
	int err;

	nm_core_lock(f->core);
	err = check(rq);
	if (!err)
		err = bind_file(rq, reg, ext);
	if (!err)
		f->binding = true;
	nm_core_unlock(f->core);
	return err;
}

/* Ends: the bind is published with @csb (or NULL), or undone for @err. */
static int end(struct nm_req *rq, struct nm_csb *csb, int err)
{
	struct nm_file *f = rq->file;

	nm_core_lock(f->core);
	f->binding = false;
	if (csb)
		nm_bind_csb_init(&f->bind, csb);
	else
		nm_bind_in_rings(&f->bind,
				 os_load(&f->core->params.late_syncs));
	os_store(&f->bind.csb, csb);
	if (err)
		nm_bind_close(&f->bind);
	else
		nm_file_publish(f);
	nm_core_unlock(f->core);
	return err;
}

int nm_req_register(struct nm_req *rq)
{
	struct nmreq_register *reg = (void *)rq->data;
	struct nm_csb *csb = NULL;
	struct nm_extmem ext;
	int err;

	err = nm_req_extmem_pin(rq, &ext);
	if (err)
		return err;
	if (reg->nr_flags & NR_ZCOPY_MON)
		reg->nr_flags |= NM_MONITOR_FLAGS;
	err = begin(rq, reg, &ext);
	if (ext.pin)
		os_unpin(ext.pin);
	if (err)
		return err;
	/* How many records there are is known now. */
	if (nm_req_option(rq, NETMAP_REQ_OPT_CSB))
		err = nm_req_csb_create(rq, &csb);
	if (!err)
		err = nm_req_options_check(rq);
	return end(rq, csb, err);
}
