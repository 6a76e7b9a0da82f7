/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap_embedded.h - netmap inside one process: no module, no daemon.
 *
 * A *world* (struct nme) holds switches, pipes and memory regions. A *port
 * handle* (struct nme_port) is what an open descriptor of /dev/netmap is in
 * the other homes: it binds to one port, its region is mapped in this process
 * from the start, and its rings are those of net/netmap.h.
 *
 *      struct nme *w;  nme_create(&w, NULL);
 *      struct nme_port *a;  nme_open(w, "vale0:a", &a);
 *      ... fill slots of NETMAP_TXRING(nme_if(a), 0), move head ...
 *      nme_txsync(a);
 *
 * Threads: every function may be called from any thread. Two threads may use
 * two handles, or two rings of one handle, at the same time; a ring being
 * synchronized by one thread is skipped by the other (as in the kernel).
 * nme_close() and nme_destroy() need the handle, or the world, to be idle.
 *
 * Errors: functions return 0 or -errno; nme_error() has the sentence.
 */
#ifndef NETMAP_EMBEDDED_H
#define NETMAP_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>
#include <net/netmap.h>
#include <net/netmap_switch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nme;
struct nme_port;

/* What a world is made with; all zero (or a NULL pointer) means defaults. */
struct nme_conf {
	uint32_t size;		/* sizeof(struct nme_conf), 0 = this version */
	uint32_t buf_size;	/* bytes per buffer, 64..65536; 0 = 2112 */
	uint32_t vale_stations; /* learning table: stations per switch,
				 * 64..2^24; 0 = 16384 */
	uint32_t max_bridges;	/* switches, 1..256; 0 = 8 */
	uint32_t flags;		/* NME_HUGETLB */
	uint32_t spare[11];
};

/* Back regions by hugetlbfs pages where the pool has them, else by ordinary
 * pages (which are transparent huge pages where the system allows). */
#define NME_HUGETLB 0x1

/* Makes a world. @conf is borrowed during the call. -ENOMEM, -EINVAL. */
int nme_create(struct nme **world, const struct nme_conf *conf);

/* Ends a world; -EBUSY, and nothing done, while port handles are open. */
int nme_destroy(struct nme *world);

/*
 * Opens a handle and binds it: @spec is  NAME [MODE] [/FLAGS] [@ID] [@zcopy]
 *   NAME   vale0:x  vale0:x{id  vale0:x}id  base{id  base}id
 *          (a leading "netmap:" is dropped)
 *   MODE   nothing: all rings;  -N: ring pair N;  ^: host rings;  *: both
 *   FLAGS  x exclusive, R receive rings only, T transmit rings only;
 *          r t z monitor of a port that is in use: copies of what it receives,
 *          of what it sends (rt both), or both without copying
 *   ID     region to use (nr_mem_id)
 *   zcopy  what is sent may be handed over (NR_X_ZCOPY, net/netmap_ext.h)
 * -errno as NETMAP_REQ_REGISTER; -EINVAL for a malformed spec.
 */
int nme_open(struct nme *world, const char *spec, struct nme_port **port);

/* Opens an unbound handle, to be bound by nme_ioctl(NIOCCTRL). */
int nme_open_unbound(struct nme *world, struct nme_port **port);

/* Unbinds and frees. The port ends with its last user. NULL is allowed. */
void nme_close(struct nme_port *port);

/* The port's interface record, or NULL while unbound. */
struct netmap_if *nme_if(const struct nme_port *port);

/* The region: *size bytes at the returned address; NULL while unbound. */
void *nme_mem(const struct nme_port *port, size_t *size);

/* Synchronize all bound rings of one direction (NIOCTXSYNC, NIOCRXSYNC);
 * never block. -ENXIO while unbound. */
int nme_txsync(struct nme_port *port);
int nme_rxsync(struct nme_port *port);

/* As ioctl(2) on /dev/netmap: NIOCCTRL, NIOCTXSYNC, NIOCRXSYNC; 0 or -errno
 * (NOT -1 and errno). Pointers inside @arg are addresses of this process. */
int nme_ioctl(struct nme_port *port, unsigned long request, void *arg);

/* As poll(2), on handles. Entry: what to wait for and what was found. */
struct nme_pollfd {
	struct nme_port *port;
	short events;  /* POLLIN, POLLOUT */
	short revents; /* also POLLERR */
};

/* Waits until a handle is ready, or @timeout_ms (< 0: for ever) has passed;
 * returns the number of ready entries (0: time-out) or -errno. */
int nme_poll(struct nme_pollfd *fds, unsigned int n, int timeout_ms);

/*
 * Calls @fn(@port, @arg) from the process's one worker thread, which all
 * callbacks share, whenever frames have
 * arrived on the port's receive rings; @fn does nme_rxsync() and consumes.
 * Calls for one port never overlap. NULL @fn stops: after that returns no
 * call is running or will come (so never stop from inside @fn).
 * -ENXIO while unbound, -ENOMEM without a thread.
 */
typedef void (*nme_arrival_fn)(struct nme_port *port, void *arg);
int nme_on_arrival(struct nme_port *port, nme_arrival_fn fn, void *arg);

/* ---- switches that this process owns ----
 *
 * @name is "valeX". @token says who owns the switch; one that came into being
 * because a port was opened has no owner, and 0 is good for it.
 */

/* Makes an empty switch that lives until it is destroyed, or with the world.
 * Who has not got *token, never 0, can neither attach to it nor change it;
 * "valeX:port" may still be opened. -EINVAL not such a name, -EEXIST, -ENOMEM
 * (also: there are max_bridges). */
int nme_switch_create(struct nme *world, const char *name, uint64_t *token);

/* -ENXIO: no such switch; -EACCES: wrong token; -EINVAL: it was not made by
 * nme_switch_create(); -EBUSY: it has ports. */
int nme_switch_destroy(struct nme *world, const char *name, uint64_t token);

/* Overrides those operations (net/netmap_switch.h) that are not NULL in @ops,
 * which is copied, and the private pointer. NULL @ops: back to learning, from
 * an empty table. When it returns no thread runs what was there before. -ENXIO,
 * -EACCES, -ENOMEM. Not from inside an operation. */
int nme_switch_set_ops(struct nme *world, const char *name,
		       const struct nm_switch_ops *ops, void *priv,
		       uint64_t token);

/* Calls @fn(&priv, @arg) with a copy of the private pointer while no port can
 * come or go; if it returns 0 the copy takes effect, and when this returns no
 * thread uses the old pointer. Returns what @fn does; -EINVAL: no such switch,
 * or it has no operations; -EACCES, -ENOMEM. Not from inside an operation. */
int nme_switch_update(struct nme *world, const char *name,
		      int (*fn)(void **priv, void *arg), void *arg,
		      uint64_t token);

/* NETMAP_REQ_VALE_ATTACH (all rings) and _DETACH of "valeX:interface", where
 * the switch's owner alone may. Errors of the requests; -EACCES: wrong token. */
int nme_switch_attach(struct nme *world, const char *name, uint64_t token);
int nme_switch_detach(struct nme *world, const char *name, uint64_t token);

/* The sentence for the calling thread's last error: what, asked, had. Valid
 * until its next failing call; never NULL. */
const char *nme_error(void);

#ifdef __cplusplus
}
#endif
#endif
