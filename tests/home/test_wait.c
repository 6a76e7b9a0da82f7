// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* poll, select and epoll on descriptors of netmapd among others. */
#include "home.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

#define TRIPS 100

static void two(struct port *a, struct port *b)
{
	*a = open_port("vale2:a");
	*b = open_port("vale2:b");
}

static void release(struct netmap_ring *rx)
{
	rx->head = rx->cur = rx->tail;
}

/* ---- poll ---- */

static void *sleeper(void *arg)
{
	return (void *)(intptr_t)poll_one(*(int *)arg, POLLIN, DEADLINE_MS);
}

static void woken_by_frame(void **state)
{
	struct port a, b;
	pthread_t thread;
	void *found;

	(void)state;
	two(&a, &b);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(pthread_create(&thread, NULL, sleeper, &b.fd),
				 0);
		send_by(a.fd, a.tx);
		pthread_join(thread, &found);
		assert_int_equal((intptr_t)found, POLLIN);
		release(b.rx);
	}
	close_port(&a);
	close_port(&b);
}

static void *answerer(void *arg)
{
	struct port *p = arg;

	for (int i = 0; i < TRIPS; i++) {
		if (poll_one(p->fd, POLLIN, DEADLINE_MS) != POLLIN)
			return NULL;
		release(p->rx);
		send_by(p->fd, p->tx);
	}
	return p;
}

/* Each sleep of a thread finds its wake-up, however many came before. */
static void woken_again_and_again(void **state)
{
	struct port a, b;
	pthread_t thread;
	void *done;

	(void)state;
	two(&a, &b);
	assert_int_equal(pthread_create(&thread, NULL, answerer, &b), 0);
	for (int i = 0; i < TRIPS; i++) {
		send_by(a.fd, a.tx);
		assert_int_equal(poll_one(a.fd, POLLIN, DEADLINE_MS), POLLIN);
		release(a.rx);
	}
	pthread_join(thread, &done);
	assert_ptr_equal(done, &b);
	close_port(&a);
	close_port(&b);
}

/* A monitor waits like any port, also behind a ring that was full. */
static void monitor(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_MONITOR_RX};
	struct port a, b, m = {.fd = open("/dev/netmap", O_RDWR)};

	(void)state;
	two(&a, &b);
	assert_int_equal(bind_to(m.fd, "vale2:b", &reg), 0);
	map_port(&m, &reg);
	assert_int_equal(poll_one(m.fd, POLLIN, 0), 0);
	for (int i = 0; i < 100; i++) {
		send_by(a.fd, a.tx);
		receive_by(b.fd, b.rx);
		if (i < 30 || i >= 65) /* meanwhile its 31 slots fill */
			receive_by(m.fd, m.rx);
		/* With nothing new a sync is complete: its slots are free. */
		if (i == 65)
			assert_int_equal(ioctl(m.fd, NIOCRXSYNC, NULL), 0);
	}
	assert_int_equal(poll_one(m.fd, POLLOUT, 0), POLLOUT | POLLERR);
	close_port(&b);
	assert_int_equal(poll_one(m.fd, POLLIN, DEADLINE_MS), POLLIN | POLLERR);
	close_port(&m);
	close_port(&a);
}

/* It sees what a receiver releases, which sent nothing that would have been
 * heard, also where it came between. */
static void late_monitor(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_flags = NR_MONITOR_RX | NR_ZCOPY_MON};
	struct port a, b, m = {.fd = open("/dev/netmap", O_RDWR)};

	(void)state;
	two(&a, &b);
	for (int i = 0; i < 5; i++) {
		send_by(a.fd, a.tx);
		receive_by(b.fd, b.rx);
	}
	send_by(a.fd, a.tx);
	assert_int_equal(poll_one(b.fd, POLLIN, DEADLINE_MS), POLLIN);
	assert_int_equal(bind_to(m.fd, "vale2:b", &reg), 0);
	map_port(&m, &reg);
	assert_int_equal(poll_one(m.fd, POLLIN, 0), 0);
	release(b.rx);
	assert_int_equal(ioctl(b.fd, NIOCRXSYNC, NULL), 0);
	assert_int_equal(poll_one(m.fd, POLLIN, DEADLINE_MS), POLLIN);
	close_port(&m);
	close_port(&b);
	close_port(&a);
}

