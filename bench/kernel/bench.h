/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench.h - the rows of the kernel bench.
 *
 * It runs in a guest whose clock counts instructions: one cycle of the time
 * stamp counter is one instruction, of program and kernel together. One thread
 * sends and receives; what a row reports is instructions per frame.
 */
#ifndef BENCH_KERNEL_BENCH_H
#define BENCH_KERNEL_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_BATCH 64 /* frames per system call, where a peer has batches */
#define BENCH_FRAME 60 /* bytes, without checksum */
#define BENCH_LONG  1514

struct bench_row {
	const char *name;
	const char *note;
	/* frames per round, a multiple of the row's batch */
	unsigned int frames;
	/* 0, or -1 and errno; called once */
	int (*setup)(const struct bench_row *row);
	/* Moves @n frames from sender to receiver; returns how many arrived. */
	unsigned int (*run)(const struct bench_row *row, unsigned int n);
	/* the row, of those before, whose cost is subtracted; NULL: none */
	const char *minus;
	/* what setup and run share; each file's own meaning */
	unsigned int batch;
	unsigned int len;
	int kind;
};

extern const struct bench_row netmap_rows[];
extern const struct bench_row nic_rows[];
extern const struct bench_row sink_rows[];
extern const struct bench_row socket_rows[];
extern const struct bench_row link_rows[];

/* An Ethernet frame of @len bytes from station @src to station @dst, with a
 * type that no protocol takes. */
void bench_frame(uint8_t *frame, size_t len, uint8_t dst, uint8_t src);

#endif
