// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "pair.h"

/* Frames tell who sent them, and which one of his it is, all over. */
static void frame_fill(u8 *f, u8 from, u8 to, u8 number)
{
	static const u8 mac[6] = {2, 0, 0, 0, 0, 0};

	memset(f, number, PAIR_LEN);
	memcpy(f, mac, 6);
	memcpy(f + 6, mac, 6);
	f[5] = to;
	f[11] = from;
}

/* Frames differ in length, so that slots do too. */
static u32 frame_len(u8 number)
{
	return PAIR_LEN - number;
}

u8 pair_frame(const u8 *f, u32 len, u8 from)
{
	sim_claim(len == frame_len(f[12]) && f[11] == from);
	for (u32 i = 12; i < len; i++)
		sim_claim(f[i] == f[12]);
	return f[12];
}

void pair_put(struct client *cl, u8 from, u8 to, u8 number)
{
	u8 f[PAIR_LEN];

	frame_fill(f, from, to, number);
	sim_claim(client_put(cl, 0, f, frame_len(number), 0));
}

void pair_introduce(struct client *cl, u8 from)
{
	pair_put(cl, from, 0xff, 0);
	client_txsync(cl);
}

void pair_drain(struct client *cl)
{
	u8 f[PAIR_LEN];
	u16 flags;

	client_rxsync(cl);
	while (client_get(cl, 0, f, PAIR_LEN, &flags))
		;
	client_rxsync(cl);
}

u32 pair_bufs_free(const struct client *cl)
{
	return nm_file_region(cl->file)->pool[NM_POOL_BUF].objfree;
}

/* Buffers that b has beside its ring, and wrote its own data in. */
static u32 kept[PAIR_SLOTS - 1];
static const u8 secret[PAIR_LEN] = "nobody else writes here";

void pair_open_extra(struct client *cl, struct nm_core *core, const char *name)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = PAIR_SLOTS,
				     .nr_rx_slots = PAIR_SLOTS,
				     .nr_extra_bufs = PAIR_SLOTS - 1};
	u32 idx;

	sim_claim(!client_try(cl, core, name, &reg));
	idx = cl->nifp->ni_bufs_head;
	for (u32 i = 0; i < PAIR_SLOTS - 1; i++) {
		kept[i] = idx;
		memcpy(&idx, client_buf(cl, idx), sizeof(idx));
	}
}

void pair_swap(struct client *cl, u32 k, u32 i)
{
	struct netmap_ring *r = client_ring(cl, NM_RX, 0);
	u32 idx = nm_slot_load(&r->slot[k]).idx;

	os_copy(client_buf(cl, idx), secret, PAIR_LEN);
	nm_slot_store(&r->slot[k], (struct nm_slot){.idx = kept[i]});
	kept[i] = idx;
}

void pair_move(struct client *cl, u32 k)
{
	struct netmap_ring *r = client_ring(cl, NM_RX, 0);

	os_store(&r->cur, k);
	os_store_release(&r->head, k);
}

void pair_secrets_kept(struct client *cl, u32 n)
{
	u32 next = 0;

	for (u32 i = 0; i < n; i++)
		sim_claim(!memcmp(client_buf(cl, kept[i]), secret, PAIR_LEN));
	for (u32 i = PAIR_SLOTS - 1; i > 0; i--) {
		memcpy(client_buf(cl, kept[i - 1]), &next, sizeof(next));
		next = kept[i - 1];
	}
	cl->nifp->ni_bufs_head = next;
}

void pair_fill(struct client *from, struct client *to)
{
	for (u8 n = 1; n < PAIR_SLOTS; n++)
		pair_put(from, 1, 2, n);
	client_txsync(from);
	client_rxsync(to);
	sim_claim(client_space(to, NM_RX, 0) == PAIR_SLOTS - 1);
}

void pair_refill(struct client *from)
{
	client_txsync(from);
	for (u8 n = 1; client_space(from, NM_TX, 0); n++)
		pair_put(from, 1, 2, n);
	client_txsync(from);
}

void pair_swap_all(struct client *cl)
{
	struct netmap_ring *r = client_ring(cl, NM_RX, 0);
	u32 k = os_load(&r->head);

	for (u32 i = 0; i < PAIR_SLOTS - 1; i++, k = (k + 1) % PAIR_SLOTS)
		pair_swap(cl, k, i);
	pair_move(cl, k);
	client_rxsync(cl);
}