/* Many threads on one descriptor: more than it has lines for. */
static void many_sleepers(void **state)
{
	struct port a, b;
	pthread_t thread[80];
	void *found;

	(void)state;
	two(&a, &b);
	for (int i = 0; i < 80; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, sleeper, &b.fd), 0);
	send_by(a.fd, a.tx);
	for (int i = 0; i < 80; i++) {
		pthread_join(thread[i], &found);
		assert_int_equal((intptr_t)found, POLLIN);
	}
	close_port(&a);
	close_port(&b);
}

static void mixed_set(void **state)
{
	int event = eventfd(0, 0);
	struct port a, b;
	struct pollfd p[] = {{.events = POLLIN},
			     {.fd = -1, .events = POLLIN, .revents = 7},
			     {.events = POLLIN},
			     {.fd = 900, .events = POLLIN}};

	(void)state;
	two(&a, &b);
	p[0].fd = event;
	p[2].fd = b.fd;
	assert_int_equal(poll(p, 3, 1), 0);
	assert_int_equal(p[1].revents, 0);
	eventfd_write(event, 1);
	assert_int_equal(poll(p, 3, -1), 1);
	assert_int_equal(p[0].revents, POLLIN);
	send_by(a.fd, a.tx);
	assert_int_equal(poll_one(b.fd, POLLIN, DEADLINE_MS), POLLIN);
	assert_int_equal(poll(p, 4, -1), 3);
	assert_int_equal(p[0].revents, POLLIN);
	assert_int_equal(p[2].revents, POLLIN);
	assert_int_equal(p[3].revents, POLLNVAL);
	close(event);
	close_port(&a);
	close_port(&b);
}

/* More than fits the stack. */
static void large_set(void **state)
{
	struct pollfd p[200];
	struct port a, b;

	(void)state;
	two(&a, &b);
	for (int i = 0; i < 200; i++)
		p[i] = (struct pollfd){.fd = i % 2 ? b.fd : -1,
				       .events = POLLIN};
	assert_int_equal(poll(p, 200, 1), 0);
	send_by(a.fd, a.tx);
	assert_int_equal(poll(p, 200, DEADLINE_MS), 100);
	close_port(&a);
	close_port(&b);
}

static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

/* The signal is blocked but for the time of the wait. */
static void interrupted(void **state)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct timespec t = {DEADLINE_MS / 1000, 0};
	sigset_t block, old, none;
	struct pollfd p;
	struct port a, b;

	(void)state;
	two(&a, &b);
	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &block, &old);
	signals = 0;
	raise(SIGUSR1);
	p = (struct pollfd){.fd = b.fd, .events = POLLIN};
	assert_int_equal(ppoll(&p, 1, &(struct timespec){0, 1000000}, NULL), 0);
	assert_int_equal(signals, 0);
	assert_int_equal(ppoll(&p, 1, &t, &none), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(signals, 1);
	t.tv_nsec = 1000000000;
	assert_int_equal(ppoll(&p, 1, &t, &none), -1);
	assert_int_equal(errno, EINVAL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close_port(&a);
	close_port(&b);
}

static void *cancelled_sleeper(void *arg)
{
	poll_one(*(int *)arg, POLLIN, -1);
	return NULL;
}

/* Cancelled in their sleep, they give back what they had. */
static void cancelled(void **state)
{
	pthread_t thread;
	struct port a, b;
	void *result;

	(void)state;
	two(&a, &b);
	for (int i = 0; i < 200; i++) {
		pthread_create(&thread, NULL, cancelled_sleeper, &b.fd);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		assert_ptr_equal(result, PTHREAD_CANCELED);
	}
	send_by(a.fd, a.tx);
	receive_by(b.fd, b.rx);
	close_port(&a);
	close_port(&b);
}

/* ---- select ---- */

static void selected(void **state)
{
	struct timeval t = {DEADLINE_MS / 1000, 0};
	int event = eventfd(1, 0), n;
	fd_set r, w, x;
	struct port a, b;

	(void)state;
	two(&a, &b);
	n = (b.fd > event ? b.fd : event) + 1;
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&x);
	FD_SET(b.fd, &r);
	t = (struct timeval){0, 1000};
	assert_int_equal(select(n, &r, NULL, NULL, &t), 0);
	assert_false(FD_ISSET(b.fd, &r));
	assert_int_equal(t.tv_sec + t.tv_usec, 0);

	send_by(a.fd, a.tx);
	FD_SET(b.fd, &r);
	t = (struct timeval){DEADLINE_MS / 1000, 0};
	assert_int_equal(select(n, &r, NULL, NULL, &t), 1);
	assert_true(FD_ISSET(b.fd, &r));
	assert_true(t.tv_sec > 0);
	FD_SET(b.fd, &w);
	FD_SET(b.fd, &x);
	FD_SET(event, &r);
	assert_int_equal(select(n, &r, &w, &x, NULL), 3);
	assert_true(FD_ISSET(event, &r) && FD_ISSET(b.fd, &w));
	assert_false(FD_ISSET(b.fd, &x));
	/* One that is not open. */
	close(event);
	FD_SET(event, &r);
	assert_int_equal(pselect(n, &r, &w, NULL, NULL, NULL), -1);
	assert_int_equal(errno, EBADF);
	close_port(&a);
	close_port(&b);
}

