// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Ports on interfaces: veth pairs with both ends in netmap mode, whose driver
 * moves frames in softirqs.
 *
 *   nic.veth       port -> na0 === na1 -> port           native XDP
 *   nic.veth.skb   port -> ns0 === ns1 -> port           skbs
 *   nic.fwd        port -> nf0 === nf1 -> program -> nf2 === nf3 -> port
 *   vale.nic       port -> nv0 === nv1 -> switch  -> nv2 === nv3 -> port
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "link.h"
#include "ring.h"

enum { NATIVE, SKB, FORWARD, SWITCH, NR_KINDS };

static struct end ends[NR_KINDS][4];

/* Parameter admode: how interfaces are taken from now on. */
static int set_admode(const char *value)
{
	int fd = open("/sys/module/netmap/parameters/admode", O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, value, 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

static int make_pair(const char *name, const char *peer)
{
	if (make_veth(name, peer) || link_up(name) || link_up(peer))
		return -1;
	return 0;
}

static int setup_pair(const struct bench_row *row)
{
	struct end *e = ends[row->kind];
	const char *a = row->kind == SKB ? "ns0" : "na0";
	const char *b = row->kind == SKB ? "ns1" : "na1";

	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	if (make_pair(a, b) || set_admode(row->kind == SKB ? "2" : "0") ||
	    end_open(&e[0], a) || end_open(&e[3], b))
		return -1;
	return set_admode("0");
}

static int setup_forward(const struct bench_row *row)
{
	struct end *e = ends[row->kind];

	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	if (make_pair("nf0", "nf1") || make_pair("nf2", "nf3"))
		return -1;
	return end_open(&e[0], "nf0") || end_open(&e[1], "nf1") ||
			       end_open(&e[2], "nf2") || end_open(&e[3], "nf3")
		       ? -1
		       : 0;
}

static int attach(int fd, const char *name)
{
	struct nmreq_vale_attach body = {.reg.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_VALE_ATTACH,
				 .nr_body = (uintptr_t)&body};

	strcpy(h.nr_name, name);
	return ioctl(fd, NIOCCTRL, &h);
}

static int setup_switch(const struct bench_row *row)
{
	struct end *e = ends[row->kind];

	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	if (make_pair("nv0", "nv1") || make_pair("nv2", "nv3") ||
	    end_open(&e[0], "nv0") || end_open(&e[3], "nv3"))
		return -1;
	return attach(e[0].fd, "vale2:nv1") || attach(e[0].fd, "vale2:nv2") ? -1
									    : 0;
}

/* All frames of @from go into @to, by exchanging buffers. */
static void swap(struct end *from, struct end *to, uint32_t n)
{
	uint32_t f = from->rx->head, t = to->tx->head;

	for (; n; n--) {
		struct netmap_slot *a = &from->rx->slot[f];
		struct netmap_slot *b = &to->tx->slot[t];
		uint32_t buf = a->buf_idx;

		a->buf_idx = b->buf_idx;
		b->buf_idx = buf;
		b->len = a->len;
		a->flags = b->flags = NS_BUF_CHANGED;
		f = next(from->rx, f);
		t = next(to->tx, t);
	}
	move(from->rx, f);
	move(to->tx, t);
}

static unsigned int run(const struct bench_row *row, unsigned int n)
{
	struct end *e = ends[row->kind];
	unsigned int left;

	for (left = n; left; left -= row->batch) {
		move(e[0].tx,
		     fill(e[0].tx, row->batch, BENCH_FRAME, short_frame));
		if (ioctl(e[0].fd, NIOCTXSYNC))
			break;
		if (row->kind == FORWARD) {
			if (!end_wait(&e[1], row->batch))
				break;
			swap(&e[1], &e[2], row->batch);
			if (ioctl(e[2].fd, NIOCTXSYNC))
				break;
		}
		if (!end_wait(&e[3], row->batch))
			break;
		move(e[3].rx, take(e[3].rx, row->batch));
	}
	return n - left;
}

#define ROW(_name, _kind, _setup, _note)                                  \
	{                                                                 \
		.name = _name, .note = _note, .frames = 16384,            \
		.setup = _setup, .run = run, .batch = 256, .kind = _kind, \
	}

const struct bench_row nic_rows[] = {
	ROW("nic.veth", NATIVE, setup_pair,
	    "NIC ports on a veth pair, native XDP, batch 256"),
	ROW("nic.veth.skb", SKB, setup_pair, "the same by skbs"),
	ROW("nic.fwd", FORWARD, setup_forward,
	    "two veth pairs and a program between that swaps buffers"),
	ROW("vale.nic", SWITCH, setup_switch,
	    "two veth pairs and a switch between that has one end of each"),
	{0},
};
