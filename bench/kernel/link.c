// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Peers made of network devices, in the guest's own namespace:
 *
 *   peer.afpacket   socket -> veth bv0 === veth bv1 -> socket
 *   peer.tap        socket -> bt0 -> its descriptor
 *   peer.bridge     descriptor of bb1 -> bridge bb0 -> descriptor of bb2
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "batch.h"
#include "link.h"

static struct batch veth, tap;
static int tap_fd, bridge_in, bridge_out;

/* Calls the ioctl for interface @name; 0, or -1 and errno. */
static int if_ioctl(unsigned long request, const char *name, struct ifreq *ifr)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), r, e;

	if (s < 0)
		return -1;
	strcpy(ifr->ifr_name, name);
	r = ioctl(s, request, ifr);
	e = errno;
	close(s);
	errno = e;
	return r;
}

int link_up(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_UP | IFF_PROMISC};

	return if_ioctl(SIOCSIFFLAGS, name, &ifr);
}

struct link_request {
	struct nlmsghdr h;
	struct ifinfomsg info;
	char attrs[256];
};

static struct rtattr *attr_begin(struct link_request *r, unsigned short type,
				 const void *data, size_t len)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void attr_end(struct link_request *r, struct rtattr *a)
{
	a->rta_len = (unsigned short)((char *)r + r->h.nlmsg_len - (char *)a);
}

/* Sends @r to the kernel and takes its answer. */
static int netlink_call(struct link_request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[512];
	} answer;
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (s < 0)
		return -1;
	if (send(s, r, r->h.nlmsg_len, 0) < 0 ||
	    recv(s, &answer, sizeof(answer), 0) < 0) {
		close(s);
		return -1;
	}
	close(s);
	errno = -answer.e.error;
	return answer.e.error ? -1 : 0;
}

int make_veth(const char *name, const char *peer)
{
	struct link_request r = {
		.h = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		      .nlmsg_type = RTM_NEWLINK,
		      .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL |
				     NLM_F_ACK}};
	struct ifinfomsg none = {0};
	struct rtattr *info, *data, *other;

	attr_begin(&r, IFLA_IFNAME, name, strlen(name) + 1);
	info = attr_begin(&r, IFLA_LINKINFO, NULL, 0);
	attr_begin(&r, IFLA_INFO_KIND, "veth", 4);
	data = attr_begin(&r, IFLA_INFO_DATA, NULL, 0);
	other = attr_begin(&r, VETH_INFO_PEER, &none, sizeof(none));
	attr_begin(&r, IFLA_IFNAME, peer, strlen(peer) + 1);
	attr_end(&r, other);
	attr_end(&r, data);
	attr_end(&r, info);
	return netlink_call(&r);
}

static int load_dropper(void)
{
	const struct bpf_insn text[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)text,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL",
	};

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int drop_all(const char *name)
{
	struct link_request r = {
		.h = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		      .nlmsg_type = RTM_SETLINK,
		      .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.info.ifi_index = (int)if_nametoindex(name)};
	uint32_t flags = XDP_FLAGS_DRV_MODE;
	int fd = load_dropper(), err;
	struct rtattr *xdp;

	if (fd < 0)
		return -1;
	xdp = attr_begin(&r, IFLA_XDP | NLA_F_NESTED, NULL, 0);
	attr_begin(&r, IFLA_XDP_FD, &fd, sizeof(fd));
	attr_begin(&r, IFLA_XDP_FLAGS, &flags, sizeof(flags));
	attr_end(&r, xdp);
	err = netlink_call(&r);
	close(fd);
	return err;
}

/* A raw socket on @name; @type 0 hears nothing. -1 and errno. */
static int packet_socket(const char *name, int type)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET,
				.sll_protocol = htons((unsigned short)type),
				.sll_ifindex = (int)if_nametoindex(name)};
	int on = 1, s = socket(AF_PACKET, SOCK_RAW, 0);

	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)))
		return -1;
	if (!type &&
	    setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return -1;
	return s;
}

/* A tap device that is up; returns its descriptor, or -1 and errno. */
static int make_tap(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (fd < 0)
		return -1;
	strcpy(ifr.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &ifr) || link_up(name))
		return -1;
	return fd;
}

