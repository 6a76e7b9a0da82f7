// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <poll.h>
#define NETMAP_WITH_LIBS
#include "acts.h"

bool port_open(struct port *p, const char *spec)
{
	p->desc = nm_open(spec, NULL, 0, NULL);
	if (!p->desc)
		return false;
	p->tx = NETMAP_TXRING(p->desc->nifp, 0);
	p->rx = NETMAP_RXRING(p->desc->nifp, 0);
	return true;
}

void port_close(struct port *p)
{
	if (p->desc)
		nm_close(p->desc);
	p->desc = NULL;
}

bool port_sync(const struct port *p, unsigned long request)
{
	return !ioctl(p->desc->fd, request, NULL);
}

bool port_wait(const struct port *p, short events, int ms)
{
	struct pollfd fd = {.fd = p->desc->fd, .events = events};

	return poll(&fd, 1, ms) == 1 && fd.revents & events;
}
