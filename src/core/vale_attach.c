// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "vale_attach.h"

/* Slots that one visit to a lane moves; the work comes again for the rest. */
#define BUDGET 1024u

/* ---- moving ---- */

static int lane_sync(struct nm_lane *l, struct nm_sync *s)
{
	*s = (struct nm_sync){
		.head = &l->head, .cur = &l->cur, .tail = &l->tail};
	return nm_queue_sync(l->q, s);
}

/* Forwards what the wrapped rx ring has, up to @max slots, and releases it at
 * the next sync. How many. */
static u32 forward(struct nm_lane *l, struct nm_sync *s, u32 max)
{
	u32 n = nm_queue_distance(l->q, l->head, l->tail);
	u32 end;

	if (n > max)
		n = max;
	end = l->head + n;
	if (end >= l->q->num_slots)
		end -= l->q->num_slots;
	l->aq->rhead = l->aq->rcur = end;
	nm_vale_txsync(l->aq, s);
	l->head = l->cur = end;
	return n;
}

/* The last sync finds nothing new, so what comes after it wakes us. */
bool nm_lane_in(struct nm_lane *l)
{
	u32 left = BUDGET;
	struct nm_sync s;

	while (!lane_sync(l, &s) && l->head != l->tail) {
		if (!left)
			return true;
		left -= forward(l, &s, left);
	}
	return false;
}

/* Hands what the switch has put into the wrapped tx ring to the port, and the
 * slots that came back to the switch. */
static void lane_out(struct nm_lane *l)
{
	struct nm_sync s;

	l->head = l->cur = os_load_acquire(&l->aq->hwtail); /* [B] */
	if (lane_sync(l, &s))
		return;
	/* [C] lease_take() */
	os_store_release(&l->aq->hwcur, nm_queue_next(l->q, l->tail));
}

static void run_in(struct os_work *work)
{
	struct nm_side *side = nm_container(work, struct nm_side, in);
	bool more = false;

	for (u32 i = 0; i < side->nlanes[NM_RX]; i++)
		if (!side->lane[NM_RX][i].polled)
			more |= nm_lane_in(&side->lane[NM_RX][i]);
	if (more)
		os_work_schedule(&side->in);
}

static void run_out(struct os_work *work)
{
	struct nm_side *side = nm_container(work, struct nm_side, out);

	for (u32 i = 0; i < side->nlanes[NM_TX]; i++)
		lane_out(&side->lane[NM_TX][i]);
}

static void run_completed(struct os_work *work)
{
	struct nm_side *side = nm_container(work, struct nm_side, completed);

	os_work_schedule(&side->out);
}

/* ---- lanes ---- */

/* The side's queue that goes with @q takes over its ring. */
static int lane_init(struct nm_lane *l, struct nm_side *side,
		     struct nm_queue *q, struct nm_queue *aq)
{
	int err = nm_vale_gear_create(aq);

	if (err)
		return err;
	l->side = side;
	l->q = q;
	l->aq = aq;
	l->head = l->cur = q->rhead;
	l->tail = q->rtail;
	aq->ring = q->ring;
	aq->ofs_mask = q->ofs_mask;
	aq->ofs_max = q->ofs_max;
	aq->room = q->room;
	aq->lease = aq->hwtail = aq->hwcur = l->head;
	aq->rhead = aq->rcur = l->head;
	if (aq->dir == NM_RX)
		aq->hwcur = nm_queue_next(q, l->tail);
	return 0;
}

static void lanes_fini(struct nm_side *side)
{
	for (u32 d = 0; d < NM_DIRS; d++) {
		for (u32 i = 0; side->lane[d] && i < side->nlanes[d]; i++) {
			if (!side->lane[d][i].aq)
				continue;
			nm_vale_gear_destroy(side->lane[d][i].aq);
			side->lane[d][i].aq->ring = NULL;
		}
		os_free(side->lane[d]);
	}
}

/* Queues [@first[d], + nlanes[d]) of the wrapped port. */
static int lanes_init(struct nm_side *side, const u32 first[NM_DIRS])
{
	struct nm_port *wrapped = side->attach->bind.port;
	int err = 0;

	for (u32 d = 0; d < NM_DIRS && !err; d++) {
		u32 n = side->nlanes[d];

		side->lane[d] = os_alloc(n * sizeof(struct nm_lane));
		if (!side->lane[d])
			err = os_refuse(-ENOMEM, "%s: no memory for %u lanes",
					side->vp.port.name, n);
		for (u32 i = 0; i < n && !err; i++)
			err = lane_init(&side->lane[d][i], side,
					&wrapped->queue[d][first[d] + i],
					&side->vp.port.queue[!d][i]);
	}
	if (err)
		lanes_fini(side);
	return err;
}

/* ---- sides ---- */

void nm_side_in_start(struct nm_side *side)
{
	os_work_init(&side->in, run_in);
	os_work_attach(&side->in, &side->attach->bind.port->wait[NM_RX]);
	/* For what came before. */
	os_work_schedule(&side->in);
}

void nm_side_in_stop(struct nm_side *side)
{
	os_work_detach(&side->in);
	os_work_fini(&side->in);
}

