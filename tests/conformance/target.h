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
#include <stdint.h>

extern const char t_name[]; /* "sim", "embedded", "kernel", ... */

/* What not every home can do; a program that needs it skips with a reason. */
bool t_has_threads(void);    /* other threads run while one waits in t_poll */
bool t_has_fork(void);	     /* descriptors work in forked children */
bool t_reaches_memory(void); /* that of the program, wherever it is */
uint32_t t_sample(void); /* of what is tried by the thousand, one in so many */
bool t_is_device(void);	 /* descriptors are real ones: dup, read, SCM_RIGHTS */

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

/* ---- network interfaces, and the system and the wire at their other sides ----
 *
 * A table of a home that can make them; NULL of one that cannot. Functions that
 * return int give 0 or an errno. Interfaces are called by name. */

struct t_nic {
	uint32_t tx_rings, rx_rings; /* 0: 1 */
	uint32_t tx_slots, rx_slots; /* 0: 1024 */
	uint32_t descs; /* tx descriptors per ring, 0: as many as slots */
	uint32_t mtu;	/* bytes, 0: 1500 */
	bool frags;	/* takes frames of several slots */
	bool manual;	/* what it is given to send waits for send() */
	bool lazy;	/* completes late, unless asked */
};

struct t_nics {
	int (*create)(const char *name, const struct t_nic *conf);
	void (*remove)(const char *name); /* in use or not */
	void (*remove_all)(void);

	/* The wire. */
	void (*cable)(const char *a, const char *b);
	void (*link)(const char *name, bool up);
	/* A frame arrives on @ring; false: the interface lost it. */
	bool (*arrive)(const char *name, uint32_t ring, const void *data,
		       uint32_t len);
	/* Sends up to @n slots that wait; returns how many. */
	uint32_t (*send)(const char *name, uint32_t ring, uint32_t n);

	/* The system. */
	bool (*host_send)(const char *name, uint32_t queue, const void *data,
			  uint32_t len);
	/* The length of the next frame it has received; 0: there is none. */
	uint32_t (*host_recv)(const char *name, void *data, uint32_t size);

	/* Its rings stand still, or run again. */
	void (*reset)(const char *name, bool stopped);
	/* The @n-th ring to enter netmap mode from now on does not: EIO. */
	void (*fail_start)(const char *name, uint32_t n);
	/* Rings in netmap mode, and 1 if what the system sends is captured. */
	uint32_t (*started)(const char *name);

	/* Parameter fwd. */
	void (*set_fwd)(bool on);
};

extern const struct t_nics *const t_nics;

#endif
