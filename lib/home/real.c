// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>

#include "real.h"

/* What the kernel takes for the size of a signal set. */
#define SIGSET_SIZE 8

struct nmh_next nmh_next;

/* Static programs have no dlsym; a weak reference does not bring it. */
#pragma weak dlsym

/* dlsym() may allocate, and an allocator may open or map something. */
static __thread int finding __attribute__((tls_model("initial-exec")));

static void *find(const char *name)
{
	void *f;

	if (!dlsym || finding)
		return NULL;
	finding = 1;
	f = dlsym(RTLD_NEXT, name);
	finding = 0;
	return f;
}

/* ---- where there is no next ---- */

static int sys_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (__OPEN_NEEDS_MODE(flags))
		mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static int sys_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (__OPEN_NEEDS_MODE(flags))
		mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int sys_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

static int sys_dup(int fd)
{
	return (int)syscall(SYS_dup, fd);
}

static int sys_dup3(int from, int to, int flags)
{
	return (int)syscall(SYS_dup3, from, to, flags);
}

static int sys_dup2(int from, int to)
{
	if (from == to)
		return syscall(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to;
	return sys_dup3(from, to, 0);
}

static int sys_fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return (int)syscall(SYS_fcntl, fd, cmd, arg);
}

static int sys_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

static ssize_t sys_read(int fd, void *buf, size_t len)
{
	return syscall(SYS_read, fd, buf, len);
}

static ssize_t sys_write(int fd, const void *buf, size_t len)
{
	return syscall(SYS_write, fd, buf, len);
}

static ssize_t sys_readv(int fd, const struct iovec *iov, int n)
{
	return syscall(SYS_readv, fd, iov, n);
}

static ssize_t sys_writev(int fd, const struct iovec *iov, int n)
{
	return syscall(SYS_writev, fd, iov, n);
}

static ssize_t sys_recvmsg(int fd, struct msghdr *m, int flags)
{
	return syscall(SYS_recvmsg, fd, m, flags);
}

static int sys_recvmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags,
			struct timespec *timeout)
{
	return (int)syscall(SYS_recvmmsg, fd, m, n, flags, timeout);
}

static int sys_ppoll(struct pollfd *fds, nfds_t n,
		     const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec t, *at = NULL;

	/* The system call changes it. */
	if (timeout) {
		t = *timeout;
		at = &t;
	}
	return (int)syscall(SYS_ppoll, fds, n, at, mask, SIGSET_SIZE);
}

static int sys_poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	return sys_ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}

static int sys_select(int n, fd_set *r, fd_set *w, fd_set *x,
		      struct timeval *timeout)
{
	return (int)syscall(SYS_select, n, r, w, x, timeout);
}

static int sys_pselect(int n, fd_set *r, fd_set *w, fd_set *x,
		       const struct timespec *timeout, const sigset_t *mask)
{
	struct {
		const sigset_t *mask;
		size_t size;
	} m = {mask, SIGSET_SIZE};
	struct timespec t, *at = NULL;

	if (timeout) {
		t = *timeout;
		at = &t;
	}
	return (int)syscall(SYS_pselect6, n, r, w, x, at, &m);
}

static int sys_epoll_pwait(int fd, struct epoll_event *e, int n, int ms,
			   const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait, fd, e, n, ms, mask, SIGSET_SIZE);
}

static int sys_epoll_wait(int fd, struct epoll_event *e, int n, int ms)
{
	return sys_epoll_pwait(fd, e, n, ms, NULL);
}

static int sys_epoll_pwait2(int fd, struct epoll_event *e, int n,
			    const struct timespec *timeout,
			    const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait2, fd, e, n, timeout, mask,
			    SIGSET_SIZE);
}

#define sys_open64   sys_open
#define sys_openat64 sys_openat

#define DEFINE(f)                                                    \
	__typeof__(f) *nmh_next_##f(void)                            \
	{                                                            \
		void *next = find(#f);                               \
                                                                     \
		if (!next)                                           \
			return sys_##f;                              \
		__atomic_store_n(&nmh_next.f, (__typeof__(f) *)next, \
				 __ATOMIC_RELAXED);                  \
		return nmh_next.f;                                   \
	}

NMH_REALS(DEFINE)

/* dlsym() is not for signal handlers, and most of what it finds here is. */
#define FIND(f) nmh_next_##f();

__attribute__((constructor)) static void find_all(void)
{
	NMH_REALS(FIND)
}
