// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Programs that keep to nothing, beside programs that behave (good.c):
 *
 *   netmapd -- vale0: good a -> good b        not a frame lost
 *           -- pipe:  good -> good            not a frame lost
 *           -- vale1: good a -> good b,       lost only where a ring was full
 *                     and every attack that has a port
 *
 * Each attack runs in a process of its own, which is killed in the middle of it
 * now and then. Afterwards netmapd has as many descriptors, threads, ports and
 * as much memory as before.
 *
 * usage: hostile NETMAPD GOOD [ROUNDS]
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/netmap_user.h>
#include "daemon.h"
#include "raw.h"

#define MESSAGE	  char __attribute__((aligned(8)))
#define ATTACK_MS 150 /* for those that go on until they are told */
#define SESSIONS  8192
#define RSS_KB	  16384 /* that memory may differ by */

static struct daemon d;
static uint64_t seed = 88172645463325252u;

static uint32_t chance(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static void random_fill(void *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)at)[i] = (unsigned char)chance(256);
}

static void pair_make(int pair[2])
{
	CLAIM(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
}

/* A port of its own, on the switch that good programs use too. */
static void hostile_port(struct raw *r)
{
	char name[32];

	raw_open(r);
	snprintf(name, sizeof(name), "vale1:x%d", (int)getpid());
	raw_bind(r, name, 0);
}

/* ---- messages ---- */

static void any_length(void)
{
	static MESSAGE data[2 * NMD_MESSAGE_MAX];
	static const size_t odd[] = {0,	   1,	  7,	 8,	9,    4096,
				     8191, 32760, 32768, 32769, 65536};
	struct raw r;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		random_fill(data, 64);
		for (uint32_t type = 0; type < 12; type++) {
			int fd = raw_connect(), copy = dup(fd);

			*(struct nmd_msg *)data =
				(struct nmd_msg){type, (uint32_t)odd[i]};
			raw_send(fd, data, odd[i], NULL, 0);
			close(fd);
			/* The same with a descriptor, after its end or not. */
			raw_send(copy, data, odd[i], &copy, 1);
			close(copy);
			raw_open(&r);
			raw_send(r.line, data, odd[i], &r.wake, 1);
			raw_send(r.line, data, odd[i], NULL, 0);
			raw_close(&r);
		}
	}
}

static void random_bytes(void)
{
	static MESSAGE data[NMD_MESSAGE_MAX];
	struct raw r;

	for (int i = 0; i < 400; i++) {
		size_t n = chance(i % 8 ? 300 : sizeof(data));

		random_fill(data, n);
		raw_open(&r);
		if (chance(2) && n >= 8)
			*(struct nmd_msg *)data =
				(struct nmd_msg){1 + chance(9), (uint32_t)n};
		raw_send(chance(2) ? r.session : r.line, data, n, NULL, 0);
		raw_close(&r);
	}
}

static void half_a_hello(void)
{
	struct nmd_hello hello = raw_hello();

	for (size_t n = 0; n <= sizeof(hello); n++) {
		int fd = raw_connect(), pair[2];

		pair_make(pair);
		raw_send(fd, &hello, n, pair, chance(2) ? 1 : 0);
		close(fd);
		close(pair[0]);
		close(pair[1]);
	}
}

/* Lines that are no sockets of one's own, or nobody's. */
static void odd_lines(void)
{
	struct nmd_hello hello = raw_hello();
	int session[2] = {raw_connect(), raw_connect()};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	int stream[2], datagram[2], tube[2], ep = epoll_create1(0);
	int file = open("/dev/null", O_RDWR), folder = open("/", O_RDONLY);
	int event = eventfd(1, 0), memory = memfd_create("line", 0);

	CLAIM(!socketpair(AF_UNIX, SOCK_STREAM, 0, stream));
	CLAIM(!socketpair(AF_UNIX, SOCK_DGRAM, 0, datagram));
	CLAIM(!pipe(tube));
	listen(listener, 1);
	for (int i = 0; i < 13; i++) {
		int odd[] = {session[0],  session[1], listener, stream[0],
			     datagram[0], tube[0],    tube[1],	ep,
			     file,	  folder,     event,	memory,
			     datagram[1]};
		int fd = raw_connect();

		raw_send(fd, &hello, sizeof(hello), &odd[i], 1);
		raw_send(fd, &hello, sizeof(hello), odd, 3);
		raw_send(fd, &hello, sizeof(hello), NULL, 0);
		close(fd);
	}
	raw_send(session[0], &hello, sizeof(hello), &session[1], 1);
	raw_send(session[1], &hello, sizeof(hello), &session[0], 1);
	raw_send(stream[1], &hello, 5, NULL, 0);
}

