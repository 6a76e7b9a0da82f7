// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "acts.h"

#define CHILD_FD 3

bool process_start(struct process *p, bool (*fn)(int fd, void *arg), void *arg)
{
	int fds[2];

	p->pid = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		perror("acts: socketpair");
		return false;
	}
	fflush(NULL);
	p->pid = fork();
	if (!p->pid) {
		bool ok;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Not the ends of others: they shall see them closed. */
		dup2(fds[1], CHILD_FD);
		closefrom(CHILD_FD + 1);
		ok = fn(CHILD_FD, arg);
		fflush(NULL);
		_exit(!ok);
	}
	close(fds[1]);
	p->fd = fds[0];
	if (p->pid > 0)
		return true;
	perror("acts: fork");
	close(fds[0]);
	return false;
}

bool process_say(int fd, char byte)
{
	return send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
}

bool process_hear(int fd, char *byte)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, PATIENCE_MS) == 1 && read(fd, byte, 1) == 1;
}

bool process_end(struct process *p, int sig)
{
	int status = 0;

	if (p->pid <= 0)
		return false;
	if (sig)
		kill(p->pid, sig);
	close(p->fd);
	waitpid(p->pid, &status, 0);
	p->pid = -1;
	return !status ||
	       (sig && WIFSIGNALED(status) && WTERMSIG(status) == sig);
}