static void side_start(struct nm_side *side)
{
	struct nm_port *wrapped = side->attach->bind.port;

	for (u32 i = 0; i < side->nlanes[NM_TX]; i++)
		nm_queue_activate(side->lane[NM_TX][i].aq);
	os_work_init(&side->out, run_out);
	os_work_attach(&side->out, &side->vp.port.wait[NM_RX]);
	os_work_init(&side->completed, run_completed);
	os_work_attach(&side->completed, &wrapped->wait[NM_TX]);
	nm_side_in_start(side);
}

/* Nobody delivers any more: what is in the ring still goes out. */
static void side_stop(struct nm_side *side)
{
	nm_side_in_stop(side);
	nm_switch_leave(&side->vp);
	os_work_detach(&side->completed);
	os_work_fini(&side->completed);
	os_work_detach(&side->out);
	os_work_fini(&side->out);
	for (u32 i = 0; i < side->nlanes[NM_TX]; i++) {
		nm_queue_deactivate(side->lane[NM_TX][i].aq);
		lane_out(&side->lane[NM_TX][i]);
	}
}

static void side_free(struct nm_side *side)
{
	nm_alias_end(&side->vp.alias);
	lanes_fini(side);
	nm_port_fini(&side->vp.port);
	os_free(side);
}

/* A switch port over the queues of the wrapped port, with @shape of them from
 * @first on, crosswise. */
static int side_create(struct nm_attach *a, const char *bridge,
		       const char *name, const u32 first[NM_DIRS],
		       const u32 n[NM_DIRS], struct nm_side **out)
{
	struct nm_port *wrapped = a->bind.port;
	struct nm_shape shape = {
		.rings = {n[NM_RX], n[NM_TX]},
		.slots = {wrapped->slots[NM_RX], wrapped->slots[NM_TX]},
	};
	struct nm_side *side = os_alloc(sizeof(*side));
	int err;

	if (!side)
		return os_refuse(-ENOMEM, "%s: no memory to attach it", name);
	side->attach = a;
	side->vp.attach = true;
	memcpy(side->nlanes, n, sizeof(side->nlanes));
	err = nm_port_init(&side->vp.port, &nm_port_attach, wrapped->core, name,
			   &shape, wrapped->region);
	if (err)
		goto err_free;
	err = lanes_init(side, first);
	if (err)
		goto err_port;
	err = nm_switch_join(wrapped->core, bridge, &side->vp);
	if (err)
		goto err_lanes;
	nm_alias_publish(&side->vp.alias, wrapped, name);
	*out = side;
	return 0;

err_lanes:
	lanes_fini(side);
err_port:
	nm_port_fini(&side->vp.port);
err_free:
	os_free(side);
	return err;
}

/* ---- attachments ---- */

static int sides_create(struct nm_attach *a, const char *bridge,
			const char *name, u32 mode)
{
	static const u32 none[NM_DIRS];
	const struct nm_port *p = a->bind.port;
	char host[NM_NAME_LEN] = "";
	size_t len = nm_name_len(name);
	int err;

	memcpy(host, name, len);
	host[len] = '^';
	if (mode != NR_REG_SW) {
		err = side_create(a, bridge, name, none, p->rings, &a->side[0]);
		if (err)
			return err;
	}
	if (mode == NR_REG_ALL_NIC)
		return 0;
	return side_create(a, bridge, host, p->rings, p->host, &a->side[1]);
}

/* Stops in the order of sides: nothing is delivered to one that is freed. */
static void sides_destroy(struct nm_attach *a, bool started)
{
	for (u32 i = 0; i < 2; i++) {
		if (!a->side[i])
			continue;
		if (started)
			side_stop(a->side[i]);
		else
			nm_switch_leave(&a->side[i]->vp);
		side_free(a->side[i]);
		a->side[i] = NULL;
	}
}

int nm_attach_create(struct nm_port *port, const char *bridge, const char *name,
		     u32 mode, struct nm_attach **out)
{
	struct nmreq_register reg = {.nr_mode = mode, .nr_flags = NR_EXCLUSIVE};
	struct nm_attach *a = os_alloc(sizeof(*a));
	int err;

	os_mutex_assert_held(&port->core->lock);
	if (!a)
		return os_refuse(-ENOMEM, "%s: no memory to attach it", name);
	err = nm_bind_open(&a->bind, port, &reg, NULL);
	if (err)
		goto err_free;
	err = sides_create(a, bridge, name, mode);
	if (err)
		goto err_bind;
	for (u32 i = 0; i < 2; i++)
		if (a->side[i])
			side_start(a->side[i]);
	if (a->side[0])
		port->wrapper = &a->side[0]->vp.port;
	*out = a;
	return 0;

err_bind:
	sides_destroy(a, false);
	nm_port_get(port); /* stays the caller's */
	nm_bind_close(&a->bind);
err_free:
	os_free(a);
	return err;
}

void nm_attach_destroy(struct nm_attach *a)
{
	os_mutex_assert_held(&a->bind.port->core->lock);
	if (a->side[0])
		a->bind.port->wrapper = NULL;
	sides_destroy(a, true);
	nm_bind_close(&a->bind);
	os_free(a);
}

struct nm_attach *nm_attach_of(struct nm_vale_port *vp)
{
	if (vp->port.type != &nm_port_attach)
		return NULL;
	return nm_container(vp, struct nm_side, vp)->attach;
}

/* Found by no name (its alias leads to the wrapped port), so bound by nobody:
 * its queues are moved here. */
const struct nm_port_type nm_port_attach = {
	.name = "attachment",
};
