/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sweep.h - a story told again and again, the n-th time with its n-th
 * allocation failing, until it has fewer.
 *
 * Each step of it either says -ENOMEM, with a sentence, and leaves nothing
 * behind, or goes on unharmed; and tried once more it succeeds.
 */
#ifndef UNIT_SWEEP_H
#define UNIT_SWEEP_H

#include "world.h"

/* Steps refused for lack of memory, in the story so far. */
extern unsigned sweep_refused;

/* Tells @story; @before and @after (or NULL) are not spoilt. Most allocations
 * must be for something that cannot be without. */
void sweep(void (*before)(void), void (*story)(void), void (*after)(void));

/* What a step gave: true if it is to be tried again, which it is once. Ends the
 * test unless @err is 0, or @want with a sentence. */
bool sweep_again(int err, int want, const char *step);

/* Opens. */
void sweep_open(struct client *c, struct nm_core *core, const char *name,
		const struct nmreq_register *reg);

#endif
