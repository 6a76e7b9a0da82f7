// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * dump.c - frames in hex.
 *
 *   mark  offset  16 bytes                                          as text
 *         0000    02 00 00 00 00 0b 02 00 00 00 00 0a 08 00 45 00   ......
 *   -     0010    ...   what was expected, where the rows differ
 *   +     0010    ...   what was received
 *                       ^^ the first byte that differs
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "demo.h"

#define ROW 16u

/* The bytes of row @at; how many there are: 0 .. ROW. */
static unsigned row_len(const struct frame *f, uint32_t at)
{
	if (!f || at >= f->len)
		return 0;
	return f->len - at < ROW ? f->len - at : ROW;
}

static void print_row(char mark, const struct frame *f, uint32_t at)
{
	unsigned n = row_len(f, at);

	printf("%c %04x  ", mark, at);
	for (unsigned i = 0; i < ROW; i++) {
		if (i < n)
			printf("%02x ", f->data[at + i]);
		else
			printf("   ");
	}
	putchar(' ');
	for (unsigned i = 0; i < n; i++) {
		int c = f->data[at + i];

		putchar(isprint(c) ? c : '.');
	}
	putchar('\n');
}

static uint32_t first_difference(const struct frame *a, const struct frame *b)
{
	uint32_t i = 0;

	while (i < a->len && i < b->len && a->data[i] == b->data[i])
		i++;
	return i;
}

void dump_frame(const struct frame *f)
{
	for (uint32_t at = 0; at < f->len; at += ROW)
		print_row(' ', f, at);
}

static void dump_one(const struct frame *f, char mark)
{
	for (uint32_t at = 0; at < f->len; at += ROW)
		print_row(mark, f, at);
}

static void dump_both(const struct frame *a, const struct frame *b)
{
	uint32_t end = a->len > b->len ? a->len : b->len;
	uint32_t first = first_difference(a, b);

	printf("first difference at byte %u (0x%x)\n", first, first);
	for (uint32_t at = 0; at < end; at += ROW) {
		unsigned n = row_len(a, at), m = row_len(b, at);

		if (n == m && !memcmp(a->data + at, b->data + at, n)) {
			print_row(' ', a, at);
			continue;
		}
		if (n)
			print_row('-', a, at);
		if (m)
			print_row('+', b, at);
		if (first - at < ROW)
			printf("%*s^^\n", (int)(8 + 3 * (first - at)), "");
	}
}

void dump_difference(const struct frame *expected, const struct frame *got)
{
	printf("  -  expected: ");
	if (expected)
		printf("%u bytes\n", expected->len);
	else
		puts("nothing");
	printf("  +  received: ");
	if (got)
		printf("%u bytes\n", got->len);
	else
		puts("nothing");
	if (expected && got)
		dump_both(expected, got);
	else if (expected)
		dump_one(expected, '-');
	else if (got)
		dump_one(got, '+');
}
