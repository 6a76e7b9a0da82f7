// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Who may see what of an interface in netmap mode:
 *
 *   a socket on it (as tcpdump's)   what the stack sends, as outgoing, though it
 *                                   ends in a host ring; what a program passes
 *                                   up, as incoming; of what passes by NIC
 *                                   rings nothing, but in skb mode, where the
 *                                   stack shows sockets what it receives before
 *                                   it asks us
 *   monitors                        every frame of the rings they watch, in both
 *                                   directions, once and in order
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kt_nic.h"

#define LEN    100
#define FRAMES 20

/* Frame @n of @whom. */
static const uint8_t *frame(uint8_t whom, unsigned n)
{
	static uint8_t f[LEN];

	memset(f, 2, 12);
	f[5] = 3;
	f[12] = 0x88;
	f[13] = 0xb5;
	memset(f + 14, whom, LEN - 14);
	f[LEN - 1] = (uint8_t)n;
	return f;
}

static bool is(const uint8_t *f, uint8_t whom, unsigned n)
{
	return !memcmp(f, frame(whom, n), LEN);
}

/* ---- sockets ---- */

/* The socket sees frame @n of @whom next, as a packet of this direction. */
static void socket_sees(int s, uint8_t whom, unsigned n, bool outgoing)
{
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);
	struct pollfd p = {.fd = s, .events = POLLIN};
	uint8_t f[2048];

	KT_CHECK(poll(&p, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(recvfrom(s, f, sizeof(f), 0, (struct sockaddr *)&from,
			  &size) == LEN);
	KT_CHECK(is(f, whom, n));
	KT_CHECK((from.sll_pkttype == PACKET_OUTGOING) == outgoing);
}

static void sockets(const struct kt_pair *pair)
{
	int ear = kt_packet_socket(pair->a), mouth = kt_packet_socket(pair->a);
	bool skbs = pair->kind == KT_VETH_SKB || pair->kind == KT_E1000;
	struct netmap_ring *tx, *rx, *host_tx, *host_rx;
	struct kt_port peer;
	struct kt_rings r;

	kt_rings_open(&r, pair->a,
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	kt_open(&peer, pair->b);
	tx = kt_tx(&r, 0);
	rx = kt_rx(&r, 0);
	host_tx = kt_tx(&r, r.reg.nr_tx_rings);
	host_rx = kt_rx(&r, r.reg.nr_rx_rings);
	for (unsigned n = 0; n < FRAMES; n++) {
		KT_CHECK(kt_put(peer.tx, frame('w', n), LEN));
		KT_CHECK(ioctl(peer.fd, NIOCTXSYNC) == 0);
		kt_next_is(r.fd, rx, frame('w', n), LEN);
		if (skbs) {
			socket_sees(ear, 'w', n, false);
			socket_sees(mouth, 'w', n, false);
		}
		KT_CHECK(kt_put(tx, frame('t', n), LEN));
		KT_CHECK(ioctl(r.fd, NIOCTXSYNC) == 0);
		kt_next_is(peer.fd, peer.rx, frame('t', n), LEN);

		KT_CHECK(send(mouth, frame('s', n), LEN, 0) == LEN);
		kt_next_is(r.fd, host_rx, frame('s', n), LEN);
		socket_sees(ear, 's', n, true);

		KT_CHECK(kt_put(host_tx, frame('u', n), LEN));
		KT_CHECK(ioctl(r.fd, NIOCTXSYNC) == 0);
		socket_sees(ear, 'u', n, false);
		socket_sees(mouth, 'u', n, false);
	}
	kt_close(&peer);
	kt_rings_close(&r);
	close(ear);
	close(mouth);
}

/* ---- monitors ---- */

/* A monitor's ring has frames 0 to FRAMES - 1 of @whom, and no other. */
static void monitor_has(const struct kt_rings *m, uint8_t whom)
{
	struct netmap_ring *rx = kt_rx(m, 0);
	uint8_t f[2048];

	for (unsigned n = 0; n < FRAMES; n++)
		kt_next_is(m->fd, rx, frame(whom, n), LEN);
	KT_CHECK(ioctl(m->fd, NIOCRXSYNC) == 0);
	KT_CHECK(!kt_take(rx, f, sizeof(f)));
}

static void monitor_has_both(const struct kt_rings *m)
{
	unsigned r = 0, t = 0;
	uint8_t f[2048];

	while (r < FRAMES || t < FRAMES) {
		KT_CHECK(kt_take_next(m->fd, kt_rx(m, 0), f, sizeof(f)) == LEN);
		if (f[20] == 't')
			KT_CHECK(is(f, 't', t++));
		else
			KT_CHECK(is(f, 'r', r++));
	}
	KT_CHECK(ioctl(m->fd, NIOCRXSYNC) == 0);
	KT_CHECK(!kt_take(kt_rx(m, 0), f, sizeof(f)));
}

/* Frames both ways, one at a time. */
static void frames_pass(struct kt_port *a, struct kt_port *b)
{
	for (unsigned n = 0; n < FRAMES; n++) {
		KT_CHECK(kt_put(a->tx, frame('t', n), LEN));
		KT_CHECK(ioctl(a->fd, NIOCTXSYNC) == 0);
		KT_CHECK(kt_put(b->tx, frame('r', n), LEN));
		KT_CHECK(ioctl(b->fd, NIOCTXSYNC) == 0);
		kt_next_is(b->fd, b->rx, frame('t', n), LEN);
		kt_next_is(a->fd, a->rx, frame('r', n), LEN);
	}
}

static void monitor_open(struct kt_rings *m, const char *name, uint64_t flags)
{
	kt_rings_open(m, name,
		      (struct nmreq_register){.nr_mode = NR_REG_ALL_NIC,
					      .nr_flags = flags});
}

static void monitors(const struct kt_pair *pair)
{
	struct kt_rings tx, rx, both;
	struct kt_port a, b;

	kt_open(&a, pair->a);
	kt_open(&b, pair->b);
	monitor_open(&tx, pair->a, NR_MONITOR_TX);
	monitor_open(&rx, pair->a, NR_MONITOR_RX);
	monitor_open(&both, pair->a, NR_MONITOR_TX | NR_MONITOR_RX);
	frames_pass(&a, &b);
	monitor_has(&tx, 't');
	monitor_has(&rx, 'r');
	monitor_has_both(&both);
	kt_rings_close(&both);
	kt_rings_close(&rx);
	kt_rings_close(&tx);
	kt_close(&b);
	kt_close(&a);
}

/* It has what was given back: by the device, or by the program. */
static void zero_copy_monitor(const struct kt_pair *pair)
{
	struct kt_rings both;
	struct kt_port a, b;
	int i = 0;

	kt_open(&a, pair->a);
	kt_open(&b, pair->b);
	monitor_open(&both, pair->a, NR_ZCOPY_MON);
	frames_pass(&a, &b);
	do {
		KT_CHECK(ioctl(a.fd, NIOCTXSYNC) == 0);
		KT_CHECK(ioctl(a.fd, NIOCRXSYNC) == 0);
		KT_CHECK(i++ < KT_SECONDS * 1000);
		usleep(1000);
	} while (a.tx->tail != (a.tx->head ?: a.tx->num_slots) - 1);
	monitor_has_both(&both);
	kt_rings_close(&both);
	kt_close(&b);
	kt_close(&a);
}

int main(void)
{
	struct kt_pair pair;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++) {
		if (!kt_pair_make(&pair, kind))
			continue;
		printf("%s: sockets\n", kt_kind_name[kind]);
		sockets(&pair);
		printf("%s: monitors\n", kt_kind_name[kind]);
		monitors(&pair);
		printf("%s: zero copy monitor\n", kt_kind_name[kind]);
		zero_copy_monitor(&pair);
		kt_pair_end(&pair);
	}
	return 0;
}
