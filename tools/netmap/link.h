/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* link.h - what the system tells of an interface. Asking changes nothing. */
#ifndef TOOL_LINK_H
#define TOOL_LINK_H

#include <net/if.h>
#include <stdbool.h>

struct link {
	char name[IFNAMSIZ];
	char driver[32]; /* "": it has none */
	bool hardware;	 /* it is a device of a bus, real or of the host's */
	bool ethernet, up;
	unsigned mtu;
	char master[IFNAMSIZ]; /* "": none */
	bool xdp;	       /* a program is attached, ours maybe */
	unsigned xdp_id;
};

/* 0 or -errno; -ENODEV: there is none of that name in this namespace. */
int link_read(struct link *l, const char *name);

#endif
