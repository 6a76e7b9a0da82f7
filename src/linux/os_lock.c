// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Locks; kernels with lock checking learn the core's classes. */
#include <linux/lockdep.h>

#include "knm.h"
#include "os.h"

static struct lock_class_key keys[OS_LOCK_WAIT];
static const char *const names[OS_LOCK_WAIT] = {
	[OS_LOCK_CONTROL] = "nm_control",
	[OS_LOCK_REGION] = "nm_region",
	[OS_LOCK_QUEUE] = "nm_queue",
	[OS_LOCK_MONITOR] = "nm_monitor",
};

void os_mutex_init(struct os_mutex *m, enum os_lock_class class)
{
	__mutex_init(&m->mutex, names[class], &keys[class]);
	knm_count(KNM_LOCKS, 1);
}

void os_mutex_fini(struct os_mutex *m)
{
	mutex_destroy(&m->mutex);
	knm_count(KNM_LOCKS, -1);
}

void os_mutex_lock(struct os_mutex *m)
{
	mutex_lock(&m->mutex);
}

void os_mutex_unlock(struct os_mutex *m)
{
	mutex_unlock(&m->mutex);
}

void os_spin_init(struct os_spin *s, enum os_lock_class class)
{
	spin_lock_init(&s->lock);
	lockdep_set_class_and_name(&s->lock, &keys[class], names[class]);
	knm_count(KNM_LOCKS, 1);
}

void os_spin_fini(struct os_spin *s)
{
	(void)s;
	knm_count(KNM_LOCKS, -1);
}

void os_read_sync(void)
{
	/* Somebody waits in close(2); a port goes seldom. */
	synchronize_rcu_expedited();
}
