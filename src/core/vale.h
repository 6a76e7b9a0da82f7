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
	u32 index; /* lowest that was free, for LIST */
	u32 nports;
	u64 token; /* not 0: lives without ports, its owner's (client.h) */
	/* Written under the control lock, read in read sections. */
	struct nm_vale_port *port[NM_VALE_PORTS];
	u32 end; /* no port was ever at this place, or behind; for senders too */
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
	struct nm_switch *sw;  /* NULL: on no switch */
	u32 index;	       /* on it */
	struct nm_alias alias; /* "valeX:name", if that is not the port's own */
	bool attach;	       /* came by ATTACH, not by being opened */
};

static inline struct nm_vale_port *nm_vale_port(struct nm_port *port)
{
	return nm_container(port, struct nm_vale_port, port);
}

/* "valeX:name" while it is on a switch. */
static inline const char *nm_vale_name(const struct nm_vale_port *port)
{
	return port->alias.name[0] ? port->alias.name : port->port.name;
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

/* Sets up zeroed @port, on no switch and not published. In @region, or if NULL
 * in one of its own for @need. -ENOMEM, and nothing to undo. */
int nm_vale_port_init(struct nm_vale_port *port,
		      const struct nm_port_type *type, struct nm_core *core,
		      const char *name, const struct nm_shape *shape,
		      struct nm_region *region, const struct nm_need *need);
/* What a queue of a switch port needs beside its ring: a tx queue a batch to
 * forward, an rx queue the marks of finished leases. -ENOMEM. */
int nm_vale_gear_create(struct nm_queue *q);
void nm_vale_gear_destroy(struct nm_queue *q);
/* start and stop of a queue with a ring. */
int nm_vale_start(struct nm_queue *q);
void nm_vale_stop(struct nm_queue *q);

/* Makes a persistent port of @shape that is on no switch, for its users alone:
 * something to hang pipes on. In @region, or if NULL in one of its own for
 * @need. Returns one reference in *port (port_vi.c). */
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
