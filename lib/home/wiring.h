/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* wiring.h - sending and receiving on sessions and lines, and words to people. */
#ifndef NMH_WIRING_H
#define NMH_WIRING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "where.h"

/* One message of @n parts with @nfds descriptors. 0 or -errno. */
int nmh_send(int sock, const struct iovec *iov, int n, const int *fds,
	     uint32_t nfds);
/* The same without waiting: -EAGAIN. */
int nmh_try_send(int sock, const struct iovec *iov, int n, const int *fds,
		 uint32_t nfds);

/*
 * One message of at most @size bytes and @nfds descriptors, which become
 * internal; *nfds is how many came. Waits until @deadline (ns, monotonic; 0: for
 * ever). Its size, or -errno: -ENOTCONN at the end, -EMFILE descriptors were
 * lost, -EBADMSG not a message of the protocol.
 */
int nmh_recv(int sock, void *buf, size_t size, int *fds, uint32_t *nfds,
	     int64_t deadline);

int64_t nmh_now(void); /* ns, monotonic */

/* Waits for @events of @fd until @deadline. 1, 0 for the deadline, or -errno. */
int nmh_wait(int fd, short events, int64_t deadline);

/* Connects to netmapd; its descriptor (close on exec) or -errno with a
 * sentence. Starts one if it may; @wait_ns is left for all of it. */
int nmh_connect(const struct nmd_where *where, int64_t deadline, char *text,
		size_t size);

/* Runs "netmapd --on-demand --socket path" and waits until it listens. */
int nmh_start(const char *path, int64_t deadline, char *text, size_t size);

/* On standard error, once for each reason in the life of the process. */
void nmh_complain(const char *text);
/* How many this thread has had. */
unsigned int nmh_complaints(void);

#endif
