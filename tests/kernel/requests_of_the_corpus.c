// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What the fuzzer of requests has found worth keeping, asked of the module: all
 * is answered as documented, and meanwhile two ports move each frame. Several
 * inputs follow each other in a namespace, which has an interface eth0, and end
 * with it. Loops are ended by a signal.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kt_net.h"
#include "requests.h"

#define CORPUS "/corpus/ctrl"
#define GROUP  15 /* inputs in a namespace */

static struct dirent **inputs;
static int nr_inputs;

static int files[REQUEST_FILES];
static unsigned asked, granted;

static void reopen(unsigned i)
{
	if (files[i] > 0)
		KT_CHECK(close(files[i]) == 0);
	files[i] = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(files[i] >= 0);
}

static void step(struct bytes *in)
{
	struct request q;
	struct pollfd p;
	int err;

	request_take(in, &q);
	switch (q.kind) {
	case REQUEST_REOPEN:
		reopen(q.file);
		break;
	case REQUEST_POLL:
		p = (struct pollfd){.fd = files[q.file],
				    .events = (short)q.arg};
		poll(&p, 1, 0);
		break;
	case REQUEST_UNKNOWN:
		KT_CHECK(ioctl(files[q.file], q.cmd, q.arg) == -1);
		break;
	case REQUEST_SYNC:
		ioctl(files[q.file], q.cmd, q.arg);
		break;
	default:
		err = ioctl(files[q.file], q.cmd, q.arg) ? errno : 0;
		KT_CHECK(request_answer_is_documented(err) || err == EINTR);
		asked++;
		granted += !err;
	}
}

static void play(const char *name)
{
	static uint8_t data[1 << 16];
	char path[512];
	struct bytes in;
	ssize_t len;
	int fd;

	printf("%s\n", name);
	snprintf(path, sizeof(path), CORPUS "/%s", name);
	fd = open(path, O_RDONLY);
	len = read(fd, data, sizeof(data));
	KT_CHECK(len >= 0);
	close(fd);
	in = (struct bytes){data, data + len};
	memset(arena, 0, ARENA);
	for (unsigned i = 0; i < REQUEST_FILES; i++)
		reopen(i);
	for (unsigned n = 0; n < REQUEST_MAX && bytes_left(&in); n++)
		step(&in);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* The inputs from *@arg on, in a namespace of their own. */
static void group(void *arg)
{
	const struct itimerval often = {{.tv_usec = 50000}, {.tv_usec = 50000}};
	const struct sigaction act = {.sa_handler = on_alarm};
	int first = *(int *)arg, ns = kt_new_ns();

	kt_run(ns, "ip link add eth0 type veth && ip link set eth0 up");
	kt_enter(ns);
	close(ns);
	arena_make();
	KT_CHECK(sigaction(SIGALRM, &act, NULL) == 0);
	KT_CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = first; i < first + GROUP && i < nr_inputs; i++)
		play(inputs[i]->d_name);
	printf("%u of %u requests were granted\n", granted, asked);
	KT_CHECK(granted);
}

static int is_input(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int main(void)
{
	struct kt_port a, b;

	setvbuf(stdout, NULL, _IOLBF, 0);
	nr_inputs = scandir(CORPUS, &inputs, is_input, alphasort);
	KT_CHECK(nr_inputs > 0);
	kt_open(&a, "vale9:a");
	kt_open(&b, "vale9:b");
	for (int i = 0; i < nr_inputs; i += GROUP) {
		pid_t pid = kt_fork(group, &i);
		uint8_t mark = 0;
		int status;

		do {
			kt_send(&a, ++mark);
			KT_CHECK(kt_receive(&b) == mark);
		} while (!waitpid(pid, &status, WNOHANG));
		KT_CHECK(status == 0);
	}
	kt_close(&a);
	kt_close(&b);
	return 0;
}
