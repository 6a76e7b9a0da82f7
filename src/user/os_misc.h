/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* os_misc.h - the calling thread's last refusal. */
#ifndef OS_MISC_H
#define OS_MISC_H

/* Never NULL. */
const char *os_last_refusal(void);

#endif
