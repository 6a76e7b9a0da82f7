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

#include "kt_net.h"

#define ADDR_HERE  "10.7.0.1"
#define ADDR_THERE "10.7.0.2"

static int here, there;

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
	there = kt_new_ns();
	kt_move("v1", there);
	kt_run(there,
	       "ip addr add " ADDR_THERE "/24 dev v1 && ip link set v1 up");
}

static void connect_namespaces(int fd)
{
	attached(fd, "v0");
	attached(fd, "v1");
	v1_goes_there();
	kt_run(here,
	       "ip addr add " ADDR_HERE "/24 dev v0 && ip link set v0 up");
}

static void pings_come_back(void)
{
	static const int size[] = {1, 18, 56, 64, 500, 1471, 1472, 4000};

	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		kt_run(here, "ping -c 1 -W 5 -s %d " ADDR_THERE, size[i]);
		kt_run(there, "ping -c 1 -W 5 -s %d " ADDR_HERE, size[i]);
	}
}

static const char server[] = "exec iperf3 -s -1";

static pid_t server_start(void)
{
	pid_t pid = kt_start(there, server);

	kt_run(there, "for i in $(seq 1000); do netstat -ltn | "
		      "grep -q :5201 && exit; usleep 10000; done; false");
	return pid;
}

/* As people measure it, up and down. */
static void iperf3_runs(void)
{
	for (int down = 0; down < 2; down++) {
		pid_t pid = server_start();

		kt_run(here, "iperf3 -t 1 -c " ADDR_THERE " %s",
		       down ? "-R" : "");
		kt_finish(pid, server);
	}
}

/* ---- ends ---- */

/* Interface and port went, or go soon: others may have the name. */
static void name_becomes_free(int fd, const char *name)
{
	time_t deadline = time(NULL) + KT_SECONDS;

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
	kt_run(there, "ip link show v1");
	KT_CHECK(kt_delif(fd, "v1") == 0);
	KT_CHECK(kt_delif(fd, "v0") == 0);
	kt_run(there, "! ip link show v1");
	kt_run(here, "! ip link show v0");
	close(there);
}

static void traffic_flows(void)
{
	unsigned long before = kt_received(there, "v1");
	time_t deadline = time(NULL) + KT_SECONDS;

	while (kt_received(there, "v1") < before + 10000) {
		KT_CHECK(time(NULL) < deadline);
		usleep(1000);
	}
}

/* Amid traffic the interface of v0 is deleted, of v1 the namespace. */
static void others_end_them(int fd)
{
	pid_t receiver = server_start(), sender;

	/* a socket that cannot say goodbye keeps its namespace so long */
	kt_run(there, "echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries");
	sender = kt_start(here, "exec iperf3 -t 100 --bidir -c " ADDR_THERE);
	traffic_flows();
	kt_run(here, "ip link del v0");
	name_becomes_free(fd, "v0");
	KT_FAILS(kt_detach(fd, "vale0:v0"), ENXIO);
	close(there);
	kt_end(sender);
	kt_end(receiver);
	name_becomes_free(fd, "v1");
	KT_FAILS(kt_detach(fd, "vale0:v1"), ENXIO);
}

/* A namespace ends with ports, a switch, and an interface of it elsewhere. */
static void all_of_a_namespace_ends(void)
{
	int keep = kt_new_ns(), fd;

	kt_enter(keep);
	fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);
	KT_CHECK(fd >= 0);
	attached(fd, "w0");
	attached(fd, "w1");
	kt_run(keep, "ip link set w0 up && ip link set w1 netns 1");
	kt_run(here, "ip link set w1 up");
	close(fd);
	kt_enter(here);
	close(keep);
	for (time_t end = time(NULL) + KT_SECONDS;
	     !system("ip link show w1 >/dev/null 2>&1");) {
		KT_CHECK(time(NULL) < end);
		usleep(10000);
	}
}

int main(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);

	here = kt_here();
	KT_CHECK(fd >= 0);
	connect_namespaces(fd);
	pings_come_back();
	kt_tcp(here, there, ADDR_THERE);
	kt_tcp(there, here, ADDR_HERE);
	iperf3_runs();
	requests_end_them(fd);
	connect_namespaces(fd);
	pings_come_back();
	others_end_them(fd);
	all_of_a_namespace_ends();
	close(fd);
	return 0;
}
