/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* home.h - ports for the tests of lib/home; include it once per program. */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <net/netmap.h>
#include <net/netmap_user.h>

#define DEADLINE_MS 20000 /* for what has to happen */

struct port {
	int fd;
	char *mem;
	size_t size;
	struct netmap_ring *tx, *rx;
};

static int bind_to(int fd, const char *name, struct nmreq_register *reg)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)reg};

	strcpy(h.nr_name, name);
	return ioctl(fd, NIOCCTRL, &h) ? errno : 0;
}

static void map_port(struct port *p, const struct nmreq_register *reg)
{
	struct netmap_if *nifp;

	p->size = reg->nr_memsize;
	p->mem = mmap(NULL, p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd,
		      0);
	assert_ptr_not_equal(p->mem, MAP_FAILED);
	nifp = NETMAP_IF(p->mem, reg->nr_offset);
	p->tx = NETMAP_TXRING(nifp, 0);
	p->rx = NETMAP_RXRING(nifp, 0);
}

__attribute__((unused)) static struct port open_port(const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 32,
				     .nr_rx_slots = 32};
	struct port p = {.fd = open("/dev/netmap", O_RDWR)};

	assert_true(p.fd >= 0);
	assert_int_equal(bind_to(p.fd, name, &reg), 0);
	map_port(&p, &reg);
	return p;
}

__attribute__((unused)) static void close_port(struct port *p)
{
	assert_int_equal(close(p->fd), 0);
	assert_int_equal(munmap(p->mem, p->size), 0);
}

/* One frame to everybody, handed over by a sync of @fd. */
__attribute__((unused)) static void send_by(int fd, struct netmap_ring *tx)
{
	struct netmap_slot *slot = &tx->slot[tx->head];

	memset(NETMAP_BUF(tx, slot->buf_idx), 0xff, 60);
	NETMAP_BUF(tx, slot->buf_idx)[6] = 2;
	slot->len = 60;
	tx->head = tx->cur = nm_ring_next(tx, tx->head);
	assert_int_equal(ioctl(fd, NIOCTXSYNC, NULL), 0);
}

__attribute__((unused)) static short poll_one(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n = poll(&p, 1, ms);

	assert_true(n >= 0);
	assert_int_equal(n, p.revents != 0);
	return p.revents;
}

/* Waits for frames on @rx and takes them. */
__attribute__((unused)) static void receive_by(int fd, struct netmap_ring *rx)
{
	assert_int_equal(poll_one(fd, POLLIN, DEADLINE_MS), POLLIN);
	rx->head = rx->cur = rx->tail;
	assert_int_equal(ioctl(fd, NIOCRXSYNC, NULL), 0);
}

__attribute__((unused)) static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Is there a port of that name? */
__attribute__((unused)) static bool exists(const char *name)
{
	struct nmreq_port_hdr hdr = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_PORT_HDR_GET,
				 .nr_body = (uintptr_t)&hdr};
	int fd = open("/dev/netmap", O_RDWR), r;

	assert_true(fd >= 0);
	strcpy(h.nr_name, name);
	r = ioctl(fd, NIOCCTRL, &h);
	close(fd);
	return !r;
}

#endif
