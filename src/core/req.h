/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * req.h - NIOCCTRL: one envelope, a table of requests, a chain of options.
 *
 *   caller's memory          struct nm_req                      caller's memory
 *   header ----copyin----->  hdr
 *   body   ----copyin----->  data[0..body_len)   --serve-->     body (success)
 *   options --copyin each->  data[...]  opt[]    --serve-->     nro_status (always)
 *
 * Everything is copied in before any lock is taken and out after all are
 * dropped; what is served is the copy.
 */
#ifndef NM_REQ_H
#define NM_REQ_H

#include "file.h"

#define NM_REQ_OPTS (NETMAP_REQ_MAXSIZE / sizeof(struct nmreq_option))

struct nm_opt {
	u64 user; /* where the caller has it */
	u32 type;
	u32 status; /* 0: served; else a positive errno */
	u32 len;    /* of the record in data, 0: unknown type, not read */
	u32 at;	    /* its place in data */
};

struct nm_req {
	struct nm_file *file;
	struct os_caller *caller;
	struct nmreq_header hdr;
	u32 body_len;
	u32 nopts;
	u32 used; /* bytes of data */
	struct nm_opt opt[NM_REQ_OPTS];
	u8 data[NETMAP_REQ_MAXSIZE] __attribute__((aligned(8)));
};

/* Requests: one function and one row in req.c each. The body is rq->data; they
 * return 0 or -errno and run without locks, in thread context. */
int nm_req_register(struct nm_req *rq);
int nm_req_port_info_get(struct nm_req *rq);
int nm_req_pools_info_get(struct nm_req *rq);
int nm_req_port_hdr_set(struct nm_req *rq);
int nm_req_port_hdr_get(struct nm_req *rq);
int nm_req_x_stats_get(struct nm_req *rq);
int nm_req_csb_enable(struct nm_req *rq);
int nm_req_kloop_start(struct nm_req *rq);
int nm_req_kloop_stop(struct nm_req *rq);
int nm_req_x_refusals_get(struct nm_req *rq);
int nm_req_x_ports_get(struct nm_req *rq);
int nm_req_vale_attach(struct nm_req *rq);
int nm_req_vale_detach(struct nm_req *rq);
int nm_req_vale_list(struct nm_req *rq);
int nm_req_vale_newif(struct nm_req *rq);
int nm_req_vale_delif(struct nm_req *rq);
int nm_req_vale_polling_enable(struct nm_req *rq);
int nm_req_vale_polling_disable(struct nm_req *rq);

/* ---- options (req_opt.c) ---- */

/* The record of the option @type, checked by nobody yet, or NULL. */
void *nm_req_option(struct nm_req *rq, u32 type);
/* The option's status is @err, which is returned: 0 served, or -errno. */
int nm_req_option_done(struct nm_req *rq, u32 type, int err);
/* -EOPNOTSUPP if an option was served by nobody. */
int nm_req_options_check(struct nm_req *rq);

/* What the OFFSETS option, which is there, asks of @port: -EINVAL. */
int nm_req_offsets(struct nm_req *rq, const struct nm_port *port,
		   struct nm_offsets *ofs);

/* The EXTMEM option, on its way to a region: what it asks for, on memory that
 * is kept in place. */
struct nm_extmem {
	struct nm_geometry g;
	u64 size;	    /* bytes, whole pages */
	struct os_pin *pin; /* NULL: there is no such option, or it is taken */
};

/* Thread, no lock held. -EINVAL, -EFAULT, -ENOMEM; in the status too. */
int nm_req_extmem_pin(struct nm_req *rq, struct nm_extmem *ext);
/* Makes or finds the region, returns a reference; and tells what it is like.
 * Control lock held. */
int nm_req_extmem_region(struct nm_req *rq, struct nm_extmem *ext,
			 struct nm_region **r);

/* What the CSB option, which is there, asks for the file's bind, which is
 * complete and stays: -EINVAL, -EFAULT, -ENOMEM; in the status too. Thread, no
 * lock held. */
int nm_req_csb_create(struct nm_req *rq, struct nm_csb **csb);

/* Does the sender at @port consent to handing buffers over: by the option (then
 * it is served, or -EOPNOTSUPP, -EINVAL) or by @flags. */
int nm_req_zcopy(struct nm_req *rq, const struct nm_port *port, u64 flags,
		 bool *consent);

/* NIOCCTRL with the header at the caller's @arg. *request is nr_reqtype once
 * that is known. */
int nm_req_ctrl(struct nm_file *file, struct os_caller *caller, u64 arg,
		u32 *request);

/* NIOCREGIF or NIOCGINFO, with a struct nmreq at the caller's @arg. *request is
 * nr_cmd once that is known. */
int nm_req_legacy(struct nm_file *file, struct os_caller *caller,
		  unsigned long ioctl, u64 arg, u32 *request);

/* NIOCCONFIG, with a struct nm_ifreq at the caller's @arg. */
int nm_req_config(struct nm_file *file, struct os_caller *caller, u64 arg);

/* ---- for requests that are made here ---- */

/* An empty one, to be freed by os_free(); NULL: no memory, refused. */
struct nm_req *nm_req_create(struct nm_file *file, struct os_caller *caller);

/* Serves the request hdr.nr_reqtype, one of the table without a variable body:
 * hdr.nr_name and the body in data are there, and no options. */
int nm_req_serve(struct nm_req *rq);

#endif
