/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_mem.h - where a region is mapped in this process. */
#ifndef OS_MEM_H
#define OS_MEM_H

struct os_mem;

void *os_mem_addr(const struct os_mem *m);

#endif
