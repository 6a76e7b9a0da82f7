// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_copy.c - the floor: 64 bytes from one memory to another.
 *
 * Nothing that copies frames between two regions can be faster. Buffers lie
 * as in a region of netmap, 1024 in each of two memfds; only the spacing
 * differs between the two rows. At 2048 all headers fall into few sets of the
 * cache, which is why regions do not use it.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench.h"

#define BUFFERS 1024u
#define PASSES	16 /* per step, so that reading the clock does not count */

struct copy {
	uint8_t *src, *dst;
	size_t size, spacing;
};

/* Shared memory with the kind of pages that regions have; NULL: refused. */
static uint8_t *region_map(size_t size)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);
	uint8_t *p = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)size))
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED) {
		bench_refuse("no memfd of %zu bytes", size);
		return NULL;
	}
	madvise(p, size, MADV_HUGEPAGE); /* a hint: it may not be there */
	memset(p, 1, size);
	return p;
}

static void copy_close(void *state)
{
	struct copy *c = state;

	if (c->src)
		munmap(c->src, c->size);
	if (c->dst)
		munmap(c->dst, c->size);
	free(c);
}

static void *copy_open(const struct bench_def *def)
{
	struct copy *c = calloc(1, sizeof(*c));

	if (!c) {
		bench_refuse("no memory");
		return NULL;
	}
	c->spacing = (size_t)def->arg;
	c->size = BUFFERS * c->spacing;
	c->src = region_map(c->size);
	c->dst = c->src ? region_map(c->size) : NULL;
	if (!c->dst) {
		copy_close(c);
		return NULL;
	}
	return c;
}

static unsigned copy_step(void *state)
{
	const struct copy *c = state;

	for (unsigned pass = 0; pass < PASSES; pass++) {
		const uint8_t *s = c->src;
		uint8_t *d = c->dst;

		for (unsigned i = 0; i < BUFFERS; i++) {
			memcpy(d, s, 64);
			s += c->spacing;
			d += c->spacing;
		}
		/* each pass is a pass: memory may have been looked at */
		__asm__ volatile("" ::: "memory");
	}
	return PASSES * BUFFERS;
}

const struct bench_def bench_copy_rows[] = {
	{
		.name = "copy64",
		.note = "the floor: 64 B copies between two memfds, buffers "
			"2112 apart",
		.arg = 2112,
		.open = copy_open,
		.step = copy_step,
		.close = copy_close,
	},
	{
		.name = "copy64.2048",
		.note = "the same, buffers 2048 apart",
		.arg = 2048,
		.open = copy_open,
		.step = copy_step,
		.close = copy_close,
	},
	{0},
};
