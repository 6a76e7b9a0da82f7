// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Who sleeps on a monitor is woken by frames, and by the end of the port. */
#include <pthread.h>

#include "monitors.h"

/* Long enough for any machine; a lost wake-up fails. */
#define DEADLINE_MS 30000
#define ROUNDS	    300

static void *close_later(void *arg)
{
	struct port *a = arg;

	conf_send(a, 0, conf_any(1));
	conf_close(a);
	return NULL;
}

static void wait_for(const struct port *m, short want)
{
	struct pollfd fd = {.fd = m->fd, .events = POLLIN};

	CHECK_EQ(t_poll(&fd, 1, DEADLINE_MS), 1);
	CHECK_EQ(fd.revents & want, want);
}

/* The monitor's program answers each frame it sees through a pipe. */
struct watch {
	struct port mon, back;
};

static void *answer(void *arg)
{
	struct watch *w = arg;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_for(&w->mon, POLLIN);
		conf_drain(&w->mon);
		conf_txsync(&w->back);
		conf_send(&w->back, 0, conf_any(i));
	}
	return NULL;
}

static void every_frame(uint64_t flags, bool peer_takes)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");
	struct port up = conf_open("back{1");
	struct watch w = {mon_open("lone{1", flags), conf_open("back}1")};
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, answer, &w), 0);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		conf_txsync(&a);
		conf_send(&a, 0, conf_any(i));
		if (peer_takes) {
			conf_drain(&b);
			conf_txsync(&a);
		}
		wait_for(&up, POLLIN);
		conf_expect(&up, 0, conf_any(i));
		conf_rxsync(&up);
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

static void copies(void)
{
	every_frame(COPY_TX, false);
}

static void swaps(void)
{
	every_frame(ZCOPY, true);
}

static void sleeper(uint32_t mode)
{
	struct port a = conf_open("vale0:a");
	struct port m = mon_open_as("vale0:a", COPY_TX, REG(mode));
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, close_later, &a), 0);
	wait_for(&m, POLLIN);
	conf_drain(&m);
	wait_for(&m, POLLIN | POLLERR);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	conf_close(&m);
}

static void frame_and_end(void)
{
	for (int i = 0; i < 20; i++) {
		sleeper(NR_REG_ALL_NIC);
		sleeper(NR_REG_ONE_NIC);
	}
}

static const struct claim claims[] = {
	{"a sleeping copy monitor is woken by every frame", copies},
	{"a sleeping zero copy monitor is woken by every frame", swaps},
	{"a sleeping monitor is woken by the end of its port", frame_and_end},
};

int main(void)
{
	if (!t_has_threads())
		check_skip("one thread only in this home");
	return CONF_RUN(claims);
}
