// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Transmission:
 *
 *   slots --copy--> pages of ours --> frame[tail, head) --> the driver, 64 at a
 *                                                           time
 *
 * Drivers write into the pages that they send, and keep some until long after
 * (a socket of this machine may end up with one): so they never get memory that
 * programs have mapped, and a slot is free as soon as its frame is copied and
 * the driver has taken the copy.
 *
 * A page holds one frame, laid out so that it can go either way:
 *
 *   | struct xdp_frame | free  | frame ............. | struct skb_shared_info |
 *   0                          XDP_PACKET_HEADROOM   page's end
 *
 * as an XDP frame by ndo_xdp_xmit, or as the data of an skb by ndo_start_xmit.
 * The first is tried where the driver has it; what it refuses at the moment
 * (veth without a peer that polls, a driver that is down) goes the second way.
 * Who has a frame has a reference to its page, and gives it up by put_page() in
 * the end, wherever that is: nobody calls back into this module.
 *
 * What the driver has no room for stays, and a timer tries again. So programs
 * that sleep are woken, and frames that were taken leave without them.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "compat.h"
#include "nic_int.h"

#define BATCH 64

/* The timer: at first, and where that does not help; and how often until the
 * frame in front is given up, some 100 ms later: a driver may not want it at all
 * (veth: longer than the peer's MTU). */
#define RETRY_NS     50000
#define RETRY_MAX_NS 1000000
#define RETRIES	     100

#define SKB_JIFFIES (HZ / 10) /* until XDP frames are tried again */

#define HEADROOM XDP_PACKET_HEADROOM

/* ---- frames in pages ---- */

static struct page *page_alloc(u32 order)
{
	return alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_COMP, order);
}

/* A page for the caller; NULL: no memory. */
static inline struct page *page_get(struct page **kept)
{
	struct page *page = *kept;

	/* Others still have the frame that was in it: they may keep it. */
	if (unlikely(!page || page_ref_count(page) != 1)) {
		page = page_alloc(0);
		if (!page)
			return NULL;
		if (*kept)
			put_page(*kept);
		*kept = page;
	}
	page_ref_inc(page);
	return page;
}

static void frame_put(struct xdp_frame *f)
{
	put_page(virt_to_head_page(f));
}

/* Describes the frame of @len bytes in the page at @f, of @size bytes. */
static void frame_init(struct xdp_frame *f, u32 size, u32 len)
{
	*f = (struct xdp_frame){
		.data = (u8 *)f + HEADROOM,
		.len = len,
		.headroom = HEADROOM - sizeof(*f),
		.frame_sz = size,
	};
	knm_xdp_frame_is_page(f);
}

/* An skb that has the frame's page; NULL: no memory, the frame stays. */
static struct sk_buff *frame_skb(struct xdp_frame *f, struct net_device *dev,
				 u32 queue)
{
	struct sk_buff *skb = build_skb(f, f->frame_sz);

	if (!skb)
		return NULL;
	skb_reserve(skb, HEADROOM);
	__skb_put(skb, f->len);
	skb->dev = dev;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb_set_queue_mapping(skb, queue);
	return skb;
}

/* The driver does not want it: the frame has its page again. */
static void frame_unskb(struct xdp_frame *f, struct sk_buff *skb)
{
	get_page(virt_to_head_page(f));
	kfree_skb(skb);
}

/* ---- to the driver; tx->lock held. Each sends from frame[0..n) what the driver
 * has room for, and returns how many. ---- */

/* Less than 0: it takes none this way. */
static int send_xdp(struct knm_nic_tx *tx, struct xdp_frame **frame, u32 n)
{
	const struct net_device_ops *driver = tx->nic->driver;
	int sent = driver->ndo_xdp_xmit(tx->nic->dev, n, frame, XDP_XMIT_FLUSH);

	/* Drivers put headers before frames, also before one that they then
	 * have no room for. */
	if (unlikely(sent >= 0 && sent < n))
		frame_init(frame[sent], PAGE_SIZE,
			   tx->what[frame + sent - tx->frame].len);
	return sent;
}

