/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pair_run.h - starts pair.c's program, and asks it. */
#ifndef PAIR_RUN_H
#define PAIR_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct pair_run {
	pid_t pid;
	FILE *to, *from;
	char refusal[200]; /* after false */
};

struct pair_slice {
	unsigned long long ns;
	unsigned long frames;	  /* received within ns; round trips */
	unsigned long sent, lost; /* from begin to end */
};

/* The argument CPUS of pair.c: the first @n that we may use, 1 or 2; 0: all.
 * false: there are fewer. */
bool pair_cpus(unsigned n, char *text, size_t size);

/* @argv as pair.c has it. pair_run_end() in any case. */
bool pair_run_start(struct pair_run *r, const char *const argv[]);
bool pair_run_slice(struct pair_run *r, unsigned ms, struct pair_slice *s);
void pair_run_end(struct pair_run *r);

#endif
