// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The caller's memory, copies, chance, words. */
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/string.h>
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

/* ---- refusals ---- */

/* The last sentences of threads, from os_refuse() to os_refusal(), which comes
 * before the thread returns from the call. When more threads than there is room
 * for are refused at the same time, the first ones lose their sentences. */
static struct sentence {
	pid_t thread; /* 0: nobody's */
	char text[OS_SENTENCE_LEN];
} sentences[64];
static unsigned int sentence_next;
static DEFINE_SPINLOCK(sentence_lock); /* both */

static struct sentence *sentence_find(pid_t thread)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sentences); i++)
		if (sentences[i].thread == thread)
			return &sentences[i];
	return NULL;
}

static void sentence_keep(const char *text)
{
	struct sentence *s;

	spin_lock(&sentence_lock);
	s = sentence_find(current->pid) ?: sentence_find(0);
	if (!s)
		s = &sentences[sentence_next++ % ARRAY_SIZE(sentences)];
	s->thread = current->pid;
	strscpy(s->text, text, sizeof(s->text));
	spin_unlock(&sentence_lock);
}

void os_refusal(char *out, size_t size)
{
	struct sentence *s;

	spin_lock(&sentence_lock);
	s = sentence_find(current->pid);
	if (out)
		strscpy(out, s ? s->text : "", size);
	if (s)
		s->thread = 0;
	spin_unlock(&sentence_lock);
}

/* The numbers are those that the log has. */
void os_caller_id(struct os_caller *c, u32 *pid, char program[OS_PROGRAM_LEN])
{
	char comm[TASK_COMM_LEN];

	*pid = task_tgid_nr(current);
	get_task_comm(comm, current);
	strscpy(program, comm, OS_PROGRAM_LEN);
}

/* A sentence may quote names that programs made up: what is not printable is
 * escaped, so that a name cannot look like a line of the log. */
int os_refuse(int err, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 20);
	char sentence[OS_SENTENCE_LEN];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	sentence_keep(sentence);
	if (!__ratelimit(&limit))
		return err;
	pr_info("netmap: %s[%d]: %*pE (error %d)\n", current->comm,
		task_tgid_nr(current), len, sentence, -err);
	return err;
}
