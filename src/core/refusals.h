/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * refusals.h - the last requests that a world refused, for who asks later why
 * something did not work. A ring that is part of the world: to remember takes
 * no memory, and pushes out what is oldest.
 */
#ifndef NM_REFUSALS_H
#define NM_REFUSALS_H

#include "os.h"

#define NM_REFUSALS 64

struct nm_refusal {
	u64 seq; /* from 1 */
	s64 sec, usec;
	u32 error; /* a positive errno */
	u32 ioctl;
	u32 request; /* nr_reqtype; nr_cmd of the older ioctls; else 0 */
	u32 pid;
	char program[OS_PROGRAM_LEN];
	char sentence[OS_SENTENCE_LEN];
};

struct nm_refusals {
	/* OS_LOCK_CONTROL, but never together with another: all below */
	struct os_mutex lock;
	u64 next; /* sequence number */
	struct nm_refusal entry[NM_REFUSALS];
};

void nm_refusals_init(struct nm_refusals *r);
void nm_refusals_fini(struct nm_refusals *r);

/* Adds a copy of @entry with the next number; what would not print becomes a
 * question mark. Thread, no lock held. */
void nm_refusals_add(struct nm_refusals *r, const struct nm_refusal *entry);

/* Copies the oldest entry at or after @seq to *out; -ENOENT: there is none.
 * Thread, no lock held. */
int nm_refusals_get(struct nm_refusals *r, u64 seq, struct nm_refusal *out);

#endif
