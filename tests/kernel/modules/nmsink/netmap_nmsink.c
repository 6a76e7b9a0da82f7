// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap_nmsink.c - two network interfaces, nmsink0 and nmsink1, with a driver
 * that has XDP and no hardware: what it is to send it counts, what it is told to
 * receive it has. So a test knows of each frame, and a measurement has nothing
 * but the ways to a driver and from it.
 *
 *      /sys/kernel/debug/nmsink/nmsink0/
 *          len        of the frames that it receives, without checksum
 *          room       frames that it takes at a time; 0: it is full
 *          error      errno that XDP frames are refused with; 0: they are not
 *          rx         write N: receives N frames, numbered in turn
 *          xmit       write N: sends N batches of 64 frames of its own
 *          tx_frames, tx_bytes, tx_skbs    of those, how many came as skbs
 *          tx_odd     frames whose number was not the next
 *          rx_dropped, rx_passed           by the XDP program's word
 *
 * A frame's number is in its bytes 14 to 17. The pages that frames are received
 * in stay the driver's: what is passed to the stack is copied.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/debugfs.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/module.h>
#include <net/xdp.h>

#define DEVICES	  2
#define PAGES	  64
#define NUMBER_AT ETH_HLEN
#define LEN_MIN	  (NUMBER_AT + 4)

struct sink {
	struct net_device *dev;
	struct napi_struct napi;
	struct xdp_rxq_info rxq;
	struct bpf_prog *prog;
	struct page *pages; /* PAGES of them, one frame in each */
	atomic_t waiting;   /* frames to be received */
	u32 len, room, error;
	u32 rx_number, tx_number; /* of the next frame */
	/* Each written by one at a time: the NAPI, the holder of the tx lock. */
	u64 tx_frames, tx_bytes, tx_skbs, tx_odd;
	u64 rx_dropped, rx_passed;
};

static struct sink *sinks[DEVICES];
static struct dentry *root;

/* ---- tx ---- */

static void count(struct sink *s, const u8 *data, u32 len)
{
	u32 number = 0;

	if (likely(len >= LEN_MIN))
		memcpy(&number, data + NUMBER_AT, sizeof(number));
	s->tx_odd += number != s->tx_number;
	s->tx_number = number + 1;
	s->tx_bytes += len;
	s->tx_frames++;
}

static int sink_xdp_xmit(struct net_device *dev, int n,
			 struct xdp_frame **frame, u32 flags)
{
	struct sink *s = netdev_priv(dev);
	u32 error = READ_ONCE(s->error), taken, i;

	if (error)
		return -(int)error;
	taken = min_t(u32, n, READ_ONCE(s->room));
	for (i = 0; i < taken; i++) {
		count(s, frame[i]->data, frame[i]->len);
		xdp_return_frame(frame[i]);
	}
	return taken;
}

static netdev_tx_t sink_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sink *s = netdev_priv(dev);

	if (!READ_ONCE(s->room))
		return NETDEV_TX_BUSY;
	count(s, skb->data, skb_headlen(skb));
	s->tx_skbs++;
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

/* ---- rx ---- */

/* Page @i as if a frame had been received in it. */
static void buff_init(struct sink *s, struct xdp_buff *xdp, u32 i, u32 len)
{
	xdp_init_buff(xdp, PAGE_SIZE, &s->rxq);
	xdp_prepare_buff(xdp, page_address(s->pages + i % PAGES),
			 XDP_PACKET_HEADROOM, len, false);
}

static void pass(struct sink *s, const struct xdp_buff *xdp)
{
	u32 len = xdp->data_end - xdp->data;
	struct sk_buff *skb = napi_alloc_skb(&s->napi, len);

	if (!skb)
		return;
	skb_put_data(skb, xdp->data, len);
	skb->protocol = eth_type_trans(skb, s->dev);
	napi_gro_receive(&s->napi, skb);
	s->rx_passed++;
}

static void receive(struct sink *s, struct bpf_prog *prog, u32 len)
{
	u32 act = XDP_PASS, number = s->rx_number++;
	struct xdp_buff xdp;

	buff_init(s, &xdp, number, len);
	memcpy(xdp.data + NUMBER_AT, &number, sizeof(number));
	if (likely(prog))
		act = bpf_prog_run_xdp(prog, &xdp);
	if (likely(act == XDP_DROP))
		s->rx_dropped++;
	else if (act == XDP_PASS)
		pass(s, &xdp);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct sink *s = container_of(napi, struct sink, napi);
	int n = min(budget, atomic_read(&s->waiting)), i;
	u32 len = READ_ONCE(s->len);

	for (i = 0; i < n; i++)
		receive(s, READ_ONCE(s->prog), len);
	atomic_sub(n, &s->waiting);
	if (n < budget && napi_complete_done(napi, n) &&
	    atomic_read(&s->waiting))
		napi_schedule(napi);
	return n;
}

/* ---- the files ---- */

