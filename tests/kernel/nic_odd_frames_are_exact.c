// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Nobody looks into frames: whatever is in them, also what no protocol allows,
 * arrives as it was sent, tags and wrong checksums included, from programs and
 * from sockets, in NIC rings and in host rings. What is shorter than a header,
 * or longer than the interface carries, is dropped and counted.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kt_nic.h"

#define HEADER 14
#define SHORT  60 /* what goes over a real wire is padded to */
#define LONG   1514
#define TAG    4
#define SEGS   8

/* IPv4 from 10.0.0.1 to 10.0.0.2: version to identification, and the rest. */
#define IP4(len, flags, proto) \
	"0800 4500" len "1234" flags "40" proto "0000 0a000001 0a000002"
#define IP6(len, next)                \
	"86dd 60000000" len next "40" \
	"fe800000000000000000000000000001 fe800000000000000000000000000002"

/* Type and data in hexadecimal, @len bytes with addresses; 0: no more than
 * that. */
static const struct odd {
	const char *what;
	const char *hex;
	unsigned len;
} odd[] = {
	{"header alone", "88b5", 0},
	{"type 0", "0000", 60},
	{"type ffff", "ffff 01020304", 60},
	{"LLC", "0026 424203 000000000080000000000000", 60},
	{"SNAP", "0030 aaaa03 00000c 2000 01b4", 62},
	{"802.3 length too long", "05dc e0e003", 60},
	{"802.3 length too short", "0003 e0e003 01020304", 200},
	{"type 05dd, between length and type", "05dd 01", 60},
	{"jumbo type", "8870 aaaa03", 700},
	{"PAUSE", "8808 0001 ffff", 60},
	{"LLDP", "88cc 0207040200000000010403", 60},
	{"loopback test", "9000 0000 0100", 60},
	{"MPLS", "8847 000011ff 4500", 64},
	{"PPPoE", "8864 11000001 0040 0021", 100},
	{"ARP of garbage", "0806 ffff ffff ff ff ffff ffffffff", 60},
	{"ARP cut", "0806 0001 0800 06", 0},
	{"IPv4 cut in the header", "0800 4500 0054 12", 0},
	{"IPv4 header alone", IP4("0014", "0000", "fd"), 0},
	{"IPv4 length beyond the frame", IP4("ffff", "0000", "11"), 60},
	{"IPv4 length below the header", IP4("0010", "0000", "11"), 60},
	{"IPv4 length 0", IP4("0000", "0000", "06"), 90},
	{"IPv4 header length 4", "0800 4100 0020 0000 0000 4011", 60},
	{"IPv4 version 5", "0800 5500 0020 0000 0000 4011", 60},
	{"IPv4 with options",
	 "0800 4f00 0040 1234 0000 ff11 0000 0a000001 0a000002"
	 "0727040a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c"
	 "0d0a0b0c0d00",
	 80},
	{"IPv4 of TTL 0", "0800 4500 0020 0000 0000 0011 0000", 60},
	{"IPv4, first fragment",
	 IP4("0030", "2000", "11") "0035 0035 0100 beef", 62},
	{"IPv4, a later fragment", IP4("0030", "20b9", "11"), 62},
	{"IPv4, a fragment beyond 64 KiB", IP4("05dc", "1fff", "01"), 1514},
	{"IPv4, evil bit", IP4("0020", "8000", "11"), 60},
	{"UDP without payload", IP4("001c", "0000", "11") "0035 0035 0008 0000",
	 0},
	{"UDP, wrong checksum",
	 IP4("0020", "0000", "11") "0035 0035 000c bad1 01020304", 0},
	{"UDP, checksum of the pseudo header, as if left to a device",
	 IP4("0020", "0000", "11") "0035 0035 000c 1420 01020304", 0},
	{"UDP, length beyond the packet",
	 IP4("0020", "0000", "11") "0035 0035 ffff 1234 01020304", 60},
	{"TCP, checksum of the pseudo header",
	 IP4("0028", "0000",
	     "06") "0050 0051 00000001 00000002 5002 ffff 141d 0000",
	 0},
	{"TCP, all flags, header length 0",
	 IP4("0028", "0000",
	     "06") "0050 0051 00000001 00000002 0fff ffff 0000 ffff",
	 60},
	{"TCP cut", IP4("0028", "0000", "06") "0050 0051 0000", 0},
	{"SCTP, CRC left to do", IP4("0030", "0000", "84") "0007 0007 00000000",
	 62},
	{"ICMP, wrong checksum", IP4("0020", "0000", "01") "0800 dead", 60},
	{"IGMP with router alert", "0800 4600 0020 0000 0000 0102", 60},
	{"IPv6 cut", "86dd 6000 0000 00", 0},
	{"IPv6 without a next header", IP6("0000", "3b"), 0},
	{"IPv6 of a jumbogram", IP6("0000", "00") "3b00 c204 0001 0000", 1200},
	{"IPv6, a chain of headers",
	 IP6("0028", "00") "3c00 010400000000"
			   "2b00 010400000000"
			   "2c00 000000000000"
			   "1100 0001 12345678"
			   "0035 0035 0008 0000",
	 0},
	{"IPv6, a chain without end", IP6("0030", "00") "0000 010400000000",
	 94},
	{"IPv6, UDP checksum of the pseudo header",
	 IP6("000c", "11") "0035 0035 000c fd21 01020304", 0},
	{"IPv6, UDP checksum 0", IP6("0008", "11") "0035 0035 0008 0000", 0},
	{"tag", "8100 0064 88b5", 64},
	{"tag of IPv4", "8100 2064" IP4("0020", "0000", "11"), 64},
	{"priority tag", "8100 a000 0800 4500", 64},
	{"tag of VLAN 4095 and its bit 12", "8100 ffff 0806", 64},
	{"tag and nothing", "8100 0005", 0},
	{"tag cut", "8100 00", 0},
	{"tag around a length", "8100 0005 0026 4242", 60},
	{"QinQ", "88a8 0064 8100 00c8 0800 4500", 68},
	{"QinQ of tags 8100", "8100 0064 8100 00c8 0806", 68},
	{"QinQ inside out", "8100 0064 88a8 00c8 0806", 68},
	{"QinQ of 9100", "9100 0064 8100 00c8 0806", 68},
	{"four tags", "88a8 0001 8100 0002 8100 0003 8100 0004 0806", 100},
	{"longest frame and its tag", "8100 0005 88b5", LONG + TAG},
	{"the same of QinQ", "88a8 0005 8100 0006", LONG + TAG},
};
#define ODDS (sizeof(odd) / sizeof(*odd))

