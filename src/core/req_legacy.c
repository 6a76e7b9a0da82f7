// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * NIOCREGIF and NIOCGINFO: each command is translated into a request of
 * NIOCCTRL and served as that, so there is nothing that only one of the two
 * can do. A row of the tables says which request, and how its body is made
 * from the flat record and told back in it.
 */
#include "req.h"

struct command {
	u16 cmd;  /* nr_cmd */
	u16 type; /* of the request */
	/* Makes the body; 0 or -errno. */
	int (*in)(struct nm_req *rq, const struct nmreq *r);
	/* What of the served body the caller gets; NULL: nothing. */
	void (*out)(struct nmreq *r, const struct nm_req *rq);
};

/* ---- bodies ---- */

static u16 mode_of(const struct nmreq *r)
{
	u32 mode = r->nr_flags & NR_REG_MASK;

	if (mode)
		return (u16)mode;
	if (r->nr_ringid & NETMAP_SW_RING)
		return NR_REG_SW;
	return r->nr_ringid & NETMAP_HW_RING ? NR_REG_ONE_NIC : NR_REG_ALL_NIC;
}

static void register_of(struct nmreq_register *reg, const struct nmreq *r)
{
	reg->nr_tx_slots = r->nr_tx_slots;
	reg->nr_rx_slots = r->nr_rx_slots;
	reg->nr_tx_rings = r->nr_tx_rings;
	reg->nr_rx_rings = r->nr_rx_rings;
	reg->nr_mem_id = r->nr_arg2;
	reg->nr_ringid = r->nr_ringid & NETMAP_RING_MASK;
	reg->nr_mode = mode_of(r);
	reg->nr_extra_bufs = r->nr_arg3;
	reg->nr_flags = r->nr_flags & ~(u32)NR_REG_MASK;
	if (r->nr_ringid & NETMAP_NO_TX_POLL)
		reg->nr_flags |= NR_NO_TX_POLL;
	if (r->nr_ringid & NETMAP_DO_RX_POLL)
		reg->nr_flags |= NR_DO_RX_POLL;
}

/* "{N" or "}N" behind the name, which has 15 characters of 64 at most. */
static void append_pipe(char name[NM_NAME_LEN], char role, u32 id)
{
	char digits[10];
	size_t len = nm_name_len(name), n = 0;

	name[len++] = role;
	do {
		digits[n++] = (char)('0' + id % 10);
		id /= 10;
	} while (id);
	while (n)
		name[len++] = digits[--n];
	name[len] = '\0';
}

static int register_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_register *reg = (void *)rq->data;

	register_of(reg, r);
	if (reg->nr_mode == NR_REG_PIPE_MASTER ||
	    reg->nr_mode == NR_REG_PIPE_SLAVE) {
		append_pipe(rq->hdr.nr_name,
			    reg->nr_mode == NR_REG_PIPE_MASTER ? '{' : '}',
			    reg->nr_ringid);
		reg->nr_mode = NR_REG_ALL_NIC;
	}
	return 0;
}

static void register_out(struct nmreq *r, const struct nm_req *rq)
{
	const struct nmreq_register *reg = (const void *)rq->data;

	r->nr_offset = (u32)reg->nr_offset;
	r->nr_memsize = (u32)reg->nr_memsize;
	r->nr_tx_slots = reg->nr_tx_slots;
	r->nr_rx_slots = reg->nr_rx_slots;
	r->nr_tx_rings = reg->nr_tx_rings;
	r->nr_rx_rings = reg->nr_rx_rings;
	r->nr_arg2 = reg->nr_mem_id;
	r->nr_arg3 = reg->nr_extra_bufs;
}

static int attach_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_vale_attach *a = (void *)rq->data;

	register_of(&a->reg, r);
	a->reg.nr_mode =
		r->nr_arg1 & NETMAP_BDG_HOST ? NR_REG_NIC_SW : NR_REG_ALL_NIC;
	return 0;
}

static int no_body(struct nm_req *rq, const struct nmreq *r)
{
	(void)rq;
	(void)r;
	return 0;
}

