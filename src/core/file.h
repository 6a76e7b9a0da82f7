/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * file.h - a descriptor: unbound when opened, bound to at most one port, the
 * port given back when it is destroyed. The home calls these; what a program
 * does by ioctl, mmap and poll ends here.
 */
#ifndef NM_FILE_H
#define NM_FILE_H

#include "bind.h"

struct nm_file {
	struct nm_core *core;
	struct nm_bind bind;
	u32 bound;	     /* bind is valid; set once, control lock */
	struct os_work work; /* runs notify(); attached while that is set */
	void (*notify)(struct nm_file *file, void *arg);
	void *notify_arg;
	/* Of its loop (kloop.h). Control lock, kloop_runs also read without. */
	u32 kloop_runs;
	u32 kloop_ends; /* loops that ended */
	u32 kloop_stop; /* the loop, or the next one, is to end */
	u64 token;	/* for ATTACH and DETACH: see client.h; 0 but for those
			 * whom the home lets own switches. The home's to set */
	bool binding;	/* a bind without a lock is under way; control lock */
	struct os_wait kloop_wait; /* the loop: for STOP; STOP: for its end */
};

/* Events and answers of nm_file_poll(), by the values of poll(2) on Linux. */
#define NM_POLLIN  0x001
#define NM_POLLOUT 0x004
#define NM_POLLERR 0x008

/* -ENOMEM. */
int nm_file_create(struct nm_core *core, struct nm_file **file);
/* Unbinds and frees; nobody uses or maps it any more. Thread. */
void nm_file_destroy(struct nm_file *file);

/*
 * ioctl(2): @arg is an address of @caller. 0 or -errno; -EOPNOTSUPP for a
 * number that is not ours. Thread.
 */
int nm_file_ioctl(struct nm_file *file, struct os_caller *caller,
		  unsigned long cmd, u64 arg);

/* NIOCTXSYNC, NIOCRXSYNC: every bound ring of the direction; never block.
 * -ENXIO unbound. Thread, no lock held. */
int nm_file_txsync(struct nm_file *file, struct os_caller *caller);
int nm_file_rxsync(struct nm_file *file, struct os_caller *caller);

/*
 * poll(2): registers with @poll what to sleep on for @events (NULL: nothing),
 * then syncs as the interface says and returns what is ready. Thread.
 */
u32 nm_file_poll(struct nm_file *file, struct os_caller *caller, u32 events,
		 struct os_poll *poll);

/* Events whose rings have moved since their last sync: NM_POLLIN slots were
 * released, NM_POLLOUT there are some to send. A hint: the program writes them
 * at any time. 0 unbound and in CSB mode. Any context, while nobody destroys
 * the file. */
u32 nm_file_pending(const struct nm_file *file);

/* Syncs of @file come late, or (not @late) when programs ask for them, in a
 * world of late_syncs, where they are taken for late. Thread. */
void nm_file_sync_late(struct nm_file *file, bool late);

/* Registers with @poll, and does no more, what to sleep on for NM_POLLIN or
 * NM_POLLOUT. The file is bound. */
void nm_file_wait_on(struct nm_file *file, u32 event, struct os_poll *poll);

/* The region to map, borrowed while the file is bound; NULL: unbound. */
struct nm_region *nm_file_region(const struct nm_file *file);

/*
 * @fn(@file, @arg) runs from deferred work after frames arrived on the bound
 * rx rings, never twice at once; NULL @fn ends it, waiting for a running call.
 * -ENXIO unbound. Thread; not from @fn.
 */
int nm_file_notify(struct nm_file *file,
		   void (*fn)(struct nm_file *file, void *arg), void *arg);

/* ---- for requests ---- */

/* The bind is complete: syncs may use it. Control lock held. */
void nm_file_publish(struct nm_file *file);
bool nm_file_is_bound(const struct nm_file *file);

/* ---- for file.c and poll.c ---- */

/* Stamps the bound rx rings with the time, where that is wanted. */
void nm_file_stamp(struct nm_file *file);

#endif
