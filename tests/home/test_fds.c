// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Descriptors of netmapd are copied, passed, inherited and closed like any. */
#include "home.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *self;

static void opened_by_any_name(void **state)
{
	int fd[4];

	(void)state;
	fd[0] = open("/dev/netmap", O_RDWR);
	fd[1] = open64("/dev/netmap", O_RDWR | O_CLOEXEC);
	fd[2] = openat(AT_FDCWD, "/dev/netmap", O_RDWR | O_NONBLOCK);
	fd[3] = openat64(0, "/dev/netmap", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	for (int i = 0; i < 4; i++) {
		assert_true(fd[i] >= 0 && fd[i] < 64);
		assert_int_equal(ioctl(fd[i], NIOCTXSYNC, NULL), -1);
		assert_int_equal(errno, ENXIO);
		assert_int_equal(fcntl(fd[i], F_GETFD), i & 1 ? FD_CLOEXEC : 0);
		assert_int_equal(!!(fcntl(fd[i], F_GETFL) & O_NONBLOCK),
				 i >= 2);
		assert_int_equal(poll_one(fd[i], POLLIN, -1), POLLERR);
		close(fd[i]);
	}
}

/* Each copy syncs; the last one's close ends the port. */
static void copies(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	int copy[5];

	(void)state;
	copy[0] = dup(a.fd);
	copy[1] = dup2(a.fd, 100);
	copy[2] = dup3(a.fd, 101, O_CLOEXEC);
	copy[3] = fcntl(a.fd, F_DUPFD, 102);
	copy[4] = fcntl(a.fd, F_DUPFD_CLOEXEC, 103);
	assert_int_equal(copy[1], 100);
	assert_int_equal(copy[2], 101);
	assert_int_equal(munmap(b.mem, b.size), 0);
	assert_int_equal(close(a.fd), 0);
	for (int i = 0; i < 5; i++) {
		assert_true(copy[i] >= 0);
		assert_int_equal(ioctl(copy[i], NIOCTXSYNC, NULL), 0);
		assert_int_equal(poll_one(copy[i], POLLOUT, DEADLINE_MS),
				 POLLOUT);
	}
	assert_int_equal(munmap(a.mem, a.size), 0);
	for (int i = 0; i < 5; i++) {
		assert_true(exists("vale1:a"));
		assert_int_equal(close(copy[i]), 0);
	}
	assert_false(exists("vale1:a"));
	close(b.fd);
}

/* What is duplicated over a descriptor replaces it. */
static void replaced(void **state)
{
	struct port a = open_port("vale1:a");
	int null = open("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(munmap(a.mem, a.size), 0);
	assert_int_equal(dup2(null, a.fd), a.fd);
	assert_false(exists("vale1:a"));
	assert_int_equal(ioctl(a.fd, NIOCTXSYNC, NULL), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(write(a.fd, "x", 1), 1);
	close(a.fd);
	close(null);
}

static void closed_twice(void **state)
{
	int fd = open("/dev/netmap", O_RDWR);

	(void)state;
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(fd), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(ioctl(fd, NIOCTXSYNC, NULL), -1);
	assert_int_equal(errno, EBADF);
	/* The number is free for others. */
	assert_int_equal(eventfd(1, 0), fd);
	assert_int_equal(poll_one(fd, POLLIN, -1), POLLIN);
	close(fd);
}

/* The next file that has the number of a stream that is closed is a file. */
static void closed_as_stream(void **state)
{
	int fd = open("/dev/netmap", O_RDWR), pair[2];
	FILE *stream = fdopen(fd, "r+");
	char c;

	(void)state;
	assert_int_equal(read(fd, &c, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(stream);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(pair[0], fd);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_int_equal(read(pair[0], &c, 1), 1);
	assert_int_equal(close(pair[0]), 0);
	assert_int_equal(close(pair[1]), 0);
}

static int bind_alone(int fd)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_EXCLUSIVE};

	return bind_to(fd, "vale1:a", &reg);
}

/* What follows a close, on a descriptor that was busy before it, finds nothing of
 * what was closed. */
static void closed_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		int fd = open("/dev/netmap", O_RDWR);
		int other = open("/dev/netmap", O_RDWR);

		assert_int_equal(bind_alone(fd), 0);
		assert_int_equal(bind_alone(other), EBUSY);
		assert_int_equal(close(fd), 0);
		assert_int_equal(bind_alone(other), 0);
		assert_int_equal(close(other), 0);
	}
}

/* A program that closes everything but what it knows of. */
static void close_loop(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	struct rlimit limit;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 3; fd < (int)limit.rlim_cur; fd++)
		if (fd != a.fd && fd != b.fd)
			close(fd);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
}

