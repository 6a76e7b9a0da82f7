// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The functions of libc that a descriptor of /dev/netmap passes through, for
 * descriptors of netmapd. All others go on to libc after one look at a table.
 * What does not go through libc (system calls by hand, programs of Go) and what
 * libc does inside itself (fdopen and fclose) is not seen.
 */
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "epoll.h"
#include "fds.h"
#include "hold.h"
#include "pollset.h"
#include "real.h"
#include "session.h"
#include "wiring.h"

#define EXPORT __attribute__((visibility("default")))

/* ---- open ---- */

/* Is /dev/netmap to be netmapd? A device of the kernel comes first; what
 * NETMAP_HOME says comes before that. -errno: it says nothing we know. */
static int is_netmapd(void)
{
	const char *home = secure_getenv("NETMAP_HOME");
	char text[NMD_WHERE_TEXT];
	struct stat st;

	if (!home || !*home)
		return stat(NETMAP_DEVICE_NAME, &st) || !S_ISCHR(st.st_mode);
	if (!strcmp(home, "netmapd"))
		return 1;
	if (!strcmp(home, "kernel"))
		return 0;
	snprintf(text, sizeof(text),
		 "NETMAP_HOME is \"%.80s\": \"kernel\" or \"netmapd\" would be "
		 "understood",
		 home);
	nmh_complain(text);
	return -EINVAL;
}

static bool is_device(const char *path)
{
	return path && path[0] == '/' && !strcmp(path, NETMAP_DEVICE_NAME);
}

/* Opens /dev/netmap; true if that was for us to do. */
static bool opened(const char *path, int flags, int *fd)
{
	int r;

	if (nmh_likely(!is_device(path)))
		return false;
	r = is_netmapd();
	if (!r)
		return false;
	*fd = (int)nmh_return(r < 0 ? r : nmh_session_open(flags));
	return true;
}

#define MODE(mode, flags)                                                   \
	do {                                                                \
		va_list args;                                               \
                                                                            \
		va_start(args, flags);                                      \
		mode = __OPEN_NEEDS_MODE(flags) ? va_arg(args, mode_t) : 0; \
		va_end(args);                                               \
	} while (0)

