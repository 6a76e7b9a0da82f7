// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * VLAN interfaces on top of an interface go on while a program has that: what
 * they send has its tags in the program's rings, and what the program passes up
 * comes to them, whatever the peer offers of tags and checksums to be left to
 * the device, also if it is told to offer checksums meanwhile.
 *
 *      here                                    there
 *
 *      kt5 10.8.5.1, kt7 10.8.7.1 (QinQ)       kt5 10.8.5.2, kt7 10.8.7.2
 *        | kv0: host rings                       |
 *      program                                   |
 *        | kv0: NIC rings                        |
 *      kv0 ----------------- veth ------------- kv1
 */
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kt_nic.h"

static int there;

/* VLAN 5, and VLAN 7 in the provider's VLAN 6, whose second tag is at the cost of
 * the MTU; @host ends their addresses. */
static void make_vlans(int ns, const char *under, int host)
{
	kt_run(ns,
	       "ip link set %s up; echo 1 "
	       ">/proc/sys/net/ipv6/conf/%s/disable_ipv6; "
	       "ip link add link %s name kt5 type vlan id 5 && "
	       "ip link add link %s name kt6 type vlan protocol 802.1ad id 6 "
	       "&& "
	       "ip link set kt5 up; ip link set kt6 up && "
	       "ip link add link kt6 name kt7 type vlan id 7 && "
	       "ip link set kt7 mtu 1496 up && ip addr add 10.8.5.%d/24 dev "
	       "kt5 && "
	       "ip addr add 10.8.7.%d/24 dev kt7",
	       under, under, under, under, host, host);
}

static void they_talk(void)
{
	kt_run(kt_here(), "ping -c 1 -W 10 -s 1400 10.8.5.2 >/dev/null");
	kt_run(there, "ping -c 1 -W 10 -s 4000 10.8.5.1 >/dev/null");
	kt_tcp(kt_here(), there, "10.8.5.2");
	kt_run(kt_here(), "ping -c 1 -W 10 -s 4000 10.8.7.2 >/dev/null");
	kt_tcp(there, kt_here(), "10.8.7.1");
}

/* The offloads of an interface. */
struct offloads {
	struct ethtool_gfeatures head;
	struct ethtool_get_features_block block[2];
};

static struct offloads offloads_of(int ns, const char *name)
{
	struct offloads o = {.head = {.cmd = ETHTOOL_GFEATURES, .size = 2}};
	struct ifreq r = {.ifr_data = (void *)&o};
	int s;

	kt_enter(ns);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	kt_enter(kt_here());
	strcpy(r.ifr_name, name);
	KT_CHECK(ioctl(s, SIOCETHTOOL, &r) == 0);
	close(s);
	return o;
}

/* As by ethtool -K @name tx on. */
static void leave_checksums(int ns, const char *name)
{
	struct ethtool_value on = {.cmd = ETHTOOL_STXCSUM, .data = 1};
	struct ifreq r = {.ifr_data = (void *)&on};
	int s;

	kt_enter(ns);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	kt_enter(kt_here());
	strcpy(r.ifr_name, name);
	KT_CHECK(ioctl(s, SIOCETHTOOL, &r) == 0);
	close(s);
}

/* A ping's request comes with these types, one after the other. */
static void tags_are(struct kt_port *p, int ns, const char *ip,
		     const uint8_t *types, unsigned n)
{
	char command[128];
	uint8_t f[2048];
	pid_t ping;

	snprintf(command, sizeof(command), "exec ping -c 3 -W 1 %s >/dev/null",
		 ip);
	ping = kt_start(ns, command);
	do
		kt_take_next(p->fd, p->rx, f, sizeof(f));
	while (memcmp(f + 12, types, n));
	kt_end(ping);
}

static void try_kind(enum kt_kind kind)
{
	static const uint8_t one[] = {0x81, 0, 0, 5, 8, 6};
	static const uint8_t two[] = {0x88, 0xa8, 0, 6, 0x81, 0, 0, 7, 8, 6};
	struct offloads before[2], after;
	struct kt_pair pair;
	struct kt_port p;
	pid_t pid;

	KT_CHECK(kt_pair_make(&pair, kind));
	there = kt_new_ns();
	kt_move("kv1", there);
	make_vlans(there, "kv1", 2);
	before[0] = offloads_of(kt_here(), "kv0");
	before[1] = offloads_of(there, "kv1");

	printf("%s: tags\n", kt_kind_name[kind]);
	kt_open(&p, "kv0");
	kt_mode_is("kv0", kind);
	tags_are(&p, there, "10.8.5.1", one, sizeof(one));
	tags_are(&p, there, "10.8.7.1", two, sizeof(two));
	kt_close(&p);

	printf("%s: program\n", kt_kind_name[kind]);
	make_vlans(kt_here(), "kv0", 1);
	pid = kt_relay("kv0", 1);
	they_talk();
	printf("%s: the peer leaves checksums to its device\n",
	       kt_kind_name[kind]);
	leave_checksums(there, "kv1");
	they_talk();
	kt_end(pid);
	printf("%s: no program\n", kt_kind_name[kind]);
	they_talk();
	after = offloads_of(kt_here(), "kv0");
	KT_CHECK(!memcmp(&before[0], &after, sizeof(after)));
	after = offloads_of(there, "kv1");
	KT_CHECK(!memcmp(&before[1], &after, sizeof(after)));
	kt_pair_end(&pair);
	close(there);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_kind(KT_VETH);
	try_kind(KT_VETH_SKB);
	return 0;
}
