// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "frame.h"
#include <stdlib.h>
#include <string.h>
#include "csum.h"

#define ETHER	 14
#define UDP	 8
#define HOT_STEP 32
#define HOT_MAX	 128 /* 12 + 14 + 40 + 8 + 16, in steps */

/* offsets */
enum {
	ETHER_TYPE = 12,
	V4_LEN = 2,
	V4_CSUM = 10,
	V4_SRC = 12,
	V4_DST = 16,
	V6_LEN = 4,
	V6_NEXT = 6,
	V6_SRC = 8,
	V6_DST = 24,
	UDP_SRC = 0,
	UDP_DST = 2,
	UDP_LEN = 4,
	UDP_CSUM = 6,
};

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, PROTO_TCP = 6, PROTO_UDP = 17 };

static const char text[] = "netmap pkt-gen ";

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void put16(uint8_t *p, uint16_t v)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof(v));
}

/* Writes a word that the UDP checksum covers. */
static inline void udp_put16(struct frame *f, uint8_t *p, uint16_t v)
{
	f->udp_sum = csum_replace(f->udp_sum, get16(p), v);
	put16(p, v);
}

/* ---- setters ---- */

static void put_addr(struct frame *f, uint32_t at, range_addr addr)
{
	uint32_t words = f->version == 4 ? 2 : 8;
	uint8_t *p = f->ether + f->ip + at;

	for (uint32_t i = 0; i < words; i++, p += 2) {
		uint16_t new = (uint16_t)(addr >> 16 * (words - 1 - i));
		uint16_t old = get16(p);

		if (old == new)
			continue;
		if (f->version == 4)
			f->ip_sum = csum_replace(f->ip_sum, old, new);
		udp_put16(f, p, new);
	}
}

void frame_set_src(struct frame *f, const struct range_at *src)
{
	if (src->addr != f->src.addr)
		put_addr(f, f->version == 4 ? V4_SRC : V6_SRC, src->addr);
	if (src->port != f->src.port)
		udp_put16(f, f->ether + f->udp + UDP_SRC, src->port);
	f->src = *src;
}

void frame_set_dst(struct frame *f, const struct range_at *dst)
{
	if (dst->addr != f->dst.addr)
		put_addr(f, f->version == 4 ? V4_DST : V6_DST, dst->addr);
	if (dst->port != f->dst.port)
		udp_put16(f, f->ether + f->udp + UDP_DST, dst->port);
	f->dst = *dst;
}

void frame_set_len(struct frame *f, uint32_t len)
{
	uint8_t *ip = f->ether + f->ip, *udp = f->ether + f->udp;
	uint16_t udp_len = (uint16_t)(len - f->udp), old = get16(udp + UDP_LEN);
	uint16_t ip_len;

	if (len == f->len)
		return;
	if (f->version == 4) {
		ip_len = (uint16_t)(len - f->ip);
		f->ip_sum = csum_replace(f->ip_sum, get16(ip + V4_LEN), ip_len);
		put16(ip + V4_LEN, ip_len);
	} else {
		put16(ip + V6_LEN, udp_len);
	}
	/* once in the header, once in the pseudo header */
	f->udp_sum = csum_replace(f->udp_sum, old, udp_len);
	udp_put16(f, udp + UDP_LEN, udp_len);
	f->udp_sum = csum_replace(f->udp_sum, f->text_sum[f->len - f->payload],
				  f->text_sum[len - f->payload]);
	f->len = len;
}

static void put32(struct frame *f, uint8_t *p, uint32_t v)
{
	udp_put16(f, p, (uint16_t)(v >> 16));
	udp_put16(f, p + 2, (uint16_t)v);
}

void frame_set_mark(struct frame *f, uint32_t seq, uint32_t stream)
{
	uint8_t *p = f->ether + f->payload;

	put32(f, p, seq);
	put32(f, p + 4, stream);
}

void frame_set_time(struct frame *f, uint64_t ns)
{
	uint8_t *p = f->ether + f->payload;

	put32(f, p + 8, (uint32_t)(ns >> 32));
	put32(f, p + 12, (uint32_t)ns);
}

/* ---- checksums ---- */

void frame_seal(struct frame *f)
{
	uint16_t udp = (uint16_t)~f->udp_sum;

	if (f->version == 4)
		put16(f->ether + f->ip + V4_CSUM, (uint16_t)~f->ip_sum);
	/* 0 would say that there is none (RFC 768) */
	put16(f->ether + f->udp + UDP_CSUM, udp ? udp : 0xffff);
}

static void sum_up(struct frame *f)
{
	uint8_t *ip = f->ether + f->ip, *udp = f->ether + f->udp;
	uint32_t udp_len = f->len - f->udp;

	if (f->version == 4)
		put16(ip + V4_CSUM, 0);
	put16(udp + UDP_CSUM, 0);
	f->ip_sum = csum_bytes(ip, f->version == 4 ? 20 : 0);
	/* pseudo header: both addresses, protocol, length */
	f->udp_sum = csum_fold(
		(uint64_t)csum_bytes(ip + (f->version == 4 ? V4_SRC : V6_SRC),
				     f->version == 4 ? 8 : 32) +
		PROTO_UDP + udp_len + csum_bytes(udp, udp_len));
}

void frame_seal_fully(struct frame *f)
{
	sum_up(f);
	frame_seal(f);
}

