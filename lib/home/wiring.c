// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire.h"
#include "fds.h"
#include "real.h"
#include "wiring.h"

int64_t nmh_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int nmh_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};
	struct timespec t, *timeout = NULL;
	int64_t left;

	if (deadline) {
		left = deadline - nmh_now();
		if (left < 0)
			left = 0;
		t = (struct timespec){left / 1000000000, left % 1000000000};
		timeout = &t;
	}
	return (int)nmh_sys(SYS_ppoll, &p, 1, timeout, NULL, 0);
}

static int send_by(int sock, const struct iovec *iov, int n, const int *fds,
		   uint32_t nfds, int flags)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(NMD_FDS * sizeof(int))];
	} control;
	struct msghdr m = {.msg_iov = (struct iovec *)iov,
			   .msg_iovlen = (size_t)n};
	struct cmsghdr *c = &control.align;
	long r;

	if (nfds) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		memset(&control, 0, m.msg_controllen);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do
		r = nmh_sys(SYS_sendmsg, sock, &m, MSG_NOSIGNAL | flags);
	while (r == -EINTR);
	if (r == -EPIPE || r == -ECONNRESET)
		return -ENOTCONN;
	return r < 0 ? (int)r : 0;
}

int nmh_try_send(int sock, const struct iovec *iov, int n, const int *fds,
		 uint32_t nfds)
{
	return send_by(sock, iov, n, fds, nfds, MSG_DONTWAIT);
}

int nmh_send(int sock, const struct iovec *iov, int n, const int *fds,
	     uint32_t nfds)
{
	int err;

	/* The program may have made it so that it does not wait. */
	while ((err = send_by(sock, iov, n, fds, nfds, 0)) == -EAGAIN)
		nmh_wait(sock, POLLOUT, 0);
	return err;
}

static void close_all(const int *fds, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		nmh_sys(SYS_close, fds[i]);
}

/* Takes up to *n descriptors out of @m and hides them. */
static int take_fds(struct msghdr *m, int *fds, uint32_t *n)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int got[NMD_FDS], err = 0;
	uint32_t count = 0;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		count = (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	if (count)
		memcpy(got, CMSG_DATA(c), count * sizeof(int));
	if (m->msg_flags & MSG_CTRUNC)
		err = -EMFILE;
	else if (count > *n)
		err = -EBADMSG;
	if (err) {
		close_all(got, count);
		return err;
	}
	for (uint32_t i = 0; i < count; i++) {
		fds[i] = nmh_fd_hide(got[i]);
		if (fds[i] >= 0)
			continue;
		err = fds[i];
		close_all(got + i, count - i);
		while (i)
			nmh_fd_close(fds[--i]);
		return err;
	}
	*n = count;
	return 0;
}

/* @len bytes came: are they a message? */
static int check(const void *buf, long len)
{
	const struct nmd_msg *msg = buf;

	if (!len)
		return -ENOTCONN;
	if (len < (long)sizeof(*msg) || msg->size != len)
		return -EBADMSG;
	return (int)len;
}

int nmh_recv(int sock, void *buf, size_t size, int *fds, uint32_t *nfds,
	     int64_t deadline)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(NMD_FDS * sizeof(int))];
	} control;
	struct iovec iov = {buf, size};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	long r;
	int err;

	do {
		if (deadline) {
			r = nmh_wait(sock, POLLIN, deadline);
			if (!r)
				return -ETIMEDOUT;
			if (r < 0)
				continue;
		}
		r = nmh_sys(SYS_recvmsg, sock, &m, MSG_CMSG_CLOEXEC);
	} while (r == -EINTR);
	if (r == -ECONNRESET)
		r = -ENOTCONN;
	if (r < 0)
		return (int)r;
	err = take_fds(&m, fds, nfds);
	if (err)
		return err;
	r = m.msg_flags & MSG_TRUNC ? -EBADMSG : check(buf, r);
	if (r < 0)
		for (uint32_t i = 0; i < *nfds; i++)
			nmh_fd_close(fds[i]);
	return (int)r;
}

static __thread unsigned int complaints;

unsigned int nmh_complaints(void)
{
	return complaints;
}

void nmh_complain(const char *text)
{
	static char said[NMD_WHERE_TEXT];
	struct iovec iov[] = {{(char *)"netmap: ", 8},
			      {(char *)text, strlen(text)},
			      {(char *)"\n", 1}};

	complaints++;
	/* Whoever races here says it twice. */
	if (!strncmp(said, text, sizeof(said) - 1))
		return;
	snprintf(said, sizeof(said), "%s", text);
	nmh_sys(SYS_writev, STDERR_FILENO, iov, 3);
}