static void broken_calls(void)
{
	static MESSAGE message[NMD_MESSAGE_MAX], answer[NMD_MESSAGE_MAX];
	struct raw r;

	for (int i = 0; i < 400; i++) {
		struct nmd_call *call = raw_register(message, "vale1:x", 0);
		struct nmd_piece *piece = (void *)(call + 1);
		uint32_t size = call->msg.size;

		raw_open(&r);
		switch (chance(8)) {
		case 0:
			call->npieces = chance(2) ? ~0u : chance(5);
			break;
		case 1:
			piece->len = chance(2) ? ~chance(16) : chance(100);
			break;
		case 2:
			call->pad = chance(2) ? ~0u : chance(200);
			break;
		case 3:
			piece->addr = chance(2) ? ~0ull : chance(1 << 20);
			break;
		case 4:
			call->msg.size = chance(2) ? ~0u : chance(2 * size);
			break;
		case 5:
			call->arg = ~0ull - chance(100);
			break;
		case 6:
			call->cmd = chance(~0u);
			break;
		default:
			/* Not the body: that may ask for much memory. */
			message[chance(sizeof(*call) + sizeof(*piece) +
				       sizeof(struct nmreq_header))] =
				(char)chance(256);
		}
		raw_send(r.line, message, chance(4) ? size : chance(size), NULL,
			 0);
		/* Whatever comes: an answer, or the end. */
		raw_recv(r.line, answer, sizeof(answer), NULL, NULL);
		raw_close(&r);
	}
}

/* Requests of all kinds, with all that they ask for. */
static void random_requests(void)
{
	static MESSAGE message[NMD_MESSAGE_MAX], answer[NMD_MESSAGE_MAX];
	struct raw r;

	raw_open(&r);
	for (int i = 0; i < 300; i++) {
		struct nmreq_header h = {.nr_version = NETMAP_API,
					 .nr_reqtype = (uint16_t)chance(24),
					 .nr_body = 1u << 16};
		struct nmd_call *call;
		char body[512];

		/* It would outlive us. */
		if (h.nr_reqtype == NETMAP_REQ_VALE_NEWIF)
			continue;
		snprintf(h.nr_name, sizeof(h.nr_name), "vale1:x%u", chance(9));
		random_fill(body, sizeof(body));
		if (chance(2))
			memset(body, 0, sizeof(body));
		call = raw_call(message, NIOCCTRL, 1u << 20, &h, sizeof(h));
		raw_piece(call, 1u << 16, body, chance(sizeof(body)));
		if (raw_ask(&r, call, answer) < 0 || !chance(20)) {
			raw_close(&r);
			raw_open(&r);
		}
	}
}

/* ---- descriptors, lines, sessions ---- */

static void many_descriptors(void)
{
	static MESSAGE message[NMD_MESSAGE_MAX];
	int fds[253];
	struct raw r;

	for (int i = 0; i < 60; i++) {
		struct nmd_call *call = raw_register(message, "vale1:x", 0);
		int n = i % 3 ? 128 : 253;

		raw_open(&r);
		for (int j = 0; j < n; j++)
			fds[j] = r.line;
		raw_send(r.line, message, call->msg.size, fds, n);
		raw_send(r.line, message, 0, fds, n);
		raw_send(r.session, message, chance(2) ? 40 : 0, fds, n);
		raw_send(r.session, message, 0, fds, 1);
		raw_close(&r);
	}
}

static void many_lines(void)
{
	struct nmd_welcome w;
	int line[NMD_LINES + 8];
	struct raw r;

	raw_open(&r);
	for (int i = 1; i < NMD_LINES; i++)
		CLAIM(!raw_line(r.session, &line[i], &w));
	for (int i = 0; i < 8; i++) {
		CLAIM(raw_line(r.session, &line[NMD_LINES], &w) == EBUSY);
		CLAIM(strstr(w.sentence, "64 threads"));
		close(line[NMD_LINES]);
	}
	/* One that goes makes room. */
	for (int i = 1; i < NMD_LINES; i++)
		close(line[i]);
	while (raw_line(r.session, &line[1], &w))
		close(line[1]);
	raw_close(&r);
}

