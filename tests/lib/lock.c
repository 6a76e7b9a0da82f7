/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lock.c - the library's context has a lock before main(), unless the program
 * says LIBNETMAP_NOTHREADSAFE; a default that the program chose stays. Compiled
 * with and without, as C and, through lock.cc, as C++.
 */
#include <libnetmap.h>
#include <stdio.h>

int main(void)
{
	struct nmctx *own = nmctx_get(), mine = *own;
	int good = 1;

#ifdef LIBNETMAP_NOTHREADSAFE
	good = own->lock == NULL;
#else
	good = own->lock != NULL;
#endif
	nmctx_lock(own);
	nmctx_unlock(own);

	mine.lock = NULL;
	good = good && nmctx_set_default(&mine) == own;
	nmctx_set_threadsafe(); /* as another file's constructor would */
	good = good && nmctx_get() == &mine && mine.lock == NULL;
	good = good && own->lock != NULL;
	if (!good)
		printf("lock %s\n", own->lock ? "there" : "not there");
	return !good;
}
