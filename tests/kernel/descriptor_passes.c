// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A descriptor that travels over a socket is the same bind: its receiver maps
 * it, sends and receives, and the port lives until both have closed. */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kt.h"

union control {
	struct cmsghdr h;
	char space[CMSG_SPACE(sizeof(int))];
};

static void give(int s, int fd)
{
	union control c = {0};
	char byte = 'f';
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &c,
			   .msg_controllen = sizeof(c)};

	c.h.cmsg_len = CMSG_LEN(sizeof(int));
	c.h.cmsg_level = SOL_SOCKET;
	c.h.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	KT_CHECK(sendmsg(s, &m, 0) == 1);
}

static int take(int s)
{
	union control c;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &c,
			   .msg_controllen = sizeof(c)};
	int fd;

	KT_CHECK(recvmsg(s, &m, 0) == 1);
	memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	return fd;
}

/* Sees the sender's port by descriptor alone; offsets came by the parent. */
static int child(int s, struct kt_port p)
{
	char *old = p.mem;

	p.fd = take(s);
	p.mem = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_SHARED, p.fd, 0);
	KT_CHECK(p.mem != MAP_FAILED && p.mem != old);
	p.tx = (void *)(p.mem + ((char *)p.tx - old));
	kt_send(&p, 7);
	return 0;
}

int main(void)
{
	struct kt_port a, b;
	int s[2], status;

	KT_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	kt_open(&b, "vale0:b");
	kt_open(&a, "vale0:a");
	if (fork() == 0) {
		close(a.fd);
		_exit(child(s[1], a));
	}
	give(s[0], a.fd);
	kt_close(&a);
	KT_CHECK(wait(&status) > 0 && status == 0);
	KT_CHECK(kt_receive(&b) == 7);
	KT_CHECK(kt_receive(&b) == -1);
	kt_close(&b);
	return 0;
}
