// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * However an interface on a switch ends, in the middle of traffic from both of
 * its sides, the switch goes on and everything else is as before: it is deleted,
 * by either end of the pair; the namespace with switch and interface ends; the
 * module is unloaded, which attachments alone do not prevent, but programs do.
 *
 *      here (or a namespace)                      there
 *
 *      vale0:k <-- a flood
 *         |
 *      vale0:  ---- vale0:kv0, vale0:kv0^ -- kv0 === kv1 <-- ping, a flood
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
static int ns = -1; /* the one that is to end */

/* As fast as it can, to everybody, on @name. Until it is killed. */
struct flood {
	int in;
	const char *name;
	int ready[2];
};

static void flood(void *arg)
{
	struct flood *f = arg;
	struct kt_port p;

	kt_enter(f->in);
	close(there); /* they shall not end with us */
	close(ns);
	kt_open(&p, f->name);
	for (unsigned n = 0;; n++) {
		struct pollfd w = {.fd = p.fd, .events = POLLOUT};
		struct netmap_ring *r = p.tx;

		if (n == 3)
			KT_CHECK(write(f->ready[1], "", 1) == 1);
		if (poll(&w, 1, -1) != 1 || w.revents & POLLERR)
			return;
		for (; r->head != r->tail; r->head = kt_next(r, r->head)) {
			uint8_t *b = kt_buffer(r, r->slot[r->head].buf_idx);

			memset(b, 0xff, 6);
			memset(b + 6, 2, 54);
			r->slot[r->head].len = 60;
		}
		r->cur = r->head;
	}
}

static pid_t flood_start(int in, const char *name)
{
	struct flood f = {.in = in, .name = name};
	pid_t pid;
	char c;

	KT_CHECK(pipe(f.ready) == 0);
	pid = kt_fork(flood, &f);
	close(f.ready[1]);
	KT_CHECK(read(f.ready[0], &c, 1) == 1);
	close(f.ready[0]);
	return pid;
}

/* The pair, kv1 over there. */
static void setup(enum kt_kind kind, int in)
{
	struct kt_pair pair;

	KT_CHECK(kt_pair_make(&pair, kind));
	there = kt_new_ns();
	kt_move("kv1", there);
	if (in != kt_here())
		kt_move("kv0", in);
	kt_run(in, "ip addr add " HERE "/24 dev kv0 && ip link set kv0 up");
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
}

/* And frames pass. */
static void attach(int in)
{
	int fd;

	kt_enter(in);
	fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(fd >= 0);
	KT_CHECK(kt_attach(fd, "vale0:kv0", NR_REG_NIC_SW) == 0);
	close(fd);
	kt_enter(kt_here());
	kt_run(there, "ping -c 1 -W 10 " HERE " >/dev/null");
}

static bool is_gone(int in, const char *name)
{
	char command[64];

	snprintf(command, sizeof(command), "ip link show %s >/dev/null 2>&1",
		 name);
	for (time_t end = time(NULL) + KT_SECONDS; time(NULL) < end;
	     usleep(10000)) {
		int status;

		waitpid(kt_start(in, command), &status, 0);
		if (status)
			return true;
	}
	return false;
}

/* Two ports on the switch talk. */
static void switch_goes_on(void)
{
	struct kt_port a, b;

	kt_open(&a, "vale0:a");
	kt_open(&b, "vale0:b");
	KT_CHECK(ioctl(b.fd, NIOCRXSYNC) == 0);
	b.rx->head = b.rx->cur = b.rx->tail;
	KT_CHECK(ioctl(b.fd, NIOCRXSYNC) == 0);
	kt_send(&a, 5);
	KT_CHECK(kt_receive(&b) >= 0);
	kt_close(&a);
	kt_close(&b);
}

static void deleted(enum kt_kind kind)
{
	for (int peer = 0; peer < 2; peer++) {
		pid_t pid[2];

		setup(kind, kt_here());
		attach(kt_here());
		pid[0] = flood_start(kt_here(), "vale0:k");
		pid[1] = flood_start(there, "kv1");
		if (peer)
			kt_run(there, "ip link del kv1");
		else
			kt_run(kt_here(), "ip link del kv0");
		KT_CHECK(is_gone(kt_here(), "kv0"));
		KT_CHECK(is_gone(there, "kv1"));
		/* Its port has ended; the switch's has not. */
		KT_CHECK(waitpid(pid[1], NULL, 0) == pid[1]);
		switch_goes_on();
		kt_end(pid[0]);
		close(there);
	}
}

/* Nobody is in the namespace but the traffic of the peer's. */
static void namespace_ends(enum kt_kind kind)
{
	int status;
	pid_t pid;

	ns = kt_new_ns();
	setup(kind, ns);
	attach(ns);
	pid = flood_start(there, "kv1");
	close(ns);
	ns = -1;
	KT_CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	KT_CHECK(is_gone(there, "kv1"));
	close(there);
}

static void unloaded(enum kt_kind kind)
{
	char before[512], after[512];
	pid_t pid, ping;

	setup(kind, kt_here());
	kt_look("kv0", before, sizeof(before));
	attach(kt_here());
	ping = kt_start(there, "exec ping -q -A " HERE " >/dev/null");
	pid = flood_start(kt_here(), "vale0:k");
	KT_FAILS(kt_rmmod("netmap"), EAGAIN);
	kt_end(pid);
	KT_CHECK(kt_rmmod("netmap") == 0);
	kt_look("kv0", after, sizeof(after));
	KT_CHECK(!strcmp(before, after));
	/* Its many requests would fill the socket of a ping from here. */
	kt_end(ping);
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_tcp(there, kt_here(), HERE);
	kt_run(kt_here(), "ip link del kv0 && insmod /netmap.ko");
	close(there);
}

int main(void)
{
	static const enum kt_kind kinds[] = {KT_VETH, KT_VETH_SKB};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < 2; i++) {
		printf("%s\n", kt_kind_name[kinds[i]]);
		deleted(kinds[i]);
		puts("deleted");
		namespace_ends(kinds[i]);
		puts("ended");
		unloaded(kinds[i]);
		puts("unloaded");
	}
	return 0;
}
