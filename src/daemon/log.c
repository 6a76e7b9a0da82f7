// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include "log.h"

#define KINDS	 32 /* more than there are in the source */
#define TOKENS	 32
#define TOKEN_NS 1000000000 /* until there is another */

/* A bucket of tokens, as RFC 2697 has them. */
struct kind {
	const char *format;
	enum nmd_level level;
	int64_t full_ns; /* when all tokens are there again */
	unsigned left_out;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of kinds */
static struct kind kinds[KINDS];
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

static void put(enum nmd_level level, const char *line)
{
	if (to_stderr)
		fprintf(stderr, "netmapd: level=%s %s\n", level_name(level),
			line);
	else
		syslog((int)level, "level=%s %s", level_name(level), line);
}

/* ---- not too many ---- */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* NULL: there is no room for another one, which is not limited then. */
static struct kind *kind_of(const char *format)
{
	for (int i = 0; i < KINDS; i++) {
		if (!kinds[i].format)
			kinds[i].format = format;
		if (kinds[i].format == format)
			return &kinds[i];
	}
	return NULL;
}

static bool take_token(struct kind *k)
{
	int64_t now = now_ns();

	if (k->full_ns < now)
		k->full_ns = now;
	if (k->full_ns - now > (TOKENS - 1) * (int64_t)TOKEN_NS)
		return false;
	k->full_ns += TOKEN_NS;
	return true;
}

static void tell_left_out(struct kind *k)
{
	char line[128];

	if (!k->left_out)
		return;
	snprintf(line, sizeof(line),
		 "event=left_out messages=%u like=\"%.60s\"", k->left_out,
		 k->format);
	put(k->level, line);
	k->left_out = 0;
}

/* May it be written? */
static bool admit(enum nmd_level level, const char *format)
{
	struct kind *k;
	bool yes = true;

	pthread_mutex_lock(&lock);
	k = kind_of(format);
	if (k) {
		k->level = level;
		yes = take_token(k);
		if (yes)
			tell_left_out(k);
		else
			k->left_out++;
	}
	pthread_mutex_unlock(&lock);
	return yes;
}

void nmd_log(enum nmd_level level, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!admit(level, format))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(level, line);
}

void nmd_log_close(void)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < KINDS; i++)
		tell_left_out(&kinds[i]);
	pthread_mutex_unlock(&lock);
}