/* ---- building ---- */

uint32_t frame_len_min(int version, enum frame_mark mark)
{
	return ETHER + (version == 4 ? 20 : 40) + UDP + mark;
}

/* The text, with zeros for the mark, and the sums of its beginnings. */
static void build_text(struct frame *f, enum frame_mark mark)
{
	uint8_t *p = f->ether + f->payload;
	uint32_t n = f->len_max - f->payload;

	f->text_sum[0] = 0;
	for (uint32_t i = 0; i < n; i++) {
		p[i] = i < mark ? 0 : (uint8_t)text[i % (sizeof(text) - 1)];
		f->text_sum[i + 1] = csum_fold(
			(uint64_t)f->text_sum[i] +
			(i % 2 ? (uint64_t)p[i] : (uint64_t)p[i] << 8));
	}
}

static void build_ip(struct frame *f)
{
	uint8_t *ip = f->ether + f->ip;
	uint16_t len = (uint16_t)(f->len - f->ip);

	if (f->version == 4) {
		ip[0] = 0x45; /* version 4, 5 words */
		put16(ip + V4_LEN, len);
		ip[8] = 64; /* time to live */
		ip[9] = PROTO_UDP;
	} else {
		ip[0] = 0x60;
		put16(ip + V6_LEN, (uint16_t)(len - 40));
		ip[V6_NEXT] = PROTO_UDP;
		ip[7] = 64; /* hop limit */
	}
	put16(f->ether + f->udp + UDP_LEN, (uint16_t)(f->len - f->udp));
}

static void build(struct frame *f, const struct frame_spec *spec)
{
	memcpy(f->ether, spec->dst_mac, 6);
	memcpy(f->ether + 6, spec->src_mac, 6);
	put16(f->ether + ETHER_TYPE, f->version == 4 ? TYPE_IPV4 : TYPE_IPV6);
	build_ip(f);
	build_text(f, spec->mark);
	frame_set_src(f, &spec->src);
	frame_set_dst(f, &spec->dst);
	frame_seal_fully(f);
}

bool frame_build(struct frame *f, const struct frame_spec *spec)
{
	uint32_t hot;

	memset(f, 0, sizeof(*f));
	f->version = spec->version;
	f->vnet = spec->vnet;
	f->len = f->len_max = spec->len_max;
	f->ip = ETHER;
	f->udp = f->ip + (f->version == 4 ? 20 : 40);
	f->payload = f->udp + UDP;
	hot = f->vnet + f->payload + spec->mark;
	f->hot = (hot + HOT_STEP - 1) / HOT_STEP * HOT_STEP;
	f->data = calloc(1, (size_t)f->vnet + f->len_max + HOT_MAX);
	f->text_sum = calloc(f->len_max - f->payload + 1, sizeof(uint16_t));
	if (!f->data || !f->text_sum) {
		frame_free(f);
		return false;
	}
	f->ether = f->data + f->vnet;
	build(f, spec);
	return true;
}

void frame_free(struct frame *f)
{
	free(f->data);
	free(f->text_sum);
	memset(f, 0, sizeof(*f));
}

/* ---- frames of others ---- */

/* Where the IP payload begins, and of what protocol it is; 0: no IP, or too
 * short. */
static uint32_t find_payload(const uint8_t *ether, uint32_t len, uint8_t *proto)
{
	uint32_t at;

	if (len < ETHER + 20)
		return 0;
	switch (get16(ether + ETHER_TYPE)) {
	case TYPE_IPV4:
		*proto = ether[ETHER + 9];
		at = ETHER + 4 * (ether[ETHER] & 15u);
		return at < ETHER + 20 || at > len ? 0 : at;
	case TYPE_IPV6:
		*proto = ether[ETHER + V6_NEXT];
		return len < ETHER + 40 ? 0 : ETHER + 40;
	}
	return 0;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

bool frame_read_mark(const uint8_t *ether, uint32_t len, enum frame_mark mark,
		     struct frame_mark_read *m)
{
	uint8_t proto = 0;
	uint32_t at = find_payload(ether, len, &proto);

	if (!at || proto != PROTO_UDP || len < at + UDP + mark)
		return false;
	ether += at + UDP;
	m->seq = get32(ether);
	m->stream = get32(ether + 4);
	if (mark == FRAME_TIME)
		m->time = (uint64_t)get32(ether + 8) << 32 | get32(ether + 12);
	return true;
}

static void exchange(uint8_t *a, uint8_t *b, size_t n)
{
	uint8_t c[16];

	memcpy(c, a, n);
	memcpy(a, b, n);
	memcpy(b, c, n);
}

void frame_turn(uint8_t *ether, uint32_t len)
{
	uint8_t proto = 0;
	uint32_t at;

	if (len < ETHER)
		return;
	exchange(ether, ether + 6, 6);
	at = find_payload(ether, len, &proto);
	if (!at)
		return;
	if (get16(ether + ETHER_TYPE) == TYPE_IPV4)
		exchange(ether + ETHER + V4_SRC, ether + ETHER + V4_DST, 4);
	else
		exchange(ether + ETHER + V6_SRC, ether + ETHER + V6_DST, 16);
	if ((proto == PROTO_UDP || proto == PROTO_TCP) && len >= at + 4)
		exchange(ether + at, ether + at + 2, 2);
}