static int setup_afpacket(const struct bench_row *row)
{
	int tx, rx;

	(void)row;
	if (make_veth("bv0", "bv1") || link_up("bv0") || link_up("bv1"))
		return -1;
	tx = packet_socket("bv0", 0);
	rx = packet_socket("bv1", 0x0003); /* every protocol */
	if (tx < 0 || rx < 0)
		return -1;
	batch_init(&veth, tx, rx);
	return 0;
}

static unsigned int run_afpacket(const struct bench_row *row, unsigned int n)
{
	(void)row;
	return batch_run(&veth, n);
}

static int setup_tap(const struct bench_row *row)
{
	int tx;

	(void)row;
	tap_fd = make_tap("bt0");
	if (tap_fd < 0)
		return -1;
	tx = packet_socket("bt0", 0);
	if (tx < 0)
		return -1;
	batch_init(&tap, tx, -1);
	return 0;
}

/* Reads BENCH_BATCH frames, one system call each: a tap has no batches. */
static unsigned int read_batch(int fd)
{
	uint8_t in[2048];
	unsigned int got = 0;

	while (got < BENCH_BATCH) {
		if (read(fd, in, sizeof(in)) == BENCH_FRAME)
			got++;
		else if (!batch_wait(fd))
			break;
	}
	return got;
}

static unsigned int run_tap(const struct bench_row *row, unsigned int n)
{
	unsigned int got = 0;

	(void)row;
	for (; n; n -= BENCH_BATCH) {
		if (batch_send(&tap) != BENCH_BATCH)
			break;
		got += read_batch(tap_fd);
	}
	return got;
}

static int add_to_bridge(const char *bridge, const char *port)
{
	struct ifreq ifr = {.ifr_ifindex = (int)if_nametoindex(port)};

	return if_ioctl(SIOCBRADDIF, bridge, &ifr);
}

static int setup_bridge(const struct bench_row *row)
{
	uint8_t hello[BENCH_FRAME];
	int s = socket(AF_INET, SOCK_DGRAM, 0), r, tries = 5;

	(void)row;
	bridge_in = make_tap("bb1");
	bridge_out = make_tap("bb2");
	if (s < 0 || bridge_in < 0 || bridge_out < 0)
		return -1;
	r = ioctl(s, SIOCBRADDBR, "bb0");
	close(s);
	if (r || add_to_bridge("bb0", "bb1") || add_to_bridge("bb0", "bb2") ||
	    link_up("bb0"))
		return -1;
	/* station 2 speaks once: from then on it is known to be there */
	bench_frame(hello, sizeof(hello), 1, 2);
	do {
		if (write(bridge_out, hello, sizeof(hello)) < 0)
			return -1;
		errno = EAGAIN;
	} while (--tries && !batch_wait(bridge_in));
	while (read(bridge_in, hello, sizeof(hello)) > 0)
		;
	return tries ? 0 : -1;
}

static unsigned int run_bridge(const struct bench_row *row, unsigned int n)
{
	uint8_t frame[BENCH_FRAME];
	unsigned int got = 0, i;

	(void)row;
	bench_frame(frame, sizeof(frame), 2, 1);
	for (; n; n -= BENCH_BATCH) {
		for (i = 0; i < BENCH_BATCH; i++)
			if (write(bridge_in, frame, sizeof(frame)) < 0)
				return got;
		got += read_batch(bridge_out);
	}
	return got;
}

const struct bench_row link_rows[] = {
	{.name = "peer.afpacket",
	 .note = "veth, sendmmsg and recvmmsg of 64",
	 .frames = 4096,
	 .setup = setup_afpacket,
	 .run = run_afpacket},
	{.name = "peer.tap",
	 .note = "sendmmsg of 64 on the device, 64 reads of its descriptor",
	 .frames = 4096,
	 .setup = setup_tap,
	 .run = run_tap},
	{.name = "peer.bridge",
	 .note = "tap, bridge, tap: 64 writes, 64 reads",
	 .frames = 4096,
	 .setup = setup_bridge,
	 .run = run_bridge},
	{0},
};