/* What a processor would do that is told of frames by an interrupt. */
static int rx_set(void *data, u64 n)
{
	struct sink *s = data;

	if (!netif_running(s->dev) || s->len < LEN_MIN ||
	    s->len > ETH_FRAME_LEN || n > INT_MAX)
		return -EINVAL;
	atomic_add((int)n, &s->waiting);
	local_bh_disable();
	napi_schedule(&s->napi);
	local_bh_enable();
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(rx_fops, NULL, rx_set, "%llu\n");

/* What sending costs without anybody who sends. The frames lie in the pages of
 * rx, and keep those. */
static int xmit_set(void *data, u64 batches)
{
	struct xdp_frame *frame[PAGES];
	struct sink *s = data;
	struct xdp_buff xdp;
	u32 i;

	if (batches > INT_MAX / 2 / PAGES || !netif_running(s->dev))
		return -EINVAL;
	for (i = 0; i < PAGES; i++) {
		buff_init(s, &xdp, i, s->len);
		frame[i] = xdp_convert_buff_to_frame(&xdp);
	}
	page_ref_add(s->pages, (int)batches * PAGES);
	for (; batches; batches--) {
		local_bh_disable();
		s->dev->netdev_ops->ndo_xdp_xmit(s->dev, PAGES, frame,
						 XDP_XMIT_FLUSH);
		local_bh_enable();
	}
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(xmit_fops, NULL, xmit_set, "%llu\n");

static void files_make(struct sink *s)
{
	struct dentry *dir = debugfs_create_dir(s->dev->name, root);

	debugfs_create_u32("len", 0600, dir, &s->len);
	debugfs_create_u32("room", 0600, dir, &s->room);
	debugfs_create_u32("error", 0600, dir, &s->error);
	debugfs_create_file_unsafe("rx", 0200, dir, s, &rx_fops);
	debugfs_create_file_unsafe("xmit", 0200, dir, s, &xmit_fops);
	debugfs_create_u64("tx_frames", 0400, dir, &s->tx_frames);
	debugfs_create_u64("tx_bytes", 0400, dir, &s->tx_bytes);
	debugfs_create_u64("tx_skbs", 0400, dir, &s->tx_skbs);
	debugfs_create_u64("tx_odd", 0400, dir, &s->tx_odd);
	debugfs_create_u64("rx_dropped", 0400, dir, &s->rx_dropped);
	debugfs_create_u64("rx_passed", 0400, dir, &s->rx_passed);
}

/* ---- the devices ---- */

static int sink_open(struct net_device *dev)
{
	struct sink *s = netdev_priv(dev);
	int err = xdp_rxq_info_reg(&s->rxq, dev, 0, 0);

	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&s->rxq, MEM_TYPE_PAGE_ORDER0, NULL);
	if (err)
		xdp_rxq_info_unreg(&s->rxq);
	else
		napi_enable(&s->napi);
	return err;
}

static int sink_stop(struct net_device *dev)
{
	struct sink *s = netdev_priv(dev);

	napi_disable(&s->napi);
	atomic_set(&s->waiting, 0);
	xdp_rxq_info_unreg(&s->rxq);
	return 0;
}

static int sink_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct sink *s = netdev_priv(dev);
	struct bpf_prog *old;

	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	old = xchg(&s->prog, bpf->prog);
	if (old)
		bpf_prog_put(old);
	return 0;
}

static const struct net_device_ops ops = {
	.ndo_open = sink_open,
	.ndo_stop = sink_stop,
	.ndo_start_xmit = sink_start_xmit,
	.ndo_xdp_xmit = sink_xdp_xmit,
	.ndo_bpf = sink_bpf,
};

/* All pages hold a frame for the device itself, of a type for local
 * experiments. */
static void frames_make(struct sink *s)
{
	u32 i;

	for (i = 0; i < PAGES; i++) {
		struct ethhdr *eth =
			page_address(s->pages + i) + XDP_PACKET_HEADROOM;

		ether_addr_copy(eth->h_dest, s->dev->dev_addr);
		eth->h_source[0] = 2;
		eth->h_proto = htons(0x88b5);
	}
}

static void sink_free(struct sink *s)
{
	if (s->pages)
		put_page(s->pages);
	free_netdev(s->dev);
}

static int sink_make(u32 i)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct sink));
	struct sink *s;
	int err = -ENOMEM;

	if (!dev)
		return -ENOMEM;
	s = netdev_priv(dev);
	s->dev = dev;
	s->len = ETH_ZLEN;
	s->room = U32_MAX;
	dev->netdev_ops = &ops;
	snprintf(dev->name, sizeof(dev->name), "nmsink%u", i);
	eth_hw_addr_random(dev);
	netif_napi_add(dev, &s->napi, poll);
	s->pages = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP,
			       get_order(PAGES * PAGE_SIZE));
	if (s->pages) {
		frames_make(s);
		err = register_netdev(dev);
	}
	if (err) {
		sink_free(s);
		return err;
	}
	files_make(s);
	sinks[i] = s;
	return 0;
}

static void destroy_all(void)
{
	u32 i;

	debugfs_remove(root);
	for (i = 0; i < DEVICES; i++) {
		if (!sinks[i])
			continue;
		unregister_netdev(sinks[i]->dev);
		sink_free(sinks[i]);
	}
}

static int __init sink_init(void)
{
	int err = 0;
	u32 i;

	root = debugfs_create_dir("nmsink", NULL);
	for (i = 0; i < DEVICES && !err; i++)
		err = sink_make(i);
	if (err)
		destroy_all();
	return err;
}

static void __exit sink_exit(void)
{
	destroy_all();
}

module_init(sink_init);
module_exit(sink_exit);

MODULE_DESCRIPTION("netmap test: a driver that counts frames");
MODULE_LICENSE("Dual BSD/GPL");
