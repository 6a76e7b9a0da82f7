/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * frame.h - the UDP frame that is sent, with checksums that are right.
 *
 *   vnet | Ethernet 14 | IPv4 20 or IPv6 40 | UDP 8 | mark | text
 *
 * vnet is a virtio-net header of zeros, or nothing. The mark, numbers in network
 * byte order, is there if somebody at the other end shall read it:
 *
 *   0  4  sequence number       FRAME_SEQ and FRAME_TIME
 *   4  4  stream: who counts
 *   8  8  clock_ns() when sent  FRAME_TIME
 *
 * A frame is built once; each setter changes one field and the sums, and
 * frame_seal() writes the checksums. What setters touch is in the first
 * hot bytes, the rest is text that depends on its place alone, so a buffer that
 * held a frame holds the next one after these have been copied.
 */
#ifndef PKT_GEN_FRAME_H
#define PKT_GEN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "range.h"

enum frame_mark {
	FRAME_PLAIN = 0, /* bytes of the mark */
	FRAME_SEQ = 8,
	FRAME_TIME = 16,
};

#define FRAME_MAX 65535

struct frame_spec {
	int version; /* 4 or 6 */
	uint8_t dst_mac[6], src_mac[6];
	struct range_at src, dst;
	uint32_t vnet;	  /* bytes in front: 0, 10, 12 */
	uint32_t len_max; /* bytes of the longest frame, without vnet */
	enum frame_mark mark;
};

struct frame {
	uint8_t *data;	/* vnet + len_max bytes, and zeros up to hot */
	uint8_t *ether; /* in data, behind vnet */
	uint32_t vnet;
	uint32_t len; /* without vnet */
	uint32_t len_max;
	uint32_t hot; /* bytes of data that may change; a multiple of 32 */

	/* where fields are, from ether on */
	uint32_t ip, udp, payload;
	int version;
	struct range_at src, dst; /* as written */
	uint16_t ip_sum, udp_sum; /* without the checksums themselves */
	uint16_t *text_sum;	  /* [i]: of the first i bytes of text */
};

/* Bytes of the shortest frame. */
uint32_t frame_len_min(int version, enum frame_mark mark);

/* False: no memory. len_max is at least frame_len_min(), at most FRAME_MAX. */
bool frame_build(struct frame *f, const struct frame_spec *spec);
void frame_free(struct frame *f);

void frame_set_src(struct frame *f, const struct range_at *src);
void frame_set_dst(struct frame *f, const struct range_at *dst);
void frame_set_len(struct frame *f, uint32_t len);
void frame_set_mark(struct frame *f, uint32_t seq, uint32_t stream);
void frame_set_time(struct frame *f, uint64_t ns);
void frame_seal(struct frame *f);
/* As frame_seal(), but sums up all bytes again. */
void frame_seal_fully(struct frame *f);

/* ---- frames of others ---- */

struct frame_mark_read {
	uint32_t seq, stream;
	uint64_t time; /* with FRAME_TIME only */
};

/* Reads the mark of a UDP frame at @ether with @len bytes there. False: it is
 * another frame, or too short. */
bool frame_read_mark(const uint8_t *ether, uint32_t len, enum frame_mark mark,
		     struct frame_mark_read *m);

/* Sends a frame back: exchanges its addresses and UDP or TCP ports, which leaves
 * checksums as they are. Of what is not there nothing is exchanged. */
void frame_turn(uint8_t *ether, uint32_t len);

#endif
