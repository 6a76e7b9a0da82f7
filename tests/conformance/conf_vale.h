/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conf_vale.h - the NETMAP_REQ_VALE_* requests; all return 0 or an errno. */
#ifndef CONFORMANCE_CONF_VALE_H
#define CONFORMANCE_CONF_VALE_H

#include "conf.h"

/* A request on a descriptor of its own. */
static inline int vale_ctrl(uint16_t type, const char *name, void *body)
{
	int fd = conf_fd(), err = conf_ctrl(fd, type, name, body);

	conf_fd_close(fd);
	return err;
}

static inline int newif(const char *name)
{
	struct nmreq_vale_newif b = {.nr_tx_slots = 16, .nr_rx_slots = 16};

	return vale_ctrl(NETMAP_REQ_VALE_NEWIF, name, &b);
}

static inline int delif(const char *name)
{
	return vale_ctrl(NETMAP_REQ_VALE_DELIF, name, NULL);
}

static inline int attach_as(const char *name, uint32_t mode)
{
	struct nmreq_vale_attach b = {.reg.nr_mode = mode};

	return vale_ctrl(NETMAP_REQ_VALE_ATTACH, name, &b);
}

static inline int attach(const char *name)
{
	return attach_as(name, NR_REG_ALL_NIC);
}

static inline int detach(const char *name)
{
	struct nmreq_vale_detach b = {0};

	return vale_ctrl(NETMAP_REQ_VALE_DETACH, name, &b);
}

/* LIST of a name: the port's index, or minus an errno. */
static inline int list_port(const char *name)
{
	struct nmreq_vale_list b = {0};
	int err = vale_ctrl(NETMAP_REQ_VALE_LIST, name, &b);

	return err ? -err : (int)b.nr_port_idx;
}

#endif