static void close_ranges(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	int other = open("/dev/null", O_RDWR);

	(void)state;
	assert_true(a.fd < b.fd && b.fd < other);
	assert_int_equal(munmap(a.mem, a.size), 0);
	assert_int_equal(close_range((unsigned)b.fd + 1, ~0u, 0), 0);
	assert_int_equal(fcntl(other, F_GETFD), -1);
	send_by(b.fd, b.tx);
	assert_int_equal(ioctl(a.fd, NIOCRXSYNC, NULL), 0);
	assert_int_equal(close_range((unsigned)a.fd, (unsigned)a.fd, 0), 0);
	assert_false(exists("vale1:a"));
	assert_int_equal(munmap(b.mem, b.size), 0);
	closefrom(b.fd);
	assert_false(exists("vale1:b"));
}

/* ---- what the program has besides ---- */

#define HIDDEN 8192 /* more than the numbers of any that the library has */

static bool is_datagram_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       type == SOCK_DGRAM;
}

/* A socket that any other may be connected to; *at is its name. */
static int make_trap(struct sockaddr_un *at, socklen_t *len)
{
	int trap = socket(AF_UNIX, SOCK_DGRAM, 0);

	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	assert_int_equal(bind(trap, (void *)at, sizeof(at->sun_family)), 0);
	*len = sizeof(*at);
	assert_int_equal(getsockname(trap, (void *)at, len), 0);
	return trap;
}

/* A program cannot have netmapd send to somebody of its choice. */
static void wakes_go_nowhere_else(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(0), trap, sockets = 0;
	struct sockaddr_un at;
	socklen_t len;
	char byte;

	(void)state;
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, b.fd, &e), 0);
	trap = make_trap(&at, &len);
	for (int fd = 0; fd < HIDDEN; fd++) {
		if (fd == trap || !is_datagram_socket(fd))
			continue;
		syscall(SYS_connect, fd, &at, len);
		sockets++;
	}
	assert_true(sockets > 0);
	/* The one who looks for the second frame has woken for the first. */
	for (int i = 0; i < 2; i++) {
		send_by(a.fd, a.tx);
		while (nm_ring_empty(b.rx))
			assert_int_equal(ioctl(b.fd, NIOCRXSYNC, NULL), 0);
		b.rx->head = b.rx->cur = b.rx->tail;
	}
	assert_int_equal(recv(trap, &byte, 1, MSG_DONTWAIT), -1);
	close(trap);
	close(ep);
	close_port(&a);
	close_port(&b);
}

/* ---- other processes ---- */

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Parent and child use the descriptor at the same time. */
static void forked(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	pid_t pid;

	(void)state;
	/* The parent has lines already. */
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	pid = fork();
	if (!pid) {
		send_by(a.fd, a.tx);
		receive_by(b.fd, b.rx);
		_exit(0);
	}
	assert_int_equal(status_of(pid), 0);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
}

static void child_closes(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		close(a.fd);
		munmap(a.mem, a.size);
		close(b.fd);
		munmap(b.mem, b.size);
		_exit(0);
	}
	assert_int_equal(status_of(pid), 0);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
}

