// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "user.h"

static struct nmd_user *find(struct nmd *d, u32 uid)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &d->users) {
		struct nmd_user *u = nm_container(pos, struct nmd_user, node);

		if (u->uid == uid)
			return u;
	}
	return NULL;
}

struct nmd_user *nmd_user_get(struct nmd *d, int fd)
{
	/* Who cannot be asked after is nobody in particular. */
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t len = sizeof(peer);
	struct nmd_user *u;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	u = find(d, peer.uid);
	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return NULL;
		u->uid = peer.uid;
		nm_list_add_tail(&d->users, &u->node);
	}
	u->sessions++;
	return u;
}

void nmd_user_put(struct nmd_user *u)
{
	if (--u->sessions)
		return;
	nm_list_del(&u->node);
	free(u);
}

static bool is_limited(const struct nmd_user *u)
{
	return u->uid && u->uid != getuid();
}

bool nmd_user_is_over(const struct nmd *d, const struct nmd_user *u)
{
	return is_limited(u) && u->sessions > d->user_sessions;
}

bool nmd_user_has_line(const struct nmd *d, const struct nmd_user *u)
{
	return !is_limited(u) ||
	       u->lines < NMD_USER_LINES * (u64)d->user_sessions;
}
