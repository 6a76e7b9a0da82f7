/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_switch.h - who forwards: operations that the owner of a VALE
 * switch puts in the place of learning.
 *
 *      sender's sync --> frame --> lookup() --> port number, ring
 *
 * The owner is another kernel module (net/netmap_kernel.h) or a process that
 * embeds netmap (netmap_embedded.h); the operations are the same for both.
 */
#ifndef NET_NETMAP_SWITCH_H
#define NET_NETMAP_SWITCH_H

#include "netmap.h"
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/*
 * A frame on its way through a switch. Its bytes are in memory that programs
 * write, now as well: read each once, into a copy, and trust none.
 */
struct nm_vale_frame {
	const uint8_t *data; /* first piece, behind any virtio-net header */
	uint32_t len;	     /* bytes of the first piece, at least 14 */
	uint32_t total;	     /* bytes of the frame, virtio-net header apart */
	uint32_t slots;	     /* that it fills, at least 1 */
	uint32_t port;	     /* number of its source on the switch, 0..253 */
	uint32_t ring;	     /* transmit ring of the source it came by */
};

/* Answers of lookup() that are no port. */
#define NM_VALE_FLOOD 254 /* every port but the source */
#define NM_VALE_DROP  255 /* none, which is counted */

/*
 * Members that are NULL: as without an owner (lookup: learning; config: EINVAL;
 * join: everybody may; dtor: nobody is told). @priv is the private pointer that
 * was given with the operations.
 */
struct nm_switch_ops {
	/* The port that @f goes to, 0..253, or one of the answers above; a
	 * port that is not there drops it. *ring is the sender's ring and may
	 * be changed; it counts modulo the receiver's rings. Any context (softirq
	 * in the kernel), by many senders at once, in a read section: must not
	 * sleep. */
	uint32_t (*lookup)(const struct nm_vale_frame *f, uint32_t *ring,
			   void *priv);
	/* NIOCCONFIG, from a program: @data may be changed and goes back. 0 or
	 * -errno for the program. Thread, under the control lock. */
	int (*config)(uint8_t data[NM_IFRDATA_LEN], void *priv);
	/* The port @name ("valeX:port") is about to join as number @port, by
	 * NETMAP_REQ_VALE_ATTACH (@attach) or because it was opened; -errno
	 * keeps it out. Thread, under the control lock. */
	int (*join)(const char *name, bool attach, uint32_t port, void *priv);
	/* Port number @port has left. Thread, under the control lock. */
	void (*dtor)(uint32_t port, void *priv);
};

#endif
