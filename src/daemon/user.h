/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * user.h - how much of netmapd each user has, where several users share one: so
 * that none of them takes all there is. Root, and who runs netmapd, may take all.
 * Control thread only.
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
};

/* The user of the connection @fd, who has one session more until
 * nmd_user_put(). NULL: no memory. */
struct nmd_user *nmd_user_get(struct nmd *d, int fd);
void nmd_user_put(struct nmd_user *u);

/* Has @u more sessions than it may? */
bool nmd_user_is_over(const struct nmd *d, const struct nmd_user *u);
/* May it have another line? */
bool nmd_user_has_line(const struct nmd *d, const struct nmd_user *u);

#endif
