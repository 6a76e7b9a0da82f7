/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* netmapd.h - the daemon: its one world, and the loop of its control thread. */
#ifndef NMD_NETMAPD_H
#define NMD_NETMAPD_H

#include "core.h"

struct nmd {
	struct nm_core *core;
	struct nm_list sessions;
	u32 nsessions, nlines;
	struct nm_list users; /* user.h */
	u32 user_sessions;    /* that one may have at once */
	int poll;	      /* epoll of the control thread */
	int closed;	      /* epoll of sessions that nobody has any more */
	u64 start_ns;
};

/* What the control thread waits for; epoll's data points to one. */
struct nmd_source {
	/* Something happened on @fd; the source may end. */
	void (*event)(struct nmd_source *source);
};

/* Watches @fd for input, one event at a time. -errno. */
int nmd_watch(struct nmd *d, int fd, struct nmd_source *source);
void nmd_unwatch(struct nmd *d, int fd);

struct nmd_user;

/* A message of @u with up to *nfds descriptors, others are closed. Returns bytes, 0:
 * the other side has closed, -errno: -EMSGSIZE more than was expected, -EMFILE
 * no descriptor left for those that came. They have CLOEXEC. */
ssize_t nmd_recv(struct nmd_user *u, int fd, void *data, size_t size, int *fds,
		 u32 *nfds);

#endif
