// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "nic_frame.h"

struct nm_nic_batch *nm_nic_batch_create(u32 num_slots)
{
	return os_alloc(sizeof(struct nm_nic_batch) + num_slots);
}

/* One slot as a piece; NM_STATS, or why its frame is bad. */
static enum nm_stat piece_take(const struct nm_queue *q,
			       const struct nm_bufs *bufs,
			       struct netmap_slot *slot, struct nm_nic_piece *p,
			       struct nm_slot *v)
{
	*v = nm_slot_load(slot);
	if (v->flags & NS_BUF_CHANGED) {
		v->flags &= (u16)~NS_BUF_CHANGED;
		nm_slot_store(slot, *v);
	}
	p->data = nm_nic_data(q, bufs, slot, *v);
	p->len = v->len;
	p->flags = v->flags & (NS_MOREFRAG | NS_REPORT);
	return p->data && v->len ? NM_STATS : NM_STAT_NO_SLOT;
}

void nm_nic_frame_take(struct nm_queue *q, u32 k, u32 end,
		       struct nm_nic_piece *p, struct nm_nic_frame *f)
{
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	struct nm_nic_piece none;
	enum nm_stat why;
	struct nm_slot v;

	*f = (struct nm_nic_frame){.why = NM_STATS};
	do {
		why = piece_take(
			q, &bufs, &q->ring->slot[k],
			f->slots < NETMAP_MAX_FRAGS ? &p[f->slots] : &none, &v);
		if (!f->slots++)
			f->flags = v.flags;
		if (f->why == NM_STATS)
			f->why = why;
		f->bytes += v.len;
		k = nm_queue_next(q, k);
	} while (v.flags & NS_MOREFRAG && k != end);
	f->open = v.flags & NS_MOREFRAG;
	if (f->slots > NETMAP_MAX_FRAGS)
		f->why = NM_STAT_NO_FRAGS;
	else if (f->why == NM_STATS && p->len < NM_ETH_HLEN)
		f->why = NM_STAT_NO_RUNT;
}

enum nm_stat nm_nic_frame_fill(struct nm_queue *q, u32 *k, u32 end,
			       const u8 *data, u32 len)
{
	struct nm_bufs bufs = nm_region_bufs(q->port->region);
	u32 slots = (len + q->room - 1) / q->room, first = *k;
	enum nm_stat why = NM_STATS;

	if (slots > NETMAP_MAX_FRAGS)
		return NM_STAT_DROP_SIZE;
	if (slots > q->num_slots - 1 - nm_queue_distance(q, end, first))
		return NM_STAT_DROP_FULL;
	for (u32 done = 0; done < len && why == NM_STATS; done += q->room) {
		u32 part = len - done < q->room ? len - done : q->room;

		why = nm_nic_slot_fill(q, &bufs, *k, data + done, part,
				       done + part < len ? NS_MOREFRAG : 0);
		*k = nm_queue_next(q, *k);
	}
	/* They go by empty, so that the bad one is not met again. */
	for (; why != NM_STATS && first != *k;
	     first = nm_queue_next(q, first)) {
		struct nm_slot v = nm_slot_load(&q->ring->slot[first]);

		v.len = v.flags = 0;
		nm_slot_store(&q->ring->slot[first], v);
	}
	return why;
}
