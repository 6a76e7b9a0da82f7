// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * act_safe.c - two good pairs, and beside them what must not harm them.
 *
 *     good sender ---- vale1 ---- good receiver
 *     good sender ==== pipe ===== good receiver
 *
 *     hostile -------- vale0     rewrites its rings, and the page that it shares
 *                                with netmapd, at random and all the time
 *     victim --------- vale0     sends; killed with kill -9 at random, 20 times;
 *            ========= pipe      the next one opens the same ports
 *
 * A good sender has at most WINDOW frames under way, so that a frame that is
 * lost has been lost by netmapd.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#define NETMAP_WITH_LIBS
#include "acts.h"

#define WINDOW	512u /* half a ring */
#define LEN	60u
#define KILLS	20u
#define LOOK_MS 20u /* how often a receiver looks whether it is over */

struct good {
	const char *what, *from, *to;
	atomic_ulong sent, received;
	atomic_bool silent; /* sent is final */
};

/* Shared by all processes of the act. */
struct stage {
	struct good good[2];
	atomic_bool over;
	atomic_ulong spoiled; /* words that the hostile one wrote */
	atomic_ulong moves;   /* of this victim: frames */
};

static struct stage *stage;

/* ---- the good ones ---- */

static void frame_fill(uint8_t *frame, uint64_t number)
{
	memset(frame, 0xff, 6);
	memcpy(frame + 6, "\2\0\0\0\0\1\x88\xb5", 8);
	memcpy(frame + 14, &number, sizeof(number));
	memset(frame + 22, (int)(number % 251), LEN - 22);
}

static void put(struct netmap_ring *ring, uint64_t number)
{
	uint8_t data[LEN];
	const struct frame f = {.data = data, .len = LEN};

	frame_fill(data, number);
	ring_put(ring, &f);
}

static bool say_errno(const char *what)
{
	fprintf(stderr, "acts: %s: %s\n", what, strerror(errno));
	return false;
}

static bool good_send(struct good *g, const struct port *p)
{
	unsigned long sent = 0, n;

	while (!atomic_load(&stage->over)) {
		n = atomic_load(&g->received) + WINDOW - sent;
		if (n > nm_ring_space(p->tx))
			n = nm_ring_space(p->tx);
		if (!n) {
			sched_yield();
			port_wait(p, POLLOUT, 0);
			continue;
		}
		for (unsigned i = 0; i < n; i++)
			put(p->tx, sent + i);
		sent += n;
		atomic_store(&g->sent, sent);
		if (!port_sync(p, NIOCTXSYNC))
			return say_errno("TXSYNC of a good one");
	}
	atomic_store(&g->silent, true);
	return true;
}

static bool good_is_done(struct good *g)
{
	return atomic_load(&g->silent) &&
	       atomic_load(&g->received) == atomic_load(&g->sent);
}

static bool good_sender(int fd, void *arg)
{
	struct good *g = arg;
	struct port p;
	bool ok;
	char end;

	if (!port_open(&p, g->from))
		return say_errno(g->from);
	ok = process_say(fd, 0) && good_send(g, &p);
	/* A pipe's frames are there for as long as both ends are. */
	while (ok && atomic_load(&g->received) != atomic_load(&g->sent) &&
	       process_hear(fd, &end))
		;
	port_close(&p);
	return ok;
}

/* All that is there; false: another frame than the next one. */
static bool good_read(struct good *g, const struct port *p, uint8_t *buf)
{
	unsigned long number = atomic_load(&g->received);
	uint8_t data[LEN];
	struct frame got, want = {.data = data, .len = LEN};

	while (ring_take(p->rx, buf, &got)) {
		frame_fill(data, number);
		if (!frame_same(&got, &want)) {
			printf("\nWRONG: %s, frame %lu\n", g->what, number + 1);
			dump_difference(&want, &got);
			return false;
		}
		atomic_store(&g->received, ++number);
	}
	return true;
}

static bool good_receiver(int fd, void *arg)
{
	static uint8_t buf[MAX_FRAME];
	struct good *g = arg;
	unsigned idle = 0;
	struct port p;
	bool ok;

	if (!port_open(&p, g->to))
		return say_errno(g->to);
	ok = process_say(fd, 0);
	while (ok && !good_is_done(g) && idle < PATIENCE_MS)
		if (port_wait(&p, POLLIN, LOOK_MS)) {
			ok = good_read(g, &p, buf);
			idle = 0;
		} else if (atomic_load(&g->silent)) {
			idle += LOOK_MS; /* what does not come is lost */
		}
	port_close(&p);
	return ok;
}

/* ---- the others ---- */

static uint32_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

/* What else this process shares with netmapd: its own business, says
 * /proc/self/maps. */
static uint32_t *find_page(size_t *words)
{
	FILE *f = fopen("/proc/self/maps", "re");
	uintptr_t from, to, found = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "netmap-page") &&
		    sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &from, &to) == 2) {
			found = from;
			*words = (to - from) / sizeof(uint32_t);
		}
	if (f)
		fclose(f);
	return (uint32_t *)found;
}

/* Mostly numbers that could be indices; now and then any. */
static void spoil(uint32_t *at, size_t words, uint64_t *seed)
{
	uint32_t value = draw(seed);

	__atomic_store_n(&at[draw(seed) % words],
			 value & 3 ? value >> 2 & 2047 : draw(seed),
			 __ATOMIC_RELAXED);
}

