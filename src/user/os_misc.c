// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "os_caller.h"
#include "os_misc.h"

/* ---- the caller's memory: if it is this process's, reached so that a bad
 * address is an answer and not a signal ---- */

int os_copyin(struct os_caller *c, void *dst, u64 user, size_t len)
{
	struct iovec to = {dst, len}, from = {(void *)(uintptr_t)user, len};

	if (c)
		return c->copyin(c, dst, user, len);
	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)len)
		return 0;
	return -EFAULT;
}

int os_copyout(struct os_caller *c, u64 user, const void *src, size_t len)
{
	struct iovec from = {(void *)(uintptr_t)src, len};
	struct iovec to = {(void *)(uintptr_t)user, len};

	if (c)
		return c->copyout(c, user, src, len);
	if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) == (ssize_t)len)
		return 0;
	return -EFAULT;
}

/* ---- time, chance, words ---- */

u64 os_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec;
}

void os_realtime(s64 *sec, s64 *usec)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	*sec = ts.tv_sec;
	*usec = ts.tv_nsec / 1000;
}

u64 os_random(void)
{
	u64 v;

	if (getrandom(&v, sizeof(v), 0) != sizeof(v))
		abort();
	return v;
}

static __thread char refusal[256] = "no error";
static __thread bool refused; /* since the last os_refusal() */

int os_refuse(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(refusal, sizeof(refusal), fmt, ap);
	va_end(ap);
	refused = true;
	return err;
}

void os_refusal(char *out, size_t size)
{
	if (out)
		snprintf(out, size, "%s", refused ? refusal : "");
	refused = false;
}

void os_caller_id(struct os_caller *c, u32 *pid, char program[OS_PROGRAM_LEN])
{
	*pid = c ? c->pid : (u32)getpid();
	snprintf(program, OS_PROGRAM_LEN, "%s",
		 c ? c->program : program_invocation_short_name);
}

const char *os_last_refusal(void)
{
	return refusal;
}
