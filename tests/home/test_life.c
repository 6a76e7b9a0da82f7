// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmapd comes when it is needed, and may die at any time.
 *
 * usage: test_life NETMAPD
 */
#include "home.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <libnetmap.h>

static char dir[] = "/tmp/test_life.XXXXXX", path[64];
static const char *netmapd;
static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void await_file(const char *name, bool there)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (!access(name, F_OK) != there) {
		assert_true(now_ms() < deadline);
		poll(NULL, 0, 1);
	}
}

static pid_t start(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl(netmapd, netmapd, "--foreground", "--socket", path, NULL);
		_exit(1);
	}
	await_file(path, true);
	return pid;
}

/* The program notices nothing of the child that this takes. */
static void on_demand(void **state)
{
	struct sigaction act = {.sa_handler = on_signal}, old;
	struct port a, b;
	int status;

	(void)state;
	sigaction(SIGCHLD, &act, &old);
	a = open_port("vale3:a");
	b = open_port("vale3:b");
	assert_int_equal(signals, 0);
	assert_int_equal(waitpid(-1, &status, 0), -1);
	assert_int_equal(errno, ECHILD);
	sigaction(SIGCHLD, &old, NULL);
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
	/* It leaves when nobody needs it, and comes again. */
	await_file(path, false);
	a = open_port("vale3:a");
	close_port(&a);
	await_file(path, false);
}

static void *sleeper(void *arg)
{
	return (void *)(intptr_t)poll_one(*(int *)arg, POLLIN, -1);
}

static void *ep_sleeper(void *arg)
{
	struct epoll_event e;

	return (void *)(intptr_t)(epoll_wait(*(int *)arg, &e, 1, -1) == 1
					  ? (int)e.events
					  : -1);
}

static void killed(void **state)
{
	pid_t pid = start();
	struct port a = open_port("vale3:a");
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(0);
	pthread_t thread[2];
	void *found[2];

	(void)state;
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, a.fd, &e), 0);
	pthread_create(&thread[0], NULL, sleeper, &a.fd);
	pthread_create(&thread[1], NULL, ep_sleeper, &ep);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pthread_join(thread[0], &found[0]);
	pthread_join(thread[1], &found[1]);
	assert_int_equal((intptr_t)found[0], POLLERR);
	assert_int_equal((intptr_t)found[1], EPOLLERR);
	assert_int_equal(ioctl(a.fd, NIOCTXSYNC, NULL), -1);
	assert_int_equal(errno, ENOTCONN);
	assert_int_equal(bind_to(a.fd, "vale3:c", &reg), ENOTCONN);
	/* Its memory is there as long as it is mapped. */
	memset(NETMAP_BUF(a.tx, a.tx->slot[0].buf_idx), 1, 60);
	close_port(&a);
	close(ep);
	unlink(path);
	a = open_port("vale3:a");
	close_port(&a);
	await_file(path, false);
}

/* A program that only syncs finds out, too. */
static void killed_unseen(void **state)
{
	pid_t pid = start();
	struct port a = open_port("vale3:a");
	int64_t deadline = now_ms() + DEADLINE_MS;

	(void)state;
	assert_int_equal(ioctl(a.fd, NIOCTXSYNC, NULL), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	while (!ioctl(a.fd, NIOCTXSYNC, NULL))
		assert_true(now_ms() < deadline);
	assert_int_equal(errno, ENOTCONN);
	close_port(&a);
	unlink(path);
}

static short by_poll(int fd)
{
	return poll_one(fd, POLLIN, 0);
}

static short by_select(int fd)
{
	struct timeval none = {0, 0};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &none) == 1 ? POLLERR : 0;
}

static short by_epoll(int fd)
{
	static int ep = -1;
	struct epoll_event e = {.events = EPOLLIN};

	if (ep < 0) {
		ep = epoll_create1(0);
		assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	}
	if (epoll_wait(ep, &e, 1, 0) != 1)
		return 0;
	close(ep);
	ep = -1;
	return (short)e.events;
}

/* So does one that never sleeps. */
static void killed_unawaited(void **state)
{
	static short (*const look[])(int fd) = {by_poll, by_select, by_epoll};

	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t pid = start();
		struct port a = open_port("vale3:a");
		int64_t deadline = now_ms() + DEADLINE_MS;
		short found;

		assert_int_equal(look[i](a.fd), 0);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (!(found = look[i](a.fd)))
			assert_true(now_ms() < deadline);
		assert_int_equal(found, POLLERR);
		close_port(&a);
		unlink(path);
	}
}

/* A port that is opened again is in the memory of the netmapd that is there now,
 * though others of the program are in that of the one before. */
static void opened_again(void **state)
{
	pid_t pid = start();
	struct nmport_d *a = nmport_open("vale1:a"),
			*b = nmport_open("vale2:b"), *c;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_int_not_equal(a->mem->mem_id, b->mem->mem_id);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	unlink(path);
	nmport_close(b);
	b = nmport_open("vale2:b");
	c = nmport_open("vale2:c");
	assert_non_null(b);
	assert_non_null(c);
	assert_int_equal(b->mem->mem_id, a->mem->mem_id);
	send_by(b->fd, NETMAP_TXRING(b->nifp, 0));
	receive_by(c->fd, NETMAP_RXRING(c->nifp, 0));
	nmport_close(c);
	nmport_close(b);
	nmport_close(a);
	await_file(path, false);
}

static void not_to_be_had(void **state)
{
	struct rlimit limit, few;

	(void)state;
	setenv("NETMAPD", "/nonexistent/netmapd", 1);
	assert_int_equal(open("/dev/netmap", O_RDWR), -1);
	assert_int_equal(errno, ENOENT);
	setenv("NETMAPD", "/bin/false", 1);
	assert_int_equal(open("/dev/netmap", O_RDWR), -1);
	assert_int_equal(errno, ECONNREFUSED);
	setenv("NETMAPD", netmapd, 1);
	setenv("NETMAP_HOME", "sweet", 1);
	assert_int_equal(open("/dev/netmap", O_RDWR), -1);
	assert_int_equal(errno, EINVAL);
	setenv("NETMAP_HOME", "kernel", 1);
	if (access("/dev/netmap", F_OK)) {
		assert_int_equal(open("/dev/netmap", O_RDWR), -1);
		assert_int_equal(errno, ENOENT);
	}
	setenv("NETMAP_HOME", "netmapd", 1);
	getrlimit(RLIMIT_NOFILE, &limit);
	few = (struct rlimit){3, limit.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(open("/dev/netmap", O_RDWR), -1);
	assert_int_equal(errno, EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/netmapd.sock", dir);
	setenv("NETMAP_SOCKET", path, 1);
	setenv("NETMAP_HOME", "netmapd", 1);
	setenv("NETMAPD", netmapd, 1);
	return 0;
}

static int teardown(void **state)
{
	char lock[96];

	(void)state;
	snprintf(lock, sizeof(lock), "%s.lock", path);
	unlink(lock);
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_demand),
		cmocka_unit_test(killed),
		cmocka_unit_test(killed_unseen),
		cmocka_unit_test(killed_unawaited),
		cmocka_unit_test(opened_again),
		cmocka_unit_test(not_to_be_had),
	};

	if (argc != 2)
		return 2;
	netmapd = argv[1];
	return cmocka_run_group_tests(tests, setup, teardown);
}
