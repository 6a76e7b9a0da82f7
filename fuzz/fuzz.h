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

#include "bytes.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Ends a run: what is left over is a bug. */
static inline void fuzz_end(void)
{
	const char *broken = sim_end();

	if (broken)
		sim_die("%s", broken);
}

#endif
