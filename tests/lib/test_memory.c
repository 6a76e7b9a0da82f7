// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* nmport_*(): which memory a port has: of the region, shared in a context, or of
 * the program. */
#include "device.h"

/* ---- memory ---- */

static void ports_of_a_region_share_its_mapping(void **state)
{
	struct nmport_d *a = must_open("vale0:a"), *b, *c, *e;

	(void)state;
	b = must_open("vale0:b");
	assert_ptr_equal(a->mem, b->mem);
	assert_int_equal(a->mem->refcount, 2);
	assert_int_equal(fake.mmaps, 1);
	fake.mem_id = 2;
	c = must_open("vale0:c");
	fake.mem_id = 3;
	e = must_open("vale0:e");
	assert_ptr_not_equal(c->mem, a->mem);
	assert_int_equal(fake.mmaps, 3);
	assert_ptr_equal(dev_ctx.mem_descs, e->mem);
	assert_ptr_equal(e->mem->next, c->mem);
	assert_ptr_equal(c->mem->next, a->mem);
	assert_null(a->mem->next);
	assert_ptr_equal(a->mem->prev, c->mem);
	assert_ptr_equal(c->mem->prev, e->mem);
	assert_null(e->mem->prev);

	nmport_close(a);
	assert_int_equal(fake.munmaps, 0);
	nmport_close(c); /* from the middle */
	assert_int_equal(fake.munmaps, 1);
	assert_ptr_equal(e->mem->next, b->mem);
	assert_ptr_equal(b->mem->prev, e->mem);
	nmport_close(e);
	assert_ptr_equal(dev_ctx.mem_descs, b->mem);
	assert_null(b->mem->prev);
	nmport_close(b);
	assert_int_equal(fake.munmaps, 3);
}

static void contexts_share_nothing(void **state)
{
	struct nmctx other = dev_ctx;
	struct nmport_d *a = must_open("vale0:a"), *b;

	(void)state;
	assert_ptr_equal(nmctx_set_default(&other), &dev_ctx);
	assert_ptr_equal(nmctx_get(), &other);
	b = must_open("vale0:b");
	assert_ptr_equal(nmctx_set_default(&dev_ctx), &other);
	assert_ptr_equal(b->ctx, &other);
	assert_ptr_not_equal(a->mem, b->mem);
	assert_int_equal(fake.mmaps, 2);
	nmport_close(a);
	nmport_close(b); /* in its own, not in the default one */
	assert_null(other.mem_descs);
}

/* Another netmapd, which numbers its regions as the one before did. */
static void a_region_whose_home_has_ended_is_not_shared(void **state)
{
	struct nmport_d *a = must_open("vale0:a"), *b, *c;

	(void)state;
	dev.dead = fake.opens;
	b = must_open("vale0:b");
	assert_int_equal(fake.mmaps, 2);
	assert_ptr_not_equal(b->mem, a->mem);
	c = must_open("vale0:c");
	assert_int_equal(fake.mmaps, 2);
	assert_ptr_equal(c->mem, b->mem);
	nmport_close(b);
	nmport_close(a);
	nmport_close(c);
}

/* Whose descriptor is another one now cannot say what has become of it. */
static void a_port_bound_again_does_not_vouch_for_its_region(void **state)
{
	struct nmport_d *a = must_open("vale0:a"), *b, *c;

	(void)state;
	nmport_undo_register(a);
	dev.dead = fake.opens;
	assert_int_equal(nmport_register(a), 0);
	b = must_open("vale0:b");
	assert_ptr_not_equal(b->mem, a->mem);
	nmport_undo_mmap(a);
	assert_int_equal(nmport_mmap(a), 0);
	assert_ptr_equal(a->mem, b->mem);
	nmport_close(b);
	c = must_open("vale0:c");
	assert_ptr_equal(c->mem, a->mem);
	nmport_close(a);
	nmport_close(c);
}

/* ---- memory of the program's ---- */

/* A port on the region that the device would make, opened. */
static struct nmport_d *open_on(void *base, size_t size)
{
	struct nmport_d *d = must_prepare("vale0:a");

	assert_int_equal(nmport_extmem(d, base, size), 0);
	assert_int_equal(nmport_extmem(d, base, size), -1); /* has already */
	assert_int_equal(errno, EINVAL);
	if (nmport_open_desc(d))
		fail_msg("errno %d, \"%s\"", errno, dev.said);
	return d;
}

