// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Memory. A region is one memfd, mapped once: address space for all of it,
 * pages as they are touched. That populating is the kernel's business here:
 * os_mem_populate() only says where.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mem.h"
#include "os_mem.h"

#define HUGE_PAGE (2u << 20)

struct os_mem {
	u8 *addr;
	u64 size;
	int fd; /* -1: adopted */
};

void *os_alloc(size_t size)
{
	void *p;

	/* Large tables: whole zero pages from the system, huge if it may. */
	size = (size + 63) & ~(size_t)63;
	if (posix_memalign(&p, size >= HUGE_PAGE ? HUGE_PAGE : 64,
			   size ? size : 64))
		return NULL;
	if (size >= HUGE_PAGE)
		madvise(p, size, MADV_HUGEPAGE);
	memset(p, 0, size);
	return p;
}

void os_free(void *p)
{
	free(p);
}

static int map(struct os_mem *m, unsigned int memfd_flags, int mmap_flags)
{
	m->fd = memfd_create("netmap",
			     MFD_CLOEXEC | MFD_ALLOW_SEALING | memfd_flags);
	if (m->fd < 0)
		return -ENOMEM;
	/* Who gets it cannot pull it away from under us. */
	if (!ftruncate(m->fd, (off_t)m->size) &&
	    !fcntl(m->fd, F_ADD_SEALS,
		   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		m->addr = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | mmap_flags, m->fd, 0);
		if (m->addr != MAP_FAILED)
			return 0;
	}
	close(m->fd);
	return -ENOMEM;
}

/* Reserved in full, so that a touch can never fail. */
static int map_hugetlb(struct os_mem *m)
{
	u64 size = m->size;
	int err;

	m->size = (size + HUGE_PAGE - 1) & ~(u64)(HUGE_PAGE - 1);
	err = map(m, MFD_HUGETLB, 0);
	if (err)
		m->size = size;
	return err;
}

int os_mem_create(struct os_mem **mem, u64 size, struct nm_region *region)
{
	struct os_mem *m = calloc(1, sizeof(*m));
	int err = -ENOMEM;

	if (!m)
		return -ENOMEM;
	m->size = size;
	if (region->core->params.huge_pages)
		err = map_hugetlb(m);
	if (err)
		err = map(m, 0, MAP_NORESERVE);
	if (err) {
		free(m);
		return err;
	}
	madvise(m->addr, m->size, MADV_HUGEPAGE);
	*mem = m;
	return 0;
}

int os_mem_adopt(struct os_mem **mem, struct os_pin *pin,
		 struct nm_region *region)
{
	struct os_mem *m = calloc(1, sizeof(*m));

	(void)region;
	if (!m)
		return -ENOMEM;
	m->addr = os_pin_addr(pin);
	m->fd = -1;
	*mem = m;
	return 0;
}

int os_mem_populate(struct os_mem *m, u64 off, u64 len, void **addr)
{
	*addr = m->addr + off;
	if (m->fd < 0)
		memset(*addr, 0, len);
	return 0;
}

/* Faults, one for each page, take ten times as long. */
void os_mem_expect(struct os_mem *m, u64 off, u64 len)
{
	u64 start = off & ~(u64)(OS_PAGE_SIZE - 1);

	/* Where there is no memory, or the system does not know of this, who
	 * writes will find out. */
	if (m->fd >= 0)
		madvise(m->addr + start, off + len - start,
			MADV_POPULATE_WRITE);
}

/* There is one process. */
bool os_mem_is_callers(const struct os_mem *m, const struct os_caller *c)
{
	(void)m;
	(void)c;
	return true;
}

void os_mem_forget(struct os_mem *m)
{
	(void)m;
}

void os_mem_destroy(struct os_mem *m)
{
	if (m->fd >= 0) {
		munmap(m->addr, m->size);
		close(m->fd);
	}
	free(m);
}

void *os_mem_addr(const struct os_mem *m)
{
	return m->addr;
}

int os_mem_fd(const struct os_mem *m)
{
	return m->fd;
}
