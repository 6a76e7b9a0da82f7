/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nic.h - between a network interface of the home and its port in the core.
 *
 *   client             core (port_nic.c, port_host.c)        home (a driver)
 *
 *   tx ring  ------->  nm_queue_sync  --- ops->tx() -------> descriptors, wire
 *                                     <-- ops->tx_done() ---
 *   rx ring  <-------  producer side  <-- nm_nic_rx_begin()  a burst comes
 *                                     <-- nm_nic_rx_put() -- one frame of it
 *                      wakes once     <-- nm_nic_rx_end() -- its end
 *   host tx  ------->  nm_queue_sync  --- ops->inject() ---> the system's stack,
 *                                                            as if received
 *   host rx  <-------  producer side  <-- nm_host_rx() ----- what the system
 *                      wakes          <-- nm_host_rx_end()   sends
 *
 * A struct nm_nic is the home's, one per interface. It is found by name
 * (os_nic_find) or made for a persistent port (os_nic_create), and belongs to
 * at most one port at a time (nm_port.nic). Rings enter and leave netmap mode
 * one by one: traffic of a ring that has not entered stays with the system's
 * stack, whose view of the interface (up, carrier) never changes.
 *
 * Upcalls may come in any context, from the start of a ring until its stop
 * returns, from one context at a time per ring (host rings: from any number).
 * They take no lock but a queue's and never sleep. Those with frames are made
 * in a read section (in the kernel any softirq is one), and so does the core
 * call tx, tx_done, rx_poll, inject and inject_end.
 */
#ifndef NM_NIC_H
#define NM_NIC_H

#include "port.h"

/* A piece of a frame on its way out. */
struct nm_nic_piece {
	const u8 *data; /* in memory that clients write: copy, do not trust */
	u16 len;	/* bytes, 1 to what a buffer holds */
	u16 flags;	/* NS_MOREFRAG, NS_REPORT */
};

struct nm_nic_info {
	u32 rings[NM_DIRS]; /* hardware queues, at least 1 each */
	u32 slots[NM_DIRS]; /* of each */
	u32 mtu;	    /* bytes without the Ethernet header */
	bool frags;	    /* frames of several pieces are accepted */
	bool up;	    /* the link is */
};

struct nm_nic_ops {
	const char *driver; /* for people */

	/* Control lock held (thread). */
	void (*info)(struct nm_nic *nic, struct nm_nic_info *info);
	/* One ring enters or leaves netmap mode. -errno, refused in a sentence.
	 * After stop no upcall for the ring runs or comes, and nothing of what
	 * tx() took is looked at any more. */
	int (*start)(struct nm_nic *nic, u32 dir, u32 ring);
	void (*stop)(struct nm_nic *nic, u32 dir, u32 ring);
	/* Capture of what the system sends: begins, ends. */
	int (*host_start)(struct nm_nic *nic);
	void (*host_stop)(struct nm_nic *nic);
	/* The port lets go of the interface; @nic may be gone afterwards. */
	void (*put)(struct nm_nic *nic);

	/*
	 * Any context, one caller at a time per ring. Takes up to @n pieces
	 * (whole frames) and returns how many it took; it may be done with
	 * them at once or later. NULL: the interface has no wire.
	 */
	u32 (*tx)(struct nm_nic *nic, u32 ring, const struct nm_nic_piece *p,
		  u32 n);
	/* Pieces that the driver is done with since the last call, in order;
	 * NULL: with each as soon as tx() has taken it. When pieces are done
	 * that tx_done() has not told, nm_nic_tx_wake() follows. */
	u32 (*tx_done)(struct nm_nic *nic, u32 ring);
	/* Looks for frames by itself (each rx sync does): a burst of at most
	 * @budget; keeps apart from its own interrupt. NULL: the driver is
	 * driven by interrupts alone. */
	void (*rx_poll)(struct nm_nic *nic, u32 ring, u32 budget);

	/* One frame of @n pieces to the system's stack; false: dropped there.
	 * Any context, several at a time. inject_end: a burst ends. */
	bool (*inject)(struct nm_nic *nic, const struct nm_nic_piece *p, u32 n);
	void (*inject_end)(struct nm_nic *nic);
};

struct nm_nic {
	const struct nm_nic_ops *ops;
	char name[IFNAMSIZ];
	/* For people, control lock: how frames come and go, and why so. */
	char mode[32];
	char why[NM_DIRS][80];
	struct nm_port *port; /* that has it; control lock */
	struct nm_list node;  /* the home's: core->interfaces, if it uses it */
};

