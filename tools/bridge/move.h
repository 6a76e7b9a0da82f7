/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* move.h - moves frames from a receive ring to a transmit ring. */
#ifndef BRIDGE_MOVE_H
#define BRIDGE_MOVE_H

#include <stdbool.h>
#include <stdint.h>
#include <net/netmap_user.h>

struct move_count {
	uint64_t frames, bytes;
	uint64_t dropped; /* would take more slots than a frame may */
};

/*
 * Moves up to @max whole frames, as far as there is room, and gives up their
 * slots. With @zero_copy, which needs rings of one region, buffers change
 * places. Else frames are copied, into as many slots as the other ring's buffers
 * make it. Returns how many it took from @rx; *@no_room says if it ended since
 * the next one did not fit. Of a frame whose end is not there, cur asks for it.
 */
uint32_t move_frames(struct netmap_ring *rx, struct netmap_ring *tx,
		     uint32_t max, bool zero_copy, struct move_count *count,
		     bool *no_room);

#endif
