/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * target.h - what a conformance program may assume of the home it runs on.
 *
 * A program is linked with exactly one target_<home>.c. Descriptors are small
 * integers as in POSIX; every function returns -1 and sets errno on failure,
 * as the system call of that name would on /dev/netmap.
 */
#ifndef CONFORMANCE_TARGET_H
#define CONFORMANCE_TARGET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

extern const char t_name[]; /* "sim", "embedded", "kernel", ... */

/* What not every home can do; a program that needs it skips with a reason. */
bool t_has_threads(void); /* other threads run while one waits in t_poll */
bool t_has_fork(void);	  /* descriptors work in forked children */
bool t_is_device(void);	  /* descriptors are real ones: dup, read, SCM_RIGHTS */

int t_open(void);
int t_ioctl(int fd, unsigned long request, void *arg);
void *t_mmap(int fd, size_t len); /* at offset 0, shared, read and write */
int t_munmap(void *addr, size_t len);
int t_poll(struct pollfd *fds, unsigned int n, int timeout_ms);
int t_close(int fd);

/* Eventfds, or what the home has for them. */
int t_event(void); /* makes one */
void t_event_close(int event);
void t_event_write(int event); /* adds 1 */
/* Waits until it is not 0 (where there are no threads, for nothing), sets it to
 * 0, and returns what it was. */
unsigned long t_event_read(int event, int timeout_ms);

#endif
