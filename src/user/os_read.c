// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Read sections: sleepable RCU after McKenney ("Sleepable RCU", 2006), with a
 * cache line per reader thread so that senders on different cores share none.
 *
 * A reader counts itself in under the epoch's parity and out under the same.
 * A writer flips the parity and waits for the old one to drain, twice: a
 * reader that took the parity just before a flip and counted itself in after
 * the wait is met by the second round.
 *
 * Not liburcu: its readers need registering (a program's threads call us
 * without a word), or the flavour that does it for them, which
 * ThreadSanitizer cannot follow.
 */
#include <sched.h>
#include "os.h"

#define SLOTS 64 /* threads beyond that share */

static struct {
	u32 readers[2];
} __attribute__((aligned(64))) slots[SLOTS];

static u32 epoch;
static u32 next_slot;
static __thread u32 my_slot; /* plus one; 0: none yet */
static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;

unsigned os_read_enter(void)
{
	u32 parity = os_load_acquire(&epoch) & 1;

	if (!my_slot)
		my_slot = os_fetch_add(&next_slot, 1u) % SLOTS + 1;
	os_fetch_add(&slots[my_slot - 1].readers[parity], 1u);
	return (my_slot - 1) * 2 + parity;
}

void os_read_exit(unsigned section)
{
	__atomic_fetch_sub(&slots[section / 2].readers[section % 2], 1,
			   __ATOMIC_RELEASE);
}

static void drain(u32 parity)
{
	for (u32 i = 0; i < SLOTS; i++)
		while (os_fetch_add(&slots[i].readers[parity], 0u))
			sched_yield();
}

void os_read_sync(void)
{
	pthread_mutex_lock(&writers);
	for (u32 i = 0; i < 2; i++)
		drain(os_fetch_add(&epoch, 1u) & 1);
	pthread_mutex_unlock(&writers);
}
