// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * memory.c - private and mappable memory.
 *
 * Private memory lies between red zones and is filled with a pattern when it
 * is freed. While a scenario runs, freed memory is kept until its end, so that
 * an access by the other thread is told from an access to something new.
 *
 *   | header, size | red zone | what the core gets ... | red zone |
 *
 * Large blocks are mappings of their own: zeroed by the system as they are
 * touched, and without access, but for their first page, once they are freed.
 *
 * Mappable memory is address space without access, with a guard before and
 * behind; populating a range makes it accessible. A client that touches a
 * range too early gets it by nm_region_fault(), as from a page fault.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "mem.h"
#include "sim_int.h"

#define ALIGN	 64u
#define RED_ZONE 64u
#define RED	 0xa5
#define FREED	 0xdb
#define GUARD	 (64u * OS_PAGE_SIZE)
#define LARGE	 (8u * OS_PAGE_SIZE)

struct block {
	size_t size;
	unsigned number; /* of the allocation since sim_begin() */
	struct block *next, *prev;
};

struct os_mem {
	u8 *base; /* of the mapping, guard included */
	u64 size; /* of the region */
	u64 populated;
	struct nm_region *region;
	bool adopted; /* memory of a caller, without guards of ours */
	bool shared;  /* sim_mem_share() */
	struct os_mem *next;
};

_Static_assert(sizeof(struct block) <= ALIGN, "the header is one line");

static struct block live = {.next = &live, .prev = &live};
static struct block freed = {.next = &freed, .prev = &freed};
static unsigned allocations;
static struct os_mem *mems;
static struct sigaction segv_before;

/* ---- private ---- */

static u8 *block_data(struct block *b)
{
	return (u8 *)b + ALIGN + RED_ZONE;
}

static void block_insert(struct block *head, struct block *b)
{
	b->next = head->next;
	b->prev = head;
	head->next->prev = b;
	head->next = b;
}

static void block_remove(struct block *b)
{
	b->prev->next = b->next;
	b->next->prev = b->prev;
}

static bool is_filled(const u8 *p, size_t n, u8 with)
{
	return !n || (*p == with && !memcmp(p, p + 1, n - 1));
}

static void check_red_zones(struct block *b)
{
	u8 *data = block_data(b);

	if (!is_filled(data - RED_ZONE, RED_ZONE, RED) ||
	    !is_filled(data + b->size, RED_ZONE, RED))
		sim_die("allocation %u of %zu bytes was written outside",
			b->number, b->size);
}

static size_t block_total(size_t size)
{
	size_t total = ALIGN + RED_ZONE + size + RED_ZONE;
	size_t unit = size < LARGE ? ALIGN : OS_PAGE_SIZE;

	return (total + unit - 1) / unit * unit;
}

static struct block *block_create(size_t size)
{
	size_t total = block_total(size);
	void *p;

