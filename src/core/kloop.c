// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Theory of operation
 *
 * A round serves every ring: one sync each. Then the loop sleeps: for some
 * microseconds, or until it is kicked, a ring of it is woken (frames came,
 * slots came back), or it is to stop. Everything that wakes it is remembered
 * from before the round on (os_sleep), and both sides look again after they
 * have said that they want to be told:
 *
 *   program                            serve()
 *     store cur, head                    kern_need_kick = 1
 *     -- full barrier --                 -- full barrier --
 *     kern_need_kick? write ioeventfd    load head: more to do?
 *
 *     appl_need_kick = 1                 store hwcur, hwtail
 *     -- full barrier --                 -- full barrier --
 *     load hwtail: more to do?           appl_need_kick? write irqfd
 *
 * A transmit ring wants to be told of more frames; a receive ring of slots only
 * when it has none left, since frames that come wake it anyhow.
 *
 * In direct mode serve() also runs where the ioeventfd is written, in any
 * context, beside the loop: the queue's claim lets one of them in, and who is
 * turned away makes the other wake the queue.
 */
#include "kloop.h"

struct kloop;

struct kring {
	struct kloop *loop;
	struct nm_queue *q;
	u32 i;		       /* of its records */
	struct os_event *kick; /* ioeventfd, or NULL */
	struct os_event *irq;  /* irqfd, or NULL */
};

struct kloop {
	struct nm_file *file;
	struct nm_csb *csb;
	struct os_sleep *sleep;
	bool kicked;
	u64 sleep_ns;
	u32 n;
	struct kring ring[];
};

/* ---- one ring ---- */

/* Nothing is left that a frame could be put in. */
static bool is_full(const struct nm_queue *q)
{
	u32 hwtail = os_load_acquire(&q->hwtail);

	return nm_queue_next(q, hwtail) == os_load(&q->hwcur);
}

static bool wants_kick(const struct nm_queue *q)
{
	return q->dir == NM_TX || is_full(q);
}

/* The program has moved head since the last sync. */
static bool is_behind(const struct kring *r)
{
	return os_load(&r->loop->csb->atok[r->i].head) != os_load(&r->q->rhead);
}

/* A sync has published tail; it ended by dropping the claim, which is the full
 * barrier between that and the look here. */
static void tell(const struct kring *r)
{
	if (r->irq && os_load(&r->loop->csb->atok[r->i].appl_need_kick))
		os_event_signal(r->irq);
}

/* One sync; true: there is more to do. Any context if @any. It has no caller:
 * who writes the slots, maybe a guest, must not make us read a process. */
static bool serve(struct kring *r, bool any)
{
	struct kloop *loop = r->loop;
	u32 *need_kick = &loop->csb->ktoa[r->i].kern_need_kick;
	struct nm_sync s = {.any = any};

	if (loop->kicked)
		os_store(need_kick, 0);
	nm_csb_cursors(loop->csb, r->i, &s);
	/* A ring that is stopped may run again. */
	nm_queue_sync(r->q, &s);
	if (s.news)
		tell(r);
	if (!loop->kicked)
		return false;
	if (!wants_kick(r->q))
		return false;
	os_xchg(need_kick, 1); /* full barrier */
	return is_behind(r) || (any && s.later);
}

/* Its ioeventfd was written, in direct mode. */
static void kicked(void *arg)
{
	struct kring *r = arg;

	/* The loop goes on where one sync is not enough. */
	if (serve(r, true))
		os_wait_wake(&r->loop->file->kloop_wait);
}

/* ---- making it ---- */

static int ring_open(struct kring *r, const struct nm_kloop_conf *c)
{
	u32 direct = r->q->dir == NM_TX ? NM_OPT_SYNC_KLOOP_DIRECT_TX
					: NM_OPT_SYNC_KLOOP_DIRECT_RX;
	const s32 *fd = &c->eventfds[2 * r->i];
	int err = 0;

	if (fd[1] >= 0)
		err = os_event_get(c->caller, fd[1], &r->irq);
	if (err || !c->kicked)
		return err;
	err = os_event_get(c->caller, fd[0], &r->kick);
	if (!err)
		err = os_sleep_add(r->loop->sleep, &r->q->wait);
	if (!err)
		err = os_event_attach(r->kick, r->loop->sleep,
				      c->mode & direct ? kicked : NULL, r);
	return err;
}

static void kloop_close(struct kloop *loop)
{
	for (u32 i = 0; i < loop->n; i++) {
		if (loop->ring[i].kick)
			os_event_put(loop->ring[i].kick);
		if (loop->ring[i].irq)
			os_event_put(loop->ring[i].irq);
	}
	if (loop->sleep)
		os_sleep_destroy(loop->sleep);
	os_free(loop);
}

