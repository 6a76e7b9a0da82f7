// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Monitors: ports whose rx rings show what passes the rings of another port.
 *
 *      the watched port                    the monitor
 *      tx ring i   ---- tap, NS_TXMON --->  rx ring i
 *      rx ring i   ---- tap ------------->
 *      host rings the same                 tx ring 0: no slots, of no use
 *
 * The producer side of an rx queue is whoever moves frames through the watched
 * port (tap.c), under the queue's lock. A monitor does not keep the watched
 * port alive; when none of its rings has a user any more, the monitor's polls
 * say so at once, and what was recorded stays until it is closed.
 *
 * Copy monitors have a region of their own, unless they ask for another; zero
 * copy monitors live in that of the watched port.
 */
#include "bind.h"
#include "tap.h"

/* Interface records and rings that others may have in a monitor's region. */
#define SPARE 8

struct monitor {
	struct nm_port port;
	bool zcopy;
	u32 ntaps;
	struct nm_tap *tap; /* [ntaps]: NM_DIRS per rx queue */
};

static struct monitor *monitor_of(struct nm_port *port)
{
	return nm_container(port, struct monitor, port);
}

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* ---- names: PORT/LETTERS#N ---- */

static char *append(char *to, const char *s)
{
	size_t n = nm_name_len(s);

	memcpy(to, s, n + 1);
	return to + n;
}

static char *append_number(char *to, u32 v)
{
	char digits[11] = "";
	u32 i = sizeof(digits) - 1;

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return append(to, digits + i);
}

/* A long name of a port is cut, so that the rest is there. */
static void name_make(char name[NM_NAME_LEN], const struct nm_port *watched,
		      u64 flags, u32 number)
{
	char tail[1 + 3 + 1 + 10 + 1] = "/", *end = tail + 1;
	size_t room;

	end = append(end, flags & NR_ZCOPY_MON ? "z" : "");
	end = append(end, flags & NR_MONITOR_RX ? "r" : "");
	end = append(end, flags & NR_MONITOR_TX ? "t" : "");
	end = append(end, "#");
	end = append_number(end, number);
	append(name, watched->name);
	room = NM_NAME_LEN - 1 - (size_t)(end - tail);
	append(name + (nm_name_len(name) < room ? nm_name_len(name) : room),
	       tail);
}

/* ---- making ---- */

/* Rx rings for pairs; one tx ring, since every port has one. */
static void shape_of(struct nm_shape *shape, const struct nm_port *watched,
		     const struct nmreq_register *reg)
{
	const u32 *n = watched->rings, *host = watched->host;

	shape->rings[NM_TX] = 1;
	shape->rings[NM_RX] = max_u32(n[NM_TX], n[NM_RX]);
	shape->host[NM_TX] = host[NM_TX];
	shape->host[NM_RX] = max_u32(host[NM_TX], host[NM_RX]);
	shape->slots[NM_TX] =
		nm_clamp(reg->nr_tx_slots, watched->slots[NM_TX], NM_SLOTS_MAX);
	shape->slots[NM_RX] =
		nm_clamp(reg->nr_rx_slots, watched->slots[NM_RX], NM_SLOTS_MAX);
}

/* A region for a copy monitor alone: no pipe can hang on it. */
static int region_create(const struct nm_wanted *w,
			 const struct nm_shape *shape, struct nm_region **r)
{
	u32 extra = nm_clamp(w->reg->nr_extra_bufs, 0, NM_EXTRA_BUFS_MAX);
	struct nm_need need = nm_need_of(shape, extra);
	struct nm_geometry g = {
		.num[NM_POOL_IF] = SPARE,
		.num[NM_POOL_RING] = need.rings + SPARE,
		.num[NM_POOL_BUF] = NM_BUF_RESERVED + need.bufs,
		.size[NM_POOL_IF] = nm_if_bytes(need.rings + 2),
		.size[NM_POOL_RING] =
			(nm_ring_bytes(need.slots) + OS_PAGE_SIZE - 1) &
			~(u32)(OS_PAGE_SIZE - 1),
		.size[NM_POOL_BUF] = w->core->params.priv_buf_size,
	};

	return nm_region_create(w->core, &g, r);
}

/* Returns a reference to the region to live in. */
static int region_open(const struct nm_wanted *w, const struct nm_port *watched,
		       const struct nm_shape *shape, struct nm_region **r)
{

	if (w->reg->nr_flags & NR_ZCOPY_MON)
		*r = nm_region_get(watched->region);
	else if (w->region)
		*r = nm_region_get(w->region);
	else
		return region_create(w, shape, r);
	return 0;
}

/* The queue that the monitor's rx queue @id shows in direction @dir, or NULL:
 * host rings follow the others, of which there may be fewer. */
static struct nm_queue *watched_queue(const struct nm_port *watched,
				      const struct nm_port *mon, u32 dir,
				      u32 id)
{
	u32 rings = mon->rings[NM_RX];
	bool host = id >= rings;
	u32 i = host ? id - rings : id;

	if (i >= (host ? watched->host[dir] : watched->rings[dir]))
		return NULL;
	return &watched->queue[dir][host ? watched->rings[dir] + i : i];
}

