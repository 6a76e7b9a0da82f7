/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * gso.h - frames behind virtio-net headers, and what is looked for in frames
 * that a switch made of them. Checksums are added up byte by byte here, by the
 * definition (RFC 1071), not as the switch does.
 */
#ifndef CONFORMANCE_GSO_H
#define CONFORMANCE_GSO_H

#include "conf.h"

/* The header's fields and values: Virtual I/O Device 1.1, 5.1.6. */
#define VNET_NEEDS_CSUM 1
#define VNET_TCPV4	1
#define VNET_UDP	3
#define VNET_TCPV6	4
#define VNET_ECN	0x80

#define GSO_MAX 66000

struct gso {
	uint32_t vnet;		  /* bytes of header in front */
	uint32_t len;		  /* of the frame behind it */
	uint32_t l3, l4, payload; /* offsets in the frame */
	uint8_t data[12 + GSO_MAX];
};

static inline uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static inline void set_be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Adds bytes, high one first, to a one's complement sum. */
static inline uint32_t add_up(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static inline uint8_t *gso_frame(struct gso *g)
{
	return g->data + g->vnet;
}

/* Of the pseudo header of the frame at @f, for @len bytes of transport. */
static inline uint32_t pseudo(const uint8_t *f, uint32_t l3, uint8_t proto,
			      uint32_t len)
{
	uint32_t v6 = f[l3] >> 4 == 6;
	uint8_t tail[4] = {0, proto, (uint8_t)(len >> 8), (uint8_t)len};

	return add_up(add_up(0, f + l3 + (v6 ? 8 : 12), v6 ? 32 : 8), tail, 4);
}

/* Sets the header; the fields are little endian. */
static inline void gso_header(struct gso *g, uint8_t flags, uint8_t type,
			      uint16_t size, uint16_t start, uint16_t offset)
{
	uint16_t words[4] = {0, size, start, offset};

	g->data[0] = flags;
	g->data[1] = type;
	for (int i = 0; i < 4; i++) {
		g->data[2 + 2 * i] = (uint8_t)words[i];
		g->data[3 + 2 * i] = (uint8_t)(words[i] >> 8);
	}
}

struct gso_what {
	uint32_t vnet;	  /* header length */
	uint32_t payload; /* bytes behind TCP's or UDP's header */
	uint16_t size;	  /* gso_size */
	bool v6, udp, tag;
	uint8_t options; /* bytes of TCP options, a multiple of 4 */
	uint8_t flags;	 /* of TCP */
	uint8_t ecn;	 /* VNET_ECN */
};

/* From station 1 to everybody, with the checksum left to who gets it. */
static inline void gso_make(struct gso *g, struct gso_what w)
{
	uint8_t *f, type = w.udp ? VNET_UDP : w.v6 ? VNET_TCPV6 : VNET_TCPV4;
	uint32_t l4len = (w.udp ? 8u : 20u + w.options) + w.payload;

	memset(g, 0, sizeof(*g));
	g->vnet = w.vnet;
	g->l3 = w.tag ? 18 : 14;
	g->l4 = g->l3 + (w.v6 ? 40 : 20);
	g->len = g->l4 + l4len;
	g->payload = g->len - w.payload;
	f = gso_frame(g);
	conf_fill(f, g->len, BROADCAST, 1, w.payload + w.size);
	if (w.tag)
		memcpy(f + 12, (uint8_t[]){0x81, 0, 0, 7}, 4);
	memcpy(f + g->l3 - 2, w.v6 ? "\x86\xdd" : "\x08\x00", 2);
	if (w.v6) {
		memcpy(f + g->l3, "\x60\0\0\0", 4);
		set_be16(f + g->l3 + 4, l4len);
		f[g->l3 + 6] = w.udp ? 17 : 6;
		f[g->l3 + 7] = 64;
	} else {
		memset(f + g->l3, 0, 12);
		f[g->l3] = 0x45;
		set_be16(f + g->l3 + 2, 20 + l4len);
		set_be16(f + g->l3 + 4, 0xfffe); /* wraps */
		f[g->l3 + 6] = 0x40;
		f[g->l3 + 8] = 64;
		f[g->l3 + 9] = w.udp ? 17 : 6;
		set_be16(f + g->l3 + 10, ~add_up(0, f + g->l3, 20) & 0xffff);
	}
	if (w.udp) {
		set_be16(f + g->l4 + 4, l4len);
	} else {
		f[g->l4 + 12] = (uint8_t)((20 + w.options) / 4 << 4);
		f[g->l4 + 13] = w.flags;
	}
	set_be16(f + g->l4 + (w.udp ? 6 : 16),
		 pseudo(f, g->l3, w.udp ? 17 : 6, l4len));
	gso_header(g, VNET_NEEDS_CSUM, type | w.ecn, w.size, (uint16_t)g->l4,
		   w.udp ? 6 : 16);
}

/* Makes room for @n bytes of headers in front of TCP's or UDP's. */
static inline void gso_extend(struct gso *g, uint32_t n)
{
	uint8_t *f = gso_frame(g);

	memmove(f + g->l4 + n, f + g->l4, g->len - g->l4);
	memset(f + g->l4, 0, n);
	g->l4 += n;
	g->len += n;
	g->payload += n;
	g->data[6] = (uint8_t)g->l4;
}

/* @n bytes of IPv4 options, a multiple of 4: nothing, then the list's end. */
static inline void gso_ip4_options(struct gso *g, uint32_t n)
{
	uint8_t *ip = gso_frame(g) + g->l3;

	gso_extend(g, n);
	ip[0] = (uint8_t)(0x45 + n / 4);
	memset(ip + 20, 1, n - 1);
	set_be16(ip + 2, g->len - g->l3);
	set_be16(ip + 10, 0);
	set_be16(ip + 10, ~add_up(0, ip, 20 + n) & 0xffff);
}

/* Two extension headers of IPv6, @first and @second, 24 bytes in all; what is in
 * them are options (PadN). */
static inline void gso_ip6_options(struct gso *g, uint8_t first, uint8_t second)
{
	uint8_t *ip = gso_frame(g) + g->l3, was = ip[6];

	gso_extend(g, 24);
	ip[6] = first;
	memcpy(ip + 40, (uint8_t[]){second, 0, 1, 4}, 4);
	memcpy(ip + 48, (uint8_t[]){was, 1, 1, 12}, 4);
	set_be16(ip + 4, g->len - g->l3 - 40);
}

/* IPv4's header adds up, and says how long the frame is. */
static inline void check_ip(const uint8_t *f, uint32_t l3, uint32_t len)
{
	if (f[l3] >> 4 == 6) {
		CHECK_EQ(be16(f + l3 + 4), len - l3 - 40);
		return;
	}
	CHECK_EQ(add_up(0, f + l3, (f[l3] & 15u) * 4), 0xffff);
	CHECK_EQ(be16(f + l3 + 2), len - l3);
}

/* TCP or UDP from @l4 on adds up. */
static inline void check_transport(const uint8_t *f, uint32_t l3, uint32_t l4,
				   uint32_t len, uint8_t proto)
{
	CHECK_EQ(add_up(pseudo(f, l3, proto, len - l4), f + l4, len - l4),
		 0xffff);
}

/* ---- ports ---- */

static inline void vnet_set(const char *name, uint32_t len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = len};
	int fd = conf_fd();

	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_PORT_HDR_SET, name, &h), 0);
	conf_fd_close(fd);
}

/* Opens it with a header of @len bytes, @slots slots. */
static inline struct port vnet_open(const char *name, uint32_t slots,
				    uint32_t len)
{
	struct port p = conf_open_as(
		name, REG_SLOTS(slots, .nr_flags = NR_ACCEPT_VNET_HDR));

	vnet_set(name, len);
	return p;
}

/* Sends it from @p in slots of @piece bytes. */
static inline void gso_send(const struct port *p, const struct gso *g,
			    size_t piece)
{
	conf_put_pieces(conf_tx(p, 0), g->data, g->vnet + g->len, piece);
	conf_txsync(p);
}

#endif
