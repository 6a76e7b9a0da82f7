// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What a switch makes of frames behind virtio-net headers is, byte for byte,
 * what the running kernel makes of them.
 *
 *                   +--> vale0:a (12 bytes of header) --> vale0:b (none) --+
 *      one frame ---+                                                      +-- ==
 *                   +--> packet socket --> tap without offloads --> read --+
 *
 * The packet socket takes the same header (PACKET_VNET_HDR). The tap's reader
 * has asked for no offload, so the kernel does in software what the header asks
 * for. Both are in a network namespace of the program's own.
 *
 * Left out, where both are right and differ:
 *   - the id of IPv6 fragments is anybody's choice;
 *   - the kernel puts IPv6's fragment header behind destination options, the
 *     switch in front of them (RFC 8200, 4.1);
 *   - a segment of no more than gso_size bytes that has TCP options: the kernel
 *     takes it for one that is to be cut, and then drops it;
 *   - a tag where no checksum was left to do: the kernel refuses the frame;
 *   - pieces longer than 1514 bytes, and a gso_size for fragments that is no
 *     multiple of 8: the kernel takes the header at its word.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "gso.h"

#define TIMEOUT_MS 10000

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_CWR 0x80

static struct port a, b;
static struct gso g;
static int tap, sender;
static uint32_t tags; /* 1: with tags and without; 0: only without */

/* ---- the kernel's side ---- */

static void need(bool ok, const char *what)
{
	static char reason[160];

	if (ok)
		return;
	snprintf(reason, sizeof(reason), "%s: %s", what, strerror(errno));
	check_skip(reason);
}

/* A namespace of our own; where root alone may have one, a user's first. */
static void namespace_enter(void)
{
	need(!unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET),
	     "no network namespace");
}

static unsigned int tap_open(void)
{
	struct ifreq r = {.ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI};
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	need(tap >= 0, "/dev/net/tun");
	need(!ioctl(tap, TUNSETIFF, &r), "no tap");
	r.ifr_flags = IFF_UP;
	CHECK(!ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
	return if_nametoindex("tap0");
}

static void sender_open(unsigned int ifindex)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)ifindex};
	int one = 1;

	sender = socket(AF_PACKET, SOCK_RAW, 0);
	need(sender >= 0, "no packet socket");
	need(!setsockopt(sender, SOL_PACKET, PACKET_VNET_HDR, &one,
			 sizeof(one)),
	     "PACKET_VNET_HDR");
	CHECK(!bind(sender, (struct sockaddr *)&to, sizeof(to)));
}

/* Offers the frame in g; the header's last two bytes are virtio's alone. Returns
 * 0 or an errno. */
static int linux_offer(void)
{
	static uint8_t packet[10 + GSO_MAX];

	memcpy(packet, g.data, 10);
	/* The kernel copies so much into what it calls the head. */
	packet[2] = (uint8_t)g.payload;
	memcpy(packet + 10, gso_frame(&g), g.len);
	return write(sender, packet, 10 + g.len) < 0 ? errno : 0;
}

/* The next frame from station 1: the kernel sends some of its own. */
static int linux_next(uint8_t *f, size_t max)
{
	struct pollfd p = {.fd = tap, .events = POLLIN};
	ssize_t n;

	do {
		CHECK_EQ(poll(&p, 1, TIMEOUT_MS), 1);
		n = read(tap, f, max);
		CHECK(n >= 14);
	} while (memcmp(f + 6, gso_frame(&g) + 6, 6) != 0);
	return (int)n;
}

/* Older kernels cannot cut up what a packet socket sends with a tag: they lose
 * it. Sends some, and a frame behind it that comes in any case. */
static bool cuts_tagged(void)
{
	uint8_t f[2048];
	bool tagged = false;

	gso_make(&g, (struct gso_what){.vnet = 12,
				       .payload = 1000,
				       .size = 999,
				       .tag = true});
	linux_offer();
	gso_make(&g, (struct gso_what){.vnet = 12, .payload = 1});
	g.data[1] = 0;
	CHECK_ERR(linux_offer(), 0);
	do {
		linux_next(f, sizeof(f));
		tagged |= be16(f + 12) == 0x8100;
	} while (be16(f + 12) == 0x8100);
	return tagged;
}