static u32 send_skb(struct knm_nic_tx *tx, struct xdp_frame **frame, u32 n)
{
	const struct net_device_ops *driver = tx->nic->driver;
	struct net_device *dev = tx->nic->dev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, tx->ring);
	struct sk_buff *skb[BATCH];
	u32 i, sent = 0;

	/* All of them first: the driver is told whether more follow. */
	for (i = 0; i < n; i++) {
		skb[i] = frame_skb(frame[i], dev, tx->ring);
		if (!skb[i])
			n = i;
	}
	HARD_TX_LOCK(dev, txq, smp_processor_id());
	while (sent < n && !netif_xmit_frozen_or_drv_stopped(txq)) {
		netdev_tx_t ret = __netdev_start_xmit(driver, skb[sent], dev,
						      sent + 1 < n);

		if (!dev_xmit_complete(ret))
			break;
		txq_trans_update(txq);
		sent++;
	}
	HARD_TX_UNLOCK(dev, txq);
	for (i = sent; i < n; i++)
		frame_unskb(frame[i], skb[i]);
	return sent;
}

static bool can_send(const struct net_device *dev)
{
	return netif_running(dev) && netif_device_present(dev) &&
	       netif_carrier_ok(dev);
}

/* What is sent on an interface without a link is lost. */
static u32 lose(struct knm_nic_tx *tx, struct xdp_frame **frame, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		dev_core_stats_tx_dropped_inc(tx->nic->dev);
		frame_put(frame[i]);
	}
	return n;
}

static u32 send(struct knm_nic_tx *tx, struct xdp_frame **frame, u32 n)
{
	int sent;

	if (unlikely(!can_send(tx->nic->dev)))
		return lose(tx, frame, n);
	if (tx->nic->mode[NM_TX] == KNM_NIC_SKB ||
	    unlikely(time_before(jiffies, tx->skb_until)))
		return send_skb(tx, frame, n);
	sent = send_xdp(tx, frame, n);
	if (likely(sent >= 0))
		return sent;
	tx->skb_until = jiffies + SKB_JIFFIES;
	return send_skb(tx, frame, n);
}

/* The first @n frames wait no more: the driver has them, or they are lost. */
static void waited(struct knm_nic_tx *tx, u32 n)
{
	u32 done = tx->done + n, i;

	for (i = 0; unlikely(tx->more) && i < n; i++) {
		u32 more = tx->what[(tx->tail + i) % KNM_NIC_SLOTS].more;

		tx->more -= more;
		done += more;
	}
	tx->tail += n;
	WRITE_ONCE(tx->done, done);
}

/* Hands over what waits; true: some of it. */
static bool flush(struct knm_nic_tx *tx)
{
	u32 before = tx->tail;

	lockdep_assert_held(&tx->lock);
	while (tx->tail != tx->head) {
		u32 at = tx->tail % KNM_NIC_SLOTS, sent, n;

		n = min3(tx->head - tx->tail, (u32)BATCH, KNM_NIC_SLOTS - at);
		sent = send(tx, &tx->frame[at], n);
		waited(tx, sent);
		if (sent < n)
			break;
	}
	return tx->tail != before;
}

/* The same, by the timer. */
static bool flush_again(struct knm_nic_tx *tx)
{
	u32 at = tx->tail % KNM_NIC_SLOTS;
	bool some = flush(tx);

	if (some || tx->tail == tx->head) {
		tx->retries = 0;
		tx->retry_ns = RETRY_NS;
		return some;
	}
	tx->retry_ns = min(2 * tx->retry_ns, (u32)RETRY_MAX_NS);
	if (++tx->retries < RETRIES)
		return false;
	tx->retries = 0;
	waited(tx, lose(tx, &tx->frame[at], 1));
	return true;
}

