// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * One user at a time: an interface with an XDP program, or part of a bridge, is
 * refused, with a sentence that says who has it; one in netmap mode is not to be
 * had by those. Frames for which there is no room are not to be sent: nor is an
 * MTU that lets them, while the interface is in netmap mode. Interfaces that are
 * not Ethernet's are refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <net/netmap_ext.h>

#include "kt_nic.h"

/* A program that passes everything, called "other". */
static int xdp_load(void)
{
	const struct bpf_insn text[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)text,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL",
		.prog_name = "other",
	};
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	KT_CHECK(fd >= 0);
	return fd;
}

/* Puts program @fd on @name, or takes it off (-1): 0 or -errno. */
static int xdp_set(const char *name, int fd, uint32_t flags)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg info;
		struct rtattr xdp, fd_head;
		int fd;
		struct rtattr flags_head;
		uint32_t flags;
	} m = {
		.h = {.nlmsg_len = sizeof(m),
		      .nlmsg_type = RTM_SETLINK,
		      .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.info.ifi_index = (int)if_nametoindex(name),
		.xdp = {.rta_len = 20, .rta_type = IFLA_XDP | NLA_F_NESTED},
		.fd_head = {.rta_len = 8, .rta_type = IFLA_XDP_FD},
		.fd = fd,
		.flags_head = {.rta_len = 8, .rta_type = IFLA_XDP_FLAGS},
		.flags = flags,
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[512];
	} answer;
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	KT_CHECK(s >= 0);
	KT_CHECK(send(s, &m, sizeof(m), 0) == sizeof(m));
	KT_CHECK(recv(s, &answer, sizeof(answer), 0) > 0);
	close(s);
	return answer.e.error;
}

/* The last refusal says @text. */
static void sentence_has(const char *text)
{
	struct nmreq_x_refusal x = {0}, last = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_REFUSALS_GET,
				 .nr_body = (uintptr_t)&x};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	for (x.x_size = sizeof(x); !ioctl(fd, NIOCCTRL, &h);
	     x.x_size = sizeof(x), x.x_seq++)
		last = x;
	close(fd);
	printf("%s\n", last.x_sentence);
	KT_CHECK(strstr(last.x_sentence, text));
}

static void refused(const char *name, int error, const char *sentence)
{
	struct nmreq_register reg = {0};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(fd >= 0);
	KT_FAILS(kt_register(fd, name, &reg), error);
	close(fd);
	sentence_has(sentence);
}

static bool shell_says_no(const char *command)
{
	return system(command) != 0;
}

/* The system does not see its programs while netmap has the interface. */
static void other_programs(enum kt_kind kind)
{
	int prog = xdp_load();
	struct kt_port p;

	KT_CHECK(xdp_set("kv0", prog, XDP_FLAGS_DRV_MODE) == 0);
	refused("kv0", EBUSY, "other");
	/* Where that tool was taken along. */
	kt_run(kt_here(), "type netmap >/dev/null || exit 0; "
			  "netmap status kv0 | "
			  "grep '^problem  *it has an XDP program, number'");
	KT_CHECK(xdp_set("kv0", -1, XDP_FLAGS_DRV_MODE) == 0);
	kt_open(&p, "kv0");
	KT_CHECK(xdp_set("kv0", prog, XDP_FLAGS_DRV_MODE) == -EBUSY);
	KT_CHECK(xdp_set("kv0", prog,
			 XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST) ==
		 -EBUSY);
	KT_CHECK(kind != KT_VETH ||
		 xdp_set("kv0", -1, XDP_FLAGS_DRV_MODE) == -EBUSY);
	kt_close(&p);
	KT_CHECK(xdp_set("kv0", prog, XDP_FLAGS_DRV_MODE) == 0);
	KT_CHECK(xdp_set("kv0", -1, XDP_FLAGS_DRV_MODE) == 0);
	close(prog);
}

static void masters(void)
{
	struct kt_port p;

	kt_run(kt_here(), "brctl addbr kb0 && brctl addif kb0 kv0");
	refused("kv0", EBUSY, "kb0");
	kt_run(kt_here(), "brctl delif kb0 kv0");
	kt_open(&p, "kv0");
	KT_CHECK(shell_says_no("brctl addif kb0 kv0"));
	kt_close(&p);
	kt_run(kt_here(), "brctl addif kb0 kv0 && ip link del kb0");
}

/* By XDP a tx frame is no longer than a page; by skbs it may be. */
static void mtus(enum kt_kind kind)
{
	struct kt_port p;

	kt_open(&p, "kv0");
	KT_CHECK(shell_says_no("ip link set kv0 mtu 9000") ==
		 (kind == KT_VETH));
	kt_run(kt_here(), "ip link set kv0 mtu 1400");
	kt_run(kt_here(), "ip link set kv0 mtu 1500");
	kt_close(&p);
	kt_run(kt_here(), "ip link set kv0 mtu 9000");
	kt_open(&p, "kv0");
	kt_run(kt_here(), "ip link set kv0 mtu 1500");
	kt_run(kt_here(), "ip link set kv0 mtu 9000");
	kt_close(&p);
	kt_run(kt_here(), "ip link set kv0 mtu 1500");
}

/* The port keeps the name it was opened by. */
static void names(void)
{
	struct kt_port p, q;

	kt_open(&p, "kv0");
	kt_run(kt_here(), "ip link set kv0 down && "
			  "ip link set kv0 name kw0 && ip link set kw0 up");
	refused("kw0", EBUSY, "kv0");
	kt_open(&q, "kv0");
	kt_close(&q);
	kt_close(&p);
	kt_open(&p, "kw0");
	kt_close(&p);
	kt_run(kt_here(), "ip link set kw0 down && "
			  "ip link set kw0 name kv0 && ip link set kv0 up");
}

/* Parameter admode: 1 is native drivers only. */
static void modes(void)
{
	struct kt_pair pair;

	if (!kt_pair_make(&pair, KT_E1000))
		return;
	kt_run(kt_here(), "echo 1 >/sys/module/netmap/parameters/admode");
	refused(pair.a, EOPNOTSUPP, "XDP");
	kt_pair_end(&pair);
}

static void try_kind(enum kt_kind kind)
{
	struct kt_pair pair;

	KT_CHECK(kt_pair_make(&pair, kind));
	other_programs(kind);
	masters();
	mtus(kind);
	names();
	kt_pair_end(&pair);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_kind(KT_VETH);
	try_kind(KT_VETH_SKB);
	modes();
	return 0;
}
