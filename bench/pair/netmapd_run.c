// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "netmapd_run.h"

#define START_MS 10000

/* In the child. */
static void run(const struct netmapd_run *d, const char *program, int log)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(log >= 0 ? log : null, STDERR_FILENO);
	}
	closefrom(3);
	unsetenv("LD_PRELOAD");
	execl(program, "netmapd", "--foreground", "--socket", d->socket,
	      (char *)NULL);
	_exit(127);
}

static bool serves(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool does;

	strcpy(to.sun_path, path);
	does = fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to));
	if (fd >= 0)
		close(fd);
	return does;
}

/* It has no way of telling, but by accepting connections. */
static int await(const struct netmapd_run *d)
{
	const struct timespec pause = {0, 2000000};

	for (int i = 0; i < START_MS / 2; i++) {
		if (serves(d->socket))
			return 0;
		if (waitpid(d->pid, NULL, WNOHANG) == d->pid)
			return -ECHILD;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

static void forget(struct netmapd_run *d)
{
	char lock[sizeof(d->socket) + 8];

	snprintf(lock, sizeof(lock), "%s.lock", d->socket);
	unlink(d->socket);
	unlink(lock);
	rmdir(d->dir);
	d->pid = 0;
}

int netmapd_run_start(struct netmapd_run *d, const char *program, int log)
{
	int err;

	*d = (struct netmapd_run){.dir = "/tmp/netmapd-XXXXXX"};
	if (access(program, X_OK) || !mkdtemp(d->dir))
		return -errno;
	snprintf(d->socket, sizeof(d->socket), "%s/netmapd.sock", d->dir);
	d->pid = fork();
	if (!d->pid)
		run(d, program, log);
	err = d->pid < 0 ? -errno : await(d);
	if (err) {
		if (d->pid > 0 && err != -ECHILD) {
			kill(d->pid, SIGKILL);
			waitpid(d->pid, NULL, 0);
		}
		forget(d);
		return err;
	}
	setenv("NETMAP_HOME", "netmapd", 1);
	setenv("NETMAP_SOCKET", d->socket, 1);
	setenv("NETMAPD", "/nonexistent", 1); /* no other is to be started */
	return 0;
}

bool netmapd_run_stop(struct netmapd_run *d)
{
	int status = -1;

	if (d->pid <= 0)
		return false;
	kill(d->pid, SIGTERM);
	waitpid(d->pid, &status, 0);
	forget(d);
	return !status;
}
