/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* mem.h - memory of this process by addresses that may be bad. */
#ifndef NMH_MEM_H
#define NMH_MEM_H

#include <stddef.h>
#include <stdint.h>

/* 0 or -EFAULT, then part of it may be done. */
int nmh_mem_read(void *to, uint64_t addr, size_t len);
int nmh_mem_write(uint64_t addr, const void *from, size_t len);

#endif
