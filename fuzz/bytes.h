/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bytes.h - input of a fuzz target, read as a stream of small choices. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads zeros behind its end. */
struct bytes {
	const uint8_t *at, *end;
};

static inline bool bytes_left(const struct bytes *b)
{
	return b->at < b->end;
}

static inline uint8_t take_u8(struct bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

static inline uint32_t take_u32(struct bytes *b)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)take_u8(b) << 8 * i;
	return v;
}

static inline uint64_t take_u64(struct bytes *b)
{
	uint64_t low = take_u32(b);

	return low | (uint64_t)take_u32(b) << 32;
}

static inline void take_bytes(struct bytes *b, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = take_u8(b);
}

#endif
