/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_mem.h - where a region is mapped in this process, and for others. */
#ifndef OS_MEM_H
#define OS_MEM_H

struct os_mem;

void *os_mem_addr(const struct os_mem *m);

/* The memfd that it is, of which the whole can be mapped; owned by @m. -1: it
 * is memory of a program. */
int os_mem_fd(const struct os_mem *m);

#endif