static void a_port_on_memory_of_the_program_is_not_mapped(void **state)
{
	struct nmport_d *d, *c;

	(void)state;
	fake_make();
	d = must_prepare("vale0:a");
	assert_null(nmport_extmem_getinfo(d));
	assert_int_equal(nmport_extmem(d, fake.mem, fake.memsize), 0);
	assert_null(nmport_clone(d)); /* which region is not known yet */
	assert_int_equal(errno, EINVAL);
	nmport_close(d);

	d = open_on(fake.mem, fake.memsize);
	assert_int_equal(dev.extmem.nro_usrptr, (uintptr_t)fake.mem);
	assert_int_equal(dev.extmem.nro_info.nr_memsize, fake.memsize);
	assert_int_equal(fake.mmaps, 0);
	assert_int_equal(d->mem->is_extmem, 1);
	assert_ptr_equal(d->mem->mem, fake.mem);
	assert_ptr_equal(d->nifp, (char *)fake.mem + FAKE_IF);
	assert_int_equal(nmport_extmem(d, fake.mem, fake.memsize), -1);
	assert_int_equal(errno, EINVAL);

	c = nmport_clone(d);
	assert_non_null(c);
	assert_null(c->extmem);
	assert_int_equal(nmport_open_desc(c), 0);
	assert_ptr_equal(c->mem, d->mem);
	assert_int_equal(fake.mmaps, 0);
	nmport_close(d);
	nmport_close(c);
	assert_int_equal(fake.munmaps, 0);
}

/* It was open before: the program's memory is not its region. */
static void a_port_that_is_elsewhere_is_mapped_there(void **state)
{
	struct nmport_d *d;
	void *mem;

	(void)state;
	fake_make();
	mem = calloc(1, fake.memsize);
	assert_non_null(mem);
	d = open_on(mem, fake.memsize);
	assert_int_equal(fake.mmaps, 1);
	assert_int_equal(d->mem->is_extmem, 0);
	assert_ptr_equal(d->mem->mem, fake.mem);
	nmport_close(d);
	d = open_on(mem, fake.memsize / 2);
	assert_int_equal(fake.mmaps, 2);
	assert_ptr_equal(d->mem->mem, fake.mem);
	nmport_close(d);
	free(mem);
}

static void extmem_is_for_ports_that_are_not_bound(void **state)
{
	struct nmport_d *d = must_open("vale0:a");

	(void)state;
	assert_int_equal(nmport_extmem(d, d, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "before the port is bound"));
	assert_int_equal(nmport_extmem_from_file(d, "/dev/zero"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nmport_offset(d, 0, 0, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "before the port is bound"));
	nmport_close(d);
}

/* The file of @d becomes what the device made. */
static void fill_file(struct nmport_d *d)
{
	char *mem = (char *)(uintptr_t)d->extmem->nro_usrptr;

	memcpy(mem, fake.mem, fake.memsize);
	dev_name_if(mem, &d->hdr);
}

static void a_file_stays_mapped_for_the_last_port_in_it(void **state)
{
	char path[] = "/tmp/netmap-test-XXXXXX";
	struct nmport_d *d, *c;
	int fd = mkstemp(path);

	(void)state;
	fake_make();
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)fake.memsize), 0);
	__real_close(fd);
	d = must_prepare("vale0:a");
	assert_int_equal(nmport_extmem_from_file(d, path), 0);
	unlink(path);
	assert_int_equal(dev.others_mapped, 1);
	fill_file(d);
	assert_int_equal(nmport_open_desc(d), 0);
	assert_int_equal(d->mem->is_extmem, 1);
	nmport_undo_mmap(d);
	assert_int_equal(nmport_mmap(d), 0); /* it is still there */
	c = nmport_clone(d);
	assert_int_equal(nmport_open_desc(c), 0);
	assert_ptr_equal(c->mem, d->mem);

	nmport_close(d);
	assert_int_equal(dev.others_mapped, 1);
	assert_int_equal(nmport_inject(c, "frame", 5), 5);
	nmport_close(c);
	assert_int_equal(dev.others_mapped, 0);
	assert_int_equal(fake.mmaps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(ports_of_a_region_share_its_mapping),
		DEV_TEST(contexts_share_nothing),
		DEV_TEST(a_region_whose_home_has_ended_is_not_shared),
		DEV_TEST(a_port_bound_again_does_not_vouch_for_its_region),
		DEV_TEST(a_port_on_memory_of_the_program_is_not_mapped),
		DEV_TEST(a_port_that_is_elsewhere_is_mapped_there),
		DEV_TEST(extmem_is_for_ports_that_are_not_bound),
		DEV_TEST(a_file_stays_mapped_for_the_last_port_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
