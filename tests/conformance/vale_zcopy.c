// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Handover: buffers change places instead of being copied. */
#include "conf_vale.h"

#define SLOTS 16

/* Two ports of one region, or of two. */
static struct port a, b;

static struct port open_in(const char *name, uint16_t mem_id, uint64_t flags)
{
	return conf_open_as(
		name, REG_SLOTS(SLOTS, .nr_mem_id = mem_id, .nr_flags = flags));
}

/* @learned: frames to station 2 go to b alone. */
static void open_pair(uint64_t flags, bool one_region, bool learned)
{
	a = open_in("vale0:a", 0, flags);
	b = open_in("vale0:b", one_region ? a.reg.nr_mem_id : 0, 0);
	CHECK_EQ(a.reg.nr_mem_id == b.reg.nr_mem_id, one_region);
	if (!learned)
		return;
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
}

/* Sends one frame in one slot from a; the numbers of the buffers before. */
struct was {
	uint32_t tx, rx;
};

static struct was send_one(uint16_t flags, uint32_t tag)
{
	struct netmap_slot *slot = conf_slot(conf_tx(&a, 0), 0);
	struct was w;

	conf_rxsync(&b);
	w.tx = slot->buf_idx;
	w.rx = conf_slot(conf_rx(&b, 0), nm_ring_space(conf_rx(&b, 0)))
		       ->buf_idx;
	conf_put(conf_tx(&a, 0), conf_frame(2, 1, tag).data, 60, flags);
	conf_txsync(&a);
	return w;
}

static struct netmap_slot *last_sent(void)
{
	return conf_slot(conf_tx(&a, 0), conf_tx(&a, 0)->num_slots - 1);
}

static void copied(struct was w, uint32_t tag)
{
	CHECK_EQ(last_sent()->buf_idx, w.tx);
	CHECK_EQ(last_sent()->flags & NS_BUF_CHANGED, 0);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->buf_idx, w.rx);
	conf_expect(&b, 0, conf_frame(2, 1, tag));
}

static void handed_over(struct was w, uint32_t tag)
{
	CHECK_EQ(last_sent()->buf_idx, w.rx);
	CHECK_EQ(last_sent()->flags, NS_BUF_CHANGED);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->buf_idx, w.tx);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->flags, 0x0100);
	conf_expect(&b, 0, conf_frame(2, 1, tag));
}

static void exchange(void)
{
	open_pair(NR_X_ZCOPY, true, true);
	for (uint32_t i = 0; i < 5 * SLOTS; i++)
		handed_over(send_one(0, i), i);
}

static void no_consent(void)
{
	open_pair(0, true, true);
	for (uint32_t i = 0; i < 2 * SLOTS; i++)
		copied(send_one(0, i), i);
}

/* The receiver's consent is not what counts. */
static void consent_of_sender(void)
{
	a = open_in("vale0:a", 0, 0);
	b = open_in("vale0:b", a.reg.nr_mem_id, NR_X_ZCOPY);
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
	copied(send_one(0, 1), 1);
}

static void two_regions(void)
{
	open_pair(NR_X_ZCOPY, false, true);
	for (uint32_t i = 0; i < 2 * SLOTS; i++)
		copied(send_one(0, i), i);
}

static void flooded(void)
{
	open_pair(NR_X_ZCOPY, true, false);
	for (uint32_t i = 0; i < 2 * SLOTS; i++)
		copied(send_one(0, i), i);
}

static void indirect(void)
{
	conf_needs_indirect();
	struct frame f = conf_frame(2, 1, 5);
	struct netmap_slot *slot;
	struct was w;

	open_pair(NR_X_ZCOPY, true, true);
	slot = conf_slot(conf_tx(&a, 0), 0);
	w.tx = slot->buf_idx;
	w.rx = conf_slot(conf_rx(&b, 0), 0)->buf_idx;
	slot->ptr = (uintptr_t)f.data;
	slot->len = 60;
	slot->flags = NS_INDIRECT;
	conf_advance(conf_tx(&a, 0), 1);
	conf_txsync(&a);
	copied(w, 5);
}

