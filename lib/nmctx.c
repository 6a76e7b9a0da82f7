/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Contexts: the library's own, the default, and calls of what a context has. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib.h"

#define SENTENCE_SIZE 1000

static void own_error(struct nmctx *ctx, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "%s\n", sentence);
}

static void *own_malloc(struct nmctx *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void own_free(struct nmctx *ctx, void *p)
{
	(void)ctx;
	free(p);
}

struct nmctx nmctx_own = {
	.verbose = 1,
	.error = own_error,
	.malloc = own_malloc,
	.free = own_free,
};

static struct nmctx *current = &nmctx_own;

struct nmctx *nmctx_get(void)
{
	return __atomic_load_n(&current, __ATOMIC_ACQUIRE);
}

struct nmctx *nmctx_set_default(struct nmctx *ctx)
{
	return __atomic_exchange_n(&current, ctx, __ATOMIC_ACQ_REL);
}

void nmctx_ferror(struct nmctx *ctx, const char *fmt, ...)
{
	char sentence[SENTENCE_SIZE];
	int saved = errno;
	va_list ap;

	if (!ctx->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	ctx->error(ctx, sentence);
	errno = saved;
}

void *nmctx_malloc(struct nmctx *ctx, size_t size)
{
	void *p = ctx->malloc(ctx, size);

	if (!p)
		errno = ENOMEM;
	return p;
}

void nmctx_free(struct nmctx *ctx, void *p)
{
	if (p)
		ctx->free(ctx, p);
}

void nmctx_lock(struct nmctx *ctx)
{
	if (ctx->lock)
		ctx->lock(ctx, 1);
}

void nmctx_unlock(struct nmctx *ctx)
{
	if (ctx->lock)
		ctx->lock(ctx, 0);
}
