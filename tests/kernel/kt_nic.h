/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kt_nic.h - interfaces for tests of NIC ports.
 *
 *   kind          pair                  its rings in netmap mode
 *   KT_VETH       kv0 === kv1           native XDP both ways
 *   KT_VETH_SKB   the same              skb both ways (parameter admode)
 *   KT_VIRTIO     two virtio-net,       native XDP
 *   KT_E1000      two e1000, each pair  skb
 *                 on a hub of QEMU's
 */
#ifndef TESTS_KERNEL_KT_NIC_H
#define TESTS_KERNEL_KT_NIC_H

#include <net/if.h>
#include <net/netmap_ext.h>

#include "kt_net.h"

enum kt_kind { KT_VETH, KT_VETH_SKB, KT_VIRTIO, KT_E1000, KT_KINDS };

extern const char *const kt_kind_name[KT_KINDS];

struct kt_pair {
	enum kt_kind kind;
	char a[IFNAMSIZ], b[IFNAMSIZ];
};

/* The pair, both here and up; false: this machine has no such. */
bool kt_pair_make(struct kt_pair *p, enum kt_kind kind);
/* Waits until both have a carrier: some drivers are without at first, or after
 * a change. */
void kt_pair_wait(const struct kt_pair *p);
/* Everything as before. No port is open. */
void kt_pair_end(struct kt_pair *p);

/* Port @name is open, in the modes that belong to @kind, and says why. */
void kt_mode_is(const char *name, enum kt_kind kind);

/* What interface @name is like to the system. */
void kt_look(const char *name, char *text, size_t size);

/* A descriptor bound to rings of @name in nr_mode @mode, mapped. */
struct kt_rings {
	int fd;
	char *mem;
	size_t size;
	struct nmreq_register reg;
	struct netmap_if *nif;
};

/* @reg has the wishes. */
void kt_rings_open(struct kt_rings *r, const char *name,
		   struct nmreq_register reg);
void kt_rings_close(struct kt_rings *r);
/* Ring @i of a direction: NIC rings, then host rings. */
struct netmap_ring *kt_tx(const struct kt_rings *r, unsigned i);
struct netmap_ring *kt_rx(const struct kt_rings *r, unsigned i);

static inline uint32_t kt_next(const struct netmap_ring *r, uint32_t i)
{
	return i + 1 == r->num_slots ? 0 : i + 1;
}

/* Moves all frames that are in rx ring @from to tx ring @to, as far as there is
 * room, by exchanging buffers; how many. */
unsigned kt_pass(struct netmap_ring *from, struct netmap_ring *to);

/* One frame of one slot goes into tx ring @r; false: there is no room. */
bool kt_put(struct netmap_ring *r, const void *frame, unsigned len);
/* The same in slots of at most @piece bytes, and handed over: it waits until
 * there is room. */
void kt_put_pieces(int fd, struct netmap_ring *r, const void *frame,
		   unsigned len, unsigned piece);
/* Takes the next frame of rx ring @r, from as many slots as it has, into @frame
 * of @size bytes; its length. 0: there is none yet. */
unsigned kt_take(struct netmap_ring *r, void *frame, unsigned size);
/* The same, once it has come. */
unsigned kt_take_next(int fd, struct netmap_ring *r, void *frame,
		      unsigned size);
/* The next frame is this one. */
void kt_next_is(int fd, struct netmap_ring *r, const void *frame, unsigned len);

/* Counters of a port, all rings of NETMAP_X_TX or NETMAP_X_RX. */
struct nmreq_x_stats kt_stats(const char *name, uint16_t dir);
/* A number among the statistics of interface @name of here. */
unsigned long kt_counted(const char *name, const char *what);

/* A packet socket that hears all of @name, here. */
int kt_packet_socket(const char *name);

/* A program between interface @name and its stack: all frames of NIC rings go
 * to host rings and the other way round, until it is killed. Returns when it
 * has begun. */
pid_t kt_relay(const char *name, unsigned host_rings);

/* The interfaces of the module nmsink (modules/nmsink): loaded, both up. */
void kt_sink_load(void);
/* 0, or -1 and errno. */
int kt_sink_unload(void);
/* A file of nmsink@dev. */
void kt_sink_set(unsigned dev, const char *file, unsigned value);
unsigned long kt_sink_get(unsigned dev, const char *file);
/* True once it has @value; false after KT_SECONDS without. */
bool kt_sink_becomes(unsigned dev, const char *file, unsigned long value);

#endif
