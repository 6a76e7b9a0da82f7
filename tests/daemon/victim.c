// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A program that is to be killed, or whose netmapd is: does one thing for ever.
 *
 *   busy   opens ports, sends, receives, waits, forks, closes
 *   poll, epoll, ioctl, sync
 *          waits in that, or calls it again and again, until it fails: status 0
 *          if the error is the one that tells of the end, and if a port that is
 *          opened anew works
 *
 * usage: victim KIND NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/netmap.h>
#include <net/netmap_user.h>
#include "daemon.h"

struct port {
	int fd;
	char *mem;
	size_t size;
	struct netmap_ring *tx, *rx;
};

static int info(int fd, const char *name)
{
	struct nmreq_port_info_get body = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_PORT_INFO_GET,
				 .nr_body = (uintptr_t)&body};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	return ioctl(fd, NIOCCTRL, &h);
}

static void open_port(struct port *p, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg};
	struct netmap_if *nifp;

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	p->fd = open("/dev/netmap", O_RDWR);
	if (p->fd < 0 || ioctl(p->fd, NIOCCTRL, &h))
		die("%s: %s", name, strerror(errno));
	p->size = reg.nr_memsize;
	p->mem = mmap(NULL, p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd,
		      0);
	CLAIM(p->mem != MAP_FAILED);
	nifp = NETMAP_IF(p->mem, reg.nr_offset);
	p->tx = NETMAP_TXRING(nifp, 0);
	p->rx = NETMAP_RXRING(nifp, 0);
}

static void close_port(struct port *p)
{
	munmap(p->mem, p->size);
	CLAIM(!close(p->fd));
}

static void send_some(struct port *p, int n)
{
	while (n-- && !nm_ring_empty(p->tx)) {
		struct netmap_slot *slot = &p->tx->slot[p->tx->head];

		memset(NETMAP_BUF(p->tx, slot->buf_idx), 0xff, 60);
		NETMAP_BUF(p->tx, slot->buf_idx)[6] = 2;
		slot->len = 60;
		p->tx->head = p->tx->cur = nm_ring_next(p->tx, p->tx->head);
	}
	CLAIM(!ioctl(p->fd, NIOCTXSYNC, NULL));
}

static void receive_some(struct port *p)
{
	struct pollfd pfd = {.fd = p->fd, .events = POLLIN};

	CLAIM(poll(&pfd, 1, DEADLINE_MS) == 1);
	CLAIM(pfd.revents == POLLIN);
	p->rx->head = p->rx->cur = p->rx->tail;
	CLAIM(!ioctl(p->fd, NIOCRXSYNC, NULL));
}

static void busy(const char *name)
{
	char other[32];

	snprintf(other, sizeof(other), "%s-2", name);
	for (;;) {
		struct port a, b;
		pid_t pid;

		open_port(&a, name);
		open_port(&b, other);
		for (int i = 0; i < 10; i++) {
			send_some(&a, 5);
			receive_some(&b);
		}
		pid = fork();
		if (!pid) {
			send_some(&a, 5);
			_exit(0);
		}
		CLAIM(waitpid(pid, NULL, 0) == pid);
		close_port(&a);
		close_port(&b);
	}
}

/* ---- until netmapd ends ---- */

static void in_poll(const struct port *p)
{
	struct pollfd pfd = {.fd = p->fd, .events = POLLIN};

	CLAIM(poll(&pfd, 1, -1) == 1);
	CLAIM(pfd.revents & POLLERR);
}

static void in_epoll(const struct port *p)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(EPOLL_CLOEXEC);

	CLAIM(!epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &e));
	CLAIM(epoll_wait(ep, &e, 1, -1) == 1);
	CLAIM(e.events & EPOLLERR);
}

static void in_ioctl(const struct port *p, const char *name)
{
	while (!info(p->fd, name))
		;
	CLAIM(errno == ENOTCONN);
}

static void in_sync(const struct port *p)
{
	while (!ioctl(p->fd, NIOCTXSYNC, NULL))
		;
	CLAIM(errno == ENOTCONN);
}

static void wait_for_end(const char *kind, const char *name)
{
	struct epoll_event e = {.events = EPOLLIN};
	char line[8];
	struct port p;

	open_port(&p, name);
	puts("ready");
	fflush(stdout);
	if (!strcmp(kind, "poll"))
		in_poll(&p);
	else if (!strcmp(kind, "epoll"))
		in_epoll(&p);
	else if (!strcmp(kind, "ioctl"))
		in_ioctl(&p, name);
	else
		in_sync(&p);
	/* Everything else says so too, and nothing crashes. */
	CLAIM(ioctl(p.fd, NIOCRXSYNC, NULL) == -1 && errno == ENOTCONN);
	CLAIM(info(p.fd, name) == -1 && errno == ENOTCONN);
	in_poll(&p);
	CLAIM(epoll_ctl(epoll_create1(EPOLL_CLOEXEC), EPOLL_CTL_ADD, p.fd,
			&e) == -1 &&
	      errno == ENOTCONN);
	memset(NETMAP_BUF(p.tx, p.tx->slot[0].buf_idx), 1, 60);
	puts("noticed");
	fflush(stdout);
	/* Once there is another. */
	CLAIM(read(STDIN_FILENO, line, sizeof(line)) > 0);
	close_port(&p);
	open_port(&p, name);
	send_some(&p, 3);
	CLAIM(!info(p.fd, name));
	close_port(&p);
}

int main(int argc, char **argv)
{
	CLAIM(argc == 3);
	if (!strcmp(argv[1], "busy"))
		busy(argv[2]);
	wait_for_end(argv[1], argv[2]);
	return 0;
}
