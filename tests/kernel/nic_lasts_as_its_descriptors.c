// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * An interface is in netmap mode until the last descriptor of its port is
 * closed, and the last mapping gone, wherever those are: here, in a child, in
 * one that was sent them, on the way in a socket; and however it ends.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kt_nic.h"

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

/* Whom a frame that comes now goes to. */
static bool is_netmaps(void)
{
	unsigned long dropped = kt_sink_get(0, "rx_dropped");
	unsigned long passed = kt_sink_get(0, "rx_passed");

	kt_sink_set(0, "rx", 1);
	for (time_t end = time(NULL) + KT_SECONDS; time(NULL) < end;) {
		if (kt_sink_get(0, "rx_dropped") == dropped + 1)
			return true;
		if (kt_sink_get(0, "rx_passed") == passed + 1)
			return false;
	}
	KT_CHECK(!"the frame came");
	return false;
}

/* What was closed by others may take a moment. */
static bool is_back(void)
{
	for (time_t end = time(NULL) + KT_SECONDS; is_netmaps(); usleep(1000))
		if (time(NULL) > end)
			return false;
	return true;
}

/* A child that has @sock, tells when it is there, and waits. */
static void child(void *arg)
{
	int *sock = arg, fd;

	close(sock[0]);
	fd = take(sock[1]);
	KT_CHECK(write(sock[1], "", 1) == 1);
	KT_CHECK(read(sock[1], &fd, 1) >= 0);
}

static void passed(bool killed)
{
	struct kt_port p;
	int sock[2], status;
	pid_t pid;
	char c;

	KT_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sock) == 0);
	pid = kt_fork(child, sock);
	close(sock[1]);
	kt_open(&p, "nmsink0");
	KT_CHECK(is_netmaps());
	give(sock[0], p.fd);
	kt_close(&p);
	KT_CHECK(read(sock[0], &c, 1) == 1);
	KT_CHECK(is_netmaps());
	if (killed)
		KT_CHECK(kill(pid, SIGKILL) == 0);
	close(sock[0]);
	KT_CHECK(waitpid(pid, &status, 0) == pid);
	KT_CHECK(killed ? WIFSIGNALED(status) : status == 0);
	KT_CHECK(is_back());
}

/* No process has it: it is in a socket's queue, which then goes. */
static void on_the_way(void)
{
	struct kt_port p;
	int sock[2];

	KT_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sock) == 0);
	kt_open(&p, "nmsink0");
	give(sock[0], p.fd);
	kt_close(&p);
	close(sock[0]);
	KT_CHECK(is_netmaps());
	close(sock[1]);
	KT_CHECK(is_back());
}

static void wait_for_end(void *arg)
{
	char c;

	KT_CHECK(read(*(int *)arg, &c, 1) >= 0);
}

static void inherited(bool killed)
{
	struct kt_port p;
	int end[2], status;
	pid_t pid;

	kt_open(&p, "nmsink0");
	KT_CHECK(pipe(end) == 0);
	pid = kt_fork(wait_for_end, end);
	kt_close(&p);
	KT_CHECK(is_netmaps());
	KT_CHECK(killed ? kill(pid, SIGKILL) == 0 : write(end[1], "", 1) == 1);
	KT_CHECK(waitpid(pid, &status, 0) == pid);
	KT_CHECK(killed ? WIFSIGNALED(status) : status == 0);
	KT_CHECK(is_back());
	close(end[0]);
	close(end[1]);
}

static void mapped(void)
{
	struct kt_port p;

	kt_open(&p, "nmsink0");
	KT_CHECK(close(p.fd) == 0);
	KT_CHECK(is_netmaps());
	KT_CHECK(munmap(p.mem, p.size) == 0);
	KT_CHECK(is_back());
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	kt_sink_load();
	KT_CHECK(!is_netmaps());
	for (int killed = 0; killed < 2; killed++) {
		printf("killed: %d\n", killed);
		passed(killed);
		inherited(killed);
	}
	on_the_way();
	mapped();
	KT_CHECK(kt_sink_unload() == 0);
	return 0;
}
