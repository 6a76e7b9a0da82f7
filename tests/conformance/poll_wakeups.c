// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* poll that waits: every way in which another thread ends it. */
#include <pthread.h>

#include "conf.h"

/* Long enough for any machine; a lost wake-up fails. */
#define DEADLINE_MS 30000
#define ROUNDS	    500

static void wait_for(const struct port *p, short events)
{
	struct pollfd fd = {.fd = p->fd, .events = events};

	CHECK_EQ(t_poll(&fd, 1, DEADLINE_MS), 1);
	CHECK_EQ(fd.revents, events);
}

/* Waits for and takes one frame, which must be @f. */
static void wait_frame(const struct port *p, uint32_t ring, struct frame f)
{
	struct frame got;

	wait_for(p, POLLIN);
	CHECK_EQ(conf_get(conf_rx(p, ring), got.data, sizeof(got.data)),
		 sizeof(got.data));
	CHECK_MEM(got.data, f.data, sizeof(f.data));
}

struct pair {
	struct port in, out;
	uint32_t ring;
};

static void *echo(void *arg)
{
	struct pair *p = arg;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_frame(&p->in, p->ring, conf_any(i));
		conf_send(&p->out, p->ring, conf_any(i));
	}
	return NULL;
}

/* One frame goes round: each thread sleeps while the other has it. */
static void ping_pong(struct pair here, struct pair there)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, echo, &there), 0);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		conf_send(&here.out, here.ring, conf_any(i));
		wait_frame(&here.in, here.ring, conf_any(i));
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

static void over_switch(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");

	ping_pong((struct pair){a, a, 0}, (struct pair){b, b, 0});
}

static void over_pipe(void)
{
	struct port a = conf_open("lone{1"), b = conf_open("lone}1");

	ping_pong((struct pair){a, a, 0}, (struct pair){b, b, 0});
}

/* The waiters are bound to one ring, the senders to all, and the reverse. */
static void over_one_ring(void)
{
	struct nmreq_register one = REG(NR_REG_ONE_NIC, .nr_ringid = 1);
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port b = conf_open("lone}1");
	struct port a1 = conf_open_as("lone{1", one);
	struct port b1 = conf_open_as("lone}1", one);

	ping_pong((struct pair){a1, a, 1}, (struct pair){b1, b, 1});
	ping_pong((struct pair){a, a1, 1}, (struct pair){b, b1, 1});
}

static void over_halves(void)
{
	struct nmreq_register rx =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_RX_RINGS_ONLY);
	struct nmreq_register tx =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY);
	struct pair here = {conf_open_as("vale0:a", rx),
			    conf_open_as("vale0:a", tx), 0};
	struct pair there = {conf_open_as("vale0:b", rx),
			     conf_open_as("vale0:b", tx), 0};

	ping_pong(here, there);
}

static void *release_one_by_one(void *arg)
{
	struct port *p = arg;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_frame(p, 0, conf_any(i));
		conf_rxsync(p);
	}
	return NULL;
}

/* A ring of two slots is full after each frame. */
static void room_in_pipe(void)
{
	struct port m = conf_open_as("lone{1", REG_SLOTS(2));
	struct port s = conf_open("lone}1");
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, release_one_by_one, &s), 0);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_for(&m, POLLOUT);
		conf_send(&m, 0, conf_any(i));
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

static void *wait_once(void *arg)
{
	wait_for(arg, POLLIN);
	return NULL;
}

/* Several threads, on descriptors of their own, wait for the same ring. */
static void several_waiters(void)
{
	struct port a = conf_open("vale0:a"), b[4];
	pthread_t thread[4];

	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 4; i++)
			b[i] = conf_open("vale0:b");
		for (int i = 0; i < 4; i++)
			CHECK_EQ(pthread_create(&thread[i], NULL, wait_once,
						&b[i]),
				 0);
		conf_send(&a, 0, conf_any(1));
		for (int i = 0; i < 4; i++)
			CHECK_EQ(pthread_join(thread[i], NULL), 0);
		for (int i = 0; i < 4; i++)
			conf_close(&b[i]);
	}
}

/* One poll for many ports: whichever gets a frame ends it. */
static void *send_to_each(void *arg)
{
	struct port *p = arg;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct frame got;

		conf_send(&p[1 + i % 3], 0, conf_any(i));
		wait_for(&p[0], POLLIN);
		CHECK_EQ(
			conf_get(conf_rx(&p[0], 0), got.data, sizeof(got.data)),
			sizeof(got.data));
	}
	return NULL;
}

static void several_ports(void)
{
	struct port far[4] = {conf_open("lone{0"), conf_open("lone{1"),
			      conf_open("lone{2"), conf_open("lone{3")};
	struct port ack = conf_open("lone}0");
	struct port near[3] = {conf_open("lone}1"), conf_open("lone}2"),
			       conf_open("lone}3")};
	struct pollfd fd[3];
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		fd[i] = (struct pollfd){.fd = near[i].fd, .events = POLLIN};
	CHECK_EQ(pthread_create(&thread, NULL, send_to_each, far), 0);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct frame got;

		CHECK_EQ(t_poll(fd, 3, DEADLINE_MS), 1);
		for (uint32_t k = 0; k < 3; k++)
			CHECK_EQ(fd[k].revents, k == i % 3 ? POLLIN : 0);
		CHECK_EQ(conf_get(conf_rx(&near[i % 3], 0), got.data,
				  sizeof(got.data)),
			 sizeof(got.data));
		CHECK_MEM(got.data, conf_any(i).data, sizeof(got.data));
		conf_send(&ack, 0, conf_any(i));
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* Woken only when tail has passed cur: all three frames are there then. */
static void *send_three(void *arg)
{
	for (uint32_t i = 0; i < 3; i++)
		conf_send(arg, 0, conf_any(i));
	return NULL;
}

static void beyond_cur(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct netmap_ring *rx = conf_rx(&b, 0);
	pthread_t thread;

	for (int round = 0; round < 200; round++) {
		conf_send(&a, 0, conf_any(7));
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 1);
		rx->cur = rx->tail;
		CHECK_EQ(pthread_create(&thread, NULL, send_three, &a), 0);
		wait_for(&b, POLLIN);
		CHECK(nm_ring_space(rx) >= 2);
		CHECK_EQ(pthread_join(thread, NULL), 0);
		conf_drain(&b);
	}
}

static const struct claim claims[] = {
	{"a frame on a switch wakes its receiver", over_switch},
	{"a frame in a pipe wakes its receiver", over_pipe},
	{"who waits for one ring and who waits for all are both woken",
	 over_one_ring},
	{"descriptors of one direction are woken too", over_halves},
	{"a released slot of a pipe wakes its sender", room_in_pipe},
	{"all who wait for a ring are woken", several_waiters},
	{"a poll for several ports is woken by any of them", several_ports},
	{"who has moved cur is woken when tail has passed it", beyond_cur},
};

int main(void)
{
	if (!t_has_threads())
		check_skip("one thread only in this home");
	return CONF_RUN(claims);
}
