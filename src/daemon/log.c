// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include "log.h"

static bool to_stderr = true;

void nmd_log_open(bool foreground)
{
	to_stderr = foreground;
	if (!foreground)
		openlog("netmapd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static const char *level_name(enum nmd_level level)
{
	return level == NMD_ERROR  ? "error"
	       : level == NMD_WARN ? "warning"
				   : "info";
}

void nmd_log(enum nmd_level level, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (to_stderr)
		fprintf(stderr, "netmapd: level=%s %s\n", level_name(level),
			line);
	else
		syslog((int)level, "level=%s %s", level_name(level), line);
}
