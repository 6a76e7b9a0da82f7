/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pair.h - what a way is to the program that measures it between two processes.
 *
 *      process "from"                     process "to"
 *      open(), then as often as asked:
 *        send() until to has enough         receive() for as long as asked,
 *                                           then what is still under way
 *      or (round trips)
 *        send(), receive()                  receive(), send()
 *
 * Each process opens its end after the fork. Functions that can fail return
 * -1 and have refused (bench_refuse()).
 */
#ifndef PAIR_H
#define PAIR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "bench.h"

#define PAIR_PATIENCE_MS 20000 /* nothing comes for so long: it is broken */

enum pair_role { PAIR_FROM, PAIR_TO };

/* Shared by both processes. */
struct pair_page {
	atomic_bool enough;   /* the receiver has its time */
	atomic_bool silent;   /* the sender sends no more of this slice */
	atomic_ulong sent;    /* of this slice */
	atomic_ulong taken;   /* the same, received */
	unsigned long frames; /* of them in the time that counts */
	uint64_t slice_ns, took_ns;
	char refusal[BENCH_TEXT];
};

struct pair_way {
	const char *name;
	bool round_trips;
	/* Before the fork: what both have. */
	int (*prepare)(const struct pair_way *way);
	/* The way's own name for the end at @role, from prepare or here. */
	int (*open)(const struct pair_way *way, enum pair_role role,
		    struct pair_page *page);
	/* Sends up to a batch, waits for room; returns how many. Round trips:
	 * one. */
	int (*send)(void);
	/* Reads what is there; waits up to @ms for something; 0: nothing came.
	 */
	int (*receive)(int ms);
	const char *spec[2]; /* ports of netmap */
};

/* Those that the program has; ends with a way without a name. */
extern const struct pair_way pair_ways[];
extern const bool pair_needs_netmapd;

#endif
