/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * real.h - the functions of libc behind ours, and plain system calls.
 *
 * NMH_REAL(f) is the next f after ours: libc's, or of another library between.
 * It is looked up when first needed, which may be before any constructor has
 * run. In a static program there is no next; then it is a system call.
 *
 * What the library does for itself goes by nmh_sys(), past everybody.
 */
#ifndef NMH_REAL_H
#define NMH_REAL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define nmh_likely(x)	__builtin_expect(!!(x), 1)
#define nmh_unlikely(x) __builtin_expect(!!(x), 0)

#define NMH_REALS(X)   \
	X(open)        \
	X(open64)      \
	X(openat)      \
	X(openat64)    \
	X(close)       \
	X(dup)         \
	X(dup2)        \
	X(dup3)        \
	X(fcntl)       \
	X(ioctl)       \
	X(read)        \
	X(write)       \
	X(readv)       \
	X(writev)      \
	X(recvmsg)     \
	X(recvmmsg)    \
	X(poll)        \
	X(ppoll)       \
	X(select)      \
	X(pselect)     \
	X(epoll_wait)  \
	X(epoll_pwait) \
	X(epoll_pwait2)

struct nmh_next {
#define NMH_NEXT_MEMBER(f) __typeof__(f) *f;
	NMH_REALS(NMH_NEXT_MEMBER)
};

extern struct nmh_next nmh_next;

#define NMH_NEXT_FIND(f) __typeof__(f) *nmh_next_##f(void);
NMH_REALS(NMH_NEXT_FIND)

#define NMH_REAL(f) (nmh_next.f ? nmh_next.f : nmh_next_##f())

/* A system call: its result, or -errno. */
#define nmh_sys(...) nmh_sys_result(syscall(__VA_ARGS__))

static inline long nmh_sys_result(long r)
{
	return r < 0 ? -errno : r;
}

/* The other way round: -errno to what a function of libc returns. */
static inline long nmh_return(long r)
{
	if (nmh_likely(r >= 0))
		return r;
	errno = (int)-r;
	return -1;
}

/* Addresses are results, too: NULL for an error, *err is -errno then. */
static inline void *nmh_mmap(void *at, size_t size, int prot, int flags, int fd,
			     int64_t offset, int *err)
{
	long r = nmh_sys(SYS_mmap, at, size, prot, flags, fd, offset);

	if (r > -4096 && r < 0) {
		*err = (int)r;
		return NULL;
	}
	return (void *)r;
}

/* Zeros; NULL: no memory. */
static inline void *nmh_alloc(size_t size)
{
	int err;

	return nmh_mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, &err);
}

static inline void nmh_free(void *mem, size_t size)
{
	nmh_sys(SYS_munmap, mem, size);
}

#endif
