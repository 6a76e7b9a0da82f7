// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Where a failed check of this thread goes; NULL: it ends the process. */
static __thread jmp_buf *out;
static jmp_buf claim_end;
static __thread char note[160];

static void fail_at(const char *file, int line)
{
	printf("#   at %s:%d\n", file, line);
	if (note[0])
		printf("#   with %s\n", note);
	if (!out) {
		fflush(stdout);
		_Exit(1);
	}
	longjmp(*out, 1);
}

static const char *skipped; /* why, or NULL */

static bool holds(const struct claim *c)
{
	note[0] = 0;
	skipped = NULL;
	out = &claim_end;
	if (setjmp(claim_end))
		return skipped;
	c->test();
	return true;
}

int check_run(const struct claim *claims, size_t n, void (*after)(void))
{
	size_t failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		bool held = holds(&claims[i]);

		printf("%s %zu - %s%s%s\n", held ? "ok" : "not ok", i + 1,
		       claims[i].text, skipped ? " # SKIP " : "",
		       skipped ? skipped : "");
		failed += !held;
		after();
	}
	return failed ? 1 : 0;
}

void check_skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	fflush(stdout);
	exit(77);
}

void check_skip_claim(const char *reason)
{
	skipped = reason;
	longjmp(claim_end, 1);
}

void check_is_child(void)
{
	out = NULL;
}

void check_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
}

void check_true(const char *file, int line, const char *expr, bool cond)
{
	if (cond)
		return;
	printf("# does not hold: %s\n", expr);
	fail_at(file, line);
}

void check_eq(const char *file, int line, const char *expr, const char *expect,
	      int64_t got, int64_t want)
{
	if (got == want)
		return;
	printf("# %s is %lld (0x%llx), wanted %s = %lld (0x%llx)\n", expr,
	       (long long)got, (unsigned long long)got, expect, (long long)want,
	       (unsigned long long)want);
	fail_at(file, line);
}

void check_err(const char *file, int line, const char *expr, int got, int want)
{
	if (got == want)
		return;
	printf("# %s gave %d (%s), wanted %d (%s)\n", expr, got, strerror(got),
	       want, strerror(want));
	fail_at(file, line);
}

void check_str(const char *file, int line, const char *expr, const char *got,
	       const char *want)
{
	if (!strcmp(got, want))
		return;
	printf("# %s is \"%s\", wanted \"%s\"\n", expr, got, want);
	fail_at(file, line);
}

void check_mem(const char *file, int line, const char *expr, const void *got,
	       const void *want, size_t len)
{
	const uint8_t *g = got, *w = want;

	for (size_t i = 0; i < len; i++) {
		if (g[i] == w[i])
			continue;
		printf("# %s: byte %zu of %zu is 0x%02x, wanted 0x%02x\n", expr,
		       i, len, g[i], w[i]);
		fail_at(file, line);
	}
}
