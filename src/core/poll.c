// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "file.h"

/* Sleepers register before the rings are looked at, so what happens between
 * the look and the sleep wakes them. */
static void wait_on(struct nm_file *f, u32 dir, struct os_poll *poll)
{
	const struct nm_bind *b = &f->bind;

	if (!b->one_ring) {
		os_poll_add(poll, &b->port->wait[dir]);
		return;
	}
	for (u32 i = b->first[dir]; i < b->end[dir]; i++)
		os_poll_add(poll, &nm_bind_queue(b, dir, i)->wait);
}

void nm_file_wait_on(struct nm_file *f, u32 event, struct os_poll *poll)
{
	wait_on(f, event == NM_POLLIN ? NM_RX : NM_TX, poll);
}

/* The program has moved head since the last sync. */
static bool is_pending(const struct nm_queue *q)
{
	return os_load(&q->ring->head) != os_load(&q->hwcur);
}

/* Since the last sync: what that could not finish is no news. */
static bool is_dir_pending(const struct nm_bind *b, u32 dir)
{
	for (u32 i = b->first[dir]; i < b->end[dir]; i++) {
		const struct nm_queue *q = nm_bind_queue(b, dir, i);

		if (os_load(&q->ring->head) != os_load(&q->told))
			return true;
	}
	return false;
}

u32 nm_file_pending(const struct nm_file *f)
{
	if (!nm_file_is_bound(f) || nm_bind_has_csb(&f->bind))
		return 0;
	return (is_dir_pending(&f->bind, NM_RX) ? NM_POLLIN : 0) |
	       (is_dir_pending(&f->bind, NM_TX) ? NM_POLLOUT : 0);
}

/* Syncs the rings of @dir, all or only those with something to send; returns
 * NM_POLLERR for a bad one and @event if one is ready. */
static u32 poll_dir(struct nm_file *f, struct os_caller *caller, u32 dir,
		    bool all, u32 event)
{
	const struct nm_bind *b = &f->bind;
	bool fed = false;
	u32 found = 0;

	for (u32 i = b->first[dir]; i < b->end[dir]; i++) {
		struct nm_queue *q = nm_bind_queue(b, dir, i);
		struct nm_sync s = nm_bind_sync(b, q, caller);

		if (!all && !is_pending(q))
			continue;
		if (nm_queue_sync(q, &s) || s.reset)
			found |= NM_POLLERR;
		if (s.over && event)
			found |= NM_POLLERR;
		if (s.ready || s.over)
			found |= event;
		fed |= s.fed;
	}
	if (fed)
		found |= poll_dir(f, caller, NM_TX, false, 0);
	return found;
}

u32 nm_file_poll(struct nm_file *f, struct os_caller *caller, u32 events,
		 struct os_poll *poll)
{
	u32 found = 0;

	if (!nm_file_is_bound(f) || nm_bind_has_csb(&f->bind))
		return NM_POLLERR;
	if (events & NM_POLLIN)
		wait_on(f, NM_RX, poll);
	if (events & NM_POLLOUT) {
		wait_on(f, NM_TX, poll);
		found |= poll_dir(f, caller, NM_TX, true, NM_POLLOUT);
	} else if (!(f->bind.flags & NR_NO_TX_POLL)) {
		found |= poll_dir(f, caller, NM_TX, false, 0);
	}
	if (events & NM_POLLIN) {
		found |= poll_dir(f, caller, NM_RX, true, NM_POLLIN);
		nm_file_stamp(f);
	}
	if (os_load(&f->bind.port->stopped))
		found |= NM_POLLERR;
	return found;
}
