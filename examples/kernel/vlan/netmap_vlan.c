// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap_vlan.c - a module that owns a switch and says where its frames go: by
 * VLAN (IEEE 802.1Q), between a trunk and one port per VLAN.
 *
 *      vale9:trunk  <--- tag 10 --->  vale9:10
 *                   <--- tag 20 --->  vale9:20
 *
 * From the trunk a frame goes to the port that its tag names; from port N to
 * the trunk, if its tag is N. Frames without a tag count as VLAN `untagged`, 0
 * for none, which can be changed while traffic flows. Everything else is
 * dropped. Programs ask by NIOCCONFIG which port number serves a VLAN.
 *
 *	insmod netmap_vlan.ko switch=vale9
 *	echo 10 >/sys/module/netmap_vlan/parameters/untagged
 */
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netmap_kernel.h>

#define VLANS 4096
#define PORTS 254
#define NONE  NM_VALE_DROP

static char *name = "vale9";
module_param_named(switch, name, charp, 0444);
MODULE_PARM_DESC(switch, "the switch to make");

/* The private data: read by senders while ports come and go, so each entry is
 * one store. */
struct vlans {
	u16 untagged;
	u8 trunk;	    /* port number, or NONE */
	u16 vlan_of[PORTS]; /* 0: none */
	u8 port_of[VLANS];  /* or NONE */
};

static struct vlans *vlans; /* the private pointer of this moment */
static u64 token;
static unsigned int untagged;

/* Destination, 6; source, 6; type, 2; and if that is 0x8100 the tag, 2. */
static u16 vlan_of_frame(const struct nm_vale_frame *f, const struct vlans *v)
{
	u8 type_hi = READ_ONCE(f->data[12]), type_lo = READ_ONCE(f->data[13]);

	if (f->len < ETH_HLEN + 4 || (type_hi << 8 | type_lo) != ETH_P_8021Q)
		return READ_ONCE(v->untagged);
	return (READ_ONCE(f->data[14]) << 8 | READ_ONCE(f->data[15])) &
	       (VLANS - 1);
}

static u32 lookup(const struct nm_vale_frame *f, u32 *ring, void *priv)
{
	const struct vlans *v = priv;
	u16 vlan = vlan_of_frame(f, v);
	u8 trunk = READ_ONCE(v->trunk);

	if (!vlan)
		return NM_VALE_DROP;
	if (f->port == trunk)
		return READ_ONCE(v->port_of[vlan]);
	return READ_ONCE(v->vlan_of[f->port]) == vlan ? trunk : NM_VALE_DROP;
}

/* Ports are called "trunk" or by a VLAN, 1..4095; there is one of each. Each
 * holds the module, so that the switch is empty when that goes. */
static int join(const char *full, bool attach, u32 port, void *priv)
{
	const char *suffix = strchr(full, ':') + 1;
	struct vlans *v = priv;
	u16 vlan;

	if (!strcmp(suffix, "trunk")) {
		WRITE_ONCE(v->trunk, port);
		__module_get(THIS_MODULE);
		return 0;
	}
	if (kstrtou16(suffix, 10, &vlan) || !vlan || vlan >= VLANS ||
	    v->port_of[vlan] != NONE)
		return -EINVAL;
	__module_get(THIS_MODULE);
	WRITE_ONCE(v->vlan_of[port], vlan);
	WRITE_ONCE(v->port_of[vlan], port);
	return 0;
}

static void left(u32 port, void *priv)
{
	struct vlans *v = priv;

	if (port == v->trunk)
		WRITE_ONCE(v->trunk, NONE);
	if (v->vlan_of[port])
		WRITE_ONCE(v->port_of[v->vlan_of[port]], NONE);
	WRITE_ONCE(v->vlan_of[port], 0);
	/* Our exit waits for the control lock, so for the end of this. */
	module_put(THIS_MODULE);
}

/* In: two bytes, a VLAN, high byte first. Out: behind them its port number. */
static int config(u8 data[NM_IFRDATA_LEN], void *priv)
{
	const struct vlans *v = priv;
	u16 vlan = data[0] << 8 | data[1];

	if (vlan >= VLANS || v->port_of[vlan] == NONE)
		return -ENOENT;
	data[2] = v->port_of[vlan];
	return 0;
}

static const struct nm_switch_ops ops = {
	.lookup = lookup,
	.config = config,
	.join = join,
	.dtor = left,
};

/* Under the control lock: the table moves to its successor in @arg, whose place
 * there the old one takes. */
static int succeed(void **priv, void *arg)
{
	struct vlans **next = arg, *old = *priv;

	memcpy(*next, old, sizeof(*old));
	(*next)->untagged = untagged;
	*priv = vlans = *next;
	*next = old;
	return 0;
}

static int set_untagged(const char *text, const struct kernel_param *param)
{
	struct vlans *next;
	int err = param_set_uint_minmax(text, param, 0, VLANS - 1);

	if (err || !token) /* not made yet */
		return err;
	next = kmalloc(sizeof(*next), GFP_KERNEL);
	if (!next)
		return -ENOMEM;
	err = netmap_switch_update(&init_net, name, succeed, &next, token);
	/* The old one if it was replaced, which nobody uses now. */
	kfree(next);
	return err;
}

static const struct kernel_param_ops untagged_ops = {
	.set = set_untagged,
	.get = param_get_uint,
};
module_param_cb(untagged, &untagged_ops, &untagged, 0644);
MODULE_PARM_DESC(untagged, "VLAN of frames without a tag; 0: dropped");

static int __init vlan_init(void)
{
	struct vlans *v = kzalloc(sizeof(*v), GFP_KERNEL);
	u64 mine;
	int err;

	if (!v)
		return -ENOMEM;
	v->untagged = untagged;
	v->trunk = NONE;
	memset(v->port_of, NONE, sizeof(v->port_of));
	err = netmap_switch_create(&init_net, name, &mine);
	if (err)
		goto err_free;
	err = netmap_switch_set_ops(&init_net, name, &ops, v, mine);
	if (err)
		goto err_switch;
	vlans = v;
	token = mine;
	return 0;

err_switch:
	netmap_switch_destroy(&init_net, name, mine);
err_free:
	kfree(v);
	return err;
}

/* No port is left: each of them holds the module. */
static void __exit vlan_exit(void)
{
	netmap_switch_destroy(&init_net, name, token);
	kfree(vlans);
}

module_init(vlan_init);
module_exit(vlan_exit);

MODULE_DESCRIPTION("netmap example: a switch that forwards by VLAN");
MODULE_LICENSE("Dual BSD/GPL");
