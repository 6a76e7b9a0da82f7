// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "line.h"
#include "log.h"
#include "os_caller.h"
#include "pass.h"
#include "port.h"
#include "user.h"
#include "worker.h"

/* ---- handles: index in the table, and which of its users ---- */

static struct nmd_session *table[NMD_SESSIONS];
static u32 uses[NMD_SESSIONS];

static bool handle_take(struct nmd_session *s)
{
	static u32 next;

	for (u32 n = 0; n < NMD_SESSIONS; n++) {
		u32 i = next++ % NMD_SESSIONS;

		if (table[i])
			continue;
		s->handle = (u64)++uses[i] << 32 | i;
		os_store_release(&table[i], s); /* nmd_session_find() */
		return true;
	}
	return false;
}

static void handle_give(struct nmd_session *s)
{
	os_store(&table[(u32)s->handle], NULL);
	os_read_sync();
}

struct nmd_session *nmd_session_find(u64 handle)
{
	struct nmd_session *s = os_load_acquire(&table[(u32)handle]);

	return s && s->handle == handle ? s : NULL;
}

struct nmd_session *nmd_session_at(u64 handle)
{
	return os_load_acquire(&table[(u32)handle]);
}

/* ---- workers' side ---- */

/* Whoever sends, or closes, a session's peer. */
static void woken(void *arg)
{
	struct nmd_side *side = arg;

	if (!os_fetch_or(&side->session->due, side->bit))
		nmd_worker_queue(side->session);
}

/* For syncs: nobody's memory is read in them. */
static int no_copyin(struct os_caller *c, void *dst, u64 user, size_t len)
{
	(void)c, (void)dst, (void)user, (void)len;
	return -EFAULT;
}

static struct os_caller nobody = {.copyin = no_copyin};

static void wake_lines(struct nmd_session *s, u32 dir)
{
	u64 lines;

	/* Pairs with the program's barrier: wire.h. */
	if (!os_fetch_add(&s->page->armed[dir], 0ull))
		return;
	lines = os_xchg(&s->page->armed[dir], 0ull);
	for (; lines; lines &= lines - 1) {
		int wake = os_load(&s->wake[__builtin_ctzll(lines)]);

		/* Fails where it is full, and nobody sleeps. */
		if (wake >= 0)
			send(wake, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
}

/* Workers and the control thread may tell at once, of different things. */
static void state_tell(struct nmd_session *s, u32 bits, bool on)
{
	if (on)
		__atomic_fetch_or(&s->page->state, bits, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&s->page->state, ~bits, __ATOMIC_SEQ_CST);
}

/* A bad ring is told of once; what stays bad, until it is good again. */
static u32 error_found(struct nmd_session *s, u32 want)
{
	u32 got = nm_file_poll(s->file, &nobody, want, NULL);

	os_fetch_add(&s->page->resets, 1u);
	state_tell(s, NMD_PAGE_OVER, got & NM_POLLERR);
	return got | NM_POLLIN | NM_POLLOUT;
}

u32 nmd_session_sync(struct nmd_session *s)
{
	u32 want = os_xchg(&s->due, 0u), got;

	if (__builtin_expect(os_load(&s->complete), 0))
		return want; /* it will see for itself */
	want |= nm_file_pending(s->file);
	if (s->sends_nothing && want & NM_POLLOUT) {
		nm_file_txsync(s->file, &nobody);
		want &= ~(u32)NM_POLLOUT;
	}
	if (!want)
		return 0;
	got = nm_file_poll(s->file, &nobody, want, NULL);
	if (__builtin_expect(got & NM_POLLERR, 0))
		return error_found(s, want);
	if (__builtin_expect(os_load(&s->page->state) & NMD_PAGE_OVER, 0))
		state_tell(s, NMD_PAGE_OVER, false);
	return got;
}

void nmd_session_wake(struct nmd_session *s, u32 ready)
{
	if (ready & NM_POLLOUT)
		wake_lines(s, NM_TX);
	if (ready & NM_POLLIN)
		wake_lines(s, NM_RX);
}

/* Somebody may wait for slots that the program releases: who sends, where rings
 * are lent, or a monitor, which sees frames then. */
static bool do_releases_matter(const struct nmd_session *s)
{
	const struct nm_bind *b = &s->file->bind;

	if (s->releases_matter)
		return true;
	for (u32 i = b->first[NM_RX]; s->bound && i < b->end[NM_RX]; i++)
		if (os_load(&nm_bind_queue(b, NM_RX, i)->taps))
			return true;
	return false;
}

u32 nmd_session_pending(const struct nmd_session *s)
{
	u32 pending = os_load(&s->complete) ? 0 : nm_file_pending(s->file);

	if (pending & NM_POLLIN && !do_releases_matter(s))
		pending &= ~(u32)NM_POLLIN;
	return pending;
}

void nmd_session_bells(struct nmd_session *s, bool on)
{
	on = on && !os_load(&s->complete);
	os_store(&s->page->bell[NM_TX], on);
	os_store(&s->page->bell[NM_RX], on && do_releases_matter(s));
}

/* ---- the bind ---- */

static int listen_to(struct nmd_session *s, u32 dir, u32 bit)
{
	struct nmd_side *side = &s->side[dir];

	*side = (struct nmd_side){.session = s, .bit = bit};
	side->poll = os_poll_create_fn(woken, side);
	if (!side->poll)
		return -ENOMEM;
	nm_file_wait_on(s->file, bit, side->poll);
	return os_poll_is_complete(side->poll) ? 0 : -ENOMEM;
}

/* A monitor has come: what programs release matters where it did not. */
static void releases_heed(struct nmd *d)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &d->sessions) {
		struct nmd_session *s =
			nm_container(pos, struct nmd_session, node);

		if (!s->bound || !do_releases_matter(s))
			continue;
		nmd_session_bells(s, true);
		/* For what was released before the bell was armed. */
		os_fetch_or(&s->due, NM_POLLIN);
		nmd_worker_queue(s);
	}
}