/* ---- upcalls ---- */

/*
 * A burst of frames on its way into an rx ring: begin, put for each frame, end.
 * Programs see its frames, and sleepers are told, from the end on. It may take
 * several read sections, and is ended before the ring's stop returns. Private.
 */
struct nm_nic_burst {
	struct nm_queue *q;
	/* Free slots in a row, each for a frame that needs no more: those
	 * before @next have theirs. None while the ring has no users: users
	 * that go do not come back before its stop. */
	struct netmap_slot *start, *next, *end;
	u32 room;  /* q->room */
	u64 bytes; /* of the frames in [start, next) */
	struct nm_bufs bufs;
};

void nm_nic_rx_begin(struct nm_nic_burst *b, struct nm_port *port, u32 ring);
void nm_nic_rx_end(struct nm_nic_burst *b);
/* The rest of nm_nic_rx_put(). */
void nm_nic_rx_put_any(struct nm_nic_burst *b, const void *data, u32 len);

/* There is no room known in it: it has ended, or is all zeros, or full. */
static inline bool nm_nic_rx_is_spent(const struct nm_nic_burst *b)
{
	return b->next == b->end;
}

/* A frame of @len bytes, at least 14. One that goes into no ring is counted. */
static inline void nm_nic_rx_put(struct nm_nic_burst *b, const void *data,
				 u32 len)
{
	struct netmap_slot *slot = b->next;
	u8 *to = NULL;
	u32 idx;

	if (__builtin_expect(slot != b->end && len <= b->room &&
				     os_load(&b->q->active),
			     1)) {
		idx = nm_slot_load(slot).idx;
		to = nm_bufs_addr(&b->bufs, idx);
	}
	if (__builtin_expect(!to, 0)) {
		nm_nic_rx_put_any(b, data, len);
		return;
	}
	os_copy(to, data, len);
	nm_slot_store_word(slot, idx | (u64)len << 32);
	b->next = slot + 1;
	b->bytes += len;
}

/* Transmissions have completed. */
void nm_nic_tx_wake(struct nm_port *port, u32 ring);

/* The system sends a frame by its queue @queue; false: dropped and counted.
 * Only for queues whose tx ring (@queue modulo rings) is in netmap mode: what
 * the others send goes out as ever, without the core. An interface without a
 * wire has no such rings: all is ours. */
bool nm_host_rx(struct nm_port *port, u32 queue, const void *data, u32 len);
void nm_host_rx_end(struct nm_port *port, u32 queue);

/* The interface is being reset (@stopped), or runs again: meanwhile syncs
 * fail with -EIO and poll answers POLLERR, and no data path op runs. What tx()
 * had taken counts as done afterwards, without tx_done(). Thread, no lock
 * held but the control lock, one caller at a time. */
void nm_nic_stopped(struct nm_port *port, bool stopped);
/* The interface goes away while in use: its rings are stopped and put() is
 * called before it returns, and no op any more afterwards. Clients keep their
 * memory; the name is free; on switches it is no more. Control lock held (thread). */
void nm_nic_gone(struct nm_port *port);

/* ---- for port types with host rings (port_nic.c, persistent ports): queues
 * behind the port's own, of a port whose nic is set ---- */

/* start and stop of struct nm_port_type: control lock held. */
int nm_host_start(struct nm_queue *q);
void nm_host_stop(struct nm_queue *q);
/* sync: claim held. */
int nm_host_txsync(struct nm_queue *q, struct nm_sync *s);
int nm_host_rxsync(struct nm_queue *q, struct nm_sync *s);
/* Released slots of a NIC rx queue, from hwcur to rhead, that are to be
 * forwarded go up to the stack. Claim held, in a read section. */
void nm_host_forward_up(struct nm_queue *q);

/* ---- asked of the home: control lock held (thread) ---- */

/* The interface of the system by that name, now in the caller's hands (until
 * ops->put). -ENXIO: there is none; -EBUSY, -EOPNOTSUPP: not usable, refused in
 * a sentence. */
int os_nic_find(struct nm_core *core, const char *name, struct nm_nic **nic);
/* Is there an interface of the system by that name? */
bool os_nic_exists(struct nm_core *core, const char *name);
/* Makes an interface of the system for the persistent port @port: what the
 * system sends on it comes by nm_host_rx(), inject() hands it frames; without
 * a wire (tx NULL). -EEXIST, -ENOMEM. ops->put() removes it. */
int os_nic_create(struct nm_core *core, const char *name, struct nm_port *port,
		  struct nm_nic **nic);

#endif
