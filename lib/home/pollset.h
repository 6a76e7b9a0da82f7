/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pollset.h - poll(2) and select(2) on sets that have sessions among others. */
#ifndef NMH_POLLSET_H
#define NMH_POLLSET_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/select.h>

/* Is libc's function not enough? */
bool nmh_poll_is_special(const struct pollfd *fds, nfds_t n);
bool nmh_select_is_special(int n, const fd_set *r, const fd_set *w,
			   const fd_set *x);

/* @ns: to wait at most, -1 for ever. The result, or -errno. */
int nmh_poll(struct pollfd *fds, nfds_t n, int64_t ns, const sigset_t *mask);
int nmh_select(int n, fd_set *r, fd_set *w, fd_set *x, int64_t ns,
	       const sigset_t *mask);

#endif