/* ---- both ---- */

/* IPv6's fragments carry an id, @at: that of the first frame is in *@id, and
 * now becomes 0. */
static void id_take(uint8_t *f, uint32_t at, bool first, uint32_t *id)
{
	if (first)
		*id = be32(f + at);
	CHECK_EQ(be32(f + at), *id);
	memset(f + at, 0, 4);
}

/* The frame in g comes out the same from both. @id_at: where fragments of it
 * have an id, 0: they have none. */
static void compare(uint32_t id_at)
{
	uint8_t ours[2048], theirs[2048];
	uint32_t id[2];
	struct netmap_ring *rx = conf_rx(&b, 0);

	gso_send(&a, &g, 2048);
	CHECK_ERR(linux_offer(), 0);
	conf_rxsync(&b);
	CHECK(!nm_ring_empty(rx));
	/* One slot is one frame. */
	for (uint32_t i = 0, n = nm_ring_space(rx); i < n; i++) {
		int len = conf_get(rx, ours, sizeof(ours));

		CHECK_EQ(linux_next(theirs, sizeof(theirs)), len);
		if (id_at && n > 1) {
			id_take(ours, id_at, !i, &id[0]);
			id_take(theirs, id_at, !i, &id[1]);
		}
		CHECK_MEM(ours, theirs, (size_t)len);
	}
	conf_rxsync(&b);
}

/* ---- claims ---- */

static void open_pair(void)
{
	a = vnet_open("vale0:a", 128, 12);
	b = vnet_open("vale0:b", 4096, 0);
}

static void tcp_one(struct gso_what w)
{
	if (w.payload <= w.size && w.payload + w.options > w.size)
		return;
	check_note("v6 %d tag %d options %u payload %u size %u flags 0x%x",
		   w.v6, w.tag, w.options, w.payload, w.size, w.flags);
	w.vnet = 12;
	gso_make(&g, w);
	compare(0);
}

static void segments(void)
{
	static const uint32_t payloads[] = {1,	  99,	100,  101,   536,
					    1401, 2899, 9999, 30000, 65400};
	static const uint16_t sizes[] = {99, 100, 535, 1001, 1400};

	open_pair();
	for (size_t p = 0; p < CONF_COUNT(payloads); p++)
		for (size_t s = 0; s < CONF_COUNT(sizes); s++)
			for (uint32_t k = 0; k < 2 + 2 * tags; k++)
				tcp_one((struct gso_what){
					.payload = payloads[p],
					.size = sizes[s],
					.v6 = k & 1,
					.tag = k & 2,
					.options = (uint8_t)(20 * (s % 3)),
					.flags = TCP_ACK | TCP_PSH});
}

static void flags(void)
{
	open_pair();
	for (uint32_t f = 0; f < 256; f++)
		tcp_one((struct gso_what){.payload = 3000,
					  .size = 1000,
					  .v6 = f & 1,
					  .flags = (uint8_t)f,
					  .ecn = f & 2 ? VNET_ECN : 0});
}

static void tcp_options_of_ip(void)
{
	struct gso_what w = {.vnet = 12,
			     .payload = 5001,
			     .size = 1000,
			     .flags = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR};

	open_pair();
	for (uint32_t n = 4; n <= 40; n += 4) {
		check_note("%u bytes of IPv4 options", n);
		gso_make(&g, w);
		gso_ip4_options(&g, n);
		compare(0);
	}
	w.v6 = true;
	gso_make(&g, w);
	gso_ip6_options(&g, 0, 60);
	check_note("IPv6 options");
	compare(0);
}

static void fragments(void)
{
	static const uint32_t payloads[] = {992, 993, 1600, 4001, 9000, 65000};
	static const uint16_t sizes[] = {104, 1000, 1448};

	open_pair();
	for (size_t p = 0; p < CONF_COUNT(payloads); p++)
		for (size_t s = 0; s < CONF_COUNT(sizes); s++)
			for (uint32_t k = 0; k < 2 + 2 * tags; k++) {
				struct gso_what w = {.vnet = 12,
						     .udp = true,
						     .payload = payloads[p],
						     .size = sizes[s],
						     .v6 = k & 1,
						     .tag = k & 2};

				check_note("v6 %d tag %d payload %u size %u",
					   w.v6, w.tag, w.payload, w.size);
				gso_make(&g, w);
				compare(w.v6 ? g.l4 + 4 : 0);
			}
}

