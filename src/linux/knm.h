/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * knm.h - what the files of the kernel home know of each other.
 *
 *   main.c      the module: parameters, construction and its reverse
 *   net.c       one world (struct nm_core) per network namespace
 *   kclient.c   ports for other modules
 *   kswitch.c   switches of other modules
 *   netif.c     the interfaces of persistent ports
 *   nic*.c      ports on interfaces of the system (nic_int.h)
 *   inject.c    frames to the system's stack
 *   chardev.c   /dev/netmap: one core file per open file
 *   os_*.c      the services that core/os.h asks for
 */
#ifndef KNM_H
#define KNM_H

#include <linux/sched.h>

#include "core.h"

struct net;
struct os_pin;
struct page;
struct file;
struct poll_table_struct;

/* Whose addresses os_copyin() takes: a process in its own system call. It is
 * known by its memory; a pointer to struct os_caller is that pointer. */
static inline struct os_caller *knm_caller(void)
{
	return (struct os_caller *)current->mm;
}

/* The kernel itself, for requests of other modules: addresses are the kernel's.
 * Never for syncs, whose addresses may come from slots that programs write. */
extern char knm_kernel_caller;
#define KNM_KERNEL ((struct os_caller *)&knm_kernel_caller)

/* One call of a file's poll. */
struct os_poll {
	struct file *file;
	struct poll_table_struct *table;
};

/* ---- parameters (main.c); those of worlds to be made. Once the module is
 * loaded, net.c changes them. ---- */

extern struct nm_params knm_params;

/* ---- network namespaces (net.c) ---- */

int knm_net_init(void);
/* No file is open. */
void knm_net_fini(void);
/* The world of @net, made at first use: 0 or -errno. It stays as long as the
 * namespace, which the caller holds. Thread. */
int knm_net_core(struct net *net, struct nm_core **core);
/* All worlds, those to come too, get these: 0 or -EINVAL. Thread, without
 * RTNL. */
int knm_net_params_set(const struct nm_params *params);

/* ---- interfaces of persistent ports (netif.c) ---- */

int knm_netif_init(void);
/* No world is left. */
void knm_netif_fini(void);

/* ---- ports on interfaces (nic.c) ---- */

int knm_nic_init(void);
/* No world is left. */
void knm_nic_fini(void);

/* ---- the device (chardev.c) ---- */

int knm_chardev_init(void);
void knm_chardev_fini(void);

/* ---- services ---- */

int knm_work_init(void);
void knm_work_fini(void);
/* Returns when all that was unpinned before is free. Thread, no lock held. */
void knm_pin_fini(void);

/*
 * The page at page offset @index of the region whose memory is @mem, with a
 * reference for the caller unless it is adopted; populated if it is not yet.
 * -EFAULT outside, -ENOMEM. Thread.
 */
int knm_mem_page(struct os_mem *mem, unsigned long index, struct page **page);

/* The pages of pinned memory; @index is below their number. */
unsigned long knm_pin_pages(const struct os_pin *pin);
struct page *knm_pin_page(const struct os_pin *pin, unsigned long index);
/* Who is charged for them; they are in nobody else's memory, and do not get
 * there by a fork. */
struct mm_struct *knm_pin_mm(const struct os_pin *pin);
bool knm_pin_is_private(const struct os_pin *pin);

/* @mm maps @mem: before it can touch it. Thread. */
void knm_mem_mapped(struct os_mem *mem, struct mm_struct *mm);
/* @mem is memory of a process that the core adopted: its pages are not ours,
 * and whoever maps them must not count references. */
bool knm_mem_is_adopted(const struct os_mem *mem);

/* What is allocated at this moment, counted to find leaks. */
enum knm_count {
	KNM_NETIFS,  /* os_nic_create() */
	KNM_NICS,    /* os_nic_find() */
	KNM_KPORTS,  /* netmap_client_open() */
	KNM_ALLOCS,  /* os_alloc() */
	KNM_MEMS,    /* os_mem_create() */
	KNM_PAGES,   /* os_mem_populate() */
	KNM_PINS,    /* pages of os_pin() */
	KNM_SLEEPS,  /* os_sleep_create() */
	KNM_EVENTS,  /* os_event_get() */
	KNM_LOCKS,   /* os_mutex_init(), os_spin_init() */
	KNM_WAITS,   /* os_wait_init() */
	KNM_WORKS,   /* os_work_init() */
	KNM_THREADS, /* os_thread_start() */
	KNM_COUNTS,
};

extern atomic_long_t knm_counts[KNM_COUNTS];

static inline void knm_count(enum knm_count what, long n)
{
	atomic_long_add(n, &knm_counts[what]);
}

#endif
