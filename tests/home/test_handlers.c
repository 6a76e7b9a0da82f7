// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Calls that signal handlers may make, and forks, while another thread, or the
 * one that was interrupted, is in the middle of any other. */
#include "home.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define HANDLED 3000
#define FORKS	150

/* Runs @main in a child, which has to end with 0 in time. */
static void in_time(void (*main)(void))
{
	int64_t deadline = now_ms() + 3 * DEADLINE_MS;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		/* With its own children. */
		setpgid(0, 0);
		main();
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ms() > deadline) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
			fail_msg("it hangs");
		}
		poll(NULL, 0, 5);
	}
	assert_int_equal(status, 0);
}

/* In a child: no words, but a status. */
#define NEED(what)                \
	do {                      \
		if (!(what))      \
			_exit(1); \
	} while (0)

/* ---- handlers ---- */

static int session, ep;
static timer_t timer;
static volatile sig_atomic_t handled;

/* Once, after a time that is never the same. */
static void set_timer(void)
{
	struct itimerspec t = {.it_value.tv_nsec =
				       1000 + handled * 7919 % 60000};

	timer_settime(timer, 0, &t, NULL);
}

static void on_signal(int sig)
{
	struct pollfd p[] = {{.fd = ep, .events = POLLIN},
			     {.fd = session, .events = POLLIN}};
	int saved = errno, fd;
	pid_t pid;

	(void)sig;
	NEED(poll(p, 2, 0) >= 0);
	fd = dup(ep);
	NEED(fd >= 0 && !close(fd));
	if (handled % 8 == 0) {
		fd = open("/dev/netmap", O_RDWR);
		NEED(fd >= 0 && !close(fd));
	}
	if (handled % 64 == 0) {
		pid = fork();
		NEED(pid >= 0);
		if (!pid)
			_exit(0);
		while (waitpid(pid, NULL, 0) < 0)
			NEED(errno == EINTR);
	}
	handled++;
	errno = saved;
	set_timer();
}

static void interrupted(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	struct sigaction act = {.sa_handler = on_signal,
				.sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	int fd;

	session = open("/dev/netmap", O_RDWR);
	ep = epoll_create1(0);
	NEED(session >= 0 && !epoll_ctl(ep, EPOLL_CTL_ADD, session, &e));
	NEED(!sigaction(SIGUSR1, &act, NULL));
	NEED(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	set_timer();
	while (handled < HANDLED) {
		NEED(epoll_wait(ep, &e, 1, 0) == 1);
		e.events = EPOLLIN;
		NEED(!epoll_ctl(ep, EPOLL_CTL_MOD, session, &e));
		fd = epoll_create1(0);
		NEED(fd >= 0 && !close(fd));
		fd = open("/dev/netmap", O_RDWR);
		NEED(fd >= 0 && !close(fd));
	}
}

static void handlers_call(void **state)
{
	(void)state;
	in_time(interrupted);
}

/* ---- forks ---- */

#define MADE 512

static bool over;
static int newest;

/* With a session in it, for a while, if there is one. */
static void use_instance(int fd)
{
	struct epoll_event e = {.events = EPOLLIN};

	if (session < 0)
		return;
	NEED(!epoll_ctl(fd, EPOLL_CTL_ADD, session, &e));
	NEED(epoll_wait(fd, &e, 1, 0) == 1);
	/* It can be in 64 at a time. */
	NEED(!epoll_ctl(fd, EPOLL_CTL_DEL, session, NULL));
}

/* More and more of them. */
static void *make_instances(void *arg)
{
	int made[MADE], n = 0;

	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		if (n == MADE)
			while (n)
				close(made[--n]);
		made[n] = epoll_create1(0);
		NEED(made[n] >= 0);
		__atomic_store_n(&newest, made[n], __ATOMIC_RELAXED);
		use_instance(made[n++]);
	}
	while (n)
		close(made[--n]);
	return arg;
}

/* In a child: what there is can be used. */
static void use_all(void)
{
	int last = __atomic_load_n(&newest, __ATOMIC_RELAXED);
	int fresh = epoll_create1(0);
	struct epoll_event e;

	NEED(fresh >= 0);
	use_instance(fresh);
	NEED(!close(fresh));
	for (int fd = last; fd > last - 4 && fd > session; fd--)
		epoll_wait(fd, &e, 1, 0);
	_exit(0);
}

static void fork_often(void)
{
	pthread_t thread;
	int status;

	over = false;
	newest = 0;
	NEED(!pthread_create(&thread, NULL, make_instances, NULL));
	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		NEED(pid >= 0);
		if (!pid)
			use_all();
		NEED(waitpid(pid, &status, 0) == pid && !status);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	NEED(!pthread_join(thread, NULL));
}

static void forked(void)
{
	session = -1;
	fork_often();
	session = open("/dev/netmap", O_RDWR);
	NEED(session >= 0);
	fork_often();
	close(session);
}

static void forks_beside_epoll(void **state)
{
	(void)state;
	in_time(forked);
}

/* Sessions, each with a line, which is a socket pair. */
static void *make_lines(void *arg)
{
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		int fd = open("/dev/netmap", O_RDWR);

		NEED(fd >= 0 && !close(fd));
	}
	return arg;
}

/* An end of a pair: sessions have a peer with a name. */
static bool is_line_end(int fd)
{
	struct sockaddr_un peer;
	int type = 0;
	socklen_t len = sizeof(type), peer_len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       type == SOCK_SEQPACKET &&
	       !getpeername(fd, (struct sockaddr *)&peer, &peer_len) &&
	       peer_len == sizeof(peer.sun_family);
}

/* In a child. */
static void find_ends(void)
{
	for (int fd = 3; fd < 64; fd++)
		NEED(!is_line_end(fd));
	_exit(0);
}

static void forked_beside_lines(void)
{
	pthread_t thread;
	int status;

	over = false;
	NEED(!pthread_create(&thread, NULL, make_lines, NULL));
	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		NEED(pid >= 0);
		if (!pid)
			find_ends();
		NEED(waitpid(pid, &status, 0) == pid && !status);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	NEED(!pthread_join(thread, NULL));
}

/* A child with netmapd's end of a line would keep its parent from noticing that
 * netmapd dies. */
static void forks_beside_lines(void **state)
{
	(void)state;
	in_time(forked_beside_lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handlers_call),
		cmocka_unit_test(forks_beside_epoll),
		cmocka_unit_test(forks_beside_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
