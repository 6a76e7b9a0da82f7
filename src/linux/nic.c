// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * NIC ports: any Ethernet interface of the namespace, with whatever driver.
 *
 *     driver          nic_xdp.c, nic_skb.c         rx ring
 *       |  <--------- nic_tx.c <------------------ tx ring
 *       |
 *     stack's send -> nic_host.c ----------------> host rx ring
 *     stack <-------- inject.c <------------------ host tx ring
 *
 * An interface is found when its port is made and let go of with it. It is in
 * netmap mode while one ring is or more: then it has our operations beside the
 * driver's and gives us what it receives; of that each ring in netmap mode keeps
 * its own. The interface stays what it is for the system: up, with its addresses.
 */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "compat.h"
#include "nic_int.h"
#include "port.h"

/* ---- how rings reach the driver ---- */

enum {
	ADMODE_BEST,
	ADMODE_NATIVE,
	ADMODE_EMULATED,
};

static unsigned int admode;

static int admode_set(const char *text, const struct kernel_param *kp)
{
	return param_set_uint_minmax(text, kp, ADMODE_BEST, ADMODE_EMULATED);
}

static const struct kernel_param_ops admode_ops = {
	.set = admode_set,
	.get = param_get_uint,
};

module_param_cb(admode, &admode_ops, &admode, 0644);
__MODULE_PARM_TYPE(admode, "uint");
MODULE_PARM_DESC(
	admode,
	"interfaces: 0 by XDP where the driver has it, 1 only so, 2 never");

struct net_device *knm_nic_owner;

static LIST_HEAD(nics); /* RTNL */

struct knm_nic *knm_nic_find(const struct net_device *dev)
{
	struct knm_nic *nic;

	ASSERT_RTNL();
	list_for_each_entry(nic, &nics, node) if (nic->dev == dev) return nic;
	return NULL;
}

u32 knm_nic_frame_max(const struct knm_nic *nic)
{
	u32 room = nic->mode[NM_TX] == KNM_NIC_XDP ? KNM_NIC_PAGE_ROOM
						   : KNM_NIC_FRAME_MAX;

	return min(READ_ONCE(nic->dev->mtu) + ETH_HLEN + VLAN_HLEN, room);
}

/* ---- netmap mode ---- */

/* Nobody else has taken the interface. */
static int check_free(const struct knm_nic *nic)
{
	struct net_device *dev = nic->dev;
	const struct net_device *master = netdev_master_upper_dev_get(dev);
	char other[64];

	if (master)
		return os_refuse(-EBUSY, "%s: the interface belongs to %s",
				 dev->name, master->name);
	if (knm_nic_xdp_other(dev, other, sizeof(other)))
		return os_refuse(-EBUSY,
				 "%s: the interface has an XDP program: %s",
				 dev->name, other);
	return 0;
}

static const char admode_says[] = "parameter admode is 2";

/* The driver, or else the stack, gives us what it receives. */
static int rx_attach(struct knm_nic *nic)
{
	char *why = nic->nic.why[NM_RX];
	struct net_device *dev = nic->dev;
	int err = -EOPNOTSUPP;

	strscpy(why, admode_says, sizeof(nic->nic.why[0]));
	if (admode != ADMODE_EMULATED)
		err = knm_nic_xdp_attach(nic, why, sizeof(nic->nic.why[0]));
	if (!err) {
		nic->mode[NM_RX] = KNM_NIC_XDP;
		strscpy(why, "the driver has XDP", sizeof(nic->nic.why[0]));
		return 0;
	}
	if (admode == ADMODE_NATIVE)
		return os_refuse(-EOPNOTSUPP, "%s: %s (error %d)", dev->name,
				 why, -err);
	nic->mode[NM_RX] = KNM_NIC_SKB;
	err = knm_nic_skb_attach(nic);
	if (err)
		return os_refuse(err, "%s: another handler has its frames",
				 dev->name);
	return 0;
}

static void rx_detach(struct knm_nic *nic)
{
	if (nic->mode[NM_RX] == KNM_NIC_XDP)
		knm_nic_xdp_detach(nic);
	else
		knm_nic_skb_detach(nic);
}

/* After a synchronize_net(). */
static void rx_free(struct knm_nic *nic)
{
	if (nic->mode[NM_RX] == KNM_NIC_XDP)
		knm_nic_xdp_free(nic);
}

/* Says why so. */
static const char *tx_choose(struct knm_nic *nic)
{
	nic->mode[NM_TX] = KNM_NIC_SKB;
	if (admode == ADMODE_EMULATED)
		return admode_says;
	if (!nic->driver->ndo_xdp_xmit)
		return "the driver takes no XDP frames";
	if (nic->dev->mtu + ETH_HLEN + VLAN_HLEN > KNM_NIC_PAGE_ROOM)
		return "such an MTU needs more than a page";
	nic->mode[NM_TX] = KNM_NIC_XDP;
	return "the driver takes XDP frames";
}

