/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* batch.h - BENCH_BATCH frames per sendmmsg and recvmmsg. */
#ifndef BENCH_KERNEL_BATCH_H
#define BENCH_KERNEL_BATCH_H

#include <stdbool.h>
#include <sys/socket.h>

#include "bench.h"

struct batch {
	int tx;
	int rx;
	struct mmsghdr out[BENCH_BATCH];
	struct mmsghdr in[BENCH_BATCH];
	struct iovec out_iov[BENCH_BATCH];
	struct iovec in_iov[BENCH_BATCH];
	uint8_t frames[BENCH_BATCH][BENCH_FRAME];
	uint8_t bufs[BENCH_BATCH][2048];
};

/* Frames go from socket @tx (connected or bound) to socket @rx. */
void batch_init(struct batch *b, int tx, int rx);

/* Both return how many frames went before the first failure. */
unsigned int batch_send(struct batch *b);
unsigned int batch_receive(struct batch *b);

/* After a read that found nothing: true once there is something, which takes
 * a while when the kernel has handed its softirqs to a thread; false after a
 * second without. */
bool batch_wait(int fd);

/* Sends and receives @n frames in turns; returns how many arrived. */
unsigned int batch_run(struct batch *b, unsigned int n);

#endif
