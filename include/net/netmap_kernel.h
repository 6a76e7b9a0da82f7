/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_kernel.h - netmap for other kernel modules: open a port and be
 * called when frames arrive; own a switch and say where its frames go.
 *
 *      part 1   ports      netmap_client_*
 *      part 2   switches   netmap_switch_*
 *      part 3   the names of netmap's earlier in-kernel interface
 *
 * A module that uses it finds the symbols (EXPORT_SYMBOL_GPL) in netmap's
 * Module.symvers; while it is loaded, netmap cannot be unloaded. Before it is
 * unloaded it closes its ports and destroys its switches. docs/CLIENTS.md and
 * examples/kernel show how.
 *
 * Unless said otherwise a function is for threads that hold no lock, RTNL
 * above all, and returns 0 or -errno; the kernel's log has the sentence.
 */
#ifndef NET_NETMAP_KERNEL_H
#define NET_NETMAP_KERNEL_H

#include "netmap_switch.h"
#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/types.h>

struct net;

/* ======================================================================
 * Part 1: ports
 * ====================================================================== */

/* An open port: what a descriptor of /dev/netmap is to a program. */
struct netmap_client;

/*
 * Opens port @name in the world of namespace @net (which stays until it is
 * closed, so init_net or one whose end closes it first). @reg: what to bind,
 * and it receives the reply; NULL: all rings. Errors of NETMAP_REQ_REGISTER.
 */
int netmap_client_open(struct net *net, const char *name,
		       struct nmreq_register *reg,
		       struct netmap_client **client);

/* Ends the callback, unbinds and frees. NULL is allowed. */
void netmap_client_close(struct netmap_client *client);

/* Any request of net/netmap.h (NIOCCTRL) on the client's descriptor, bound
 * already; all its pointers are the kernel's. */
int netmap_client_ctrl(struct netmap_client *client,
		       struct nmreq_header *header);

/* What the client's VALE_ATTACH and VALE_DETACH requests show to the owners of
 * switches, from now on: see part 2; 0 at first. Not beside a request. */
void netmap_client_set_token(struct netmap_client *client, u64 token);

/* The name of the switch that the client's port is on ("valeX"). -ENXIO: it is
 * on none. */
int netmap_client_switch(const struct netmap_client *client,
			 char name[IFNAMSIZ]);

/* NIOCTXSYNC, NIOCRXSYNC: every bound ring of the direction; never block. Any
 * number of threads. NS_INDIRECT is not served: such frames are dropped. */
int netmap_client_txsync(struct netmap_client *client);
int netmap_client_rxsync(struct netmap_client *client);

/*
 * @fn(@client, @arg) runs in a thread of netmap after frames have arrived on
 * the bound receive rings, once for all that came meanwhile and never twice at
 * once; it calls netmap_client_rxsync(), reads, and moves head. A frame that
 * comes while it runs makes it run again. NULL @fn ends it, and waits for a
 * running call: not from @fn. Set or ended by one thread at a time.
 */
int netmap_client_notify(struct netmap_client *client,
			 void (*fn)(struct netmap_client *client, void *arg),
			 void *arg);

/* Ring @i of the port (of the direction: its own rings, then host rings), or
 * NULL if it is not bound. Laid out as in net/netmap.h; ring and slots are
 * written by programs too if one has asked for the port's region (nr_mem_id),
 * so indices and lengths are read once and checked. Any context. */
struct netmap_ring *netmap_client_txring(const struct netmap_client *client,
					 u32 i);
struct netmap_ring *netmap_client_rxring(const struct netmap_client *client,
					 u32 i);

/* The buffers of the port's region, good until it is closed. (The offsets of
 * ring and interface records are for mappings of programs: in the kernel a
 * region is not one range.) */
struct netmap_bufs {
	u8 *const *chunk; /* of 64 buffers each; NULL: not populated */
	u32 total;	  /* buffers */
	u32 size;	  /* bytes each */
};

struct netmap_bufs netmap_client_bufs(const struct netmap_client *client);

