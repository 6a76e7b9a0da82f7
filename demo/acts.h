/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * acts.h - the acts of the demo's second part: processes, with a netmapd
 * between them. Each act is a function that returns whether all went well, and
 * has printed what it saw.
 */
#ifndef ACTS_H
#define ACTS_H

#include <sys/types.h>
#include "demo.h"

#define PATIENCE_MS 30000 /* for what has to happen */
#define MAX_FILES   16

struct acts {
	struct capture capture[MAX_FILES];
	unsigned files;
	const struct capture *expected; /* of the one file; or NULL: the same */
	unsigned slice_ms;		/* of each of five runs in FAST */
	unsigned safe_ms;		/* SAFE goes on at least so long */
	unsigned frames, arrive; /* KERNEL: sent each way, and to arrive */
	pid_t netmapd;
};

bool act_correct(const struct acts *a);
bool act_fast(const struct acts *a);
bool act_safe(const struct acts *a);
bool act_unchanged(const struct acts *a);
bool act_kernel(const struct acts *a);

/* ---- port.c: a port of netmapd, opened as any program opens /dev/netmap ---- */

struct port {
	struct nm_desc *desc;
	struct netmap_ring *tx, *rx;
};

/* false: errno says why. */
bool port_open(struct port *p, const char *spec);
void port_close(struct port *p);
bool port_sync(const struct port *p, unsigned long request);
/* Waits for POLLIN or POLLOUT; false: not within @ms. */
bool port_wait(const struct port *p, short events, int ms);

/* ---- process.c: parts that run in processes of their own ---- */

struct process {
	pid_t pid;
	int fd; /* a byte each way; the child's has the other end */
};

/* Runs @fn in a child that ends with its parent, and with status 0 if it
 * returns true. */
bool process_start(struct process *p, bool (*fn)(int fd, void *arg), void *arg);
/* One byte to the other side; one from there, or false: it has ended, or says
 * nothing within PATIENCE_MS. */
bool process_say(int fd, char byte);
bool process_hear(int fd, char *byte);
/* The end, after a signal if @sig; true: its function returned true, or the
 * signal ended it. */
bool process_end(struct process *p, int sig);

#endif
