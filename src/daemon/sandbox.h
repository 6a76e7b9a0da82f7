/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sandbox.h - what the daemon gives up before it serves anybody. */
#ifndef NMD_SANDBOX_H
#define NMD_SANDBOX_H

/*
 * Gives up all capabilities and the way to new ones, and all system calls but
 * those that serving takes (seccomp(2)): another fails with EPERM. For all
 * threads that are made from now on. Returns what is in force, for the log:
 * "full", or what is missing ("no-seccomp", "no-capabilities", "none").
 */
const char *nmd_sandbox_enter(void);

/*
 * A page that cannot be had (memory of a program whose file was cut short, or
 * no memory left) becomes one of zeros that nobody shares, where it would end
 * the process: it is the program's own loss.
 */
void nmd_sandbox_pages(void);
/* How many there were. */
unsigned nmd_sandbox_pages_lost(void);

#endif
