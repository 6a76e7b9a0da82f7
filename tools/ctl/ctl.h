/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ctl.h - requests to netmap, as tools make them: on /dev/netmap, whatever the
 * home behind it is. */
#ifndef CTL_H
#define CTL_H

#include <net/netmap.h>
#include <net/netmap_ext.h>
#include <stdbool.h>
#include <stdint.h>

/* An unbound descriptor, or -errno; libnetmap has said why on stderr where
 * netmapd is the home. */
int ctl_open(void);

/* NETMAP_REQ_@type on @name (NULL: ""), with @body or NULL. 0 or an errno. The
 * name that comes back is in @hdr, which may be NULL. */
int ctl_request(int fd, uint16_t type, const char *name, void *body,
		struct nmreq_header *hdr);

/* Why this process's last request failed with @err, in a sentence; valid until
 * the next call. */
const char *ctl_why(int fd, int err);

#endif
