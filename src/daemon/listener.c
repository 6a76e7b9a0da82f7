// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "listener.h"

#define BACKLOG	     128
#define INHERITED_FD 3 /* sd_listen_fds(3) */

static int refuse(char *text, size_t size, const char *what, const char *path)
{
	int err = errno;

	snprintf(text, size, "%s %s: %s", what, path, strerror(err));
	return -err;
}

static void address_of(struct sockaddr_un *un, const char *path)
{
	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", path);
}

static bool answers(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	struct sockaddr_un un;
	bool yes;

	if (fd < 0)
		return false;
	address_of(&un, path);
	/* EAGAIN: more have connected than it has had the time for. */
	yes = !connect(fd, (struct sockaddr *)&un, sizeof(un)) ||
	      errno == EAGAIN;
	close(fd);
	return yes;
}

static int refuse_second(const char *path, char *text, size_t size)
{
	snprintf(text, size, "a netmapd serves at %s already", path);
	return -EADDRINUSE;
}

/* The file stays: whoever removed it would let two think that they have it. */
static int lock_take(const char *path, int *lock, char *text, size_t size)
{
	char name[NMD_WHERE_PATH + 8];
	int fd;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return refuse(text, size, "cannot open", name);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return refuse_second(path, text, size);
	}
	*lock = fd;
	return 0;
}

static int socket_make(const char *path, int *out, char *text, size_t size)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	if (fd < 0)
		return refuse(text, size, "no socket for", path);
	/* Of one that was killed: nobody has the lock, and nobody answers. */
	unlink(path);
	address_of(&un, path);
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) ||
	    listen(fd, BACKLOG)) {
		close(fd);
		return refuse(text, size, "cannot listen at", path);
	}
	*out = fd;
	return 0;
}

static bool is_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	return pid && n && atol(pid) == getpid() && atoi(n) == 1;
}

int nmd_listener_open(struct nmd_listener *l, const struct nmd_where *where,
		      char *text, size_t size)
{
	int err;

	*l = (struct nmd_listener){.fd = INHERITED_FD, .lock = -1};
	if (is_inherited()) {
		fcntl(l->fd, F_SETFD, FD_CLOEXEC);
		fcntl(l->fd, F_SETFL, O_NONBLOCK);
		return 0;
	}
	l->where = *where;
	err = lock_take(where->path, &l->lock, text, size);
	if (err)
		return err;
	/* The file of the lock may have been removed, as from /tmp by age. */
	err = answers(where->path)
		      ? refuse_second(where->path, text, size)
		      : socket_make(where->path, &l->fd, text, size);
	if (err)
		close(l->lock);
	return err;
}

void nmd_listener_keep(struct nmd_listener *l)
{
	/* Peers are told of who listened last: SO_PEERCRED. */
	if (l->where.path[0])
		listen(l->fd, BACKLOG);
}

void nmd_listener_close(struct nmd_listener *l)
{
	if (l->where.path[0])
		unlink(l->where.path);
	close(l->fd);
	if (l->lock >= 0)
		close(l->lock);
}

bool nmd_listener_await(const struct nmd_where *where, int ms)
{
	const struct timespec step = {.tv_nsec = 5000000};

	for (int t = 0; t <= ms; t += 5) {
		if (answers(where->path))
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}
