// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* nmctx_*(): who allocates, locks and speaks for the library. */
#include "device.h"

/* ---- contexts ---- */

static int allocated, allocations, fail_at;

static void *counting_malloc(struct nmctx *ctx, size_t size)
{
	assert_ptr_equal(ctx, &dev_ctx);
	if (++allocations == fail_at)
		return NULL;
	allocated++;
	return malloc(size);
}

static void counting_free(struct nmctx *ctx, void *p)
{
	assert_ptr_equal(ctx, &dev_ctx);
	assert_non_null(p);
	allocated--;
	free(p);
}

static void every_allocation_may_fail(void **state)
{
	char path[] = "/tmp/netmap-test-XXXXXX", spec[128];
	struct nmport_d *d;
	int fd = mkstemp(path);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, 4096), 0);
	__real_close(fd);
	nmport_enable_option("offset");
	snprintf(spec, sizeof(spec), "vale0:a@extmem=%s@offset=1", path);
	allocated = allocations = 0;
	dev_ctx.malloc = counting_malloc;
	dev_ctx.free = counting_free;
	for (fail_at = 1;; fail_at++) {
		allocations = dev.sentences = 0;
		errno = 0;
		d = nmport_open(spec);
		if (d)
			break;
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(dev.sentences, 1);
		assert_int_equal(allocated, 0);
		assert_int_equal(fake.opens, fake.closes);
		assert_int_equal(dev.others_mapped, 0);
		assert_null(dev_ctx.mem_descs);
	}
	/* port, copy of the options, file, extmem, offsets, user, region */
	assert_int_equal(fail_at, 8);
	fail_at = allocations + 1;
	assert_null(nmport_clone(d));
	assert_int_equal(errno, ENOMEM);
	nmport_close(d);
	assert_int_equal(allocated, 0);
	unlink(path);
}

static int locked, locks;

static void checking_lock(struct nmctx *ctx, int take)
{
	assert_ptr_equal(ctx, &dev_ctx);
	assert_int_equal(locked, !take);
	locked = take;
	locks += take;
}

static void what_is_mapped_is_looked_at_under_the_lock(void **state)
{
	struct nmport_d *d;

	(void)state;
	locked = locks = 0;
	dev_ctx.lock = checking_lock;
	d = must_open("vale0:a");
	assert_int_equal(locks, 1);
	nmport_close(d);
	assert_int_equal(locks, 2);
	fake.mmap_errno = EAGAIN;
	assert_null(nmport_open("vale0:a"));
	assert_int_equal(locks, 3);
	assert_int_equal(locked, 0);
	nmctx_lock(&dev_ctx);
	assert_int_equal(locked, 1);
	nmctx_unlock(&dev_ctx);
	assert_int_equal(locked, 0);
}

static void calls_go_to_what_a_context_has(void **state)
{
	static char text[2000];
	void *p;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	errno = EXDEV;
	nmctx_ferror(&dev_ctx, "%s", text); /* cut to what error() may get */
	assert_int_equal(strlen(dev.said), 999);
	assert_int_equal(errno, EXDEV);
	nmctx_ferror(&dev_ctx, "%d of %s", 3, "four");
	assert_string_equal(dev.said, "3 of four");

	allocated = allocations = 0;
	fail_at = 2;
	dev_ctx.malloc = counting_malloc;
	dev_ctx.free = counting_free;
	p = nmctx_malloc(&dev_ctx, 10);
	assert_non_null(p);
	errno = 0;
	assert_null(nmctx_malloc(&dev_ctx, 10));
	assert_int_equal(errno, ENOMEM);
	nmctx_free(&dev_ctx, p);
	nmctx_free(&dev_ctx, NULL);
	assert_int_equal(allocated, 0);
	dev_ctx.lock = NULL;
	nmctx_lock(&dev_ctx);
	nmctx_unlock(&dev_ctx);
}

static void the_librarys_context_prints_a_line(void **state)
{
	const char *text;

	(void)state;
	nmctx_set_default(dev_before);
	assert_int_equal(nmctx_get()->verbose, 1);
	fake_err_begin();
	assert_null(nmport_open("eth0"));
	text = fake_err_end();
	assert_non_null(strstr(text, "eth0: begins neither"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	nmctx_set_default(&dev_ctx);
	dev.others_open++; /* fake_err_end() closed a copy of stderr */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(every_allocation_may_fail),
		DEV_TEST(what_is_mapped_is_looked_at_under_the_lock),
		DEV_TEST(calls_go_to_what_a_context_has),
		DEV_TEST(the_librarys_context_prints_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
