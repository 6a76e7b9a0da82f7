/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fds.h - what each descriptor number is: one word in a table, which every call
 * that we stand in for looks at first. For all but ours that is all it costs.
 *
 *   unknown   nobody has asked yet. The first who does finds out (two system
 *             calls), so descriptors that came by exec or in a message are found
 *   foreign   not ours
 *   closing   being closed: nobody finds out anything about it now
 *   internal  ours, and none of the program's business: EBADF to it
 *   session   a /dev/netmap of netmapd: index of the object (session.h)
 *   epoll     an epoll instance that sessions were added to (epoll.c)
 *
 * The first three have a turn besides, which is another one whenever the number
 * has been closed or replaced: who finds out what it was meanwhile finds that it
 * is no news any more.
 *
 * close, dup and the like keep the table true. Where a descriptor is closed
 * past us (system calls, inside libc), a foreign or unknown one does no harm.
 */
#ifndef NMH_FDS_H
#define NMH_FDS_H

#include <stdbool.h>
#include <stdint.h>

#define NMH_FDS (1u << 20) /* numbers above are taken for foreign */

enum nmh_kind {
	NMH_UNKNOWN,
	NMH_FOREIGN,
	NMH_CLOSING,
	NMH_INTERNAL,
	NMH_SESSION,
	NMH_EPOLL,
};

#define NMH_KIND_BITS 3

extern uint32_t nmh_fd_words[NMH_FDS];

static inline uint32_t nmh_word(enum nmh_kind kind, uint32_t index)
{
	return (uint32_t)kind | index << NMH_KIND_BITS;
}

static inline enum nmh_kind nmh_kind(uint32_t word)
{
	return (enum nmh_kind)(word & ((1u << NMH_KIND_BITS) - 1));
}

static inline uint32_t nmh_index(uint32_t word)
{
	return word >> NMH_KIND_BITS;
}

/* What is known of @fd. */
static inline uint32_t nmh_fd_peek(int fd)
{
	if (__builtin_expect((uint32_t)fd >= NMH_FDS, 0))
		return NMH_FOREIGN;
	return __atomic_load_n(&nmh_fd_words[fd], __ATOMIC_RELAXED);
}

uint32_t nmh_fd_classify(int fd);

/* The same, and finds out if nothing is. */
static inline uint32_t nmh_fd_get(int fd)
{
	uint32_t word = nmh_fd_peek(fd);

	if (__builtin_expect(nmh_kind(word) == NMH_UNKNOWN, 0))
		return nmh_fd_classify(fd);
	return word;
}

/* Is it one that a program's call may concern in a way that libc does not
 * know of? */
static inline bool nmh_fd_is_special(int fd)
{
	return nmh_kind(nmh_fd_get(fd)) >= NMH_SESSION;
}

/* @fd is new, and is what @word says; what it was before is given up. */
void nmh_fd_set(int fd, uint32_t word);

/* The same for one that is not ours: NMH_FOREIGN or NMH_UNKNOWN. */
void nmh_fd_set_other(int fd, enum nmh_kind kind);

/* @fd is new, or about to be closed: nothing is known of it. */
void nmh_fd_forget(int fd);

/* The same if @word is what is known of it still: it was closed past us. */
void nmh_fd_forget_stale(int fd, uint32_t word);

/* The same around the call that closes it; what this returns is for
 * nmh_fd_closed(). */
uint32_t nmh_fd_closing(int fd);
void nmh_fd_closed(int fd, uint32_t closing);

/* @fd, which nobody knows yet, becomes internal, under a number that is out of
 * the way. Returns that, or -errno; @fd is closed in any case. */
int nmh_fd_hide(int fd);

/* A copy of @fd, internal: its number or -errno. */
int nmh_fd_copy(int fd);

/* Closes an internal descriptor. */
void nmh_fd_close(int fd);

/* Calls @fn for the stretches of @first..@last that have nothing internal;
 * ends with the first result that is not 0. */
int nmh_fd_for_stretches(uint32_t first, uint32_t last,
			 int (*fn)(uint32_t first, uint32_t last, void *arg),
			 void *arg);

/* How many are known to be special at most; 0: no close need look further. */
uint32_t nmh_fd_end(void);

#endif
