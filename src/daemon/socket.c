// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Messages with descriptors, and the control thread's epoll. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "netmapd.h"
#include "user.h"
#include "wire.h"

#define FDS 253 /* the most that come: SCM_MAX_FD of Linux */

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(FDS * sizeof(int))];
};

int nmd_watch(struct nmd *d, int fd, struct nmd_source *source)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = source};

	return epoll_ctl(d->poll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

void nmd_unwatch(struct nmd *d, int fd)
{
	epoll_ctl(d->poll, EPOLL_CTL_DEL, fd, NULL);
}

/* Up to @max into @fds, the rest is closed; returns how many there were. */
static u32 fds_take(struct nmd_user *u, struct msghdr *m, int *fds, u32 max)
{
	u32 n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0;
		     at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0);
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + at, sizeof(fd));
			if (n < max)
				fds[n] = fd;
			else
				nmd_close(u, fd);
			n++;
		}
	}
	return n;
}

ssize_t nmd_recv(struct nmd_user *u, int fd, void *data, size_t size, int *fds,
		 u32 *nfds)
{
	struct iovec iov = {data, size};
	union control control;
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.data,
			   .msg_controllen = sizeof(control.data)};
	u32 max = *nfds;
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	u32 got;

	*nfds = 0;
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	got = fds_take(u, &m, fds, max);
	if (got <= max && !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		*nfds = got;
		return n;
	}
	for (u32 i = 0; i < got && i < max; i++)
		nmd_close(u, fds[i]);
	return got < max && m.msg_flags & MSG_CTRUNC ? -EMFILE : -EMSGSIZE;
}
