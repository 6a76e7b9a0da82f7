// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "pass.h"
#include "wire.h"

int nmd_send(int sock, const void *data, size_t size, const int *fds,
	     uint32_t nfds)
{
	struct iovec iov = {(void *)(uintptr_t)data, size};
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(NMD_FDS * sizeof(int))];
	} control = {0};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (nfds) {
		m.msg_control = control.data;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	return sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
