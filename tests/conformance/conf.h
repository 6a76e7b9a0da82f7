/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * conf.h - what conformance programs have in common: ports, frames, requests.
 *
 * Descriptors and mappings made here are closed behind each claim. Functions
 * that return int give 0 or an errno; the others fail the claim when something
 * goes wrong.
 */
#ifndef CONFORMANCE_CONF_H
#define CONFORMANCE_CONF_H

#include <errno.h>
#include <string.h>
#include <net/netmap_user.h>
#include <net/netmap_ext.h>

#include "check.h"
#include "target.h"

#define CONF_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The body of main(). */
#define CONF_RUN(claims) check_run(claims, CONF_COUNT(claims), conf_cleanup)
void conf_cleanup(void);
/* The program, or the claim, needs a home that reaches the program's memory. */
void conf_needs_memory(void);
void conf_needs_indirect(void);

/* ---- descriptors ---- */

int conf_fd(void);	    /* opens an unbound one */
void conf_fd_close(int fd); /* and its mappings */
void *conf_map(int fd, size_t len);

/* What is refused must be so with a sentence; the newest one stays to be had
 * by REFUSALS_GET. */
int conf_ioctl(int fd, unsigned long request, void *arg);
int conf_ctrl(int fd, uint16_t reqtype, const char *name, void *body);
/* The same with a list of options, NULL: none. */
int conf_ctrl_with(int fd, uint16_t reqtype, const char *name, void *body,
		   void *options);
int conf_register(int fd, const char *name, struct nmreq_register *reg);

/* What a REGISTER of @name on a new descriptor gives; nothing stays. */
int conf_try(const char *name, struct nmreq_register reg);
int conf_try_with(const char *name, struct nmreq_register reg, void *options);

/* poll(2) without waiting: what @events of @fd give in revents. */
short conf_poll(int fd, short events);

/* ---- ports ---- */

struct port {
	int fd;
	struct nmreq_register reg; /* as REGISTER returned it */
	char *mem;
	struct netmap_if *nifp;
};

/* A request: REG(NR_REG_ALL_NIC, .nr_tx_slots = 8) */
#define REG(mode, ...) \
	((struct nmreq_register){.nr_mode = (mode), ##__VA_ARGS__})
/* All rings, with this many slots in each. */
#define REG_SLOTS(slots, ...)                                               \
	REG(NR_REG_ALL_NIC, .nr_tx_slots = (slots), .nr_rx_slots = (slots), \
	    ##__VA_ARGS__)

/* Binds and maps; must succeed. */
struct port conf_open(const char *name);
struct port conf_open_as(const char *name, struct nmreq_register reg);
struct port conf_open_with(const char *name, struct nmreq_register reg,
			   void *options);
void conf_close(struct port *p);

/* Ring @i of a direction, which must be bound. */
struct netmap_ring *conf_tx(const struct port *p, uint32_t i);
struct netmap_ring *conf_rx(const struct port *p, uint32_t i);

/* The size of pools of the region that @name is in. */
struct nmreq_pools_info conf_pools(const char *name);

/* Counters of a port; @dir NETMAP_X_TX or _RX. */
struct nmreq_x_stats conf_stats(const char *name, uint16_t dir, uint16_t ring);
/* Is there a port of that name? Makes none. */
bool conf_exists(const char *name);

/* ---- frames ---- */

/* Station @n has an Ethernet address of its own; and two for groups. */
#define BROADCAST    0xffffffffu
#define MULTICAST(n) (0x80000000u | (n))

struct frame {
	uint8_t data[60];
};

/* Any length from 0: addresses, then bytes that depend on @tag. */
void conf_fill(void *data, size_t len, uint32_t dst, uint32_t src,
	       uint32_t tag);
struct frame conf_frame(uint32_t dst, uint32_t src, uint32_t tag);
/* From station 1 to all. */
struct frame conf_any(uint32_t tag);

/* ---- rings ---- */

/* The @n-th slot behind head. */
struct netmap_slot *conf_slot(struct netmap_ring *r, uint32_t n);
/* Moves head and cur forward by @n. */
void conf_advance(struct netmap_ring *r, uint32_t n);

/* Fills the slot at head and moves head and cur past it; no sync. */
void conf_put(struct netmap_ring *r, const void *data, size_t len,
	      uint16_t flags);
void conf_put_frame(struct netmap_ring *r, struct frame f);
/* The same with @len bytes spread over slots of @piece bytes, one move. */
void conf_put_pieces(struct netmap_ring *r, const void *data, size_t len,
		     size_t piece);

/* Takes the next frame, pieces joined, and releases it; no sync. Returns its
 * length, or -1 if there is none. */
int conf_get(struct netmap_ring *r, void *data, size_t max);

/* ---- syncs; must succeed ---- */

void conf_txsync(const struct port *p);
void conf_rxsync(const struct port *p);

/* Put and sync. */
void conf_send(const struct port *p, uint32_t ring, struct frame f);
/* Sync: the next frame is this one. */
void conf_expect(const struct port *p, uint32_t ring, struct frame f);
/* The same within seconds: for frames that the home's works bring. */
void conf_await(const struct port *p, uint32_t ring, struct frame f);
/* Sync: nothing in any of the bound rx rings. */
void conf_expect_none(const struct port *p);
/* Throws away what has arrived, and gives the slots back. */
void conf_drain(const struct port *p);

/* ---- network interfaces ---- */

/* The home's, or the program is skipped. */
const struct t_nics *conf_nics(void);
/* Makes one; it is removed behind the claim. */
void conf_nic(const char *name, struct t_nic conf);
/* Two of a kind, a cable between them. */
void conf_nic_pair(const char *a, const char *b, struct t_nic conf);
/* Ring @i of the host, which must be bound. */
struct netmap_ring *conf_host_tx(const struct port *p, uint32_t i);
struct netmap_ring *conf_host_rx(const struct port *p, uint32_t i);
/* Sync: the next frame of host ring @i is this one. */
void conf_expect_host(const struct port *p, uint32_t i, struct frame f);
/* The next frame that the system has received is this one; is none. */
void conf_host_expect(const char *name, struct frame f);
void conf_host_expect_none(const char *name);
/* The system sends; is it let? */
bool conf_host_send(const char *name, uint32_t queue, struct frame f);

/* ---- chance ---- */

/* A repeatable sequence; *state starts as any seed. */
uint32_t conf_random(uint64_t *state);

#endif
