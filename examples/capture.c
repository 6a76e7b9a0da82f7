// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * capture.c - writes COUNT frames that a port receives to a pcap file. With
 * /rt the port is a monitor: of what another port receives and transmits.
 *	cc -o capture capture.c $(pkg-config --cflags --libs libnetmap libpcap)
 *	./capture vale0:a/rt a.pcap 1000
 */
#include <libnetmap.h>
#include <net/netmap_user.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>

static unsigned char frame[65536];
static struct pcap_pkthdr header;

/* Takes a slot; writes the frame when this was its last. Returns 1 then. */
static int take(struct netmap_ring *ring, pcap_dumper_t *file)
{
	const struct netmap_slot *slot = &ring->slot[ring->head];
	uint32_t room = sizeof(frame) - header.caplen;
	uint32_t len = slot->len < room ? slot->len : room;

	memcpy(frame + header.caplen, NETMAP_BUF(ring, slot->buf_idx), len);
	header.caplen += len, header.len += slot->len;
	ring->head = ring->cur = nm_ring_next(ring, ring->head);
	if (slot->flags & NS_MOREFRAG)
		return 0;
	header.ts = ring->ts;
	pcap_dump((unsigned char *)file, &header, frame);
	header.caplen = header.len = 0;
	return 1;
}

int main(int argc, char **argv)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, sizeof(frame));
	struct nmport_d *d = argc == 4 ? nmport_open(argv[1]) : NULL;
	struct pollfd p = {.fd = d ? d->fd : -1, .events = POLLIN};
	pcap_dumper_t *file = d ? pcap_dump_open(ethernet, argv[2]) : NULL;
	unsigned long left = file ? strtoul(argv[3], NULL, 10) : 0;

	if (!d) /* nmport_open() has said why, on stderr */
		return fputs("usage: capture PORT FILE COUNT\n", stderr), 1;
	if (!file)
		return fprintf(stderr, "%s\n", pcap_geterr(ethernet)), 1;
	while (left > 0 && poll(&p, 1, -1) > 0) {
		for (unsigned i = d->first_rx_ring; i <= d->last_rx_ring; i++) {
			struct netmap_ring *ring = NETMAP_RXRING(d->nifp, i);

			while (left > 0 && !nm_ring_empty(ring))
				left -= take(ring, file);
		}
		if (p.revents & POLLERR)
			break; /* the port that was watched has gone */
	}
	nmport_close(d);
	pcap_dump_close(file); /* writes what is buffered */
	pcap_close(ethernet);
	return left != 0;
}
