/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * os_caller.h - on whose behalf the core works, in a process.
 *
 * NULL is the process itself, whose memory is reached directly. Another caller
 * is a program somewhere else that sends what it wants read: its functions
 * answer from that, or -ERESTART to have the request made again with more.
 */
#ifndef OS_CALLER_H
#define OS_CALLER_H

#include "os.h"

struct os_caller {
	/* As os_copyin() and os_copyout(). */
	int (*copyin)(struct os_caller *c, void *dst, u64 user, size_t len);
	int (*copyout)(struct os_caller *c, u64 user, const void *src,
		       size_t len);
	u32 pid;
	char program[OS_PROGRAM_LEN];
};

#endif
