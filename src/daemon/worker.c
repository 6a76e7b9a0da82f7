// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "os_spawn.h"
#include "worker.h"

#define EVENTS	 64
#define BUSY_MAX 16 /* rounds, then bells are listened to in between */
#define AWAY_MAX 8  /* rings from elsewhere, then the session moves */
/* Handles of sessions start at 1 << 32. */
#define INBOX 0ull

/*
 * None of the lists below is ever full. Woken and inbox together have a place
 * of the table once (queued), and woken those that are being served besides.
 * Active has a session once, as long as it is that worker's, and up to EVENTS
 * that have ended since the last round.
 */
#define HANDLES (2 * NMD_SESSIONS)

/* Places of the table that are in some worker's inbox or woken list. */
static u32 queued[NMD_SESSIONS];

struct handles {
	u64 at[HANDLES];
	u32 n;
};

struct nmd_worker {
	pthread_t thread;
	int cpu;
	int poll;  /* epoll: bells, and the inbox */
	int knock; /* eventfd: something is in the inbox */
	u32 stop;
	u64 spin_ns;
	struct handles active; /* they rang */
	struct handles woken;  /* due, by syncs of this worker */
	struct handles late;   /* active, and have room to send */
	/* From other threads. */
	pthread_mutex_t lock; /* of inbox */
	struct handles inbox;
};

static struct nmd_worker **workers;
static u32 nworkers;
/* Who hears whose bell. */
static pthread_mutex_t worker_lock = PTHREAD_MUTEX_INITIALIZER;
static __thread struct nmd_worker *self;

u32 nmd_workers(void)
{
	return nworkers;
}

static void push(struct handles *h, u64 handle)
{
	h->at[h->n++] = handle;
}

/* ---- from other threads ---- */

static void knock(struct nmd_worker *w)
{
	const u64 one = 1;

	if (write(w->knock, &one, sizeof(one)) < 0)
		return; /* it is full: heard already */
}

static void inbox_put(struct nmd_worker *w, u64 handle)
{
	pthread_mutex_lock(&w->lock);
	push(&w->inbox, handle);
	pthread_mutex_unlock(&w->lock);
	knock(w);
}

void nmd_worker_queue(struct nmd_session *s)
{
	/* Whoever takes the place out looks at what is due after that. */
	if (os_xchg(&queued[(u32)s->handle], 1u))
		return;
	if (self)
		push(&self->woken, s->handle);
	else
		inbox_put(os_load(&s->worker), s->handle);
}

static void inbox_take(struct nmd_worker *w)
{
	pthread_mutex_lock(&w->lock);
	for (u32 i = 0; i < w->inbox.n; i++)
		push(&w->woken, w->inbox.at[i]);
	w->inbox.n = 0;
	pthread_mutex_unlock(&w->lock);
}

/* ---- who hears whose bell ---- */

