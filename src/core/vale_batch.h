/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale_batch.h - the frames of one batch on their way through a switch.
 *
 *   ring slots --collect--> pieces, in runs --classify--> one list of runs per
 *   destination --deliver--> the slots of its rings
 *
 * A *piece* is one slot of a frame, checked, with its address. A *run* is a
 * stretch of frames between the same two addresses: what is decided for one is
 * decided for all, so a flow costs one look-up per batch. A batch belongs to a
 * tx queue (nm_queue.scratch) and to whoever holds its claim.
 */
#ifndef NM_VALE_BATCH_H
#define NM_VALE_BATCH_H

#include "vale.h"

#define NM_MAC_MASK ((1ull << 48) - 1)
#define NM_RUN_NONE 0xffff	/* no run, no piece */
#define NM_FLOOD    NM_FDB_NONE /* list of frames for every port */
#define NM_BOUNCES  (2 * NETMAP_MAX_FRAGS)
#define NM_ETH_HLEN 14

/* One slot of a frame. */
struct nm_piece {
	u8 *buf;
	u16 len;
	u16 nslots; /* pieces of the frame; in its first */
	u16 ring;   /* of the destination; in its first, if batch.apart */
	u16 slot;   /* of the sender's ring, if batch.giver: its buffer may be
		     * handed over; NM_RUN_NONE: it may not */
};

/* Frames in a row between the same addresses: pieces [first, end). */
struct nm_run {
	u64 w0, w1; /* the first 12 bytes of its frames */
	u32 hash;   /* of the destination */
	u32 frames;
	u64 bytes;
	u16 first, end;
	u16 next; /* run for the same destination */
};

/* Runs for one destination, in ring order. */
struct nm_run_list {
	u16 head, tail;
	u32 frames, slots;
	u64 bytes;
};

struct nm_batch {
	struct nm_piece piece[NM_BATCH_MAX + NETMAP_MAX_FRAGS];
	/* run[0] is none: no frame is like it. */
	struct nm_run run[NM_BATCH_MAX + 1];
	u32 nruns;
	/* By destination; used[] names those with frames, NM_FLOOD apart. */
	struct nm_run_list list[NM_FLOOD + 1];
	u8 used[NM_FLOOD + 1];
	u32 nused;
	/* NM_BOUNCES buffers for indirect data; made at first use. */
	u8 *bounce;
	u32 nbounce;

	/* What is not as usual; nothing of it is, mostly. */
	u32 special;  /* anything of these */
	u32 vnet_len; /* bytes before each frame: the source's */
	bool apart;   /* each frame is a run: a client tells where it goes */
	const struct nm_queue *giver; /* whose buffers may be handed over */

	/* For frames whose header changes: vale_vnet.c; made at first use. */
	struct nm_vnet_room *room;
	bool any;	 /* the sync is not in thread context */
	bool wants_room; /* ... and so could not make it */
};

#define NM_PIECE_SPECIAL (NS_BUF_CHANGED | NS_INDIRECT | NS_MOREFRAG)

/* Makes *p the piece of slot @word if that is a frame by itself of @min bytes
 * or more, with nothing special about it; false: it is not. */
static inline bool nm_piece_plain(struct nm_piece *p,
				  const struct nm_bufs *bufs, u64 word, u32 min)
{
	struct nm_slot s = nm_slot_of(word);

	if (__builtin_expect(word & (u64)NM_PIECE_SPECIAL << 48, 0))
		return false;
	/* Too short, or over the buffer's size. */
	if (__builtin_expect((u32)s.len - min > bufs->size - min, 0))
		return false;
	p->buf = nm_bufs_addr(bufs, s.idx);
	p->len = s.len;
	p->nslots = 1;
	return __builtin_expect(p->buf != NULL, 1);
}

/* Reads a frame's header, once; buffers have at least 64 bytes. */
static inline void nm_piece_header(const struct nm_piece *p, u64 *w0, u64 *w1)
{
	const nm_word *header = (const nm_word *)(void *)p->buf;

	*w0 = os_load(header);
	*w1 = os_load(header + 1);
}

/* The piece of the frame at @p that has the Ethernet header, *skip bytes from
 * its start; NULL: too short, or a virtio-net header that is neither wholly in
 * the first piece, with this behind it, nor all of that piece. */
static inline const struct nm_piece *nm_piece_ether(const struct nm_piece *p,
						    u32 vnet_len, u32 *skip)
{
	bool apart = vnet_len && p->len == vnet_len && p->nslots > 1;

	*skip = apart ? 0 : vnet_len;
	p += apart;
	return p->len >= *skip + NM_ETH_HLEN ? p : NULL;
}

/* A port whose header has @vnet_len bytes takes frames as they are. */
static inline bool nm_batch_suits(const struct nm_batch *b, u32 vnet_len)
{
	return __builtin_expect(vnet_len == b->vnet_len, 1);
}

/*
 * Collects frames from slot @k of @q on, up to rhead or until the batch is
 * full: each slot is read once; NS_INDIRECT data is copied in. Bad frames are
 * counted and left out; a chain still open at rhead is closed there. Begins to
 * look up destinations in @fdb, unless NULL. Returns the slot after the last.
 * Thread, outside of read sections.
 */
u32 nm_batch_collect(struct nm_queue *q, struct nm_sync *s, u32 k,
		     const struct nm_fdb *fdb);

/* Delivers @q's frames of @own (or NULL) and @flood (or NULL) to @dst, whose
 * header has @vnet_len bytes, in ring
 * order: its own to the ring of the sender's number, the flooded ones to ring
 * 0. Counts what is dropped, wakes. Any context, in a read section. */
void nm_batch_deliver(struct nm_queue *q, struct nm_vale_port *dst,
		      u32 vnet_len, const struct nm_run_list *own,
		      const struct nm_run_list *flood);

/* The ring of @dst for frames of the @id-th ring of their sender. */
static inline struct nm_queue *nm_vale_rx_queue(struct nm_vale_port *dst,
						u32 id)
{
	u32 rings = dst->port.rings[NM_RX];

	return &dst->port.queue[NM_RX][id < rings ? id : id % rings];
}

/* Delivers the frame of one slot @p to the ring of @dq: under the lock, and
 * published at once. False: others fill slots of it, or it cannot be, and
 * nothing was done. Any context, in a read section. */
bool nm_piece_deliver(struct nm_queue *dq, const struct nm_piece *p);

/* ---- virtio-net headers: vale_vnet.c ---- */

/* Makes what the translation of @b's frames needs: thread. -ENOMEM. */
int nm_vnet_room_make(struct nm_batch *b);
void nm_vnet_room_free(struct nm_vnet_room *room);

#endif