static void many_sessions(void)
{
	int fd[300];

	for (int i = 0; i < 300; i++)
		fd[i] = raw_connect();
	for (int i = 0; i < 300; i++)
		close(fd[i]);
}

/* ---- answers ---- */

static void unread_answers(void)
{
	struct nmd_msg ask = {NMD_STATUS, sizeof(ask)};
	int64_t deadline = now_ms() + DEADLINE_MS;
	struct raw r;
	int err;

	raw_open(&r);
	do {
		err = raw_send(r.line, &ask, sizeof(ask), NULL, 0);
		CLAIM(now_ms() < deadline);
	} while (!err || err == -EAGAIN);
	CLAIM(err == -EPIPE || err == -ECONNRESET);
	raw_close(&r);
}

static void gone_in_mid_call(void)
{
	static MESSAGE message[NMD_MESSAGE_MAX];
	struct raw r;

	for (int i = 0; i < 200; i++) {
		struct nmd_call *call = raw_register(message, "vale1:x", 0);

		raw_open(&r);
		raw_send(r.line, message, call->msg.size, NULL, 0);
		if (chance(2))
			close(r.line);
		else
			shutdown(r.line, (int)chance(3));
		if (chance(2))
			shutdown(r.session, (int)chance(3));
		raw_close(&r);
	}
}

/* ---- memory ---- */

static volatile bool over;

struct words {
	uint32_t *at;
	size_t n;
};

