/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Threads open and close ports of two regions at once: a region is mapped while
 * anybody uses it, once, and not longer. The device is made up here: its
 * regions are memory of the process, and it counts what is mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libnetmap.h>
#include <net/netmap_ext.h>

#define THREADS 4
#define ROUNDS	2000
#define SIZE	8192

#define CHECK(cond)                                               \
	do {                                                      \
		if (!(cond)) {                                    \
			printf("line %d: %s\n", __LINE__, #cond); \
			exit(1);                                  \
		}                                                 \
	} while (0)

static char region[2][SIZE] __attribute__((aligned(4096)));
static int descriptors, mapped[2];

int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __wrap_munmap(void *addr, size_t len);

/* The descriptor of every port in region 1 is 1001, of region 2 1002. */
static __thread int asked;

int __wrap_open64(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	__atomic_add_fetch(&descriptors, 1, __ATOMIC_RELAXED);
	return 1000 + asked;
}

int __wrap_close(int fd)
{
	(void)fd;
	__atomic_sub_fetch(&descriptors, 1, __ATOMIC_RELAXED);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct nmreq_header *h = arg;
	struct nmreq_register *r = (void *)(uintptr_t)h->nr_body;

	CHECK(request == NIOCCTRL);
	if (h->nr_reqtype == NETMAP_REQ_X_REFUSALS_GET) {
		errno = ENOENT;
		return -1;
	}
	CHECK(fd == 1000 + r->nr_mem_id);
	r->nr_memsize = SIZE;
	return 0;
}

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	(void)addr;
	(void)prot;
	(void)flags;
	(void)offset;
	CHECK(len == SIZE);
	CHECK(__atomic_add_fetch(&mapped[fd - 1001], 1, __ATOMIC_RELAXED) == 1);
	sched_yield(); /* let another thread find what is half done */
	return region[fd - 1001];
}

int __wrap_munmap(void *addr, size_t len)
{
	CHECK(len == SIZE);
	__atomic_sub_fetch(&mapped[addr == region[1]], 1, __ATOMIC_RELAXED);
	sched_yield();
	return 0;
}

static struct nmport_d *open_in(int id)
{
	char spec[32];
	struct nmport_d *d;

	snprintf(spec, sizeof(spec), "vale0:a@%d@conf:slots=8", id);
	asked = id;
	d = nmport_open(spec);
	CHECK(d && d->mem->mem == region[id - 1]);
	CHECK(__atomic_load_n(&mapped[id - 1], __ATOMIC_RELAXED) == 1);
	return d;
}

static void *opener(void *arg)
{
	int first = 1 + (int)(uintptr_t)arg % 2;

	for (int i = 0; i < ROUNDS; i++) {
		struct nmport_d *a = open_in(first);
		struct nmport_d *b = open_in(3 - first);
		struct nmport_d *c;

		nmport_close(a);
		asked = 3 - first;
		c = nmport_clone(b);
		CHECK(c && nmport_open_desc(c) == 0 && c->mem == b->mem);
		nmport_close(b);
		nmport_close(c);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];

	CHECK(nmctx_get()->lock != NULL);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&t[i], NULL, opener, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CHECK(descriptors == 0 && mapped[0] == 0 && mapped[1] == 0);
	CHECK(nmctx_get()->mem_descs == NULL);
	return 0;
}