static void describe(struct knm_nic *nic)
{
	static const char *const name[] = {
		[KNM_NIC_XDP] = "native-xdp",
		[KNM_NIC_SKB] = "skb",
	};

	snprintf(nic->nic.mode, sizeof(nic->nic.mode), "rx %s, tx %s",
		 name[nic->mode[NM_RX]], name[nic->mode[NM_TX]]);
	pr_info("netmap: %s: rx %s: %s, tx %s: %s\n", nic->dev->name,
		name[nic->mode[NM_RX]], nic->nic.why[NM_RX],
		name[nic->mode[NM_TX]], nic->nic.why[NM_TX]);
}

/* The rings have no mode any more. */
static void undescribe(struct knm_nic *nic)
{
	memset(nic->nic.mode, 0, sizeof(nic->nic.mode));
	memset(nic->nic.why, 0, sizeof(nic->nic.why));
}

/* What programs that know of no such frames should hear of. */
static void describe_frames(const struct knm_nic *nic)
{
	u32 size = nm_region_buf_size(nic->nic.port->region);
	u32 bytes = knm_nic_frame_max(nic);

	if (bytes > size)
		pr_info("netmap: %s: frames of up to %u bytes take several "
			"slots (NS_MOREFRAG), of %u bytes each\n",
			nic->dev->name, bytes, size);
}

static int enter(struct knm_nic *nic)
{
	int err;

	err = check_free(nic);
	if (err)
		return err;
	/* Before our operations are there: the driver's are asked. */
	knm_nic_offloads_off(nic);
	err = rx_attach(nic);
	if (err) {
		knm_nic_offloads_back(nic);
		undescribe(nic);
		return err;
	}
	if (nic->mode[NM_RX] != KNM_NIC_XDP)
		knm_nic_peer_back(nic);
	nic->completes = !knm_nic_is_complete(nic);
	knm_nic_host_enter(nic);
	strscpy(nic->nic.why[NM_TX], tx_choose(nic),
		sizeof(nic->nic.why[NM_TX]));
	describe(nic);
	describe_frames(nic);
	return 0;
}

static void leave(struct knm_nic *nic)
{
	knm_nic_host_leave(nic);
	rx_detach(nic);
	knm_nic_offloads_back(nic);
	synchronize_net();
	rx_free(nic);
	undescribe(nic);
}

/* ---- asked by the core: control lock and RTNL held ---- */

static int ring_start(struct knm_nic *nic, u32 dir, u32 ring)
{
	if (dir == NM_RX) {
		knm_nic_rx_start(&nic->rx[ring], nic->nic.port);
		return 0;
	}
	if (knm_nic_tx_start(&nic->tx[ring], nic->nic.port))
		return os_refuse(-ENOMEM, "%s: no memory for tx ring %u",
				 nic->dev->name, ring);
	return 0;
}

static int start(struct nm_nic *n, u32 dir, u32 ring)
{
	struct knm_nic *nic = knm_nic_of(n);
	int err;

	if (!nic->users) {
		err = enter(nic);
		if (err)
			return err;
	}
	err = ring_start(nic, dir, ring);
	if (!err)
		nic->users++;
	else if (!nic->users)
		leave(nic);
	return err;
}

static void stop(struct nm_nic *n, u32 dir, u32 ring)
{
	struct knm_nic *nic = knm_nic_of(n);

	if (dir == NM_RX)
		knm_nic_rx_stop(&nic->rx[ring]);
	else
		knm_nic_tx_stop(&nic->tx[ring]);
	if (!--nic->users)
		leave(nic);
}

static void info(struct nm_nic *n, struct nm_nic_info *out)
{
	const struct knm_nic *nic = knm_nic_of(n);
	u32 d;

	for (d = 0; d < NM_DIRS; d++) {
		out->rings[d] = nic->num[d];
		out->slots[d] = KNM_NIC_SLOTS;
	}
	out->mtu = nic->dev->mtu;
	out->frags = true;
	out->up = netif_carrier_ok(nic->dev);
}

static int host_start(struct nm_nic *n)
{
	/* Pairs with the stack's senders: the host rings are ready. */
	smp_store_release(&knm_nic_of(n)->host, n->port);
	return 0;
}

static void host_stop(struct nm_nic *n)
{
	WRITE_ONCE(knm_nic_of(n)->host, NULL);
	synchronize_net();
}

static bool inject(struct nm_nic *n, const struct nm_nic_piece *p, u32 pieces)
{
	return knm_inject_frame(&knm_nic_of(n)->inject, p, pieces);
}

