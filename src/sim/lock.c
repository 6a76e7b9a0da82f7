// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* lock.c - mutexes, spin locks, read sections, and their rules. */
#include "sim_int.h"

const char *sim_class_name(int class)
{
	static const char *const names[] = {"CONTROL", "REGION", "QUEUE",
					    "MONITOR", "WAIT"};

	return class >= 0 && class <= OS_LOCK_WAIT ? names[class] : "unknown";
}

static void lock_init(struct sim_lock *l, enum os_lock_class class)
{
	*l = (struct sim_lock){
		.class = (int)class, .holder = SIM_NOBODY, .live = true};
}

static void lock_fini(struct sim_lock *l)
{
	if (!l->live)
		sim_die("a lock is ended that was not begun");
	if (l->holder != SIM_NOBODY)
		sim_die("a lock of class %s is ended while it is held",
			sim_class_name(l->class));
	l->live = false;
}

static void check_order(const struct sim_lock *l)
{
	struct sim_thread *t = sim_self();

	for (unsigned i = 0; i < t->nheld; i++) {
		if (t->held[i] == l)
			sim_die("deadlock: a lock of class %s is taken twice",
				sim_class_name(l->class));
		if (t->held[i]->class >= l->class)
			sim_die("lock order: %s is taken while %s is held",
				sim_class_name(l->class),
				sim_class_name(t->held[i]->class));
	}
	if (t->nheld == SIM_HELD_MAX)
		sim_die("more than %d locks are held", SIM_HELD_MAX);
}

static bool is_unlocked(void *arg)
{
	return ((struct sim_lock *)arg)->holder == SIM_NOBODY;
}

/* No barrier: taking a lock lets nothing move up, but earlier stores may still
 * be seen later. */
static void lock(struct sim_lock *l, bool spin, const char *what)
{
	struct sim_thread *t;

	sim_yield(what);
	if (!l->live)
		sim_die("%s of a lock that was not begun, or has ended", what);
	check_order(l);
	if (!is_unlocked(l))
		sim_block(is_unlocked, l, sim_class_name(l->class));
	t = sim_self();
	l->holder = sim.cur;
	t->held[t->nheld] = l;
	t->held_spin[t->nheld++] = spin;
}

static void unlock(struct sim_lock *l, const char *what)
{
	struct sim_thread *t = sim_self();
	unsigned i;

	sim_yield(what);
	if (l->holder != sim.cur)
		sim_die("%s of a lock of class %s that is not held", what,
			sim_class_name(l->class));
	sim_store_flush();
	for (i = 0; t->held[i] != l; i++)
		;
	t->nheld--;
	memmove(&t->held[i], &t->held[i + 1],
		(t->nheld - i) * sizeof(t->held[0]));
	memmove(&t->held_spin[i], &t->held_spin[i + 1],
		(t->nheld - i) * sizeof(t->held_spin[0]));
	l->holder = SIM_NOBODY;
}

static void assert_held(const struct sim_lock *l)
{
	if (l->holder != sim.cur)
		sim_die("a lock of class %s is not held where it must be",
			sim_class_name(l->class));
}

void os_mutex_init(struct os_mutex *m, enum os_lock_class class)
{
	lock_init(&m->lock, class);
	sim.live.mutexes++;
}

void os_mutex_fini(struct os_mutex *m)
{
	lock_fini(&m->lock);
	sim.live.mutexes--;
}

void os_mutex_lock(struct os_mutex *m)
{
	sim_may_sleep("os_mutex_lock");
	lock(&m->lock, false, "os_mutex_lock");
}

void os_mutex_unlock(struct os_mutex *m)
{
	unlock(&m->lock, "os_mutex_unlock");
}

void os_mutex_assert_held(const struct os_mutex *m)
{
	assert_held(&m->lock);
}

void os_spin_init(struct os_spin *s, enum os_lock_class class)
{
	lock_init(&s->lock, class);
	sim.live.spins++;
}

void os_spin_fini(struct os_spin *s)
{
	lock_fini(&s->lock);
	sim.live.spins--;
}

void os_spin_lock(struct os_spin *s)
{
	lock(&s->lock, true, "os_spin_lock");
}

void os_spin_unlock(struct os_spin *s)
{
	unlock(&s->lock, "os_spin_unlock");
}

void os_spin_assert_held(const struct os_spin *s)
{
	assert_held(&s->lock);
}

/* ---- read sections ---- */

unsigned os_read_enter(void)
{
	struct sim_thread *t;

	sim_yield("os_read_enter");
	t = sim_self();
	if (!t->read_depth++)
		t->read_start = ++sim.read_seq;
	return t->read_depth;
}

void os_read_exit(unsigned cookie)
{
	struct sim_thread *t = sim_self();

	sim_yield("os_read_exit");
	if (cookie != t->read_depth)
		sim_die("read sections end in the wrong order");
	t->read_depth--;
}

static bool readers_gone(void *arg)
{
	u64 before = *(u64 *)arg;

	for (int i = 0; i < SIM_THREADS; i++) {
		if (sim.thread[i].read_depth &&
		    sim.thread[i].read_start <= before)
			return false;
	}
	return true;
}

void os_read_sync(void)
{
	u64 before;

	sim_yield("os_read_sync");
	sim_may_sleep("os_read_sync");
	before = sim.read_seq;
	if (!readers_gone(&before))
		sim_block(readers_gone, &before, "the end of read sections");
	/* What readers stored in their sections is seen from here on. */
	sim_store_flush_all();
}

/* ---- politeness ---- */

void os_preempt_off(void)
{
	sim_self()->preempt_depth++;
}

void os_preempt_on(void)
{
	if (!sim_self()->preempt_depth--)
		sim_die("os_preempt_on without os_preempt_off");
}

void os_breathe(void)
{
	sim_yield("os_breathe");
	if (sim_self()->any_depth)
		return; /* others cannot run anyhow */
	sim_may_sleep("os_breathe");
	if (sim_self()->nheld)
		sim_die("os_breathe is called under a lock of class %s",
			sim_class_name(sim_self()->held[0]->class));
}
