// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What hosts send each other by the megabyte, both ways at once, arrives byte for
 * byte while their interfaces are in netmap mode, also both of them, with any
 * driver.
 *
 *      here                                        there
 *
 *      stack 10.8.0.1                              stack 10.8.0.2
 *        | host rings                                | host rings
 *      program, or switch                          program
 *        | NIC rings                                 | NIC rings
 *        a ----- veth, or the hub of an emulator --- b
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kt_nic.h"

#define HERE  "10.8.0.1"
#define THERE "10.8.0.2"

static int there, control;

/* By emulated hardware less, which is slow. */
static const size_t bytes[KT_KINDS] = {
	[KT_VETH] = 4000000,
	[KT_VETH_SKB] = 2000000,
	[KT_VIRTIO] = 1000000,
	[KT_E1000] = 500000,
};

static void they_talk(enum kt_kind kind, const char *how)
{
	printf("%s: %s\n", kt_kind_name[kind], how);
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_tcp_bytes(kt_here(), there, THERE, bytes[kind]);
}

static void connect_namespaces(const struct kt_pair *pair)
{
	there = kt_new_ns();
	kt_move(pair->b, there);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev %s", pair->a);
	kt_run(there,
	       "echo 1 >/proc/sys/net/ipv6/conf/%s/disable_ipv6; "
	       "ip addr add " THERE "/24 dev %s && ip link set %s up",
	       pair->b, pair->b, pair->b);
}

/* kt_relay() for an interface over there. */
static pid_t relay_there(const char *name)
{
	pid_t pid;

	kt_enter(there);
	pid = kt_relay(name, 1);
	kt_enter(kt_here());
	return pid;
}

static void try_kind(enum kt_kind kind)
{
	char name[NETMAP_REQ_IFNAMSIZ];
	struct kt_pair pair;
	pid_t here_pid, there_pid;

	if (!kt_pair_make(&pair, kind))
		return;
	connect_namespaces(&pair);
	here_pid = kt_relay(pair.a, 1);
	there_pid = relay_there(pair.b);
	they_talk(kind, "two programs");
	kt_end(here_pid);
	snprintf(name, sizeof(name), "vale0:%s", pair.a);
	KT_CHECK(kt_attach(control, name, NR_REG_NIC_SW) == 0);
	they_talk(kind, "a switch and a program");
	kt_end(there_pid);
	KT_CHECK(kt_detach(control, name) == 0);
	they_talk(kind, "no program");
	kt_run(there, "ip link set %s netns 1", pair.b);
	kt_pair_end(&pair);
	close(there);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	control = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(control >= 0);
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++)
		try_kind(kind);
	close(control);
	return 0;
}
