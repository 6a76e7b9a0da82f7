// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A program that rewrites the rings of its interface, NIC's and host's, while
 * frames come from the peer and from the stack, does no harm: the machine lives,
 * and two interfaces whose ports are in another region lose no frame. (All in
 * region 1 trust each other.)
 *
 *      stack --> kv0, scribbled === kv1 <-- a flood       region 1
 *                gv0 ============== gv1                   a region of its own
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt_nic.h"

#define FRAMES 1000
#define LEN    60

static struct kt_rings evil;
static struct kt_port peer;
/* Of evil; where they are, its record may soon not say. */
static struct netmap_ring *rings[4];
static atomic_bool over;

static uint32_t noise(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Plausible and absurd values in turn: absurd ones alone end at the first
 * check. */
static uint32_t number(uint32_t *state, uint32_t plausible)
{
	uint32_t n = noise(state);

	return n & 1 ? noise(state) % plausible : noise(state);
}

static void *scribble(void *arg)
{
	uint32_t state = 2463534242u;

	(void)arg;
	while (!atomic_load(&over)) {
		struct netmap_ring *r = rings[noise(&state) % 4];
		volatile struct netmap_slot *s = &r->slot[noise(&state) % 256];

		s->buf_idx = number(&state, 4000);
		s->len = (uint16_t)number(&state, 2112);
		s->flags = (uint16_t)noise(&state);
		s->ptr = noise(&state) & 1 ? number(&state, 4096)
					   : (uintptr_t)evil.mem;
		if (noise(&state) % 4)
			continue;
		*(volatile uint32_t *)&r->head = number(&state, 1024);
		*(volatile uint32_t *)&r->cur = number(&state, 1024);
		*(volatile uint32_t *)&r->tail = number(&state, 1024);
		*(volatile uint32_t *)&r->flags = noise(&state);
		if (noise(&state) % 64)
			continue;
		((volatile uint8_t *)evil.nif)[noise(&state) % 128] =
			(uint8_t)noise(&state);
	}
	return NULL;
}

static void *synchronize(void *arg)
{
	struct pollfd p = {.fd = evil.fd, .events = POLLIN | POLLOUT};

	(void)arg;
	while (!atomic_load(&over)) {
		KT_CHECK(ioctl(evil.fd, NIOCTXSYNC) == 0);
		KT_CHECK(ioctl(evil.fd, NIOCRXSYNC) == 0);
		KT_CHECK(poll(&p, 1, 0) >= 0);
	}
	return NULL;
}

/* What the bad rings receive from the wire. kv1 is in their region, so its ring
 * may be spoilt too. */
static void *give(void *arg)
{
	(void)arg;
	while (!atomic_load(&over)) {
		struct netmap_ring *r = peer.tx;

		for (uint32_t i = r->head % 1024; i != r->tail % 1024;
		     i = (i + 1) % 1024)
			r->slot[i].len = LEN;
		r->head = r->cur = r->tail;
		KT_CHECK(ioctl(peer.fd, NIOCTXSYNC) == 0);
		KT_CHECK(ioctl(peer.fd, NIOCRXSYNC) == 0);
		peer.rx->head = peer.rx->cur = peer.rx->tail;
	}
	return NULL;
}

/* ---- the good pair ---- */

static void put(struct kt_rings *p, unsigned n)
{
	struct netmap_ring *r = kt_tx(p, 0);
	struct netmap_slot *s = &r->slot[r->head];
	struct pollfd f = {.fd = p->fd, .events = POLLOUT};
	uint8_t *b;

	KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
	b = kt_buffer(r, s->buf_idx);
	memset(b, 2, 14);
	for (unsigned i = 14; i < LEN; i++)
		b[i] = (uint8_t)(n * 31 + i);
	s->len = LEN;
	s->flags = 0;
	r->head = r->cur = kt_next(r, r->head);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
}

static void expect(struct kt_rings *p, unsigned n)
{
	struct netmap_ring *r = kt_rx(p, 0);
	struct pollfd f = {.fd = p->fd, .events = POLLIN};
	uint8_t *b;

	KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(f.revents == POLLIN);
	KT_CHECK(r->slot[r->head].len == LEN);
	b = kt_buffer(r, r->slot[r->head].buf_idx);
	for (unsigned i = 14; i < LEN; i++)
		KT_CHECK(b[i] == (uint8_t)(n * 31 + i));
	r->head = r->cur = kt_next(r, r->head);
	KT_CHECK(r->head == r->tail);
}

/* A VALE port has a region of its own; the pair's ports go there too. */
static void good_open(struct kt_rings *memory, struct kt_rings good[2])
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};

	kt_run(kt_here(), "ip link add gv0 type veth && "
			  "ip link set veth0 name gv1 && "
			  "for i in gv0 gv1; do "
			  "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; "
			  "ip link set $i up; done");
	kt_rings_open(memory, "vale7:memory", reg);
	reg.nr_mem_id = memory->reg.nr_mem_id;
	KT_CHECK(reg.nr_mem_id != 1);
	kt_rings_open(&good[0], "gv0", reg);
	kt_rings_open(&good[1], "gv1", reg);
	KT_CHECK(good[1].reg.nr_mem_id == reg.nr_mem_id);
}

static void evil_open(void)
{
	kt_rings_open(&evil, "kv0",
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	KT_CHECK(evil.reg.nr_mem_id == 1);
	for (unsigned i = 0; i < 2; i++) {
		rings[i] = kt_tx(&evil, i);
		rings[2 + i] = kt_rx(&evil, i);
	}
	kt_open(&peer, "kv1");
}

static void try_kind(enum kt_kind kind)
{
	void *(*const work[])(void *) = {scribble, synchronize, give};
	struct kt_rings memory, good[2];
	pthread_t threads[3];
	struct kt_pair pair;
	pid_t stack;

	good_open(&memory, good);
	KT_CHECK(kt_pair_make(&pair, kind));
	kt_run(kt_here(), "ip addr add 10.8.0.1/24 dev kv0 && "
			  "ip neigh add 10.8.0.2 lladdr 02:00:00:00:00:02 "
			  "dev kv0 || arp -s 10.8.0.2 02:00:00:00:00:02");
	stack = kt_start(kt_here(), "while :; do ping -q -A -c 1000 -W 1 "
				    "10.8.0.2 >/dev/null; done");
	evil_open();
	atomic_store(&over, false);
	for (unsigned i = 0; i < 3; i++)
		KT_CHECK(!pthread_create(&threads[i], NULL, work[i], NULL));
	for (unsigned i = 0; i < FRAMES; i++) {
		put(&good[i & 1], i);
		expect(&good[~i & 1], i);
	}
	atomic_store(&over, true);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	kt_end(stack);
	kt_rings_close(&evil);
	kt_close(&peer);
	/* Who comes next finds both in order. */
	evil_open();
	kt_send(&peer, 7);
	kt_rings_close(&evil);
	kt_close(&peer);
	kt_rings_close(&good[0]);
	kt_rings_close(&good[1]);
	kt_rings_close(&memory);
	kt_pair_end(&pair);
	kt_run(kt_here(), "ip link del gv0");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_kind(KT_VETH);
	try_kind(KT_VETH_SKB);
	return 0;
}
