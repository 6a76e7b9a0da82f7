// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "req.h"
#include "net/netmap_ext.h"

#define MEMBER_END(type, member) \
	(__builtin_offsetof(type, member) + sizeof(((type *)0)->member))

/* ---- tables ---- */

struct request {
	u16 type;
	u16 body_len; /* bytes; 0: none */
	u16 body_min; /* not 0: the body begins with its own u16 length, at
		       * least this much; body_len is the most */
	int (*serve)(struct nm_req *rq);
};

static const struct request requests[] = {
	{NETMAP_REQ_REGISTER, sizeof(struct nmreq_register), 0,
	 nm_req_register},
	{NETMAP_REQ_PORT_INFO_GET, sizeof(struct nmreq_port_info_get), 0,
	 nm_req_port_info_get},
	{NETMAP_REQ_VALE_ATTACH, sizeof(struct nmreq_vale_attach), 0,
	 nm_req_vale_attach},
	{NETMAP_REQ_VALE_DETACH, sizeof(struct nmreq_vale_detach), 0,
	 nm_req_vale_detach},
	{NETMAP_REQ_VALE_LIST, sizeof(struct nmreq_vale_list), 0,
	 nm_req_vale_list},
	{NETMAP_REQ_PORT_HDR_SET, sizeof(struct nmreq_port_hdr), 0,
	 nm_req_port_hdr_set},
	{NETMAP_REQ_PORT_HDR_GET, sizeof(struct nmreq_port_hdr), 0,
	 nm_req_port_hdr_get},
	{NETMAP_REQ_VALE_NEWIF, sizeof(struct nmreq_vale_newif), 0,
	 nm_req_vale_newif},
	{NETMAP_REQ_VALE_DELIF, 0, 0, nm_req_vale_delif},
	{NETMAP_REQ_VALE_POLLING_ENABLE, sizeof(struct nmreq_vale_polling), 0,
	 nm_req_vale_polling_enable},
	{NETMAP_REQ_VALE_POLLING_DISABLE, sizeof(struct nmreq_vale_polling), 0,
	 nm_req_vale_polling_disable},
	{NETMAP_REQ_POOLS_INFO_GET, sizeof(struct nmreq_pools_info), 0,
	 nm_req_pools_info_get},
	{NETMAP_REQ_SYNC_KLOOP_START, sizeof(struct nmreq_sync_kloop_start), 0,
	 nm_req_kloop_start},
	{NETMAP_REQ_SYNC_KLOOP_STOP, 0, 0, nm_req_kloop_stop},
	{NETMAP_REQ_CSB_ENABLE, 0, 0, nm_req_csb_enable},
	{NETMAP_REQ_X_STATS_GET, sizeof(struct nmreq_x_stats),
	 MEMBER_END(struct nmreq_x_stats, x_spare), nm_req_x_stats_get},
	{NETMAP_REQ_X_REFUSALS_GET, sizeof(struct nmreq_x_refusal),
	 MEMBER_END(struct nmreq_x_refusal, x_seq), nm_req_x_refusals_get},
	{NETMAP_REQ_X_PORTS_GET, sizeof(struct nmreq_x_port),
	 MEMBER_END(struct nmreq_x_port, x_seq), nm_req_x_ports_get},
};

static const struct request *request_find(u16 type)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == type)
			return &requests[i];
	return NULL;
}

/* Bytes of an option's record; 0: unknown type. */
static u32 option_len(const struct nmreq_option *o)
{
	switch (o->nro_reqtype) {
	case NETMAP_REQ_OPT_EXTMEM:
		return sizeof(struct nmreq_opt_extmem);
	case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS: /* variable */
		return o->nro_size > sizeof(*o) ? (u32)o->nro_size
						: (u32)sizeof(*o);
	case NETMAP_REQ_OPT_CSB:
		return sizeof(struct nmreq_opt_csb);
	case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
		return sizeof(struct nmreq_opt_sync_kloop_mode);
	case NETMAP_REQ_OPT_OFFSETS:
		return sizeof(struct nmreq_opt_offsets);
	case NETMAP_REQ_X_OPT_ZCOPY:
		return sizeof(struct nmreq_x_opt_zcopy);
	default:
		return 0;
	}
}

