/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* link.h - interfaces for rows. All: 0, or -1 and errno. */
#ifndef BENCH_KERNEL_LINK_H
#define BENCH_KERNEL_LINK_H

#include "bench.h"

int make_veth(const char *name, const char *peer);
int link_up(const char *name);
/* An XDP program on @name, in its driver, drops all that comes. */
int drop_all(const char *name);

#endif
