// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* An interface as rtnetlink and ethtool tell of it. */
#include <net/if.h> /* before what the kernel has instead */

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "link.h"

struct answer {
	struct nlmsghdr h;
	struct ifinfomsg info;
	char attributes[16384];
};

/* Asks for the interface by number: bytes of the answer, or -errno. */
static int link_ask(int index, struct answer *a)
{
	const struct timeval limit = {.tv_sec = 2};
	struct {
		struct nlmsghdr h;
		struct ifinfomsg info;
	} q = {
		.h = {.nlmsg_len = sizeof(q),
		      .nlmsg_type = RTM_GETLINK,
		      .nlmsg_flags = NLM_F_REQUEST},
		.info.ifi_index = index,
	};
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t len = -1;

	if (s < 0)
		return -errno;
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (send(s, &q, sizeof(q), 0) == sizeof(q))
		len = recv(s, a, sizeof(*a), 0);
	if (len < 0)
		len = -errno;
	else if ((size_t)len < sizeof(a->h) + sizeof(a->info) ||
		 a->h.nlmsg_type != RTM_NEWLINK)
		len = -ENODEV;
	close(s);
	return (int)len;
}

static unsigned number_of(const struct rtattr *a)
{
	unsigned v = 0;

	memcpy(&v, RTA_DATA(a),
	       RTA_PAYLOAD(a) < sizeof(v) ? RTA_PAYLOAD(a) : sizeof(v));
	return v;
}

static void text_of(const struct rtattr *a, char *text, size_t size)
{
	snprintf(text, size, "%.*s", (int)RTA_PAYLOAD(a),
		 (const char *)RTA_DATA(a));
}

static void xdp_read(struct link *l, const struct rtattr *nest)
{
	const struct rtattr *a = RTA_DATA(nest);
	int len = (int)RTA_PAYLOAD(nest);

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == IFLA_XDP_ATTACHED)
			l->xdp = *(uint8_t *)RTA_DATA(a) != XDP_ATTACHED_NONE;
		else if (a->rta_type == IFLA_XDP_PROG_ID)
			l->xdp_id = number_of(a);
}

static void kind_read(struct link *l, const struct rtattr *nest)
{
	const struct rtattr *a = RTA_DATA(nest);
	int len = (int)RTA_PAYLOAD(nest);

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == IFLA_INFO_KIND)
			text_of(a, l->driver, sizeof(l->driver));
}

static void attribute_read(struct link *l, const struct rtattr *a)
{
	switch (a->rta_type & NLA_TYPE_MASK) {
	case IFLA_MTU:
		l->mtu = number_of(a);
		break;
	case IFLA_MASTER:
		if (!if_indextoname(number_of(a), l->master))
			snprintf(l->master, sizeof(l->master), "another");
		break;
	case IFLA_XDP:
		xdp_read(l, a);
		break;
	case IFLA_LINKINFO:
		kind_read(l, a);
		break;
	case IFLA_PARENT_DEV_NAME:
		l->hardware = true;
		break;
	}
}

/* The driver's own name for itself, where it tells. */
static void driver_read(struct link *l)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq r = {.ifr_data = (char *)&info};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", l->name);
	if (!ioctl(s, SIOCETHTOOL, &r) && info.driver[0])
		snprintf(l->driver, sizeof(l->driver), "%.31s", info.driver);
	close(s);
}

static void link_fill(struct link *l, const struct answer *answer, int len)
{
	const struct rtattr *a = (const void *)answer->attributes;
	int rest = len - (int)offsetof(struct answer, attributes);

	l->ethernet = answer->info.ifi_type == ARPHRD_ETHER ||
		      answer->info.ifi_type == ARPHRD_LOOPBACK;
	l->up = answer->info.ifi_flags & IFF_UP;
	for (; RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		attribute_read(l, a);
}

int link_read(struct link *l, const char *name)
{
	int index = (int)if_nametoindex(name), len;
	struct answer *answer;

	*l = (struct link){0};
	if (!index)
		return -ENODEV;
	answer = malloc(sizeof(*answer));
	if (!answer)
		return -ENOMEM;
	len = link_ask(index, answer);
	if (len > 0) {
		snprintf(l->name, sizeof(l->name), "%s", name);
		link_fill(l, answer, len);
		driver_read(l);
	}
	free(answer);
	return len < 0 ? len : 0;
}
