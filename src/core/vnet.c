// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vnet.h"

#define F_NEEDS_CSUM 1

#define GSO_TCPV4 1
#define GSO_UDP	  3
#define GSO_TCPV6 4
#define GSO_ECN	  0x80

#define ETH_HLEN	14
#define ETHERTYPE_IP	0x0800
#define ETHERTYPE_8021Q 0x8100
#define ETHERTYPE_IPV6	0x86dd
#define IP4_HLEN	20
#define IP6_HLEN	40
#define IP4_FRAGMENT	0x3fff /* more fragments, offset */
#define IP4_MORE	0x2000
#define IP6_MORE	1
#define IP6_FRAG_HLEN	8
#define TCP_HLEN	20
#define UDP_HLEN	8

/* Next headers and protocols. */
#define NEXT_HOPOPTS  0
#define NEXT_TCP      6
#define NEXT_UDP      17
#define NEXT_FRAGMENT 44
#define NEXT_DSTOPTS  60

#define TCP_FIN_PSH 0x09
#define TCP_CWR	    0x80

/* ---- words in network order, at any address ---- */

static u32 get16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static u32 get32(const u8 *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ---- checksums: RFC 1071; sums are in the machine's byte order ---- */

static u64 sum_add(u64 sum, const u8 *p, u32 len)
{
	u32 w;

	for (; len >= sizeof(w); p += sizeof(w), len -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		sum += w;
	}
	if (len) {
		w = 0;
		memcpy(&w, p, len);
		sum += w;
	}
	return sum;
}

static void sum_put(u64 sum, u8 *at)
{
	u16 v;

	sum = (sum >> 32) + (u32)sum;
	sum = (sum >> 32) + (u32)sum;
	sum = (sum >> 16) + (u16)sum;
	sum = (sum >> 16) + (u16)sum;
	v = (u16)~sum;
	memcpy(at, &v, sizeof(v));
}

/* The same where 0 would mean that there is no checksum: in UDP. */
static void sum_put_nonzero(u64 sum, u8 *at)
{
	sum_put(sum, at);
	if (!get16(at))
		put16(at, 0xffff);
}

/* ---- the header ---- */

static u16 get_le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

struct nm_vnet_hdr nm_vnet_hdr_read(const u8 raw[NM_VNET_HDR_LEN])
{
	return (struct nm_vnet_hdr){
		.flags = raw[0],
		.gso_type = raw[1],
		.hdr_len = get_le16(raw + 2),
		.gso_size = get_le16(raw + 4),
		.csum_start = get_le16(raw + 6),
		.csum_offset = get_le16(raw + 8),
	};
}

bool nm_vnet_finish(const struct nm_vnet_hdr *h, u8 *frame, u32 len)
{
	u32 start = h->csum_start, at = start + h->csum_offset;

	if (!(h->flags & F_NEEDS_CSUM))
		return true;
	if (start < ETH_HLEN || at + 2 > len)
		return false;
	sum_put_nonzero(sum_add(0, frame + start, len - start), frame + at);
	return true;
}

/* ---- taking a frame apart ---- */

static bool parse_ip4(struct nm_vnet_cut *c, u32 *next)
{
	const u8 *ip = c->frame + c->l3;
	u32 bytes = c->len - c->l3, hlen;

	if (bytes < IP4_HLEN || ip[0] >> 4 != 4)
		return false;
	hlen = (ip[0] & 15u) * 4;
	if (hlen < IP4_HLEN || hlen > bytes || get16(ip + 2) != bytes ||
	    get16(ip + 6) & IP4_FRAGMENT)
		return false;
	c->l4 = c->head = c->l3 + hlen;
	*next = ip[9];
	return true;
}

/* Steps over the extension header at c->l4, if there is a whole one. */
static bool skip_ip6_option(struct nm_vnet_cut *c, u32 *next)
{
	u32 len;

	if (c->len - c->l4 < 8)
		return false;
	len = (c->frame[c->l4 + 1] + 1u) * 8;
	if (len > c->len - c->l4)
		return false;
	*next = c->frame[c->l4];
	c->l4 += len;
	return true;
}

static bool parse_ip6(struct nm_vnet_cut *c, u32 *next)
{
	const u8 *ip = c->frame + c->l3;
	u32 bytes = c->len - c->l3;

	if (bytes < IP6_HLEN || ip[0] >> 4 != 6 ||
	    get16(ip + 4) != bytes - IP6_HLEN)
		return false;
	c->v6 = true;
	c->l4 = c->l3 + IP6_HLEN;
	c->next_at = c->l3 + 6;
	*next = ip[6];
	if (*next == NEXT_HOPOPTS) {
		c->next_at = c->l4;
		if (!skip_ip6_option(c, next))
			return false;
	}
	c->head = c->l4;
	return *next != NEXT_DSTOPTS || skip_ip6_option(c, next);
}

/* TCP: its header is part of each piece. */
static bool parse_tcp(struct nm_vnet_cut *c)
{
	u32 bytes = c->len - c->l4, hlen;

	if (bytes < TCP_HLEN)
		return false;
	hlen = (u32)(c->frame[c->l4 + 12] >> 4) * 4;
	if (hlen < TCP_HLEN || hlen > bytes)
		return false;
	c->head = c->l4 + hlen;
	return true;
}

/* UDP: its header is part of what is cut. */
static bool parse_udp(struct nm_vnet_cut *c)
{
	u32 bytes = c->len - c->l4;

	c->udp = true;
	return bytes >= UDP_HLEN && get16(c->frame + c->l4 + 4) == bytes;
}

static bool parse(struct nm_vnet_cut *c, u32 type)
{
	u32 proto, next = 0;

	c->l3 = ETH_HLEN;
	if (c->len < ETH_HLEN + NM_VNET_TAG)
		return false;
	proto = get16(c->frame + 12);
	if (proto == ETHERTYPE_8021Q) {
		proto = get16(c->frame + 16);
		c->l3 += NM_VNET_TAG;
	}
	if (proto == ETHERTYPE_IP && (type == GSO_TCPV4 || type == GSO_UDP)) {
		if (!parse_ip4(c, &next))
			return false;
	} else if (proto == ETHERTYPE_IPV6 &&
		   (type == GSO_TCPV6 || type == GSO_UDP)) {
		if (!parse_ip6(c, &next))
			return false;
	} else {
		return false;
	}
	if (next == NEXT_UDP && type == GSO_UDP)
		return parse_udp(c);
	return next == NEXT_TCP && type != GSO_UDP && parse_tcp(c);
}

static u32 csum_offset(const struct nm_vnet_cut *c)
{
	return c->udp ? 6 : 16;
}

/* What @h says of the frame agrees with what was found. */
static bool is_consistent(const struct nm_vnet_cut *c,
			  const struct nm_vnet_hdr *h)
{
	if (h->hdr_len > c->len || !h->gso_size)
		return false;
	if (!(h->flags & F_NEEDS_CSUM))
		return true;
	return h->csum_start == c->l4 && h->csum_offset == csum_offset(c);
}

/* The checksum of TCP or UDP at @l4, of @len bytes, in a frame whose IP header
 * is at @ip. */
static void transport_sum(const struct nm_vnet_cut *c, const u8 *ip, u8 *l4,
			  u32 len)
{
	u8 pseudo[4] = {0, c->udp ? NEXT_UDP : NEXT_TCP};
	u8 *at = l4 + csum_offset(c);
	u64 sum;

	put16(pseudo + 2, len);
	put16(at, 0);
	sum = sum_add(0, pseudo, sizeof(pseudo));
	sum = c->v6 ? sum_add(sum, ip + 8, 32) : sum_add(sum, ip + 12, 8);
	sum = sum_add(sum, l4, len);
	if (c->udp)
		sum_put_nonzero(sum, at);
	else
		sum_put(sum, at);
}

/* ---- cutting ---- */

/* Bytes that pieces have in front of their payload. */
static u32 overhead(const struct nm_vnet_cut *c)
{
	return c->head + (c->v6 && c->udp ? IP6_FRAG_HLEN : 0);
}

/* How much goes into a piece; false: nothing can. */
static bool size_find(struct nm_vnet_cut *c, u32 gso_size)
{
	u32 payload = c->len - c->head;
	u32 max = NM_VNET_MAX + (c->l3 - ETH_HLEN), room;

	if (payload <= gso_size && c->len <= max) {
		c->size = payload; /* one piece, as it is */
		return true;
	}
	if (overhead(c) >= max)
		return false;
	room = max - overhead(c);
	c->size = gso_size < room ? gso_size : room;
	if (c->udp)
		c->size &= ~7u;
	return c->size && payload <= (u64)c->size * NM_VNET_PIECES;
}

bool nm_vnet_cut_begin(struct nm_vnet_cut *c, const struct nm_vnet_hdr *h,
		       u8 *frame, u32 len, u32 id)
{
	*c = (struct nm_vnet_cut){.frame = frame, .len = len, .id = id};
	if (!parse(c, h->gso_type & ~(u32)GSO_ECN) || !is_consistent(c, h) ||
	    !size_find(c, h->gso_size))
		return false;
	/* Of the whole, before fragments take it apart. */
	if (c->udp)
		transport_sum(c, frame + c->l3, frame + c->l4, len - c->l4);
	return true;
}

static void ip4_finish(u8 *ip, u32 bytes)
{
	u32 hlen = (ip[0] & 15u) * 4;

	put16(ip + 2, bytes);
	put16(ip + 10, 0);
	sum_put(sum_add(0, ip, hlen), ip + 10);
}

/* Headers of the segment at @out, whose last byte is at @len. */
static void segment_finish(const struct nm_vnet_cut *c, u8 *out, u32 len,
			   bool last)
{
	u8 *ip = out + c->l3, *tcp = out + c->l4;

	put32(tcp + 4, get32(tcp + 4) + c->pos);
	if (!last)
		tcp[13] &= (u8)~TCP_FIN_PSH;
	if (c->count)
		tcp[13] &= (u8)~TCP_CWR;
	if (c->v6) {
		put16(ip + 4, len - c->l3 - IP6_HLEN);
	} else {
		put16(ip + 4, get16(ip + 4) + c->count);
		ip4_finish(ip, len - c->l3);
	}
	transport_sum(c, ip, tcp, len - c->l4);
}

/* Headers of the fragment at @out; a datagram in one piece stays as it is. */
static void fragment_finish(const struct nm_vnet_cut *c, u8 *out, u32 len,
			    bool last)
{
	u8 *ip = out + c->l3, *frag = out + c->head;

	if (!c->pos && last)
		return;
	if (!c->v6) {
		put16(ip + 6, c->pos / 8 | (last ? 0 : IP4_MORE));
		ip4_finish(ip, len - c->l3);
		return;
	}
	frag[0] = out[c->next_at];
	frag[1] = 0;
	put16(frag + 2, c->pos | (last ? 0 : IP6_MORE));
	put32(frag + 4, c->id);
	out[c->next_at] = NEXT_FRAGMENT;
	put16(ip + 4, len - c->l3 - IP6_HLEN);
}

u32 nm_vnet_cut_next(struct nm_vnet_cut *c, u8 *out)
{
	u32 left = c->len - c->head - c->pos;
	u32 n = left < c->size ? left : c->size;
	u32 at = n == c->len - c->head ? c->head : overhead(c);
	bool last = n == left;

	if (c->count && !left)
		return 0;
	memcpy(out, c->frame, c->head);
	memcpy(out + at, c->frame + c->head + c->pos, n);
	if (c->udp)
		fragment_finish(c, out, at + n, last);
	else
		segment_finish(c, out, at + n, last);
	c->pos += n;
	c->count++;
	return at + n;
}
