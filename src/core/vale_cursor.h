/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vale_cursor.h - reading lists of runs, frame by frame, and delivering what
 * is read.
 */
#ifndef NM_VALE_CURSOR_H
#define NM_VALE_CURSOR_H

#include "vale_batch.h"

/* A list being read: pieces [pos, end) are left of its current run. */
struct nm_track {
	u32 pos, end;
	u32 next; /* run */
};

/* One or two lists read as one, in ring order. */
struct nm_cursor {
	struct nm_track a, b;
	u32 frames, slots; /* left */
};

static inline struct nm_track nm_track_of(const struct nm_batch *b, u32 run)
{
	const struct nm_run *r;

	if (run == NM_RUN_NONE)
		return (struct nm_track){.pos = NM_RUN_NONE};
	r = &b->run[run];
	return (struct nm_track){
		.pos = r->first, .end = r->end, .next = r->next};
}

static inline struct nm_cursor nm_cursor_make(const struct nm_batch *batch,
					      const struct nm_run_list *a,
					      const struct nm_run_list *b)
{
	return (struct nm_cursor){
		.a = nm_track_of(batch, a && a->frames ? a->head : NM_RUN_NONE),
		.b = nm_track_of(batch, b && b->frames ? b->head : NM_RUN_NONE),
		.frames = (a ? a->frames : 0) + (b ? b->frames : 0),
		.slots = (a ? a->slots : 0) + (b ? b->slots : 0),
	};
}

/* The next piece. */
static inline u32 nm_cursor_pos(const struct nm_cursor *c)
{
	return c->a.pos < c->b.pos ? c->a.pos : c->b.pos;
}

/* Takes off pieces that lie side by side, at most @max; returns how many. */
static inline u32 nm_cursor_take(struct nm_cursor *c, const struct nm_batch *b,
				 u32 max)
{
	struct nm_track *t = c->a.pos < c->b.pos ? &c->a : &c->b;
	u32 other = t == &c->a ? c->b.pos : c->a.pos;
	u32 end = t->end < other ? t->end : other;
	u32 n = end - t->pos < max ? end - t->pos : max;

	t->pos += n;
	c->slots -= n;
	if (t->pos == t->end)
		*t = nm_track_of(b, t->next);
	return n;
}

/* Takes off one frame; returns its slots. */
static inline u32 nm_cursor_take_frame(struct nm_cursor *c,
				       const struct nm_batch *b)
{
	c->frames--;
	return nm_cursor_take(c, b, b->piece[nm_cursor_pos(c)].nslots);
}

/* Delivers the frames of @c to the ring of @dq. Counts what is dropped, wakes.
 * Any context, in a read section. */
void nm_cursor_deliver(struct nm_queue *dq, struct nm_cursor c,
		       const struct nm_batch *b);

/* The same with a virtio-net header of @vnet_len bytes in the place of the
 * source's. nm_vnet_room_make() has been tried. */
void nm_cursor_translate(struct nm_queue *dq, struct nm_cursor c,
			 struct nm_batch *b, u32 vnet_len);

/* @frames more for the ring of @dq that do not get there. */
void nm_cursor_drop(struct nm_queue *dq, enum nm_stat why, u32 frames);

#endif
