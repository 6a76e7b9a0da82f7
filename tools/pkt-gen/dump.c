// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include "worker.h"

#define PER_LINE 16

static void line(const uint8_t *p, uint32_t at, uint32_t n)
{
	printf("%04x ", at);
	for (uint32_t i = 0; i < PER_LINE; i++)
		if (i < n)
			printf(" %02x", p[i]);
		else
			printf("   ");
	printf("  ");
	for (uint32_t i = 0; i < n; i++)
		putchar(isprint(p[i]) ? p[i] : '.');
	putchar('\n');
}

void dump_frame(const uint8_t *data, uint32_t len)
{
	flockfile(stdout);
	printf("%u bytes\n", len);
	for (uint32_t at = 0; at < len; at += PER_LINE)
		line(data + at, at, len - at < PER_LINE ? len - at : PER_LINE);
	funlockfile(stdout);
}
