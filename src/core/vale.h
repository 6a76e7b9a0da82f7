/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale.h - VALE switches: made with their first port, gone with their last.
 *
 *      port a ---tx---> +------------------------------+ ---rx---> port b
 *                       | collect -> classify -> deliver|
 *      port b ---tx---> +------------------------------+ ---rx---> port a
 *                            in the sender's sync
 *
 * A switch has no thread: the sender's sync carries its frames all the way
 * into the receivers' rings, copying, and drops what finds no room.
 */
#ifndef NM_VALE_H
#define NM_VALE_H

#include "port.h"
#include "vale_learn.h"
#include "net/netmap_switch.h"

#define NM_VALE_PORTS	  NM_FDB_PORTS
#define NM_VALE_RINGS_MAX 16

struct nm_switch {
	struct nm_list node; /* core->switches */
	struct nm_core *core;
	char name[IFNAMSIZ];
	u32 nports;
	u64 token; /* not 0: lives without ports, its owner's (client.h) */
	/* Written under the control lock, read in read sections. */
	struct nm_vale_port *port[NM_VALE_PORTS];
	struct nm_fdb fdb;
	/* The client: NULL, or changed as one, under the control lock, with a
	 * read sync behind it. */
	const struct nm_switch_client *client;
};

struct nm_switch_client {
	struct nm_switch_ops ops;
	void *priv;
};

struct nm_vale_port {
	struct nm_port port;
	struct nm_switch *sw; /* NULL: on no switch */
	u32 index;	      /* on it */
	bool attach;	      /* came by ATTACH, not by being opened */
};

static inline struct nm_vale_port *nm_vale_port(struct nm_port *port)
{
	return nm_container(port, struct nm_vale_port, port);
}

/* ---- control lock held ---- */

/* NULL: there is none of that name. */
struct nm_switch *nm_switch_find(struct nm_core *core, const char *name);
/* -ENOMEM: no memory, or max_bridges are there. */
int nm_switch_make(struct nm_core *core, const char *name,
		   struct nm_switch **sw);
/* It has no ports. */
void nm_switch_free(struct nm_switch *sw);
/* @token is good for @sw, or @sw needs none. -EACCES. */
int nm_switch_access(const struct nm_switch *sw, u64 token);

/* Puts @port on the switch @name, made if it does not exist. -ENOMEM: no
 * memory, switch or place left; or what the switch's client says. */
int nm_switch_join(struct nm_core *core, const char *name,
		   struct nm_vale_port *port);
/* Takes it off; when it returns no sender knows it. The switch ends with its
 * last port, unless it has an owner. */
void nm_switch_leave(struct nm_vale_port *port);

/* Makes a switch port of @shape that is on no switch, found by its bare @name:
 * something to hang pipes on. In @region, or if NULL in one of its own for
 * @need. Returns one reference in *port. */
int nm_vale_anchor_create(struct nm_core *core, const char *name,
			  const struct nm_shape *shape,
			  struct nm_region *region, const struct nm_need *need,
			  struct nm_port **port);

/* ---- data path (vale_fwd.c) ---- */

/* What a tx queue needs to forward (vale_batch.h). NULL: no memory. */
void *nm_batch_create(void);
void nm_batch_destroy(void *batch);

/* Forwards all slots from hwcur to rhead and reclaims them. */
int nm_vale_txsync(struct nm_queue *q, struct nm_sync *s);
/* Gives released slots back to the switch. */
int nm_vale_rxsync(struct nm_queue *q, struct nm_sync *s);

#endif
