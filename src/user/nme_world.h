/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nme_world.h - a world of the embedded runtime: for nme.c, nme_switch.c. */
#ifndef NME_WORLD_H
#define NME_WORLD_H

#include "core.h"

struct nme {
	struct nm_core *core;
	u32 handles; /* open ones */
};

#endif
