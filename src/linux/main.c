// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap.ko: the core (core/), a device to reach it by (chardev.c), and what
 * the core needs of a kernel (os_*.c). What is made first is undone last.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "knm.h"

struct nm_params knm_params;
atomic_long_t knm_counts[KNM_COUNTS];

static const char *const count_names[KNM_COUNTS] = {
	[KNM_ALLOCS] = "allocations",
	[KNM_MEMS] = "regions",
	[KNM_PAGES] = "pages",
	[KNM_PINS] = "pinned pages",
	[KNM_SLEEPS] = "sleepers",
	[KNM_EVENTS] = "eventfds",
	[KNM_LOCKS] = "locks",
	[KNM_WAITS] = "waits",
	[KNM_WORKS] = "works",
	[KNM_KPORTS] = "ports of other modules",
	[KNM_NETIFS] = "interfaces",
	[KNM_THREADS] = "threads",
	[KNM_NICS] = "interfaces taken",
};

/* Every parameter; zero is the core's default. */
#define PARAMS(X)                                                           \
	X(max_bridges, "switches per network namespace")                    \
	X(bridge_batch, "slots per forwarding batch of a switch")           \
	X(vale_stations, "stations that a switch remembers")                \
	X(no_timestamp, "1: stamp receive rings only where asked")          \
	X(fwd, "1: forward all released frames, NIC and host")              \
	X(if_num, "interface records of region 1")                          \
	X(if_size, "their size in bytes")                                   \
	X(ring_num, "rings of region 1")                                    \
	X(ring_size, "their size in bytes")                                 \
	X(buf_num, "buffers of region 1")                                   \
	X(buf_size, "their size in bytes")                                  \
	X(priv_if_num, "interface records of every other region, at least") \
	X(priv_if_size, "their size in bytes, at least")                    \
	X(priv_ring_num, "rings of every other region, at least")           \
	X(priv_ring_size, "their size in bytes, at least")                  \
	X(priv_buf_num, "buffers of every other region, at least")          \
	X(priv_buf_size, "their size in bytes")

static bool loaded; /* the parameters are complete and in use */

/* While loading, what is given is collected; later it takes effect at once.
 * The caller holds the lock of this module's parameters. */
static int param_set(const char *text, const struct kernel_param *kp)
{
	struct nm_params p = knm_params;
	size_t offset = (char *)kp->arg - (char *)&knm_params;
	unsigned int value;
	int err;

	err = kstrtouint(text, 0, &value);
	if (err)
		return err;
	*(u32 *)((char *)&p + offset) = value;
	if (loaded)
		return knm_net_params_set(&p);
	knm_params = p;
	return 0;
}

static const struct kernel_param_ops param_ops = {
	.set = param_set,
	.get = param_get_uint,
};

#define DECLARE(name, text)                                        \
	module_param_cb(name, &param_ops, &knm_params.name, 0644); \
	__MODULE_PARM_TYPE(name, "uint");                          \
	MODULE_PARM_DESC(name, text);
PARAMS(DECLARE)

static int params_init(void)
{
	struct nm_params def;
	int err;

	nm_params_init(&def);
#define DEFAULT(name, text) knm_params.name = knm_params.name ?: def.name;
	PARAMS(DEFAULT)
	/* Better now than when a program opens. */
	err = nm_params_check(&knm_params);
	loaded = !err;
	return err;
}

static void report_leaks(void)
{
	int i;

	for (i = 0; i < KNM_COUNTS; i++) {
		long n = atomic_long_read(&knm_counts[i]);

		if (n)
			pr_err("netmap: leak: %ld %s\n", n, count_names[i]);
	}
}

static int __init netmap_init(void)
{
	int err;

	err = params_init();
	if (err)
		return err;
	err = knm_work_init();
	if (err)
		return err;
	err = knm_netif_init();
	if (err)
		goto err_work;
	err = knm_nic_init();
	if (err)
		goto err_netif;
	err = knm_net_init();
	if (err)
		goto err_nic;
	err = knm_chardev_init();
	if (err)
		goto err_net;
	return 0;

err_net:
	knm_net_fini();
err_nic:
	knm_nic_fini();
err_netif:
	knm_netif_fini();
err_work:
	knm_work_fini();
	return err;
}

static void __exit netmap_exit(void)
{
	knm_chardev_fini();
	knm_net_fini();
	knm_nic_fini();
	knm_netif_fini();
	knm_work_fini();
	knm_pin_fini();
	report_leaks();
}

module_init(netmap_init);
module_exit(netmap_exit);

MODULE_DESCRIPTION("netmap: packet I/O through shared rings");
MODULE_LICENSE("Dual BSD/GPL");
