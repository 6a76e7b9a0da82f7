/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * world.h - a world of ports for a test, and the clients that use them.
 *
 * Clients reach their rings as the core does, through shm.h, so that in a
 * scenario their accesses are yield points and their stores may be seen late.
 * Functions that cannot fail in a sane core claim so.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "file.h"
#include "sim.h"
#include "net/netmap_ext.h"

struct client {
	struct nm_file *file;
	struct nmreq_register reg; /* as it came back */
	u8 *base;
	struct netmap_if *nifp;
};

/* Small: 64 stations, so that making one is cheap. */
struct nm_core *world_make(void);
void world_end(struct nm_core *core);

/* One request with its envelope: 0 or -errno. */
int world_ctrl(struct nm_file *file, u16 type, const char *name, void *body);
/* The same with a list of options, NULL: none. */
int world_ctrl_with(struct nm_file *file, u16 type, const char *name,
		    void *body, void *options);

/* Opens and binds; 0 or -errno, and then nothing is left open. */
int client_try(struct client *c, struct nm_core *core, const char *name,
	       const struct nmreq_register *reg);
int client_try_with(struct client *c, struct nm_core *core, const char *name,
		    const struct nmreq_register *reg, void *options);
/* The same with one ring of @slots in each direction; must succeed. */
void client_open(struct client *c, struct nm_core *core, const char *name,
		 u32 slots);
void client_close(struct client *c);

struct netmap_ring *client_ring(const struct client *c, u32 dir, u32 ring);
u8 *client_buf(const struct client *c, u32 idx);

/* Slots from head to tail as the client sees them. */
u32 client_space(const struct client *c, u32 dir, u32 ring);

/* Puts a frame in the next slots of at most @piece bytes (0: one slot) and
 * moves head; no sync. False: no room. */
bool client_put(struct client *c, u32 ring, const void *frame, u32 len,
		u32 piece);

/* Takes the next frame out and moves head; no sync. Its length, 0: there is
 * none; *flags: of its first slot. */
u32 client_get(struct client *c, u32 ring, void *frame, u32 size, u16 *flags);

void client_txsync(struct client *c);
void client_rxsync(struct client *c);

/* Sleeps in poll until one of @events; what was found. */
u32 client_poll(struct client *c, u32 events);

struct nmreq_x_stats client_stats(struct nm_core *core, const char *name,
				  u16 dir);
/* A source's and a destination's sums hold. */
void claim_stats_add_up(struct nm_core *core, const char *name);

#endif
