/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pair.h - a few clients with small rings, for scenarios of two threads.
 *
 * Frames say who sent them, and which one of his it is, in every byte; and each
 * has another length. So a frame that is not whole, or a slot that is late, is
 * told from the right one.
 */
#ifndef UNIT_PAIR_H
#define UNIT_PAIR_H

#include "world.h"

#define PAIR_SLOTS 4
#define PAIR_LEN   64 /* of no frame: all are shorter or as long */

/* Puts frame @number in @cl's ring 0, which has room; no sync. */
void pair_put(struct client *cl, u8 from, u8 to, u8 number);
/* The frame came from @from and is whole; returns its number. */
u8 pair_frame(const u8 *f, u32 len, u8 from);

/* Sends a broadcast, so that frames to @from are not flooded. */
void pair_introduce(struct client *cl, u8 from);
/* Throws away what has arrived, and gives the slots back. */
void pair_drain(struct client *cl);

/* Free buffers of the region that @cl is in: as many as before when all who
 * came have gone. */
u32 pair_bufs_free(const struct client *cl);

/* Sends until @to's ring is full, and it has seen all. */
void pair_fill(struct client *from, struct client *to);
/* Syncs, sends as many frames as there is room for, and syncs. */
void pair_refill(struct client *from);

/*
 * A receiver that keeps buffers: opened with PAIR_SLOTS - 1 extra ones, it
 * takes the buffer out of slot @k for extra buffer @i and writes a secret in
 * what it took. One such receiver at a time.
 */
void pair_open_extra(struct client *cl, struct nm_core *core, const char *name);
void pair_swap(struct client *cl, u32 k, u32 i);
/* Swaps each of the PAIR_SLOTS - 1 slots that it has, gives them back, syncs. */
void pair_swap_all(struct client *cl);
/* Moves head and cur of rx ring 0 to slot @k; no sync. */
void pair_move(struct client *cl, u32 k);
/* Nobody wrote in the first @n buffers that it holds; it may be closed then. */
void pair_secrets_kept(struct client *cl, u32 n);

#endif
