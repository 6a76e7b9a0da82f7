// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kt_net.h"

#define TCP_PORT  700
#define TCP_BYTES 1000000
#define TCP_CHUNK 5000

/* ---- namespaces ---- */

static int own_ns(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	KT_CHECK(fd >= 0);
	return fd;
}

int kt_here(void)
{
	static int here = -1;

	if (here < 0)
		here = own_ns();
	return here;
}

void kt_enter(int ns)
{
	KT_CHECK(setns(ns, CLONE_NEWNET) == 0);
}

int kt_new_ns(void)
{
	int fd, here = kt_here();

	KT_CHECK(unshare(CLONE_NEWNET) == 0);
	fd = own_ns();
	kt_enter(here);
	return fd;
}

/* ---- commands, processes ---- */

pid_t kt_start(int ns, const char *command)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		kt_enter(ns);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	KT_CHECK(pid > 0);
	return pid;
}

void kt_finish(pid_t pid, const char *command)
{
	int status;

	KT_CHECK(waitpid(pid, &status, 0) == pid);
	if (status)
		printf("status %#x: %s\n", (unsigned)status, command);
	KT_CHECK(status == 0);
}

void kt_run(int ns, const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	kt_finish(kt_start(ns, command), command);
}

void kt_end(pid_t pid)
{
	KT_CHECK(kill(pid, SIGKILL) == 0);
	KT_CHECK(waitpid(pid, NULL, 0) == pid);
}

pid_t kt_fork(void (*fn)(void *), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn(arg);
		fflush(stdout);
		_exit(0);
	}
	KT_CHECK(pid > 0);
	return pid;
}

void kt_move(const char *name, int ns)
{
	int ready[2];
	pid_t pid;
	char c;

	/* The system takes a namespace from a process that is in it. */
	KT_CHECK(pipe(ready) == 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		kt_enter(ns);
		KT_CHECK(write(ready[1], "", 1) == 1);
		pause();
		_exit(0);
	}
	KT_CHECK(read(ready[0], &c, 1) == 1);
	kt_run(kt_here(), "ip link set %s netns %d", name, (int)pid);
	kt_end(pid);
	close(ready[0]);
	close(ready[1]);
}

unsigned long kt_received(int ns, const char *name)
{
	unsigned long frames = 0;
	char line[256];
	FILE *f;

	kt_enter(ns);
	f = fopen("/proc/thread-self/net/dev", "r");
	kt_enter(kt_here());
	KT_CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		if (!strcmp(line + strspn(line, " "), name))
			sscanf(colon + 1, "%*u %lu", &frames);
	}
	fclose(f);
	return frames;
}

/* ---- TCP ---- */

static struct sockaddr_in address(const char *ip)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(TCP_PORT)};

	KT_CHECK(inet_pton(AF_INET, ip, &a.sin_addr) == 1);
	return a;
}

/* A socket of @ns that gives up after a while. */
static int tcp_socket(int ns)
{
	struct timeval limit = {.tv_sec = KT_SECONDS};
	int fd;

	kt_enter(ns);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	kt_enter(kt_here());
	KT_CHECK(fd >= 0);
	KT_CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
			    sizeof(limit)) == 0);
	KT_CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
			    sizeof(limit)) == 0);
	return fd;
}

/* What byte @i of the stream is; no power of two repeats it. */
static uint8_t byte_at(size_t i)
{
	return (uint8_t)(i % 251 + i / 65521);
}

static void tcp_send(int fd, size_t bytes)
{
	uint8_t chunk[TCP_CHUNK];

	for (size_t at = 0, n; at < bytes; at += n) {
		n = bytes - at < sizeof(chunk) ? bytes - at : sizeof(chunk);
		for (size_t i = 0; i < n; i++)
			chunk[i] = byte_at(at + i);
		KT_CHECK(send(fd, chunk, n, 0) == (ssize_t)n);
	}
	KT_CHECK(shutdown(fd, SHUT_WR) == 0);
}

static void tcp_receive(int fd, size_t bytes)
{
	uint8_t chunk[TCP_CHUNK];
	size_t at = 0;
	ssize_t n;

	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		for (ssize_t i = 0; i < n; i++)
			KT_CHECK(chunk[i] == byte_at(at++));
	KT_CHECK(n == 0);
	KT_CHECK(at == bytes);
}

/* Both ends send and receive at once. */
static void stream_both_ways(int a, int b, size_t bytes)
{
	int end[] = {a, b}, status;
	pid_t pid[4];

	fflush(stdout);
	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			if (i < 2)
				tcp_send(end[i], bytes);
			else
				tcp_receive(end[i - 2], bytes);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		KT_CHECK(waitpid(pid[i], &status, 0) == pid[i]);
		KT_CHECK(status == 0);
	}
}

void kt_tcp_bytes(int from, int to, const char *ip, size_t bytes)
{
	struct sockaddr_in a = address(ip);
	int server = tcp_socket(to), client = tcp_socket(from), peer, on = 1;

	KT_CHECK(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on,
			    sizeof(on)) == 0);
	KT_CHECK(bind(server, (struct sockaddr *)&a, sizeof(a)) == 0);
	KT_CHECK(listen(server, 1) == 0);
	KT_CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0);
	peer = accept(server, NULL, NULL);
	KT_CHECK(peer >= 0);
	stream_both_ways(client, peer, bytes);
	close(client);
	close(peer);
	close(server);
}

void kt_tcp(int from, int to, const char *ip)
{
	kt_tcp_bytes(from, to, ip, TCP_BYTES);
}