static void taps_detach(struct monitor *m)
{
	bool was_attached = false;

	for (u32 i = 0; i < m->ntaps; i++)
		was_attached |= nm_tap_detach(&m->tap[i]);
	if (was_attached)
		os_read_sync();
}

/* Attaches to those rings among the selected ones that are in use. They record
 * nothing before the monitor's own are. */
static int taps_attach(struct monitor *m, const struct nm_port *watched,
		       const struct nmreq_register *reg)
{
	static const u64 want[NM_DIRS] = {NR_MONITOR_TX, NR_MONITOR_RX};
	struct nm_bind b = {.port = &m->port};
	int err = nm_bind_select(&b, reg);

	if (err)
		return err;
	for (u32 i = NM_DIRS * b.first[NM_RX]; i < NM_DIRS * b.end[NM_RX];
	     i++) {
		struct nm_tap *tap = &m->tap[i];
		u32 dir = i % NM_DIRS, id = i / NM_DIRS;
		struct nm_queue *q = watched_queue(watched, &m->port, dir, id);

		if (!q || !q->users || !(reg->nr_flags & want[dir]))
			continue;
		tap->mon = &m->port.queue[NM_RX][id];
		tap->mark = dir == NM_TX ? NS_TXMON : 0;
		tap->kind = reg->nr_flags & NR_ZCOPY_MON ? NM_TAP_ZCOPY
							 : NM_TAP_COPY;
		nm_tap_attach(tap, q);
	}
	if (!m->port.taps)
		return os_refuse(-EINVAL,
				 "%s: nobody uses a ring that is to be "
				 "monitored",
				 watched->name);
	return 0;
}

static void destroy(struct nm_port *port)
{
	struct monitor *m = monitor_of(port);

	taps_detach(m);
	nm_port_fini(port);
	os_free(m->tap);
	os_free(m);
}

static int monitor_make(const struct nm_wanted *w, struct nm_port *watched,
			struct nm_port **out)
{
	char name[NM_NAME_LEN];
	struct nm_shape shape;
	struct nm_region *region;
	struct monitor *m = os_alloc(sizeof(*m));
	int err;

	shape_of(&shape, watched, w->reg);
	name_make(name, watched, w->reg->nr_flags, watched->monitors);
	if (m) {
		m->ntaps = NM_DIRS * (shape.rings[NM_RX] + shape.host[NM_RX]);
		m->tap = os_alloc(m->ntaps * sizeof(*m->tap));
	}
	if (!m || !m->tap) {
		err = os_refuse(-ENOMEM, "%s: no memory for the monitor", name);
		goto err_free;
	}
	m->zcopy = w->reg->nr_flags & NR_ZCOPY_MON;
	err = region_open(w, watched, &shape, &region);
	if (err)
		goto err_free;
	err = nm_port_init(&m->port, &nm_port_monitor, w->core, name, &shape,
			   region);
	nm_region_put(region);
	if (err)
		goto err_free;
	err = taps_attach(m, watched, w->reg);
	if (err) {
		destroy(&m->port);
		return err;
	}
	watched->monitors++;
	nm_list_add_tail(&w->core->monitors, &m->port.node);
	*out = &m->port;
	return 0;

err_free:
	if (m)
		os_free(m->tap);
	os_free(m);
	return err;
}

static int create(const struct nm_wanted *w, struct nm_port **out)
{
	struct nm_port *watched;
	int err;

	if (!(w->reg->nr_flags & NM_MONITOR_FLAGS))
		return -ENOENT;
	watched = nm_port_find(w->core, w->name.full);
	if (!watched)
		return os_refuse(-ENXIO, "%s: no such port to monitor",
				 w->name.full);
	err = monitor_make(w, watched, out);
	nm_port_put(watched);
	return err;
}

/* ---- rings ---- */

static int start(struct nm_queue *q)
{
	int err = nm_queue_ring_create(q, q->dir == NM_RX);

	if (err || q->dir == NM_RX)
		return err;
	q->rtail = q->hwtail = 0; /* nothing to send with */
	os_store(&q->ring->tail, 0u);
	return 0;
}

static void stop(struct nm_queue *q)
{
	nm_queue_ring_destroy(q, q->dir == NM_RX);
}

/* Swapped buffers have their data where the watched port put it. */
static int offsets(struct nm_queue *q, const struct nm_offsets *o)
{
	if (monitor_of(q->port)->zcopy)
		return os_refuse(-EOPNOTSUPP,
				 "%s: a zero copy monitor has no offsets",
				 q->port->name);
	return nm_port_offsets(q, o);
}

static int txsync(struct nm_queue *q, struct nm_sync *s)
{
	(void)q;
	s->over = true;
	return 0;
}

static int rxsync(struct nm_queue *q, struct nm_sync *s)
{
	os_store_release(&q->hwcur, q->rhead); /* [C] tap_record() */
	s->over = !os_load(&q->port->taps);
	return 0;
}

const struct nm_port_type nm_port_monitor = {
	.name = "monitor",
	.is_monitor = true,
	.create = create,
	.destroy = destroy,
	.start = start,
	.stop = stop,
	.offsets = offsets,
	.sync = {txsync, rxsync},
};
