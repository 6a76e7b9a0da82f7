// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>

#include "batch.h"

void batch_init(struct batch *b, int tx, int rx)
{
	unsigned int i;

	b->tx = tx;
	b->rx = rx;
	for (i = 0; i < BENCH_BATCH; i++) {
		bench_frame(b->frames[i], BENCH_FRAME, 2, 1);
		b->out_iov[i].iov_base = b->frames[i];
		b->out_iov[i].iov_len = BENCH_FRAME;
		b->out[i].msg_hdr.msg_iov = &b->out_iov[i];
		b->out[i].msg_hdr.msg_iovlen = 1;
		b->in_iov[i].iov_base = b->bufs[i];
		b->in_iov[i].iov_len = sizeof(b->bufs[i]);
		b->in[i].msg_hdr.msg_iov = &b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
	}
}

unsigned int batch_send(struct batch *b)
{
	int n = sendmmsg(b->tx, b->out, BENCH_BATCH, 0);

	return n < 0 ? 0 : (unsigned int)n;
}

bool batch_wait(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return errno == EAGAIN && poll(&p, 1, 1000) == 1;
}

unsigned int batch_receive(struct batch *b)
{
	unsigned int got = 0;
	int n;

	while (got < BENCH_BATCH) {
		n = recvmmsg(b->rx, b->in + got, BENCH_BATCH - got,
			     MSG_DONTWAIT, NULL);
		if (n > 0)
			got += (unsigned int)n;
		else if (!batch_wait(b->rx))
			break;
	}
	return got;
}

unsigned int batch_run(struct batch *b, unsigned int n)
{
	unsigned int got = 0, last;

	for (; n; n -= BENCH_BATCH) {
		if (batch_send(b) != BENCH_BATCH)
			break;
		last = batch_receive(b);
		got += last;
		if (last != BENCH_BATCH)
			break;
	}
	return got;
}
