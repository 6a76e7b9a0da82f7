// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "world.h"

struct nm_core *world_make(void)
{
	struct nm_core *core;
	struct nm_params p;

	nm_params_init(&p);
	p.vale_stations = 64;
	sim_claim(!nm_core_create(&core, &p));
	return core;
}

void world_end(struct nm_core *core)
{
	nm_core_destroy(core);
}

int world_ctrl_with(struct nm_file *file, u16 type, const char *name,
		    void *body, void *options)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)body};

	memcpy(h.nr_name, name, strlen(name) + 1);
	return nm_file_ioctl(file, NULL, NIOCCTRL, (uintptr_t)&h);
}

int world_ctrl(struct nm_file *file, u16 type, const char *name, void *body)
{
	return world_ctrl_with(file, type, name, body, NULL);
}

int client_try_with(struct client *c, struct nm_core *core, const char *name,
		    const struct nmreq_register *reg, void *options)
{
	int err = nm_file_create(core, &c->file);

	if (err)
		return err;
	c->reg = *reg;
	err = world_ctrl_with(c->file, NETMAP_REQ_REGISTER, name, &c->reg,
			      options);
	if (err) {
		nm_file_destroy(c->file);
		return err;
	}
	c->base = sim_mem_addr(nm_file_region(c->file)->mem);
	c->nifp = (struct netmap_if *)(void *)(c->base + c->reg.nr_offset);
	return 0;
}

int client_try(struct client *c, struct nm_core *core, const char *name,
	       const struct nmreq_register *reg)
{
	return client_try_with(c, core, name, reg, NULL);
}

void client_open(struct client *c, struct nm_core *core, const char *name,
		 u32 slots)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = slots,
				     .nr_rx_slots = slots};

	if (client_try(c, core, name, &reg))
		sim_die("open of %s: %s", name, sim_last_refusal());
}

void client_close(struct client *c)
{
	nm_file_destroy(c->file);
}

struct netmap_ring *client_ring(const struct client *c, u32 dir, u32 ring)
{
	u32 i = dir == NM_TX ? ring
			     : c->nifp->ni_tx_rings +
				       c->nifp->ni_host_tx_rings + ring;

	return (struct netmap_ring *)(void *)((u8 *)c->nifp +
					      c->nifp->ring_ofs[i]);
}

u8 *client_buf(const struct client *c, u32 idx)
{
	struct nm_region *r = nm_file_region(c->file);

	return c->base + r->pool[NM_POOL_BUF].offset +
	       (u64)idx * r->pool[NM_POOL_BUF].objsize;
}

static u32 next(const struct netmap_ring *r, u32 i)
{
	return i + 1 == r->num_slots ? 0 : i + 1;
}

static u32 space(const struct netmap_ring *r)
{
	u32 tail = os_load_acquire(&r->tail), head = os_load(&r->head);

	return tail >= head ? tail - head : tail + r->num_slots - head;
}

u32 client_space(const struct client *c, u32 dir, u32 ring)
{
	return space(client_ring(c, dir, ring));
}

static void release(struct netmap_ring *r, u32 head)
{
	os_store(&r->cur, head);
	os_store_release(&r->head, head);
}

bool client_put(struct client *c, u32 ring, const void *frame, u32 len,
		u32 piece)
{
	struct netmap_ring *r = client_ring(c, NM_TX, ring);
	u32 n = piece ? (len + piece - 1) / piece : 1;
	u32 k = os_load(&r->head), done = 0;

	if (space(r) < n)
		return false;
	for (u32 i = 0; i < n; i++, k = next(r, k)) {
		struct nm_slot s = nm_slot_load(&r->slot[k]);
		u32 part = n == 1 || len - done < piece ? len - done : piece;

		os_copy(client_buf(c, s.idx), (const u8 *)frame + done, part);
		done += part;
		s.len = (u16)part;
		s.flags = i + 1 < n ? NS_MOREFRAG : 0;
		nm_slot_store(&r->slot[k], s);
	}
	release(r, k);
	return true;
}

u32 client_get(struct client *c, u32 ring, void *frame, u32 size, u16 *flags)
{
	struct netmap_ring *r = client_ring(c, NM_RX, ring);
	u32 k = os_load(&r->head), n = space(r), len = 0;
	struct nm_slot s;

	*flags = 0;
	if (!n)
		return 0;
	do {
		s = nm_slot_load(&r->slot[k]);
		sim_claim(n-- && len + s.len <= size);
		if (!len)
			*flags = s.flags;
		os_copy((u8 *)frame + len, client_buf(c, s.idx), s.len);
		len += s.len;
		k = next(r, k);
	} while (s.flags & NS_MOREFRAG);
	release(r, k);
	return len;
}

void client_txsync(struct client *c)
{
	sim_claim(!nm_file_txsync(c->file, NULL));
}

void client_rxsync(struct client *c)
{
	sim_claim(!nm_file_rxsync(c->file, NULL));
}

u32 client_poll(struct client *c, u32 events)
{
	struct os_poll p;
	u32 found;

	for (;;) {
		sim_poll_init(&p);
		found = nm_file_poll(c->file, NULL, events, &p);
		if (!found)
			sim_poll_sleep(&p, ~0ull);
		sim_poll_fini(&p);
		if (found)
			return found;
	}
}

/* ---- counters ---- */

struct nmreq_x_stats client_stats(struct nm_core *core, const char *name,
				  u16 dir)
{
	struct nmreq_x_stats st = {.x_size = sizeof(st),
				   .x_dir = dir,
				   .x_ring = NETMAP_X_ALL_RINGS};
	struct nm_file *file;

	sim_claim(!nm_file_create(core, &file));
	sim_claim(!world_ctrl(file, NETMAP_REQ_X_STATS_GET, name, &st));
	nm_file_destroy(file);
	return st;
}

void claim_stats_add_up(struct nm_core *core, const char *name)
{
	struct nmreq_x_stats tx = client_stats(core, name, NETMAP_X_TX);
	struct nmreq_x_stats rx = client_stats(core, name, NETMAP_X_RX);

	sim_claim(tx.offered == tx.sent + tx.no_runt + tx.no_slot +
					tx.no_frags + tx.no_indirect +
					tx.no_self + tx.no_port + tx.no_memory +
					tx.no_client);
	sim_claim(rx.attempted == rx.delivered + rx.drop_full + rx.drop_closed +
					  rx.drop_slot + rx.drop_size +
					  rx.drop_header + rx.drop_memory);
}
