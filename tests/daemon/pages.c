// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A page that cannot be had becomes one of zeros, in whatever thread. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "os_spawn.h"
#include "sandbox.h"

#define PAGE 4096

/* Reads, and writes, where nothing is any more. */
static void *touch(void *arg)
{
	volatile char *page = arg;

	page[1] += 2;
	return (void *)(long)(page[0] == 0 && page[1] == 2);
}

/* A page of a file that was cut; NULL: it cannot be made. */
static void *lost_page(void)
{
	int fd = memfd_create("cut", MFD_CLOEXEC);
	char *p;

	if (fd < 0 || ftruncate(fd, PAGE))
		return NULL;
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	memset(p, 7, PAGE);
	if (ftruncate(fd, 0))
		return NULL;
	close(fd);
	return p;
}

/* A huge page where there is none to be had; NULL: the system has no such. */
static void *lost_huge_page(void)
{
	size_t size = 2u << 20;
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		return NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		 fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* True, too, where there are huge pages to be had, or none at all. */
static bool huge_page_is_replaced(void)
{
	unsigned before = nmd_sandbox_pages_lost();
	char *page = lost_huge_page();

	if (!page)
		return true;
	if (!touch(page))
		return false;
	if (nmd_sandbox_pages_lost() == before)
		return true;
	/* All of it is zeros now, and no more is lost. */
	return touch(page + (1u << 20)) &&
	       nmd_sandbox_pages_lost() == before + 1;
}

int main(void)
{
	void *mine = lost_page(), *others = lost_page(), *fine = NULL;
	pthread_t thread;

	if (!mine || !others) {
		perror("a page to lose");
		return 1;
	}
	nmd_sandbox_pages();
	if (!touch(mine) || os_spawn(&thread, -1, touch, others) ||
	    pthread_join(thread, &fine) || !fine)
		return 1;
	return nmd_sandbox_pages_lost() != 2 || !huge_page_is_replaced();
}
