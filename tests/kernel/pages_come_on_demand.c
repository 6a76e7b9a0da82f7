// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A port takes little memory until it is used; threads that touch the same
 * untouched pages at once see the same ones; what was another region's before
 * comes zeroed; all of it goes with the last user.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kt.h"

#define PAGE	4096
#define THREADS 4
#define PORTS	4

static struct kt_port port;

/* Free memory in KiB, caches included. */
static long available_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	KT_CHECK(f && kib > 0);
	fclose(f);
	return kib;
}

/* Adds one to the last word of every page from the middle on: buffers that
 * nobody was given. */
static void *touch(void *arg)
{
	size_t at;

	(void)arg;
	for (at = port.size / 2 / PAGE * PAGE; at < port.size; at += PAGE)
		atomic_fetch_add(
			(atomic_uint *)(void *)(port.mem + at + PAGE - 4), 1);
	return NULL;
}

static void touch_together(void)
{
	pthread_t threads[THREADS];
	size_t at;

	for (int i = 0; i < THREADS; i++)
		KT_CHECK(pthread_create(&threads[i], NULL, touch, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		KT_CHECK(pthread_join(threads[i], NULL) == 0);
	for (at = port.size / 2 / PAGE * PAGE; at < port.size; at += PAGE) {
		unsigned int *word = (void *)(port.mem + at);

		for (int i = 0; i < PAGE / 4 - 1; i++)
			KT_CHECK(word[i] == 0);
		KT_CHECK(word[PAGE / 4 - 1] == THREADS);
	}
}

/* Several, since the kernel counts free memory in batches. */
static void check_cost_of_open(void)
{
	static const char *const names[PORTS] = {"vale0:0", "vale0:1",
						 "vale0:2", "vale0:3"};
	long before = available_kib(), each;
	struct kt_port ports[PORTS];

	for (int i = 0; i < PORTS; i++)
		kt_open(&ports[i], names[i]);
	each = (before - available_kib()) / PORTS;
	printf("%ld KiB at open, of a region of %zu\n", each,
	       ports[0].size / 1024);
	/* two rings of 1024 buffers, tables, and some slack */
	KT_CHECK(each < 6 * 1024);
	for (int i = 0; i < PORTS; i++)
		kt_close(&ports[i]);
}

int main(void)
{
	long before;

	kt_open(&port, "vale0:first");
	touch_together();
	kt_close(&port);
	before = available_kib();
	check_cost_of_open();
	/* once more: the same pages, dirty a moment ago */
	kt_open(&port, "vale0:again");
	touch_together();
	kt_close(&port);
	KT_CHECK(before - available_kib() < (long)(port.size / 1024 / 8));
	return 0;
}