/* ---- in ---- */

/* Makes room for @len bytes in data at *at. */
static int reserve(struct nm_req *rq, u64 len, u32 *at)
{
	if (len > NETMAP_REQ_MAXSIZE - rq->used)
		return os_refuse(-EMSGSIZE,
				 "request %u: body and options have over %d "
				 "bytes; does the list of options end?",
				 rq->hdr.nr_reqtype, NETMAP_REQ_MAXSIZE);
	*at = rq->used;
	rq->used += (u32)len;
	return 0;
}

static int body_copyin(struct nm_req *rq, const struct request *r)
{
	u64 user = rq->hdr.nr_body;
	u16 len = r->body_len;
	u32 at = 0;
	int err;

	if (!user != !r->body_len)
		return os_refuse(-EINVAL, "request %u: nr_body is %s", r->type,
				 r->body_len ? "0, but it needs a body"
					     : "not 0, but it has no body");
	if (!user)
		return 0;
	if (r->body_min) {
		err = os_copyin(rq->caller, &len, user, sizeof(len));
		if (err)
			return os_refuse(
				err,
				"request %u: nr_body does not point to memory",
				r->type);
		if (len < r->body_min)
			return os_refuse(
				-EINVAL,
				"request %u: x_size %u; it is at least %u",
				r->type, len, r->body_min);
		len = len > r->body_len ? r->body_len : len;
	}
	rq->body_len = len;
	/* Room for all of it, zero beyond what an older caller knows. */
	err = reserve(rq, (r->body_len + 7u) & ~7u, &at);
	if (err)
		return err;
	err = os_copyin(rq->caller, rq->data + at, user, len);
	return err ? os_refuse(err,
			       "request %u: nr_body does not point to %u bytes "
			       "of memory",
			       r->type, len)
		   : 0;
}

static struct nm_opt *option_find(struct nm_req *rq, u32 type)
{
	for (u32 i = 0; i < rq->nopts; i++)
		if (rq->opt[i].type == type)
			return &rq->opt[i];
	return NULL;
}

/* Takes in the record behind header @o; unknown types have none to take. */
static int option_copyin(struct nm_req *rq, const struct nmreq_option *o,
			 u64 user)
{
	u32 len = option_len(o);
	struct nm_opt *twin = option_find(rq, o->nro_reqtype), *opt;
	u32 at = 0;
	int err;

	if (o->nro_size > NETMAP_REQ_MAXSIZE)
		return os_refuse(
			-EMSGSIZE, "option %u: nro_size %llu; at most %d fit",
			o->nro_reqtype, (unsigned long long)o->nro_size,
			NETMAP_REQ_MAXSIZE);
	err = reserve(rq, ((len ? len : sizeof(*o)) + 7u) & ~7u, &at);
	if (err)
		return err;
	opt = &rq->opt[rq->nopts++];
	*opt = (struct nm_opt){.user = user,
			       .type = o->nro_reqtype,
			       .status = EOPNOTSUPP,
			       .len = len,
			       .at = at};
	if (!o->nro_reqtype || (twin && len)) {
		opt->status = EINVAL;
		if (twin)
			twin->status = EINVAL;
		return os_refuse(-EINVAL, "nro_reqtype %u %s", o->nro_reqtype,
				 twin ? "is in the list twice"
				      : "is no option");
	}
	err = len ? os_copyin(rq->caller, rq->data + at, user, len) : 0;
	/* The header that was checked, not what is there by now. */
	if (!err && len)
		memcpy(rq->data + at, o, sizeof(*o));
	return err ? os_refuse(err, "option %u: not %u bytes of memory",
			       o->nro_reqtype, len)
		   : 0;
}

