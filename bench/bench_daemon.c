// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_daemon.c - from process to process: through netmapd, and by what the
 * system has (bench/pair does it).
 *
 *     sender --> netmapd --> receiver
 */
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"
#include "pair_run.h"

/* What def->arg says: which program, and where it runs. */
enum { NETMAP = 1, ONE_CORE = 2, TWO_CORES = 4 };

struct daemon_row {
	struct pair_run run;
	unsigned long sent, lost;
	bool round_trips;
};

static void row_close(void *state)
{
	struct daemon_row *row = state;

	pair_run_end(&row->run);
	free(row);
}

/* The way is what pair.c calls it: the row's name without what stands for the
 * home and the processors. */
static void way_of(const char *name, char *way, size_t size)
{
	static const char *const drop[] = {"peer2.", ".daemon", ".1core",
					   ".2cores"};

	snprintf(way, size, "%s", name);
	for (size_t i = 0; i < sizeof(drop) / sizeof(drop[0]); i++) {
		char *at = strstr(way, drop[i]);

		if (at)
			memmove(at, at + strlen(drop[i]),
				strlen(at + strlen(drop[i])) + 1);
	}
}

static void *row_open(const struct bench_def *def)
{
	struct daemon_row *row = calloc(1, sizeof(*row));
	char way[32], cpus[24];
	bool netmap = def->arg & NETMAP;
	unsigned cores = def->arg & ONE_CORE ? 1 : def->arg & TWO_CORES ? 2 : 0;
	const char *const argv[] = {netmap ? PAIR_NETMAP : PAIR_SYSTEM, way,
				    cpus, netmap ? NETMAPD : NULL, NULL};

	if (!row) {
		bench_refuse("no memory");
		return NULL;
	}
	way_of(def->name, way, sizeof(way));
	row->round_trips = strstr(way, "rtt") || strstr(way, "eventfd") ||
			   !strcmp(way, "open");
	if (!pair_cpus(cores, cpus, sizeof(cpus)))
		bench_refuse("needs %u processors", cores);
	else if (pair_run_start(&row->run, argv))
		return row;
	else
		bench_refuse("%s", row->run.refusal);
	row_close(row);
	return NULL;
}

static unsigned long row_slice(void *state, uint64_t ns, uint64_t *took)
{
	struct daemon_row *row = state;
	struct pair_slice s;

	if (!pair_run_slice(&row->run, (unsigned)(ns / 1000000), &s)) {
		bench_refuse("%s", row->run.refusal);
		return 0;
	}
	row->sent += s.sent;
	row->lost += s.lost;
	*took = s.ns;
	return s.frames;
}

static void row_remark(void *state, char text[BENCH_TEXT])
{
	const struct daemon_row *row = state;
	size_t used = strlen(text);

	if (!row->round_trips)
		snprintf(text + used, BENCH_TEXT - used, "; %.2f %% lost",
			 row->sent
				 ? 100.0 * (double)row->lost / (double)row->sent
				 : 0.0);
}

#define ROW(name_, arg_, note_)                                               \
	{                                                                     \
		.name = name_, .note = note_, .arg = arg_, .open = row_open,  \
		.slice = row_slice, .remark = row_remark, .close = row_close, \
	}

const struct bench_def bench_daemon_rows[] = {
	ROW("vale.daemon.1core", NETMAP | ONE_CORE,
	    "sender, netmapd, receiver: three processes on one core; VALE "
	    "switch, learned unicast, 1024 slots, batch 512; frames received"),
	ROW("vale.daemon", NETMAP,
	    "the same, processes wherever the system puts them"),
	ROW("vale.daemon.200idle", NETMAP | ONE_CORE,
	    "vale.daemon.1core with 200 more ports on the switch, asleep in "
	    "poll()"),
	ROW("pipe.daemon.1core", NETMAP | ONE_CORE,
	    "sender, netmapd, receiver on one core; netmap pipe, 1024 slots, "
	    "batch 512; frames received"),
	ROW("vale.daemon.rtt", NETMAP | ONE_CORE,
	    "ns per ROUND TRIP of one frame, two processes and netmapd on one "
	    "core, poll()"),
	ROW("pipe.daemon.rtt", NETMAP | ONE_CORE,
	    "the same through a netmap pipe"),
	ROW("peer2.eventfd", ONE_CORE,
	    "ns per ROUND TRIP without a frame: two processes on one core, an "
	    "eventfd each way, blocking read()"),
	ROW("peer2.eventfd.relay", ONE_CORE,
	    "the same by way of a third process, as by netmapd: it sleeps in "
	    "epoll_wait() and writes to the other's eventfd"),
	ROW("open.daemon", NETMAP | ONE_CORE,
	    "ns per PORT: nm_open() of a port on a VALE switch, nm_close()"),
	ROW("vale.daemon.rtt.2cores", NETMAP | TWO_CORES,
	    "ns per ROUND TRIP, the two processes on two cores"),
	ROW("pipe.daemon.rtt.2cores", NETMAP | TWO_CORES,
	    "the same through a netmap pipe"),
	ROW("peer2.eventfd.2cores", TWO_CORES,
	    "ns per ROUND TRIP without a frame, on two cores"),
	ROW("peer2.socketpair", ONE_CORE,
	    "two processes on one core; Unix datagrams, sendmmsg and recvmmsg "
	    "of up to 64"),
	ROW("peer2.udp", ONE_CORE,
	    "two processes on one core; UDP over loopback, sendmmsg and "
	    "recvmmsg of up to 64, sender waits at 128 under way"),
	ROW("peer2.pipe2", ONE_CORE,
	    "two processes on one core; pipe2(O_DIRECT), 64 frames, a write "
	    "and a read each"),
	{0},
};
