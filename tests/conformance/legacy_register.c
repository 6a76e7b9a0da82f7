// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCREGIF, command 0: what NETMAP_REQ_REGISTER does, in a flat record. */
#include "legacy.h"

static void binds_like_register(void)
{
	struct nmreq r =
		LEGACY("vale0:a", .nr_tx_slots = 64, .nr_rx_slots = 32,
		       .nr_tx_rings = 2, .nr_rx_rings = 3, .nr_arg3 = 5);
	struct nmreq_pools_info pools;
	struct port p = legacy_open(&r);

	pools = conf_pools("vale0:a");
	CHECK_EQ(r.nr_memsize, pools.nr_memsize);
	CHECK_EQ(r.nr_arg2, pools.nr_mem_id);
	CHECK_EQ(r.nr_tx_slots, 64);
	CHECK_EQ(r.nr_rx_slots, 32);
	CHECK_EQ(r.nr_tx_rings, 2);
	CHECK_EQ(r.nr_rx_rings, 3);
	CHECK_EQ(r.nr_arg3, 5);
	CHECK(p.nifp->ni_bufs_head != 0);
	CHECK_STR(p.nifp->ni_name, "vale0:a");
	CHECK_EQ(conf_tx(&p, 1)->num_slots, 64);
	CHECK_EQ(conf_rx(&p, 2)->num_slots, 32);
}

static void frames_pass(void)
{
	struct nmreq r = LEGACY("vale0:a"), s = LEGACY("vale0:b");
	struct port a = legacy_open(&r), b = legacy_open(&s);
	struct frame f = conf_frame(BROADCAST, 1, 7);

	CHECK_EQ(r.nr_tx_slots, 1024);
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
}

static void echoes(void)
{
	struct nmreq asked =
		LEGACY("vale0:a", .nr_arg1 = 4711,
		       .nr_ringid = NETMAP_DO_RX_POLL | NETMAP_NO_TX_POLL,
		       .nr_flags = NR_REG_ALL_NIC | 0x1000 | NR_DO_RX_POLL,
		       .spare2 = {0xdeadbeef});
	struct nmreq r = asked;

	CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
	legacy_echoed(&r, &asked);
}

/* Some programs were compiled with later numbers; none is too late. */
static void versions(void)
{
	static const uint32_t good[] = {14, 15, 16, 17, 255, 0xffffffffu};
	static const uint32_t bad[] = {0, 1, 11, 12, 13};

	for (size_t i = 0; i < CONF_COUNT(good); i++) {
		struct nmreq r = LEGACY("vale0:a");

		check_note("version %u", good[i]);
		r.nr_version = good[i];
		CHECK_ERR(legacy_try(NIOCREGIF, &r), 0);
		CHECK_EQ(r.nr_version, good[i]);
		r.nr_arg2 = 0; /* that region is gone */
		CHECK_ERR(legacy_try(NIOCGINFO, &r), 0);
		CHECK_EQ(r.nr_version, good[i]);
	}
	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		struct nmreq r = LEGACY("vale0:a");

		check_note("version %u", bad[i]);
		r.nr_version = bad[i];
		legacy_refused(NIOCREGIF, r, EINVAL);
		legacy_refused(NIOCGINFO, r, EINVAL);
	}
}

/* How many rings each direction has bound. */
static void bound(const struct port *p, uint32_t tx, uint32_t rx)
{
	const struct netmap_if *n = p->nifp;
	uint32_t base = n->ni_tx_rings + n->ni_host_tx_rings;
	uint32_t got[2] = {0};

	for (uint32_t i = 0; i < n->ni_tx_rings; i++)
		got[0] += n->ring_ofs[i] != 0;
	for (uint32_t i = 0; i < n->ni_rx_rings; i++)
		got[1] += n->ring_ofs[base + i] != 0;
	CHECK_EQ(got[0], tx);
	CHECK_EQ(got[1], rx);
}

/* In mode 0 two bits of nr_ringid choose. */
static void mode_by_ringid(void)
{
	struct nmreq all =
		LEGACY("vale0:a", .nr_tx_rings = 2, .nr_rx_rings = 2);
	struct nmreq one = LEGACY("vale0:a", .nr_ringid = NETMAP_HW_RING | 1);
	struct nmreq asked = one;
	struct port p = legacy_open(&all), q;

	bound(&p, 2, 2);
	q = legacy_open(&one);
	legacy_echoed(&one, &asked);
	bound(&q, 1, 1);
	conf_tx(&q, 1);
	conf_rx(&q, 1);
	/* a switch port has no host rings */
	legacy_refused(NIOCREGIF,
		       LEGACY("vale0:a", .nr_ringid = NETMAP_SW_RING), EINVAL);
	legacy_refused(NIOCREGIF,
		       LEGACY("vale0:a", .nr_ringid = NETMAP_HW_RING | 2),
		       EINVAL);
}

static void mode_by_flags(void)
{
	struct nmreq all = LEGACY("vale0:a", .nr_tx_rings = 2, .nr_rx_rings = 2,
				  .nr_flags = NR_REG_ALL_NIC,
				  .nr_ringid = NETMAP_HW_RING | 1);
	struct nmreq one =
		LEGACY("vale0:a", .nr_flags = NR_REG_ONE_NIC, .nr_ringid = 1);
	struct port p = legacy_open(&all), q = legacy_open(&one);
	static const uint32_t bad[] = {
		NR_REG_SW, NR_REG_NIC_SW, NR_REG_ONE_SW, 9, 10, 15};

	bound(&p, 2, 2);
	bound(&q, 1, 1);
	conf_tx(&q, 1);
	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("mode %u", bad[i]);
		legacy_refused(NIOCREGIF, LEGACY("vale0:a", .nr_flags = bad[i]),
			       EINVAL);
	}
}

