// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * kill -9, of programs at any instruction, and of netmapd while programs wait
 * for it in every way that there is.
 *
 * usage: kills NETMAPD GOOD VICTIM [KILLS]
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "raw.h"

#define BESIDE 3 /* victims at a time */

static struct daemon d;
static const char *good, *victim;

struct child {
	pid_t pid;
	int in, out; /* its standard input and output */
};

static struct child start(const char *kind, const char *name)
{
	int in[2], out[2];
	struct child c;

	CLAIM(!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC));
	c = (struct child){.pid = fork(), .in = in[1], .out = out[0]};
	CLAIM(c.pid >= 0);
	if (!c.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(victim, victim, kind, name, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return c;
}

static void forget(struct child *c)
{
	close(c->in);
	close(c->out);
}

/* The next line that it says. */
static void hear(const struct child *c, const char *what)
{
	struct pollfd p = {.fd = c->out, .events = POLLIN};
	char line[32] = "";
	size_t n = 0;

	while (!strchr(line, '\n')) {
		CLAIM(poll(&p, 1, DEADLINE_MS) == 1);
		if (n == sizeof(line) - 1 || read(c->out, line + n, 1) != 1)
			die("a program should say \"%s\", and ended", what);
		n++;
	}
	line[n - 1] = '\0';
	CLAIM(!strcmp(line, what));
}

static void kill_one(struct child *c, int delay_us)
{
	struct timespec t = {.tv_nsec = delay_us * 1000};
	int status;

	nanosleep(&t, NULL);
	kill(c->pid, SIGKILL);
	CLAIM(waitpid(c->pid, &status, 0) == c->pid);
	if (WIFEXITED(status))
		die("a program ended by itself with %d", WEXITSTATUS(status));
	forget(c);
}

/* They share a switch; the first ones are killed before they have a port. */
static void programs(int kills)
{
	struct usage before = raw_usage(&d);
	pid_t pid = good_start(good, "lossless", "vale0:a", "vale0:b");
	struct child c[BESIDE] = {{0}};
	char name[32];

	srand(7);
	for (int i = 0; i < kills + BESIDE; i++) {
		struct child *one = &c[i % BESIDE];

		if (i >= BESIDE)
			kill_one(one, rand() % 6000);
		if (i < kills) {
			snprintf(name, sizeof(name), "vale1:%d", i % BESIDE);
			*one = start("busy", name);
		}
		if (!daemon_lives(&d))
			die("netmapd has died after %d kills", i);
	}
	good_end(pid, "beside programs that were killed");
	raw_await_usage(&d, &before);
	CLAIM(raw_serves(&d));
}

static const char *const kinds[] = {"poll", "epoll", "ioctl", "sync"};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* @stopped: it does not even get to serve what was asked before its end. */
static void netmapd_itself(bool stopped)
{
	struct child c[KINDS];
	char name[32];
	int status;

	for (size_t i = 0; i < KINDS; i++) {
		snprintf(name, sizeof(name), "vale%zu:p", i);
		c[i] = start(kinds[i], name);
		hear(&c[i], "ready");
	}
	if (stopped)
		CLAIM(!kill(d.pid, SIGSTOP));
	daemon_kill(&d);
	for (size_t i = 0; i < KINDS; i++)
		hear(&c[i], "noticed");
	daemon_start(&d);
	for (size_t i = 0; i < KINDS; i++) {
		CLAIM(write(c[i].in, "go\n", 3) == 3);
		CLAIM(waitpid(c[i].pid, &status, 0) == c[i].pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			die("%s: status 0x%x", kinds[i], status);
		forget(&c[i]);
	}
}

int main(int argc, char **argv)
{
	CLAIM(argc >= 4);
	good = argv[2];
	victim = argv[3];
	daemon_init(&d, argv[1]);
	daemon_start(&d);
	programs(argc > 4 ? atoi(argv[4]) : 200);
	for (int i = 0; i < 6; i++)
		netmapd_itself(i % 2);
	daemon_end(&d);
	return 0;
}
