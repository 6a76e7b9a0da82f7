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

/* Memory of another caller, mapped here. */
struct os_map {
	u8 *addr;    /* of the first byte asked for */
	void *start; /* of the mapping, and its length: whole pages */
	u64 len;
};

struct os_caller {
	/* As os_copyin() and os_copyout(). */
	int (*copyin)(struct os_caller *c, void *dst, u64 user, size_t len);
	int (*copyout)(struct os_caller *c, u64 user, const void *src,
		       size_t len);
	/* *fd: a descriptor of ours, to be closed by who gets it, that is the
	 * caller's number @fd. -EINVAL: it has none; -ENOMEM, -ERESTART. */
	int (*event)(struct os_caller *c, s32 fd, int *own);
	/* As os_pin(): maps the memory of the caller, shared. -ERESTART. */
	int (*map)(struct os_caller *c, u64 user, u64 len, struct os_map *m);
	u32 pid;
	char program[OS_PROGRAM_LEN];
};

#endif
