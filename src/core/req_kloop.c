// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* CSB mode and its loop: what is asked, and that it can be done. */
#include "kloop.h"
#include "req.h"

#define SLEEP_US_MAX 1000000u

/* ---- CSB mode ---- */

static int csb_create(struct nm_req *rq, struct nm_csb **csb)
{
	const struct nm_bind *b = &rq->file->bind;

	if (!b->exclusive)
		return os_refuse(-EINVAL, "%s: CSB mode needs NR_EXCLUSIVE",
				 b->port->name);
	return nm_csb_create(csb, rq->caller,
			     nm_req_option(rq, NETMAP_REQ_OPT_CSB),
			     nm_bind_selected(b));
}

int nm_req_csb_create(struct nm_req *rq, struct nm_csb **csb)
{
	return nm_req_option_done(rq, NETMAP_REQ_OPT_CSB, csb_create(rq, csb));
}

/* Gives the bind other records, unless a loop uses those that it has. *csb is
 * what is not in use then. */
static int csb_swap(struct nm_file *f, struct nm_csb **csb)
{
	struct nm_csb *old = f->bind.csb;

	os_mutex_assert_held(&f->core->lock);
	if (f->kloop_runs)
		return os_refuse(-EBUSY, "%s: a loop uses the CSB",
				 f->bind.port->name);
	nm_bind_csb_init(&f->bind, *csb);
	os_store(&f->bind.csb, *csb);
	*csb = old;
	return 0;
}

int nm_req_csb_enable(struct nm_req *rq)
{
	struct nm_file *f = rq->file;
	struct nm_csb *csb;
	int err;

	if (!nm_req_option(rq, NETMAP_REQ_OPT_CSB))
		return os_refuse(-EINVAL, "CSB_ENABLE without the CSB option");
	if (!nm_file_is_bound(f))
		return 0;
	err = nm_req_csb_create(rq, &csb);
	if (err)
		return err;
	nm_core_lock(f->core);
	err = csb_swap(f, &csb);
	nm_core_unlock(f->core);
	nm_csb_destroy(csb);
	return nm_req_option_done(rq, NETMAP_REQ_OPT_CSB, err);
}

/* ---- the loop ---- */

/* The option's pairs, @n of them; NULL: no option. */
static int eventfds_of(struct nm_req *rq, u32 n, const s32 **pair)
{
	const struct nmreq_opt_sync_kloop_eventfds *o =
		nm_req_option(rq, NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS);

	*pair = NULL;
	if (!o)
		return 0;
	if (o->nro_opt.nro_size != sizeof(*o) + n * sizeof(o->eventfds[0]))
		return nm_req_option_done(
			rq, NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
			os_refuse(-EINVAL,
				  "eventfds: %llu bytes, not those of %u pairs",
				  (unsigned long long)o->nro_opt.nro_size, n));
	*pair = (const s32 *)(const void *)(o + 1);
	return nm_req_option_done(rq, NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS, 0);
}

static int mode_of(struct nm_req *rq, u32 *mode)
{
	const struct nmreq_opt_sync_kloop_mode *o =
		nm_req_option(rq, NETMAP_REQ_OPT_SYNC_KLOOP_MODE);
	int err = 0;

	*mode = o ? o->mode : 0;
	if (*mode &
	    ~(u32)(NM_OPT_SYNC_KLOOP_DIRECT_TX | NM_OPT_SYNC_KLOOP_DIRECT_RX))
		err = os_refuse(-EINVAL, "loop mode 0x%x is unknown", *mode);
	return nm_req_option_done(rq, NETMAP_REQ_OPT_SYNC_KLOOP_MODE, err);
}

static int start_options(struct nm_req *rq, struct nm_kloop_conf *c)
{
	const struct nmreq_sync_kloop_start *start = (void *)rq->data;
	u32 n = nm_bind_selected(&rq->file->bind);
	int err;

	c->sleep_us = start->sleep_us;
	if (c->sleep_us > SLEEP_US_MAX)
		return os_refuse(-EINVAL, "sleep_us is %u, the limit is %u",
				 c->sleep_us, SLEEP_US_MAX);
	err = mode_of(rq, &c->mode);
	if (!err)
		err = eventfds_of(rq, n, &c->eventfds);
	if (err)
		return err;
	c->kicked = c->eventfds;
	for (u32 i = 0; c->eventfds && i < n; i++)
		if (c->eventfds[2 * i] < 0)
			c->kicked = false;
	if (c->mode && !c->kicked)
		return os_refuse(
			-EINVAL,
			"direct mode needs an ioeventfd for each ring");
	return 0;
}

int nm_req_kloop_start(struct nm_req *rq)
{
	struct nm_file *f = rq->file;
	struct nm_kloop_conf c = {.caller = rq->caller};
	int err;

	if (!nm_file_is_bound(f))
		return os_refuse(-ENXIO, "the descriptor is not bound");
	if (!nm_bind_has_csb(&f->bind))
		return os_refuse(-EINVAL, "%s: a loop needs CSB mode",
				 f->bind.port->name);
	err = start_options(rq, &c);
	return err ? err : nm_kloop_run(f, &c);
}

int nm_req_kloop_stop(struct nm_req *rq)
{
	if (!nm_file_is_bound(rq->file))
		return os_refuse(-ENXIO, "the descriptor is not bound");
	return nm_kloop_stop(rq->file);
}
