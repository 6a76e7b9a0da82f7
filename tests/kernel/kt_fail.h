/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kt_fail.h - lets the kernel's allocations for this thread fail, one after the
 * other, and its copies from and to the program. Kernels that look for errors
 * can do that (scripts/kernel/debug).
 */
#ifndef TESTS_KERNEL_KT_FAIL_H
#define TESTS_KERNEL_KT_FAIL_H

struct kt_attempt {
	const char *what;
	/* Nothing fails in it; may be NULL. */
	void (*before)(void);
	/* Tried anew for each allocation that it makes; 0 or -errno. */
	int (*run)(void);
	/* Undoes both; nothing fails in it. @err is what run() returned. */
	void (*after)(int err);
};

/* Skips the program where nothing can be made to fail. */
void kt_fail_init(void);

/* Runs @a once for each allocation, and once without a failure: it succeeds in
 * spite of it, or says ENOMEM, or EFAULT if it was a copy that failed. */
void kt_fail_each(const struct kt_attempt *a);

/* The same, when run() may not fail. */
void kt_fail_never(const struct kt_attempt *a);

/* The module goes, which logs what it has lost (a reason for our init to say
 * that this test failed), and comes again. */
void kt_fail_reload(void);

#endif