static void retry_later(struct knm_nic_tx *tx)
{
	hrtimer_start(&tx->timer, ns_to_ktime(tx->retry_ns),
		      HRTIMER_MODE_REL_SOFT);
}

static enum hrtimer_restart retry(struct hrtimer *timer)
{
	struct knm_nic_tx *tx = container_of(timer, struct knm_nic_tx, timer);
	struct nm_port *port;
	bool some, more;

	rcu_read_lock();
	port = READ_ONCE(tx->port);
	if (port) {
		spin_lock(&tx->lock);
		some = flush_again(tx);
		more = tx->tail != tx->head;
		if (more)
			retry_later(tx);
		spin_unlock(&tx->lock);
		/* If nothing waits, there was no memory to take it. */
		if (some || !more)
			nm_nic_tx_wake(port, tx->ring);
	}
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/* ---- from the ring ---- */

/* @slots hold nothing that waits: they are done after those before them. */
static void pass_over(struct knm_nic_tx *tx, u32 slots)
{
	if (tx->tail == tx->head) {
		WRITE_ONCE(tx->done, tx->done + slots);
		return;
	}
	tx->what[(tx->head - 1) % KNM_NIC_SLOTS].more += slots;
	tx->more += slots;
}

/* Takes a frame of any size and kind; returns its pieces, 0: no memory. */
static noinline u32 take_any(struct knm_nic_tx *tx,
			     const struct nm_nic_piece *p)
{
	u32 at = tx->head % KNM_NIC_SLOTS, n = 1, len = p->len, order, i;
	struct xdp_frame *f;
	struct page *page;
	u8 *to;

	for (; p[n - 1].flags & NS_MOREFRAG; n++)
		len += p[n].len;
	/* Larger than what the device was told that it carries. */
	if (len > knm_nic_frame_max(tx->nic)) {
		dev_core_stats_tx_dropped_inc(tx->nic->dev);
		pass_over(tx, n);
		return n;
	}
	order = get_order(len + PAGE_SIZE - KNM_NIC_PAGE_ROOM);
	page = page_alloc(order);
	if (!page)
		return 0;
	f = page_address(page);
	frame_init(f, PAGE_SIZE << order, len);
	for (i = 0, to = f->data; i < n; to += p[i++].len)
		os_copy(to, p[i].data, p[i].len);
	tx->frame[at] = f;
	tx->what[at] = (struct knm_nic_frame){.len = len, .more = n - 1};
	tx->more += n - 1;
	tx->head++;
	return n;
}

/* Takes frames of one piece that fit kept pages from p[0..n); stops before the
 * first other one, and where there is no memory. Returns how many. */
static u32 take_singles(struct knm_nic_tx *tx, const struct nm_nic_piece *p,
			u32 n)
{
	u32 max = min_t(u32, knm_nic_frame_max(tx->nic), KNM_NIC_PAGE_ROOM);
	u32 head = tx->head, next = tx->next_page, i;
	struct xdp_frame **frame = tx->frame;
	struct knm_nic_frame *what = tx->what;
	struct page **pages = tx->page;

	for (i = 0; i < n; i++, p++, head++) {
		u32 at = head % KNM_NIC_SLOTS, len = p->len;
		struct xdp_frame *f;
		struct page *page;

		if (unlikely(p->flags & NS_MOREFRAG || len > max))
			break;
		page = page_get(&pages[next % KNM_NIC_PAGES]);
		if (unlikely(!page))
			break;
		next++;
		f = page_address(page);
		frame_init(f, PAGE_SIZE, len);
		/* The bytes may change meanwhile: nobody looks at them. */
		os_copy(f->data, p->data, len);
		frame[at] = f;
		what[at] = (struct knm_nic_frame){.len = len};
	}
	tx->head = head;
	tx->next_page = next;
	return i;
}

/* Takes the frames of p[0..n), n at most BATCH, for whom there is room: each
 * slot has at most one. Returns how many pieces; less: no memory. */
static u32 take(struct knm_nic_tx *tx, const struct nm_nic_piece *p, u32 n)
{
	u32 done, got;

	for (done = 0; done < n; done += got) {
		got = take_singles(tx, p + done, n - done);
		if (unlikely(!got))
			got = take_any(tx, p + done);
		if (unlikely(!got))
			break;
	}
	return done;
}

/* Of p[0..n), which are whole frames, at most BATCH that are so, too. */
static u32 batch_of(const struct nm_nic_piece *p, u32 n)
{
	BUILD_BUG_ON(BATCH < NETMAP_MAX_FRAGS);
	if (n <= BATCH)
		return n;
	for (n = BATCH; unlikely(p[n - 1].flags & NS_MOREFRAG);)
		n--;
	return n;
}

u32 knm_nic_tx(struct nm_nic *nic, u32 ring, const struct nm_nic_piece *p,
	       u32 n)
{
	struct knm_nic_tx *tx = &knm_nic_of(nic)->tx[ring];
	u32 done = 0, got;

	do {
		u32 part = batch_of(p + done, n - done);

		/* Between batches a peer of this machine can fetch them. */
		spin_lock_bh(&tx->lock);
		got = take(tx, p + done, part);
		done += got;
		flush(tx);
		if (unlikely(tx->tail != tx->head || got < part) &&
		    !hrtimer_is_queued(&tx->timer))
			retry_later(tx);
		spin_unlock_bh(&tx->lock);
		if (got < part)
			break;
	} while (done < n);
	return done;
}

u32 knm_nic_tx_done(struct nm_nic *nic, u32 ring)
{
	struct knm_nic_tx *tx = &knm_nic_of(nic)->tx[ring];
	u32 done = READ_ONCE(tx->done) - tx->told;

	tx->told += done;
	return done;
}

/* ---- start, stop ---- */

void knm_nic_tx_init(struct knm_nic_tx *tx, struct knm_nic *nic, u32 ring)
{
	tx->nic = nic;
	tx->ring = ring;
	spin_lock_init(&tx->lock);
	knm_hrtimer_setup(&tx->timer, retry);
}

static void arrays_free(struct knm_nic_tx *tx)
{
	kvfree(tx->frame);
	kvfree(tx->what);
	kvfree(tx->page);
}

int knm_nic_tx_start(struct knm_nic_tx *tx, struct nm_port *port)
{
	tx->frame = kvcalloc(KNM_NIC_SLOTS, sizeof(*tx->frame), GFP_KERNEL);
	tx->what = kvcalloc(KNM_NIC_SLOTS, sizeof(*tx->what), GFP_KERNEL);
	tx->page = kvcalloc(KNM_NIC_PAGES, sizeof(*tx->page), GFP_KERNEL);
	if (!tx->frame || !tx->what || !tx->page) {
		arrays_free(tx);
		return -ENOMEM;
	}
	tx->head = tx->tail = tx->done = tx->more = tx->told = 0;
	tx->next_page = 0;
	tx->retries = 0;
	tx->retry_ns = RETRY_NS;
	tx->skb_until = jiffies;
	/* Pairs with the stack's senders and with retry(). */
	smp_store_release(&tx->port, port);
	return 0;
}

void knm_nic_tx_stop(struct knm_nic_tx *tx)
{
	u32 i;

	WRITE_ONCE(tx->port, NULL);
	synchronize_net();
	hrtimer_cancel(&tx->timer);
	for (; tx->tail != tx->head; tx->tail++)
		frame_put(tx->frame[tx->tail % KNM_NIC_SLOTS]);
	for (i = 0; i < KNM_NIC_PAGES; i++)
		if (tx->page[i])
			put_page(tx->page[i]);
	arrays_free(tx);
}
