// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* select(2) on sets with sessions, as a poll(2). */
#include <string.h>

#include "fds.h"
#include "pollset.h"
#include "real.h"

#define SMALL 32

/* What each set asks for and is shown for, as the kernel has it. */
#define ASK_R (POLLRDNORM | POLLRDBAND | POLLIN)
#define ASK_W (POLLWRNORM | POLLWRBAND | POLLOUT)
#define ASK_X POLLPRI
#define IS_R  (ASK_R | POLLHUP | POLLERR)
#define IS_W  (ASK_W | POLLERR)
#define IS_X  POLLPRI

typedef unsigned long word;

#define WORD_BITS (8 * (int)sizeof(word))

/* Sets may be larger than fd_set. */
static word word_at(const fd_set *set, int i)
{
	return set ? ((const word *)set)[i] : 0;
}

static bool has(const fd_set *set, int fd)
{
	return word_at(set, fd / WORD_BITS) >> fd % WORD_BITS & 1;
}

static void put(fd_set *set, int fd)
{
	if (set)
		((word *)set)[fd / WORD_BITS] |= (word)1 << fd % WORD_BITS;
}

static word any_at(int n, int i, const fd_set *r, const fd_set *w,
		   const fd_set *x)
{
	word bits = word_at(r, i) | word_at(w, i) | word_at(x, i);
	int rest = n - i * WORD_BITS;

	return rest < WORD_BITS ? bits & (((word)1 << rest) - 1) : bits;
}

bool nmh_select_is_special(int n, const fd_set *r, const fd_set *w,
			   const fd_set *x)
{
	for (int i = 0; i * WORD_BITS < n; i++)
		for (word bits = any_at(n, i, r, w, x); bits; bits &= bits - 1)
			if (nmh_kind(nmh_fd_get(i * WORD_BITS +
						__builtin_ctzl(bits))) >=
			    NMH_INTERNAL)
				return true;
	return false;
}

static nfds_t fill(struct pollfd *p, int n, const fd_set *r, const fd_set *w,
		   const fd_set *x)
{
	nfds_t count = 0;

	for (int i = 0; i * WORD_BITS < n; i++)
		for (word bits = any_at(n, i, r, w, x); bits;
		     bits &= bits - 1) {
			int fd = i * WORD_BITS + __builtin_ctzl(bits);
			int events = (has(r, fd) ? ASK_R : 0) |
				     (has(w, fd) ? ASK_W : 0) |
				     (has(x, fd) ? ASK_X : 0);

			p[count++] = (struct pollfd){.fd = fd,
						     .events = (short)events};
		}
	return count;
}

static void clear(fd_set *set, int n)
{
	if (set)
		memset(set, 0,
		       (size_t)(n + WORD_BITS - 1) / WORD_BITS * sizeof(word));
}

/* The answer, into the sets. */
static int show(const struct pollfd *p, nfds_t count, int n, fd_set *r,
		fd_set *w, fd_set *x)
{
	int shown = 0;

	for (nfds_t i = 0; i < count; i++)
		if (p[i].revents & POLLNVAL)
			return -EBADF;
	clear(r, n);
	clear(w, n);
	clear(x, n);
	for (nfds_t i = 0; i < count; i++) {
		if (p[i].events & ASK_R && p[i].revents & IS_R) {
			put(r, p[i].fd);
			shown++;
		}
		if (p[i].events & ASK_W && p[i].revents & IS_W) {
			put(w, p[i].fd);
			shown++;
		}
		if (p[i].events & ASK_X && p[i].revents & IS_X) {
			put(x, p[i].fd);
			shown++;
		}
	}
	return shown;
}

int nmh_select(int n, fd_set *r, fd_set *w, fd_set *x, int64_t ns,
	       const sigset_t *mask)
{
	struct pollfd few[SMALL], *p = few;
	size_t size = (size_t)n * sizeof(*p);
	nfds_t count;
	int ret;

	if (n > SMALL) {
		p = nmh_alloc(size);
		if (!p)
			return -ENOMEM;
	}
	count = fill(p, n, r, w, x);
	ret = nmh_poll(p, count, ns, mask);
	if (ret >= 0)
		ret = show(p, count, n, r, w, x);
	if (p != few)
		nmh_free(p, size);
	return ret;
}
