// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "os_spawn.h"
#include "session.h"
#include "user.h"

#define NOBODY (uid_t) - 1

static pthread_mutex_t closing_lock = PTHREAD_MUTEX_INITIALIZER;

/* Whom there is no memory for. */
static struct nmd_user nobody = {.uid = NOBODY};

/* ---- users ---- */

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

static void forget(struct nmd_user *u)
{
	nm_list_del(&u->node);
	free(u->fd);
	free(u);
}

/* Those who have nothing any more. */
static void forget_idle(struct nmd *d)
{
	struct nm_list *pos = d->users.next;

	pthread_mutex_lock(&closing_lock);
	while (pos != &d->users) {
		struct nmd_user *u = nm_container(pos, struct nmd_user, node);

		pos = pos->next;
		if (!u->sessions && !u->nfds && !u->closes)
			forget(u);
	}
	pthread_mutex_unlock(&closing_lock);
}

struct nmd_user *nmd_user_of(struct nmd *d, int fd)
{
	/* Who cannot be asked after is nobody in particular. */
	struct ucred peer = {.uid = NOBODY};
	socklen_t len = sizeof(peer);
	struct nmd_user *u;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	u = find(d, peer.uid);
	if (u)
		return u;
	forget_idle(d);
	u = calloc(1, sizeof(*u));
	if (!u)
		return &nobody;
	u->uid = peer.uid;
	nm_list_add_tail(&d->users, &u->node);
	return u;
}

struct nmd_user *nmd_user_get(struct nmd *d, int fd)
{
	struct nmd_user *u = nmd_user_of(d, fd);

	u->sessions++;
	return u;
}

void nmd_user_put(struct nmd_user *u)
{
	u->sessions--;
}

/* ---- limits ---- */

static bool is_limited(const struct nmd_user *u)
{
	return u->uid && u->uid != getuid();
}

bool nmd_user_is_slow(const struct nmd *d, const struct nmd_user *u)
{
	u32 sessions = is_limited(u) ? d->user_sessions : NMD_SESSIONS;

	return os_load(&u->unclosed) > (1 + NMD_USER_LINES) * sessions;
}

int nmd_user_check(const struct nmd *d, const struct nmd_user *u)
{
	if (nmd_user_is_slow(d, u))
		return -ETOOMANYREFS;
	return is_limited(u) && u->sessions > d->user_sessions ? -EDQUOT : 0;
}

bool nmd_user_has_line(const struct nmd *d, const struct nmd_user *u)
{
	return !is_limited(u) ||
	       u->lines < NMD_USER_LINES * (u64)d->user_sessions;
}

/* ---- closing ---- */

static void *closer_main(void *arg)
{
	struct nmd_user *u = arg;

	pthread_mutex_lock(&closing_lock);
	while (u->nfds) {
		int fd = u->fd[--u->nfds];

		pthread_mutex_unlock(&closing_lock);
		close(fd);
		os_fetch_add(&u->unclosed, -1u);
		pthread_mutex_lock(&closing_lock);
	}
	u->closes = false;
	pthread_mutex_unlock(&closing_lock);
	return NULL;
}

static bool closer_start(struct nmd_user *u)
{
	pthread_t thread;

	if (os_spawn(&thread, -1, closer_main, u))
		return false;
	pthread_detach(thread);
	return true;
}

static bool put(struct nmd_user *u, int fd)
{
	if (u->nfds == u->room) {
		u32 room = u->room ? 2 * u->room : 16;
		int *more = realloc(u->fd, room * sizeof(*more));

		if (!more)
			return false;
		u->fd = more;
		u->room = room;
	}
	u->fd[u->nfds++] = fd;
	os_fetch_add(&u->unclosed, 1u);
	return true;
}

void nmd_close(struct nmd_user *u, int fd)
{
	bool is_put;

	pthread_mutex_lock(&closing_lock);
	is_put = put(u, fd);
	/* Where there is no thread to be had, the next one may find it. */
	if (is_put && !u->closes)
		u->closes = closer_start(u);
	pthread_mutex_unlock(&closing_lock);
	if (!is_put)
		close(fd);
}

void nmd_hang_up(struct nmd_user *u, int fd)
{
	shutdown(fd, SHUT_RDWR);
	nmd_close(u, fd);
}
