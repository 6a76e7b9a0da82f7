// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * pair_system.c - what the system has to bring frames from process to process:
 * sockets and pipes, with calls for many frames where there are some; eventfds
 * for round trips that carry nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pair.h"

#define BATCH 64
/* UDP in IPv4 in Ethernet: what of a 60-byte frame is left for data */
#define UDP_DATA (BENCH_FRAME - 14 - 20 - 8)
/* Datagrams under way; more than a socket's buffer takes would be lost. */
#define UDP_WINDOW 128

const bool pair_needs_netmapd = false;

static int to_fd = -1, from_fd = -1;
static int relay_fd[2] = {-1, -1};
static enum pair_role role;
static struct pair_page *page;
static uint8_t frame[64], out[BATCH][64], in[BATCH][64];
static struct iovec out_vec[BATCH], in_vec[BATCH];
static struct mmsghdr out_msg[BATCH], in_msg[BATCH];

static int refuse(const char *what)
{
	bench_refuse("%s: %s", what, strerror(errno));
	return -1;
}

static int await(int ms)
{
	struct pollfd p = {.fd = from_fd, .events = POLLIN};
	int n = poll(&p, 1, ms);

	return n < 0 ? refuse("poll") : n;
}

/* ---- datagrams ---- */

static void messages_init(unsigned len)
{
	for (unsigned i = 0; i < BATCH; i++) {
		out_vec[i] = (struct iovec){out[i], len};
		in_vec[i] = (struct iovec){in[i], sizeof(in[i])};
		out_msg[i].msg_hdr.msg_iov = &out_vec[i];
		out_msg[i].msg_hdr.msg_iovlen = 1;
		in_msg[i].msg_hdr.msg_iov = &in_vec[i];
		in_msg[i].msg_hdr.msg_iovlen = 1;
	}
}

static int socketpair_prepare(const struct pair_way *way)
{
	int fds[2];

	(void)way;
	messages_init(BENCH_FRAME);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds))
		return refuse("socketpair");
	to_fd = fds[0];
	from_fd = fds[1];
	return 0;
}

static int udp_prepare(const struct pair_way *way)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);

	(void)way;
	messages_init(UDP_DATA);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	from_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(from_fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(from_fd, (struct sockaddr *)&addr, &len) ||
	    connect(to_fd, (struct sockaddr *)&addr, sizeof(addr)))
		return refuse("UDP on loopback");
	return 0;
}

static int datagrams_send(void)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++)
		memcpy(out[i], frame, BENCH_FRAME);
	n = sendmmsg(to_fd, out_msg, BATCH, 0);
	return n < 0 ? refuse("sendmmsg") : n;
}

/* UDP loses what does not fit, so its sender waits. */
static int udp_send(void)
{
	while (atomic_load(&page->sent) - atomic_load(&page->taken) >
	       UDP_WINDOW - BATCH) {
		if (atomic_load(&page->enough))
			return 0;
		sched_yield();
	}
	return datagrams_send();
}

static int datagrams_receive(int ms)
{
	uint64_t sum = 0;
	int n = recvmmsg(from_fd, in_msg, BATCH, MSG_DONTWAIT, NULL);

	if (n < 0 && errno == EAGAIN) {
		n = await(ms);
		if (n <= 0)
			return n;
		n = recvmmsg(from_fd, in_msg, BATCH, MSG_DONTWAIT, NULL);
	}
	if (n < 0)
		return refuse("recvmmsg");
	for (int i = 0; i < n; i++)
		sum += in_msg[i].msg_len + bench_read64(in[i]);
	bench_sink = sum;
	return n;
}

/* ---- pipe(2) ---- */

static int pipe_prepare(const struct pair_way *way)
{
	int fds[2];

	(void)way;
	if (pipe2(fds, O_DIRECT | O_CLOEXEC | O_NONBLOCK))
		return refuse("pipe2");
	from_fd = fds[0];
	to_fd = fds[1];
	/* one page per packet; a pipe has 16 of them unless asked for more */
	if (fcntl(to_fd, F_SETPIPE_SZ, BATCH * sysconf(_SC_PAGESIZE)) < 0)
		return refuse("F_SETPIPE_SZ");
	return 0;
}

