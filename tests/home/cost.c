// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* cost.c - prints what calls on other descriptors cost more in a program with
 * lib/home, and what a sync costs; asserts nothing. */
#include "home.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#define ROUNDS 9
#define CALLS  20000

static int event, ep;

static void by_libc(int what)
{
	struct pollfd p = {.fd = event, .events = POLLIN};
	struct epoll_event e;

	if (what == 0)
		poll(&p, 1, 0);
	else if (what == 1)
		ioctl(event, 0x1234, NULL);
	else if (what == 2)
		epoll_wait(ep, &e, 1, 0);
	else
		close(-1);
}

static void by_kernel(int what)
{
	struct pollfd p = {.fd = event, .events = POLLIN};
	struct epoll_event e;

	if (what == 0)
		syscall(SYS_poll, &p, 1, 0);
	else if (what == 1)
		syscall(SYS_ioctl, event, 0x1234, NULL);
	else if (what == 2)
		syscall(SYS_epoll_wait, ep, &e, 1, 0);
	else
		syscall(SYS_close, -1);
}

static double best(void (*call)(int), int what)
{
	struct timespec t[2];
	double ns, least = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t[0]);
		for (int j = 0; j < CALLS; j++)
			call(what);
		clock_gettime(CLOCK_MONOTONIC, &t[1]);
		ns = ((double)(t[1].tv_sec - t[0].tv_sec) * 1e9 +
		      (double)(t[1].tv_nsec - t[0].tv_nsec)) /
		     CALLS;
		if (ns < least)
			least = ns;
	}
	return least;
}

static void sync_port(int fd)
{
	ioctl(fd, NIOCTXSYNC, NULL);
}

int main(void)
{
	static const char *const names[] = {"poll", "ioctl", "epoll_wait",
					    "close"};
	struct port a = open_port("vale4:a");

	event = eventfd(0, 0);
	ep = epoll_create1(0);
	for (int i = 0; i < 4; i++) {
		double kernel = best(by_kernel, i), libc = best(by_libc, i);

		printf("# %s of another descriptor: %.1f ns, %.1f more than "
		       "the system call\n",
		       names[i], libc, libc - kernel);
	}
	printf("# TXSYNC with nothing to send: %.1f ns\n",
	       best(sync_port, a.fd));
	close_port(&a);
	return 0;
}
