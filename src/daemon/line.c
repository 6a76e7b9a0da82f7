// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "line.h"
#include "log.h"
#include "os_mem.h"
#include "pass.h"
#include "request.h"
#include "user.h"
#include "worker.h"

/* ---- messages ---- */

static bool answer(struct nmd_line *l, const void *data, u32 size,
		   const int *fds, u32 nfds)
{
	return !nmd_send(l->fd, data, size, fds, nfds);
}

static bool call(struct nmd_line *l, struct nmd_request *rq, u32 size)
{
	if (nmd_request_init(rq, size))
		return false;
	rq->caller.pid = l->pid;
	snprintf(rq->caller.program, sizeof(rq->caller.program), "%s",
		 l->program);
	/* A sync that the program waits for comes after what others have rung
	 * for, whether or not a worker has had the time for it. */
	if (rq->call.cmd == NIOCTXSYNC || rq->call.cmd == NIOCRXSYNC)
		nmd_sessions_send(l->session->d);
	nmd_request_serve(rq, l->session->file);
	nmd_session_called(l->session);
	return answer(l, rq->answer, rq->answer_size, NULL, 0);
}

/* Offsets of the rings that @b bound, to @at; returns how many. */
static u32 rings_put(const struct nm_bind *b, u32 dir, u64 *at)
{
	for (u32 i = b->first[dir]; i < b->end[dir]; i++)
		*at++ = nm_region_offset(b->port->region, NM_POOL_RING,
					 nm_bind_queue(b, dir, i)->ring);
	return b->end[dir] - b->first[dir];
}

static bool mapped(struct nmd_line *l)
{
	const struct nm_file *f = l->session->file;
	const struct nm_bind *b = &f->bind;
	struct nmd_mapped head = {.error = ENXIO};
	u8 data[sizeof(head) + NMD_RINGS_MAX * sizeof(u64)];
	u64 *at = (u64 *)(void *)(data + sizeof(head));
	int fd = -1;

	if (nm_file_is_bound(f))
		head.error = nm_bind_selected(b) > NMD_RINGS_MAX ? E2BIG : 0;
	if (!head.error) {
		fd = os_mem_fd(b->port->region->mem);
		head.size = b->port->region->size;
		head.nr_flags = b->flags;
		head.rings[NM_TX] = rings_put(b, NM_TX, at);
		head.rings[NM_RX] = rings_put(b, NM_RX, at + head.rings[NM_TX]);
	}
	head.msg.type = NMD_MAPPED;
	head.msg.size =
		(u32)(sizeof(head) +
		      (head.rings[NM_TX] + head.rings[NM_RX]) * sizeof(u64));
	memcpy(data, &head, sizeof(head));
	return answer(l, data, head.msg.size, &fd, !head.error);
}

static bool state(struct nmd_line *l)
{
	const struct nmd *d = l->session->d;
	struct nmd_state st = {
		.msg = {NMD_STATE, sizeof(st)},
		.pid = (u32)getpid(),
		.uid = getuid(),
		.sessions = d->nsessions,
		.lines = d->nlines,
		.workers = nmd_workers(),
		.uptime_ns = os_now_ns() - d->start_ns,
		.release = NMD_RELEASE,
	};

	return answer(l, &st, sizeof(st), NULL, 0);
}

static bool polled(struct nmd_line *l, const struct nmd_poll *asked)
{
	struct nmd_poll p = {.msg = {NMD_POLLED, sizeof(p)}};

	nmd_sessions_send(l->session->d);
	p.events = nmd_session_poll(l->session, asked->events);
	return answer(l, &p, sizeof(p), NULL, 0);
}

/* The control thread's one message at a time. */
static struct nmd_request request;

static bool read_message(struct nmd_line *l)
{
	const struct nmd_msg *m = (const void *)request.message;
	u32 nfds = 0;
	ssize_t n;

	if (nmd_user_is_slow(l->session->d, l->session->user))
		return false;
	n = nmd_recv(l->session->user, l->fd, request.message,
		     sizeof(request.message), NULL, &nfds);
	if (n == -EAGAIN)
		return true;
	if (n >= (ssize_t)sizeof(*m) && m->type == NMD_CALL)
		return call(l, &request, (u32)n);
	if (n >= (ssize_t)sizeof(*m) && m->type == NMD_MAP)
		return mapped(l);
	if (n >= (ssize_t)sizeof(struct nmd_poll) && m->type == NMD_POLL)
		return polled(l, (const struct nmd_poll *)(const void *)m);
	if (n >= (ssize_t)sizeof(*m) && m->type == NMD_STATUS)
		return state(l);
	if (n)
		nmd_log(NMD_WARN, "event=bad_message pid=%u bytes=%zd", l->pid,
			n);
	return false;
}

