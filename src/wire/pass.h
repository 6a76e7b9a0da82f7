/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pass.h - messages that bring descriptors. */
#ifndef NMD_PASS_H
#define NMD_PASS_H

#include <stddef.h>
#include <stdint.h>

/* Sends @data and up to NMD_FDS descriptors, all or nothing, without waiting. 0
 * or -errno. */
int nmd_send(int sock, const void *data, size_t size, const int *fds,
	     uint32_t nfds);

#endif