static bool hostile(int fd, void *arg)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	size_t page_words = 0, ring_words;
	uint32_t *page, *rings;
	struct port p;

	(void)arg;
	if (!port_open(&p, "vale0:hostile"))
		return say_errno("vale0:hostile");
	port_sync(&p, NIOCTXSYNC); /* now it is mapped */
	page = find_page(&page_words);
	if (!page) {
		fputs("acts: no page of netmapd's in /proc/self/maps\n",
		      stderr);
		return false;
	}
	rings = (uint32_t *)p.desc->mem;
	ring_words =
		(size_t)(NETMAP_BUF(p.tx, 0) - (char *)rings) / sizeof(*rings);
	process_say(fd, 0);
	for (;;) {
		for (int i = 0; i < 256; i++)
			spoil(rings, ring_words, &seed);
		for (int i = 0; i < 16; i++)
			spoil(page, page_words, &seed);
		ioctl(p.desc->fd, draw(&seed) & 1 ? NIOCTXSYNC : NIOCRXSYNC,
		      NULL);
		atomic_fetch_add(&stage->spoiled, 256 + 16);
	}
}

static void victim_send(const struct port *p, unsigned n)
{
	for (; n && nm_ring_space(p->tx); n--)
		put(p->tx, n);
	port_sync(p, NIOCTXSYNC);
}

/* The ports of the one before are free as soon as netmapd has noticed. */
static bool open_again(struct port *p, const char *spec)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (port_open(p, spec))
			return true;
		poll(NULL, 0, 1);
	}
	return say_errno(spec);
}

static bool victim(int fd, void *arg)
{
	struct port station, end;

	(void)arg;
	if (!open_again(&station, "vale0:victim") ||
	    !open_again(&end, "netmap:victim{1"))
		return false;
	process_say(fd, 0);
	for (;;) {
		victim_send(&station, 64);
		victim_send(&end, 64);
		atomic_fetch_add(&stage->moves, 128);
	}
}

/* ---- the act ---- */

static bool begin(struct process *p, bool (*fn)(int fd, void *arg), void *arg)
{
	char ready;

	if (!process_start(p, fn, arg))
		return false;
	if (process_hear(p->fd, &ready))
		return true;
	process_end(p, SIGKILL);
	return false;
}

/* Kills it when it has sent so many frames. */
static bool kill_one(unsigned long frames)
{
	struct process p;

	atomic_store(&stage->moves, 0);
	if (!begin(&p, victim, NULL))
		return false;
	while (atomic_load(&stage->moves) < frames && !kill(p.pid, 0))
		sched_yield();
	return process_end(&p, SIGKILL);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool trouble(const struct acts *a)
{
	uint64_t seed = (uint64_t)now_ms() | 1;
	long end = now_ms() + a->safe_ms;
	struct process enemy;
	bool ok = begin(&enemy, hostile, NULL);

	if (!ok)
		return false;
	for (unsigned i = 0; ok && i < KILLS; i++)
		ok = kill_one(draw(&seed) % 20000);
	while (ok && now_ms() < end)
		poll(NULL, 0, 10);
	return process_end(&enemy, SIGKILL) && ok;
}

static bool good_begin(struct process p[2], struct good *g)
{
	if (!begin(&p[0], good_receiver, g))
		return false;
	if (begin(&p[1], good_sender, g))
		return true;
	process_end(&p[0], SIGKILL);
	return false;
}

static bool good_end(struct process p[2], const struct good *g)
{
	unsigned long sent, received;
	bool ok = process_end(&p[0], 0);

	ok &= process_end(&p[1], 0);
	sent = atomic_load(&g->sent);
	received = atomic_load(&g->received);
	printf("  %-22s %12lu %12lu   %s\n", g->what, sent, received,
	       ok && sent == received ? "all, in order" : "NOT ALL");
	return ok && sent == received && sent;
}

static bool play(const struct acts *a)
{
	struct process good[2][2];
	unsigned n = 0;
	bool ok = true;

	while (ok && n < 2) {
		ok = good_begin(good[n], &stage->good[n]);
		n += ok;
	}
	ok = ok && trouble(a);
	atomic_store(&stage->over, true);
	printf("\n  %-22s %12s %12s\n", "frames, meanwhile", "sent",
	       "received");
	for (unsigned i = 0; i < n; i++)
		ok &= good_end(good[i], &stage->good[i]);
	return ok;
}

bool act_safe(const struct acts *a)
{
	bool ok;

	puts("\nSAFE     A hostile program on vale0 overwrites its rings and "
	     "all "
	     "it shares with\n         netmapd, at random, all the time. "
	     "Twenty "
	     "more, on vale0 and a pipe, are\n         ended by kill -9 in the "
	     "middle of sending. Beside them two good pairs.");
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED)
		return say_errno("mmap");
	stage->good[0].what = "good pair on vale1";
	stage->good[0].from = "vale1:from";
	stage->good[0].to = "vale1:to";
	stage->good[1].what = "good pair on a pipe";
	stage->good[1].from = "netmap:good{1";
	stage->good[1].to = "netmap:good}1";
	ok = play(a);
	printf("  %lu words spoiled, %u programs killed\n",
	       atomic_load(&stage->spoiled), KILLS);
	if (a->netmapd && waitpid(a->netmapd, NULL, WNOHANG)) {
		puts("  netmapd has ended");
		ok = false;
	}
	munmap(stage, sizeof(*stage));
	return ok;
}