static void on_event(struct nmd_source *source)
{
	struct nmd_line *l = nm_container(source, struct nmd_line, source);

	if (!read_message(l))
		nmd_line_destroy(l);
}

/* ---- lines ---- */

/* Where the line's place is: fills in what the program is told. */
static int open_line(struct nmd_line *l, struct nmd_welcome *w, int wake[2])
{
	struct nmd_session *s = l->session;
	u32 i = 0;

	while (i < NMD_LINES && s->line[i])
		i++;
	if (!nmd_user_has_line(s->d, s->user)) {
		snprintf(w->sentence, sizeof(w->sentence),
			 "a user can have %u threads that wait or call in this "
			 "netmapd and has them: 4 for each of --user-sessions",
			 NMD_USER_LINES * s->d->user_sessions);
		return EMFILE;
	}
	if (i == NMD_LINES) {
		snprintf(w->sentence, sizeof(w->sentence),
			 "%d threads wait on one descriptor, and no more can",
			 NMD_LINES);
		return EBUSY;
	}
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, wake) ||
	    nmd_watch(s->d, l->fd, &l->source)) {
		snprintf(w->sentence, sizeof(w->sentence),
			 "netmapd has no descriptor left");
		if (wake[0] >= 0) {
			close(wake[0]);
			close(wake[1]);
		}
		return ENFILE;
	}
	l->index = w->line = i;
	s->line[i] = l;
	s->d->nlines++;
	s->user->lines++;
	os_store(&s->wake[i], wake[1]);
	return 0;
}

static int check_hello(const struct nmd_hello *h, struct nmd_welcome *w)
{
	if (h->version >= NMD_VERSION_MIN && h->version_min <= NMD_VERSION)
		return 0;
	snprintf(w->sentence, sizeof(w->sentence),
		 "netmapd speaks versions %d..%d of its protocol and the "
		 "program %u..%u: %s is too old",
		 NMD_VERSION_MIN, NMD_VERSION, h->version_min, h->version,
		 h->version < NMD_VERSION_MIN ? "the program" : "netmapd");
	return EPROTO;
}

static void name_take(struct nmd_line *l, const struct nmd_hello *h)
{
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);

	getsockopt(l->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	l->pid = (u32)cred.pid;
	snprintf(l->program, sizeof(l->program), "%.*s",
		 (int)sizeof(h->program), h->program);
}

/* Whatever else a program may send in its place. */
static bool is_line(int fd)
{
	int domain = 0, type = 0;
	socklen_t len = sizeof(int);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       domain == AF_UNIX && type == SOCK_SEQPACKET;
}

void nmd_line_create(struct nmd_session *s, int fd, const struct nmd_hello *h)
{
	struct nmd_line *l = calloc(1, sizeof(*l));
	int wake[2] = {-1, -1};
	bool told;
	struct nmd_welcome w = {
		.msg = {NMD_WELCOME, sizeof(w)},
		.magic = NMD_MAGIC,
		.version = NMD_VERSION,
		.version_min = NMD_VERSION_MIN,
		.features = NMD_FEATURE_COMPLETE,
		.page_size = NMD_PAGE_SIZE,
	};

	if (!l || !is_line(fd)) {
		nmd_close(s->user, fd);
		free(l);
		return;
	}
	l->source.event = on_event;
	l->session = s;
	l->fd = fd;
	name_take(l, h);
	w.error = check_hello(h, &w);
	if (!w.error)
		w.error = open_line(l, &w, wake);
	if (!w.error && h->features & NMD_FEATURE_COMPLETE)
		nmd_session_complete(s);
	if (w.error) {
		nmd_log(NMD_WARN, "event=refused pid=%u error=%d why=\"%s\"",
			l->pid, w.error, w.sentence);
		answer(l, &w, sizeof(w), NULL, 0);
		nmd_hang_up(s->user, fd);
		free(l);
		return;
	}
	told = answer(l, &w, sizeof(w), (int[]){s->page_fd, s->bell, wake[0]},
		      3);
	close(wake[0]);
	if (!told)
		nmd_line_destroy(l);
}

void nmd_line_destroy(struct nmd_line *l)
{
	struct nmd_session *s = l->session;
	int wake = s->wake[l->index];

	os_store(&s->wake[l->index], -1);
	s->line[l->index] = NULL;
	s->d->nlines--;
	s->user->lines--;
	nmd_unwatch(s->d, l->fd);
	/* Workers may be about to write to it. */
	os_read_sync();
	close(wake);
	nmd_hang_up(s->user, l->fd);
	free(l);
}
