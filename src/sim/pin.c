// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* pin.c - memory of the caller, which is this process. */
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim_int.h"

struct os_pin {
	u8 *addr;
	u64 len;
};

/* A read and a write that change nothing, by the system: a bad address is an
 * answer. */
static bool can_write(u64 at)
{
	u32 none;

	return syscall(SYS_futex, &none, FUTEX_WAKE_OP_PRIVATE, 0, 0,
		       (void *)(uintptr_t)at,
		       FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)) >= 0;
}

static bool is_there(u64 user, u64 len)
{
	u64 end = (user + len - 1) & ~3ull;

	if (user + len < user)
		return false;
	for (u64 at = user & ~3ull; at <= end;
	     at = (at | (OS_PAGE_SIZE - 1)) + 1)
		if (!can_write(at))
			return false;
	return true;
}

int os_pin(struct os_caller *c, u64 user, u64 len, struct os_pin **out)
{
	struct os_pin *pin;

	(void)c;
	sim_yield("os_pin");
	sim_may_sleep("os_pin");
	if (sim_self()->nheld)
		sim_die("os_pin is called under a lock of class %s",
			sim_class_name(sim_self()->held[0]->class));
	if (!len)
		sim_die("os_pin of nothing");
	if (!is_there(user, len))
		return os_refuse(-EFAULT, "%llu bytes are not there",
				 (unsigned long long)len);
	pin = sim_should_fail(SIM_FAIL_MEMORY) ? NULL : malloc(sizeof(*pin));
	if (!pin)
		return os_refuse(-ENOMEM, "no memory to keep memory");
	*pin = (struct os_pin){.addr = (u8 *)(uintptr_t)user, .len = len};
	sim.live.pins++;
	*out = pin;
	return 0;
}

void os_unpin(struct os_pin *pin)
{
	sim_yield("os_unpin");
	sim_may_sleep("os_unpin");
	sim_store_flush();
	sim.live.pins--;
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

u64 sim_pin_len(const struct os_pin *pin)
{
	return pin->len;
}
