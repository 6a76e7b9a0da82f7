// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kt_fail.h"
#include "kt_net.h"

#define FAULTS "/sys/kernel/debug"
#define LIMIT  20000 /* allocations of one run */

static int fail_nth; /* this thread's file: which allocation is to fail */

static void arm(unsigned n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	KT_CHECK(pwrite(fail_nth, text, (size_t)len, 0) == len);
}

/* Allocations that were to come before the one that fails; 0: it came. */
static unsigned disarm(void)
{
	char text[16] = "";

	KT_CHECK(pread(fail_nth, text, sizeof(text) - 1, 0) > 0);
	arm(0);
	return (unsigned)strtoul(text, NULL, 10);
}

void kt_fail_init(void)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0 || access(FAULTS "/failslab", F_OK))
		kt_skip("this kernel cannot let allocations fail "
			"(make test-kernel DEBUG=1 has one that can)");
	/* All kinds of allocations, and no word about each in the log. */
	kt_run(kt_here(),
	       "cd " FAULTS "; for i in fail_usercopy failslab "
	       "fail_page_alloc; do echo 0 >$i/verbose; done; "
	       "echo N >failslab/ignore-gfp-wait; cd fail_page_alloc; "
	       "echo N >ignore-gfp-wait; echo N >ignore-gfp-highmem; "
	       "echo 0 >min-order");
}

/* Lets allocation @n fail, and counts refusals; false: it never came. */
static bool fail_one(const struct kt_attempt *a, unsigned n, bool may_fail,
		     unsigned *refused)
{
	unsigned left;
	int err;

	if (a->before)
		a->before();
	arm(n);
	err = a->run();
	left = disarm();
	if (err && (left || !may_fail || (err != -ENOMEM && err != -EFAULT))) {
		printf("%s: %s when allocation %u fails%s\n", a->what,
		       strerror(-err), n, left ? ", which never came" : "");
		exit(1);
	}
	*refused += err != 0;
	a->after(err);
	return left == 0;
}

static void fail_each(const struct kt_attempt *a, bool may_fail)
{
	unsigned n = 1, refused = 0;

	while (fail_one(a, n, may_fail, &refused))
		KT_CHECK(++n < LIMIT);
	printf("%s: %u allocations and copies, %u of them needed\n", a->what,
	       n - 1, refused);
	KT_CHECK(n > 1);
}

void kt_fail_each(const struct kt_attempt *a)
{
	fail_each(a, true);
}

void kt_fail_never(const struct kt_attempt *a)
{
	fail_each(a, false);
}

void kt_fail_reload(void)
{
	KT_CHECK(kt_rmmod("netmap") == 0);
	kt_run(kt_here(), "insmod /netmap.ko");
}
