// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Handover beside offsets and monitors: frames are copied, and nothing is lost;
 * and ports that hand nothing over. */
#include "conf_ofs.h"
#include "monitors.h"

#define SLOTS 16

static struct port a, b;

static struct frame any(uint32_t tag)
{
	return conf_frame(2, 1, tag);
}

static void introduce(void)
{
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
}

static void open_pair(void)
{
	a = conf_open_as("vale0:a", REG_SLOTS(SLOTS, .nr_flags = NR_X_ZCOPY));
	b = conf_open_as("vale0:b",
			 REG_SLOTS(SLOTS, .nr_mem_id = a.reg.nr_mem_id));
	introduce();
}

/* Sends @f from the slot at head, and says whether its buffer was exchanged. */
static bool handed_over(struct frame f)
{
	struct netmap_slot *s = conf_slot(conf_tx(&a, 0), 0);
	uint32_t was = s->buf_idx;

	conf_send(&a, 0, f);
	return s->buf_idx != was;
}

/* Slots of the rings of both have different buffers. */
static void each_has_its_own(void)
{
	static uint8_t seen[1 << 16];
	struct netmap_ring *const r[] = {conf_tx(&a, 0), conf_rx(&a, 0),
					 conf_tx(&b, 0), conf_rx(&b, 0)};

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < CONF_COUNT(r); i++)
		for (uint32_t k = 0; k < SLOTS; k++)
			CHECK_EQ(seen[r[i]->slot[k].buf_idx]++, 0);
}

/* ---- monitors ---- */

static void watched(const char *name, uint64_t flags, uint16_t mark)
{
	struct port m;

	open_pair();
	CHECK(handed_over(any(99)));
	conf_expect(&b, 0, any(99));
	conf_rxsync(&b);
	m = mon_open(name, flags);
	for (uint32_t i = 0; i < 3 * SLOTS; i++) {
		bool tx_swap = flags == ZCOPY && mark == NS_TXMON;

		/* The monitor's buffer, if one is exchanged. */
		CHECK_EQ(handed_over(any(i)), tx_swap);
		conf_expect(&b, 0, any(i));
		conf_rxsync(&b);
		mon_expect(&m, 0, any(i), mark);
		conf_rxsync(&m);
	}
	each_has_its_own();
	conf_close(&m);
	CHECK(handed_over(any(100)));
	conf_expect(&b, 0, any(100));
	each_has_its_own();
}

static void tx_copied(void)
{
	watched("vale0:a", COPY_TX, NS_TXMON);
}

static void rx_copied(void)
{
	watched("vale0:b", COPY_RX, ONE_SLOT);
}

static void tx_swapped(void)
{
	watched("vale0:a", ZCOPY, NS_TXMON);
}

static void rx_swapped(void)
{
	watched("vale0:b", ZCOPY, ONE_SLOT);
}

/* ---- offsets ---- */

static struct port open_ofs(const char *name, uint16_t mem_id, uint64_t flags)
{
	struct nmreq_opt_offsets o = OFFSETS(256, .nro_offset_bits = 16);

	return conf_open_with(
		name, REG_SLOTS(SLOTS, .nr_mem_id = mem_id, .nr_flags = flags),
		&o);
}

static void sender_has_offsets(void)
{
	struct netmap_ring *tx;

	a = open_ofs("vale0:a", 0, NR_X_ZCOPY);
	b = conf_open_as("vale0:b",
			 REG_SLOTS(SLOTS, .nr_mem_id = a.reg.nr_mem_id));
	introduce();
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 3 * SLOTS; i++) {
		struct netmap_slot *s = conf_slot(tx, 0);
		uint32_t was = s->buf_idx;

		put_at(tx, i * 5, any(i).data, sizeof(any(i).data), 0);
		conf_txsync(&a);
		CHECK_EQ(s->buf_idx, was);
		conf_expect(&b, 0, any(i));
	}
	each_has_its_own();
}

static void receiver_has_offsets(void)
{
	struct netmap_ring *rx;

	a = conf_open_as("vale0:a", REG_SLOTS(SLOTS, .nr_flags = NR_X_ZCOPY));
	b = open_ofs("vale0:b", a.reg.nr_mem_id, 0);
	introduce();
	rx = conf_rx(&b, 0);
	for (uint32_t i = 0; i < SLOTS; i++)
		NETMAP_WOFFSET(rx, &rx->slot[i], 100 + i);
	for (uint32_t i = 0; i < 3 * SLOTS; i++) {
		struct netmap_slot *s = conf_slot(rx, 0);

		CHECK(!handed_over(any(i)));
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 1);
		CHECK_EQ(s->len, sizeof(any(i).data));
		CHECK_MEM(NETMAP_BUF_OFFSET(rx, s), any(i).data, s->len);
		conf_advance(rx, 1);
	}
	each_has_its_own();
}

