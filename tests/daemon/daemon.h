/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* daemon.h - a netmapd of a test's own, in a folder of its own, and what it
 * uses. Failures end the program with a sentence and status 1. */
#ifndef TESTS_DAEMON_H
#define TESTS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DEADLINE_MS 30000 /* for what has to happen */

struct daemon {
	pid_t pid;
	const char *program;
	const char *option;	  /* NULL: none */
	unsigned int descriptors; /* that it may have; 0: what we may */
	char dir[32], path[64], log[64];
};

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format,
							 ...);

#define CLAIM(what)                                                          \
	do {                                                                 \
		if (!(what))                                                 \
			die("%s:%d: not so: %s", __FILE__, __LINE__, #what); \
	} while (0)

int64_t now_ms(void);

/* Makes the folder and sets NETMAP_SOCKET and the like for programs; nothing
 * but this netmapd is ever started. */
void daemon_init(struct daemon *d, const char *program);
/* Starts it, and waits until it listens. */
void daemon_start(struct daemon *d);
bool daemon_lives(const struct daemon *d);
void daemon_kill(struct daemon *d);
/* SIGTERM: it has to end with status 0 and take its socket away. Then the
 * folder goes. */
void daemon_end(struct daemon *d);

/* What /proc says. */
unsigned int daemon_fds(const struct daemon *d);
unsigned int daemon_threads(const struct daemon *d);
unsigned long daemon_rss_kb(const struct daemon *d);

/* Its log's first lines, for people. */
void daemon_show_log(const struct daemon *d);

/* Starts good.c, and returns when its ports are open; ends it, and sees how that
 * went. */
pid_t good_start(const char *program, const char *kind, const char *a,
		 const char *b);
void good_end(pid_t pid, const char *kind);

#endif
