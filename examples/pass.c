// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * pass.c - a process opens a port and passes it to another, which needs no
 * rights of its own: COMMAND gets it by SCM_RIGHTS on its stdin, a socket.
 * take.c is such a command.
 *
 *	cc -o pass pass.c $(pkg-config --cflags --libs libnetmap)
 *	./pass vale0:p ./take 1000
 */
#include <libnetmap.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sends the descriptor, and with it what was answered when it was bound. */
static int give(int socket, struct nmport_d *d)
{
	long control[CMSG_SPACE(sizeof(d->fd)) / sizeof(long)] = {0};
	struct iovec body = {&d->reg, sizeof(d->reg)};
	struct msghdr m = {.msg_iov = &body,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(d->fd));
	memcpy(CMSG_DATA(c), &d->fd, sizeof(d->fd));
	return sendmsg(socket, &m, 0) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct nmport_d *d;
	int s[2];

	if (argc < 3)
		return fputs("usage: pass PORT COMMAND...\n", stderr), 2;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s))
		return perror("pass"), 1;
	if (fork() == 0) {
		/* This process has the right to open it, and ends. */
		d = nmport_open(argv[1]);
		return !d || give(s[0], d);
	}
	close(s[0]);
	dup2(s[1], STDIN_FILENO);
	execvp(argv[2], argv + 2);
	return perror(argv[2]), 127;
}
