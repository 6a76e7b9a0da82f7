/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* raw.h - sessions and lines of netmapd without a library (src/wire/wire.h), for
 * programs that keep to nothing. */
#ifndef TESTS_DAEMON_RAW_H
#define TESTS_DAEMON_RAW_H

#include <net/netmap.h>
#include "daemon.h"
#include "wire.h"

struct raw {
	int session, line;
	int page_fd, bell, wake;
	struct nmd_page *page;
	/* Once bound. */
	int region_fd;
	char *region;
	size_t size;
	struct netmap_ring *tx, *rx;
};

/* A connection alone. */
int raw_connect(void);

/* Sends, without waiting, @data and @nfds descriptors: 0 or -errno. */
int raw_send(int fd, const void *data, size_t size, const int *fds, int nfds);
/* Waits for a message and up to *@nfds descriptors; 0: the other side has
 * closed; -errno: nothing came in time. */
ssize_t raw_recv(int fd, void *data, size_t size, int *fds, int *nfds);
/* Waits until the other side of @fd has closed it, reading what comes. */
bool raw_is_closed(int fd);

/* What says hello, as it should be. */
struct nmd_hello raw_hello(void);
/* Hands netmapd @end as a line, by @hello, and reads the answer on @line with
 * its descriptors: bytes or -errno. */
ssize_t raw_greet(int session, const struct nmd_hello *hello, int line, int end,
		  struct nmd_welcome *w, int fds[3]);

/* A session with one line. */
void raw_open(struct raw *r);
/* Waits for what netmapd says on @session, where it refuses one that has had no
 * line: false: it says nothing. */
bool raw_refusal(int session, struct nmd_welcome *w);
/* One more line of @session: 0 or the error, with its sentence. */
int raw_line(int session, int *line, struct nmd_welcome *w);
void raw_close(struct raw *r);

/* Makes @message (NMD_MESSAGE_MAX) a call with one piece at @addr; more are
 * added at its end. */
struct nmd_call *raw_call(void *message, unsigned long cmd, uint64_t addr,
			  const void *at, size_t len);
void raw_piece(struct nmd_call *call, uint64_t addr, const void *at,
	       size_t len);

/* Sends it and reads the answer: its type or -errno. */
int raw_ask(struct raw *r, const struct nmd_call *call, void *answer);

/* A REGISTER of @name, all in one message. */
struct nmd_call *raw_register(void *message, const char *name, uint64_t flags);
/* Binds and maps @r, or fails the test. */
void raw_bind(struct raw *r, const char *name, uint64_t flags);

/* Does it answer? */
bool raw_serves(const struct daemon *d);

struct usage {
	unsigned int sessions, lines, ports, fds, threads;
};

/* What netmapd has for one session with a line, with nobody else there. */
struct usage raw_usage(const struct daemon *d);
/* Waits until it has no more than that again. */
void raw_await_usage(const struct daemon *d, const struct usage *want);

#endif