static int kloop_fill(struct kloop *loop, const struct nm_kloop_conf *c)
{
	struct nm_file *f = loop->file;
	int err = os_sleep_create(&loop->sleep);

	if (!err)
		err = os_sleep_add(loop->sleep, &f->kloop_wait);
	if (err)
		return os_refuse(err, "no memory for a loop");
	for (u32 i = 0; i < loop->n; i++)
		os_store(&loop->csb->ktoa[i].kern_need_kick, 0);
	for (u32 i = 0; i < loop->n && c->eventfds; i++) {
		err = ring_open(&loop->ring[i], c);
		if (err)
			return os_refuse(err, "eventfds of record %u: error %d",
					 i, -err);
	}
	return 0;
}

static int kloop_open(struct nm_file *f, const struct nm_kloop_conf *c,
		      struct kloop **out)
{
	struct nm_csb *csb = f->bind.csb;
	struct kloop *loop;
	int err;

	loop = os_alloc(sizeof(*loop) + csb->n * sizeof(loop->ring[0]));
	if (!loop)
		return os_refuse(-ENOMEM, "no memory for a loop");
	loop->file = f;
	loop->csb = csb;
	loop->kicked = c->kicked;
	loop->sleep_ns = c->sleep_us * 1000ull;
	loop->n = csb->n;
	for (u32 i = 0; i < loop->n; i++)
		loop->ring[i] = (struct kring){
			.loop = loop, .q = nm_bind_nth(&f->bind, i), .i = i};
	err = kloop_fill(loop, c);
	if (err)
		kloop_close(loop);
	else
		*out = loop;
	return err;
}

/* ---- running it ---- */

static int kloop_loop(struct kloop *loop)
{
	const u32 *stop = &loop->file->kloop_stop;
	int err = 0;

	while (!err && !os_load_acquire(stop)) {
		bool more = false;
		u64 ns;

		for (u32 i = 0; i < loop->n; i++)
			more |= serve(&loop->ring[i], false);
		ns = more ? 0 : loop->kicked ? ~0ull : loop->sleep_ns;
		err = os_sleep(loop->sleep, ns);
	}
	return err;
}

/* True: it may begin. */
static bool begin(struct nm_file *f, int *err)
{
	bool go = false;

	nm_core_lock(f->core);
	if (f->kloop_runs) {
		*err = os_refuse(-EBUSY, "%s: the descriptor has a loop",
				 f->bind.port->name);
	} else {
		*err = 0;
		go = !f->kloop_stop;
		os_store(&f->kloop_stop, 0);
		os_store(&f->kloop_runs, go);
	}
	nm_core_unlock(f->core);
	return go;
}

/* A stop that came meanwhile was for this loop: true. Who stopped it may close
 * the file as soon as it can take the lock. */
static bool end(struct nm_file *f)
{
	bool stopped;

	nm_core_lock(f->core);
	stopped = f->kloop_stop;
	os_store(&f->kloop_stop, 0);
	os_store(&f->kloop_runs, 0);
	os_store_release(&f->kloop_ends, f->kloop_ends + 1);
	os_wait_wake(&f->kloop_wait);
	nm_core_unlock(f->core);
	return stopped;
}

int nm_kloop_run(struct nm_file *f, const struct nm_kloop_conf *c)
{
	struct kloop *loop = NULL;
	int err, cut = 0;

	if (!begin(f, &err))
		return err;
	err = kloop_open(f, c, &loop);
	if (!err) {
		cut = kloop_loop(loop);
		kloop_close(loop);
	}
	/* Stopped and interrupted at once is stopped: it must not run again. */
	return end(f) || err ? err : cut;
}

/* Waits for the end of the loop that is the @ends-th. */
static int await_end(struct nm_file *f, u32 ends)
{
	struct os_sleep *sleep;
	int err = os_sleep_create(&sleep);

	if (err)
		return os_refuse(err, "no memory to wait for a loop");
	err = os_sleep_add(sleep, &f->kloop_wait);
	if (err)
		os_refuse(err, "no memory to wait for a loop");
	/* Not to be begun again by the home: that would stop the next loop. */
	while (!err && os_load_acquire(&f->kloop_ends) == ends)
		err = os_sleep(sleep, ~0ull) ? -EINTR : 0;
	os_sleep_destroy(sleep);
	/* end() is through with the file. */
	nm_core_lock(f->core);
	nm_core_unlock(f->core);
	return err;
}

int nm_kloop_stop(struct nm_file *f)
{
	bool runs;
	u32 ends;

	nm_core_lock(f->core);
	runs = f->kloop_runs;
	ends = f->kloop_ends;
	os_store_release(&f->kloop_stop, 1u);
	nm_core_unlock(f->core);
	os_wait_wake(&f->kloop_wait);
	return runs ? await_end(f, ends) : 0;
}