/* ---- epoll ---- */

static int ep_add(int ep, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {.events = events, .data.u64 = data};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) ? errno : 0;
}

static int ep_mod(int ep, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {.events = events, .data.u64 = data};

	return epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e) ? errno : 0;
}

/* The one event there is, or 0. */
static uint32_t ep_one(int ep, int ms, uint64_t data)
{
	struct epoll_event e[4];
	int n = epoll_wait(ep, e, 4, ms);

	assert_true(n == 0 || n == 1);
	if (n)
		assert_int_equal(e[0].data.u64, data);
	return n ? e[0].events : 0;
}

static void level(void **state)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct port a, b;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN, 5), 0);
	assert_int_equal(ep_one(ep, 1, 5), 0);
	send_by(a.fd, a.tx);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ep_one(ep, DEADLINE_MS, 5), EPOLLIN);
	release(b.rx);
	assert_int_equal(ep_one(ep, 1, 5), 0);
	assert_int_equal(ep_mod(ep, b.fd, EPOLLOUT, 6), 0);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 6), EPOLLOUT);
	close(ep);
	close_port(&a);
	close_port(&b);
}

static void edge(void **state)
{
	int ep = epoll_create1(0);
	struct port a, b;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN | EPOLLET, 5), 0);
	for (int i = 0; i < 100; i++) {
		send_by(a.fd, a.tx);
		assert_int_equal(ep_one(ep, DEADLINE_MS, 5), EPOLLIN);
		/* Not again, though the frame is still there. */
		assert_int_equal(ep_one(ep, 0, 5), 0);
		if (i % 3)
			release(b.rx);
	}
	close(ep);
	close_port(&a);
	close_port(&b);
}

/* What is ready when it is added, or changed, is an edge. */
static void edge_at_once(void **state)
{
	int ep = epoll_create(1);
	struct port a, b;

	(void)state;
	two(&a, &b);
	send_by(a.fd, a.tx);
	assert_int_equal(poll_one(b.fd, POLLIN, DEADLINE_MS), POLLIN);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN | EPOLLET, 5), 0);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 5), EPOLLIN);
	assert_int_equal(ep_one(ep, 0, 5), 0);
	assert_int_equal(ep_mod(ep, b.fd, EPOLLIN | EPOLLET, 6), 0);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 6), EPOLLIN);
	assert_int_equal(ep_one(ep, 0, 6), 0);
	close(ep);
	close_port(&a);
	close_port(&b);
}

static void one_shot(void **state)
{
	int ep = epoll_create1(0);
	struct port a, b;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN | EPOLLONESHOT, 5), 0);
	send_by(a.fd, a.tx);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 5), EPOLLIN);
	assert_int_equal(ep_one(ep, 1, 5), 0);
	assert_int_equal(ep_mod(ep, b.fd, EPOLLIN | EPOLLONESHOT, 6), 0);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 6), EPOLLIN);
	assert_int_equal(ep_one(ep, 1, 6), 0);
	close(ep);
	close_port(&a);
	close_port(&b);
}

