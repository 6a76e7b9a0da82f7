// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>

#include "wire.h"
#include "epoll.h"
#include "fds.h"
#include "real.h"
#include "session.h"

/* Internal numbers start here, or at three quarters of what is allowed. */
#define HIDE_FROM 4096

uint32_t nmh_fd_words[NMH_FDS];

/* One above the highest number that was ever session, epoll or internal. */
static uint32_t end;

static void raise_end(uint32_t fd)
{
	uint32_t old = __atomic_load_n(&end, __ATOMIC_RELAXED);

	while (old <= fd &&
	       !__atomic_compare_exchange_n(&end, &old, fd + 1, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

uint32_t nmh_fd_end(void)
{
	return __atomic_load_n(&end, __ATOMIC_RELAXED);
}

static void word_get(uint32_t word)
{
	if (nmh_kind(word) == NMH_SESSION)
		nmh_session_ref(nmh_session_at(word));
	else if (nmh_kind(word) == NMH_EPOLL)
		nmh_ep_ref(nmh_index(word));
}

static void word_put(uint32_t word)
{
	if (nmh_kind(word) == NMH_SESSION)
		nmh_session_unref(nmh_session_at(word));
	else if (nmh_kind(word) == NMH_EPOLL)
		nmh_ep_unref(nmh_index(word));
}

void nmh_fd_set(int fd, uint32_t word)
{
	uint32_t old;

	if ((uint32_t)fd >= NMH_FDS)
		return;
	word_get(word);
	if (nmh_kind(word) >= NMH_INTERNAL)
		raise_end((uint32_t)fd);
	old = __atomic_exchange_n(&nmh_fd_words[fd], word, __ATOMIC_ACQ_REL);
	word_put(old);
}

/* The turn after the one of @word. Those of our descriptors are not kept, so
 * that after them it begins anywhere. */
static uint32_t next_turn(uint32_t word)
{
	static uint32_t any;

	if (nmh_kind(word) < NMH_INTERNAL)
		return nmh_index(word) + 1;
	return __atomic_add_fetch(&any, 0x9e3779b1u, __ATOMIC_RELAXED);
}

void nmh_fd_set_other(int fd, enum nmh_kind kind)
{
	nmh_fd_set(fd, nmh_word(kind, next_turn(nmh_fd_peek(fd))));
}

void nmh_fd_forget(int fd)
{
	nmh_fd_set_other(fd, NMH_UNKNOWN);
}

void nmh_fd_forget_stale(int fd, uint32_t word)
{
	uint32_t old = word;

	if (__atomic_compare_exchange_n(&nmh_fd_words[fd], &old,
					nmh_word(NMH_UNKNOWN, next_turn(word)),
					false, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED))
		word_put(word);
}

uint32_t nmh_fd_closing(int fd)
{
	uint32_t turn = next_turn(nmh_fd_peek(fd));

	nmh_fd_set(fd, nmh_word(NMH_CLOSING, turn));
	return turn;
}

void nmh_fd_closed(int fd, uint32_t closing)
{
	uint32_t old = nmh_word(NMH_CLOSING, closing);

	if ((uint32_t)fd >= NMH_FDS)
		return;
	/* Otherwise it has been given out again. */
	__atomic_compare_exchange_n(&nmh_fd_words[fd], &old,
				    nmh_word(NMH_UNKNOWN, closing), false,
				    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* ---- what is it? ---- */

static bool is_ours(int fd)
{
	struct sockaddr_un peer;
	socklen_t len = sizeof(peer);
	const char *name;
	size_t n;

	if (nmh_sys(SYS_getpeername, fd, &peer, &len) < 0)
		return false;
	if (len > sizeof(peer) || peer.sun_family != AF_UNIX)
		return false;
	/* Its end may be without a NUL. */
	n = strnlen(peer.sun_path,
		    len - offsetof(struct sockaddr_un, sun_path));
	name = memrchr(peer.sun_path, '/', n);
	if (!name)
		return false;
	name++;
	n -= (size_t)(name - peer.sun_path);
	return n == strlen(NMD_SOCKET_NAME) &&
	       !memcmp(name, NMD_SOCKET_NAME, n);
}

/* Takes @word for @fd, of which @old was known before anybody looked; unless
 * somebody has known better, or closed it, meanwhile. */
static uint32_t settle(int fd, uint32_t old, uint32_t word)
{
	word_get(word);
	if (nmh_kind(word) >= NMH_INTERNAL)
		raise_end((uint32_t)fd);
	if (__atomic_compare_exchange_n(&nmh_fd_words[fd], &old, word, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return word;
	word_put(word);
	return old;
}

uint32_t nmh_fd_classify(int fd)
{
	struct nmh_session *s;
	int type = 0, err, saved = errno;
	socklen_t len = sizeof(type);
	uint32_t old = nmh_fd_peek(fd), word;
	long r;

	if (nmh_kind(old) != NMH_UNKNOWN)
		return old;
	r = nmh_sys(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &len);
	if (r == -EBADF) {
		errno = saved;
		return NMH_FOREIGN;
	}
	if (!r && type == SOCK_SEQPACKET && is_ours(fd)) {
		err = nmh_session_find(fd, &s);
		if (err) {
			errno = saved;
			return NMH_FOREIGN;
		}
		word = settle(fd, old, nmh_session_word(s));
		nmh_session_unref(s);
	} else {
		word = settle(fd, old, nmh_word(NMH_FOREIGN, nmh_index(old)));
	}
	errno = saved;
	return word;
}

/* ---- internal ones ---- */

static int hide_from(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur / 4 * 3 >= HIDE_FROM)
		return HIDE_FROM;
	return (int)(limit.rlim_cur / 4 * 3);
}

int nmh_fd_hide(int fd)
{
	long high = nmh_sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, hide_from());

	if (high < 0) {
		/* Few numbers are left: this one will do. */
		high = nmh_sys(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
		if (high < 0)
			return (int)high;
		high = fd;
	} else {
		nmh_sys(SYS_close, fd);
	}
	nmh_fd_set((int)high, NMH_INTERNAL);
	return (int)high;
}

int nmh_fd_copy(int fd)
{
	int copy = (int)nmh_sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, hide_from());

	if (copy >= 0) {
		nmh_fd_set(copy, NMH_INTERNAL);
		return copy;
	}
	copy = (int)nmh_sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0);
	return copy < 0 ? copy : nmh_fd_hide(copy);
}

void nmh_fd_close(int fd)
{
	uint32_t closing = nmh_fd_closing(fd);

	nmh_sys(SYS_close, fd);
	nmh_fd_closed(fd, closing);
}

int nmh_fd_for_stretches(uint32_t first, uint32_t last,
			 int (*fn)(uint32_t first, uint32_t last, void *arg),
			 void *arg)
{
	uint32_t stop = nmh_fd_end(), from = first;
	int r;

	for (uint32_t fd = first; fd < stop && fd <= last; fd++) {
		if (nmh_kind(nmh_fd_peek((int)fd)) != NMH_INTERNAL)
			continue;
		if (from < fd) {
			r = fn(from, fd - 1, arg);
			if (r)
				return r;
		}
		from = fd + 1;
	}
	return from <= last ? fn(from, last, arg) : 0;
}