static void headers(void)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = 12};
	uint8_t f[72] = {0}, got[72];
	struct netmap_slot *slot;
	uint32_t was;

	open_pair(NR_X_ZCOPY, true, true);
	/* To another header: changed, so copied. */
	CHECK_ERR(conf_ctrl(conf_fd(), NETMAP_REQ_PORT_HDR_SET, "vale0:b", &h),
		  0);
	was = conf_slot(conf_tx(&a, 0), 0)->buf_idx;
	conf_send(&a, 0, conf_frame(2, 1, 7));
	CHECK_EQ(last_sent()->buf_idx, was);
	conf_rxsync(&b);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, 72), 72);
	/* To the same one: handed over. */
	CHECK_ERR(conf_ctrl(conf_fd(), NETMAP_REQ_PORT_HDR_SET, "vale0:a", &h),
		  0);
	slot = conf_slot(conf_tx(&a, 0), 0);
	was = slot->buf_idx;
	memcpy(f + 12, conf_frame(2, 1, 8).data, 60);
	conf_put(conf_tx(&a, 0), f, 72, 0);
	conf_txsync(&a);
	CHECK(slot->buf_idx != was);
	conf_rxsync(&b);
	CHECK_EQ(conf_slot(conf_rx(&b, 0), 0)->buf_idx, was);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, 72), 72);
	CHECK_MEM(got, f, 72);
}

static void chain(void)
{
	uint8_t data[500], got[500];
	struct netmap_ring *rx;
	uint32_t was[5];

	open_pair(NR_X_ZCOPY, true, true);
	rx = conf_rx(&b, 0);
	for (uint32_t round = 0; round < 20; round++) {
		conf_fill(data, sizeof(data), 2, 1, round);
		for (uint32_t i = 0; i < 5; i++)
			was[i] = conf_slot(conf_tx(&a, 0), i)->buf_idx;
		conf_put_pieces(conf_tx(&a, 0), data, sizeof(data), 100);
		conf_txsync(&a);
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(rx), 5);
		for (uint32_t i = 0; i < 5; i++) {
			CHECK_EQ(conf_slot(rx, i)->buf_idx, was[i]);
			CHECK_EQ(conf_slot(rx, i)->flags,
				 5 << 8 | (i < 4 ? NS_MOREFRAG : 0));
		}
		CHECK_EQ(conf_get(rx, got, sizeof(got)), 500);
		CHECK_MEM(got, data, 500);
		conf_rxsync(&b);
	}
}

/* Every buffer is in one slot, before and behind, whatever finds no room. */
static void nothing_lost(void)
{
	static uint8_t seen[1 << 16];
	struct netmap_ring *tx, *rx;
	uint64_t chance = 9;

	open_pair(NR_X_ZCOPY, true, true);
	tx = conf_tx(&a, 0);
	rx = conf_rx(&b, 0);
	for (uint32_t round = 0; round < 300; round++) {
		uint32_t n = conf_random(&chance) % SLOTS;

		for (uint32_t i = 0; i < n; i++)
			conf_put_frame(tx,
				       conf_frame(i % 3 ? 2 : BROADCAST, 1, i));
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), SLOTS - 1);
		conf_rxsync(&b);
		n = nm_ring_space(rx);
		conf_advance(rx, n ? conf_random(&chance) % (n + 1) : 0);
		memset(seen, 0, sizeof(seen));
		for (uint32_t i = 0; i < SLOTS; i++) {
			CHECK(tx->slot[i].buf_idx < sizeof(seen));
			CHECK(rx->slot[i].buf_idx < sizeof(seen));
			CHECK_EQ(seen[tx->slot[i].buf_idx]++, 0);
			CHECK_EQ(seen[rx->slot[i].buf_idx]++, 0);
		}
	}
}

