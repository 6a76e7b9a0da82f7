/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The lock of the library's own context. A file of its own: who links the
 * static library and does not ask for it does without the thread library. */
#include <pthread.h>

#include "lib.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void own_lock(struct nmctx *ctx, int take)
{
	(void)ctx;
	if (take)
		pthread_mutex_lock(&mutex);
	else
		pthread_mutex_unlock(&mutex);
}

void nmctx_set_threadsafe(void)
{
	nmctx_own.lock = own_lock;
}