/* A child of vfork shares our memory, not our descriptors. */
static void vforked(void **state)
{
	struct port a = open_port("vale1:a"), b = open_port("vale1:b");
	volatile int fds[] = {a.fd, b.fd};
	pid_t pid;

	(void)state;
	pid = vfork();
	if (!pid) {
		close(fds[0]);
		dup2(fds[1], 0);
		_exit(0);
	}
	assert_int_equal(status_of(pid), 0);
	assert_int_equal(ioctl(0, NIOCTXSYNC, NULL), -1);
	assert_int_not_equal(errno, ENXIO);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
}

/* In a program that was executed: argv[1] is a descriptor and argv[2] where its
 * record is. Sends a frame. */
static int sender(char **argv)
{
	struct port p = {.fd = atoi(argv[1])};
	struct nmreq_register reg = {.nr_offset = strtoul(argv[2], NULL, 0),
				     .nr_memsize = strtoul(argv[3], NULL, 0)};

	map_port(&p, &reg);
	send_by(p.fd, p.tx);
	/* What is closed at once may not have been looked at. */
	while (nm_tx_pending(p.tx))
		if (ioctl(p.fd, NIOCTXSYNC, NULL))
			return 1;
	close_port(&p);
	return 0;
}

static void executed(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct port b = open_port("vale1:b");
	char fd[16], offset[32], size[32];
	int a = open("/dev/netmap", O_RDWR);
	pid_t pid;

	(void)state;
	assert_int_equal(bind_to(a, "vale1:a", &reg), 0);
	snprintf(fd, sizeof(fd), "%d", a);
	snprintf(offset, sizeof(offset), "%lu", reg.nr_offset);
	snprintf(size, sizeof(size), "%lu", reg.nr_memsize);
	pid = fork();
	if (!pid) {
		execl(self, self, fd, offset, size, NULL);
		_exit(1);
	}
	close(a);
	assert_int_equal(status_of(pid), 0);
	receive_by(b.fd, b.rx);
	assert_false(exists("vale1:a"));
	close_port(&b);
}

static void pass(int socket, int fd, int *received)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (received) {
		assert_int_equal(recvmsg(socket, &m, 0), 1);
		memcpy(received, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
		return;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	assert_int_equal(sendmsg(socket, &m, 0), 1);
}

/* The receiver knows the number as that of something else. */
static void received(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct port b = open_port("vale1:b"), a = {.fd = -1};
	int pair[2], null;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (!pid) {
		int fd = open("/dev/netmap", O_RDWR);

		if (bind_to(fd, "vale1:a", &reg))
			_exit(1);
		pass(pair[0], fd, NULL);
		write(pair[0], &reg, sizeof(reg));
		_exit(0);
	}
	assert_int_equal(status_of(pid), 0);
	null = open("/dev/null", O_RDWR);
	assert_int_equal(poll_one(null, POLLOUT, 0), POLLOUT);
	syscall(SYS_close, null);
	pass(pair[1], -1, &a.fd);
	assert_int_equal(a.fd, null);
	assert_int_equal(read(pair[1], &reg, sizeof(reg)), sizeof(reg));
	assert_int_equal(ioctl(a.fd, NIOCTXSYNC, NULL), 0);
	map_port(&a, &reg);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close(pair[0]);
	close(pair[1]);
	close_port(&a);
	close_port(&b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened_by_any_name),
		cmocka_unit_test(copies),
		cmocka_unit_test(replaced),
		cmocka_unit_test(closed_twice),
		cmocka_unit_test(closed_as_stream),
		cmocka_unit_test(closed_at_once),
		cmocka_unit_test(close_loop),
		cmocka_unit_test(close_ranges),
		cmocka_unit_test(wakes_go_nowhere_else),
		cmocka_unit_test(forked),
		cmocka_unit_test(child_closes),
		cmocka_unit_test(vforked),
		cmocka_unit_test(executed),
		cmocka_unit_test(received),
	};

	self = "/proc/self/exe";
	if (argc > 3)
		return sender(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
