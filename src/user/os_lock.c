// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdlib.h>
#include "os.h"

/* The order of classes is checked by the simulator, not here. */
void os_mutex_init(struct os_mutex *m, enum os_lock_class class)
{
	(void)class;
	pthread_mutex_init(&m->m, NULL);
	m->held = false;
}

void os_mutex_fini(struct os_mutex *m)
{
	pthread_mutex_destroy(&m->m);
}

void os_mutex_lock(struct os_mutex *m)
{
	pthread_mutex_lock(&m->m);
	m->held = true;
}

void os_mutex_unlock(struct os_mutex *m)
{
	m->held = false;
	pthread_mutex_unlock(&m->m);
}

void os_mutex_assert_held(const struct os_mutex *m)
{
	if (!m->held)
		abort();
}

void os_spin_init(struct os_spin *s, enum os_lock_class class)
{
	pthread_mutexattr_t attr;

	(void)class;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&s->m, &attr);
	pthread_mutexattr_destroy(&attr);
	s->held = false;
}

void os_spin_fini(struct os_spin *s)
{
	pthread_mutex_destroy(&s->m);
}

void os_spin_lock(struct os_spin *s)
{
	pthread_mutex_lock(&s->m);
	s->held = true;
}

void os_spin_unlock(struct os_spin *s)
{
	s->held = false;
	pthread_mutex_unlock(&s->m);
}

void os_spin_assert_held(const struct os_spin *s)
{
	if (!s->held)
		abort();
}