void nmd_session_called(struct nmd_session *s)
{
	const struct nm_bind *b = &s->file->bind;
	bool monitor;

	if (s->bound || !nm_file_is_bound(s->file))
		return;
	s->bound = true;
	if (s->complete)
		nm_file_sync_late(s->file, false);
	monitor = b->port->type == &nm_port_monitor;
	s->releases_matter = monitor || b->port->type == &nm_port_pipe;
	s->sends_nothing = monitor;
	nmd_session_bells(s, true);
	if (listen_to(s, NM_TX, NM_POLLOUT) || listen_to(s, NM_RX, NM_POLLIN))
		nmd_log(NMD_WARN, "event=no_memory port=%s", b->port->name);
	state_tell(s, NMD_PAGE_BOUND | (s->complete ? NMD_PAGE_COMPLETE : 0),
		   true);
	/* For what came before. */
	os_fetch_or(&s->due, NM_POLLIN | NM_POLLOUT);
	nmd_worker_queue(s);
	if (monitor)
		releases_heed(s->d);
}

void nmd_session_complete(struct nmd_session *s)
{
	if (os_load(&s->complete))
		return;
	os_store(&s->complete, true);
	if (!s->bound)
		return;
	nm_file_sync_late(s->file, false);
	state_tell(s, NMD_PAGE_COMPLETE, true);
}

u32 nmd_session_poll(struct nmd_session *s, u32 events)
{
	return nm_file_poll(s->file, &nobody, events, NULL);
}

void nmd_sessions_send(struct nmd *d)
{
	struct nm_list *pos;

	nm_list_for_each(pos, &d->sessions) {
		struct nmd_session *s =
			nm_container(pos, struct nmd_session, node);

		if (s->bound && nmd_session_pending(s) & NM_POLLOUT)
			nmd_session_wake(s, nmd_session_sync(s));
	}
}

/* ---- refusals ---- */

/* Says why, by @err; returns what open() is to fail with. */
static int explain(const struct nmd *d, int err, char *text, size_t size)
{
	switch (err) {
	case -EDQUOT:
		snprintf(text, size,
			 "a user can have %u descriptors of this netmapd and "
			 "has them: its option --user-sessions says how many",
			 d->user_sessions);
		return EMFILE;
	case -ETOOMANYREFS:
		snprintf(text, size,
			 "netmapd still closes what programs of this user have "
			 "sent, and takes no more meanwhile: end those whose "
			 "descriptors are slow to close");
		return EMFILE;
	case -EUSERS:
		snprintf(
			text, size,
			"netmapd can serve %d descriptors and does: close some",
			NMD_SESSIONS);
		return ENFILE;
	case -ENOMEM:
		snprintf(text, size,
			 "netmapd has no memory for another descriptor");
		return ENOMEM;
	default:
		snprintf(text, size,
			 "netmapd has no descriptor left for another session "
			 "(%s): its ulimit -n raises their number",
			 strerror(-err));
		return ENFILE;
	}
}

/* On the connection itself: nobody but its program has it yet. */
void nmd_session_refuse(const struct nmd *d, int fd, int err)
{
	struct nmd_welcome w = {
		.msg = {NMD_WELCOME, sizeof(w)},
		.magic = NMD_MAGIC,
		.version = NMD_VERSION,
		.version_min = NMD_VERSION_MIN,
	};

	w.error = explain(d, err, w.sentence, sizeof(w.sentence));
	nmd_log(NMD_WARN, "event=no_session error=%d sessions=%u why=\"%s\"",
		w.error, d->nsessions, w.sentence);
	nmd_send(fd, &w, sizeof(w), NULL, 0);
}

/* ---- hellos ---- */

static bool has_lines(const struct nmd_session *s)
{
	for (u32 i = 0; i < NMD_LINES; i++)
		if (s->line[i])
			return true;
	return false;
}

