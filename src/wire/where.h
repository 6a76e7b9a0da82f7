/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * where.h - where the socket of netmapd is, for netmapd and for programs:
 *
 *   $NETMAP_SOCKET                            if set
 *   /run/netmap/netmapd.sock                  if there and open to the user: the system's
 *   $XDG_RUNTIME_DIR/netmap/netmapd.sock      if that is set: the user's own
 *   /tmp/netmap-UID/netmapd.sock              else: the user's own
 *
 * The folder of the last two is the user's and private (mode 0700, no symbolic
 * link); whoever could put a socket there could read the packets. Programs that
 * have more rights than their user (set-user-ID) do not look at the environment.
 */
#ifndef NMD_WHERE_H
#define NMD_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#define NMD_WHERE_PATH 108 /* what sockaddr_un takes, with its NUL */
#define NMD_WHERE_TEXT 320 /* enough for any sentence from here */

#define NMD_SYSTEM_SOCKET "/run/netmap/netmapd.sock"

struct nmd_where {
	char path[NMD_WHERE_PATH];
	bool is_private; /* the folder and who listens are the user's own */
};

/*
 * Says where, and checks the folder of a private socket if it is there. 0, or
 * -errno with one sentence in @text: -ENAMETOOLONG, -EINVAL not absolute or not
 * named netmapd.sock, -ENOENT, -ENOTDIR or -EPERM a folder that will not do.
 */
int nmd_where_look(struct nmd_where *where, char *text, size_t size);

/* The same, and makes the folder of a private socket if it is missing. */
int nmd_where_make(struct nmd_where *where, char *text, size_t size);

/* Checks a @path given by its user, as $NETMAP_SOCKET is, and takes it. */
int nmd_where_set(struct nmd_where *where, const char *path, char *text,
		  size_t size);

/* Puts a sentence into @text; returns @err. */
__attribute__((format(printf, 4, 5))) int
nmd_refuse(char *text, size_t size, int err, const char *format, ...);

#endif
