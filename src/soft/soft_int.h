/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* soft_int.h - what the files of this folder share. */
#ifndef SOFT_INT_H
#define SOFT_INT_H

#include "soft.h"

#define SOFT_FRAME 2048 /* bytes of each, at least */

/* Counters of descriptors run free; index by the mask of a power of two. */
struct soft_tx {
	struct nm_port *port; /* in netmap mode: whose; else NULL */
	struct nm_nic_piece *desc;
	u32 mask, num; /* of descriptors in use at a time */
	u32 head;      /* filled by tx() up to here */
	u32 sent;      /* sent up to here */
	u32 report;    /* lazy: told at least up to here once sent */
	u32 told;      /* by tx_done() */
};

struct soft_rx {
	struct nm_port *port; /* as above */
	u8 *data;	      /* packet memory: [mask + 1] of stride */
	u32 *len;
	u32 mask;
	struct os_spin lock; /* head */
	u32 head;	     /* filled by the wire */
	u32 tail;	     /* handed on; whoever holds kicks */
	u32 kicks;	     /* not 0: somebody hands on, and looks again if it
			      * has grown */
};

/* What the system received. */
struct soft_log {
	struct os_spin lock; /* all below */
	u8 *data;	     /* [conf.log] of stride */
	u32 *len;
	u32 head, tail;
	u32 bursts;
};

struct soft_nic {
	struct nm_nic nic;
	struct soft_conf conf;
	bool wired;
	u32 stride; /* bytes of packet memory per frame */
	u32 link;
	u32 frozen; /* between the two ends of a reset */
	u32 fail_start;
	struct soft_nic *peer;	   /* read sections */
	struct nm_port *host_port; /* the capture is on: whose */
	struct soft_tx *tx;
	struct soft_rx *rx;
	struct soft_log log;
};

static inline struct soft_nic *soft_of(struct nm_nic *nic)
{
	return nm_container(nic, struct soft_nic, nic);
}

/* soft.c: makes one; @wired: with descriptors. -ENOMEM. */
int soft_make(const char *name, const struct soft_conf *conf, bool wired,
	      const struct nm_nic_ops *ops, struct soft_nic **nic);
void soft_free(struct soft_nic *nic);

/* soft_host.c: ops, and the log. */
int soft_host_start(struct nm_nic *nic);
void soft_host_stop(struct nm_nic *nic);
bool soft_inject(struct nm_nic *nic, const struct nm_nic_piece *p, u32 n);
void soft_inject_end(struct nm_nic *nic);
/* -EIO if this start is the one to fail. */
int soft_may_start(struct soft_nic *nic, const char *what);

/* soft_wire.c */
extern const struct nm_nic_ops soft_wire_ops;
/* A frame of pieces leaves @nic by @ring, by the cable. In a read section. */
void soft_wire_out(struct soft_nic *nic, u32 ring, const struct nm_nic_piece *p,
		   u32 n);
/* The burst of such frames ends. */
void soft_wire_flush(struct soft_nic *nic, u32 ring);

#endif
