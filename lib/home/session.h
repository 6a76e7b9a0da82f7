/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * session.h - a descriptor of netmapd, as this process knows it (see wire.h).
 *
 * An object stands for all numbers that the session has here. Objects are never
 * freed, only used again, and what they point to stays mapped: a thread that
 * syncs a descriptor while another closes it reads zeros at worst. Calls that
 * sleep hold a reference.
 *
 *   session     descriptor numbers, references, the page, the bell
 *   rings       where head, cur and tail of the bound rings are
 *   lines       connections that one thread has at a time
 *
 * After a fork the child goes on with the same session and lines of its own.
 */
#ifndef NMH_SESSION_H
#define NMH_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <net/netmap.h>

#include "wire.h"
#include "fds.h"

struct nmh_line {
	int sock, wake;	 /* internal descriptors */
	int poke;	 /* the same; -1 until nmh_line_poked() */
	int ep;		 /* the same; -1 until nmh_line_ep() */
	uint32_t arms;	 /* since nmh_line_drain() */
	uint32_t number; /* its bit in nmd_page.armed */
	char *out, *in;	 /* NMD_MESSAGE_MAX each */
};

/* A ring and what netmapd was told of it last. */
struct nmh_ring {
	const struct netmap_ring *ring;
	uint32_t head, cur;
};

struct nmh_session {
	/* What a sync looks at. */
	uint32_t is_mapped; /* rings are valid */
	uint32_t is_dead;   /* netmapd has gone */
	uint32_t resets;    /* of the page, shown as POLLERR already */
	uint64_t nr_flags;
	struct nmd_page *page;	   /* NULL until the first line */
	int64_t checked;	   /* when netmapd was seen alive, ns */
	uint32_t first[2], end[2]; /* of ring[], by direction */
	int bell;

	int region; /* internal descriptor; -1: is_mapped was never set */
	uint64_t region_size;

	uint64_t refs; /* low half: descriptors and mappings; high: calls */
	uint32_t index;
	uint64_t inode; /* of the socket: the same session */
	struct nmh_session *next_free;

	/* Lines that are made, and those of them that nobody has, by number.
	 * free: atomic. made: nmh_lock. */
	uint64_t made, free;
	struct nmh_line line[NMD_LINES];

	/* Address space for the page and for the part of the region that the
	 * rings' heads are in. */
	void *view;
	size_t view_size;
	struct nmh_ring ring[NMD_RINGS_MAX];
};

#define NMH_SESSIONS_MAX 16384

extern struct nmh_session *nmh_sessions[NMH_SESSIONS_MAX];

/* Held for short changes of what is common to all threads; never while waiting
 * for anybody. Forks wait for it. See lock.h. */
extern pthread_mutex_t nmh_lock;

static inline uint32_t nmh_session_word(const struct nmh_session *s)
{
	return nmh_word(NMH_SESSION, s->index);
}

static inline struct nmh_session *nmh_session_at(uint32_t word)
{
	return __atomic_load_n(&nmh_sessions[nmh_index(word)],
			       __ATOMIC_CONSUME);
}

/* The process that sessions belong to; 0: it begins only now. */
pid_t nmh_session_owner(void);

/* Opens one: connects to netmapd, starting it if need be. Returns a descriptor
 * with @flags (O_CLOEXEC, O_NONBLOCK), or -errno and says why. */
int nmh_session_open(int flags);

/* Returns a reference to the object of session @fd, made if there is none. */
int nmh_session_find(int fd, struct nmh_session **s);

/* Is @fd, which the program may have closed meanwhile, still @s? */
bool nmh_session_is_at(const struct nmh_session *s, int fd);

/* A copy of @fd, internal, that is @s for sure: the program may have closed
 * @fd, and have something else there. Its number or -errno. */
int nmh_session_copy(const struct nmh_session *s, int fd);

/* Descriptor numbers and mappings. */
void nmh_session_ref(struct nmh_session *s);
void nmh_session_unref(struct nmh_session *s);

/* Calls: the session of @fd, whose word was @word; NULL: it is none any more. */
struct nmh_session *nmh_session_get(int fd, uint32_t word);
void nmh_session_put(struct nmh_session *s);

/* Takes a line for this thread, through @fd if one has to be made. 0 or
 * -errno; -EBUSY: all are in use. */
int nmh_line_get(struct nmh_session *s, int fd, struct nmh_line **line);
void nmh_line_put(struct nmh_session *s, struct nmh_line *line);
/* Puts and ends it: what is under way on it is not wanted any more. */
void nmh_line_drop(struct nmh_session *s, struct nmh_line *line);
/* Forgets what has woken it. */
void nmh_line_drain(struct nmh_line *line);
/* Before it is armed: makes room for what netmapd will send then. So who sleeps in
 * nmh_line_ep(), which tells of each wake once, need not read them. */
void nmh_line_expect(struct nmh_line *line);
/* An eventfd to sleep on besides, edge triggered so that it need not be read,
 * and what wakes it. -errno: there is none. */
int nmh_line_poked(struct nmh_line *line);
void nmh_line_poke(const struct nmh_line *line);
/* Why netmapd has closed the session @fd before it had a line: -errno, and says
 * so; -ENOTCONN: it has not said. */
int nmh_line_refusal(int fd);
/* Makes a line for @s that nmh_line_get() never finds. */
int nmh_line_make(struct nmh_session *s, int fd, struct nmh_line **line);

/* An epoll instance that @line's thread alone may sleep in: it has an event when
 * the line is woken, and EPOLLHUP when netmapd dies, once each, so nothing is
 * to be read. -errno: there is none. */
int nmh_line_ep(struct nmh_line *line, int fd);

/* Finds out whether netmapd is there; notes it in is_dead. */
bool nmh_session_is_alive(struct nmh_session *s, int fd);

/* Sees to it that the rings can be looked at. -ENXIO not bound, -ENOTCONN. */
int nmh_session_map(struct nmh_session *s, int fd);
/* netmapd's own poll(2) without waiting: 0 and *got, or -errno. */
int nmh_session_ask_poll(struct nmh_session *s, int fd, uint32_t events,
			 uint32_t *got);

/* ---- call.c ---- */

/* An ioctl that is no sync: 0 or -errno. */
int nmh_session_ioctl(struct nmh_session *s, int fd, unsigned long cmd,
		      uint64_t arg);
/* Why the last one of this thread failed, in one sentence; "": not known. */
const char *nmh_sentence(void);

/* ---- sync.c ---- */

enum { NMH_TX, NMH_RX };

/* NIOCTXSYNC, NIOCRXSYNC: 0 or -errno. */
int nmh_session_sync(struct nmh_session *s, int fd, int dir);

/* NETMAP_SYNC is "complete": for the hello. */
bool nmh_is_complete_wanted(void);

/* poll(2) without waiting: syncs, returns what of @events is, and POLLERR. */
short nmh_session_poll(struct nmh_session *s, int fd, short events);
/* The same without syncing: only looks. */
short nmh_session_look(struct nmh_session *s, short events);

/* @line is to be woken when one of @events may be. A look has to follow. */
void nmh_session_arm(struct nmh_session *s, const struct nmh_line *line,
		     short events);
void nmh_session_disarm(struct nmh_session *s, const struct nmh_line *line);
/* Events that netmapd has had news for since @line was armed for them. */
short nmh_session_news(struct nmh_session *s, const struct nmh_line *line,
		       short events);

#endif