/* Without NEEDS_CSUM the checksums of pieces are made all the same. */
static void unasked(void)
{
	open_pair();
	for (uint32_t k = 0; k < 4; k++) {
		bool v6 = k & 1, udp = k & 2;

		check_note("v6 %d udp %d", v6, udp);
		gso_make(&g, (struct gso_what){.vnet = 12,
					       .payload = 3001,
					       .size = 800,
					       .udp = udp,
					       .v6 = v6});
		g.data[0] = 0;
		compare(udp && v6 ? g.l4 + 4 : 0);
	}
}

static void checksums(void)
{
	open_pair();
	for (uint32_t n = 0; n < 1400; n += n < 20 ? 1 : 111)
		for (uint32_t k = 0; k < 8; k++) {
			check_note("v6 %d udp %d tag %d payload %u", k & 1,
				   k & 2, k & 4, n);
			gso_make(&g, (struct gso_what){.vnet = 12,
						       .payload = n,
						       .v6 = k & 1,
						       .udp = k & 2,
						       .tag = k & 4});
			g.data[1] = 0; /* not to be cut */
			compare(0);
		}
}

/* Chooses the payload's first word so that the first @len bytes from TCP or UDP
 * on sum up to 0. */
static void sum_to_zero(uint8_t proto, uint32_t len)
{
	uint8_t *f = gso_frame(&g), l4[2048];

	memcpy(l4, f + g.l4, len);
	set_be16(l4 + g.payload - g.l4, 0);
	set_be16(l4 + (proto == 17 ? 6 : 16), 0);
	set_be16(f + g.payload,
		 ~add_up(pseudo(f, g.l3, proto, len), l4, len) & 0xffff);
}

/* The id with which the sum of g's IPv4 header comes to 0, if that says @len. */
static uint32_t id_for_zero(uint32_t len)
{
	uint8_t ip[20];

	memcpy(ip, gso_frame(&g) + g.l3, sizeof(ip));
	set_be16(ip + 2, len);
	set_be16(ip + 4, 0);
	set_be16(ip + 10, 0);
	return ~add_up(0, ip, sizeof(ip)) & 0xffff;
}

static void zeros(void)
{
	open_pair();
	for (uint32_t k = 0; k < 8; k++) {
		bool cut = k & 1, udp = k & 2, v6 = k & 4;

		check_note("cut %d udp %d v6 %d", cut, udp, v6);
		gso_make(&g, (struct gso_what){.vnet = 12,
					       .payload = 300,
					       .size = 80,
					       .udp = udp,
					       .v6 = v6});
		if (!cut)
			g.data[1] = 0;
		sum_to_zero(udp ? 17 : 6, cut && !udp ? 100 : g.len - g.l4);
		compare(cut && udp && v6 ? g.l4 + 4 : 0);
	}
	/* IPv4's own: the id of the second segment. */
	gso_make(&g, (struct gso_what){.vnet = 12, .payload = 300, .size = 80});
	set_be16(gso_frame(&g) + 18, id_for_zero(120) - 1);
	compare(0);
}

static const struct claim claims[] = {
	{"TCP segments are those that Linux makes", segments},
	{"so are the flags in them, whatever they are", flags},
	{"so are those behind options of IPv4 and IPv6", tcp_options_of_ip},
	{"UDP fragments are those that Linux makes", fragments},
	{"so are both where no checksum was left to do", unasked},
	{"checksums left to do are those that Linux computes", checksums},
	{"a checksum that comes to 0 is what Linux makes of it", zeros},
};

int main(void)
{
	namespace_enter();
	sender_open(tap_open());
	tags = cuts_tagged();
	if (!tags)
		printf("# this kernel cuts up no tagged frames\n");
	return CONF_RUN(claims);
}
