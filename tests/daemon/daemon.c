// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "daemon.h"

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- life ---- */

static struct daemon *ours;
static pid_t owner;

/* A test that fails leaves nothing behind. */
static void clean_up(void)
{
	char lock[80];

	if (!ours || getpid() != owner)
		return;
	if (ours->pid > 0) {
		kill(ours->pid, SIGKILL);
		waitpid(ours->pid, NULL, 0);
	}
	snprintf(lock, sizeof(lock), "%s.lock", ours->path);
	unlink(lock);
	unlink(ours->path);
	unlink(ours->log);
	rmdir(ours->dir);
}

void daemon_init(struct daemon *d, const char *program)
{
	*d = (struct daemon){.program = program,
			     .dir = "/tmp/netmapd-test.XXXXXX"};
	CLAIM(mkdtemp(d->dir));
	ours = d;
	owner = getpid();
	atexit(clean_up);
	snprintf(d->path, sizeof(d->path), "%s/netmapd.sock", d->dir);
	snprintf(d->log, sizeof(d->log), "%s/log", d->dir);
	setenv("NETMAP_SOCKET", d->path, 1);
	setenv("NETMAP_HOME", "netmapd", 1);
	setenv("NETMAPD", "/nonexistent", 1);
}

static void become(const struct daemon *d)
{
	int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	/* Whatever becomes of the test. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDERR_FILENO);
	if (d->descriptors)
		setrlimit(RLIMIT_NOFILE,
			  &(struct rlimit){d->descriptors, d->descriptors});
	execl(d->program, d->program, "--foreground", "--socket", d->path,
	      d->option, NULL);
	_exit(127);
}

static bool listens(const struct daemon *d)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	bool yes;

	CLAIM(fd >= 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", d->path);
	yes = !connect(fd, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	return yes;
}

void daemon_start(struct daemon *d)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	d->pid = fork();
	CLAIM(d->pid >= 0);
	if (!d->pid)
		become(d);
	while (!listens(d)) {
		CLAIM(daemon_lives(d));
		CLAIM(now_ms() < deadline);
		poll(NULL, 0, 1);
	}
}

bool daemon_lives(const struct daemon *d)
{
	return !waitpid(d->pid, NULL, WNOHANG);
}

void daemon_kill(struct daemon *d)
{
	CLAIM(!kill(d->pid, SIGKILL));
	CLAIM(waitpid(d->pid, NULL, 0) == d->pid);
	unlink(d->path);
}

void daemon_show_log(const struct daemon *d)
{
	FILE *log = fopen(d->log, "r");
	char line[512];

	for (int i = 0; log && i < 60 && fgets(line, sizeof(line), log); i++)
		fputs(line, stderr);
	if (log)
		fclose(log);
}

void daemon_end(struct daemon *d)
{
	char lock[80];
	int status;

	CLAIM(!kill(d->pid, SIGTERM));
	CLAIM(waitpid(d->pid, &status, 0) == d->pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		daemon_show_log(d);
		die("netmapd ended with status 0x%x", status);
	}
	CLAIM(access(d->path, F_OK) && errno == ENOENT);
	snprintf(lock, sizeof(lock), "%s.lock", d->path);
	unlink(lock);
	unlink(d->log);
	ours = NULL;
	CLAIM(!rmdir(d->dir));
}

/* ---- what it uses ---- */

unsigned int daemon_fds(const struct daemon *d)
{
	unsigned int n = 0;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)d->pid);
	dir = opendir(path);
	CLAIM(dir);
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static unsigned long status_of(const struct daemon *d, const char *key)
{
	unsigned long value = 0;
	char path[32], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)d->pid);
	f = fopen(path, "r");
	CLAIM(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			value = strtoul(line + strlen(key), NULL, 10);
	fclose(f);
	return value;
}

unsigned int daemon_threads(const struct daemon *d)
{
	return (unsigned int)status_of(d, "Threads:");
}

unsigned long daemon_rss_kb(const struct daemon *d)
{
	return status_of(d, "VmRSS:");
}

/* ---- programs that behave ---- */

pid_t good_start(const char *program, const char *kind, const char *a,
		 const char *b)
{
	int ready[2];
	pid_t pid;
	char c;

	CLAIM(!pipe2(ready, O_CLOEXEC));
	pid = fork();
	CLAIM(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		execl(program, program, kind, a, b, NULL);
		_exit(127);
	}
	close(ready[1]);
	CLAIM(read(ready[0], &c, 1) == 1);
	/* What it says at its end goes nowhere, but must not end it. */
	fcntl(ready[0], F_SETFD, 0);
	return pid;
}

void good_end(pid_t pid, const char *kind)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) == pid)
		die("the good pair (%s) ended before its time: 0x%x", kind,
		    status);
	CLAIM(!kill(pid, SIGTERM));
	CLAIM(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("the good pair (%s) failed: 0x%x", kind, status);
}
