/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* listener.h - the socket that programs connect to. */
#ifndef NMD_LISTENER_H
#define NMD_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include "where.h"

struct nmd_listener {
	int fd;
	int lock; /* of the file beside the socket; -1: inherited */
	struct nmd_where where; /* path "": inherited */
};

/*
 * Takes the socket of a service manager (LISTEN_FDS of systemd), or makes one
 * at @where, if no other netmapd serves there: -EADDRINUSE. Sentences of errors
 * go to @text.
 */
int nmd_listener_open(struct nmd_listener *l, const struct nmd_where *where,
		      char *text, size_t size);
/* After a fork, in the process that stays: it is who listens. */
void nmd_listener_keep(struct nmd_listener *l);
/* The socket that was made is removed. */
void nmd_listener_close(struct nmd_listener *l);

/* Waits, up to @ms, for another netmapd to serve at @where. */
bool nmd_listener_await(const struct nmd_where *where, int ms);

#endif