static int header_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_port_hdr *h = (void *)rq->data;

	h->nr_hdr_len = r->nr_arg1;
	return 0;
}

static void header_out(struct nmreq *r, const struct nm_req *rq)
{
	const struct nmreq_port_hdr *h = (const void *)rq->data;

	r->nr_arg1 = (u16)h->nr_hdr_len;
}

static int newif_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_vale_newif *n = (void *)rq->data;

	n->nr_tx_slots = r->nr_tx_slots;
	n->nr_rx_slots = r->nr_rx_slots;
	n->nr_tx_rings = r->nr_tx_rings;
	n->nr_rx_rings = r->nr_rx_rings;
	n->nr_mem_id = r->nr_arg2;
	return 0;
}

static void newif_out(struct nmreq *r, const struct nm_req *rq)
{
	const struct nmreq_vale_newif *n = (const void *)rq->data;

	r->nr_tx_slots = n->nr_tx_slots;
	r->nr_rx_slots = n->nr_rx_slots;
	r->nr_tx_rings = n->nr_tx_rings;
	r->nr_rx_rings = n->nr_rx_rings;
	r->nr_arg2 = n->nr_mem_id;
}

static int polling_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_vale_polling *p = (void *)rq->data;

	switch (r->nr_flags & NR_REG_MASK) {
	case NR_REG_ALL_NIC:
		p->nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU;
		break;
	case NR_REG_ONE_NIC:
		p->nr_mode = NETMAP_POLLING_MODE_MULTI_CPU;
		break;
	default:
		return os_refuse(-EINVAL,
				 "%s: polling with mode %u in nr_flags; it is "
				 "%d for one CPU or %d for a CPU per ring",
				 rq->hdr.nr_name, r->nr_flags & NR_REG_MASK,
				 NR_REG_ALL_NIC, NR_REG_ONE_NIC);
	}
	p->nr_first_cpu_id = r->nr_ringid & NETMAP_RING_MASK;
	p->nr_num_polling_cpus = r->nr_arg1;
	return 0;
}

static int list_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_vale_list *l = (void *)rq->data;

	l->nr_bridge_idx = r->nr_arg1;
	l->nr_port_idx = r->nr_arg2;
	return 0;
}

static void list_out(struct nmreq *r, const struct nm_req *rq)
{
	const struct nmreq_vale_list *l = (const void *)rq->data;

	r->nr_arg1 = l->nr_bridge_idx;
	r->nr_arg2 = (u16)l->nr_port_idx;
	/* A longer name is cut. */
	memcpy(r->nr_name, rq->hdr.nr_name, sizeof(r->nr_name) - 1);
	r->nr_name[sizeof(r->nr_name) - 1] = '\0';
}

static int info_in(struct nm_req *rq, const struct nmreq *r)
{
	struct nmreq_port_info_get *i = (void *)rq->data;

	i->nr_mem_id = r->nr_arg2;
	return 0;
}

static void info_out(struct nmreq *r, const struct nm_req *rq)
{
	const struct nmreq_port_info_get *i = (const void *)rq->data;

	r->nr_memsize = (u32)i->nr_memsize;
	r->nr_tx_slots = i->nr_tx_slots;
	r->nr_rx_slots = i->nr_rx_slots;
	r->nr_tx_rings = i->nr_tx_rings;
	r->nr_rx_rings = i->nr_rx_rings;
	r->nr_arg2 = i->nr_mem_id;
}

/* ---- tables ---- */

