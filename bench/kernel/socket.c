// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Peers that stay inside the kernel: UDP over loopback, Unix datagrams, and a
 * pipe in packet mode, each with the batching it has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "batch.h"

enum { UDP, UNIX, NR_KINDS };

static struct batch batches[NR_KINDS];
static int pipe_fds[2];

static int setup_udp(const struct bench_row *row)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int rx = socket(AF_INET, SOCK_DGRAM, 0);
	int tx = socket(AF_INET, SOCK_DGRAM, 0);

	if (rx < 0 || tx < 0 || bind(rx, (struct sockaddr *)&a, len) ||
	    getsockname(rx, (struct sockaddr *)&a, &len) ||
	    connect(tx, (struct sockaddr *)&a, len))
		return -1;
	batch_init(&batches[row->kind], tx, rx);
	return 0;
}

/* The receiver's queue must hold a batch, else the sender would sleep. */
static int allow_unix_batch(void)
{
	FILE *f = fopen("/proc/sys/net/unix/max_dgram_qlen", "w");

	if (!f)
		return -1;
	fprintf(f, "%d\n", 2 * BENCH_BATCH);
	return fclose(f);
}

static int setup_unix(const struct bench_row *row)
{
	int fds[2];

	if (allow_unix_batch() || socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -1;
	batch_init(&batches[row->kind], fds[0], fds[1]);
	return 0;
}

static unsigned int run_batches(const struct bench_row *row, unsigned int n)
{
	return batch_run(&batches[row->kind], n);
}

/* Packet mode keeps frames apart: one write, one read, one frame. */
static int setup_pipe(const struct bench_row *row)
{
	(void)row;
	if (pipe2(pipe_fds, O_DIRECT))
		return -1;
	return fcntl(pipe_fds[1], F_SETPIPE_SZ, BENCH_BATCH * 4096) < 0 ? -1
									: 0;
}

static unsigned int run_pipe(const struct bench_row *row, unsigned int n)
{
	uint8_t frame[BENCH_FRAME], in[128];
	unsigned int got = 0, left, i;

	(void)row;
	bench_frame(frame, sizeof(frame), 2, 1);
	for (left = n; left; left -= BENCH_BATCH) {
		for (i = 0; i < BENCH_BATCH; i++)
			if (write(pipe_fds[1], frame, sizeof(frame)) < 0)
				return got;
		for (i = 0; i < BENCH_BATCH; i++, got++)
			if (read(pipe_fds[0], in, sizeof(in)) != sizeof(frame))
				return got;
	}
	return got;
}

const struct bench_row socket_rows[] = {
	{.name = "peer.udp",
	 .note = "loopback, sendmmsg and recvmmsg of 64",
	 .frames = 4096,
	 .setup = setup_udp,
	 .run = run_batches,
	 .kind = UDP},
	{.name = "peer.unix",
	 .note = "datagrams, sendmmsg and recvmmsg of 64",
	 .frames = 4096,
	 .setup = setup_unix,
	 .run = run_batches,
	 .kind = UNIX},
	{.name = "peer.pipe2",
	 .note = "packet mode: 64 writes, 64 reads",
	 .frames = 4096,
	 .setup = setup_pipe,
	 .run = run_pipe},
	{0},
};