/* Edge by edge: rings need not be read. One that came before counts. */
static int listen_to(struct nmd_worker *w, int fd, u64 handle)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET,
				.data.u64 = handle};

	return epoll_ctl(w->poll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static struct nmd_worker *worker_on(u32 cpu)
{
	for (u32 i = 0; i < nworkers; i++)
		if (workers[i]->cpu == (int)cpu)
			return workers[i];
	return NULL;
}

int nmd_worker_attach(struct nmd_session *s)
{
	static u32 next;
	struct nmd_worker *w = workers[next++ % nworkers];

	os_store(&s->worker, w);
	return listen_to(w, s->bell, s->handle);
}

void nmd_worker_detach(struct nmd_session *s)
{
	pthread_mutex_lock(&worker_lock);
	epoll_ctl(s->worker->poll, EPOLL_CTL_DEL, s->bell, NULL);
	pthread_mutex_unlock(&worker_lock);
}

/* Hands a session on, unless it is about to end. */
static void move(struct nmd_worker *w, struct nmd_session *s,
		 struct nmd_worker *to)
{
	pthread_mutex_lock(&worker_lock);
	if (!epoll_ctl(w->poll, EPOLL_CTL_DEL, s->bell, NULL)) {
		s->away = 0;
		os_store(&s->active, false);
		os_store(&s->worker, to);
		if (listen_to(to, s->bell, s->handle)) {
			os_store(&s->worker, w);
			listen_to(w, s->bell, s->handle);
		}
	}
	pthread_mutex_unlock(&worker_lock);
}

/* The program of @s rang from somewhere: true if @s has moved there. */
static bool follow(struct nmd_worker *w, struct nmd_session *s)
{
	u32 cpu = os_load(&s->page->cpu);
	struct nmd_worker *to;

	if (nworkers == 1 || (int)cpu == w->cpu) {
		s->away = 0;
		return false;
	}
	if (++s->away < AWAY_MAX)
		return false;
	s->away = 0;
	to = worker_on(cpu);
	if (to)
		move(w, s, to);
	return to;
}

/* ---- rounds ---- */

/* A bell rang, or a session came from another worker. */
static void activate(struct nmd_worker *w, u64 handle)
{
	struct nmd_session *s = nmd_session_find(handle);

	/* From before it moved: the other has heard it too. */
	if (!s || os_load(&s->worker) != w)
		return;
	if (os_load(&s->active) || follow(w, s))
		return;
	os_store(&s->active, true);
	nmd_session_bells(s, false);
	push(&w->active, handle);
}

/* What can be heard by now, waiting for it up to @ms. */
static void hear(struct nmd_worker *w, int ms)
{
	struct epoll_event e[EVENTS];
	int n = epoll_wait(w->poll, e, EVENTS, ms);
	unsigned section = os_read_enter();

	for (int i = 0; i < n; i++)
		if (e[i].data.u64 == INBOX)
			inbox_take(w);
		else
			activate(w, e[i].data.u64);
	os_read_exit(section);
}

/* Serves those that are due by now; whom that wakes comes next time. */
static bool serve_woken(struct nmd_worker *w)
{
	u32 n = w->woken.n;

	for (u32 i = 0; i < n; i++) {
		u64 handle = w->woken.at[i];
		struct nmd_session *s;

		os_xchg(&queued[(u32)handle], 0u);
		/* It may be due for one that came after who was queued. */
		s = nmd_session_at(handle);
		if (s)
			nmd_session_wake(s, nmd_session_sync(s));
	}
	w->woken.n -= n;
	memmove(w->woken.at, w->woken.at + n, w->woken.n * sizeof(u64));
	return n;
}

/* Senders are told of room (late) when receivers have been told of frames:
 * where all share a processor these run first then, and lose less. */
static bool serve_active(struct nmd_worker *w)
{
	bool found = false;
	u32 kept = 0;

	for (u32 i = 0; i < w->active.n; i++) {
		u64 handle = w->active.at[i];
		struct nmd_session *s = nmd_session_find(handle);
		u32 ready;

		/* Ended, or moved. */
		if (!s || os_load(&s->worker) != w)
			continue;
		w->active.at[kept++] = handle;
		if (!nmd_session_pending(s))
			continue;
		found = true;
		ready = nmd_session_sync(s);
		nmd_session_wake(s, ready & NM_POLLIN);
		if (ready & NM_POLLOUT)
			push(&w->late, handle);
	}
	w->active.n = kept;
	return found;
}

static void serve_late(struct nmd_worker *w)
{
	for (u32 i = 0; i < w->late.n; i++) {
		struct nmd_session *s = nmd_session_find(w->late.at[i]);

		if (s)
			nmd_session_wake(s, NM_POLLOUT);
	}
	w->late.n = 0;
}

/* True: something was done. */
static bool round_once(struct nmd_worker *w)
{
	unsigned section = os_read_enter();
	bool found = serve_active(w);

	found |= serve_woken(w);
	serve_late(w);
	os_read_exit(section);
	return found;
}

/* Arms the bells: true if nothing has moved meanwhile, so that all who come
 * will ring. */
static bool lie_down(struct nmd_worker *w)
{
	unsigned section = os_read_enter();
	struct nmd_session *s;
	u32 kept = 0;

	for (u32 i = 0; i < w->active.n; i++) {
		s = nmd_session_find(w->active.at[i]);
		if (s)
			nmd_session_bells(s, true);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* wire.h */
	for (u32 i = 0; i < w->active.n; i++) {
		s = nmd_session_find(w->active.at[i]);
		if (s && nmd_session_pending(s)) {
			nmd_session_bells(s, false);
			w->active.at[kept++] = w->active.at[i];
		} else if (s && os_load(&s->worker) == w) {
			os_store(&s->active, false);
		}
	}
	w->active.n = kept;
	os_read_exit(section);
	return !kept && !w->woken.n;
}

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec;
}

static void *worker_main(void *arg)
{
	struct nmd_worker *w = arg;
	u64 idle_since = 0;
	u32 busy = 0;

	self = w;
	while (!os_load_acquire(&w->stop)) {
		if (round_once(w)) {
			idle_since = 0;
			/* Most bursts are over by the next round. */
			if (++busy % BUSY_MAX == 0)
				hear(w, 0);
		} else if (w->spin_ns && !idle_since) {
			idle_since = now_ns();
		} else if (w->spin_ns && now_ns() - idle_since < w->spin_ns) {
			hear(w, 0);
		} else if (lie_down(w)) {
			idle_since = 0;
			hear(w, -1);
		}
	}
	return NULL;
}

/* ---- life ---- */

static void worker_destroy(struct nmd_worker *w)
{
	if (w->poll >= 0)
		close(w->poll);
	if (w->knock >= 0)
		close(w->knock);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static int worker_init(struct nmd_worker *w)
{
	if (w->poll < 0 || w->knock < 0)
		return -errno;
	return listen_to(w, w->knock, INBOX);
}

static int worker_start(int cpu, u32 spin_us)
{
	struct nmd_worker *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->cpu = cpu;
	w->spin_ns = spin_us * 1000ull;
	w->poll = epoll_create1(EPOLL_CLOEXEC);
	w->knock = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&w->lock, NULL);
	err = worker_init(w);
	if (!err)
		err = os_spawn(&w->thread, cpu, worker_main, w);
	if (err)
		worker_destroy(w);
	else
		workers[nworkers++] = w;
	return err;
}

int nmd_workers_start(u32 max, u32 spin_us)
{
	cpu_set_t cpus;
	int err = 0;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return -errno;
	workers = calloc((size_t)CPU_COUNT(&cpus), sizeof(struct nmd_worker *));
	if (!workers)
		return -ENOMEM;
	for (int cpu = 0; cpu < CPU_SETSIZE && !err; cpu++)
		if (CPU_ISSET(cpu, &cpus) && (!max || nworkers < max))
			err = worker_start(cpu, spin_us);
	if (err)
		nmd_workers_stop();
	return err;
}

void nmd_workers_stop(void)
{
	for (u32 i = 0; i < nworkers; i++) {
		os_store_release(&workers[i]->stop, 1u);
		knock(workers[i]);
		pthread_join(workers[i]->thread, NULL);
		worker_destroy(workers[i]);
	}
	free(workers);
	workers = NULL;
	nworkers = 0;
}
