/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * requests.h - what the inputs of corpus/ctrl mean: a sequence of calls of a few
 * descriptors. A request says where its parts lie, so they may overlap, run into
 * a page that is missing, or be nowhere.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <net/if.h>
#include <net/netmap.h>

#include "bytes.h"

#define ARENA	      (2 * 4096u)
#define REQUEST_FILES 4
#define REQUEST_MAX   64 /* calls of an input; the rest is left */

/* The caller's memory: ARENA bytes before a page that is not there. */
extern uint8_t *arena;
void arena_make(void);
/* Room at @addr in the arena, or NULL; words of it can be written. */
void *room_at(uint64_t addr, size_t len);

enum request_kind {
	REQUEST_REOPEN,	 /* the descriptor is closed, and another opened */
	REQUEST_SYNC,	 /* ioctl @cmd with @arg */
	REQUEST_POLL,	 /* for the events @arg */
	REQUEST_UNKNOWN, /* an ioctl that there is not */
	REQUEST_CTRL,	 /* NIOCCTRL */
	REQUEST_OLDER,	 /* NIOCREGIF, NIOCGINFO, NIOCCONFIG */
};

struct request {
	enum request_kind kind;
	unsigned file;
	unsigned long cmd;
	uint64_t arg;
};

/* The next call; its parts are in the arena then. */
void request_take(struct bytes *in, struct request *q);

/* 0, or an errno that REQUEST_CTRL and REQUEST_OLDER may answer. */
bool request_answer_is_documented(int error);

#endif