static void *scribble(void *arg)
{
	const struct words *w = arg;
	uint64_t x = seed | 1;

	while (!over) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		__atomic_store_n(&w->at[x % w->n], (uint32_t)(x >> 32),
				 x & 64 ? __ATOMIC_RELAXED : __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Floods the switch meanwhile, and rings. */
static void send_frames(struct raw *r)
{
	uint64_t one = 1;

	for (uint32_t i = 0; i < 64; i++) {
		struct netmap_slot *slot =
			&r->tx->slot[(r->tx->head + i) % 256];

		slot->len = 60;
		if (slot->buf_idx < r->size / 2048)
			memset(NETMAP_BUF(r->tx, slot->buf_idx), 0xff, 12);
	}
	r->tx->head = r->tx->cur = (r->tx->head + 64) % 256;
	r->rx->head = r->rx->cur = r->rx->tail;
	CLAIM(write(r->bell, &one, sizeof(one)) == sizeof(one));
}

static void scribble_on(struct raw *r, struct words w, bool frames)
{
	int64_t end = now_ms() + ATTACK_MS;
	uint64_t one = 1;
	pthread_t thread;

	over = false;
	CLAIM(!pthread_create(&thread, NULL, scribble, &w));
	while (now_ms() < end)
		if (frames)
			send_frames(r);
		else
			CLAIM(write(r->bell, &one, sizeof(one)) == sizeof(one));
	over = true;
	pthread_join(thread, NULL);
}

static void page_of_noise(void)
{
	struct raw r;

	hostile_port(&r);
	scribble_on(&r,
		    (struct words){(uint32_t *)r.page,
				   sizeof(*r.page) / sizeof(uint32_t)},
		    true);
	raw_close(&r);
}

static void rings_of_noise(void)
{
	struct raw r;

	hostile_port(&r);
	scribble_on(&r, (struct words){(uint32_t *)r.tx, 560}, false);
	scribble_on(&r, (struct words){(uint32_t *)r.rx, 560}, false);
	/* Plausible ones, too: cursors alone, within the ring. */
	for (int64_t end = now_ms() + ATTACK_MS; now_ms() < end;) {
		uint64_t one = 1;

		r.tx->head = chance(257);
		r.tx->cur = chance(257);
		r.rx->head = chance(257);
		r.rx->cur = chance(257);
		CLAIM(write(r.bell, &one, sizeof(one)) == sizeof(one));
	}
	raw_close(&r);
}

/* Nothing of it can be cut or made larger; holes read as zeros. */
static void holes(void)
{
	const int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	struct raw r;

	hostile_port(&r);
	for (int i = 0; i < 2; i++) {
		int fd = i ? r.page_fd : r.region_fd;
		off_t size = i ? NMD_PAGE_SIZE : (off_t)r.size;

		CLAIM(ftruncate(fd, 0) && errno == EPERM);
		CLAIM(ftruncate(fd, size + 4096) && errno == EPERM);
		CLAIM(fallocate(fd, 0, size, 4096) && errno == EPERM);
		CLAIM(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && errno == EPERM);
	}
	for (int64_t end = now_ms() + ATTACK_MS; now_ms() < end;) {
		CLAIM(!fallocate(r.region_fd, punch, 0, (off_t)r.size));
		CLAIM(!fallocate(r.page_fd, punch, 0, NMD_PAGE_SIZE));
		r.rx->head = r.rx->cur = 0;
		r.tx->head = r.tx->cur = chance(256);
		__atomic_store_n(&r.page->armed[1], ~0ull, __ATOMIC_SEQ_CST);
		CLAIM(write(r.bell, &(uint64_t){1}, 8) == 8);
	}
	raw_close(&r);
}

/* ---- what netmapd writes to ---- */

/* As full as it gets: who writes now sleeps, or is told. */
static void fill_up(int event)
{
	uint64_t most = ~1ull, had;

	fcntl(event, F_SETFL, O_NONBLOCK);
	if (read(event, &had, sizeof(had)) < 0)
		errno = 0;
	if (write(event, &most, sizeof(most)) < 0)
		errno = 0;
	fcntl(event, F_SETFL, 0);
}

/* netmapd is to wake a thread, and finds no room to say so. */
static void wake_that_is_full(void)
{
	int64_t end = now_ms() + ATTACK_MS;
	struct raw r;

	hostile_port(&r);
	while (now_ms() < end) {
		fill_up(r.wake);
		__atomic_store_n(&r.page->armed[0], ~0ull, __ATOMIC_SEQ_CST);
		__atomic_store_n(&r.page->armed[1], ~0ull, __ATOMIC_SEQ_CST);
		send_frames(&r);
	}
	raw_close(&r);
}

#define AT_OPTION 0x30000u
#define AT_ATOK	  0x40000u
#define AT_KTOA	  0x50000u

/* ---- the attacks, one after the other ---- */

static const struct attack {
	const char *name;
	void (*run)(void);
} attacks[] = {
	{"messages of any length", any_length},
	{"messages of random bytes", random_bytes},
	{"half a hello", half_a_hello},
	{"lines that are none", odd_lines},
	{"broken calls", broken_calls},
	{"random requests", random_requests},
	{"many descriptors", many_descriptors},
	{"many lines", many_lines},
	{"many sessions", many_sessions},
	{"answers that nobody reads", unread_answers},
	{"gone in the middle of a call", gone_in_mid_call},
	{"a page of noise", page_of_noise},
	{"rings of noise", rings_of_noise},
	{"holes in memory", holes},
	{"a wake that is full", wake_that_is_full},
};

#define ATTACKS (sizeof(attacks) / sizeof(attacks[0]))

/* @ms: to live at most; 0: to its end. */
static void attack(const struct attack *a, int ms)
{
	int64_t deadline = now_ms() + (ms ? ms : DEADLINE_MS);
	pid_t pid = fork();
	int status;

	CLAIM(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		seed += (uint64_t)getpid() << 20;
		a->run();
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ms() >= deadline) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			if (!ms)
				die("%s: it does not end", a->name);
			break;
		}
		poll(NULL, 0, 1);
	}
	if (!WIFEXITED(status) ? !ms : WEXITSTATUS(status))
		die("%s: it failed (0x%x)", a->name, status);
	if (!daemon_lives(&d))
		die("%s: netmapd has died of it", a->name);
	CLAIM(raw_serves(&d));
}

static void attack_all(void)
{
	for (size_t i = 0; i < ATTACKS; i++) {
		int64_t began = now_ms();

		attack(&attacks[i], 0);
		printf("# %s: %jd ms\n", attacks[i].name,
		       (intmax_t)(now_ms() - began));
		fflush(stdout);
		attack(&attacks[i], 1 + (int)chance(100));
	}
}

