/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* target_soft.h - of homes whose interfaces are made of memory (src/soft). */
#ifndef CONFORMANCE_TARGET_SOFT_H
#define CONFORMANCE_TARGET_SOFT_H

#include "target.h"

struct nm_core;

/* The world of the program, made if there is none. */
struct nm_core *t_core(void);

#endif
