// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A host stays on the network while a program has its interface: what passes
 * by host rings, moved by the program or forwarded by netmap, are pings and TCP
 * both ways, whatever offloads the peer has.
 *
 *      here                                    there
 *
 *      stack 10.8.0.1                          stack 10.8.0.2
 *        | host rings                            |
 *      program                                   |
 *        | NIC rings                             |
 *      kv0 ----------------- veth ------------- kv1
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
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
	kt_run(there, "echo 1 >/proc/sys/net/ipv6/conf/kv1/disable_ipv6; "
		      "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
}

static void they_talk(void)
{
	static const int size[] = {1, 18, 500, 1472, 4000};

	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++)
		kt_run(kt_here(), "ping -c 1 -W 10 -s %d " THERE " >/dev/null",
		       size[i]);
	kt_run(there, "ping -c 1 -W 10 " HERE " >/dev/null");
	kt_tcp(kt_here(), there, THERE);
	kt_tcp(there, kt_here(), HERE);
}

/* All frames, by parameter fwd or by flags. */
static void forward(void *arg)
{
	bool flags = arg;
	struct kt_rings r;

	kt_rings_open(&r, "kv0",
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	for (unsigned i = 0; flags && i < 2; i++)
		kt_rx(&r, i)->flags |= NR_FORWARD;
	for (;;) {
		struct pollfd p = {.fd = r.fd, .events = POLLIN};

		if (poll(&p, 1, -1) != 1 || p.revents & POLLERR)
			return;
		for (unsigned i = 0; i < 2; i++) {
			struct netmap_ring *x = kt_rx(&r, i);

			while (x->head != x->tail) {
				if (flags)
					x->slot[x->head].flags |= NS_FORWARD;
				x->head = kt_next(x, x->head);
			}
			x->cur = x->head;
		}
	}
}

static void by_forwarding(bool flags)
{
	pid_t pid;

	if (!flags)
		kt_run(kt_here(), "echo 1 >/sys/module/netmap/parameters/fwd");
	pid = kt_fork(forward, flags ? &there : NULL);
	they_talk();
	kt_end(pid);
	kt_run(kt_here(), "echo 0 >/sys/module/netmap/parameters/fwd");
}

static void by_relay(unsigned host_rings)
{
	pid_t pid = kt_relay("kv0", host_rings);

	they_talk();
	kt_end(pid);
}

static void try_kind(enum kt_kind kind)
{
	struct kt_pair pair;

	KT_CHECK(kt_pair_make(&pair, kind));
	connect_namespaces();
	printf("%s: program\n", kt_kind_name[kind]);
	by_relay(1);
	by_relay(3);
	printf("%s: flags\n", kt_kind_name[kind]);
	by_forwarding(true);
	printf("%s: parameter\n", kt_kind_name[kind]);
	by_forwarding(false);
	/* As if nothing had been. */
	printf("%s: no program\n", kt_kind_name[kind]);
	they_talk();
	kt_pair_end(&pair);
	close(there);
}

int main(void)
{
	try_kind(KT_VETH);
	try_kind(KT_VETH_SKB);
	return 0;
}
