// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "lock.h"
#include "real.h"
#include "session.h"
#include "session_int.h"
#include "wiring.h"

#define HELLO_NS 5000000000LL /* for an answer to hello */

void nmh_line_close(struct nmh_line *line)
{
	nmh_fd_close(line->sock);
	nmh_fd_close(line->wake);
	if (line->poke >= 0)
		nmh_fd_close(line->poke);
	if (line->ep >= 0)
		nmh_fd_close(line->ep);
}

/* ---- wakes ---- */

/* An armed line is woken at most once for each direction. */
#define ARMS  4	 /* that may leave their wakes unread; far fewer than fit */
#define WAKES 16 /* read at once: those, and some */

void nmh_line_drain(struct nmh_line *line)
{
	struct mmsghdr m[WAKES];
	struct iovec iov[WAKES];
	char c[WAKES];

	for (int i = 0; i < WAKES; i++) {
		iov[i] = (struct iovec){&c[i], 1};
		m[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	nmh_sys(SYS_recvmmsg, line->wake, m, WAKES, MSG_DONTWAIT, NULL);
	line->arms = 0;
}

void nmh_line_expect(struct nmh_line *line)
{
	if (line->arms == ARMS)
		nmh_line_drain(line);
	line->arms++;
}

void nmh_line_poke(const struct nmh_line *line)
{
	uint64_t one = 1;

	nmh_sys(SYS_write, line->poke, &one, sizeof(one));
}

/* ---- making one ---- */

struct welcome {
	struct nmd_welcome msg;
	int fds[NMD_FDS];
	uint32_t nfds;
};

enum { FD_PAGE, FD_BELL, FD_WAKE, FDS };

static const char *program(void)
{
	return program_invocation_short_name ? program_invocation_short_name
					     : "";
}

/* Sends @hello with @end once, through a copy of @fd. */
static int send_hello(const struct nmh_session *s, int fd,
		      struct nmd_hello *hello, int end)
{
	struct iovec iov = {hello, sizeof(*hello)};
	int copy = nmh_session_copy(s, fd), err;

	if (copy < 0)
		return copy;
	err = nmh_try_send(copy, &iov, 1, &end, 1);
	nmh_fd_close(copy);
	return err;
}

/* A socket pair, one end of which netmapd is sent through @fd. nmh_lock held: a
 * child that is forked meanwhile would have netmapd's end for ever, and its end
 * would be noticed by nobody. */
static int send_end(const struct nmh_session *s, int fd,
		    struct nmd_hello *hello, int *sock)
{
	int pair[2], err;

	err = (int)nmh_sys(SYS_socketpair, AF_UNIX,
			   SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
	if (err)
		return err;
	err = send_hello(s, fd, hello, pair[1]);
	nmh_sys(SYS_close, pair[1]);
	if (err) {
		nmh_sys(SYS_close, pair[0]);
		return err;
	}
	*sock = nmh_fd_hide(pair[0]);
	return *sock < 0 ? *sock : 0;
}

/* Begins a line, whose end is *@sock. */
static int knock(const struct nmh_session *s, int fd, int *sock)
{
	int64_t deadline = nmh_now() + HELLO_NS;
	struct nmd_hello hello = {
		.msg = {NMD_HELLO, sizeof(hello)},
		.magic = NMD_MAGIC,
		.version = NMD_VERSION,
		.version_min = NMD_VERSION_MIN,
		.features = nmh_is_complete_wanted() ? NMD_FEATURE_COMPLETE : 0,
	};
	uint64_t signals;
	int err;

	snprintf(hello.program, sizeof(hello.program), "%s", program());
	do {
		signals = nmh_lock_take(&nmh_lock);
		err = send_end(s, fd, &hello, sock);
		nmh_lock_give(&nmh_lock, signals);
	} while (err == -EAGAIN && nmh_wait(fd, POLLOUT, deadline));
	return err;
}

static int refuse_version(const struct nmd_welcome *w)
{
	char text[NMD_WHERE_TEXT];

	snprintf(text, sizeof(text),
		 "netmapd speaks version %u of the protocol and %s version %u: "
		 "the %s is too old",
		 w->version, program(), (unsigned int)NMD_VERSION,
		 w->version < NMD_VERSION ? "daemon" : "library");
	nmh_complain(text);
	return -EPROTO;
}

/* Is it one, and what does it say? */
static int check_welcome(struct welcome *w, int len)
{
	const struct nmd_welcome *msg = &w->msg;

	if (len < (int)offsetof(struct nmd_welcome, error) ||
	    msg->msg.type != NMD_WELCOME || msg->magic != NMD_MAGIC)
		return -EBADMSG;
	if (msg->version < NMD_VERSION_MIN || msg->version_min > NMD_VERSION)
		return refuse_version(msg);
	if (msg->error) {
		w->msg.sentence[NMD_SENTENCE_LEN - 1] = '\0';
		if (w->msg.sentence[0] && msg->error != EBUSY)
			nmh_complain(w->msg.sentence);
		return msg->error > 0 && msg->error < 4096 ? -msg->error
							   : -EBADMSG;
	}
	if (w->nfds != FDS || msg->line >= NMD_LINES ||
	    msg->page_size != NMD_PAGE_SIZE ||
	    !nmh_has_size(w->fds[FD_PAGE], NMD_PAGE_SIZE))
		return -EBADMSG;
	return 0;
}

int nmh_line_refusal(int fd)
{
	struct welcome w = {0};
	int err;
	long n;

	/* What it has not read makes a reset, which comes first. */
	for (int i = 0; i < 2; i++) {
		n = nmh_sys(SYS_recvfrom, fd, &w.msg, sizeof(w.msg),
			    MSG_DONTWAIT, NULL, NULL);
		if (n > 0)
			break;
	}
	err = n > 0 ? check_welcome(&w, (int)n) : 0;
	return err && err != -EBADMSG ? err : -ENOTCONN;
}

static int await_welcome(int sock, struct welcome *w)
{
	int len, err;

	memset(w, 0, sizeof(*w));
	w->nfds = NMD_FDS;
	len = nmh_recv(sock, &w->msg, sizeof(w->msg), w->fds, &w->nfds,
		       nmh_now() + HELLO_NS);
	if (len < 0)
		return len;
	err = check_welcome(w, len);
	if (err)
		while (w->nfds)
			nmh_fd_close(w->fds[--w->nfds]);
	return err;
}

/* The first line brings the page. nmh_lock held. */
static int adopt_page(struct nmh_session *s, struct welcome *w)
{
	size_t room = NMD_PAGE_SIZE;
	void *page = s->page;
	int err;

	if (s->bell >= 0)
		return 0;
	err = nmh_map_over(&page, &room, NMD_PAGE_SIZE, PROT_READ | PROT_WRITE,
			   w->fds[FD_PAGE], 0);
	if (err)
		return err;
	s->page = page;
	s->resets = __atomic_load_n(&s->page->resets, __ATOMIC_RELAXED);
	s->bell = w->fds[FD_BELL];
	w->fds[FD_BELL] = -1;
	return 0;
}

static int adopt_buffers(struct nmh_line *line)
{
	char *mem;

	if (line->out)
		return 0;
	mem = nmh_alloc(2 * NMD_MESSAGE_MAX);
	if (!mem)
		return -ENOMEM;
	line->out = mem;
	line->in = mem + NMD_MESSAGE_MAX;
	return 0;
}

/* nmh_lock held. */
static int adopt_line(struct nmh_session *s, int sock, struct welcome *w,
		      struct nmh_line **linep)
{
	struct nmh_line *line = &s->line[w->msg.line];
	uint64_t bit = 1ull << w->msg.line;
	int err;

	if (s->made & bit)
		return -EBADMSG;
	err = adopt_buffers(line);
	if (!err)
		err = adopt_page(s, w);
	if (err)
		return err;
	line->sock = sock;
	line->wake = w->fds[FD_WAKE];
	line->poke = line->ep = -1;
	line->arms = 0;
	line->number = w->msg.line;
	w->fds[FD_WAKE] = -1;
	s->made |= bit;
	*linep = line;
	return 0;
}

int nmh_line_make(struct nmh_session *s, int fd, struct nmh_line **line)
{
	struct welcome w;
	uint64_t signals;
	int sock = -1, err;

	err = knock(s, fd, &sock);
	if (err)
		return err;
	err = await_welcome(sock, &w);
	if (err)
		goto err_sock;
	signals = nmh_lock_take(&nmh_lock);
	err = adopt_line(s, sock, &w, line);
	nmh_lock_give(&nmh_lock, signals);
	for (int i = 0; i < FDS; i++)
		if (w.fds[i] >= 0)
			nmh_fd_close(w.fds[i]);
	if (err)
		goto err_sock;
	return 0;

err_sock:
	nmh_fd_close(sock);
	return err;
}

/* One more. Where only the line ends netmapd could not take it in. */
static int make_another(struct nmh_session *s, int fd, struct nmh_line **line)
{
	int err = nmh_line_make(s, fd, line);

	if (err != -ENOTCONN || !nmh_session_is_alive(s, fd))
		return err;
	nmh_complain("netmapd has no descriptor or no memory left for another "
		     "thread: its ulimit -n and -v say how much there is");
	return -ENFILE;
}

int nmh_line_get(struct nmh_session *s, int fd, struct nmh_line **line)
{
	uint64_t lines = __atomic_load_n(&s->free, __ATOMIC_RELAXED);

	while (lines) {
		uint64_t rest = lines & (lines - 1);

		if (__atomic_compare_exchange_n(&s->free, &lines, rest, true,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED)) {
			*line = &s->line[__builtin_ctzll(lines ^ rest)];
			return 0;
		}
	}
	if (__atomic_load_n(&s->is_dead, __ATOMIC_RELAXED))
		return -ENOTCONN;
	return make_another(s, fd, line);
}

void nmh_line_put(struct nmh_session *s, struct nmh_line *line)
{
	__atomic_fetch_or(&s->free, 1ull << line->number, __ATOMIC_RELEASE);
}

void nmh_line_drop(struct nmh_session *s, struct nmh_line *line)
{
	struct nmh_line closed = *line;
	uint64_t signals;

	signals = nmh_lock_take(&nmh_lock);
	s->made &= ~(1ull << line->number);
	nmh_lock_give(&nmh_lock, signals);
	nmh_line_close(&closed);
}

static int watch(int ep, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events | EPOLLET};

	return (int)nmh_sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e);
}

int nmh_line_ep(struct nmh_line *line, int fd)
{
	long ep;
	int err;

	if (nmh_likely(line->ep >= 0))
		return line->ep;
	ep = nmh_sys(SYS_epoll_create1, EPOLL_CLOEXEC);
	if (ep < 0)
		return (int)ep;
	err = watch((int)ep, line->wake, EPOLLIN);
	if (!err)
		err = watch((int)ep, fd, 0);
	if (err) {
		nmh_sys(SYS_close, ep);
		return err;
	}
	line->ep = nmh_fd_hide((int)ep);
	return line->ep;
}

int nmh_line_poked(struct nmh_line *line)
{
	long fd;

	if (line->poke >= 0)
		return line->poke;
	fd = nmh_sys(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return (int)fd;
	line->poke = nmh_fd_hide((int)fd);
	return line->poke;
}

/* ---- is netmapd there? ---- */

bool nmh_session_is_alive(struct nmh_session *s, int fd)
{
	struct pollfd p = {.fd = fd};
	struct timespec none = {0, 0};

	if (__atomic_load_n(&s->is_dead, __ATOMIC_RELAXED))
		return false;
	if (nmh_sys(SYS_ppoll, &p, 1, &none, NULL, 0) != 1 ||
	    !(p.revents & (POLLHUP | POLLERR)) || !nmh_session_is_at(s, fd))
		return true;
	__atomic_store_n(&s->is_dead, 1, __ATOMIC_RELAXED);
	nmh_complain("netmapd has ended: open the port again to go on");
	return false;
}
