// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Numbers of descriptors that are closed and given out again while another
 * thread uses them: what was once there harms nobody. */
#include "home.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#define ROUNDS 3000

static int wanted = -1; /* what the other thread uses */
static bool over;
static uint32_t uses;

static void *use(void *arg)
{
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		struct pollfd p = {.events = POLLIN};

		p.fd = __atomic_load_n(&wanted, __ATOMIC_RELAXED);
		poll(&p, 1, 0);
		__atomic_fetch_add(&uses, 1, __ATOMIC_RELAXED);
	}
	return arg;
}

/* Sends a copy of @fd. */
static void pass(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "";
	struct iovec iov = {control, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	assert_int_equal(sendmsg(sock, &m, 0), 1);
}

/* The number of the next copy that was sent. */
static int take(int sock)
{
	char byte, control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	int fd;

	assert_int_equal(recvmsg(sock, &m, 0), 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

/* Until the other thread has made up its mind. */
static void await_use(void)
{
	uint32_t until = __atomic_load_n(&uses, __ATOMIC_RELAXED) + 2;

	while ((int32_t)(until - __atomic_load_n(&uses, __ATOMIC_RELAXED)) > 0)
		;
}

static void linger(int n)
{
	for (volatile int i = 0; i < n; i++)
		;
}

/* The number is one thing, which the other thread is about to find out when it
 * becomes another. */
static void found_out_late(void **state)
{
	int session = open("/dev/netmap", O_RDWR);
	int null = open("/dev/null", O_RDWR), pair[2], fd;
	pthread_t thread;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	wanted = null;
	over = false;
	pthread_create(&thread, NULL, use, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		pass(pair[0], session);
		pass(pair[0], null);
		fd = take(pair[1]);
		__atomic_store_n(&wanted, fd, __ATOMIC_RELAXED);
		linger(i % 100 * 20);
		assert_int_equal(close(fd), 0);
		fd = take(pair[1]);
		await_use();
		assert_int_equal(write(fd, "", 1), 1);
		assert_int_equal(close(fd), 0);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	close(session);
	close(null);
	close(pair[0]);
	close(pair[1]);
}

/* Sleeps, for a moment, in poll(); the first who does needs a line. */
static void *nap(void *arg)
{
	struct pollfd p[] = {{.fd = *(int *)arg, .events = POLLIN}};

	poll(p, 1, 1);
	return arg;
}

/* What netmapd is to be told goes to nobody else who has the number now. */
static void told_to_others(void **state)
{
	int pair[2], fd, number, got = 0;
	char byte;

	(void)state;
	for (int i = 0; i < ROUNDS / 10; i++) {
		pthread_t thread[4];

		fd = number = open("/dev/netmap", O_RDWR);
		assert_true(fd >= 0);
		for (int j = 0; j < 4; j++)
			pthread_create(&thread[j], NULL, nap, &number);
		linger(i % 50 * 200);
		close(fd);
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair),
				 0);
		for (int j = 0; j < 4; j++)
			pthread_join(thread[j], NULL);
		for (int j = 0; j < 2; j++)
			got += recv(pair[j], &byte, 1, MSG_DONTWAIT) >= 0;
		close(pair[0]);
		close(pair[1]);
	}
	assert_int_equal(got, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_out_late),
		cmocka_unit_test(told_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
