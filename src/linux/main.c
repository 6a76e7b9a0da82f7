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
	[KNM_ALLOCS] = "allocations", [KNM_MEMS] = "regions",
	[KNM_PAGES] = "pages",	      [KNM_PINS] = "pinned pages",
	[KNM_SLEEPS] = "sleepers",    [KNM_EVENTS] = "eventfds",
	[KNM_LOCKS] = "locks",	      [KNM_WAITS] = "waits",
	[KNM_WORKS] = "works",	      [KNM_KPORTS] = "ports of other modules",
	[KNM_NETIFS] = "interfaces",
};

/* Every parameter; zero is the core's default. */
#define PARAMS(X)                                                          \
	X(max_bridges, "switches per network namespace")                   \
	X(bridge_batch, "slots per forwarding batch of a switch")          \
	X(vale_stations, "stations that a switch remembers")               \
	X(no_timestamp, "1: stamp receive rings only where asked")         \
	X(fwd, "1: forward all released frames, NIC and host")             \
	X(if_num, "interface records of region 1")                         \
	X(if_size, "their size in bytes")                                  \
	X(ring_num, "rings of region 1")                                   \
	X(ring_size, "their size in bytes")                                \
	X(buf_num, "buffers of region 1")                                  \
	X(buf_size, "their size in bytes")                                 \
	X(priv_buf_size, "size of the buffers of other regions, in bytes") \
	X(priv_if_num, "interface records of regions on user memory")      \
	X(priv_if_size, "their size in bytes")                             \
	X(priv_ring_num, "rings of regions on user memory")                \
	X(priv_ring_size, "their size in bytes")                           \
	X(priv_buf_num, "buffers of regions on user memory, at least")

#define DECLARE(name, text)                                    \
	module_param_named(name, knm_params.name, uint, 0444); \
	MODULE_PARM_DESC(name, text);
PARAMS(DECLARE)

static int params_init(void)
{
	struct nm_params def;
	struct nm_core *core;
	int err;

	nm_params_init(&def);
#define DEFAULT(name, text) knm_params.name = knm_params.name ?: def.name;
	PARAMS(DEFAULT)
	/* The core checks ranges; better now than when a program opens. */
	err = nm_core_create(&core, &knm_params);
	if (!err)
		nm_core_destroy(core);
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
	err = knm_net_init();
	if (err)
		goto err_netif;
	err = knm_chardev_init();
	if (err)
		goto err_net;
	return 0;

err_net:
	knm_net_fini();
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
	knm_netif_fini();
	knm_work_fini();
	report_leaks();
}

module_init(netmap_init);
module_exit(netmap_exit);

MODULE_DESCRIPTION("netmap: packet I/O through shared rings");
MODULE_LICENSE("Dual BSD/GPL");
