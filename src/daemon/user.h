/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * user.h - how much of netmapd each user has, where several users share one: so
 * that none of them takes all there is. Root, and who runs netmapd, may take all.
 * Control thread only.
 *
 * How long it takes to close what a program sent is the program's to say
 * (SO_LINGER, a file system of its own). So each user has a thread for it, while
 * there is something to close, that nobody waits for; and what has not been
 * closed counts.
 */
#ifndef NMD_USER_H
#define NMD_USER_H

#include "netmapd.h"

/* Of a user's limit of sessions: what threads that wait, and callers, need. */
#define NMD_USER_LINES 4 /* for each session */

struct nmd_user {
	struct nm_list node; /* nmd.users */
	u32 uid;
	u32 sessions, lines;
	u32 unclosed; /* to be closed, or about to be; atomic */
	/* Under closing_lock. */
	int *fd; /* to be closed */
	u32 nfds, room;
	bool closes; /* its thread runs */
};

/* The user of the connection @fd. */
struct nmd_user *nmd_user_of(struct nmd *d, int fd);
/* The same; has one session more until nmd_user_put(). */
struct nmd_user *nmd_user_get(struct nmd *d, int fd);
void nmd_user_put(struct nmd_user *u);

/* May it have the sessions that it has? -EDQUOT: too many; -ETOOMANYREFS: as
 * nmd_user_is_slow(). */
int nmd_user_check(const struct nmd *d, const struct nmd_user *u);
/* May it have another line? */
bool nmd_user_has_line(const struct nmd *d, const struct nmd_user *u);
/* More is to be closed than it could have open: nothing is taken from it. */
bool nmd_user_is_slow(const struct nmd *d, const struct nmd_user *u);

/* Closes what a program of @u has sent, some time. */
void nmd_close(struct nmd_user *u, int fd);
/* The same for a connection: the other side is told at once. */
void nmd_hang_up(struct nmd_user *u, int fd);

#endif