static void ctl_errors(void **state)
{
	int ep = epoll_create1(0), fd = open("/dev/netmap", O_RDWR);
	struct epoll_event e = {.events = EPOLLIN};

	(void)state;
	assert_int_equal(ep_mod(ep, fd, EPOLLIN, 0), ENOENT);
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(ep_add(ep, fd, EPOLLIN, 0), 0);
	assert_int_equal(ep_add(ep, fd, EPOLLIN, 0), EEXIST);
	assert_int_equal(ep_add(fd, fd, EPOLLIN, 0), EINVAL);
	assert_int_equal(ep_add(900, fd, EPOLLIN, 0), EBADF);
	assert_int_equal(ep_add(ep, 900, EPOLLIN, 0), EBADF);
	assert_int_equal(ep_add(0, fd, EPOLLIN, 0), EINVAL);
	assert_int_equal(epoll_ctl(ep, 7, fd, &e), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(epoll_wait(ep, &e, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), 0);
	assert_int_equal(ep_one(ep, 0, 0), 0);
	assert_int_equal(ep_add(ep, fd, EPOLLIN, 3), 0);
	/* Not bound: as poll has it. */
	assert_int_equal(ep_one(ep, -1, 3), EPOLLERR);
	close(fd);
	close(ep);
}

/* An entry goes with the last duplicate of its descriptor. */
static void entry_goes(void **state)
{
	int ep = epoll_create1(0), copy;
	struct port a, b;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, b.fd, EPOLLOUT, 5), 0);
	copy = dup(b.fd);
	assert_int_equal(munmap(b.mem, b.size), 0);
	close(b.fd);
	assert_int_equal(ep_one(ep, DEADLINE_MS, 5), EPOLLOUT);
	close(copy);
	assert_int_equal(ep_one(ep, 1, 5), 0);
	close(ep);
	close_port(&a);
}

static void *ep_sleeper(void *arg)
{
	struct epoll_event e;
	int n = epoll_wait(*(int *)arg, &e, 1, DEADLINE_MS);

	return n == 1 ? (void *)(uintptr_t)e.data.u64 : NULL;
}

/* Threads that were asleep before a descriptor was added notice. */
static void added_while_asleep(void **state)
{
	int ep = epoll_create1(0), event = eventfd(0, 0);
	pthread_t thread[2];
	struct port a, b;
	void *data;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, event, EPOLLIN, 9), 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, ep_sleeper, &ep);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN | EPOLLONESHOT, 5), 0);
	send_by(a.fd, a.tx);
	assert_int_equal(poll_one(b.fd, POLLIN, DEADLINE_MS), POLLIN);
	/* One has the frame, and the other what comes then. */
	while (poll_one(ep, POLLIN, 0) && !ep_one(ep, 0, 5))
		sched_yield();
	eventfd_write(event, 1);
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], &data);
		assert_true((uintptr_t)data == 5 || (uintptr_t)data == 9);
	}
	close(ep);
	close(event);
	close_port(&a);
	close_port(&b);
}

/* All kinds at once, with room for few. */
static void mixed_instance(void **state)
{
	int ep = epoll_create1(0), event = eventfd(1, 0);
	bool seen[2] = {false, false};
	struct epoll_event e;
	struct port a, b;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, event, EPOLLIN, 0), 0);
	assert_int_equal(ep_add(ep, b.fd, EPOLLOUT, 1), 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(epoll_wait(ep, &e, 1, -1), 1);
		seen[e.data.u64] = true;
	}
	assert_true(seen[0] && seen[1]);
	close(ep);
	close(event);
	close_port(&a);
	close_port(&b);
}

/* An instance is polled itself. */
static void instance_in_poll(void **state)
{
	int ep = epoll_create1(0);
	pthread_t thread;
	struct port a, b;
	void *found;

	(void)state;
	two(&a, &b);
	assert_int_equal(ep_add(ep, b.fd, EPOLLIN, 5), 0);
	assert_int_equal(poll_one(ep, POLLIN, 1), 0);
	pthread_create(&thread, NULL, sleeper, &ep);
	send_by(a.fd, a.tx);
	pthread_join(thread, &found);
	assert_int_equal((intptr_t)found, POLLIN);
	assert_int_equal(ep_one(ep, 0, 5), EPOLLIN);
	assert_int_equal(poll_one(ep, POLLIN, 0), POLLIN);
	close(ep);
	close_port(&a);
	close_port(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(woken_by_frame),
		cmocka_unit_test(woken_again_and_again),
		cmocka_unit_test(monitor),
		cmocka_unit_test(late_monitor),
		cmocka_unit_test(many_sleepers),
		cmocka_unit_test(mixed_set),
		cmocka_unit_test(large_set),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(cancelled),
		cmocka_unit_test(selected),
		cmocka_unit_test(level),
		cmocka_unit_test(edge),
		cmocka_unit_test(edge_at_once),
		cmocka_unit_test(one_shot),
		cmocka_unit_test(ctl_errors),
		cmocka_unit_test(entry_goes),
		cmocka_unit_test(added_while_asleep),
		cmocka_unit_test(mixed_instance),
		cmocka_unit_test(instance_in_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
