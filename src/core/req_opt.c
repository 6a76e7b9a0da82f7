// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Options of requests: where their records are, what became of them. */
#include "req.h"
#include "net/netmap_ext.h"

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

/* ---- memory of the program ---- */

static u32 or_default(u32 asked, u32 def)
{
	return asked ? asked : def;
}

static void geometry_of(struct nm_geometry *g, const struct nm_params *p,
			const struct nmreq_pools_info *i)
{
	g->num[NM_POOL_IF] = or_default(i->nr_if_pool_objtotal, p->priv_if_num);
	g->num[NM_POOL_RING] =
		or_default(i->nr_ring_pool_objtotal, p->priv_ring_num);
	g->num[NM_POOL_BUF] =
		or_default(i->nr_buf_pool_objtotal, p->priv_buf_num);
	g->size[NM_POOL_IF] =
		or_default(i->nr_if_pool_objsize, p->priv_if_size);
	g->size[NM_POOL_RING] =
		or_default(i->nr_ring_pool_objsize, p->priv_ring_size);
	g->size[NM_POOL_BUF] =
		or_default(i->nr_buf_pool_objsize, p->priv_buf_size);
}

static int extmem_check(const struct nmreq_opt_extmem *o,
			const struct nm_extmem *ext)
{
	static const u32 most[NM_POOLS] = {1u << 16, 1u << 17, 1u << 16};

	if (o->nro_usrptr & (OS_PAGE_SIZE - 1))
		return os_refuse(
			-EINVAL, "user memory at 0x%llx: no multiple of %u",
			(unsigned long long)o->nro_usrptr, (u32)OS_PAGE_SIZE);
	for (int k = 0; k < NM_POOLS; k++)
		if (ext->g.size[k] > most[k])
			return os_refuse(-EINVAL,
					 "user memory: objects of %u bytes, "
					 "the limit is %u",
					 ext->g.size[k], most[k]);
	return nm_geometry_check(&ext->g, ext->size);
}

static int extmem_pin(struct nm_req *rq, const struct nmreq_opt_extmem *o,
		      struct nm_extmem *ext)
{
	int err;

	geometry_of(&ext->g, &rq->file->core->params, &o->nro_info);
	ext->size = o->nro_info.nr_memsize & ~(u64)(OS_PAGE_SIZE - 1);
	err = extmem_check(o, ext);
	if (err)
		return err;
	return os_pin(rq->caller, o->nro_usrptr, ext->size, &ext->pin);
}

int nm_req_extmem_pin(struct nm_req *rq, struct nm_extmem *ext)
{
	const struct nmreq_opt_extmem *o =
		nm_req_option(rq, NETMAP_REQ_OPT_EXTMEM);

	ext->pin = NULL;
	if (!o)
		return 0;
	return nm_req_option_done(rq, NETMAP_REQ_OPT_EXTMEM,
				  extmem_pin(rq, o, ext));
}

/* Sizes as they came to be; the offsets are for those who map. */
static void extmem_tell(struct nmreq_pools_info *i, const struct nm_region *r)
{
	i->nr_memsize = r->size;
	i->nr_if_pool_objtotal = r->pool[NM_POOL_IF].objtotal;
	i->nr_if_pool_objsize = r->pool[NM_POOL_IF].objsize;
	i->nr_ring_pool_objtotal = r->pool[NM_POOL_RING].objtotal;
	i->nr_ring_pool_objsize = r->pool[NM_POOL_RING].objsize;
	i->nr_buf_pool_objtotal = r->pool[NM_POOL_BUF].objtotal;
	i->nr_buf_pool_objsize = r->pool[NM_POOL_BUF].objsize;
}

int nm_req_extmem_region(struct nm_req *rq, struct nm_extmem *ext,
			 struct nm_region **r)
{
	struct nmreq_opt_extmem *o = nm_req_option(rq, NETMAP_REQ_OPT_EXTMEM);
	int err = nm_region_adopt(rq->file->core, &ext->g, ext->size, &ext->pin,
				  r);

	if (!err)
		extmem_tell(&o->nro_info, *r);
	return nm_req_option_done(rq, NETMAP_REQ_OPT_EXTMEM, err);
}

/* ---- handover ---- */

static int zcopy_take(struct nmreq_x_opt_zcopy *o, const struct nm_port *port)
{
	const u16 size = sizeof(*o) - sizeof(o->nro_opt);

	if (o->x_size < size)
		return os_refuse(-EINVAL, "handover: x_size %u, at least %u",
				 o->x_size, size);
	if (port->type != &nm_port_vale && port->type != &nm_port_vi)
		return os_refuse(-EOPNOTSUPP,
				 "%s: a %s port hands no buffers over",
				 port->name, port->type->name);
	o->x_size = size;
	return 0;
}

int nm_req_zcopy(struct nm_req *rq, const struct nm_port *port, u64 flags,
		 bool *consent)
{
	struct nmreq_x_opt_zcopy *o = nm_req_option(rq, NETMAP_REQ_X_OPT_ZCOPY);

	*consent = o || (flags & NR_X_ZCOPY && (port->type == &nm_port_vale ||
						port->type == &nm_port_vi));
	if (!o)
		return 0;
	return nm_req_option_done(rq, NETMAP_REQ_X_OPT_ZCOPY,
				  zcopy_take(o, port));
}