static const uint8_t destination[][6] = {
	{0x02, 0, 0, 0, 0, 2},		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	{0x01, 0x00, 0x5e, 0, 0, 1},	{0x33, 0x33, 0, 0, 0, 1},
	{0x01, 0x80, 0xc2, 0, 0, 0x0e}, {0, 0, 0, 0, 0, 0},
};
#define DESTINATIONS (sizeof(destination) / sizeof(*destination))

static enum kt_kind kind;

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Frame @o to destination @to; its length. */
static unsigned make(uint8_t *f, const struct odd *o, unsigned to)
{
	static const uint8_t source[6] = {0x02, 0, 0, 0, 0, 1};
	unsigned len = 12;

	memcpy(f, destination[to], 6);
	memcpy(f + 6, source, 6);
	for (const char *h = o->hex; *h; h += h[0] == ' ' ? 1 : 2)
		if (*h != ' ')
			f[len++] = (uint8_t)(nibble(h[0]) << 4 | nibble(h[1]));
	for (; len < o->len; len++)
		f[len] = (uint8_t)(len * 7);
	return len;
}

/* A tag with less behind it than a type: where the stack takes frames from the
 * driver it drops that before anybody can have it. */
static bool is_cut_tag(const uint8_t *f, unsigned len)
{
	return kind == KT_VETH_SKB && f[12] == 0x81 && !f[13] && len < 18;
}

/* What is as long when it comes. */
static unsigned padded(uint8_t *f, unsigned len)
{
	if (kind != KT_E1000 || len >= SHORT)
		return len;
	memset(f + len, 0, SHORT - len);
	return SHORT;
}

/* ---- from program to program ---- */

/* All by one sync: frame n is what @make_nth makes. */
static void pass(struct kt_port *from, struct kt_port *to, unsigned frames,
		 unsigned (*make_nth)(uint8_t *f, unsigned n))
{
	uint8_t f[2048];

	for (unsigned n = 0; n < frames; n++)
		KT_CHECK(kt_put(from->tx, f, make_nth(f, n)));
	KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
	for (unsigned n = 0; n < frames; n++) {
		unsigned len = make_nth(f, n);

		printf("frame %u, %u bytes\n", n, len);
		if (!is_cut_tag(f, len))
			kt_next_is(to->fd, to->rx, f, padded(f, len));
	}
}

static unsigned make_odd(uint8_t *f, unsigned n)
{
	printf("%s\n", odd[n].what);
	return make(f, &odd[n], n % DESTINATIONS);
}

/* Sizes below those of nic_frames_are_exact. */
static unsigned make_small(uint8_t *f, unsigned n)
{
	make(f, &(struct odd){.hex = "88b5", .len = SHORT}, n % DESTINATIONS);
	return HEADER + n;
}

