// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Monitors and offsets: those of the port, and those of the monitor. */
#include "conf_ofs.h"
#include "monitors.h"

static struct port open_ofs(const char *name, uint64_t flags, uint64_t max,
			    uint64_t initial)
{
	struct nmreq_opt_offsets o = OFFSETS(max, .nro_initial_offset = initial,
					     .nro_offset_bits = 16);

	return conf_open_with(name, REG_SLOTS(16, .nr_flags = flags), &o);
}

static void ports_offsets(const char *from, const char *to)
{
	struct port a = open_ofs(from, 0, 256, 0);
	struct port b = open_ofs(to, 0, 256, 100);
	struct port ta = mon_open(from, COPY_TX), rb = mon_open(to, COPY_RX);
	struct port za = mon_open(from, ZCOPY);
	uint16_t mark = *from == 'v' ? ONE_SLOT : 0;

	for (uint32_t i = 0; i < 40; i++) {
		struct frame f = conf_any(i);

		put_at(conf_tx(&a, 0), i * 6, f.data, sizeof(f), 0);
		conf_txsync(&a);
		mon_expect(&ta, 0, f, NS_TXMON);
		mon_expect(&rb, 0, f, mark);
		conf_drain(&b);
		conf_txsync(&a);
		mon_expect(&za, 0, f, NS_TXMON);
		conf_rxsync(&za);
		conf_rxsync(&ta);
		conf_rxsync(&rb);
	}
}

static void of_switch_ports(void)
{
	ports_offsets("vale0:a", "vale0:b");
}

static void of_pipes(void)
{
	ports_offsets("lone{1", "lone}1");
}

/* The monitor's data lies where its own slots say. */
static void of_the_monitor(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = open_ofs("vale0:a", COPY_TX, 512, 200);
	struct netmap_ring *r = conf_rx(&m, 0);

	CHECK_EQ(r->offset_mask, 0xffff);
	for (uint32_t i = 0; i < 40; i++) {
		struct netmap_slot *s = conf_slot(r, 0);
		struct frame f = conf_any(i);

		if (i)
			NETMAP_WOFFSET(r, s, i * 10);
		conf_send(&a, 0, f);
		conf_rxsync(&m);
		CHECK_EQ(nm_ring_space(r), 1);
		CHECK_EQ(NETMAP_ROFFSET(r, s), i ? i * 10 : 200);
		CHECK_EQ(s->len, sizeof(f));
		CHECK_MEM(NETMAP_BUF_OFFSET(r, s), f.data, sizeof(f));
		conf_advance(r, 1);
		conf_rxsync(&m);
	}
}

/* Behind its offset a slot has less room: a larger frame is not recorded. */
static void less_room(void)
{
	struct port a = conf_open("vale0:a");
	struct port m = open_ofs("vale0:a", COPY_TX, 2000, 0);
	static uint8_t data[200];
	struct nmreq_x_stats x;

	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	conf_put(conf_tx(&a, 0), data, sizeof(data), 0);
	conf_put_frame(conf_tx(&a, 0), conf_any(2));
	conf_txsync(&a);
	mon_expect(&m, 0, conf_any(2), NS_TXMON);
	x = conf_stats("vale0:a/t#0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(x.attempted, 2);
	CHECK_EQ(x.drop_size, 1);
}

static void refused_with_zero_copy(void)
{
	struct port a = conf_open("vale0:a");
	struct nmreq_opt_offsets o = OFFSETS(100);
	struct nmreq_register reg = REG(NR_REG_ALL_NIC, .nr_flags = ZCOPY);

	CHECK(a.fd >= 0);
	CHECK_ERR(conf_try_with("vale0:a", reg, &o), EOPNOTSUPP);
	CHECK_EQ(o.nro_opt.nro_status, EOPNOTSUPP);
	CHECK_ERR(conf_try("vale0:a", reg), 0);
}

static const struct claim claims[] = {
	{"monitors of switch ports find data behind offsets", of_switch_ports},
	{"monitors of pipes find data behind offsets", of_pipes},
	{"a copy monitor has offsets of its own", of_the_monitor},
	{"a frame too large for what is left is not recorded", less_room},
	{"a zero copy monitor refuses offsets", refused_with_zero_copy},
};

int main(void)
{
	return CONF_RUN(claims);
}
