// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A program that keeps to no protocol fills neither netmapd's log nor, with
 * lines, all its descriptors.
 *
 * usage: floods NETMAPD
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "raw.h"

#define USER  12345 /* nobody's number */
#define LIMIT "6"
#define FLOOD 2000

static struct daemon d;

/* ---- lines ---- */

static void take_lines(void)
{
	int session = raw_connect(), line[64], n = 0;
	struct nmd_welcome w;

	while (!raw_line(session, &line[n], &w))
		CLAIM(++n < 64);
	CLAIM(n == 4 * atoi(LIMIT) && w.error == EMFILE);
	CLAIM(strstr(w.sentence, "--user-sessions"));
	_exit(0);
}

static void lines_of_a_user(void)
{
	pid_t pid;
	int status;

	d.option = "--user-sessions=" LIMIT;
	daemon_start(&d);
	CLAIM(!chmod(d.dir, 0711) && !chmod(d.path, 0666));
	pid = fork();
	CLAIM(pid >= 0);
	if (!pid) {
		CLAIM(!setgid(USER) && !setuid(USER));
		take_lines();
	}
	CLAIM(waitpid(pid, &status, 0) == pid && !status);
	daemon_kill(&d);
	d.option = NULL;
}

/* ---- the log ---- */

/* How many lines of the log have @text. */
static int lines_with(const char *text)
{
	FILE *f = fopen(d.log, "r");
	char line[600];
	int n = 0;

	CLAIM(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

static void flood(void)
{
	for (int i = 0; i < FLOOD; i++) {
		int fd = raw_connect();

		CLAIM(!raw_send(fd, "hello", 5, NULL, 0));
		CLAIM(raw_is_closed(fd));
		close(fd);
	}
}

static void log_stays_short(void)
{
	FILE *log;
	char line[600];
	int said, left_out = 0, n;

	unlink(d.log);
	daemon_start(&d);
	flood();
	CLAIM(!kill(d.pid, SIGTERM));
	CLAIM(waitpid(d.pid, NULL, 0) == d.pid);
	said = lines_with("event=bad_hello bytes");
	log = fopen(d.log, "r");
	while (fgets(line, sizeof(line), log)) {
		char *at = strstr(line, "event=left_out messages=");

		if (at && sscanf(at, "event=left_out messages=%d", &n) == 1)
			left_out += n;
	}
	fclose(log);
	CLAIM(said - lines_with("event=left_out") >= 32);
	CLAIM(said < 32 + DEADLINE_MS / 1000 * 4);
	CLAIM(said - lines_with("event=left_out") + left_out == FLOOD);
}

int main(int argc, char **argv)
{
	CLAIM(argc == 2);
	daemon_init(&d, argv[1]);
	if (!getuid())
		lines_of_a_user();
	else
		puts("# lines of a user: skipped, for who is not root");
	log_stays_short();
	daemon_start(&d);
	daemon_end(&d);
	return 0;
}
