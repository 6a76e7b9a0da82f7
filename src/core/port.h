/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * port.h - what can be bound: a named thing with queues in a region.
 *
 * A port type is one file with one table of this kind and one row in
 * port_table.c. A port lives while somebody holds a reference: binds, the
 * pipes hung on it, a request that looks at it. Its rings live while they have
 * users (or as the type says); its queues, and so its counters, as long as the
 * port.
 */
#ifndef NM_PORT_H
#define NM_PORT_H

#include "name.h"
#include "queue.h"

#define NM_SLOTS_DEFAULT  1024
#define NM_SLOTS_MAX	  4096
#define NM_HOST_RINGS_MAX 32
#define NM_EXTRA_BUFS_MAX 524288

/* Shape of a port to be. */
struct nm_shape {
	u32 rings[NM_DIRS]; /* of the port itself: "NIC rings" */
	u32 host[NM_DIRS];  /* to and from the host's stack, numbered behind */
	u32 slots[NM_DIRS];
};

/* What a port to be asks of a region of its own. */
struct nm_need {
	u32 rings; /* ring objects */
	u32 slots; /* of the longest */
	u32 bufs;
};

/* The need of a port of @shape, a buffer in each slot, and @extra buffers. */
static inline struct nm_need nm_need_of(const struct nm_shape *shape, u32 extra)
{
	const u32 *s = shape->slots;
	u32 tx = shape->rings[NM_TX] + shape->host[NM_TX];
	u32 rx = shape->rings[NM_RX] + shape->host[NM_RX];

	return (struct nm_need){
		.rings = tx + rx,
		.slots = s[NM_TX] > s[NM_RX] ? s[NM_TX] : s[NM_RX],
		.bufs = tx * s[NM_TX] + rx * s[NM_RX] + extra,
	};
}

static inline struct nm_need nm_need_sum(const struct nm_need *a,
					 const struct nm_need *b)
{
	return (struct nm_need){
		.rings = a->rings + b->rings,
		.slots = a->slots > b->slots ? a->slots : b->slots,
		.bufs = a->bufs + b->bufs,
	};
}

/* The port that a request means. */
struct nm_wanted {
	struct nm_core *core;
	struct nm_name name;
	const struct nmreq_register *reg;
	struct nm_region *region; /* that it names, borrowed; or NULL */
	struct nm_need beside;	  /* of what will share a region of its own */
};

struct nm_port;
struct nm_nic;

/* A further name that finds a port. Belongs to whoever publishes it, which is
 * not always the port. */
struct nm_alias {
	struct nm_list node; /* core->aliases, while name is not empty */
	struct nm_port *port;
	char name[NM_NAME_LEN];
};

struct nm_port_type {
	const char *name; /* for people */
	bool is_monitor;  /* its queues are filled under locks of others */

	/* Makes the port that @w describes, holding one reference; -ENOENT: the
	 * name is not of this type; other -errno: refused. Control lock. */
	int (*create)(const struct nm_wanted *w, struct nm_port **port);
	/* The last reference went. Control lock held. */
	void (*destroy)(struct nm_port *port);

	/* A queue gets its first user, its last has gone; the ring must be
	 * there between. After stop, producers have left. Control lock held. */
	int (*start)(struct nm_queue *q);
	void (*stop)(struct nm_queue *q);

	/* Data of a started queue without users lies as @o says from now on.
	 * NULL: data always begins at the start of a buffer. -EBUSY. Control
	 * lock held. */
	int (*offsets)(struct nm_queue *q, const struct nm_offsets *o);

	/* The work of one sync, by direction: from hwcur to rhead. Claim held,
	 * thread context. 0 or -errno. */
	int (*sync[NM_DIRS])(struct nm_queue *q, struct nm_sync *s);
};