static void flags_pass_through(void)
{
	struct nmreq tx =
		LEGACY("vale0:a", .nr_flags = NR_REG_ALL_NIC |
					      NR_TX_RINGS_ONLY | NR_EXCLUSIVE);
	struct nmreq rx = LEGACY("vale0:a", .nr_flags = NR_RX_RINGS_ONLY);
	struct port p = legacy_open(&tx), q = legacy_open(&rx);

	bound(&p, 1, 0);
	bound(&q, 0, 1);
	legacy_refused(NIOCREGIF, LEGACY("vale0:a"), EBUSY);
}

/* The port's room is one frame: whether poll sent the other shows there. */
static void no_tx_poll(void)
{
	static const uint16_t ringid[] = {0, NETMAP_NO_TX_POLL};

	for (size_t i = 0; i < CONF_COUNT(ringid); i++) {
		struct nmreq r = LEGACY("vale0:a", .nr_ringid = ringid[i]);
		struct port a = legacy_open(&r), b = conf_open("vale0:b");
		struct frame f = conf_frame(BROADCAST, 1, 3);

		check_note("nr_ringid 0x%x", ringid[i]);
		conf_put_frame(conf_tx(&a, 0), f);
		conf_poll(a.fd, POLLIN);
		if (ringid[i])
			conf_expect_none(&b);
		else
			conf_expect(&b, 0, f);
		conf_close(&a);
		conf_close(&b);
	}
}

static void region_by_arg2(void)
{
	struct nmreq r = LEGACY("vale0:a"), s = LEGACY("vale0:b");
	struct nmreq one = LEGACY("vale0:c", .nr_arg2 = 1, .nr_tx_slots = 8,
				  .nr_rx_slots = 8);
	struct port a = legacy_open(&r), b, c;

	CHECK(r.nr_arg2 > 1);
	s.nr_arg2 = r.nr_arg2;
	b = legacy_open(&s);
	CHECK_EQ(s.nr_arg2, r.nr_arg2);
	CHECK_EQ(s.nr_memsize, r.nr_memsize);
	c = legacy_open(&one);
	CHECK_EQ(one.nr_arg2, 1);
	legacy_refused(NIOCREGIF, LEGACY("vale0:d", .nr_arg2 = 0xfffe), EINVAL);
	(void)a;
	(void)b;
	(void)c;
}

static void names(void)
{
	struct nmreq full = LEGACY("");
	struct nmreq longest = LEGACY("vale0:abcdefghi");

	CHECK_ERR(legacy_try(NIOCREGIF, &longest), 0);
	memset(full.nr_name, 'v', sizeof(full.nr_name));
	legacy_refused(NIOCREGIF, full, EINVAL);
	legacy_refused(NIOCGINFO, full, EINVAL);
	legacy_refused(NIOCREGIF, LEGACY(""), ENXIO);
	legacy_refused(NIOCREGIF, LEGACY("vale0"), ENOMEM);
	legacy_refused(NIOCREGIF, LEGACY("vale/:x"), ENOMEM);
}

static void one_binding(void)
{
	struct nmreq r = LEGACY("vale0:a"), s = LEGACY("vale0:b"), before = s;
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	struct port p = legacy_open(&r);

	CHECK_ERR(conf_ioctl(p.fd, NIOCREGIF, &s), EBUSY);
	CHECK_MEM(&s, &before, sizeof(s));
	CHECK_ERR(conf_register(p.fd, "vale0:b", &reg), EBUSY);
	CHECK(!conf_exists("vale0:b"));
}

static void commands_refused(void)
{
	static const struct {
		uint16_t cmd;
		int err;
	} bad[] = {
		{NETMAP_BDG_REGOPS, EINVAL},
		{NETMAP_BDG_LIST, EINVAL},
		{NETMAP_PT_HOST_CREATE, ENOMEM},
		{NETMAP_PT_HOST_DELETE, ENOMEM},
		{13, EINVAL},
		{0xffff, EINVAL},
	};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("command %u", bad[i].cmd);
		legacy_refused(NIOCREGIF,
			       LEGACY("vale0:a", .nr_cmd = bad[i].cmd),
			       bad[i].err);
		CHECK(!conf_exists("vale0:a"));
	}
}

static void bad_addresses(void)
{
	static const unsigned long requests[] = {NIOCREGIF, NIOCGINFO};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(requests); i++) {
		check_note("request %zu", i);
		CHECK_ERR(conf_ioctl(fd, requests[i], NULL), EINVAL);
		CHECK_ERR(conf_ioctl(fd, requests[i], (void *)8), EFAULT);
	}
}

static const struct claim claims[] = {
	{"NIOCREGIF binds, and replies, as REGISTER does", binds_like_register},
	{"frames pass between two ports bound by NIOCREGIF", frames_pass},
	{"name, version, ring id, flags, nr_arg1 are never rewritten", echoes},
	{"every version from 14 on is accepted, earlier ones are EINVAL",
	 versions},
	{"in mode 0 nr_ringid chooses between all, one and host rings",
	 mode_by_ringid},
	{"other modes are those of REGISTER", mode_by_flags},
	{"flags beside the mode have their meaning", flags_pass_through},
	{"NETMAP_NO_TX_POLL keeps poll from sending", no_tx_poll},
	{"nr_arg2 chooses the region and tells it", region_by_arg2},
	{"a name has at most 15 characters", names},
	{"a descriptor binds once, by either request", one_binding},
	{"other commands are refused and change nothing", commands_refused},
	{"no address is EINVAL, a bad one EFAULT", bad_addresses},
};

int main(void)
{
	return CONF_RUN(claims);
}
