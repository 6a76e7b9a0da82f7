// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Two network namespaces talk through a switch: ping of several sizes, TCP both
 * ways, iperf3. Whoever ends an interface, or the namespace it is in, takes its port
 * off the switch.
 *
 *      here                                  there
 *
 *      v0  10.7.0.1                          v1  10.7.0.2
 *       |                                     |
 *      host rings of port v0                 host rings of port v1
 *       |                                     |
 *      vale0:v0^ -------- switch vale0 ------ vale0:v1^
 *
 * Both ports are made here; the interface v1 moves, its port stays.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kt.h"

#define SECONDS	   20
#define TCP_PORT   700
#define TCP_BYTES  1000000
#define TCP_CHUNK  5000
#define ADDR_HERE  "10.7.0.1"
#define ADDR_THERE "10.7.0.2"

/* Descriptors of the namespaces; the process is here, but where it says. */
static int here, there;

static void enter(int ns)
{
	KT_CHECK(setns(ns, CLONE_NEWNET) == 0);
}

/* A new namespace, that @keep alone keeps; the process is in it. */
static void enter_new(int *keep)
{
	KT_CHECK(unshare(CLONE_NEWNET) == 0);
	*keep = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	KT_CHECK(*keep >= 0);
}

/* Starts a command of the shell in @ns. */
static pid_t start(int ns, const char *command)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		enter(ns);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	KT_CHECK(pid > 0);
	return pid;
}

/* What was started succeeds. */
static void finish(pid_t pid, const char *command)
{
	int status;

	KT_CHECK(waitpid(pid, &status, 0) == pid);
	if (status)
		printf("status %#x: %s\n", (unsigned)status, command);
	KT_CHECK(status == 0);
}

static void run(int ns, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The command of the shell succeeds in @ns. */
static void run(int ns, const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	finish(start(ns, command), command);
}

/* Port @name, its host's side on vale0. */
static void attached(int fd, const char *name)
{
	char full[32];

	snprintf(full, sizeof(full), "vale0:%s", name);
	KT_CHECK(kt_newif(fd, name) == 0);
	KT_CHECK(kt_attach(fd, full, NR_REG_NIC_SW) == 0);
}

/* Interface v1 moves to a new namespace. */
static void v1_goes_there(void)
{
	enter_new(&there);
	run(here, "ip link set v1 netns %d", (int)getpid());
	run(there, "ip addr add " ADDR_THERE "/24 dev v1 && ip link set v1 up");
	enter(here);
}

static void connect_namespaces(int fd)
{
	attached(fd, "v0");
	attached(fd, "v1");
	v1_goes_there();
	run(here, "ip addr add " ADDR_HERE "/24 dev v0 && ip link set v0 up");
}

static void pings_come_back(void)
{
	static const int size[] = {1, 18, 56, 64, 500, 1471, 1472, 4000};

	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		run(here, "ping -c 1 -W 5 -s %d " ADDR_THERE, size[i]);
		run(there, "ping -c 1 -W 5 -s %d " ADDR_HERE, size[i]);
	}
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
	struct timeval limit = {.tv_sec = SECONDS};
	int fd;

	enter(ns);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	enter(here);
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

static void tcp_send(int fd)
{
	uint8_t chunk[TCP_CHUNK];

	for (size_t at = 0; at < TCP_BYTES; at += sizeof(chunk)) {
		for (size_t i = 0; i < sizeof(chunk); i++)
			chunk[i] = byte_at(at + i);
		KT_CHECK(send(fd, chunk, sizeof(chunk), 0) == sizeof(chunk));
	}
	KT_CHECK(shutdown(fd, SHUT_WR) == 0);
}

static void tcp_receive(int fd)
{
	uint8_t chunk[TCP_CHUNK];
	size_t at = 0;
	ssize_t n;

	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		for (ssize_t i = 0; i < n; i++)
			KT_CHECK(chunk[i] == byte_at(at++));
	KT_CHECK(n == 0);
	KT_CHECK(at == TCP_BYTES);
}

/* Both ends send at once, and receive. */
static void stream_both_ways(int a, int b)
{
	int end[] = {a, b}, status;
	pid_t pid[2];

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			tcp_send(end[i]);
			_exit(0);
		}
	}
	tcp_receive(b);
	tcp_receive(a);
	for (int i = 0; i < 2; i++) {
		KT_CHECK(waitpid(pid[i], &status, 0) == pid[i]);
		KT_CHECK(status == 0);
	}
}