/* What the receiver's slot names is no buffer: dropped, nothing moves. */
static void bad_slot(void)
{
	struct netmap_slot *slot;
	uint32_t was;

	open_pair(NR_X_ZCOPY, true, true);
	was = conf_slot(conf_tx(&a, 0), 0)->buf_idx;
	slot = conf_slot(conf_rx(&b, 0), 0);
	slot->buf_idx = 0x12345678;
	conf_send(&a, 0, conf_frame(2, 1, 1));
	CHECK_EQ(last_sent()->buf_idx, was);
	CHECK_EQ(conf_stats("vale0:b", NETMAP_X_RX, 0).drop_slot, 1);
}

/* ---- the option ---- */

static int register_with(const char *name, struct nmreq_x_opt_zcopy *o, int fd)
{
	struct nmreq_register reg = REG_SLOTS(SLOTS);
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg,
				 .nr_options = (uintptr_t)o};

	strcpy(h.nr_name, name);
	o->nro_opt.nro_reqtype = NETMAP_REQ_X_OPT_ZCOPY;
	return conf_ioctl(fd, NIOCCTRL, &h);
}

/* @name is a port of vale0, or is going to be. */
static void option_of(const char *name)
{
	struct nmreq_x_opt_zcopy o = {.x_size = 100};
	struct nmreq_pools_info pools = {0};
	int fd = conf_fd();
	uint32_t was;

	CHECK_ERR(register_with(name, &o, fd), 0);
	CHECK_EQ(o.nro_opt.nro_status, 0);
	CHECK_EQ(o.x_size, 8);
	CHECK_ERR(conf_ctrl(conf_fd(), NETMAP_REQ_POOLS_INFO_GET, name, &pools),
		  0);
	a = (struct port){.fd = fd};
	a.mem = conf_map(fd, pools.nr_memsize);
	a.nifp = NETMAP_IF(a.mem, pools.nr_if_pool_offset);
	b = open_in("vale0:b", pools.nr_mem_id, 0);
	conf_send(&b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(&a);
	was = conf_slot(conf_tx(&a, 0), 0)->buf_idx;
	conf_send(&a, 0, conf_frame(2, 1, 1));
	CHECK(last_sent()->buf_idx != was);
}

static void option(void)
{
	option_of("vale0:a");
}

static void option_persistent(void)
{
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	option_of("per0");
	conf_cleanup();
	option_of("vale0:per0");
	conf_cleanup();
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

static void option_refused(void)
{
	struct nmreq_x_opt_zcopy o = {.x_size = 7};
	int fd = conf_fd();

	CHECK_ERR(register_with("vale0:a", &o, fd), EINVAL);
	CHECK_EQ(o.nro_opt.nro_status, EINVAL);
	CHECK_EQ(o.x_size, 7);
	o.x_size = 8;
	CHECK_ERR(register_with("base{1", &o, fd), EOPNOTSUPP);
	CHECK_EQ(o.nro_opt.nro_status, EOPNOTSUPP);
	CHECK(!conf_exists("vale0:a"));
	CHECK(!conf_exists("base{1"));
	CHECK_ERR(register_with("vale0:a", &o, fd), 0);
	CHECK_EQ(o.nro_opt.nro_status, 0);
}

static const struct claim claims[] = {
	{"with consent a frame's buffer goes to the receiver's slot, and its "
	 "buffer comes back with NS_BUF_CHANGED",
	 exchange},
	{"without consent frames are copied", no_consent},
	{"the receiver's consent changes nothing", consent_of_sender},
	{"between regions frames are copied", two_regions},
	{"a flooded frame is copied", flooded},
	{"NS_INDIRECT data is copied", indirect},
	{"a frame whose header changes is copied, behind equal headers it is "
	 "handed over",
	 headers},
	{"every slot of a chain is handed over", chain},
	{"every buffer stays in exactly one slot", nothing_lost},
	{"a bad slot of the receiver costs the frame, and nothing moves",
	 bad_slot},
	{"the option gives the same consent, and tells its size", option},
	{"the option serves persistent ports by both their names",
	 option_persistent},
	{"the option is refused where it cannot be served, and leaves nothing",
	 option_refused},
};

int main(void)
{
	return CONF_RUN(claims);
}
