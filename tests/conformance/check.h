/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * check.h - claims and checks, with no library, so that a static program can
 * run in a kernel that has just booted.
 *
 * A program is a table of claims. Each is printed as a TAP line when it has
 * held, or as `not ok` with the place, the expression and both values; the
 * others are tried all the same, and the program then exits 1.
 */
#ifndef CONFORMANCE_CHECK_H
#define CONFORMANCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct claim {
	const char *text; /* what holds, as a sentence */
	void (*test)(void);
};

/* Tries all claims; @after runs behind each, held or not, and leaves nothing
 * open. Returns the exit status. */
int check_run(const struct claim *claims, size_t n, void (*after)(void));

/* Ends the program: the home cannot do what it needs. Exit 77. */
void check_skip(const char *reason) __attribute__((noreturn));

/* Ends the claim: the home cannot do what it says. Printed with the reason. */
void check_skip_claim(const char *reason) __attribute__((noreturn));

/* In a forked child: a failed check ends the process with exit 1. */
void check_is_child(void);

/* Where a loop is, printed if a check fails; until the next claim. */
void check_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* @cond is true. */
#define CHECK(cond) check_true(__FILE__, __LINE__, #cond, cond)
/* Equal numbers. */
#define CHECK_EQ(got, want)                                       \
	check_eq(__FILE__, __LINE__, #got, #want, (int64_t)(got), \
		 (int64_t)(want))
/* 0 or an errno, printed by name. */
#define CHECK_ERR(got, want) check_err(__FILE__, __LINE__, #got, (got), (want))
#define CHECK_STR(got, want) check_str(__FILE__, __LINE__, #got, (got), (want))
/* The same @len bytes. */
#define CHECK_MEM(got, want, len) \
	check_mem(__FILE__, __LINE__, #got, (got), (want), (len))

void check_true(const char *file, int line, const char *expr, bool cond);
void check_eq(const char *file, int line, const char *expr, const char *expect,
	      int64_t got, int64_t want);
void check_err(const char *file, int line, const char *expr, int got, int want);
void check_str(const char *file, int line, const char *expr, const char *got,
	       const char *want);
void check_mem(const char *file, int line, const char *expr, const void *got,
	       const void *want, size_t len);

#endif