static bool read_hello(struct nmd_session *s)
{
	struct nmd_hello hello = {0};
	u32 nfds = 1;
	int fd;
	ssize_t n;

	if (nmd_user_is_slow(s->d, s->user)) {
		nmd_log(NMD_WARN, "event=slow_to_close uid=%u", s->user->uid);
		return false;
	}
	n = nmd_recv(s->user, s->fd, &hello, sizeof(hello), &fd, &nfds);
	if (n == -EAGAIN)
		return true;
	/* No descriptor left for what was sent along: the next one may fare
	 * better. But the first hello has nobody else to answer. */
	if (n == -EMFILE && has_lines(s))
		return true;
	if (n == -EMFILE)
		nmd_session_refuse(s->d, s->fd, (int)n);
	if (n > 0 && nfds == 1 &&
	    n >= (ssize_t)offsetof(struct nmd_hello, program) &&
	    hello.msg.type == NMD_HELLO && hello.magic == NMD_MAGIC) {
		nmd_line_create(s, fd, &hello);
		return true;
	}
	/* An empty message may bring one, too. */
	if (n >= 0 && nfds == 1)
		nmd_close(s->user, fd);
	if (n && n != -EMFILE)
		nmd_log(NMD_WARN, "event=bad_hello bytes=%zd", n);
	return false;
}

static void on_event(struct nmd_source *source)
{
	struct nmd_session *s =
		nm_container(source, struct nmd_session, source);

	if (!read_hello(s))
		nmd_session_destroy(s);
}

/* ---- life ---- */

static int page_create(struct nmd_session *s)
{
	int fd = memfd_create("netmap-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	s->page_fd = fd;
	if (ftruncate(fd, NMD_PAGE_SIZE) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -ENOMEM;
	s->page = mmap(NULL, NMD_PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, 0);
	return s->page == MAP_FAILED ? -ENOMEM : 0;
}

/* All but the connection. */
static void fini(struct nmd_session *s)
{
	for (u32 d = 0; d < NM_DIRS; d++)
		if (s->side[d].poll)
			os_poll_destroy(s->side[d].poll);
	if (s->file)
		nm_file_destroy(s->file);
	if (s->page != MAP_FAILED)
		munmap(s->page, NMD_PAGE_SIZE);
	if (s->page_fd >= 0)
		close(s->page_fd);
	if (s->bell >= 0)
		close(s->bell);
	if (s->user)
		nmd_user_put(s->user);
	free(s);
}

/* Messages are for the control thread's loop; that nobody has it any more comes
 * before those of others. */
static int watch(struct nmd_session *s)
{
	struct epoll_event hangup = {.data.ptr = s};
	int err = nmd_watch(s->d, s->fd, &s->source);

	if (err)
		return err;
	if (!epoll_ctl(s->d->closed, EPOLL_CTL_ADD, s->fd, &hangup))
		return 0;
	err = -errno;
	nmd_unwatch(s->d, s->fd);
	return err;
}

static void unwatch(struct nmd_session *s)
{
	epoll_ctl(s->d->closed, EPOLL_CTL_DEL, s->fd, NULL);
	nmd_unwatch(s->d, s->fd);
}

static int init(struct nmd_session *s)
{
	int err;

	s->user = nmd_user_get(s->d, s->fd);
	if (nm_file_create(s->d->core, &s->file))
		return -ENOMEM;
	err = nmd_user_check(s->d, s->user);
	if (err)
		return err;
	err = page_create(s);
	if (err)
		return err;
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->bell < 0)
		return -errno;
	if (!handle_take(s))
		return -EUSERS;
	err = nmd_worker_attach(s);
	if (!err) {
		err = watch(s);
		if (!err)
			return 0;
		nmd_worker_detach(s);
	}
	handle_give(s);
	return err;
}

void nmd_session_create(struct nmd *d, int fd)
{
	struct nmd_session *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (!s)
		goto err_fd;
	s->source.event = on_event;
	s->d = d;
	s->fd = fd;
	s->page_fd = s->bell = -1;
	s->page = MAP_FAILED;
	for (u32 i = 0; i < NMD_LINES; i++)
		s->wake[i] = -1;
	err = init(s);
	if (err)
		goto err_session;
	nm_list_add_tail(&d->sessions, &s->node);
	d->nsessions++;
	return;

err_session:
	fini(s);
err_fd:
	nmd_session_refuse(d, fd, err);
	nmd_hang_up(nmd_user_of(d, fd), fd);
}

void nmd_session_destroy(struct nmd_session *s)
{
	for (u32 i = 0; i < NMD_LINES; i++)
		if (s->line[i])
			nmd_line_destroy(s->line[i]);
	unwatch(s);
	nmd_worker_detach(s);
	/* What was put before the end goes out. */
	if (s->bound)
		nmd_session_sync(s);
	handle_give(s);
	nm_list_del(&s->node);
	s->d->nsessions--;
	nmd_hang_up(s->user, s->fd);
	fini(s);
}

bool nmd_sessions_reap(struct nmd *d)
{
	struct epoll_event e;
	bool any = false;

	while (epoll_wait(d->closed, &e, 1, 0) == 1) {
		nmd_session_destroy(e.data.ptr);
		any = true;
	}
	return any;
}