static int pipe_send(void)
{
	struct pollfd p = {.fd = to_fd, .events = POLLOUT};
	int n;

	for (n = 0; n < BATCH; n++) {
		memcpy(out[0], frame, BENCH_FRAME);
		if (write(to_fd, out[0], BENCH_FRAME) == BENCH_FRAME)
			continue;
		if (errno != EAGAIN)
			return refuse("write");
		break;
	}
	if (!n && poll(&p, 1, PAIR_PATIENCE_MS) < 0)
		return refuse("poll");
	return n;
}

static int pipe_receive(int ms)
{
	uint64_t sum = 0;
	int n = 0;

	while (n < BATCH) {
		ssize_t len = read(from_fd, in[0], sizeof(in[0]));

		if (len == BENCH_FRAME) {
			sum += (uint64_t)len + bench_read64(in[0]);
			n++;
		} else if (len >= 0 || errno != EAGAIN) {
			return refuse("read");
		} else if (n) {
			break;
		} else {
			int ready = await(ms);

			if (ready <= 0)
				return ready;
		}
	}
	bench_sink = sum;
	return n;
}

/* ---- round trips ---- */

static int event_prepare(const struct pair_way *way)
{
	(void)way;
	to_fd = eventfd(0, EFD_CLOEXEC);
	from_fd = eventfd(0, EFD_CLOEXEC);
	return to_fd < 0 || from_fd < 0 ? refuse("eventfd") : 0;
}

/* Passes on what comes at one for the other. */
static void relay(const int in_fd[2], const int out_fd[2])
{
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	const uint64_t one = 1;
	struct epoll_event e;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (uint32_t i = 0; i < 2; i++) {
		e = (struct epoll_event){.events = EPOLLIN | EPOLLET,
					 .data.u32 = i};
		if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, in_fd[i], &e))
			return;
	}
	while (epoll_wait(poll_fd, &e, 1, -1) == 1)
		if (write(out_fd[!e.data.u32], &one, sizeof(one)) < 0)
			return;
}

/* What each writes to goes to the relay. */
static int relay_prepare(const struct pair_way *way)
{
	const int flags = EFD_CLOEXEC | EFD_NONBLOCK;
	pid_t pid;

	if (event_prepare(way))
		return -1;
	relay_fd[PAIR_FROM] = eventfd(0, flags);
	relay_fd[PAIR_TO] = eventfd(0, flags);
	if (relay_fd[PAIR_FROM] < 0 || relay_fd[PAIR_TO] < 0)
		return refuse("eventfd");
	pid = fork();
	if (pid < 0)
		return refuse("fork");
	if (!pid) {
		relay(relay_fd, (const int[2]){from_fd, to_fd});
		_exit(1);
	}
	return 0;
}

static int event_send(void)
{
	int fd = relay_fd[role] >= 0 ? relay_fd[role]
		 : role == PAIR_FROM ? to_fd
				     : from_fd;
	const uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one) ? 1
							   : refuse("write");
}

static int event_receive(int ms)
{
	int fd = role == PAIR_FROM ? from_fd : to_fd;
	uint64_t n;

	(void)ms;
	return read(fd, &n, sizeof(n)) == sizeof(n) ? 1 : refuse("read");
}

static int end_open(const struct pair_way *way, enum pair_role own,
		    struct pair_page *shared)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

	(void)way;
	role = own;
	page = shared;
	bench_frame(frame, BENCH_FRAME, mac, mac);
	return 0;
}

const struct pair_way pair_ways[] = {
	{.name = "socketpair",
	 .prepare = socketpair_prepare,
	 .open = end_open,
	 .send = datagrams_send,
	 .receive = datagrams_receive},
	{.name = "udp",
	 .prepare = udp_prepare,
	 .open = end_open,
	 .send = udp_send,
	 .receive = datagrams_receive},
	{.name = "pipe2",
	 .prepare = pipe_prepare,
	 .open = end_open,
	 .send = pipe_send,
	 .receive = pipe_receive},
	{.name = "eventfd",
	 .round_trips = true,
	 .prepare = event_prepare,
	 .open = end_open,
	 .send = event_send,
	 .receive = event_receive},
	{.name = "eventfd.relay",
	 .round_trips = true,
	 .prepare = relay_prepare,
	 .open = end_open,
	 .send = event_send,
	 .receive = event_receive},
	{0},
};