/* Buffer @idx, .size bytes, or NULL if it is none. Any context. */
static inline void *netmap_buf(const struct netmap_bufs *b, u32 idx)
{
	u8 *base;

	if (unlikely(idx - 2 >= b->total - 2)) /* 0 and 1 are nobody's */
		return NULL;
	/* Pairs with the chunk's population: it was zeroed before. */
	base = smp_load_acquire(&b->chunk[idx / 64]);
	return likely(base) ? base + (size_t)(idx % 64) * b->size : NULL;
}

/* ======================================================================
 * Part 2: switches
 * ======================================================================
 *
 * @name is "valeX". @token says who owns the switch; one that was made by
 * opening a port has no owner, and 0 is good for it.
 */

/* Makes an empty switch that lives until it is destroyed. Who has not got
 * *token, never 0, can neither attach to it nor change it; programs may still
 * open "valeX:port". -EINVAL not such a name, -EEXIST, -ENOMEM (also: there are
 * max_bridges). */
int netmap_switch_create(struct net *net, const char *name, u64 *token);

/* -ENXIO: no such switch; -EACCES: wrong token; -EINVAL: it was not made by
 * netmap_switch_create(); -EBUSY: it has ports. */
int netmap_switch_destroy(struct net *net, const char *name, u64 token);

/* Overrides those operations that are not NULL in @ops (copied), and the
 * private pointer. NULL @ops: back to learning, from an empty table. When it
 * returns nobody runs what was there before. -ENXIO, -EACCES, -ENOMEM. */
int netmap_switch_set_ops(struct net *net, const char *name,
			  const struct nm_switch_ops *ops, void *priv,
			  u64 token);

/* @fn(&priv, @arg) on a copy of the private pointer, under the control lock; if
 * it returns 0 the copy takes effect, and when this returns nobody uses the
 * old pointer. What @fn returns; -EINVAL: no such switch, or it has no
 * operations; -EACCES, -ENOMEM. */
int netmap_switch_update(struct net *net, const char *name,
			 int (*fn)(void **priv, void *arg), void *arg,
			 u64 token);

/* NETMAP_REQ_VALE_ATTACH and _DETACH of "valeX:interface": @reg says which
 * rings (NULL: the interface's own, NR_REG_ALL_NIC), *index is set to the port's
 * number on the switch. Errors of the requests, and -EACCES: wrong token. */
int netmap_switch_attach(struct net *net, const char *name,
			 const struct nmreq_register *reg, u64 token,
			 u32 *index);
int netmap_switch_detach(struct net *net, const char *name, u64 token,
			 u32 *index);

/* NETMAP_REQ_VALE_NEWIF and _DELIF: persistent ports. @conf has wishes and
 * receives the reply; NULL: as it comes. Errors of the requests. */
int netmap_switch_newif(struct net *net, const char *name,
			struct nmreq_vale_newif *conf);
int netmap_switch_delif(struct net *net, const char *name);

/* ======================================================================
 * Part 3: earlier names
 * ======================================================================
 *
 * As part 2, in the network namespace of the calling thread; operations are
 * those of struct nm_switch_ops, so callers are to be adapted. A port is no
 * structure that callers see, so netmap_bdg_name() is netmap_client_switch().
 */

/* The token, or NULL and *status is -errno. */
void *netmap_vale_create(const char *name, int *status);
int netmap_vale_destroy(const char *name, void *token);
int netmap_bdg_regops(const char *name, const struct nm_switch_ops *ops,
		      void *priv, void *token);
int netmap_bdg_update_private_data(const char *name,
				   int (*fn)(void **priv, void *arg), void *arg,
				   void *token);

/* VALE_ATTACH, VALE_DETACH; VALE_NEWIF: @header and all it points to are the
 * kernel's. -EINVAL too: another request. */
int netmap_bdg_attach(struct nmreq_header *header, void *token);
int netmap_bdg_detach(struct nmreq_header *header, void *token);
int nm_vi_create(struct nmreq_header *header);
int nm_vi_destroy(const char *name);

#endif