static int options_copyin(struct nm_req *rq)
{
	struct nmreq_option o;
	u64 user;
	int err;

	for (user = rq->hdr.nr_options; user; user = o.nro_next) {
		err = os_copyin(rq->caller, &o, user, sizeof(o));
		if (err)
			return os_refuse(err, "nr_options, or a nro_next, does "
					      "not point to memory");
		err = option_copyin(rq, &o, user);
		if (err)
			return err;
	}
	return 0;
}

/* ---- out ---- */

/* Statuses always; a served option's record too. */
static int options_copyout(struct nm_req *rq, bool ok)
{
	int err = 0;

	for (u32 i = 0; i < rq->nopts; i++) {
		struct nm_opt *o = &rq->opt[i];
		u64 hdr = sizeof(struct nmreq_option);
		u64 status =
			__builtin_offsetof(struct nmreq_option, nro_status);

		if (os_copyout(rq->caller, o->user + status, &o->status,
			       sizeof(o->status)))
			err = -EFAULT;
		if (ok && !o->status && o->len > hdr &&
		    os_copyout(rq->caller, o->user + hdr,
			       rq->data + o->at + hdr, o->len - hdr))
			err = -EFAULT;
	}
	return err;
}

static int copyout(struct nm_req *rq, u64 arg, bool ok)
{
	int err = options_copyout(rq, ok);

	if (ok && rq->body_len &&
	    os_copyout(rq->caller, rq->hdr.nr_body, rq->data, rq->body_len))
		err = -EFAULT;
	if (os_copyout(rq->caller, arg, &rq->hdr, sizeof(rq->hdr)))
		err = -EFAULT;
	return err ? os_refuse(err,
			       "request %u: its memory cannot be written; was "
			       "it done?",
			       rq->hdr.nr_reqtype)
		   : 0;
}

/* ---- the envelope ---- */

static int header_check(const struct nmreq_header *h)
{
	if (h->nr_version < NETMAP_MIN_API || h->nr_version > NETMAP_MAX_API)
		return os_refuse(-EINVAL,
				 "nr_version %u; this netmap knows %d..%d",
				 h->nr_version, NETMAP_MIN_API, NETMAP_MAX_API);
	if (h->nr_reserved)
		return os_refuse(-EINVAL, "nr_reserved is %u; it must be 0",
				 h->nr_reserved);
	return 0;
}

static int ctrl(struct nm_req *rq, u64 arg, u32 *request)
{
	const struct request *r;
	int err, out;

	if (os_copyin(rq->caller, &rq->hdr, arg, sizeof(rq->hdr)))
		return os_refuse(-EFAULT, "NIOCCTRL: the argument does not "
					  "point to a struct nmreq_header");
	*request = rq->hdr.nr_reqtype;
	err = header_check(&rq->hdr);
	if (err)
		return err;
	r = request_find(rq->hdr.nr_reqtype);
	if (!r)
		return os_refuse(-EINVAL,
				 "nr_reqtype %u is unknown; 1..15 and 0x4e01.. "
				 "are requests",
				 rq->hdr.nr_reqtype);
	err = body_copyin(rq, r);
	if (!err)
		err = options_copyin(rq);
	if (!err)
		err = r->serve(rq);
	out = copyout(rq, arg, !err);
	return err ? err : out;
}

struct nm_req *nm_req_create(struct nm_file *file, struct os_caller *caller)
{
	struct nm_req *rq = os_alloc(sizeof(*rq));

	if (!rq) {
		os_refuse(-ENOMEM, "no memory for a request");
		return NULL;
	}
	rq->file = file;
	rq->caller = caller;
	return rq;
}

int nm_req_serve(struct nm_req *rq)
{
	const struct request *r = request_find(rq->hdr.nr_reqtype);

	rq->body_len = r->body_len;
	return r->serve(rq);
}

int nm_req_ctrl(struct nm_file *file, struct os_caller *caller, u64 arg,
		u32 *request)
{
	struct nm_req *rq;
	int err;

	if (!arg)
		return os_refuse(-EINVAL, "NIOCCTRL without an argument");
	rq = nm_req_create(file, caller);
	if (!rq)
		return -ENOMEM;
	err = ctrl(rq, arg, request);
	os_free(rq);
	return err;
}
