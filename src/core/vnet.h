/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vnet.h - virtio-net headers: what a frame's header asks for, done in
 * software. Pure functions on private memory; no ports, no rings.
 *
 * The header is struct virtio_net_hdr of the Virtual I/O Device specification
 * 1.1 and later (5.1.6, "Device Operation"), little endian: its first 10
 * bytes, or all 12, which end with num_buffers. What it can ask for:
 *
 *   NEEDS_CSUM   the Internet checksum (RFC 1071) from csum_start to the
 *                frame's end goes csum_offset behind csum_start, where the sum
 *                over the pseudo header lies until then
 *   TCPv4, TCPv6 the segment is too long: cut it into segments of gso_size
 *                bytes of payload
 *   UDP          the same for datagrams. The specification calls it UFO, and
 *                Linux does what that says: IP fragmentation, so that one
 *                datagram arrives (not one per piece, that is its newer type 5)
 *
 * How frames are cut:
 *   - a piece has at most NM_VNET_MAX bytes (an 802.1Q tag apart) and at most
 *     gso_size of payload: of TCP payload in segments, of IP payload, rounded
 *     down to 8 bytes, in fragments;
 *   - one 802.1Q tag, IPv4 options, TCP options, and in IPv6 a hop-by-hop
 *     header and destination options behind it are understood, and copied to
 *     each piece; any other header before TCP or UDP is malformed;
 *   - TCP: IPv4's id grows by 1 a piece; sequence numbers advance; FIN and PSH
 *     stay on the last piece, CWR on the first (RFC 3168), with the ECN bit
 *     (0x80) in gso_type or without;
 *   - UDP: the checksum is that of the whole datagram; fragments keep IPv4's
 *     id and lose its "don't fragment"; in IPv6 the fragment header is put
 *     behind the hop-by-hop header, with an id of ours;
 *   - lengths in IP and UDP headers must be those of the frame;
 *   - a frame that comes to more than NM_VNET_PIECES is malformed.
 *
 * A checksum of 0 in UDP means that there is none, so what comes to 0 is sent as
 * 0xffff, the same number. That is also done where NEEDS_CSUM says only where the
 * checksum goes; in the IPv4 and TCP headers of pieces 0 stays 0.
 * hdr_len is a hint that the specification warns of: it is not used, but one
 * beyond the end of the frame is malformed.
 */
#ifndef NM_VNET_H
#define NM_VNET_H

#include "os.h"

#define NM_VNET_MAX	 1514 /* bytes of a piece without a tag */
#define NM_VNET_TAG	 4
#define NM_VNET_PIECES	 2048
#define NM_VNET_HDR_LEN	 10 /* of the two lengths, the shorter; */
#define NM_VNET_HDR_FULL 12 /* the longer */

struct nm_vnet_hdr {
	u8 flags;
	u8 gso_type;
	u16 hdr_len, gso_size, csum_start, csum_offset;
};

/* A header may have @len bytes; 0: none. */
static inline bool nm_vnet_is_length(u32 len)
{
	return !len || len == NM_VNET_HDR_LEN || len == NM_VNET_HDR_FULL;
}

struct nm_vnet_hdr nm_vnet_hdr_read(const u8 raw[NM_VNET_HDR_LEN]);

static inline bool nm_vnet_is_gso(const struct nm_vnet_hdr *h)
{
	return h->gso_type;
}

/* A frame that is not to be cut: computes the checksum that @h asks for, in
 * @frame. False: malformed. */
bool nm_vnet_finish(const struct nm_vnet_hdr *h, u8 *frame, u32 len);

/* A frame being cut. */
struct nm_vnet_cut {
	u8 *frame; /* borrowed; the transport's checksum is written to it */
	u32 len;
	u32 l3, l4;  /* where IP's and the transport's header begin */
	u32 next_at; /* IPv6: of the byte that names what fragments hold */
	u32 head;    /* bytes that each piece begins with */
	u32 size;    /* bytes behind them, but for the last piece */
	u32 pos;     /* bytes behind them that are done */
	u32 count;   /* pieces that are done */
	u32 id;	     /* of IPv6 fragments */
	bool v6, udp;
};

/* Prepares to cut @frame as @h says. @id is for IPv6 fragments, to be another
 * one each time. False: malformed. */
bool nm_vnet_cut_begin(struct nm_vnet_cut *c, const struct nm_vnet_hdr *h,
		       u8 *frame, u32 len, u32 id);

/* Writes the next piece to @out, of NM_VNET_MAX + NM_VNET_TAG bytes; returns
 * its length, 0: there is none. */
u32 nm_vnet_cut_next(struct nm_vnet_cut *c, u8 *out);

#endif