/* ---- what is there to be told ---- */

static void greeting(uint16_t version, uint16_t version_min, int error,
		     const char *words)
{
	struct nmd_hello hello = raw_hello();
	int session = raw_connect(), pair[2], fds[3];
	struct nmd_welcome w;

	hello.version = version;
	hello.version_min = version_min;
	pair_make(pair);
	CLAIM(raw_greet(session, &hello, pair[0], pair[1], &w, fds) ==
	      sizeof(w));
	if (w.error != error || (words && !strstr(w.sentence, words)))
		die("version %u..%u: error %d, \"%s\"", version_min, version,
		    w.error, w.sentence);
	CLAIM(w.magic == NMD_MAGIC && w.version == NMD_VERSION);
	if (!error)
		for (int i = 0; i < 3; i++)
			close(fds[i]);
	else
		CLAIM(raw_is_closed(pair[0]));
	close(pair[0]);
	close(session);
}

static void versions(void)
{
	struct nmd_hello hello = raw_hello();
	int session = raw_connect(), pair[2];

	greeting(NMD_VERSION, NMD_VERSION_MIN, 0, NULL);
	greeting(NMD_VERSION + 7, NMD_VERSION_MIN, 0, NULL);
	greeting(NMD_VERSION + 7, NMD_VERSION + 3, EPROTO,
		 "netmapd is too old");
	greeting(NMD_VERSION_MIN - 1, 0, EPROTO, "the program is too old");
	hello.magic++;
	pair_make(pair);
	CLAIM(!raw_send(session, &hello, sizeof(hello), &pair[1], 1));
	close(pair[1]);
	CLAIM(raw_is_closed(session));
	CLAIM(raw_is_closed(pair[0]));
	close(session);
	close(pair[0]);
}

/* All that there are; the next are told so, and netmapd goes on. */
static void sessions_to_the_limit(void)
{
	static int fd[SESSIONS + 64];
	struct nmd_hello hello = raw_hello();
	struct nmd_welcome w;
	struct rlimit r;
	int n = 0, pair[2], fds[3];

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	for (w.error = 0; !w.error; n++) {
		CLAIM(n < SESSIONS + 64);
		if ((rlim_t)n + 64 > r.rlim_cur)
			die("ulimit -n allows no such test");
		fd[n] = raw_connect();
		pair_make(pair);
		if (raw_greet(fd[n], &hello, pair[0], pair[1], &w, fds) !=
			    sizeof(w) &&
		    !raw_refusal(fd[n], &w))
			die("session %d has no answer", n);
		for (int i = 0; !w.error && i < 3; i++)
			close(fds[i]);
		close(pair[0]);
	}
	printf("# %d sessions, then: %s\n", n - 1, w.sentence);
	CLAIM(n > 1000 && w.error == ENFILE && strstr(w.sentence, "netmapd"));
	while (n--)
		close(fd[n]);
}

int main(int argc, char **argv)
{
	int rounds = argc > 3 ? atoi(argv[3]) : 2;
	pid_t apart, tube, beside;
	struct usage before;
	unsigned long rss = 0;

	CLAIM(argc >= 3);
	setvbuf(stdout, NULL, _IOLBF, 0);
	daemon_init(&d, argv[1]);
	daemon_start(&d);
	before = raw_usage(&d);
	versions();
	sessions_to_the_limit();
	raw_await_usage(&d, &before);
	apart = good_start(argv[2], "lossless", "vale0:a", "vale0:b");
	tube = good_start(argv[2], "lossless", "tube{1", "tube}1");
	beside = good_start(argv[2], "shared", "vale1:a", "vale1:b");
	for (int i = 0; i < rounds; i++) {
		attack_all();
		if (!i)
			rss = daemon_rss_kb(&d);
	}
	good_end(apart, "on another switch");
	good_end(tube, "a pipe");
	good_end(beside, "on the same switch");
	raw_await_usage(&d, &before);
	printf("# resident: %lu kB, was %lu kB\n", daemon_rss_kb(&d), rss);
#ifndef __SANITIZE_ADDRESS__
	CLAIM(daemon_rss_kb(&d) < rss + RSS_KB);
#endif
	daemon_end(&d);
	return 0;
}
