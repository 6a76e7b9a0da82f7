// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIC ports and host rings whose data begins inside of the buffers. */
#include "conf_ofs.h"

#define SIZE  60
#define SLOTS 16
#define MAX   512

static struct port open_ofs(const char *name, uint32_t mode)
{
	struct nmreq_opt_offsets o =
		OFFSETS(MAX, .nro_initial_offset = 64, .nro_offset_bits = 16);

	return conf_open_with(name, REG(mode), &o);
}

static void make(void)
{
	conf_nic_pair("eth0", "eth1",
		      (struct t_nic){.tx_slots = SLOTS, .rx_slots = SLOTS});
}

/* Any, and some that are too large. */
static uint64_t offset_of(uint32_t i)
{
	return i * 37 % (MAX + 100);
}

static uint64_t clamped(uint64_t offset)
{
	return offset < MAX ? offset : MAX;
}

/* The next frame of @r is @f, behind the offset in *@at of its slot, which the
 * slot tells too; the slot then asks for the offset of @i. */
static void take_at(struct netmap_ring *r, uint64_t at[SLOTS], struct frame f,
		    uint32_t i)
{
	uint32_t k = r->head;
	struct netmap_slot *s = &r->slot[k];

	check_note("frame %u, slot %u, offset %u", i, k, (unsigned int)at[k]);
	CHECK(!nm_ring_empty(r));
	CHECK_EQ(s->len, SIZE);
	CHECK_EQ(s->ptr & 0xffff, clamped(at[k]));
	CHECK_MEM(NETMAP_BUF(r, s->buf_idx) + clamped(at[k]), f.data, SIZE);
	at[k] = offset_of(i);
	NETMAP_WOFFSET(r, s, at[k]);
	conf_advance(r, 1);
}

static void sends_from_offset(void)
{
	struct port a, b;

	make();
	a = open_ofs("eth0", NR_REG_ALL_NIC);
	b = conf_open("eth1");
	for (uint32_t i = 0; i < 100; i++) {
		struct frame f = conf_frame(2, 1, i);

		put_at(conf_tx(&a, 0), offset_of(i) % (MAX + 1), f.data, SIZE,
		       0);
		conf_txsync(&a);
		conf_expect(&b, 0, f);
		conf_rxsync(&b);
	}
}

static void receives_at_offset(void)
{
	uint64_t at[SLOTS];
	struct port a, b;

	make();
	a = conf_open("eth0");
	b = open_ofs("eth1", NR_REG_ALL_NIC);
	for (uint32_t k = 0; k < SLOTS; k++)
		at[k] = 64;
	for (uint32_t i = 0; i < 100; i++) {
		struct frame f = conf_frame(2, 1, i);

		conf_send(&a, 0, f);
		conf_rxsync(&b);
		take_at(conf_rx(&b, 0), at, f, i);
		conf_rxsync(&b);
	}
}

static void host_both_ways(void)
{
	uint64_t at[SLOTS];
	struct port p;

	make();
	p = open_ofs("eth0", NR_REG_NIC_SW);
	CHECK(conf_host_rx(&p, 0)->num_slots == SLOTS);
	for (uint32_t k = 0; k < SLOTS; k++)
		at[k] = 64;
	for (uint32_t i = 0; i < 100; i++) {
		struct frame f = conf_frame(2, 1, i);

		CHECK(conf_host_send("eth0", 0, f));
		conf_rxsync(&p);
		take_at(conf_host_rx(&p, 0), at, f, i);
		conf_rxsync(&p);
		put_at(conf_host_tx(&p, 0), offset_of(i) % (MAX + 1), f.data,
		       SIZE, 0);
		conf_txsync(&p);
		conf_host_expect("eth0", f);
	}
}

static const struct claim claims[] = {
	{"an interface sends from the offset of each slot", sends_from_offset},
	{"frames from the wire go behind the offset of each slot, one that is "
	 "too large counts as the largest, and is told",
	 receives_at_offset},
	{"so do those of the system, and those for it are taken from there",
	 host_both_ways},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
