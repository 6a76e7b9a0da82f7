// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "file.h"
#include "req.h"

static void run_notify(struct os_work *work)
{
	struct nm_file *f = nm_container(work, struct nm_file, work);

	f->notify(f, f->notify_arg);
}

int nm_file_create(struct nm_core *core, struct nm_file **file)
{
	struct nm_file *f = os_alloc(sizeof(*f));

	if (!f)
		return os_refuse(-ENOMEM, "no memory for a descriptor");
	f->core = core;
	os_work_init(&f->work, run_notify);
	os_wait_init(&f->kloop_wait);
	*file = f;
	return 0;
}

void nm_file_destroy(struct nm_file *f)
{
	if (f->notify)
		nm_file_notify(f, NULL, NULL);
	os_work_fini(&f->work);
	if (nm_file_is_bound(f)) {
		nm_core_lock(f->core);
		nm_bind_close(&f->bind);
		nm_core_unlock(f->core);
	}
	os_wait_fini(&f->kloop_wait);
	os_free(f);
}

void nm_file_publish(struct nm_file *f)
{
	os_mutex_assert_held(&f->core->lock);
	os_store_release(&f->bound, 1u); /* nm_file_is_bound() */
}

bool nm_file_is_bound(const struct nm_file *f)
{
	return os_load_acquire(&f->bound); /* nm_file_publish() */
}

struct nm_region *nm_file_region(const struct nm_file *f)
{
	return nm_file_is_bound(f) ? f->bind.port->region : NULL;
}

void nm_file_sync_late(struct nm_file *f, bool late)
{
	if (!nm_file_is_bound(f) || nm_bind_has_csb(&f->bind))
		return;
	nm_core_lock(f->core);
	nm_bind_in_rings(&f->bind, late);
	nm_core_unlock(f->core);
}

/* ---- syncs ---- */

static inline __attribute__((__always_inline__)) int
sync_all(struct nm_file *f, struct os_caller *caller, u32 dir, bool *fed)
{
	const struct nm_bind *b = &f->bind;
	int err = 0;

	if (!nm_file_is_bound(f))
		return os_refuse(
			-ENXIO,
			"the descriptor is not bound to a port yet (REGISTER)");
	if (nm_bind_has_csb(b))
		return os_refuse(-EBUSY, "%s: the descriptor is in CSB mode",
				 b->port->name);
	for (u32 i = b->first[dir]; i < b->end[dir]; i++) {
		struct nm_queue *q = nm_bind_queue(b, dir, i);
		struct nm_sync s = nm_bind_sync(b, q, caller);
		int e = nm_queue_sync(q, &s);

		err = err ? err : e;
		*fed |= s.fed;
	}
	return err;
}

int nm_file_txsync(struct nm_file *f, struct os_caller *caller)
{
	bool fed = false;

	return sync_all(f, caller, NM_TX, &fed);
}

/* Released frames may have been forwarded: then they are sent too. */
int nm_file_rxsync(struct nm_file *f, struct os_caller *caller)
{
	bool fed = false;
	int err = sync_all(f, caller, NM_RX, &fed);

	if (__builtin_expect(fed, 0))
		nm_file_txsync(f, caller);
	if (!err)
		nm_file_stamp(f);
	return err;
}

void nm_file_stamp(struct nm_file *f)
{
	const struct nm_bind *b = &f->bind;
	u32 skip = os_load(&f->core->params.no_timestamp);
	s64 sec = 0, usec = 0;
	bool have = false;

	for (u32 i = b->first[NM_RX]; i < b->end[NM_RX]; i++) {
		struct netmap_ring *ring = nm_bind_queue(b, NM_RX, i)->ring;

		if (skip && !(os_load(&ring->flags) & NR_TIMESTAMP))
			continue;
		if (!have)
			os_realtime(&sec, &usec);
		have = true;
		os_store(&ring->ts.tv_sec, sec);
		os_store(&ring->ts.tv_usec, usec);
	}
}

/* ---- arrival ---- */

static struct os_wait *arrival_wait(struct nm_file *f)
{
	const struct nm_bind *b = &f->bind;

	if (b->one_ring && b->end[NM_RX] > b->first[NM_RX])
		return &nm_bind_queue(b, NM_RX, b->first[NM_RX])->wait;
	return &b->port->wait[NM_RX];
}

int nm_file_notify(struct nm_file *f, void (*fn)(struct nm_file *, void *),
		   void *arg)
{
	if (!nm_file_is_bound(f))
		return os_refuse(
			-ENXIO,
			"the descriptor is not bound to a port yet (REGISTER)");
	if (f->notify) {
		os_work_detach(&f->work);
		os_work_fini(&f->work);
		os_work_init(&f->work, run_notify);
	}
	f->notify = fn;
	f->notify_arg = arg;
	if (!fn)
		return 0;
	os_work_attach(&f->work, arrival_wait(f));
	/* For what came before. */
	os_work_schedule(&f->work);
	return 0;
}