static const struct command regif[] = {
	{0, NETMAP_REQ_REGISTER, register_in, register_out},
	{NETMAP_BDG_ATTACH, NETMAP_REQ_VALE_ATTACH, attach_in, NULL},
	{NETMAP_BDG_DETACH, NETMAP_REQ_VALE_DETACH, no_body, NULL},
	{NETMAP_BDG_VNET_HDR, NETMAP_REQ_PORT_HDR_SET, header_in, NULL},
	{NETMAP_VNET_HDR_GET, NETMAP_REQ_PORT_HDR_GET, no_body, header_out},
	{NETMAP_BDG_NEWIF, NETMAP_REQ_VALE_NEWIF, newif_in, newif_out},
	{NETMAP_BDG_DELIF, NETMAP_REQ_VALE_DELIF, no_body, NULL},
	{NETMAP_BDG_POLLING_ON, NETMAP_REQ_VALE_POLLING_ENABLE, polling_in,
	 NULL},
	{NETMAP_BDG_POLLING_OFF, NETMAP_REQ_VALE_POLLING_DISABLE, polling_in,
	 NULL},
};

static const struct command ginfo_list = {NETMAP_BDG_LIST, NETMAP_REQ_VALE_LIST,
					  list_in, list_out};
static const struct command ginfo = {0, NETMAP_REQ_PORT_INFO_GET, info_in,
				     info_out};

static const struct command *command_find(unsigned long ioctl, u16 cmd)
{
	if (ioctl == NIOCGINFO)
		return cmd == NETMAP_BDG_LIST ? &ginfo_list : &ginfo;
	for (size_t i = 0; i < sizeof(regif) / sizeof(regif[0]); i++)
		if (regif[i].cmd == cmd)
			return &regif[i];
	return NULL;
}

/* ---- the envelope ---- */

static int refuse_command(u16 cmd)
{
	if (cmd == NETMAP_PT_HOST_CREATE || cmd == NETMAP_PT_HOST_DELETE)
		return os_refuse(-ENOMEM,
				 "NIOCREGIF: nr_cmd %u (passthrough by a host) "
				 "is not part of this interface any more",
				 cmd);
	return os_refuse(-EINVAL,
			 "NIOCREGIF: nr_cmd %u is not a command; 0 binds a "
			 "port",
			 cmd);
}

static int check(const struct nmreq *r)
{
	if (r->nr_version < NETMAP_MIN_API)
		return os_refuse(-EINVAL, "nr_version %u: it is %d or more",
				 r->nr_version, NETMAP_MIN_API);
	if (r->nr_name[IFNAMSIZ - 1])
		return os_refuse(-EINVAL,
				 "nr_name: no NUL in its %d bytes; longer "
				 "names need NIOCCTRL",
				 IFNAMSIZ);
	return 0;
}

static int serve(struct nm_req *rq, struct nmreq *r, unsigned long ioctl)
{
	const struct command *c = command_find(ioctl, r->nr_cmd);
	int err;

	if (!c)
		return refuse_command(r->nr_cmd);
	rq->hdr.nr_version = NETMAP_API;
	rq->hdr.nr_reqtype = c->type;
	memcpy(rq->hdr.nr_name, r->nr_name, sizeof(r->nr_name));
	err = c->in(rq, r);
	if (!err)
		err = nm_req_serve(rq);
	if (!err && c->out)
		c->out(r, rq);
	return err;
}

static int flat(struct nm_req *rq, unsigned long ioctl, u64 arg, u32 *request)
{
	struct nmreq r;
	int err;

	err = os_copyin(rq->caller, &r, arg, sizeof(r));
	if (err)
		return os_refuse(err, "struct nmreq is not readable");
	*request = r.nr_cmd;
	err = check(&r);
	if (!err)
		err = serve(rq, &r, ioctl);
	if (err)
		return err;
	err = os_copyout(rq->caller, arg, &r, sizeof(r));
	return err ? os_refuse(err, "the reply cannot be written") : 0;
}

int nm_req_legacy(struct nm_file *file, struct os_caller *caller,
		  unsigned long ioctl, u64 arg, u32 *request)
{
	struct nm_req *rq;
	int err;

	if (!arg)
		return os_refuse(-EINVAL, "%s without an argument",
				 ioctl == NIOCREGIF ? "NIOCREGIF"
						    : "NIOCGINFO");
	rq = nm_req_create(file, caller);
	if (!rq)
		return -ENOMEM;
	err = flat(rq, ioctl, arg, request);
	os_free(rq);
	return err;
}
