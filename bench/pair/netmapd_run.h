/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmapd_run.h - a netmapd of this program's own, in a temporary folder, for
 * as long as the program needs it.
 */
#ifndef NETMAPD_RUN_H
#define NETMAPD_RUN_H

#include <stdbool.h>
#include <sys/types.h>

struct netmapd_run {
	pid_t pid; /* > 0: it runs */
	char dir[64];
	char socket[96];
};

/* Starts @program on the processors that the caller may use, and has this
 * process and those it starts use that netmapd. @log is where it logs, or -1:
 * nowhere. 0 once it serves; else -errno, and nothing is left. It ends with the
 * thread that calls this, whatever happens to that. */
int netmapd_run_start(struct netmapd_run *d, const char *program, int log);
/* Ends it; false: it had ended before, or did not end well. */
bool netmapd_run_stop(struct netmapd_run *d);

#endif
