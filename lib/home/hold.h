/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hold.h - mappings of regions. As with a device, a mapping keeps the port, also
 * when its descriptor is closed: while there is one we hold the descriptor.
 */
#ifndef NMH_HOLD_H
#define NMH_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "session.h"

/* mmap(2) of session @fd: an address, or MAP_FAILED and errno. */
void *nmh_hold_map(struct nmh_session *s, int fd, void *addr, size_t len,
		   int prot, int flags, off_t offset);

/* munmap(2) of what has a mapping of a region in it. */
int nmh_hold_unmap(void *addr, size_t len);

/* May it? Cheap. */
bool nmh_hold_concerns(const void *addr, size_t len);

#endif
