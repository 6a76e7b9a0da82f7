// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A switch with interfaces of the system on it carries their hosts' traffic:
 * pings and TCP, woken by interrupts or in polling mode; who detaches, deletes
 * the interface or unloads all this finds it as before.
 *
 *      here                                        there
 *
 *      stack 10.8.0.1     vale0:k (a program)      stack 10.8.0.2
 *        |                   |                       |
 *      vale0:kv0^ ------- switch ----- vale0:kv0     |
 *                                        |           |
 *                                       kv0 ------- kv1
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt_nic.h"

#define HERE  "10.8.0.1"
#define THERE "10.8.0.2"

static int there, control;

static int polling(uint16_t type, const char *name)
{
	struct nmreq_vale_polling body = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_first_cpu_id = 0,
		.nr_num_polling_cpus = 1,
	};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_body = (uintptr_t)&body};

	strcpy(h.nr_name, name);
	return ioctl(control, NIOCCTRL, &h);
}

static void they_talk(void)
{
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_run(there, "ping -c 1 -W 10 -s 4000 " HERE " >/dev/null");
	kt_tcp(kt_here(), there, THERE);
	kt_tcp(there, kt_here(), HERE);
}

static void connect_namespaces(void)
{
	there = kt_new_ns();
	kt_move("kv1", there);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev kv0");
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
}

static void try_kind(enum kt_kind kind)
{
	struct kt_pair pair;
	struct kt_port p;

	KT_CHECK(kt_pair_make(&pair, kind));
	connect_namespaces();
	KT_CHECK(kt_attach(control, "vale0:kv0", NR_REG_NIC_SW) == 0);
	KT_FAILS(kt_attach(control, "vale0:kv0", NR_REG_NIC_SW), EBUSY);
	printf("%s: attached\n", kt_kind_name[kind]);
	they_talk();
	kt_open(&p, "vale0:k");
	they_talk();
	kt_close(&p);
	printf("%s: polled\n", kt_kind_name[kind]);
	KT_CHECK(polling(NETMAP_REQ_VALE_POLLING_ENABLE, "vale0:kv0") == 0);
	they_talk();
	KT_CHECK(polling(NETMAP_REQ_VALE_POLLING_DISABLE, "vale0:kv0") == 0);
	they_talk();
	printf("%s: detached\n", kt_kind_name[kind]);
	KT_CHECK(kt_detach(control, "vale0:kv0") == 0);
	they_talk();
	KT_CHECK(kt_attach(control, "vale0:kv0", NR_REG_ALL_NIC) == 0);
	kt_run(kt_here(), "ip link del kv0");
	KT_FAILS(kt_detach(control, "vale0:kv0"), ENXIO);
	kt_run(kt_here(), "echo 0 >/sys/module/netmap/parameters/admode");
	close(there);
}

/* Stays attached: the module ends it. */
static void left_behind(void)
{
	struct kt_pair pair;

	KT_CHECK(kt_pair_make(&pair, KT_VETH));
	connect_namespaces();
	KT_CHECK(kt_attach(control, "vale0:kv0", NR_REG_NIC_SW) == 0);
	close(control);
	KT_CHECK(kt_rmmod("netmap") == 0);
	they_talk();
	kt_run(kt_here(), "ip link del kv0 && insmod /netmap.ko");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	control = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(control >= 0);
	try_kind(KT_VETH);
	try_kind(KT_VETH_SKB);
	left_behind();
	return 0;
}
