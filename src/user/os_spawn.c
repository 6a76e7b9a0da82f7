// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include "os_spawn.h"

static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};

static int pin(pthread_attr_t *attr, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)cpu, &cpus);
	return pthread_attr_setaffinity_np(attr, sizeof(cpus), &cpus);
}

int os_spawn(pthread_t *thread, int cpu, void *(*main)(void *arg), void *arg)
{
	pthread_attr_t attr;
	sigset_t mask, old;
	int err;

	if (pthread_attr_init(&attr))
		return -ENOMEM;
	err = cpu >= 0 ? pin(&attr, cpu) : 0;
	sigfillset(&mask);
	/* Blocked, a fault would end the process past all handlers. */
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&mask, faults[i]);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	if (!err)
		err = pthread_create(thread, &attr, main, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}
