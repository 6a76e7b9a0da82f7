/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale_admin.h - ports that outlive descriptors, and their places on switches:
 * what the NETMAP_REQ_VALE_* requests do, under the control lock.
 *
 *   NEWIF ----> persistent port ("name", an interface of the system) <---- DELIF
 *                   |  ATTACH valeX:name: the port itself joins the switch;
 *                   |  a second one, valeY:name, wraps it (vale_attach.h)
 *   a NIC ----------+  ATTACH valeX:eth0: an attachment wraps it
 *                   v
 *               switch: valeX:name, and with NR_REG_NIC_SW its host side valeX:name^
 *
 * Errors are those of the requests (net/netmap.h).
 */
#ifndef NM_VALE_ADMIN_H
#define NM_VALE_ADMIN_H

#include "vale_attach.h"

/* A persistent port: lives until DELIF, or, made for pipes, with the last of
 * them. */
struct nm_vi {
	struct nm_vale_port vp;
	bool kept; /* has a reference of its own: from NEWIF until DELIF */
	struct nm_attach *host; /* its host side, on the switch it is on */
};

static inline struct nm_vi *nm_vi_of(struct nm_port *port)
{
	return nm_container(port, struct nm_vi, vp.port);
}

/* ---- port_vi.c ---- */

/* Counts of @b are clamped and, with the region's number, written back. */
int nm_vi_newif(struct nm_core *core, const char name[NM_NAME_LEN],
		struct nmreq_vale_newif *b);
int nm_vi_delif(struct nm_core *core, const char name[NM_NAME_LEN]);
/* The port joins switch @bridge as @name, or leaves the one it is on: -EBUSY a
 * program keeps a sync running. */
int nm_vi_join(struct nm_vi *vi, const char *bridge, const char *name);
int nm_vi_leave(struct nm_vi *vi);

/* ---- vale_admin.c ---- */

/* @token: see client.h; *index: the port's on the switch. */
int nm_vale_attach(struct nm_core *core, const char name[NM_NAME_LEN],
		   const struct nmreq_register *reg, u64 token, u32 *index);
int nm_vale_detach(struct nm_core *core, const char name[NM_NAME_LEN],
		   u64 token, u32 *index);
/* With an empty name: the first port at or behind the indices of @b, whose name
 * is filled in. */
int nm_vale_list(struct nm_core *core, char name[NM_NAME_LEN],
		 struct nmreq_vale_list *b);
/* A reference to what is on a switch as @name: of an attachment the side, not
 * the port behind it. NULL: nothing. */
struct nm_port *nm_vale_member(struct nm_core *core, const char *name);
int nm_vale_polling(struct nm_core *core, const char name[NM_NAME_LEN],
		    const struct nmreq_vale_polling *b, bool on);
/* The interface of @port is going away: what it is on a switch goes first. */
void nm_vale_gone(struct nm_port *port);
/* The end of a world: attachments, then persistent ports. */
void nm_vale_end(struct nm_core *core);

/* ---- vale_poll.c ---- */

/* Threads poll the port's own rings; @a has that side. */
int nm_polling_start(struct nm_attach *a, const struct nmreq_vale_polling *req);
int nm_polling_stop(struct nm_attach *a);

#endif
