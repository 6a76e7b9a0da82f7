/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.h - a thread of a program that has a session: calls come on it, and
 * its wake (wire.h) wakes the thread. Control thread only.
 */
#ifndef NMD_LINE_H
#define NMD_LINE_H

#include "session.h"

struct nmd_line {
	struct nmd_source source; /* fd */
	struct nmd_session *session;
	u32 index; /* in the session; its bit in nmd_page.armed */
	int fd;
	u32 pid;
	char program[OS_PROGRAM_LEN];
};

/* Takes over @fd, on which @hello came in; tells the program, also why not. */
void nmd_line_create(struct nmd_session *s, int fd,
		     const struct nmd_hello *hello);
void nmd_line_destroy(struct nmd_line *l);

#endif
