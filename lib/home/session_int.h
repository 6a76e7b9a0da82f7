/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* session_int.h - what session.c, line.c and rings.c know of each other. */
#ifndef NMH_SESSION_INT_H
#define NMH_SESSION_INT_H

#include "session.h"

/* Maps @fd over *at, which has *room; elsewhere if that is too small. What is
 * given up then stays as it is, blank: somebody may still look at it. */
int nmh_map_over(void **at, size_t *room, size_t size, int prot, int fd,
		 uint64_t offset);

bool nmh_has_size(int fd, uint64_t size);

/* Its descriptors. */
void nmh_line_close(struct nmh_line *line);

#endif
