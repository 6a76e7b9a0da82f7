/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz.h - what the fuzz targets have in common: input read as a stream of
 * small choices, and a world that must be empty again at the end.
 *
 * A target is one function that takes any bytes. It is linked with libFuzzer
 * (make fuzz) or with replay.c (tests).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Reads zeros behind its end. */
struct bytes {
	const u8 *at, *end;
};

static inline bool bytes_left(const struct bytes *b)
{
	return b->at < b->end;
}

static inline u8 take_u8(struct bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

static inline u32 take_u32(struct bytes *b)
{
	u32 v = 0;

	for (int i = 0; i < 4; i++)
		v |= (u32)take_u8(b) << 8 * i;
	return v;
}

static inline u64 take_u64(struct bytes *b)
{
	u64 low = take_u32(b);

	return low | (u64)take_u32(b) << 32;
}

static inline void take_bytes(struct bytes *b, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((u8 *)to)[i] = take_u8(b);
}

/* Ends a run: what is left over is a bug. */
static inline void fuzz_end(void)
{
	const char *broken = sim_end();

	if (broken)
		sim_die("%s", broken);
}

#endif