	if (size < LARGE) {
		p = aligned_alloc(ALIGN, total);
		if (p)
			memset(p, 0, total);
		return p;
	}
	p = mmap(NULL, total, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void block_destroy(struct block *b)
{
	if (b->size < LARGE)
		free(b);
	else
		munmap(b, block_total(b->size));
}

/* Bytes that are filled when the block is freed; the rest is closed. */
static size_t block_filled(const struct block *b)
{
	return b->size < LARGE ? b->size : OS_PAGE_SIZE - ALIGN - RED_ZONE;
}

static void block_close(struct block *b)
{
	memset(block_data(b), FREED, block_filled(b));
	if (b->size >= LARGE &&
	    mprotect((u8 *)b + OS_PAGE_SIZE,
		     block_total(b->size) - OS_PAGE_SIZE, PROT_NONE))
		sim_die("freed memory cannot be closed");
}

void *os_alloc(size_t size)
{
	struct block *b;

	sim_yield("os_alloc");
	sim_may_sleep("os_alloc");
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return NULL;
	b = block_create(size);
	if (!b)
		return NULL;
	b->size = size;
	b->number = ++allocations;
	memset(block_data(b) - RED_ZONE, RED, RED_ZONE);
	memset(block_data(b) + size, RED, RED_ZONE);
	block_insert(&live, b);
	sim.live.allocs++;
	return block_data(b);
}

void os_free(void *p)
{
	struct block *b;

	sim_yield("os_free");
	sim_may_sleep("os_free");
	if (!p)
		return;
	b = (struct block *)(void *)((u8 *)p - RED_ZONE - ALIGN);
	if (sim_is_freed(p))
		sim_die("allocation %u is freed twice", b->number);
	check_red_zones(b);
	sim_store_flush();
	block_remove(b);
	sim.live.allocs--;
	if (!sim.scenario) {
		block_destroy(b);
		return;
	}
	block_close(b);
	block_insert(&freed, b);
}

bool sim_is_freed(const volatile void *p)
{
	for (struct block *b = freed.next; b != &freed; b = b->next) {
		if ((u8 *)(uintptr_t)p - block_data(b) < (ptrdiff_t)b->size &&
		    (u8 *)(uintptr_t)p >= block_data(b))
			return true;
	}
	return false;
}

void sim_memory_begin(void)
{
	allocations = 0;
}

void sim_memory_end(void)
{
	struct block *b;

	while ((b = freed.next) != &freed) {
		if (!is_filled(block_data(b), block_filled(b), FREED))
			sim_die("allocation %u was written after it was freed",
				b->number);
		block_remove(b);
		block_destroy(b);
	}
	for (b = live.next; b != &live; b = b->next)
		check_red_zones(b);
}

/* ---- mappable ---- */

static struct os_mem *mem_at(const u8 *addr)
{
	struct os_mem *m = mems;

	while (m &&
	       !(addr >= m->base + GUARD && addr < m->base + GUARD + m->size))
		m = m->next;
	return m;
}

bool sim_is_shared(const void *p)
{
	return mem_at(p);
}

/* A client touched a page early; everything else is the end. */
static void on_segv(int sig, siginfo_t *info, void *context)
{
	u8 *addr = info->si_addr;
	struct os_mem *m = mem_at(addr);
	void *seen;

	(void)sig;
	(void)context;
	if (m && !m->adopted && !sim_self()->nheld && !sim_self()->read_depth &&
	    !nm_region_fault(m->region, (u64)(addr - m->base - GUARD), &seen))
		return;
	sim_die("access to %p, %s", (void *)addr,
		m ? "a page of a region that is not populated"
		  : "which is in no region");
}

void sim_segv_catch(void)
{
	struct sigaction sa = {.sa_sigaction = on_segv,
			       .sa_flags = SA_SIGINFO | SA_NODEFER};

	sigaction(SIGSEGV, &sa, &segv_before);
}

static void segv_release(void)
{
	sigaction(SIGSEGV, &segv_before, NULL);
}

static void mem_add(struct os_mem *m, struct nm_region *region)
{
	m->region = region;
	if (!mems)
		sim_segv_catch();
	m->next = mems;
	mems = m;
	sim.live.mems++;
}

int os_mem_create(struct os_mem **mem, u64 size, struct nm_region *region)
{
	struct os_mem *m;

	sim_yield("os_mem_create");
	sim_may_sleep("os_mem_create");
	if (size % OS_PAGE_SIZE)
		sim_die("a region has %llu bytes, no whole pages",
			(unsigned long long)size);
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->base = mmap(NULL, size + 2 * GUARD, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->base == MAP_FAILED) {
		free(m);
		return -ENOMEM;
	}
	m->size = size;
	mem_add(m, region);
	*mem = m;
	return 0;
}

int os_mem_adopt(struct os_mem **mem, struct os_pin *pin,
		 struct nm_region *region)
{
	struct os_mem *m;

	sim_yield("os_mem_adopt");
	sim_may_sleep("os_mem_adopt");
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->adopted = true;
	m->base = (u8 *)os_pin_addr(pin) - GUARD;
	m->size = sim_pin_len(pin);
	mem_add(m, region);
	*mem = m;
	return 0;
}

void os_mem_expect(struct os_mem *mem, u64 off, u64 len)
{
	if (off > mem->size || len > mem->size - off)
		sim_die("%llu bytes at %llu of a region of %llu are expected",
			(unsigned long long)len, (unsigned long long)off,
			(unsigned long long)mem->size);
}

int os_mem_populate(struct os_mem *mem, u64 off, u64 len, void **addr)
{
	u8 *at = mem->base + GUARD + off;

	sim_yield("os_mem_populate");
	sim_may_sleep("os_mem_populate");
	if (off % OS_PAGE_SIZE || len % OS_PAGE_SIZE || !len ||
	    off > mem->size || len > mem->size - off)
		sim_die("populating %llu bytes at %llu of a region of %llu",
			(unsigned long long)len, (unsigned long long)off,
			(unsigned long long)mem->size);
	if (sim_should_fail(SIM_FAIL_MEMORY))
		return -ENOMEM;
	if (mem->adopted)
		memset(at, 0, len);
	else if (mprotect(at, len, PROT_READ | PROT_WRITE))
		return -ENOMEM;
	mem->populated += len;
	if (mem->populated > mem->size)
		sim_die("a range of a region is populated twice");
	*addr = at;
	return 0;
}

bool os_mem_is_callers(const struct os_mem *mem, const struct os_caller *c)
{
	(void)c;
	return !mem->shared;
}

void os_mem_forget(struct os_mem *mem)
{
	mem->shared = false;
}

void sim_mem_share(struct os_mem *mem)
{
	mem->shared = true;
}

void os_mem_destroy(struct os_mem *mem)
{
	struct os_mem **p = &mems;

	sim_yield("os_mem_destroy");
	sim_may_sleep("os_mem_destroy");
	while (*p && *p != mem)
		p = &(*p)->next;
	if (!*p)
		sim_die("a region is destroyed that is not there");
	sim_store_flush();
	*p = mem->next;
	if (!mem->adopted)
		munmap(mem->base, mem->size + 2 * GUARD);
	free(mem);
	if (!mems)
		segv_release();
	sim.live.mems--;
}

void *sim_mem_addr(const struct os_mem *mem)
{
	return mem->base + GUARD;
}
