// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "stop.h"
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#define NS 1000000000ull

bool stop_flag;
static pthread_t main_thread;
static sigset_t signals;

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

void stop_init(void)
{
	main_thread = pthread_self();
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1); /* stop_wake() */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/*
 * The first one asks us to end; who asks again a second later does not want to
 * wait for us. (Sooner, it is the same one: timeout(1) sends two.)
 */
static void signalled(int sig)
{
	static uint64_t first;
	uint64_t now = clock_ns();
	sigset_t set;

	__atomic_store_n(&stop_flag, true, __ATOMIC_RELAXED);
	if (!first)
		first = now;
	if (now - first < NS)
		return;
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

void stop_on_signals(void)
{
	struct sigaction a = {.sa_handler = signalled};

	main_thread = pthread_self();
	sigemptyset(&signals);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
}

void stop_wake(void)
{
	pthread_kill(main_thread, SIGUSR1);
}

void stop_request(void)
{
	__atomic_store_n(&stop_flag, true, __ATOMIC_RELAXED);
	stop_wake();
}

void stop_wait(uint64_t until)
{
	uint64_t now = clock_ns();
	uint64_t left = until > now ? until - now : 0;
	struct timespec t = {(time_t)(left / NS), (long)(left % NS)};
	int got = sigtimedwait(&signals, NULL, &t);

	if (got > 0 && got != SIGUSR1)
		signalled(got);
}