EXPORT int open(const char *path, int flags, ...)
{
	mode_t mode;
	int fd;

	MODE(mode, flags);
	return opened(path, flags, &fd) ? fd
					: NMH_REAL(open)(path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
	mode_t mode;
	int fd;

	MODE(mode, flags);
	return opened(path, flags, &fd) ? fd
					: NMH_REAL(open64)(path, flags, mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	int fd;

	MODE(mode, flags);
	return opened(path, flags, &fd)
		       ? fd
		       : NMH_REAL(openat)(dir, path, flags, mode);
}

EXPORT int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	int fd;

	MODE(mode, flags);
	return opened(path, flags, &fd)
		       ? fd
		       : NMH_REAL(openat64)(dir, path, flags, mode);
}

/* What open() is where the compiler checks it (_FORTIFY_SOURCE). */
EXPORT int __open_2(const char *path, int flags);
EXPORT int __open64_2(const char *path, int flags);
EXPORT int __openat_2(int dir, const char *path, int flags);
EXPORT int __openat64_2(int dir, const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return open(path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return open64(path, flags, 0);
}

int __openat_2(int dir, const char *path, int flags)
{
	return openat(dir, path, flags, 0);
}

int __openat64_2(int dir, const char *path, int flags)
{
	return openat64(dir, path, flags, 0);
}

/* ---- close, dup ---- */

/* A child that shares our memory, on its way to exec, must not change what we
 * know of our descriptors by closing its own. */
static bool is_borrowing(void)
{
	pid_t owner = nmh_session_owner();

	return owner && owner != getpid();
}

static bool is_internal(int fd)
{
	return nmh_unlikely(nmh_kind(nmh_fd_peek(fd)) == NMH_INTERNAL);
}

static bool is_ours(int fd)
{
	return nmh_kind(nmh_fd_peek(fd)) >= NMH_INTERNAL;
}

EXPORT int close(int fd)
{
	uint32_t word = nmh_fd_peek(fd), closing;
	int r;

	if (nmh_unlikely(nmh_kind(word) >= NMH_INTERNAL)) {
		if (nmh_kind(word) == NMH_INTERNAL)
			return (int)nmh_return(-EBADF);
		if (is_borrowing())
			return NMH_REAL(close)(fd);
	}
	closing = nmh_fd_closing(fd);
	r = NMH_REAL(close)(fd);
	nmh_fd_closed(fd, closing);
	return r;
}

/* To @fd, which is new, goes what is known of @from. */
static int duplicated(int from, int fd)
{
	uint32_t word = nmh_fd_peek(from);

	if (fd >= 0 && (nmh_kind(word) >= NMH_INTERNAL || is_ours(fd)) &&
	    !is_borrowing())
		nmh_fd_set(fd, word);
	else if (fd >= 0 && !is_ours(fd))
		nmh_fd_set_other(fd, nmh_kind(word) == NMH_FOREIGN
					     ? NMH_FOREIGN
					     : NMH_UNKNOWN);
	return fd;
}

EXPORT int dup(int fd)
{
	if (is_internal(fd))
		return (int)nmh_return(-EBADF);
	return duplicated(fd, NMH_REAL(dup)(fd));
}

/* Numbers that we use ourselves cannot be had. */
static int check_dup(int from, int to)
{
	if (is_internal(from))
		return -EBADF;
	return is_internal(to) ? -EBUSY : 0;
}

EXPORT int dup2(int from, int to)
{
	int err = check_dup(from, to);

	if (err)
		return (int)nmh_return(err);
	if (from == to)
		return NMH_REAL(dup2)(from, to);
	return duplicated(from, NMH_REAL(dup2)(from, to));
}

EXPORT int dup3(int from, int to, int flags)
{
	int err = check_dup(from, to);

	if (err)
		return (int)nmh_return(err);
	return duplicated(from, NMH_REAL(dup3)(from, to, flags));
}

static int fcntl_with(int fd, int cmd, long arg)
{
	int r;

	if (is_internal(fd))
		return (int)nmh_return(-EBADF);
	r = NMH_REAL(fcntl)(fd, cmd, arg);
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		duplicated(fd, r);
	return r;
}

EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return fcntl_with(fd, cmd, arg);
}

EXPORT int fcntl64(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return fcntl_with(fd, cmd, arg);
}

static int close_stretch(uint32_t first, uint32_t last, void *flags)
{
	return (int)nmh_sys(SYS_close_range, first, last, *(int *)flags);
}

/* Kernels before 5.9 have no close_range. */
static void close_each(uint32_t first, uint32_t last)
{
	uint32_t end = (uint32_t)sysconf(_SC_OPEN_MAX);

	for (uint32_t fd = first; fd <= last && fd < end; fd++)
		if (!is_internal((int)fd))
			nmh_sys(SYS_close, fd);
}

static void forget_range(uint32_t first, uint32_t last)
{
	uint32_t end = nmh_fd_end();

	for (uint32_t fd = first; fd <= last && fd < end; fd++)
		if (nmh_kind(nmh_fd_peek((int)fd)) > NMH_INTERNAL)
			nmh_fd_forget((int)fd);
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	int err;

	/* Ours are closed on exec anyway. */
	if (flags & CLOSE_RANGE_CLOEXEC || is_borrowing())
		return (int)nmh_return(
			nmh_sys(SYS_close_range, first, last, flags));
	if (first > last)
		return (int)nmh_return(-EINVAL);
	forget_range(first, last);
	err = nmh_fd_for_stretches(first, last, close_stretch, &flags);
	return (int)nmh_return(err);
}

EXPORT void closefrom(int low)
{
	uint32_t first = low < 0 ? 0 : (uint32_t)low;
	int none = 0;

	if (!is_borrowing())
		forget_range(first, UINT_MAX);
	if (nmh_fd_for_stretches(first, UINT_MAX, close_stretch, &none))
		close_each(first, UINT_MAX);
}

/* ---- what arrives in messages ---- */

/* Numbers of descriptors that came are new: nothing is known of them. */
static void received(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const int *fds = (const int *)CMSG_DATA(c);
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++)
			nmh_fd_forget(fds[i]);
	}
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	ssize_t n = NMH_REAL(recvmsg)(fd, m, flags);

	if (nmh_unlikely(n >= 0 && m->msg_controllen))
		received(m);
	return n;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *m, unsigned int len, int flags,
		    struct timespec *timeout)
{
	int n = NMH_REAL(recvmmsg)(fd, m, len, flags, timeout);

	for (int i = 0; i < n; i++)
		if (m[i].msg_hdr.msg_controllen)
			received(&m[i].msg_hdr);
	return n;
}

/* ---- ioctl, read, write ---- */

