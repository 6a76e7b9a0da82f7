// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Memory of the caller: that of this process, which stays as it is. */
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "os.h"

struct os_pin {
	u8 *addr;
	u64 len;
};

/* Adds nothing to the word at @p, so that a bad address is an answer and not a
 * signal, and whoever else writes there loses nothing. */
static bool can_write(u8 *p)
{
	u32 none;

	return syscall(SYS_futex, &none, FUTEX_WAKE_OP_PRIVATE, 0, 0, p,
		       FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)) >= 0;
}

int os_pin(struct os_caller *c, u64 user, u64 len, struct os_pin **out)
{
	u64 end = (user + len - 1) & ~3ull;
	struct os_pin *pin;

	/* A file of another process could keep us waiting, or be cut. */
	if (c)
		return os_refuse(-EOPNOTSUPP, "netmapd uses no memory of "
					      "programs (extmem, CSB)");
	if (user + len < user)
		return os_refuse(-EFAULT, "%llu bytes wrap around",
				 (unsigned long long)len);
	for (u64 at = user & ~3ull; at <= end;
	     at = (at | (OS_PAGE_SIZE - 1)) + 1)
		if (!can_write((u8 *)(uintptr_t)at))
			return os_refuse(-EFAULT,
					 "no memory to write at 0x%llx",
					 (unsigned long long)at);
	pin = malloc(sizeof(*pin));
	if (!pin)
		return os_refuse(-ENOMEM, "no memory to keep memory");
	*pin = (struct os_pin){.addr = (u8 *)(uintptr_t)user, .len = len};
	*out = pin;
	return 0;
}

void os_unpin(struct os_pin *pin)
{
	free(pin);
}

void *os_pin_addr(const struct os_pin *pin)
{
	return pin->addr;
}

bool os_pin_is_same(const struct os_pin *a, const struct os_pin *b)
{
	return a->addr == b->addr && a->len == b->len;
}
