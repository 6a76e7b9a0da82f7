// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Options of requests: where their records are, what became of them. */
#include "req.h"

static struct nm_opt *option_find(struct nm_req *rq, u32 type)
{
	for (u32 i = 0; i < rq->nopts; i++)
		if (rq->opt[i].type == type)
			return &rq->opt[i];
	return NULL;
}

void *nm_req_option(struct nm_req *rq, u32 type)
{
	struct nm_opt *o = option_find(rq, type);

	return o ? rq->data + o->at : NULL;
}

int nm_req_option_done(struct nm_req *rq, u32 type, int err)
{
	struct nm_opt *o = option_find(rq, type);

	if (o)
		o->status = (u32)-err;
	return err;
}

int nm_req_options_check(struct nm_req *rq)
{
	for (u32 i = 0; i < rq->nopts; i++)
		if (rq->opt[i].status)
			return os_refuse(-EOPNOTSUPP,
					 "%s: option type %u is not served",
					 rq->hdr.nr_name, rq->opt[i].type);
	return 0;
}

/* ---- offsets ---- */

static int refuse_offsets(u64 max, u64 initial, u32 bits, u32 size)
{
	return os_refuse(-EINVAL,
			 "offsets: up to %llu, at first %llu, in %u bits, for "
			 "buffers of %u bytes",
			 (unsigned long long)max, (unsigned long long)initial,
			 bits, size);
}

int nm_req_offsets(struct nm_req *rq, const struct nm_port *port,
		   struct nm_offsets *ofs)
{
	const struct nmreq_opt_offsets *o =
		nm_req_option(rq, NETMAP_REQ_OPT_OFFSETS);
	u32 size = nm_region_buf_size(port->region);
	u64 max = o->nro_max_offset, gap = o->nro_min_gap;
	u32 bits = o->nro_offset_bits ? o->nro_offset_bits : 64;

	if (bits > 64 || max > size || o->nro_initial_offset > max)
		return refuse_offsets(max, o->nro_initial_offset, bits, size);
	ofs->mask = ~0ull >> (64 - bits);
	if (max > ofs->mask)
		return refuse_offsets(max, o->nro_initial_offset, bits, size);
	ofs->max = (u32)max;
	ofs->initial = (u32)o->nro_initial_offset;
	ofs->room = size - ofs->max;
	if (gap && gap < ofs->room)
		ofs->room = (u32)gap;
	return 0;
}
