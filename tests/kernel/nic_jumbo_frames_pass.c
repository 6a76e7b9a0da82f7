// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Frames longer than a buffer pass, in both directions, up to the interface's
 * MTU: each takes as many slots as it needs (NS_MOREFRAG), or one, where the
 * region's buffers are larger. They come whole or not at all. Hosts with such an
 * MTU go on talking, by a program, by forwarding, and by a switch.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt_nic.h"

#define HEADER 14
#define TAG    4
#define HERE   "10.8.0.1"
#define THERE  "10.8.0.2"

static uint8_t data[65540];

/* Frame @n, in data[]. */
static const uint8_t *fill(unsigned n, unsigned len)
{
	memset(data, 2, 12);
	data[12] = 0x88;
	data[13] = 0xb5;
	for (unsigned i = HEADER; i < len; i++)
		data[i] = (uint8_t)(n * 31 + i * 7 + i / 251);
	memcpy(data + HEADER, &n, sizeof(n));
	return data;
}

static void set_parameter(const char *name, unsigned value)
{
	kt_run(kt_here(), "echo %u >/sys/module/netmap/parameters/%s", value,
	       name);
}

static void set_mtu(const struct kt_pair *p, unsigned mtu)
{
	kt_run(kt_here(), "ip link set %s mtu %u && ip link set %s mtu %u",
	       p->a, mtu, p->b, mtu);
	kt_pair_wait(p);
}

/* A frame, sent in pieces of @piece bytes. */
static void pass(struct kt_port *from, struct kt_port *to, unsigned len,
		 unsigned piece)
{
	struct netmap_ring *r = to->rx;
	unsigned size = r->nr_buf_size, slots = 0;

	fill(len, len);
	kt_put_pieces(from->fd, from->tx, data, len, piece);
	while (r->head == r->tail) {
		struct pollfd f = {.fd = to->fd, .events = POLLIN};

		KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
	}
	for (uint32_t k = r->head; k != r->tail; k = kt_next(r, k))
		slots++;
	KT_CHECK(slots == (len + size - 1) / size);
	kt_next_is(to->fd, r, data, len);
}

static void sizes_pass(struct kt_port *from, struct kt_port *to, unsigned mtu)
{
	unsigned size = from->tx->nr_buf_size, max = mtu + HEADER;

	for (unsigned len = 100; len < max; len += max / 17) {
		pass(from, to, len, size);
		pass(from, to, len, len / 64 + HEADER);
	}
	for (unsigned len = size - 1; len <= size + 1 && len <= max; len++)
		pass(from, to, len, size);
	pass(from, to, max, size);
	pass(from, to, max, max / 2 + 1 < size ? max / 2 + 1 : size);
	/* The last piece has one byte. */
	pass(from, to, 1001, 1000);
}

/* Longer than the interface carries: gone, counted, and the next arrives. */
static void too_long_is_counted(struct kt_port *from, struct kt_port *to,
				const char *name, unsigned mtu)
{
	unsigned long dropped = kt_counted(name, "tx_dropped");
	unsigned size = from->tx->nr_buf_size;

	fill(0, mtu + HEADER + TAG + 1);
	kt_put_pieces(from->fd, from->tx, data, mtu + HEADER + TAG + 1, size);
	pass(from, to, 200, size);
	KT_CHECK(kt_counted(name, "tx_dropped") - dropped == 1);
}

/* More than the receiver has room for: those that come are whole. */
static void floods_are_whole(struct kt_port *from, struct kt_port *to,
			     const char *name, unsigned mtu, bool in_order)
{
	struct nmreq_x_stats before = kt_stats(name, NETMAP_X_RX), x;
	unsigned n, last = 0, got = 0, len = mtu + HEADER, delivered;
	unsigned slots = (len + to->rx->nr_buf_size - 1) / to->rx->nr_buf_size;
	unsigned frames = to->rx->num_slots / slots + 200;
	static uint8_t f[65536];

	for (n = 1; n <= frames; n++) {
		fill(n, len);
		kt_put_pieces(from->fd, from->tx, data, len,
			      from->tx->nr_buf_size);
	}
	/* The last that was sent has come, or was dropped. */
	for (unsigned i = 0; i < KT_SECONDS * 1000; i++) {
		x = kt_stats(name, NETMAP_X_RX);
		delivered = (unsigned)(x.delivered - before.delivered);
		if (x.drop_full != before.drop_full)
			break;
		usleep(1000);
	}
	KT_CHECK(x.drop_full != before.drop_full);
	while (got < delivered) {
		KT_CHECK(kt_take_next(to->fd, to->rx, f, sizeof(f)) == len);
		memcpy(&n, f + HEADER, sizeof(n));
		/* The hub of an emulator may change the order of frames that
		 * its receiver had no room for. */
		KT_CHECK(n > last || !in_order);
		KT_CHECK(!memcmp(f, fill(n, len), len));
		last = n;
		got++;
	}
	printf("%u whole frames, then no room\n", got);
}

