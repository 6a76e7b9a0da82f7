// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Traffic that makes netmapd's threads meet, for ThreadSanitizer, which ends it
 * with a status of its own where two of them race:
 *
 *   vale0: a -> b      a switch, both on other workers now and then
 *   tube{1 -> tube}1   a pipe, whose slots are lent
 *   vale0: c, d, ...   ports, lines and sessions that come and go meanwhile,
 *                      and programs that are killed
 *
 * usage: threads NETMAPD
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/netmap_user.h>
#include "raw.h"

#define FRAMES 100000 /* of each pair, for which all else goes on */

static struct daemon d;

/* On another processor than before, and so another worker's, if there is one. */
static void wander(int to)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)(to % n), &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* As a library tells netmapd that head has moved (wire.h). */
static void ring_bell(struct raw *r, int dir)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_exchange_n(&r->page->bell[dir], 0, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&r->page->cpu, (uint32_t)sched_getcpu(),
			 __ATOMIC_RELAXED);
	CLAIM(write(r->bell, &(uint64_t){1}, 8) == 8);
}

static bool is_ready(const struct netmap_ring *ring)
{
	return ring->head != __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
}

/* Sleeps until @ring has something. */
static void await(struct raw *r, struct netmap_ring *ring, int dir)
{
	struct pollfd p = {.fd = r->wake, .events = POLLIN};
	char c[16];

	while (!is_ready(ring)) {
		__atomic_fetch_or(&r->page->armed[dir], 1, __ATOMIC_SEQ_CST);
		if (is_ready(ring))
			break;
		CLAIM(poll(&p, 1, DEADLINE_MS) == 1);
		CLAIM(read(r->wake, c, sizeof(c)) > 0);
	}
}

static uint32_t slots(const struct netmap_ring *ring)
{
	uint32_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	return (tail + ring->num_slots - ring->head) % ring->num_slots;
}

static void send_all(const char *name)
{
	struct raw r;
	uint32_t n;

	raw_open(&r);
	raw_bind(&r, name, 0);
	for (uint32_t sent = 0; sent < FRAMES; sent += n) {
		await(&r, r.tx, 0);
		n = slots(r.tx);
		for (uint32_t i = 0; i < n; i++) {
			struct netmap_slot *s = &r.tx->slot[r.tx->head];

			memset(NETMAP_BUF(r.tx, s->buf_idx), 0xff, 60);
			s->len = 60;
			r.tx->head = r.tx->cur = nm_ring_next(r.tx, r.tx->head);
		}
		ring_bell(&r, 0);
		wander((int)(sent / 4096));
	}
	raw_close(&r);
}

/* A sync that is a call: the control thread's, whatever workers do. */
static void sync_by_call(struct raw *r, unsigned long cmd)
{
	static char answer[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	struct nmd_call call = {.msg = {NMD_CALL, sizeof(call)}, .cmd = cmd};

	CLAIM(raw_ask(r, &call, answer) == NMD_DONE);
}

/* Until it is ended. */
static void receive_all(const char *name)
{
	struct raw r;

	raw_open(&r);
	raw_bind(&r, name, 0);
	for (int i = 0;; i++) {
		await(&r, r.rx, 1);
		__atomic_store_n(&r.rx->head, r.rx->tail, __ATOMIC_RELEASE);
		r.rx->cur = r.rx->head;
		if (i % 16)
			ring_bell(&r, 1);
		else
			sync_by_call(&r, NIOCRXSYNC);
		wander(i / 64 + 1);
	}
}

/* Ports, lines and calls beside the frames, until it is ended. */
static void come_and_go(const char *name)
{
	for (;;) {
		struct nmd_welcome w;
		struct raw r;
		int line;

		raw_open(&r);
		raw_bind(&r, name, 0);
		if (!raw_line(r.session, &line, &w))
			close(line);
		for (int i = 0; i < 10; i++) {
			r.rx->head = r.rx->cur = r.rx->tail;
			ring_bell(&r, 1);
		}
		CLAIM(raw_serves(&d));
		raw_close(&r);
	}
}

static pid_t start(void (*main)(const char *name), const char *name)
{
	pid_t pid = fork();

	CLAIM(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	main(name);
	_exit(0);
}

static void end(pid_t pid)
{
	int status;

	CLAIM(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
	if (!WIFSIGNALED(status)) {
		daemon_show_log(&d);
		die("a program ended by itself: 0x%x", status);
	}
}

static void finish(pid_t pid)
{
	int status;

	CLAIM(waitpid(pid, &status, 0) == pid);
	if (status) {
		daemon_show_log(&d);
		die("a sender ended with 0x%x", status);
	}
}

int main(int argc, char **argv)
{
	pid_t receiver[2], sender[2], other[3];

	CLAIM(argc == 2);
	daemon_init(&d, argv[1]);
	daemon_start(&d);
	receiver[0] = start(receive_all, "vale0:b");
	receiver[1] = start(receive_all, "tube}1");
	for (int i = 0; i < 3; i++)
		other[i] = start(
			come_and_go,
			(const char *[]){"vale0:c", "vale0:d", "vale1:e"}[i]);
	sender[0] = start(send_all, "vale0:a");
	sender[1] = start(send_all, "tube{1");
	for (int i = 0; i < 2; i++)
		finish(sender[i]);
	for (int i = 0; i < 3; i++)
		end(other[i]);
	for (int i = 0; i < 2; i++)
		end(receiver[i]);
	daemon_end(&d);
	return 0;
}
