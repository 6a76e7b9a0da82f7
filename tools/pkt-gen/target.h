/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * target.h - where frames go and come from. A netmap port has its rings, which
 * tx, rx and pong walk themselves (rings.h); the others take and give one frame
 * at a time. Each thread has a target of its own.
 */
#ifndef PKT_GEN_TARGET_H
#define PKT_GEN_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include "options.h"
#include "ports.h"

enum target_kind { TARGET_NETMAP, TARGET_TAP, TARGET_PCAP, TARGET_NULL };

struct pcap;
struct pcap_dumper;

struct target {
	enum target_kind kind;
	char spec[PORTS_SPEC];
	uint32_t vnet; /* bytes in front of each frame */
	bool ended;    /* there will not be any more to receive */

	struct nmport_d *d; /* netmap */

	int fd; /* tap; -1: none */
	struct pcap *pcap;
	struct pcap_dumper *dump; /* pcap files that are written */
	uint8_t *buf;		  /* tap: the last frame that came */
};

/* Finds out what o->port is. False, and said: it cannot be. */
bool target_init(struct target *t, const struct options *o);

/*
 * Opens target number @index of *@n, which is the number of threads and, where
 * that is 0, is set by the first. @first is target 0, open, or NULL for that
 * itself. False, and said.
 */
bool target_open(struct target *t, const struct options *o, unsigned index,
		 unsigned *n, const struct target *first);
void target_close(struct target *t);

/* ---- one frame at a time; frames begin with their vnet bytes ---- */

/* 1 sent (or, in a netmap port, put; target_flush() sends), 0 no room, -1
 * failed, and said. */
int target_send(struct target *t, const uint8_t *data, uint32_t len);
bool target_flush(struct target *t);

/* Waits up to @ms for frames, or, with @for_room, for room. False: failed, and
 * said. */
bool target_wait(struct target *t, bool for_room, int ms);

/* All but netmap: the next frame, valid until the next call. 1 there is one, 0
 * there is none now, -1 failed, and said. */
int target_receive(struct target *t, const uint8_t **data, uint32_t *len);

/* ---- all but netmap (target_plain.c) ---- */

bool plain_open(struct target *t, const struct options *o);
void plain_close(struct target *t);
int plain_send(struct target *t, const uint8_t *data, uint32_t len);

#endif