/* Between two good frames, which alone arrive. */
static void bad_sizes_are_counted(struct kt_port *from, struct kt_port *to,
				  const char *name)
{
	struct nmreq_x_stats before = kt_stats(name, NETMAP_X_TX), after;
	unsigned long dropped = kt_counted(name, "tx_dropped");
	uint8_t f[2048];
	unsigned len = make(f, &odd[1], 0), next = len;

	printf("bad sizes\n");
	for (unsigned bad = 1; bad < HEADER; bad++)
		KT_CHECK(kt_put(from->tx, f, bad));
	KT_CHECK(kt_put(from->tx, f, len));
	for (unsigned bad = LONG + TAG + 1; bad <= 2048; bad += 500)
		KT_CHECK(kt_put(from->tx, f, bad));
	f[20] = 99;
	KT_CHECK(kt_put(from->tx, f, next));
	KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
	f[20] = 20 * 7;
	kt_next_is(to->fd, to->rx, f, len);
	f[20] = 99;
	kt_next_is(to->fd, to->rx, f, next);
	after = kt_stats(name, NETMAP_X_TX);
	KT_CHECK(after.no_runt - before.no_runt == HEADER - 1);
	KT_CHECK(kt_counted(name, "tx_dropped") - dropped == 2);
}

/* ---- segments that receivers like to join ---- */

static uint32_t sum(const uint8_t *p, unsigned len, uint32_t s)
{
	for (unsigned i = 0; i < len; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return s;
}

static void put_sum(uint8_t *to, uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	to[0] = (uint8_t)(~s >> 8);
	to[1] = (uint8_t)~s;
}

/* Segment @n of a stream, right in every respect. */
static unsigned segment(uint8_t *f, const uint8_t *to, unsigned n)
{
	static const struct odd head = {
		.hex = IP4(
			"05dc", "4000",
			"06") "0050 0051 00000000 00000002 5010 ffff 0000 0000",
		.len = LONG};
	unsigned len = make(f, &head, 0), seq = 1 + n * (LONG - 54);

	memcpy(f, to, 6);
	f[18] = 0;
	f[19] = (uint8_t)n;
	for (unsigned i = 0; i < 4; i++)
		f[38 + i] = (uint8_t)(seq >> (24 - 8 * i));
	put_sum(f + 24, sum(f + 14, 20, 0));
	put_sum(f + 50, sum(f + 34, len - 34, sum(f + 26, 8, 6 + len - 34)));
	return len;
}

static void segments_pass(struct kt_port *from, struct kt_port *to,
			  const char *name)
{
	uint8_t f[2048], mac[6];
	char path[64];
	FILE *s;

	printf("segments\n");
	snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
	s = fopen(path, "r");
	KT_CHECK(s && fscanf(s, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0],
			     &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) == 6);
	fclose(s);
	for (unsigned n = 0; n < SEGS; n++)
		KT_CHECK(kt_put(from->tx, f, segment(f, mac, n)));
	KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
	for (unsigned n = 0; n < SEGS; n++) {
		unsigned len = segment(f, mac, n);

		kt_next_is(to->fd, to->rx, f, len);
	}
}

/* ---- from sockets ---- */

/* Sent by a socket on @name, of this machine's stack. */
static void socket_sends(const char *name, int fd, struct netmap_ring *rx,
			 bool by_wire)
{
	int s = kt_packet_socket(name);
	uint8_t f[2048];

	for (size_t i = 0; i < ODDS; i++) {
		unsigned len = make(f, &odd[i], i % DESTINATIONS);

		/* The system itself lets no such pass. */
		if (len > LONG && f[12] != 0x81)
			continue;
		printf("by socket: %s\n", odd[i].what);
		KT_CHECK(send(s, f, len, 0) == (ssize_t)len);
		if (by_wire && is_cut_tag(f, len))
			continue;
		kt_next_is(fd, rx, f, by_wire ? padded(f, len) : len);
	}
	close(s);
}

/* ---- */

static void nic_rings(const struct kt_pair *pair)
{
	struct kt_port a, b;

	kt_open(&a, pair->a);
	kt_open(&b, pair->b);
	kt_mode_is(pair->a, kind);
	pass(&a, &b, ODDS, make_odd);
	pass(&b, &a, ODDS, make_odd);
	pass(&a, &b, SHORT - HEADER, make_small);
	pass(&b, &a, SHORT - HEADER, make_small);
	segments_pass(&a, &b, pair->b);
	bad_sizes_are_counted(&a, &b, pair->a);
	kt_close(&a);
	socket_sends(pair->a, b.fd, b.rx, true);
	kt_close(&b);
}

static void host_rings(const struct kt_pair *pair)
{
	struct kt_rings a;

	kt_rings_open(&a, pair->a,
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	socket_sends(pair->a, a.fd, kt_rx(&a, a.reg.nr_rx_rings), false);
	kt_rings_close(&a);
}

int main(void)
{
	struct kt_pair pair;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (kind = 0; kind < KT_KINDS; kind++) {
		if (!kt_pair_make(&pair, kind))
			continue;
		printf("%s\n", kt_kind_name[kind]);
		nic_rings(&pair);
		host_rings(&pair);
		kt_pair_end(&pair);
	}
	return 0;
}
