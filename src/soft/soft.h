/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * soft.h - network interfaces made of memory, for homes that have no others.
 *
 *       the system, played by whoever calls these
 *   soft_host_send()                soft_host_recv()
 *        |  by queue                       ^  log
 *        v                                 |
 *   +--------------------------------------------+
 *   | rings in netmap mode: the core (nic.h)     |   struct soft_nic
 *   | rings that are not: straight through       |
 *   | tx descriptors              rx descriptors |
 *   +-----|--------------------------^-----------+
 *         +--------- cable ----------+  to another one, or to itself
 *
 * A tx descriptor refers to the data, as a NIC's does that reads memory by
 * itself; the wire copies it into the packet memory of the other end, and its
 * interrupt hands it on. All happens in the sender's context, unless the
 * interface is made so that the caller does it (manual, silent).
 *
 * A home is compiled with this folder, which asks for the services of os.h like
 * the core; os_nic_create() makes an interface without a wire.
 */
#ifndef SOFT_H
#define SOFT_H

#include "nic.h"

struct soft_nic;

/* All zero: one ring each way of 1024 slots, MTU 1500. */
struct soft_conf {
	u32 rings[NM_DIRS];
	u32 slots[NM_DIRS];
	u32 descs;   /* tx descriptors of a ring; 0: as many as slots */
	u32 mtu;     /* bytes */
	u32 log;     /* frames that the system keeps; 0: 128 */
	bool frags;  /* takes and gives frames of several pieces */
	bool manual; /* tx descriptors wait for soft_tx_run(), soft_tx_take() */
	bool lazy;   /* tells completions when half of the descriptors are done,
		      * or at once where asked (NS_REPORT) */
	bool silent; /* no rx interrupt: frames wait for a sync, or soft_irq() */
};

/* ---- life: thread, no lock held ---- */

/* Makes an interface that os_nic_find() finds. -ENOMEM, -EEXIST. */
int soft_create(struct nm_core *core, const char *name,
		const struct soft_conf *conf, struct soft_nic **nic);
/* It disappears, in use or not. */
void soft_destroy(struct nm_core *core, struct soft_nic *nic);
/* The interface of that name, of either kind, or NULL. */
struct soft_nic *soft_find(struct nm_core *core, const char *name);
/* What the core knows of it. */
struct nm_nic *soft_base(struct soft_nic *nic);

/* ---- the wire ---- */

/* What one sends the other receives (@a and @b may be the same); NULL @b: the
 * cable is pulled out at @a. Thread. */
void soft_cable(struct soft_nic *a, struct soft_nic *b);
/* Without link all that is sent is lost, and nothing arrives. */
void soft_link(struct soft_nic *nic, bool up);
/* A frame arrives from outside, as if by the cable; false: no descriptor. */
bool soft_wire_put(struct soft_nic *nic, u32 ring, const void *data, u32 len);
/* @n frames like this one arrive in a burst on a ring in netmap mode, and wait
 * for a sync; returns how many found a descriptor. One caller at a time. */
u32 soft_wire_burst(struct soft_nic *nic, u32 ring, const void *data, u32 len,
		    u32 n);
/* Hands on what is in the rx descriptors of a silent interface. */
void soft_irq(struct soft_nic *nic, u32 ring);
/* Sends up to @n pieces (whole frames) of a manual interface, completes them
 * and wakes; returns how many. */
u32 soft_tx_run(struct soft_nic *nic, u32 ring, u32 n);
/* Takes up to @n pieces of a manual interface off instead, and completes them:
 * p[0..) refers to their data until the next tx sync. */
u32 soft_tx_take(struct soft_nic *nic, u32 ring, struct nm_nic_piece *p, u32 n);

/* ---- the system's side: any context ---- */

/* The system sends a frame by its queue @queue; false: it was dropped. */
bool soft_host_send(struct soft_nic *nic, u32 queue, const void *data, u32 len);
/* Takes the next frame that the system has received; its length, 0: none. */
u32 soft_host_recv(struct soft_nic *nic, void *data, u32 size);
/* Bursts that have been handed to the system. */
u32 soft_host_bursts(const struct soft_nic *nic);

/* ---- faults ---- */

/* The rings of an interface that has a port stand still (in flight: lost), or
 * run again. Thread. */
void soft_reset(struct soft_nic *nic, bool stopped);
/* The @n-th start of a ring or of the capture from now on fails with -EIO; 0:
 * none. */
void soft_fail_start(struct soft_nic *nic, u32 n);
/* Rings in netmap mode, and 1 if the host is captured. */
u32 soft_started(const struct soft_nic *nic);

#endif