/* The client is in @from, the server, @ip, in @to. */
static void tcp_carries(int from, int to, const char *ip)
{
	struct sockaddr_in a = address(ip);
	int server = tcp_socket(to), client = tcp_socket(from), peer;

	KT_CHECK(bind(server, (struct sockaddr *)&a, sizeof(a)) == 0);
	KT_CHECK(listen(server, 1) == 0);
	KT_CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0);
	peer = accept(server, NULL, NULL);
	KT_CHECK(peer >= 0);
	stream_both_ways(client, peer);
	close(client);
	close(peer);
	close(server);
}

static const char server[] = "exec iperf3 -s -1";

static pid_t server_start(void)
{
	pid_t pid = start(there, server);

	run(there, "for i in $(seq 1000); do netstat -ltn | "
		   "grep -q :5201 && exit; usleep 10000; done; false");
	return pid;
}

/* As people measure it, up and down. */
static void iperf3_runs(void)
{
	for (int down = 0; down < 2; down++) {
		pid_t pid = server_start();

		run(here, "iperf3 -t 1 -c " ADDR_THERE " %s", down ? "-R" : "");
		finish(pid, server);
	}
}

/* ---- ends ---- */

/* Interface and port went, or go soon: others may have the name. */
static void name_becomes_free(int fd, const char *name)
{
	time_t deadline = time(NULL) + SECONDS;

	while (kt_newif(fd, name)) {
		KT_CHECK(errno == EEXIST && time(NULL) < deadline);
		usleep(10000);
	}
	KT_CHECK(kt_delif(fd, name) == 0);
}

static void requests_end_them(int fd)
{
	KT_FAILS(kt_delif(fd, "v1"), EBUSY);
	KT_CHECK(kt_detach(fd, "vale0:v1") == 0);
	KT_CHECK(kt_detach(fd, "vale0:v0") == 0);
	run(there, "ip link show v1");
	KT_CHECK(kt_delif(fd, "v1") == 0);
	KT_CHECK(kt_delif(fd, "v0") == 0);
	run(there, "! ip link show v1");
	run(here, "! ip link show v0");
	close(there);
}

/* Frames that the interface @name of @ns has received. */
static unsigned long received(int ns, const char *name)
{
	unsigned long frames = 0;
	char line[256];
	FILE *f;

	enter(ns);
	f = fopen("/proc/thread-self/net/dev", "r");
	enter(here);
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

static void traffic_flows(void)
{
	unsigned long before = received(there, "v1");
	time_t deadline = time(NULL) + SECONDS;

	while (received(there, "v1") < before + 10000) {
		KT_CHECK(time(NULL) < deadline);
		usleep(1000);
	}
}

static void end(pid_t pid)
{
	KT_CHECK(kill(pid, SIGKILL) == 0);
	KT_CHECK(waitpid(pid, NULL, 0) == pid);
}

/* Amid traffic the interface of v0 is deleted, of v1 the namespace. */
static void others_end_them(int fd)
{
	pid_t receiver = server_start(), sender;

	/* a socket that cannot say goodbye keeps its namespace so long */
	run(there, "echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries");
	sender = start(here, "exec iperf3 -t 100 --bidir -c " ADDR_THERE);
	traffic_flows();
	run(here, "ip link del v0");
	name_becomes_free(fd, "v0");
	KT_FAILS(kt_detach(fd, "vale0:v0"), ENXIO);
	close(there);
	end(sender);
	end(receiver);
	name_becomes_free(fd, "v1");
	KT_FAILS(kt_detach(fd, "vale0:v1"), ENXIO);
}

/* A namespace ends with ports, a switch, and an interface of it elsewhere. */
static void all_of_a_namespace_ends(void)
{
	int keep, fd;

	enter_new(&keep);
	fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);
	KT_CHECK(fd >= 0);
	attached(fd, "w0");
	attached(fd, "w1");
	run(keep, "ip link set w0 up && ip link set w1 netns 1");
	run(here, "ip link set w1 up");
	close(fd);
	enter(here);
	close(keep);
	for (time_t end = time(NULL) + SECONDS;
	     !system("ip link show w1 >/dev/null 2>&1");) {
		KT_CHECK(time(NULL) < end);
		usleep(10000);
	}
}

int main(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);

	here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	KT_CHECK(fd >= 0 && here >= 0);
	connect_namespaces(fd);
	pings_come_back();
	tcp_carries(here, there, ADDR_THERE);
	tcp_carries(there, here, ADDR_HERE);
	iperf3_runs();
	requests_end_them(fd);
	connect_namespaces(fd);
	pings_come_back();
	others_end_them(fd);
	all_of_a_namespace_ends();
	close(fd);
	return 0;
}
