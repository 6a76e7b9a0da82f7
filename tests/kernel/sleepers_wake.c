// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Whoever sleeps in poll or epoll is woken by the frame that it waits for,
 * every time; a signal ends the sleep, too. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "kt.h"

#define ROUNDS	    300
#define DEADLINE_MS 20000

static struct kt_port sender, receiver;
static atomic_int taken;

/* Sends the next frame only when the last one was taken: a wake-up that got
 * lost would leave both asleep. */
static void *send_all(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2 * ROUNDS; i++) {
		while (atomic_load(&taken) < i)
			;
		kt_send(&sender, (uint8_t)(i % 100));
	}
	return NULL;
}

static void take(int i)
{
	KT_CHECK(kt_receive(&receiver) == i % 100);
	atomic_store(&taken, i + 1);
}

static void by_poll(int first)
{
	struct pollfd p = {.fd = receiver.fd, .events = POLLIN};

	for (int i = first; i < first + ROUNDS; i++) {
		KT_CHECK(poll(&p, 1, DEADLINE_MS) == 1);
		KT_CHECK(p.revents == POLLIN);
		take(i);
	}
}

static void by_epoll(int first)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(0);

	KT_CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, receiver.fd, &e) == 0);
	for (int i = first; i < first + ROUNDS; i++) {
		KT_CHECK(epoll_wait(ep, &e, 1, DEADLINE_MS) == 1);
		KT_CHECK(e.events == EPOLLIN);
		take(i);
	}
	close(ep);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void until_a_signal(void)
{
	struct sigaction act = {.sa_handler = on_alarm};
	struct itimerval soon = {.it_value.tv_usec = 20000};
	struct pollfd p = {.fd = receiver.fd, .events = POLLIN};

	KT_CHECK(sigaction(SIGALRM, &act, NULL) == 0);
	KT_CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	KT_FAILS(poll(&p, 1, DEADLINE_MS), EINTR);
}

int main(void)
{
	pthread_t thread;

	kt_open(&sender, "vale0:s");
	kt_open(&receiver, "vale0:r");
	KT_CHECK(pthread_create(&thread, NULL, send_all, NULL) == 0);
	by_poll(0);
	by_epoll(ROUNDS);
	KT_CHECK(pthread_join(thread, NULL) == 0);
	until_a_signal();
	kt_close(&sender);
	kt_close(&receiver);
	return 0;
}