static int session_ioctl(int fd, uint32_t word, unsigned long request,
			 uint64_t arg)
{
	struct nmh_session *s;
	int err;

	switch (request) {
	case FIONBIO: /* not the driver's to answer, with any descriptor */
	case FIOASYNC:
	case FIOCLEX:
	case FIONCLEX:
		return NMH_REAL(ioctl)(fd, request, arg);
	}
	s = nmh_session_get(fd, word);
	if (!s)
		return (int)nmh_return(-EBADF);
	err = nmh_session_ioctl(s, fd, (unsigned int)request, arg);
	nmh_session_put(s);
	return (int)nmh_return(err);
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	uint32_t word = nmh_fd_get(fd);
	va_list args;
	uint64_t arg;

	va_start(args, request);
	arg = va_arg(args, unsigned long);
	va_end(args);
	if (nmh_likely(nmh_kind(word) == NMH_SESSION)) {
		if (request == NIOCTXSYNC)
			return (int)nmh_return(nmh_session_sync(
				nmh_session_at(word), fd, NMH_TX));
		if (request == NIOCRXSYNC)
			return (int)nmh_return(nmh_session_sync(
				nmh_session_at(word), fd, NMH_RX));
		return session_ioctl(fd, word, request, arg);
	}
	if (nmh_kind(word) == NMH_INTERNAL)
		return (int)nmh_return(-EBADF);
	return NMH_REAL(ioctl)(fd, request, arg);
}

/* fclose() of a session is not seen: then the number is another file's. */
static bool is_stale(int fd, uint32_t word)
{
	if (nmh_session_is_at(nmh_session_at(word), fd))
		return false;
	if (!is_borrowing())
		nmh_fd_forget_stale(fd, word);
	return true;
}

/* As on the device: there is nothing to be read or written. 0: not ours. */
static int refuse_stream(int fd)
{
	uint32_t word = nmh_fd_peek(fd);
	enum nmh_kind kind = nmh_kind(word);

	if (nmh_likely(kind < NMH_INTERNAL || kind == NMH_EPOLL))
		return 0;
	if (kind == NMH_SESSION && is_stale(fd, word))
		return 0;
	errno = kind == NMH_INTERNAL ? EBADF : EINVAL;
	return -1;
}

EXPORT ssize_t read(int fd, void *buf, size_t len)
{
	return refuse_stream(fd) ? -1 : NMH_REAL(read)(fd, buf, len);
}

EXPORT ssize_t write(int fd, const void *buf, size_t len)
{
	return refuse_stream(fd) ? -1 : NMH_REAL(write)(fd, buf, len);
}

EXPORT ssize_t readv(int fd, const struct iovec *iov, int n)
{
	return refuse_stream(fd) ? -1 : NMH_REAL(readv)(fd, iov, n);
}

EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	return refuse_stream(fd) ? -1 : NMH_REAL(writev)(fd, iov, n);
}

/* ---- mmap ---- */

/* Allocators come here before anything is set up: no look-ups. */
static void *map_foreign(void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}

static void *map(void *addr, size_t len, int prot, int flags, int fd,
		 off_t offset)
{
	struct nmh_session *s;
	uint32_t word;
	void *mem;

	if (fd < 0 || flags & MAP_ANONYMOUS)
		return map_foreign(addr, len, prot, flags, fd, offset);
	word = nmh_fd_get(fd);
	if (nmh_kind(word) == NMH_INTERNAL) {
		errno = EBADF;
		return MAP_FAILED;
	}
	if (nmh_kind(word) != NMH_SESSION)
		return map_foreign(addr, len, prot, flags, fd, offset);
	s = nmh_session_get(fd, word);
	if (!s) {
		errno = EBADF;
		return MAP_FAILED;
	}
	mem = nmh_hold_map(s, fd, addr, len, prot, flags, offset);
	nmh_session_put(s);
	return mem;
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	return map(addr, len, prot, flags, fd, offset);
}

EXPORT void *mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off64_t offset)
{
	return map(addr, len, prot, flags, fd, offset);
}

EXPORT int munmap(void *addr, size_t len)
{
	if (nmh_unlikely(nmh_hold_concerns(addr, len)))
		return nmh_hold_unmap(addr, len);
	return (int)syscall(SYS_munmap, addr, len);
}

/* ---- poll, select ---- */

static bool is_valid(const struct timespec *t)
{
	return !t ||
	       (t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < 1000000000);
}

/* -1: for ever. */
static int64_t ns_of(const struct timespec *t)
{
	if (!t)
		return -1;
	if (t->tv_sec >= INT64_MAX / 1000000000)
		return INT64_MAX;
	return t->tv_sec * 1000000000LL + t->tv_nsec;
}

