/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * csum.h - the Internet checksum (RFC 1071), kept up to date word by word
 * (RFC 1624). A sum is a one's complement sum of 16-bit words, folded, not
 * inverted, of numbers in our byte order; whatever is not empty has a sum other
 * than 0, so 0 needs no care here.
 */
#ifndef PKT_GEN_CSUM_H
#define PKT_GEN_CSUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* The sum, where a word @old of what was summed has become @new. */
static inline uint16_t csum_replace(uint16_t sum, uint16_t old, uint16_t new)
{
	uint32_t s = (uint32_t)sum + (uint16_t)~old + new; /* 3 words */

	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)((s & 0xffff) + (s >> 16));
}

/* The sum of @len bytes, a 0 behind an odd one. */
static inline uint16_t csum_bytes(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint64_t)p[i] << 8 | p[i + 1];
	if (len % 2)
		sum += (uint64_t)p[len - 1] << 8;
	return csum_fold(sum);
}

#endif
