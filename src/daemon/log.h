/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * log.h - one line per event, "event=NAME key=value ...": to the standard error
 * output of a daemon in the foreground, else to the system's log.
 *
 * Programs can cause most of them as often as they like. So of each kind, which
 * is the text in the source, there are 32 at once and then one a second; the next
 * that is written says how many were left out. Any thread.
 */
#ifndef NMD_LOG_H
#define NMD_LOG_H

#include <stdbool.h>

enum nmd_level {
	NMD_ERROR = 3, /* as those of syslog(3) */
	NMD_WARN = 4,
	NMD_INFO = 6,
};

void nmd_log_open(bool foreground);
/* Says how many have been left out to the end. */
void nmd_log_close(void);
__attribute__((format(printf, 2, 3))) void nmd_log(enum nmd_level level,
						   const char *format, ...);

#endif
