// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What one user, or one program, can take of a netmapd that serves several: where
 * it ends the program is told in a sentence, and others go on.
 *
 * usage: limits NETMAPD
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/netmap.h>
#include "daemon.h"

#define USER  12345 /* nobody's number */
#define LIMIT "6"
#define PORTS 1024 /* made by NEWIF */

static struct daemon d;

/* Runs @main as @user, in a process of its own, with what it says on its
 * standard error output in d.dir/said. */
static void as_user(uid_t user, void (*main)(void))
{
	char said[64];
	pid_t pid;
	int status;

	snprintf(said, sizeof(said), "%s/said", d.dir);
	pid = fork();
	CLAIM(pid >= 0);
	if (!pid) {
		int fd = open(said, O_RDWR | O_CREAT | O_TRUNC, 0600);

		dup2(fd, STDERR_FILENO);
		CLAIM(!setgid(user) && !setuid(user));
		main();
		_exit(0);
	}
	CLAIM(waitpid(pid, &status, 0) == pid);
	if (status) {
		daemon_show_log(&d);
		die("status 0x%x", status);
	}
}

/* How many lines of @file have @text. */
static int lines_with(const char *file, const char *text)
{
	FILE *f = fopen(file, "r");
	char line[600];
	int n = 0;

	CLAIM(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

static bool was_said(const char *text)
{
	char said[64];
	bool yes;

	snprintf(said, sizeof(said), "%s/said", d.dir);
	yes = lines_with(said, text) == 1;
	unlink(said);
	return yes;
}

/* Opens until it fails with @error; returns how many there were. */
static int open_all(int fd[], int max, int error)
{
	int n = 0;

	while ((fd[n] = open("/dev/netmap", O_RDWR)) >= 0)
		CLAIM(++n < max);
	CLAIM(errno == error);
	return n;
}

static void await_open(void)
{
	int64_t deadline = now_ms() + DEADLINE_MS;
	int fd;

	while ((fd = open("/dev/netmap", O_RDWR)) < 0)
		CLAIM(now_ms() < deadline);
	close(fd);
}

/* ---- a user ---- */

static void take_sessions(void)
{
	int fd[64], n = open_all(fd, 64, EMFILE);

	CLAIM(n == atoi(LIMIT));
	while (n)
		close(fd[--n]);
	/* What has been closed counts no more. */
	await_open();
}

static void a_user(void)
{
	int fd[64];

	d.option = "--user-sessions=" LIMIT;
	daemon_start(&d);
	CLAIM(!chmod(d.dir, 0711) && !chmod(d.path, 0666));
	as_user(USER, take_sessions);
	CLAIM(was_said("--user-sessions says how many"));
	/* Who runs it has no limit. */
	for (int i = 0; i < 20; i++)
		CLAIM((fd[i] = open("/dev/netmap", O_RDWR)) >= 0);
	as_user(USER, take_sessions);
	for (int i = 0; i < 20; i++)
		close(fd[i]);
	was_said("");
	daemon_kill(&d);
}

/* ---- netmapd's descriptors ---- */

static void take_descriptors(void)
{
	int fd[128], n = open_all(fd, 128, ENFILE);

	CLAIM(n > 2);
	/* One that is there goes on. */
	CLAIM(poll(&(struct pollfd){.fd = fd[0], .events = POLLIN}, 1, 0) == 1);
	while (n)
		close(fd[--n]);
	await_open();
}

static void no_descriptors(void)
{
	d.option = NULL;
	/* It ends at another place with each of them. */
	for (d.descriptors = 64; d.descriptors < 70; d.descriptors++) {
		daemon_start(&d);
		as_user(getuid(), take_descriptors);
		CLAIM(was_said("netmapd has no descriptor"));
		daemon_kill(&d);
	}
	d.descriptors = 0;
}

/* ---- persistent ports ---- */

static int newif(int fd, int n, uint16_t type)
{
	struct nmreq_vale_newif newif = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_body = type == NETMAP_REQ_VALE_NEWIF
						    ? (uintptr_t)&newif
						    : 0};

	snprintf(h.nr_name, sizeof(h.nr_name), "per%d", n);
	return ioctl(fd, NIOCCTRL, &h) ? errno : 0;
}

static void take_ports(void)
{
	int fd = open("/dev/netmap", O_RDWR);

	CLAIM(fd >= 0);
	for (int i = 0; i < PORTS; i++)
		CLAIM(!newif(fd, i, NETMAP_REQ_VALE_NEWIF));
	CLAIM(newif(fd, PORTS, NETMAP_REQ_VALE_NEWIF) == ENOSPC);
	CLAIM(!newif(fd, 0, NETMAP_REQ_VALE_DELIF));
	CLAIM(!newif(fd, PORTS, NETMAP_REQ_VALE_NEWIF));
}

static void ports(void)
{
	daemon_start(&d);
	as_user(getuid(), take_ports);
	was_said("");
	daemon_kill(&d);
}

int main(int argc, char **argv)
{
	CLAIM(argc == 2);
	daemon_init(&d, argv[1]);
	if (!getuid())
		a_user();
	else
		puts("# of users: skipped, for who is not root");
	no_descriptors();
	d.option = NULL;
	ports();
	d.option = NULL;
	daemon_start(&d);
	daemon_end(&d);
	return 0;
}
