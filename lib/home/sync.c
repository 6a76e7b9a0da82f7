// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Syncs and readiness, from the rings and the page alone. The two barriers here
 * belong to those of netmapd in the drawing of wire.h.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "real.h"
#include "session.h"

/* A sync looks after netmapd if nobody has for this long. */
#define CHECK_NS 100000000

#define IN  (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)

#define MONITOR (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON)

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static int load_int(const int *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static int64_t coarse_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ---- telling netmapd ---- */

static void ring_bell(struct nmh_session *s, int dir)
{
	uint64_t one = 1;

	if (!__atomic_exchange_n(&s->page->bell[dir], 0, __ATOMIC_RELAXED))
		return;
	/* Once awake, netmapd looks at both directions. */
	__atomic_store_n(&s->page->bell[!dir], 0, __ATOMIC_RELAXED);
	__atomic_store_n(&s->page->cpu, (uint32_t)sched_getcpu(),
			 __ATOMIC_RELAXED);
	nmh_sys(SYS_write, s->bell, &one, sizeof(one));
}

/* Has the program moved head or cur of a ring since netmapd was told? */
static bool is_news(struct nmh_session *s, int dir)
{
	bool news = false;

	for (uint32_t i = s->first[dir]; i < s->end[dir]; i++) {
		struct nmh_ring *r = &s->ring[i];
		uint32_t head = load(&r->ring->head), cur = load(&r->ring->cur);

		if (head == load(&r->head) && cur == load(&r->cur))
			continue;
		__atomic_store_n(&r->head, head, __ATOMIC_RELAXED);
		__atomic_store_n(&r->cur, cur, __ATOMIC_RELAXED);
		news = true;
	}
	return news;
}

/* Returns whether there was something to tell. */
static bool tell(struct nmh_session *s, int dir)
{
	if (!is_news(s, dir))
		return false;
	/* Rung or awake, netmapd will look at both directions. */
	is_news(s, !dir);
	/* The program's store to head before our load of the bell; netmapd
	 * stores the bell before it loads head. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (load(&s->page->bell[dir]))
		ring_bell(s, dir);
	return true;
}

static int is_gone(struct nmh_session *s, int fd)
{
	int64_t now = coarse_now();

	if (nmh_likely(now - __atomic_load_n(&s->checked, __ATOMIC_RELAXED) <
		       CHECK_NS))
		return load(&s->is_dead);
	__atomic_store_n(&s->checked, now, __ATOMIC_RELAXED);
	return !nmh_session_is_alive(s, fd);
}

/* ---- syncs that wait for netmapd ----
 *
 * In the kernel a sync is complete when it returns. Here it is so where the
 * program could only try again (nothing has come, no room is left), and where
 * NETMAP_SYNC is "complete", for programs that count on it.
 */

bool nmh_is_complete_wanted(void)
{
	static int wanted = -1;

	if (nmh_unlikely(load_int(&wanted) < 0)) {
		const char *env = secure_getenv("NETMAP_SYNC");

		__atomic_store_n(&wanted, env && !strcmp(env, "complete"),
				 __ATOMIC_RELAXED);
	}
	return load_int(&wanted);
}

/* By our wish, or that of another process that has the descriptor. */
static bool is_complete(const struct nmh_session *s)
{
	return nmh_is_complete_wanted() ||
	       load(&s->page->state) & NMD_PAGE_COMPLETE;
}

/* Nothing to be read, or filled, in any bound ring of @dir. */
static bool is_stuck(const struct nmh_session *s, int dir)
{
	for (uint32_t i = s->first[dir]; i < s->end[dir]; i++) {
		const struct netmap_ring *r = s->ring[i].ring;

		if (load(&r->head) != load(&r->tail))
			return false;
	}
	return true;
}

static int complete(struct nmh_session *s, int fd, int dir)
{
	int err;

	if (!nmh_session_get(fd, nmh_session_word(s)))
		return -EBADF;
	err = nmh_session_ioctl(s, fd, dir == NMH_TX ? NIOCTXSYNC : NIOCRXSYNC,
				0);
	nmh_session_put(s);
	return err;
}

/* The first sync after a bind, or after what may have changed it. */
static int map(struct nmh_session *s, int fd)
{
	uint32_t word = nmh_session_word(s);
	int err;

	if (!nmh_session_get(fd, word))
		return -EBADF;
	err = nmh_session_map(s, fd);
	nmh_session_put(s);
	return err;
}

int nmh_session_sync(struct nmh_session *s, int fd, int dir)
{
	int err;

	if (nmh_unlikely(!__atomic_load_n(&s->is_mapped, __ATOMIC_ACQUIRE))) {
		err = map(s, fd);
		if (err)
			return err;
	}
	if (nmh_unlikely(is_complete(s)))
		return complete(s, fd, dir);
	/* Who has just filled the ring will wait for room; who comes again with
	 * nothing new wants it now. */
	if (!tell(s, dir) && nmh_unlikely(is_stuck(s, dir)))
		return complete(s, fd, dir);
	return nmh_unlikely(is_gone(s, fd)) ? -ENOTCONN : 0;
}

/* ---- readiness ---- */

static bool is_ready(const struct nmh_session *s, int dir)
{
	for (uint32_t i = s->first[dir]; i < s->end[dir]; i++) {
		const struct netmap_ring *r = s->ring[i].ring;

		/* What is in the slots is looked at after this. */
		if (load(&r->cur) !=
		    __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

/* POLLERR for what is so for good; a monitor sends nothing. */
static short trouble(struct nmh_session *s, short events)
{
	if (nmh_unlikely(events & OUT && s->nr_flags & MONITOR))
		return POLLERR | (events & OUT);
	if (nmh_unlikely(load(&s->is_dead)))
		return POLLERR;
	if (nmh_unlikely(load(&s->page->state) & NMD_PAGE_OVER))
		return POLLERR | (events & (IN | OUT));
	return 0;
}

/* Rings were reset since this was last shown. */
static short reset(struct nmh_session *s)
{
	uint32_t resets = load(&s->page->resets);

	if (nmh_likely(resets == load(&s->resets)))
		return 0;
	__atomic_store_n(&s->resets, resets, __ATOMIC_RELAXED);
	return POLLERR;
}

short nmh_session_look(struct nmh_session *s, short events)
{
	short found;

	if (!__atomic_load_n(&s->is_mapped, __ATOMIC_ACQUIRE))
		return POLLERR;
	found = trouble(s, events);
	if (found)
		return found;
	if (events & IN && is_ready(s, NMH_RX))
		found |= events & IN;
	if (events & OUT && is_ready(s, NMH_TX))
		found |= events & OUT;
	return found | reset(s);
}

/* All of it is netmapd's. */
static short poll_complete(struct nmh_session *s, int fd, short events)
{
	uint32_t asked =
		(events & IN ? POLLIN : 0) | (events & OUT ? POLLOUT : 0);
	uint32_t got = POLLERR;
	int err;

	if (!nmh_session_get(fd, nmh_session_word(s)))
		return POLLERR;
	err = nmh_session_ask_poll(s, fd, asked, &got);
	nmh_session_put(s);
	/* All lines have threads that sleep: what was brought to others. */
	if (err == -EBUSY)
		return nmh_session_look(s, events);
	if (err)
		got = POLLERR;
	return (short)((got & POLLIN ? events & IN : 0) |
		       (got & POLLOUT ? events & OUT : 0) | (got & POLLERR));
}

short nmh_session_poll(struct nmh_session *s, int fd, short events)
{
	if (nmh_unlikely(!__atomic_load_n(&s->is_mapped, __ATOMIC_ACQUIRE)) &&
	    map(s, fd))
		return POLLERR;
	if (nmh_unlikely(is_complete(s)))
		return poll_complete(s, fd, events);
	if (events & OUT || !(s->nr_flags & NR_NO_TX_POLL))
		tell(s, NMH_TX);
	if (events & IN)
		tell(s, NMH_RX);
	/* Who never sleeps is told by nobody else. */
	if (nmh_unlikely(is_gone(s, fd)))
		return POLLERR;
	return nmh_session_look(s, events);
}

/* ---- sleeping ---- */

void nmh_session_arm(struct nmh_session *s, const struct nmh_line *line,
		     short events)
{
	uint64_t bit = 1ull << line->number;

	/* Both are full barriers: our bit before what we then load of rings;
	 * netmapd stores tail before it loads our bit. */
	if (events & OUT)
		__atomic_fetch_or(&s->page->armed[NMH_TX], bit,
				  __ATOMIC_SEQ_CST);
	if (events & IN)
		__atomic_fetch_or(&s->page->armed[NMH_RX], bit,
				  __ATOMIC_SEQ_CST);
}

void nmh_session_disarm(struct nmh_session *s, const struct nmh_line *line)
{
	uint64_t bit = 1ull << line->number;

	for (int dir = NMH_TX; dir <= NMH_RX; dir++)
		if (__atomic_load_n(&s->page->armed[dir], __ATOMIC_RELAXED) &
		    bit)
			__atomic_fetch_and(&s->page->armed[dir], ~bit,
					   __ATOMIC_RELAXED);
}

short nmh_session_news(struct nmh_session *s, const struct nmh_line *line,
		       short events)
{
	uint64_t bit = 1ull << line->number;
	short news = 0;

	if (events & OUT &&
	    !(__atomic_load_n(&s->page->armed[NMH_TX], __ATOMIC_RELAXED) & bit))
		news |= events & OUT;
	if (events & IN &&
	    !(__atomic_load_n(&s->page->armed[NMH_RX], __ATOMIC_RELAXED) & bit))
		news |= events & IN;
	return news;
}
