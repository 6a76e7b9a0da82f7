/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the readers of text have in common. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib.h"

int nmreq_fail(struct nmctx *ctx, int err, const char *fmt, ...)
{
	char sentence[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	nmctx_ferror(ctx, "%s", sentence);
	errno = err;
	return -1;
}

bool nmreq_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool nmreq_number(const char **at, uint32_t max, uint32_t *number)
{
	const char *s = *at;
	uint64_t n = 0;

	if (!nmreq_is_digit(*s))
		return false;
	for (; nmreq_is_digit(*s); s++) {
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > max)
			return false;
	}
	*number = (uint32_t)n;
	*at = s;
	return true;
}
