/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kloop.h - the loop that syncs the rings of a descriptor in CSB mode, in the
 * thread that asked for it, so that another never makes a system call.
 *
 *   program                        loop
 *   cur, head --------------------> sync of each ring
 *   hwcur, hwtail <----------------
 *   ioeventfd if kern_need_kick --> wakes it
 *   irqfd <------------------------ if appl_need_kick, when tail has moved
 */
#ifndef NM_KLOOP_H
#define NM_KLOOP_H

#include "file.h"

struct nm_kloop_conf {
	struct os_caller *caller;
	u32 sleep_us;	     /* between rounds, unless kicked */
	u32 mode;	     /* NM_OPT_SYNC_KLOOP_DIRECT_* */
	bool kicked;	     /* every ring has an ioeventfd */
	const s32 *eventfds; /* pairs (ioeventfd, irqfd; below 0: none), one
			      * per record; or NULL. Borrowed */
};

/* Runs the loop of @f, which is in CSB mode, until nm_kloop_stop(): 0; -EBUSY:
 * it has one; -EINVAL: no eventfds; -ENOMEM; or what os_sleep() gives for a
 * signal. Thread, no lock held. */
int nm_kloop_run(struct nm_file *f, const struct nm_kloop_conf *c);

/* Ends the loop of @f and waits for that; if there is none, the next one ends
 * at once. 0, or what os_sleep() gives for a signal. Thread, no lock held. */
int nm_kloop_stop(struct nm_file *f);

#endif