static void forget(struct kt_port *p)
{
	do
		p->rx->head = p->rx->cur = p->rx->tail;
	while (!ioctl(p->fd, NIOCRXSYNC) && p->rx->head != p->rx->tail);
}

static void programs(const struct kt_pair *pair, unsigned mtu)
{
	struct kt_port a, b;

	printf("MTU %u\n", mtu);
	set_mtu(pair, mtu);
	kt_open(&a, pair->a);
	kt_open(&b, pair->b);
	if (pair->kind == KT_VETH)
		kt_mode_is(pair->a, KT_VETH);
	printf("buffers of %u bytes\n", a.tx->nr_buf_size);
	sizes_pass(&a, &b, mtu);
	sizes_pass(&b, &a, mtu);
	too_long_is_counted(&a, &b, pair->a, mtu);
	if (mtu > a.tx->nr_buf_size)
		floods_are_whole(&a, &b, pair->b, mtu,
				 pair->kind == KT_VETH ||
					 pair->kind == KT_VETH_SKB);
	forget(&b);
	kt_close(&a);
	kt_close(&b);
	set_mtu(pair, 1500);
}

static void larger_buffers(const struct kt_pair *pair, unsigned size,
			   unsigned mtu)
{
	unsigned long before = kt_param("netmap", "buf_size");

	set_parameter("buf_size", size);
	programs(pair, mtu);
	set_parameter("buf_size", (unsigned)before);
}

/* ---- hosts ---- */

static int there, control;

static void they_talk(void)
{
	kt_run(kt_here(), "ping -c 1 -W 10 -s 8900 " THERE " >/dev/null");
	kt_run(there, "ping -c 1 -W 10 -s 20000 " HERE " >/dev/null");
	kt_tcp(kt_here(), there, THERE);
	kt_tcp(there, kt_here(), HERE);
}

/* By parameter fwd: a program that only looks. */
static void look(void *arg)
{
	struct kt_rings r;

	(void)arg;
	kt_rings_open(&r, "kv0",
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	for (;;) {
		struct pollfd p = {.fd = r.fd, .events = POLLIN};

		if (poll(&p, 1, -1) != 1 || p.revents & POLLERR)
			return;
		for (unsigned i = 0; i < 2; i++)
			kt_rx(&r, i)->head = kt_rx(&r, i)->cur =
				kt_rx(&r, i)->tail;
	}
}

static void hosts(void)
{
	struct kt_pair pair;
	pid_t pid;

	KT_CHECK(kt_pair_make(&pair, KT_VETH_SKB));
	set_mtu(&pair, 9000);
	there = kt_new_ns();
	kt_move("kv1", there);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev kv0");
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
	printf("hosts: program\n");
	pid = kt_relay("kv0", 1);
	they_talk();
	kt_end(pid);
	printf("hosts: forwarding\n");
	set_parameter("fwd", 1);
	pid = kt_fork(look, NULL);
	they_talk();
	kt_end(pid);
	set_parameter("fwd", 0);
	printf("hosts: switch\n");
	KT_CHECK(kt_attach(control, "vale0:kv0", NR_REG_NIC_SW) == 0);
	they_talk();
	KT_CHECK(kt_detach(control, "vale0:kv0") == 0);
	kt_pair_end(&pair);
	close(there);
}

/* The loopback interface's MTU and header are more than a frame can be. */
static void longest(void)
{
	unsigned long dropped;
	struct kt_port p;

	kt_run(kt_here(), "ip link set lo up");
	kt_open(&p, "lo");
	dropped = kt_counted("lo", "tx_dropped");
	fill(0, 65540);
	kt_put_pieces(p.fd, p.tx, data, 65540, 2048);
	KT_CHECK(kt_counted("lo", "tx_dropped") == dropped + 1);
	kt_put_pieces(p.fd, p.tx, data, 65535, 2048);
	KT_CHECK(kt_counted("lo", "tx_dropped") == dropped + 1);
	kt_close(&p);
}

int main(void)
{
	struct kt_pair pair;

	setvbuf(stdout, NULL, _IOLBF, 0);
	control = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(control >= 0);
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++) {
		if (!kt_pair_make(&pair, kind))
			continue;
		printf("%s\n", kt_kind_name[kind]);
		/* By XDP frames are no longer than a page. */
		programs(&pair, kind == KT_VETH ? 3000 : 9000);
		if (kind == KT_VETH)
			larger_buffers(&pair, 4096, 3000);
		if (kind == KT_VETH_SKB)
			larger_buffers(&pair, 9216, 9000);
		kt_pair_end(&pair);
	}
	hosts();
	longest();
	close(control);
	return 0;
}
