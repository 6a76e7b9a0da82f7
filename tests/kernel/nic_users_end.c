// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * However the use of an interface ends, in the middle of traffic, the interface
 * is as before. And however the interface ends, its port does: it is deleted,
 * moved to another namespace, or in one that ends. The module stays while it is
 * used.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kt_nic.h"

#define HERE  "10.8.0.1"
#define THERE "10.8.0.2"

static int there;

static void connect_namespaces(void)
{
	there = kt_new_ns();
	kt_move("kv1", there);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev kv0");
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
}

/* A child sends frames of its own and relays, until it is killed. */
static void flood(void *arg)
{
	struct kt_port p;
	int *ready = arg;

	close(there); /* it shall not end with us */
	kt_open(&p, "kv0");
	for (unsigned n = 0;; n++) {
		struct pollfd f = {.fd = p.fd, .events = POLLOUT};
		struct netmap_ring *r = p.tx;

		if (n == 3)
			KT_CHECK(write(ready[1], "", 1) == 1);
		if (poll(&f, 1, -1) != 1 || f.revents & POLLERR)
			break;
		for (; r->head != r->tail; r->head = kt_next(r, r->head)) {
			memset(kt_buffer(r, r->slot[r->head].buf_idx), 0xff,
			       60);
			r->slot[r->head].len = 60;
		}
		r->cur = r->head;
	}
	/* The interface is gone; the memory is not. */
	KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == -1 && errno == EIO);
	KT_CHECK(ioctl(p.fd, NIOCRXSYNC) == -1 && errno == EIO);
	p.tx->slot[0].len = 61;
	kt_close(&p);
}

/* A flood of kv0, on its way. */
static pid_t flood_start(void)
{
	int ready[2];
	pid_t pid;
	char c;

	KT_CHECK(pipe(ready) == 0);
	pid = kt_fork(flood, ready);
	close(ready[1]);
	KT_CHECK(read(ready[0], &c, 1) == 1);
	close(ready[0]);
	return pid;
}

static void killed_in_traffic(enum kt_kind kind)
{
	char before[512], after[512];
	struct kt_pair pair;

	KT_CHECK(kt_pair_make(&pair, kind));
	connect_namespaces();
	kt_look("kv0", before, sizeof(before));
	for (unsigned i = 0; i < 5; i++) {
		pid_t pid = i & 1 ? kt_relay("kv0", 2) : flood_start();
		pid_t ping = kt_start(there, "exec ping -q -A -c 100 " HERE
					     " >/dev/null");

		KT_FAILS(kt_rmmod("netmap"), EAGAIN);
		kt_end(pid);
		kill(ping, SIGKILL);
		waitpid(ping, NULL, 0);
		kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	}
	kt_look("kv0", after, sizeof(after));
	KT_CHECK(!strcmp(before, after));
	kt_tcp(there, kt_here(), HERE);
	kt_pair_end(&pair);
	close(there);
}

/* The port's program sees the end, and ends well. */
static void ended(pid_t pid)
{
	int status;

	KT_CHECK(waitpid(pid, &status, 0) == pid);
	KT_CHECK(status == 0);
}

static void deleted_in_traffic(enum kt_kind kind)
{
	struct kt_pair pair;
	pid_t pid;

	KT_CHECK(kt_pair_make(&pair, kind));
	pid = flood_start();
	kt_run(kt_here(), "ip link del kv0");
	ended(pid);

	KT_CHECK(kt_pair_make(&pair, kind));
	pid = flood_start();
	kt_run(kt_here(), "ip link del kv1");
	ended(pid);
}

/* kv0 moves away, open: the port loses it, and it works over there. */
static void moved_in_traffic(enum kt_kind kind)
{
	struct kt_pair pair;
	pid_t pid;

	KT_CHECK(kt_pair_make(&pair, kind));
	there = kt_new_ns();
	pid = flood_start();
	kt_move("kv0", there);
	ended(pid);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev kv1");
	kt_run(there, "ip addr add " THERE "/24 dev kv0 && ip link set kv0 up");
	kt_run(there, "ping -c 1 -W 10 " HERE " >/dev/null");

	/* And ends with that namespace. */
	close(there);
	for (time_t end = time(NULL) + KT_SECONDS;
	     !system("ip link show kv1 >/dev/null 2>&1"); usleep(10000))
		KT_CHECK(time(NULL) < end);
	kt_run(kt_here(), "echo 0 >/sys/module/netmap/parameters/admode");
}

/* The peer's namespace ends, and with it the pair. */
static void namespace_ends_in_traffic(enum kt_kind kind)
{
	struct kt_pair pair;
	pid_t pid;

	KT_CHECK(kt_pair_make(&pair, kind));
	connect_namespaces();
	pid = flood_start();
	close(there);
	ended(pid);
	kt_run(kt_here(), "echo 0 >/sys/module/netmap/parameters/admode");
}

int main(void)
{
	static const struct {
		const char *claim;
		void (*try)(enum kt_kind kind);
	} ends[] = {
		{"killed", killed_in_traffic},
		{"deleted", deleted_in_traffic},
		{"moved", moved_in_traffic},
		{"namespace ended", namespace_ends_in_traffic},
	};
	static const enum kt_kind kinds[] = {KT_VETH, KT_VETH_SKB};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < sizeof(ends) / sizeof(*ends); k++) {
			printf("%s: %s\n", kt_kind_name[kinds[i]],
			       ends[k].claim);
			ends[k].try(kinds[i]);
		}
	}
	return 0;
}
