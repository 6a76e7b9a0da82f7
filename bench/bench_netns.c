// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_netns.c - a network namespace of our own, and devices in it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

static char not_ready[BENCH_TEXT] = "no network namespace was asked for";
static bool ready;

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A namespace where we are root, for whoever is not. */
static bool user_namespace(void)
{
	unsigned uid = getuid(), gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!write_file("/proc/self/uid_map", map) ||
	    !write_file("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

void bench_netns_enter(void)
{
	if (unshare(CLONE_NEWNET) && !user_namespace()) {
		snprintf(not_ready, sizeof(not_ready),
			 "needs a network namespace: %s", strerror(errno));
		return;
	}
	/* no frames but ours: an interface that comes up announces itself */
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	if (!bench_ip("link set lo up")) {
		snprintf(not_ready, sizeof(not_ready), "needs ip(8)");
		return;
	}
	ready = true;
}

bool bench_netns_ready(void)
{
	if (!ready)
		bench_refuse("%s", not_ready);
	return ready;
}

bool bench_ip(const char *script)
{
	int status;
	FILE *ip = popen("PATH=$PATH:/usr/sbin:/sbin ip -batch - 2>&1", "w");

	if (!ip) {
		bench_refuse("popen: %s", strerror(errno));
		return false;
	}
	fputs(script, ip);
	fputc('\n', ip);
	status = pclose(ip);
	if (status) {
		bench_refuse("ip(8) did not do: %.100s", script);
		return false;
	}
	return true;
}

int bench_tap_open(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	char script[64];
	int fd;

	if (!bench_netns_ready())
		return -1;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		bench_refuse("/dev/net/tun: %s", strerror(errno));
		return -1;
	}
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr)) {
		bench_refuse("tap device: %s", strerror(errno));
		close(fd);
		return -1;
	}
	snprintf(script, sizeof(script), "link set %s up", name);
	if (!bench_ip(script)) {
		close(fd);
		return -1;
	}
	return fd;
}

int bench_packet_socket(const char *dev, uint16_t proto)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(proto),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		bench_refuse("packet socket on %s: %s", dev, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}
