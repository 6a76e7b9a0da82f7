/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * core.h - one netmap world: everything that names can reach.
 *
 * A home makes one per isolation domain of names (a process, a network
 * namespace). There is no state outside of it.
 */
#ifndef NM_CORE_H
#define NM_CORE_H

#include "list.h"
#include "refusals.h"

/* Parameters, by the names and meanings of the public ones. Control lock; read
 * by os_load() without it. */
struct nm_params {
	u32 max_bridges;     /* switches */
	u32 bridge_batch;    /* slots per switch forwarding batch, 1..1024 */
	u32 vale_stations;   /* stations a switch's learning table holds */
	u32 no_timestamp;    /* stamp rx rings only on NR_TIMESTAMP */
	u32 fwd;	     /* 1: forward all released frames, NIC and host */
	u32 if_num, if_size; /* region 1 */
	u32 ring_num, ring_size;
	u32 buf_num, buf_size;
	/* Every other region has at least these, and buffers of that size;
	 * those on memory of programs just these, where they do not say. */
	u32 priv_if_num, priv_if_size;
	u32 priv_ring_num, priv_ring_size;
	u32 priv_buf_num, priv_buf_size;
	u32 late_syncs; /* 1: the home syncs some time after programs ask for
			 * it; what they release counts at once */
	u32 huge_pages; /* 1: the home backs regions by them where it can */
};

#define NM_BUF_SIZE  2112 /* not 2048: docs/ARCHITECTURE.md, Memory */
#define NM_BATCH_MAX 1024

struct nm_core {
	struct os_mutex lock; /* OS_LOCK_CONTROL: all below, all names, binds */
	struct nm_params params;
	struct nm_list all_ports; /* in the order in which they came */
	u64 last_port;		  /* number of the last */
	struct nm_list ports;	  /* that are found by name */
	struct nm_list monitors;  /* ports that are not found by name */
	struct nm_list aliases;	  /* further names of ports (port.h) */
	struct nm_list switches;
	u32 nswitches;
	struct nm_list regions;
	struct nm_list interfaces; /* struct nm_nic, where the home keeps them
				    * here (nic.h) */
	void *home;		   /* the home's own; set behind create */
	u32 last_mem_id;
	struct nm_refusals refusals; /* has its own lock */
};

/* Fills in the defaults. */
void nm_params_init(struct nm_params *p);

/* Sets the parameter of that name, inside of its range: 0 or -EINVAL with a
 * sentence. */
int nm_params_set(struct nm_params *p, const char *name, u32 value);

/* Each is inside its range: 0 or -EINVAL, with a sentence that names one that
 * is not, and the range. */
int nm_params_check(const struct nm_params *p);

/* Makes a world with a copy of @params, each checked against its range:
 * -EINVAL, -ENOMEM. */
int nm_core_create(struct nm_core **core, const struct nm_params *params);

/* Changes the parameters of a living world: switches and regions made from now
 * on follow them, and the next sync and batch. -EINVAL: nothing was changed.
 * Thread, no lock held. */
int nm_core_params_set(struct nm_core *core, const struct nm_params *params);

/* All files are closed; what lives without them ends too (world.c). */
void nm_core_destroy(struct nm_core *core);

/* The control lock, and before it whatever the home takes for changing
 * interfaces of the system. Thread. */
static inline void nm_core_lock(struct nm_core *core)
{
	os_config_lock();
	os_mutex_lock(&core->lock);
}

static inline void nm_core_unlock(struct nm_core *core)
{
	os_mutex_unlock(&core->lock);
	os_config_unlock();
}

#endif
