/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nme_int.h - the core of an embedded world, for tests and benches that play
 * its network (src/soft). */
#ifndef NME_INT_H
#define NME_INT_H

#include "netmap_embedded.h"

struct nm_core;

struct nm_core *nme_core(const struct nme *world);

#endif
