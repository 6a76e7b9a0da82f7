// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Our own rows: a switch and a pipe through /dev/netmap by plain system calls.
 *
 *   fill    per frame: set len and flags, copy the frame into the buffer
 *   TXSYNC  on the sender's descriptor
 *   RXSYNC  on the receiver's
 *   read    per frame: load index, len, flags and the first 64 bytes
 *
 * In the row of the callback a module (examples/kernel/sink) receives: netmap
 * calls it when frames have arrived, and it does in the kernel what RXSYNC and
 * read do.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring.h"

enum { VALE, PIPE, CALLBACK, NR_KINDS };

/* Rows of one kind use the same two ports. */
static struct end ends[NR_KINDS][2];
static const char *const names[NR_KINDS][2] = {
	{"vale0:a", "vale0:b"}, {"bench{0", "bench}0"}, {"vale1:a"}};

uint8_t short_frame[64] __attribute__((aligned(64)));
static uint8_t long_frame[2048] __attribute__((aligned(64)));

pair seen;

int end_open(struct end *e, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg};
	struct netmap_if *nif;
	char *mem;

	strcpy(h.nr_name, name);
	e->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (e->fd < 0 || ioctl(e->fd, NIOCCTRL, &h))
		return -1;
	mem = mmap(NULL, reg.nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED,
		   e->fd, 0);
	if (mem == MAP_FAILED)
		return -1;
	nif = (struct netmap_if *)(mem + reg.nr_offset);
	e->tx = (void *)((char *)nif + nif->ring_ofs[0]);
	e->rx = (void *)((char *)nif + nif->ring_ofs[nif->ni_tx_rings +
						     nif->ni_host_tx_rings]);
	return 0;
}

bool end_wait(struct end *e, uint32_t n)
{
	struct pollfd p = {.fd = e->fd, .events = POLLIN};

	if (ioctl(e->fd, NIOCRXSYNC))
		return false;
	while (available(e->rx) < n) {
		/* Those that are there would end the poll at once. */
		move_cur(e->rx);
		if (poll(&p, 1, 1000) != 1)
			return false;
	}
	return true;
}

/* The receiver speaks once: the switch then knows where station 2 is. */
int introduce(struct end *from, struct end *to)
{
	uint8_t hello[BENCH_FRAME];

	bench_frame(hello, sizeof(hello), 1, 2);
	move(from->tx, fill(from->tx, 1, sizeof(hello), hello));
	if (ioctl(from->fd, NIOCTXSYNC) || ioctl(to->fd, NIOCRXSYNC))
		return -1;
	if (available(to->rx) != 1) {
		errno = EPROTO;
		return -1;
	}
	move(to->rx, take(to->rx, 1));
	return ioctl(to->fd, NIOCRXSYNC);
}

static int setup(const struct bench_row *row)
{
	struct end *e = ends[row->kind];

	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	bench_frame(long_frame, BENCH_LONG, 2, 1);
	if (e[0].tx)
		return 0;
	if (end_open(&e[0], names[row->kind][0]) ||
	    end_open(&e[1], names[row->kind][1]))
		return -1;
	return introduce(&e[1], &e[0]);
}

static unsigned int run(const struct bench_row *row, unsigned int n)
{
	struct end *tx = &ends[row->kind][0], *rx = &ends[row->kind][1];
	unsigned int got = 0, last;
	uint32_t head;

	for (; n; n -= row->batch) {
		if (row->len == BENCH_FRAME)
			head = fill(tx->tx, row->batch, BENCH_FRAME,
				    short_frame);
		else
			head = fill(tx->tx, row->batch, BENCH_LONG, long_frame);
		move(tx->tx, head);
		if (ioctl(tx->fd, NIOCTXSYNC) || ioctl(rx->fd, NIOCRXSYNC))
			break;
		last = available(rx->rx);
		move(rx->rx, take(rx->rx, last));
		got += last;
		if (last != row->batch)
			break;
	}
	return got;
}

#define SINK "/examples/netmap_sink.ko"

/* Frames that the module has read; 0 if that cannot be told. */
static unsigned long sink_frames(void)
{
	FILE *f = fopen("/sys/module/netmap_sink/parameters/frames", "r");
	unsigned long n = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static int setup_callback(const struct bench_row *row)
{
	const char *params = "port=vale1:sink mac=02:00:00:00:00:02";
	int fd = open(SINK, O_RDONLY);

	if (fd < 0)
		return -1;
	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	if (syscall(SYS_finit_module, fd, params, 0))
		return -1;
	close(fd);
	return end_open(&ends[row->kind][0], names[row->kind][0]);
}

/* The sender gives up the processor after each batch: the receiver's thread
 * needs it. */
static unsigned int run_callback(const struct bench_row *row, unsigned int n)
{
	struct end *tx = &ends[row->kind][0];
	unsigned long before = sink_frames();
	unsigned int left;

	for (left = n; left; left -= row->batch) {
		move(tx->tx,
		     fill(tx->tx, row->batch, BENCH_FRAME, short_frame));
		if (ioctl(tx->fd, NIOCTXSYNC))
			break;
		sched_yield();
	}
	return (unsigned int)(sink_frames() - before);
}

/* Fill and read alone: what the program itself costs in the rows below. */
static unsigned int run_loop(const struct bench_row *row, unsigned int n)
{
	struct netmap_ring *tx = ends[row->kind][0].tx;
	struct netmap_ring *rx = ends[row->kind][1].rx;
	unsigned int left;
	volatile uint32_t head;

	for (left = n; left; left -= row->batch) {
		head = fill(tx, row->batch, BENCH_FRAME, short_frame);
		head = take(rx, row->batch);
	}
	(void)head;
	return n;
}

#define ROW(_name, _kind, _batch, _len, _frames, _run, _note)              \
	{                                                                  \
		.name = _name, .note = _note, .frames = _frames,           \
		.setup = setup, .run = _run, .batch = _batch, .len = _len, \
		.kind = _kind                                              \
	}

const struct bench_row netmap_rows[] = {
	ROW("loop", VALE, 256, BENCH_FRAME, 65536, run_loop,
	    "fill and read, no sync"),
	ROW("vale", VALE, 256, BENCH_FRAME, 65536, run,
	    "switch, 60 B, batch 256, learned unicast"),
	ROW("vale.b1", VALE, 1, BENCH_FRAME, 4096, run,
	    "switch, 60 B, batch 1"),
	ROW("vale.1514", VALE, 256, BENCH_LONG, 16384, run,
	    "switch, 1514 B, batch 256"),
	{.name = "vale.callback",
	 .note = "vale, but a module receives, called by netmap",
	 .frames = 65536,
	 .setup = setup_callback,
	 .run = run_callback,
	 .batch = 256,
	 .kind = CALLBACK},
	ROW("pipe", PIPE, 256, BENCH_FRAME, 65536, run,
	    "pipe, 60 B, batch 256"),
	ROW("pipe.b1", PIPE, 1, BENCH_FRAME, 4096, run, "pipe, 60 B, batch 1"),
	{0},
};
