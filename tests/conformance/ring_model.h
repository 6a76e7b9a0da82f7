/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ring_model.h - which cursors a sync accepts, written down naively.
 *
 * Positions are walked one by one: nothing is computed that a ring could
 * compute wrongly in the same way.
 */
#ifndef CONFORMANCE_RING_MODEL_H
#define CONFORMANCE_RING_MODEL_H

#include "conf.h"
#include "target.h"

/* What is tried for head, cur and tail: every slot, and no slot. */
#define MODEL_SLOTS 5
static const uint32_t model_values[] = {0, 1, 2,	   3,	       4,
					5, 6, 0x7fffffffu, 0xffffffffu};
#define MODEL_VALUES CONF_COUNT(model_values)

struct cursors {
	uint32_t head, cur, tail;
};

static inline uint32_t model_next(uint32_t i)
{
	return i == MODEL_SLOTS - 1 ? 0 : i + 1;
}

/* Is @x met on the way from @from to @to, both included? */
static inline bool model_between(uint32_t x, uint32_t from, uint32_t to)
{
	for (uint32_t i = from;; i = model_next(i)) {
		if (i == x)
			return true;
		if (i == to)
			return false;
	}
}

/* Steps from @from to @to. */
static inline uint32_t model_steps(uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t i = from; i != to; i = model_next(i))
		n++;
	return n;
}

/* May the program say @c when the ring was at @was? */
static inline bool model_accepts(struct cursors c, struct cursors was)
{
	if (c.head >= MODEL_SLOTS || c.cur >= MODEL_SLOTS ||
	    c.tail >= MODEL_SLOTS)
		return false;
	return model_between(c.head, was.head, was.tail) &&
	       model_between(c.cur, c.head, was.tail);
}

static inline struct cursors cursors_of(const struct netmap_ring *r)
{
	return (struct cursors){r->head, r->cur, r->tail};
}

static inline void cursors_set(struct netmap_ring *r, struct cursors c)
{
	r->head = c.head;
	r->cur = c.cur;
	r->tail = c.tail;
}

static inline struct cursors model_try(size_t n)
{
	return (struct cursors){
		model_values[n % MODEL_VALUES],
		model_values[n / MODEL_VALUES % MODEL_VALUES],
		model_values[n / MODEL_VALUES / MODEL_VALUES],
	};
}

#define MODEL_TRIES (MODEL_VALUES * MODEL_VALUES * MODEL_VALUES)

/* For each n of those that are tried with the ring's state number @state. Where
 * that is a sample, each state has another. */
#define model_for_each(n, state) \
	for (size_t n = (state) % t_sample(); n < MODEL_TRIES; n += t_sample())

#endif
