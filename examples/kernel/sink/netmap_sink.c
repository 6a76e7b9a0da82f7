// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap_sink.c - a module that opens a port and is called when frames arrive:
 * it counts them, and gives them back. If it is to have an address, it sends one
 * frame, so that the switch knows where that is and floods nothing for it.
 *
 *	insmod netmap_sink.ko port=vale0:sink mac=02:00:00:00:00:02
 *	... something sends to vale0 ...
 *	cat /sys/module/netmap_sink/parameters/{calls,frames,bytes,folded}
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netmap_kernel.h>

static char *port = "vale0:sink";
module_param(port, charp, 0444);
MODULE_PARM_DESC(port, "the port to open");

static char *mac;
module_param(mac, charp, 0444);
MODULE_PARM_DESC(mac, "an address to send from once");

static unsigned long calls, frames, bytes;
module_param(calls, ulong, 0444);
MODULE_PARM_DESC(calls, "how often frames were announced");
module_param(frames, ulong, 0444);
MODULE_PARM_DESC(frames, "frames seen");
module_param(bytes, ulong, 0444);
MODULE_PARM_DESC(bytes, "bytes in them");

static unsigned long folded;
module_param(folded, ulong, 0444);
MODULE_PARM_DESC(folded, "the first 64 bytes of each frame's buffer, xored");

static struct netmap_client *sink;

/* One word of what lies in the first 64 bytes: they are really read. */
static u64 look(const u64 *p)
{
	return p[0] ^ p[1] ^ p[2] ^ p[3] ^ p[4] ^ p[5] ^ p[6] ^ p[7];
}

static void consume(struct netmap_ring *ring, const struct netmap_bufs *bufs)
{
	u32 n = ring->num_slots, i = ring->head;
	u32 tail = READ_ONCE(ring->tail);
	u64 sum = folded;

	/* A program may map the region too: bound what it can do to us. */
	if (i >= n || tail >= n)
		return;
	while (i != tail) {
		const struct netmap_slot *slot = &ring->slot[i];
		const u64 *data = netmap_buf(bufs, READ_ONCE(slot->buf_idx));

		if (data)
			sum ^= look(data);
		bytes += READ_ONCE(slot->len);
		frames++;
		i = i + 1 == n ? 0 : i + 1;
	}
	folded = sum;
	ring->cur = i;
	/* All of it has been read before it is given back. */
	smp_store_release(&ring->head, i);
}

/* In a thread of netmap, never twice at once: the counters need no lock. */
static void arrived(struct netmap_client *client, void *arg)
{
	struct netmap_bufs bufs = netmap_client_bufs(client);
	struct netmap_ring *ring;
	u32 i;

	calls++;
	netmap_client_rxsync(client);
	for (i = 0; (ring = netmap_client_rxring(client, i)); i++)
		consume(ring, &bufs);
}

/* A frame from our address to everybody, without content and with a type for
 * local experiments. */
static int announce(void)
{
	struct netmap_ring *ring = netmap_client_txring(sink, 0);
	struct netmap_bufs bufs = netmap_client_bufs(sink);
	struct netmap_slot *slot = &ring->slot[0];
	struct ethhdr *eth = netmap_buf(&bufs, READ_ONCE(slot->buf_idx));

	if (!eth)
		return -EIO;
	memset(eth, 0, ETH_ZLEN);
	eth_broadcast_addr(eth->h_dest);
	if (!mac_pton(mac, eth->h_source))
		return -EINVAL;
	eth->h_proto = htons(0x88b5);
	slot->len = ETH_ZLEN;
	slot->flags = 0;
	ring->cur = 1;
	/* The slot is filled before it is given away. */
	smp_store_release(&ring->head, 1);
	return netmap_client_txsync(sink);
}

static int __init sink_init(void)
{
	int err = netmap_client_open(&init_net, port, NULL, &sink);

	if (err)
		return err;
	if (mac)
		err = announce();
	if (!err)
		err = netmap_client_notify(sink, arrived, NULL);
	if (err)
		netmap_client_close(sink);
	return err;
}

static void __exit sink_exit(void)
{
	netmap_client_close(sink);
	pr_info("netmap_sink: %lu frames, %lu bytes, in %lu calls\n", frames,
		bytes, calls);
}

module_init(sink_init);
module_exit(sink_exit);

MODULE_DESCRIPTION("netmap example: a port opened from inside the kernel");
MODULE_LICENSE("Dual BSD/GPL");
