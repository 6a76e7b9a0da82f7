// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The caller's memory, copies, chance, words. */
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <linux/uaccess.h>

#include "knm.h"
#include "os.h"

/* Only the process itself, in its own call: work runs elsewhere. */
static bool is_caller(const struct os_caller *c)
{
	return c && c == knm_caller();
}

char knm_kernel_caller;

int os_copyin(struct os_caller *c, void *dst, u64 user, size_t len)
{
	if (c == KNM_KERNEL)
		memcpy(dst, (const void *)(uintptr_t)user, len);
	else if (!is_caller(c) ||
		 copy_from_user(dst, u64_to_user_ptr(user), len))
		return -EFAULT;
	return 0;
}

int os_copyout(struct os_caller *c, u64 user, const void *src, size_t len)
{
	if (c == KNM_KERNEL)
		memcpy((void *)(uintptr_t)user, src, len);
	else if (!is_caller(c) || copy_to_user(u64_to_user_ptr(user), src, len))
		return -EFAULT;
	return 0;
}

/* @len below 32. */
void os_copy_small(u8 *d, const u8 *s, size_t len)
{
	if (len >= 16) {
		u64 a = os_word(s), b = os_word(s + 8);
		u64 e = os_word(s + len - 16), f = os_word(s + len - 8);

		os_word_set(d, a);
		os_word_set(d + 8, b);
		os_word_set(d + len - 16, e);
		os_word_set(d + len - 8, f);
	} else if (len >= 8) {
		u64 a = os_word(s), b = os_word(s + len - 8);

		os_word_set(d, a);
		os_word_set(d + len - 8, b);
	} else {
		while (len--)
			*d++ = *s++;
	}
}

/* @len above 64. */
void os_copy_large(u8 *d, const u8 *s, size_t len)
{
	size_t tail = len - 32;

	if (len <= OS_COPY_WORDS_MAX) {
		size_t i;

		for (i = 0; i < tail; i += 32)
			os_copy32(d + i, s + i);
		os_copy32(d + tail, s + tail);
	} else {
		u64 last = os_word(s + len - 8);
		size_t words = len / 8;
		u8 *to = d;

		asm volatile("rep movsq"
			     : "+c"(words), "+S"(s), "+D"(to)
			     :
			     : "memory");
		os_word_set(d + len - 8, last);
	}
}

u64 os_random(void)
{
	return get_random_u64();
}

/* A sentence may quote names that programs made up: what is not printable is
 * escaped, so that a name cannot look like a line of the log. */
int os_refuse(int err, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 20);
	char sentence[160];
	va_list args;
	int len;

	if (!__ratelimit(&limit))
		return err;
	va_start(args, fmt);
	len = vscnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	pr_info("netmap: %s[%d]: %*pE (error %d)\n", current->comm,
		task_pid_nr(current), len, sentence, -err);
	return err;
}
