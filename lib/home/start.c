// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Starting netmapd out of somebody's process, which does not notice: there is a
 * child between, so no SIGCHLD comes (exec would turn it on) and wait(2) does
 * not find it (__WCLONE). All of it is over when nmh_start() returns.
 *
 *   program          between                        netmapd
 *     clone, VFORK ---> clone, VFORK ---------------> exec
 *        .              wait <----------------------- it listens: exit
 *     wait <----------- exit with its status
 */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "real.h"
#include "wiring.h"

#ifndef NMD_PROGRAM
#define NMD_PROGRAM "/usr/local/sbin/netmapd"
#endif

#define STACK_SIZE 65536
#define ENV_MAX	   4096 /* variables that are passed on */

struct start {
	char path[4096];
	char *argv[5];
	char *env[ENV_MAX + 1];
	int64_t deadline;
	int err;    /* of the child between, or of exec */
	int status; /* of netmapd, as of wait(2) */
	char stack[2][STACK_SIZE];
};

/* Kernels before 5.9 have no close_range. */
static void close_each(void)
{
	char entries[2048] __attribute__((aligned(8)));
	long dir = nmh_sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	     n;

	while ((n = nmh_sys(SYS_getdents64, dir, entries, sizeof(entries))) > 0)
		for (long at = 0; at < n;) {
			const struct dirent64 *e = (void *)(entries + at);
			int fd = atoi(e->d_name);

			if (fd > STDERR_FILENO && fd != dir)
				nmh_sys(SYS_close, fd);
			at += e->d_reclen;
		}
}

/* In the inner child, which shares our memory until it has become netmapd. */
static int run(void *arg)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL}, old;
	struct start *s = arg;
	sigset_t none;
	long null;

	for (int sig = 1; sig < NSIG; sig++) {
		/* No handler of the program may run here. */
		if (!sigaction(sig, NULL, &old) && old.sa_handler != SIG_DFL)
			sigaction(sig, &dfl, NULL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = nmh_sys(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
	if (null >= 0) {
		nmh_sys(SYS_dup3, null, STDIN_FILENO, 0);
		nmh_sys(SYS_dup3, null, STDOUT_FILENO, 0);
	}
	/* What the program has open is not to stay open in netmapd. */
	if (nmh_sys(SYS_close_range, 3, ~0u, 0) < 0)
		close_each();
	s->err = (int)nmh_sys(SYS_execve, s->path, s->argv, s->env);
	_exit(127);
}

static bool is_program(const char *path)
{
	return !access(path, X_OK);
}

/* The first of $NETMAPD, where it was installed, and what PATH has. */
static int find(char *path, size_t size)
{
	const char *env = secure_getenv("NETMAPD"), *dirs, *next;

	if (env && *env) {
		snprintf(path, size, "%s", env);
		return is_program(path) ? 0 : -errno;
	}
	snprintf(path, size, "%s", NMD_PROGRAM);
	if (is_program(path))
		return 0;
	for (dirs = secure_getenv("PATH"); dirs && *dirs; dirs = next) {
		int n = (int)strcspn(dirs, ":");

		next = dirs + n + (dirs[n] == ':');
		if (!n)
			continue;
		snprintf(path, size, "%.*s/netmapd", n, dirs);
		if (is_program(path))
			return 0;
	}
	snprintf(path, size, "%s", NMD_PROGRAM);
	return -ENOENT;
}

/* All variables but those that would load us into netmapd. */
static void copy_env(struct start *s)
{
	size_t n = 0;

	for (char **e = environ; e && *e && n < ENV_MAX; e++)
		if (strncmp(*e, "LD_PRELOAD=", 11))
			s->env[n++] = *e;
	s->env[n] = NULL;
}

/* Waits for netmapd to listen, or to give up. */
static int wait_for(struct start *s, pid_t pid, int pidfd)
{
	long r;

	do {
		r = nmh_wait(pidfd, POLLIN, s->deadline);
		if (!r)
			return -ETIMEDOUT;
	} while (r == -EINTR);
	do
		r = nmh_sys(SYS_wait4, pid, &s->status, 0, NULL);
	while (r == -EINTR);
	return r < 0 ? (int)r : 0;
}

/* In the outer child, while our thread is suspended. */
static int between(void *arg)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct start *s = arg;
	int pid, pidfd = -1, err;

	sigaction(SIGCHLD, &dfl, NULL); /* ignored, nobody could wait */
	pid = clone(run, s->stack[1] + STACK_SIZE,
		    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, s, &pidfd);
	err = pid < 0 ? -errno : wait_for(s, pid, pidfd);
	if (!s->err)
		s->err = err;
	_exit(0);
}

static int spawn(struct start *s)
{
	sigset_t all, old;
	int pid;
	long r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone(between, s->stack[0] + STACK_SIZE, CLONE_VM | CLONE_VFORK,
		    s);
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return pid;
	do
		r = nmh_sys(SYS_wait4, pid, NULL, __WCLONE, NULL);
	while (r == -EINTR);
	return 0;
}

static int start(struct start *s, char *text, size_t size)
{
	int err = spawn(s);

	if (err) {
		snprintf(text, size, "netmapd cannot be started (%s)",
			 strerror(-err));
		return err;
	}
	if (s->err == -ETIMEDOUT) {
		snprintf(text, size, "%.120s was started and does not listen",
			 s->path);
		return s->err;
	}
	if (s->err) {
		snprintf(text, size,
			 "%.120s cannot be run (%s): install netmapd, or set "
			 "NETMAPD to where it is",
			 s->path, strerror(-s->err));
		return s->err;
	}
	if (s->status) {
		snprintf(text, size,
			 "%.120s was started and ended at once (status %d): "
			 "run it by hand to see why",
			 s->path,
			 WIFEXITED(s->status) ? WEXITSTATUS(s->status)
					      : 128 + WTERMSIG(s->status));
		return -ECONNREFUSED;
	}
	return 0;
}

int nmh_start(const char *path, int64_t deadline, char *text, size_t size)
{
	struct start *s;
	int err;

	s = nmh_alloc(sizeof(*s));
	if (!s) {
		snprintf(text, size, "no memory to start netmapd");
		return -ENOMEM;
	}
	err = find(s->path, sizeof(s->path));
	if (err) {
		snprintf(text, size,
			 "nobody listens at %.108s, and %.108s, "
			 "which would, cannot be run (%s): install netmapd, or "
			 "set NETMAPD to where it is",
			 path, s->path, strerror(-err));
	} else {
		s->argv[0] = (char *)"netmapd";
		s->argv[1] = (char *)"--on-demand";
		s->argv[2] = (char *)"--socket";
		s->argv[3] = (char *)path;
		copy_env(s);
		s->deadline = deadline;
		err = start(s, text, size);
	}
	nmh_free(s, sizeof(*s));
	return err;
}
