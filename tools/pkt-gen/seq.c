// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "seq.h"

static uint64_t *word(struct seq *s, uint32_t number)
{
	return &s->seen[number % SEQ_WINDOW / 64];
}

static void mark(struct seq *s, uint32_t number)
{
	*word(s, number) |= 1ull << number % 64;
}

/* Forgets numbers as the window moves on to @number. */
static void advance(struct seq *s, uint32_t number)
{
	uint32_t gap = number - s->next;

	if (gap >= SEQ_WINDOW) {
		for (uint32_t i = 0; i < SEQ_WINDOW / 64; i++)
			s->seen[i] = 0;
	} else {
		for (; s->next != number; s->next++)
			*word(s, s->next) &= ~(1ull << s->next % 64);
		*word(s, number) &= ~(1ull << number % 64);
	}
	s->lost += gap;
	s->next = number + 1;
	if (s->next - s->first > SEQ_WINDOW)
		s->young = false;
	mark(s, number);
}

static void come_late(struct seq *s, uint32_t number)
{
	bool recent = s->next - number <= SEQ_WINDOW;

	if (recent && (*word(s, number) >> number % 64 & 1)) {
		s->twice++;
		return;
	}
	s->late++;
	if (recent)
		mark(s, number);
	/* what was sent before the first one was not missed */
	if (s->lost > 0 && !(s->young && (int32_t)(number - s->first) < 0))
		s->lost--;
}

void seq_add(struct seq *s, uint32_t number)
{
	s->came++;
	if (!s->begun) {
		s->begun = s->young = true;
		s->first = s->next = number;
	}
	if ((int32_t)(number - s->next) >= 0)
		advance(s, number);
	else
		come_late(s, number);
}
