// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Descriptors that are slow to close, TCP sockets that linger over what nobody
 * reads, hold up nobody but the user whose programs send them; and that user is
 * told.
 *
 * usage: slow NETMAPD
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "raw.h"

#define USER	 12345 /* nobody's number */
#define LIMIT	 6
#define UNCLOSED (5 * LIMIT) /* sessions, and 4 lines for each */
#define SESSIONS 1000

static struct daemon d;

/* ---- a descriptor that is slow to close ---- */

/* Into a network of our own, with a loopback that is up. */
static bool apart(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CLAIM(!ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
	return true;
}

/* One end; the other stays open, and nobody reads it. */
static int slow_make(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger linger = {1, 3600};
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(at);
	char data[65536] = {0};

	CLAIM(!bind(listener, (struct sockaddr *)&at, sizeof(at)));
	CLAIM(!listen(listener, 1));
	CLAIM(!getsockname(listener, (struct sockaddr *)&at, &len));
	CLAIM(!connect(fd, (struct sockaddr *)&at, sizeof(at)));
	CLAIM(accept(listener, NULL, NULL) >= 0);
	close(listener);
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	CLAIM(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	return fd;
}

/* How many sockets of this network linger: FIN_WAIT1. */
static int lingering(void)
{
	FILE *f = fopen("/proc/thread-self/net/tcp", "r");
	char line[256];
	unsigned int state;
	int n = 0;

	CLAIM(f);
	while (fgets(line, sizeof(line), f))
		n += sscanf(line, " %*d: %*s %*s %x", &state) == 1 &&
		     state == 4;
	fclose(f);
	return n;
}

static void slow_send(int session)
{
	struct nmd_hello hello = raw_hello();
	int fd = slow_make();

	CLAIM(!raw_send(session, &hello, sizeof(hello), &fd, 1));
	close(fd);
}

static void await_lingering(void)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (!lingering()) {
		CLAIM(now_ms() < deadline);
		poll(NULL, 0, 1);
	}
}

/* ---- programs ---- */

static void become(uid_t uid)
{
	if (uid == USER)
		CLAIM(!setgid(uid) && !setuid(uid));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void say(int fd, char c)
{
	CLAIM(write(fd, &c, 1) == 1);
}

static char hear(int fd)
{
	char c;

	CLAIM(read(fd, &c, 1) == 1);
	return c;
}

__attribute__((noreturn)) static void
program_main(uid_t uid, int n, void (*then)(int session), int tell)
{
	int session;

	if (!apart()) {
		say(tell, 's');
		_exit(0);
	}
	become(uid);
	session = raw_connect();
	for (int i = 0; i < n; i++)
		slow_send(session);
	say(tell, 'c');
	if (n)
		await_lingering();
	then(session);
	say(tell, 'r');
	for (;;)
		pause();
}

/* It closes nothing before a program that sends it has done so: who is last
 * lingers. */
static void daemon_stop(void)
{
	int status;

	CLAIM(!kill(d.pid, SIGSTOP));
	CLAIM(waitpid(d.pid, &status, WUNTRACED) == d.pid);
	CLAIM(WIFSTOPPED(status));
}

/* A program of @uid sends @n descriptors on its connection, runs @then when
 * netmapd is closing one, which takes it an hour, and stays until it is killed. */
static pid_t program(uid_t uid, int n, void (*then)(int session))
{
	int ready[2];
	pid_t pid;

	CLAIM(!pipe2(ready, O_CLOEXEC));
	daemon_stop();
	pid = fork();
	CLAIM(pid >= 0);
	if (!pid)
		program_main(uid, n, then, ready[1]);
	close(ready[1]);
	if (hear(ready[0]) == 's') {
		puts("SKIP: no network of our own");
		exit(77);
	}
	CLAIM(!kill(d.pid, SIGCONT));
	CLAIM(hear(ready[0]) == 'r');
	close(ready[0]);
	return pid;
}

static void program_end(pid_t pid)
{
	CLAIM(!kill(pid, SIGKILL));
	CLAIM(waitpid(pid, NULL, 0) == pid);
}

static void disconnect(int session)
{
	close(session);
}

/* ---- claims ---- */

static void connections_end(void)
{
	struct nmd_msg bad = {99, sizeof(bad)};
	pid_t pid = program(getuid(), 1, disconnect);
	struct raw r;

	raw_open(&r);
	CLAIM(!raw_send(r.line, &bad, sizeof(bad), NULL, 0));
	CLAIM(raw_is_closed(r.line));
	CLAIM(!raw_send(r.session, &bad, sizeof(bad), NULL, 0));
	CLAIM(raw_is_closed(r.session));
	raw_close(&r);
	program_end(pid);
}

static void others_go_on(void)
{
	pid_t pid = program(USER, 1, disconnect);
	struct usage before = raw_usage(&d);
	struct raw r;

	for (int i = 0; i < SESSIONS; i++) {
		raw_open(&r);
		raw_close(&r);
	}
	raw_await_usage(&d, &before);
	program_end(pid);
}

/* It is not read any more, and told of its end. */
static void is_refused(int session)
{
	struct nmd_welcome w;

	CLAIM(raw_is_closed(session));
	close(session);
	session = raw_connect();
	CLAIM(raw_refusal(session, &w));
	CLAIM(w.error == EMFILE && strstr(w.sentence, "slow to close"));
	close(session);
}

static void is_served(int session)
{
	struct raw r;

	close(session);
	raw_open(&r);
	raw_close(&r);
}

static void the_user_has_a_limit(void)
{
	struct usage before = raw_usage(&d);

	program_end(program(USER, UNCLOSED + 2, is_refused));
	/* The other ends have gone, and so nothing lingers. */
	raw_await_usage(&d, &before);
	program_end(program(USER, 0, is_served));
}

/* With a thread that is held up. */
static void it_ends(void)
{
	pid_t pid = program(getuid(), 1, disconnect);

	daemon_end(&d);
	program_end(pid);
}

int main(int argc, char **argv)
{
	char option[32];

	CLAIM(argc == 2);
	daemon_init(&d, argv[1]);
	snprintf(option, sizeof(option), "--user-sessions=%d", LIMIT);
	d.option = option;
	daemon_start(&d);
	connections_end();
	if (getuid()) {
		puts("# of users: skipped, for who is not root");
	} else {
		CLAIM(!chmod(d.dir, 0711) && !chmod(d.path, 0666));
		others_go_on();
		the_user_has_a_limit();
	}
	it_ends();
	return 0;
}
