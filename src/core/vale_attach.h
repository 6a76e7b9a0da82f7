/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale_attach.h - a port that exists without the switch, as a port of it.
 *
 *     switch                                       wrapped port (a NIC, ...)
 *            <-- nm_vale_txsync --  side's tx queue i = ring of rx queue i
 *                                        ^ work `in`: nm_queue_sync
 *            --- delivery ------->  side's rx queue i = ring of tx queue i
 *                                        v work `out`: nm_queue_sync
 *
 * The switch port of an attachment (a *side*) has no rings of its own: its
 * queues alias the wrapped port's, crosswise, so a frame is copied once between
 * the wire and a program. The wrapped queues are used as a program would,
 * exclusively, through a bind, with cursors in our own memory (a *lane* per
 * queue). Works of the home move things along: `in` runs when frames came,
 * `out` when the switch has delivered or transmissions have completed.
 *
 * An attachment has a side for the port's own rings, one for its host rings, or
 * both.
 */
#ifndef NM_VALE_ATTACH_H
#define NM_VALE_ATTACH_H

#include "bind.h"
#include "vale.h"

struct nm_lane {
	struct nm_side *side;
	struct nm_queue *q;  /* of the wrapped port */
	struct nm_queue *aq; /* of the side, aliasing it */
	u32 head, cur, tail; /* of @q: whoever moves the lane */
	u32 polled;	     /* by a thread, not by the work `in` */
};

struct nm_side {
	struct nm_vale_port vp; /* on the switch */
	struct nm_attach *attach;
	u32 nlanes[NM_DIRS]; /* by the direction of the wrapped queues */
	struct nm_lane *lane[NM_DIRS]; /* NM_RX: into the switch */
	struct os_work in, out;
	struct os_work completed; /* schedules out */
};

struct nm_attach {
	struct nm_bind bind; /* of the wrapped port, and a reference to it */
	struct nm_side *side[2]; /* own rings, host rings; NULL: not attached */
	struct nm_polling *polling; /* NULL: off (vale_poll.c) */
};

/* ---- control lock held ---- */

/*
 * Puts @port on the switch @bridge as @name, made if need be: @mode says which
 * rings, NR_REG_ALL_NIC, NR_REG_SW or NR_REG_NIC_SW; host rings become a port
 * @name^. Takes over a reference to @port on success. -EBUSY: rings in use;
 * -EINVAL: no host rings; -ENOMEM, or what the switch says.
 */
int nm_attach_create(struct nm_port *port, const char *bridge, const char *name,
		     u32 mode, struct nm_attach **attach);
/* Takes it off, and gives the rings back; not while it is polled. */
void nm_attach_destroy(struct nm_attach *a);

/* The attachment that @vp is a side of, or NULL. */
struct nm_attach *nm_attach_of(struct nm_vale_port *vp);

/* The lanes into the switch are moved by their works, except those marked as
 * polled; between stop and start by nobody. */
void nm_side_in_start(struct nm_side *side);
void nm_side_in_stop(struct nm_side *side);

/* ---- thread context, no lock held, one caller per lane ---- */

/* Moves frames from the wrapped port into the switch, a budget of slots; true:
 * there may be more. */
bool nm_lane_in(struct nm_lane *lane);

#endif
