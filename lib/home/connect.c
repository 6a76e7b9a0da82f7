// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "real.h"
#include "wiring.h"

#define STARTS_MAX 3
#define PAUSE_NS   2000000 /* between attempts, while one netmapd leaves */

/* In a folder of the user's own nobody but the user, or root, may listen. */
static int check_peer(const struct nmd_where *where, int fd, char *text,
		      size_t size)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (!where->is_private)
		return 0;
	if (nmh_sys(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return nmd_refuse(text, size, -EPERM,
				  "who listens at %s cannot be found out",
				  where->path);
	if (peer.uid && peer.uid != geteuid())
		return nmd_refuse(text, size, -EPERM,
				  "user %u listens at %s, which is user %u's",
				  peer.uid, where->path, geteuid());
	return 0;
}

/* A new socket, connected: or -errno. */
static int attempt(const struct nmd_where *where, int64_t deadline)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int64_t left = deadline - nmh_now();
	struct timeval wait = {left / 1000000000, left / 1000 % 1000000};
	struct timeval for_ever = {0, 0};
	long fd, r;

	if (left <= 0)
		return -ETIMEDOUT;
	strcpy(to.sun_path, where->path);
	fd = nmh_sys(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return (int)fd;
	nmh_sys(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
		sizeof(wait));
	do
		r = nmh_sys(SYS_connect, fd, &to, sizeof(to));
	while (r == -EINTR);
	if (r < 0) {
		nmh_sys(SYS_close, fd);
		return (int)r;
	}
	nmh_sys(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &for_ever,
		sizeof(for_ever));
	return (int)fd;
}

static void pause_a_little(void)
{
	struct timespec t = {0, PAUSE_NS};

	nanosleep(&t, NULL);
}

static int explain(const struct nmd_where *where, int err, char *text,
		   size_t size)
{
	if (err == -EMFILE || err == -ENFILE)
		return nmd_refuse(text, size, err,
				  "no descriptor is left for a connection to "
				  "netmapd: ulimit -n raises their number");
	if (err == -EAGAIN || err == -ETIMEDOUT)
		return nmd_refuse(text, size, -ETIMEDOUT,
				  "netmapd at %s does not answer", where->path);
	return nmd_refuse(text, size, err,
			  "netmapd at %s cannot be reached (%s)", where->path,
			  strerror(-err));
}

int nmh_connect(const struct nmd_where *where, int64_t deadline, char *text,
		size_t size)
{
	int fd, err, starts = 0;

	for (;;) {
		fd = attempt(where, deadline);
		if (fd >= 0) {
			err = check_peer(where, fd, text, size);
			if (!err)
				return fd;
			nmh_sys(SYS_close, fd);
			return err;
		}
		if (fd != -ENOENT && fd != -ECONNREFUSED)
			return explain(where, fd, text, size);
		if (starts++ == STARTS_MAX)
			return explain(where, fd, text, size);
		err = nmh_start(where->path, deadline, text, size);
		if (err == -ECONNREFUSED && starts < STARTS_MAX)
			pause_a_little(); /* another was faster, or leaves */
		else if (err)
			return err;
	}
}
