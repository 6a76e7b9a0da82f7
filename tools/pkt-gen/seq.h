/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * seq.h - what happened to numbered frames. The last SEQ_WINDOW numbers are
 * remembered one by one; a frame that is later than that counts as late.
 */
#ifndef PKT_GEN_SEQ_H
#define PKT_GEN_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#define SEQ_WINDOW 1024u

struct seq {
	bool begun;
	bool young; /* less than a window has passed since the first */
	uint32_t first;
	uint32_t next; /* the highest number that came, and 1 */
	uint64_t came; /* frames, each kind */
	uint64_t lost; /* numbers below next that did not come (so far) */
	uint64_t late; /* came behind a higher number */
	uint64_t twice;
	uint64_t seen[SEQ_WINDOW / 64]; /* of next - SEQ_WINDOW .. next - 1 */
};

/* Counts a frame. The first number, whatever it is, begins the stream. */
void seq_add(struct seq *s, uint32_t number);

#endif