/* poll.h has it that poll() does not read its first argument. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

EXPORT int poll(struct pollfd *fds, nfds_t n, int ms)
{
	if (nmh_likely(!nmh_poll_is_special(fds, n)))
		return NMH_REAL(poll)(fds, n, ms);
	return (int)nmh_return(
		nmh_poll(fds, n, ms < 0 ? -1 : ms * 1000000LL, NULL));
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask)
{
	if (nmh_likely(!nmh_poll_is_special(fds, n)))
		return NMH_REAL(ppoll)(fds, n, timeout, mask);
	if (!is_valid(timeout))
		return (int)nmh_return(-EINVAL);
	return (int)nmh_return(nmh_poll(fds, n, ns_of(timeout), mask));
}

#pragma GCC diagnostic pop

/* What poll() is where the compiler knows the array's size. */
EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size);
EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
		       const struct timespec *timeout, const sigset_t *mask,
		       size_t size);
extern void __chk_fail(void) __attribute__((noreturn));

int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size)
{
	if (size / sizeof(*fds) < n)
		__chk_fail();
	return poll(fds, n, ms);
}

int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		const sigset_t *mask, size_t size)
{
	if (size / sizeof(*fds) < n)
		__chk_fail();
	return ppoll(fds, n, timeout, mask);
}

/* As the system call does, says how much was left. */
static void take_elapsed(struct timeval *timeout, int64_t ns, int64_t since)
{
	int64_t left = (ns - (nmh_now() - since)) / 1000;

	if (left < 0)
		left = 0;
	timeout->tv_sec = left / 1000000;
	timeout->tv_usec = left % 1000000;
}

EXPORT int select(int n, fd_set *r, fd_set *w, fd_set *x,
		  struct timeval *timeout)
{
	int64_t ns = -1, since = 0;
	int ret;

	if (nmh_likely(!nmh_select_is_special(n, r, w, x)))
		return NMH_REAL(select)(n, r, w, x, timeout);
	if (timeout) {
		if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
			return (int)nmh_return(-EINVAL);
		ns = timeout->tv_sec >= INT64_MAX / 2000000000
			     ? INT64_MAX
			     : timeout->tv_sec * 1000000000LL +
				       timeout->tv_usec * 1000LL;
		since = nmh_now();
	}
	ret = nmh_select(n, r, w, x, ns, NULL);
	if (timeout)
		take_elapsed(timeout, ns, since);
	return (int)nmh_return(ret);
}

EXPORT int pselect(int n, fd_set *r, fd_set *w, fd_set *x,
		   const struct timespec *timeout, const sigset_t *mask)
{
	if (nmh_likely(!nmh_select_is_special(n, r, w, x)))
		return NMH_REAL(pselect)(n, r, w, x, timeout, mask);
	if (!is_valid(timeout))
		return (int)nmh_return(-EINVAL);
	return (int)nmh_return(nmh_select(n, r, w, x, ns_of(timeout), mask));
}

/* ---- epoll ---- */

static int created(long epfd)
{
	if (epfd >= 0)
		nmh_ep_create((int)epfd);
	return (int)nmh_return(epfd);
}

EXPORT int epoll_create1(int flags)
{
	return created(nmh_sys(SYS_epoll_create1, flags));
}

EXPORT int epoll_create(int size)
{
	return created(size > 0 ? nmh_sys(SYS_epoll_create1, 0) : -EINVAL);
}

EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return (int)nmh_return(nmh_ep_ctl(epfd, op, fd, event));
}

static bool is_instance(int epfd, uint32_t *word)
{
	*word = nmh_fd_peek(epfd);
	return nmh_kind(*word) == NMH_EPOLL;
}

EXPORT int epoll_pwait(int epfd, struct epoll_event *events, int max, int ms,
		       const sigset_t *mask)
{
	uint32_t word;

	if (!is_instance(epfd, &word))
		return NMH_REAL(epoll_pwait)(epfd, events, max, ms, mask);
	return (int)nmh_return(nmh_ep_wait(epfd, word, events, max,
					   ms < 0 ? -1 : ms * 1000000LL, false,
					   mask));
}

EXPORT int epoll_wait(int epfd, struct epoll_event *events, int max, int ms)
{
	uint32_t word;

	if (!is_instance(epfd, &word))
		return NMH_REAL(epoll_wait)(epfd, events, max, ms);
	return epoll_pwait(epfd, events, max, ms, NULL);
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *events, int max,
			const struct timespec *timeout, const sigset_t *mask)
{
	uint32_t word;

	if (!is_instance(epfd, &word))
		return NMH_REAL(epoll_pwait2)(epfd, events, max, timeout, mask);
	if (!is_valid(timeout))
		return (int)nmh_return(-EINVAL);
	return (int)nmh_return(nmh_ep_wait(epfd, word, events, max,
					   ns_of(timeout), true, mask));
}