struct nm_port {
	const struct nm_port_type *type;
	struct nm_core *core;
	struct nm_list all;  /* core->all_ports */
	u64 seq;	     /* its number among them, from 1 */
	struct nm_list node; /* core->ports, unless it cannot be found */
	char name[NM_NAME_LEN];
	struct nm_region *region; /* one reference */
	u32 refs;		  /* control lock */
	u32 rings[NM_DIRS];	  /* "NIC rings"; a software port's own */
	u32 host[NM_DIRS];	  /* host rings, numbered behind those */
	u32 slots[NM_DIRS];
	u32 vnet_len; /* bytes of virtio-net header before each frame: 0, 10,
		       * 12; control lock, read once per batch */
	struct nm_queue *queue[NM_DIRS]; /* arrays of nm_port_queues() */
	struct nm_nic
		*nic; /* interface of the system behind it, or NULL (nic.h);
			     * control lock, or read sections unless stopped */
	u32 stopped;  /* NM_STOPPED, NM_GONE: syncs fail with -EIO */
	u32 epoch;    /* grows with each reset of the interface */
	u32 nhost;    /* started host queues; control lock */
	/* Their frames may have several slots; fixed while there are any. */
	bool host_frags;
	struct os_wait wait[NM_DIRS]; /* pollers of all rings */
	struct nm_list pipes;	      /* hung on this port; control lock */
	u32 npipes;
	u32 monitors; /* made of this port so far; control lock */
	u32 taps;     /* that feed this port, a monitor; control lock */
	/* The switch port that has its rings, and whose name it is known by;
	 * NULL: none. Control lock. */
	const struct nm_port *wrapper;
};

#define NM_STOPPED 1u /* the interface is being reset */
#define NM_GONE	   2u /* it does not exist any more */

/* Queues of one direction: rings, then host rings. */
static inline u32 nm_port_queues(const struct nm_port *port, u32 dir)
{
	return port->rings[dir] + port->host[dir];
}

static inline bool nm_queue_is_host(const struct nm_queue *q)
{
	return q->id >= q->port->rings[q->dir];
}

/* nr_flags that make a REGISTER one of a monitor. */
#define NM_MONITOR_FLAGS (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON)

extern const struct nm_port_type nm_port_monitor;
extern const struct nm_port_type nm_port_null;
extern const struct nm_port_type nm_port_pipe;
extern const struct nm_port_type nm_port_vale;
extern const struct nm_port_type nm_port_nic;
extern const struct nm_port_type nm_port_vi;
extern const struct nm_port_type nm_port_attach;

/* All types, in the order in which they are asked about a name; ends NULL. */
extern const struct nm_port_type *const nm_port_types[];

/* ---- for requests: control lock held ---- */

/* Returns a reference to the port that exists by that name, its own or an
 * alias, or NULL. */
struct nm_port *nm_port_find(struct nm_core *core, const char *name);
/* The same among monitors, by the names they report. */
struct nm_port *nm_port_find_monitor(struct nm_core *core, const char *name);
/* Returns a reference to the port that @reg means by @name, made if it must
 * be; a region made for it has room for @beside too, unless NULL. -errno as
 * NETMAP_REQ_REGISTER. */
int nm_port_open(struct nm_core *core, const char name[NM_NAME_LEN],
		 const struct nmreq_register *reg, const struct nm_need *beside,
		 struct nm_port **port);
struct nm_port *nm_port_get(struct nm_port *port);
void nm_port_put(struct nm_port *port);

/* ---- for port types: control lock held ---- */

/* @asked, or @def if that is 0, at most @max. */
static inline u32 nm_clamp(u32 asked, u32 def, u32 max)
{
	u32 v = asked ? asked : def;

	return v > max ? max : v;
}

/* Sets up zeroed @port with one reference, queues without rings and a
 * reference to @region. -ENOMEM, and nothing to undo. */
int nm_port_init(struct nm_port *port, const struct nm_port_type *type,
		 struct nm_core *core, const char *name,
		 const struct nm_shape *shape, struct nm_region *region);
void nm_port_fini(struct nm_port *port);
/* From now on nm_port_find() finds it, until nm_port_fini(). */
void nm_port_publish(struct nm_port *port);

/* From now on @name, of less than NM_NAME_LEN bytes, finds @port too; until
 * nm_alias_end(), which may come again or first of all on a zeroed one. */
void nm_alias_publish(struct nm_alias *alias, struct nm_port *port,
		      const char *name);
void nm_alias_end(struct nm_alias *alias);

/* Makes a private region for @need, with room for some pipes beside it. *r
 * holds a reference. -ENOMEM. */
int nm_port_region_create(struct nm_core *core, const struct nm_need *need,
			  struct nm_region **r);

/* start, stop and offsets for types whose queues have a ring of buffers each. */
int nm_port_start_ring(struct nm_queue *q);
void nm_port_stop_ring(struct nm_queue *q);
int nm_port_offsets(struct nm_queue *q, const struct nm_offsets *o);

#endif
