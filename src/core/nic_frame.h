/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nic_frame.h - frames of a ring as the pieces that a driver takes, and frames
 * of a driver as the slots of a ring.
 */
#ifndef NM_NIC_FRAME_H
#define NM_NIC_FRAME_H

#include "nic.h"

#define NM_ETH_HLEN 14

/* Pieces per call of a driver: a batch, and the rest of its last frame. */
#define NM_NIC_BATCH 256

/* What a queue whose frames go to a driver needs; its scratch, for the holder
 * of the claim. */
struct nm_nic_batch {
	struct nm_nic_piece piece[NM_NIC_BATCH + NETMAP_MAX_FRAGS];
	u32 epoch;   /* of the port, when hwtail was last right */
	u32 skipped; /* slots in skip[] */
	u8 skip[];   /* [num_slots] in flight, but not with the driver */
};

/* NULL: no memory. */
struct nm_nic_batch *nm_nic_batch_create(u32 num_slots);

/* One frame, looked at. */
struct nm_nic_frame {
	u32 slots, bytes;
	u16 flags;	  /* of its first slot */
	bool open;	  /* its end is not there yet */
	enum nm_stat why; /* it is bad; NM_STATS: it is not */
};

/* Where the data of slot @slot, read as @v, begins; NULL if it is not all in
 * a buffer of the region. */
static inline u8 *nm_nic_data(const struct nm_queue *q,
			      const struct nm_bufs *bufs,
			      const struct netmap_slot *slot, struct nm_slot v)
{
	u32 ofs = 0;
	u8 *buf;

	if (__builtin_expect(q->ofs_mask != 0, 0))
		ofs = nm_queue_offset(q, os_load(&slot->ptr));
	buf = nm_bufs_addr(bufs, v.idx);
	if (__builtin_expect(!buf || v.len > bufs->size - ofs, 0))
		return NULL;
	return buf + ofs;
}

/*
 * Takes the frame in the slots from @k on, before @end, as pieces
 * p[0..NETMAP_MAX_FRAGS): each slot is read once and checked. @f says how many
 * slots it has. Clears NS_BUF_CHANGED. Claim held.
 */
void nm_nic_frame_take(struct nm_queue *q, u32 k, u32 end,
		       struct nm_nic_piece *p, struct nm_nic_frame *f);

/* An offset that is too large counts as the largest, and the program is told. */
static inline void nm_nic_slot_mend(struct nm_queue *q,
				    struct netmap_slot *slot)
{
	os_store(&slot->ptr, nm_queue_ptr(q, os_load(&slot->ptr)));
}

/* Copies @len bytes, at most q->room, into slot @k; NM_STATS, or why the slot
 * says now that it holds nothing. Producer side. */
static inline enum nm_stat nm_nic_slot_fill(struct nm_queue *q,
					    const struct nm_bufs *bufs, u32 k,
					    const void *data, u32 len,
					    u16 flags)
{
	struct netmap_slot *slot = &q->ring->slot[k];
	struct nm_slot v = nm_slot_load(slot);
	u8 *to;

	v.len = (u16)len;
	v.flags = flags;
	if (__builtin_expect(q->ofs_mask != 0, 0))
		nm_nic_slot_mend(q, slot);
	to = nm_nic_data(q, bufs, slot, v);
	if (__builtin_expect(!to, 0)) {
		v.len = v.flags = 0;
		nm_slot_store(slot, v);
		return NM_STAT_DROP_SLOT;
	}
	os_copy(to, data, len);
	nm_slot_store(slot, v);
	return NM_STATS;
}

/* The same for a frame that needs more than one slot, from slot *@k on, before
 * @end; *@k is behind it then. NM_STATS, or why it is dropped. */
enum nm_stat nm_nic_frame_fill(struct nm_queue *q, u32 *k, u32 end,
			       const u8 *data, u32 len);

#endif
