// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Checksums left to do. A veth device offers the stack behind its peer checksum
 * offload, and hands frames on as they are: what should be the checksum is then
 * the sum of the pseudo header, for a device to complete. By the time an XDP
 * program sees such a frame nothing says so; but if the field is that sum, then
 * either so it is, or the frame has this checksum by right. In both cases the
 * right one can be computed: in the second it is the one that is there.
 *
 * RFC 1071, and struct sk_buff's CHECKSUM_PARTIAL.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>

#include "nic_int.h"

/* Where the checksum field of a protocol is; less than 0: of no interest. */
static int field_of(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check);
	case IPPROTO_UDP:
		return offsetof(struct udphdr, check);
	default:
		return -1;
	}
}

/* The packet at @l4, of @len bytes, whose pseudo header has the sum @pseudo. */
static void l4_complete(u8 *l4, u32 len, int field, __sum16 pseudo)
{
	__sum16 *sum = (__sum16 *)(l4 + field);

	if (field < 0 || len < field + sizeof(*sum) || *sum != pseudo)
		return;
	*sum = csum_fold(csum_partial(l4, len, 0)) ?: CSUM_MANGLED_0;
}

static void ipv4_complete(u8 *data, u32 room)
{
	const struct iphdr *ip = (const struct iphdr *)data;
	u32 header, len;

	if (room < sizeof(*ip))
		return;
	header = ip->ihl * 4;
	len = ntohs(ip->tot_len);
	if (header < sizeof(*ip) || len < header || len > room ||
	    ip_is_fragment(ip))
		return;
	len -= header;
	l4_complete(
		data + header, len, field_of(ip->protocol),
		~csum_tcpudp_magic(ip->saddr, ip->daddr, len, ip->protocol, 0));
}

static void ipv6_complete(u8 *data, u32 room)
{
	const struct ipv6hdr *ip = (const struct ipv6hdr *)data;
	u32 len;

	if (room < sizeof(*ip))
		return;
	len = ntohs(ip->payload_len);
	if (len > room - sizeof(*ip))
		return;
	l4_complete(
		data + sizeof(*ip), len, field_of(ip->nexthdr),
		~csum_ipv6_magic(&ip->saddr, &ip->daddr, len, ip->nexthdr, 0));
}

void knm_nic_complete(void *frame, u32 len)
{
	const struct ethhdr *eth = frame;
	u32 at = sizeof(*eth);
	__be16 type;

	type = eth->h_proto;
	while (eth_type_vlan(type) && len >= at + VLAN_HLEN) {
		const struct vlan_hdr *tag = frame + at;

		type = tag->h_vlan_encapsulated_proto;
		at += VLAN_HLEN;
	}
	if (type == htons(ETH_P_IP))
		ipv4_complete(frame + at, len - at);
	else if (type == htons(ETH_P_IPV6))
		ipv6_complete(frame + at, len - at);
}
