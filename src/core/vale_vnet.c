// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Frames on their way to a port whose virtio-net header has another length.
 *
 *   pieces of the sender --copy--> a frame in our memory --header--> one frame
 *   or, cut up, several --sliced--> pieces of another batch --> deliver
 *
 * The sender can write its buffers at any time, so nothing of a frame is looked
 * at before it has been copied here. What comes out is a batch like any other,
 * delivered when it is full, and at the end.
 */
#include "vale_cursor.h"
#include "vnet.h"

/* Larger frames are dropped here: as much as 64 buffers of the usual size. */
#define FRAME_MAX (NETMAP_MAX_FRAGS * NM_BUF_SIZE)

/* Belongs to a batch, and to whoever holds the claim of its queue. */
struct nm_vnet_room {
	struct nm_batch out; /* its pieces lie in bytes[] */
	u32 pieces, frames, used;
	u32 id;		     /* for fragments */
	u8 whole[FRAME_MAX]; /* to be cut up */
	u8 bytes[FRAME_MAX + NM_VNET_HDR_FULL];
};

int nm_vnet_room_make(struct nm_batch *b)
{
	b->room = os_alloc(sizeof(*b->room));
	if (!b->room)
		return -ENOMEM;
	b->room->id = (u32)os_random();
	return 0;
}

void nm_vnet_room_free(struct nm_vnet_room *room)
{
	os_free(room);
}

/* One list of frames being translated. */
struct work {
	struct nm_queue *dq;
	struct nm_vnet_room *r;
	u32 from, to; /* lengths of the header */
	u32 slot;     /* bytes that a slot of the receiver takes */
	u32 bad;      /* frames that are malformed */
};

/* Delivers what has come together. */
static void flush(struct work *w)
{
	struct nm_vnet_room *r = w->r;
	struct nm_run_list all = {
		.head = 1, .tail = 1, .frames = r->frames, .slots = r->pieces};

	r->out.run[1] =
		(struct nm_run){.end = (u16)r->pieces, .next = NM_RUN_NONE};
	nm_cursor_deliver(w->dq, nm_cursor_make(&r->out, &all, NULL), &r->out);
	r->pieces = r->frames = r->used = 0;
}

/* Sees to it that a frame of @len bytes has a place; returns it. */
static u8 *place(struct work *w, u32 len)
{
	struct nm_vnet_room *r = w->r;

	if (r->used + len > sizeof(r->bytes) || r->pieces >= NM_BATCH_MAX)
		flush(w);
	return r->bytes + r->used;
}

/* The @len bytes at the place are a frame. */
static void put(struct work *w, u32 len)
{
	struct nm_vnet_room *r = w->r;
	u32 n = (len + w->slot - 1) / w->slot;
	struct nm_piece *p = &r->out.piece[r->pieces];

	if (n > NETMAP_MAX_FRAGS) {
		nm_cursor_drop(w->dq, NM_STAT_DROP_SIZE, 1);
		return;
	}
	p->nslots = (u16)n;
	for (u32 at = 0; at < len; at += w->slot, p++) {
		p->buf = r->bytes + r->used + at;
		p->len = (u16)(len - at < w->slot ? len - at : w->slot);
	}
	r->pieces += n;
	r->frames++;
	r->used += len;
}

/* Copies the frame at @p behind its header. */
static void copy_in(const struct work *w, u8 *dst, const struct nm_piece *p)
{
	u32 skip = w->from;

	for (u32 i = 0; i < p->nslots; i++, skip = 0) {
		os_copy(dst, p[i].buf + skip, p[i].len - skip);
		dst += p[i].len - skip;
	}
}

static void cut_up(struct work *w, const struct nm_piece *p,
		   const struct nm_vnet_hdr *h, u32 len)
{
	struct nm_vnet_room *r = w->r;
	struct nm_vnet_cut c;
	u32 n;

	copy_in(w, r->whole, p);
	if (!nm_vnet_cut_begin(&c, h, r->whole, len, r->id++)) {
		w->bad++;
		return;
	}
	do {
		n = nm_vnet_cut_next(&c, place(w, NM_VNET_MAX + NM_VNET_TAG));
		if (n)
			put(w, n);
	} while (n);
}

/* The frame at @p, of @len bytes without its header. */
static void translate(struct work *w, const struct nm_piece *p, u32 len)
{
	u8 header[NM_VNET_HDR_FULL] = {0};
	struct nm_vnet_hdr h;
	u8 *out;

	if (w->from == NM_VNET_HDR_FULL)
		os_copy(header, p->buf, NM_VNET_HDR_FULL);
	else if (w->from)
		os_copy(header, p->buf, NM_VNET_HDR_LEN);
	h = nm_vnet_hdr_read(header);
	if (!w->to && nm_vnet_is_gso(&h)) {
		cut_up(w, p, &h, len);
		return;
	}
	out = place(w, w->to + len);
	memcpy(out, header, w->to);
	copy_in(w, out + w->to, p);
	if (w->to || nm_vnet_finish(&h, out, len))
		put(w, w->to + len);
	else
		w->bad++;
}

void nm_cursor_translate(struct nm_queue *dq, struct nm_cursor c,
			 struct nm_batch *b, u32 vnet_len)
{
	struct work w = {.dq = dq,
			 .r = b->room,
			 .from = b->vnet_len,
			 .to = vnet_len,
			 .slot = os_load(&dq->room)};

	if (!w.slot) /* never had a ring */
		w.slot = NM_BUF_SIZE;
	if (!w.r) {
		nm_cursor_drop(dq, NM_STAT_DROP_MEMORY, c.frames);
		return;
	}
	while (c.frames) {
		const struct nm_piece *p = &b->piece[nm_cursor_pos(&c)];
		u32 len = 0;

		for (u32 i = 0; i < p->nslots; i++)
			len += p[i].len;
		nm_cursor_take_frame(&c, b);
		len -= w.from;
		if (len > FRAME_MAX)
			nm_cursor_drop(dq, NM_STAT_DROP_SIZE, 1);
		else
			translate(&w, p, len);
	}
	flush(&w);
	if (w.bad)
		nm_cursor_drop(dq, NM_STAT_DROP_HEADER, w.bad);
}