static void inject_end(struct nm_nic *n)
{
	knm_inject_end(&knm_nic_of(n)->inject);
}

/* ---- life ---- */

static void nic_free(struct knm_nic *nic)
{
	kvfree(nic->rx);
	kvfree(nic->tx);
	kfree(nic);
}

static void nic_free_rcu(struct rcu_head *rcu)
{
	nic_free(container_of(rcu, struct knm_nic, rcu));
}

static struct knm_nic *nic_alloc(struct net_device *dev)
{
	struct knm_nic *nic = kzalloc(sizeof(*nic), GFP_KERNEL_ACCOUNT);

	if (!nic)
		return NULL;
	nic->num[NM_TX] = dev->real_num_tx_queues;
	nic->num[NM_RX] = dev->real_num_rx_queues;
	nic->tx =
		kvcalloc(nic->num[NM_TX], sizeof(*nic->tx), GFP_KERNEL_ACCOUNT);
	nic->rx =
		kvcalloc(nic->num[NM_RX], sizeof(*nic->rx), GFP_KERNEL_ACCOUNT);
	if (!nic->tx || !nic->rx) {
		nic_free(nic);
		return NULL;
	}
	return nic;
}

static void put(struct nm_nic *n)
{
	struct knm_nic *nic = knm_nic_of(n);
	u32 i;

	list_del(&nic->node);
	knm_inject_stop(&nic->inject);
	knm_inject_fini(&nic->inject);
	for (i = 0; i < nic->num[NM_RX]; i++)
		knm_nic_rx_fini(&nic->rx[i]);
	synchronize_net();
	netdev_put(nic->dev, &nic->tracker);
	/* Who looks at a device's operations does not always say so (sockets
	 * that bypass queues): until all that could have has slept, or is done,
	 * ours stay. */
	call_rcu_tasks(&nic->rcu, nic_free_rcu);
	knm_count(KNM_NICS, -1);
}

static const struct nm_nic_ops nic_ops = {
	.driver = "any",
	.info = info,
	.start = start,
	.stop = stop,
	.host_start = host_start,
	.host_stop = host_stop,
	.put = put,
	.tx = knm_nic_tx,
	.tx_done = knm_nic_tx_done,
	.inject = inject,
	.inject_end = inject_end,
};

bool os_nic_exists(struct nm_core *core, const char *name)
{
	struct net_device *dev = dev_get_by_name(core->home, name);

	if (!dev)
		return false;
	dev_put(dev);
	return true;
}

static int check_kind(const struct net_device *dev)
{
	const struct knm_nic *nic = knm_nic_find(dev);

	if (nic) /* it had another name, or was in another namespace */
		return os_refuse(-EBUSY, "%s: the interface belongs to port %s",
				 dev->name, nic->nic.port->name);
	if (dev->type != ARPHRD_ETHER && dev->type != ARPHRD_LOOPBACK)
		return os_refuse(-EOPNOTSUPP,
				 "%s: type %u, not an Ethernet interface",
				 dev->name, dev->type);
	return 0;
}

int os_nic_find(struct nm_core *core, const char *name, struct nm_nic **out)
{
	struct net_device *dev;
	struct knm_nic *nic;
	int err;
	u32 i;

	ASSERT_RTNL();
	dev = __dev_get_by_name(core->home, name);
	if (!dev || dev->reg_state != NETREG_REGISTERED)
		return -ENXIO;
	err = check_kind(dev);
	if (err)
		return err;
	nic = nic_alloc(dev);
	if (!nic)
		return os_refuse(-ENOMEM, "%s: no memory for the interface",
				 name);
	nic->dev = dev;
	netdev_hold(dev, &nic->tracker, GFP_KERNEL);
	nic->nic.ops = &nic_ops;
	strscpy(nic->nic.name, name, sizeof(nic->nic.name));
	for (i = 0; i < nic->num[NM_RX]; i++)
		knm_nic_rx_init(&nic->rx[i], i);
	for (i = 0; i < nic->num[NM_TX]; i++)
		knm_nic_tx_init(&nic->tx[i], nic, i);
	knm_inject_init(&nic->inject, dev, knm_nic_owner);
	knm_inject_start(&nic->inject);
	list_add(&nic->node, &nics);
	knm_count(KNM_NICS, 1);
	*out = &nic->nic;
	return 0;
}

int knm_nic_init(void)
{
	int err;

	knm_nic_owner = knm_dummy_netdev_alloc();
	if (!knm_nic_owner)
		return -ENOMEM;
	err = knm_nic_events_init();
	if (err)
		knm_dummy_netdev_free(knm_nic_owner);
	return err;
}

void knm_nic_fini(void)
{
	knm_nic_events_fini();
	rcu_barrier_tasks(); /* put() */
	knm_dummy_netdev_free(knm_nic_owner);
}
