/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * worker.h - threads that move frames: one for each processor we may use, and
 * on it.
 *
 *   bells of sessions --epoll--> [active sessions] --sync--> rings
 *   wakes by the core ---------> [woken sessions]  --sync--> rings, wakes
 *
 * A session that has rung stays active, its rings looked at round after round,
 * until a round finds nothing anywhere; then all bells are armed and the worker
 * sleeps. Whom a sync brings frames or room is served by the same worker, next,
 * wherever else its bell rings: it is the processor that has the frames.
 *
 * A session belongs to the worker of the processor that its program rings from.
 */
#ifndef NMD_WORKER_H
#define NMD_WORKER_H

#include "session.h"

/* One for each processor of the thread's affinity mask, at most @max (0: no
 * limit). Before they sleep they look around for @spin_us. -errno. */
int nmd_workers_start(u32 max, u32 spin_us);
/* No session is left. */
void nmd_workers_stop(void);
u32 nmd_workers(void);

/* ---- control thread ---- */

/* A worker listens to the bell of @s from now on. -errno. */
int nmd_worker_attach(struct nmd_session *s);
/* None does any more, and none will find the handle. */
void nmd_worker_detach(struct nmd_session *s);

/* ---- any thread ---- */

/* @s is due: whoever serves it next is told, by its handle. */
void nmd_worker_queue(struct nmd_session *s);

#endif
