// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Mappings of ports, and of other things beside them. */
#include "home.h"

#include <pthread.h>
#include <stdlib.h>

#define ROUNDS 500

/* The linker gives us malloc() and free() of the library (--wrap). */
void *__real_malloc(size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void __wrap_free(void *p);

static __thread bool is_allocator;

void *__wrap_malloc(size_t size)
{
	assert_false(is_allocator);
	return __real_malloc(size);
}

void __wrap_free(void *p)
{
	assert_false(is_allocator);
	__real_free(p);
}

/* An allocator unmaps what it had from anywhere, under its lock. */
static void unmapped_by_allocator(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	int fd = open("/dev/netmap", O_RDWR);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *mem;

	(void)state;
	assert_int_equal(bind_to(fd, "vale6:a", &reg), 0);
	mem = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
	for (int i = 0; i < 3; i += 2)
		assert_ptr_equal(mmap(mem + i * page, page, PROT_READ,
				      MAP_SHARED | MAP_FIXED, fd, 0),
				 mem + i * page);
	is_allocator = true;
	assert_int_equal(munmap(mem + page, page), 0);
	is_allocator = false;
	close(fd);
	assert_true(exists("vale6:a"));
	assert_int_equal(munmap(mem, 3 * page), 0);
	assert_false(exists("vale6:a"));
}

/* A mapping keeps its port until the last page of it is gone. */
static void unmapped_in_parts(void **state)
{
	static const int order[] = {2, 0, 5, 3, 1, 4};
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("/dev/netmap", O_RDWR);
	char *mem;

	(void)state;
	assert_int_equal(bind_to(fd, "vale6:a", &reg), 0);
	mem = mmap(NULL, 6 * page, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(mem, MAP_FAILED);
	close(fd);
	assert_int_equal(munmap(mem + 1, page), -1);
	assert_int_equal(errno, EINVAL);
	for (int i = 0; i < 6; i++) {
		assert_true(exists("vale6:a"));
		assert_int_equal(munmap(mem + (size_t)order[i] * page, page),
				 0);
	}
	assert_false(exists("vale6:a"));
}

static bool over;

/* Maps and unmaps @arg, a port. */
static void *map_again(void *arg)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		void *mem =
			mmap(NULL, page, PROT_READ, MAP_SHARED, *(int *)arg, 0);

		munmap(mem, page);
	}
	return arg;
}

/* What one thread unmaps, another is given at once, for another port. */
static void addresses_used_again(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int other = open("/dev/netmap", O_RDWR);
	pthread_t thread;

	(void)state;
	assert_int_equal(bind_to(other, "vale6:b", &reg), 0);
	over = false;
	pthread_create(&thread, NULL, map_again, &other);
	for (int i = 0; i < ROUNDS; i++) {
		int fd = open("/dev/netmap", O_RDWR);
		void *mem;

		reg = (struct nmreq_register){.nr_mode = NR_REG_ALL_NIC};
		assert_int_equal(bind_to(fd, "vale6:a", &reg), 0);
		mem = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
		assert_ptr_not_equal(mem, MAP_FAILED);
		close(fd);
		assert_true(exists("vale6:a"));
		munmap(mem, page);
		assert_false(exists("vale6:a"));
	}
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unmapped_by_allocator),
		cmocka_unit_test(unmapped_in_parts),
		cmocka_unit_test(addresses_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