/* Chains, of which some slots are indirect: these are copied, the others go. */
static void mixed_chain(void)
{
	conf_needs_indirect();
	uint8_t data[300], got[300];
	struct netmap_ring *tx;
	uint32_t was[3];

	open_pair();
	tx = conf_tx(&a, 0);
	for (uint32_t round = 0; round < 20; round++) {
		conf_fill(data, sizeof(data), 2, 1, round);
		for (uint32_t i = 0; i < 3; i++)
			was[i] = conf_slot(tx, i)->buf_idx;
		conf_put_pieces(tx, data, sizeof(data), 100);
		/* The one in the middle, and what its buffer has is not it. */
		tx->slot[(tx->head + SLOTS - 2) % SLOTS].flags |= NS_INDIRECT;
		tx->slot[(tx->head + SLOTS - 2) % SLOTS].ptr =
			(uintptr_t)data + 100;
		memset(NETMAP_BUF(tx, was[1]), 0xdd, 100);
		conf_txsync(&a);
		for (uint32_t i = 0; i < 3; i++)
			CHECK_EQ(conf_slot(tx, SLOTS - 3 + i)->buf_idx ==
					 was[i],
				 i == 1);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 300);
		CHECK_MEM(got, data, 300);
		conf_rxsync(&b);
		each_has_its_own();
	}
}

/* ---- other ports ---- */

/* The newest refusal. */
static struct nmreq_x_refusal newest(void)
{
	struct nmreq_x_refusal r = {0}, next = {.x_size = sizeof(next)};
	int fd = conf_fd();

	while (!conf_ctrl(fd, NETMAP_REQ_X_REFUSALS_GET, "", &next)) {
		r = next;
		next = (struct nmreq_x_refusal){.x_size = sizeof(next),
						.x_seq = r.x_seq + 1};
	}
	conf_fd_close(fd);
	return r;
}

/* Refused with the option, in one sentence with the type's name; the flag alone
 * is ignored. */
static void no_handover_by(const char *name, const char *type,
			   struct nmreq_register reg)
{
	struct nmreq_x_opt_zcopy o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_X_OPT_ZCOPY},
		.x_size = 8};
	struct nmreq_x_refusal r;

	check_note("port %s", name);
	CHECK_ERR(conf_try_with(name, reg, &o), EOPNOTSUPP);
	CHECK_ERR((int)o.nro_opt.nro_status, EOPNOTSUPP);
	r = newest();
	check_note("port %s: %s", name, r.x_sentence);
	CHECK_EQ(r.x_error, EOPNOTSUPP);
	CHECK(strstr(r.x_sentence, type) != NULL);
	CHECK(strstr(r.x_sentence, "hands no buffers over") != NULL);
	reg.nr_flags |= NR_X_ZCOPY;
	CHECK_ERR(conf_try(name, reg), 0);
}

static void other_types(void)
{
	struct port p = conf_open("vale0:a");

	no_handover_by("base{1", "pipe", REG(NR_REG_ALL_NIC));
	no_handover_by("x", "null",
		       REG(NR_REG_NULL, .nr_mem_id = p.reg.nr_mem_id));
	no_handover_by("vale0:a", "monitor",
		       REG(NR_REG_ALL_NIC, .nr_flags = NR_MONITOR_TX));
}

static void nic(void)
{
	conf_nic("eth0", (struct t_nic){.tx_slots = 16, .rx_slots = 16});
	no_handover_by("eth0", "NIC", REG(NR_REG_ALL_NIC));
}

static const struct claim claims[] = {
	{"a copy monitor of the sender sees frames that are copied then",
	 tx_copied},
	{"a copy monitor of the receiver does", rx_copied},
	{"a zero copy monitor of the sender gets the buffers instead",
	 tx_swapped},
	{"a zero copy monitor of the receiver gets them when they are "
	 "released",
	 rx_swapped},
	{"a sender with offsets has its frames copied", sender_has_offsets},
	{"a receiver with offsets gets copies", receiver_has_offsets},
	{"of a chain, indirect slots are copied and the others handed over",
	 mixed_chain},
	{"ports that hand nothing over refuse the option with a sentence and "
	 "ignore the flag",
	 other_types},
	/* Where the home has NICs. */
	{"so do NICs", nic},
};

int main(void)
{
	return check_run(claims, CONF_COUNT(claims) - !t_nics, conf_cleanup);
}
