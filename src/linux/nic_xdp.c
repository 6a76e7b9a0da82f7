// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Frames from the driver before the stack sees them. A driver with XDP runs a
 * function of ours on each frame, in its NAPI, in the memory that the frame was
 * received in:
 *
 *      driver's NAPI --> run() --> ring in netmap mode: copied, XDP_DROP: the
 *                              |                driver keeps its memory
 *                              +-> other ring: XDP_PASS, the stack's
 *
 * The kernel calls an XDP program by the function that its text was compiled
 * to. Here it is given a function of this module; the text is two instructions
 * that are never run, and whose constant says which interface it is.
 *
 * References of the program: ours, the driver's, and one of the device's record
 * of attached programs (xdp_state). With that record the system says that there
 * is a program, attaches no other beside it, and takes it off a device that
 * goes.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <net/xdp.h>

#include "compat.h"
#include "nic_int.h"

/* The interface whose program has these instructions. */
static struct knm_nic *nic_of(const struct bpf_insn *insn)
{
	u64 addr = (u32)insn[0].imm | (u64)insn[1].imm << 32;

	return (struct knm_nic *)(unsigned long)addr;
}

static unsigned int run(const void *ctx, const struct bpf_insn *insn)
{
	const struct xdp_buff *xdp = ctx;
	struct knm_nic *nic = nic_of(insn);
	u32 queue = xdp->rxq->queue_index, len = xdp->data_end - xdp->data;
	struct knm_nic_rx *rx;
	struct nm_port *port;

	if (unlikely(queue >= nic->num[NM_RX]))
		return XDP_PASS;
	rx = &nic->rx[queue];
	/* Pairs with knm_nic_rx_start(). */
	port = smp_load_acquire(&rx->port);
	if (unlikely(!port))
		return XDP_PASS;
	if (READ_ONCE(nic->completes) && len >= ETH_HLEN &&
	    knm_nic_is_ip(xdp->data))
		knm_nic_complete(xdp->data, len);
	knm_nic_rx_frame(rx, port, xdp->data, len);
	return XDP_DROP;
}

static struct bpf_prog *prog_create(struct knm_nic *nic)
{
	const struct bpf_insn text[] = {
		BPF_LD_IMM64(BPF_REG_0, (unsigned long)nic),
		BPF_EXIT_INSN(),
	};
	struct bpf_prog *prog;
	int err;

	prog = bpf_prog_alloc(bpf_prog_size(ARRAY_SIZE(text)), __GFP_NOWARN);
	if (!prog)
		return NULL;
	prog->len = ARRAY_SIZE(text);
	memcpy(prog->insnsi, text, sizeof(text));
	prog->type = BPF_PROG_TYPE_XDP;
	prog->gpl_compatible = 1;
	prog->bpf_func = run;
	strscpy(prog->aux->name, "netmap", sizeof(prog->aux->name));
	atomic64_set(&prog->aux->refcnt, 1);
	/* It has a function already: this only makes it read-only. */
	prog = bpf_prog_select_runtime(prog, &err);
	if (err) {
		bpf_prog_free(prog);
		return NULL;
	}
	return prog;
}

/* Gives the driver @prog, and with it a reference, in place of what it has. */
static int driver_set(struct net_device *dev, struct bpf_prog *prog,
		      struct netlink_ext_ack *extack)
{
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.flags = XDP_FLAGS_DRV_MODE,
		.prog = prog,
		.extack = extack,
	};
	int err;

	if (prog)
		bpf_prog_inc(prog);
	err = knm_dev_xdp(dev, &bpf);
	if (err && prog)
		bpf_prog_put(prog);
	return err;
}

bool knm_nic_xdp_other(const struct net_device *dev, char *name, size_t size)
{
	int i;

	for (i = 0; i < __MAX_XDP_MODE; i++) {
		const struct bpf_xdp_entity *e = &dev->xdp_state[i];

		if (e->prog)
			snprintf(name, size, "%s, number %u",
				 e->prog->aux->name, e->prog->aux->id);
		else if (e->link) /* only the system can look into that */
			snprintf(name, size, "one held by a link");
		else
			continue;
		return true;
	}
	return false;
}

int knm_nic_xdp_attach(struct knm_nic *nic, char *why, size_t size)
{
	struct netlink_ext_ack extack = {0};
	struct net_device *dev = nic->dev;
	struct bpf_prog *prog;
	int err;

	ASSERT_RTNL();
	strscpy(why, "the driver has no XDP", size);
	if (!dev->netdev_ops->ndo_bpf)
		return -EOPNOTSUPP;
	strscpy(why, "no memory", size);
	prog = prog_create(nic);
	if (!prog)
		return -ENOMEM;
	err = driver_set(dev, prog, &extack);
	if (err) {
		strscpy(why, extack._msg ?: "the driver refuses XDP", size);
		bpf_prog_free(prog);
		return err;
	}
	bpf_prog_inc(prog);
	dev->xdp_state[XDP_MODE_DRV].prog = prog;
	nic->prog = prog;
	return 0;
}

void knm_nic_xdp_detach(struct knm_nic *nic)
{
	struct bpf_xdp_entity *e = &nic->dev->xdp_state[XDP_MODE_DRV];

	ASSERT_RTNL();
	/* Not of a device that goes: the system has taken it off. */
	if (e->prog != nic->prog)
		return;
	WARN_ON(driver_set(nic->dev, NULL, NULL));
	e->prog = NULL;
	bpf_prog_put(nic->prog);
}

void knm_nic_xdp_free(struct knm_nic *nic)
{
	bpf_prog_free(nic->prog);
	nic->prog = NULL;
}
