// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* CSB mode: the records at first, and what is refused from then on. */
#include "conf_csb.h"

static struct csb csb;

static void claim_initial(const struct port *p, uint32_t ntx, uint32_t nrx)
{
	for (uint32_t i = 0; i < ntx + nrx; i++) {
		const struct nm_csb_atok *a = &csb.atok[i];
		const struct nm_csb_ktoa *k = &csb.ktoa[i];

		check_note("record %u", i);
		CHECK_EQ(a->head, 0);
		CHECK_EQ(a->cur, 0);
		CHECK_EQ(a->appl_need_kick, 1);
		CHECK_EQ(a->sync_flags, 1);
		CHECK_EQ(a->pad[0], 0xa5a5a5a5);
		CHECK_EQ(a->pad[11], 0xa5a5a5a5);
		CHECK_EQ(k->hwcur, 0);
		CHECK_EQ(k->hwtail, i < ntx ? p->reg.nr_tx_slots - 1 : 0);
		CHECK_EQ(k->kern_need_kick, 1);
		CHECK_EQ(k->pad[0], 0);
		CHECK_EQ(k->pad[12], 0);
	}
	CHECK_EQ(csb.atok[ntx + nrx].head, 0xa5a5a5a5);
	CHECK_EQ(csb.ktoa[ntx + nrx].hwcur, 0xa5a5a5a5);
}

static void initial_records(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);
	struct port p;

	memset(&csb, 0xa5, sizeof(csb));
	p = conf_open_with("vale0:a",
			   REG_SLOTS(16, .nr_tx_rings = 2, .nr_rx_rings = 3,
				     .nr_flags = NR_EXCLUSIVE),
			   &o);
	claim_initial(&p, 2, 3);
}

static void enabled_later(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);
	struct port p = conf_open_as("vale0:a",
				     REG_SLOTS(16, .nr_flags = NR_EXCLUSIVE));

	memset(&csb, 0xa5, sizeof(csb));
	CHECK_ERR(conf_ctrl_with(p.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &o), 0);
	CHECK_ERR((int)o.nro_opt.nro_status, 0);
	claim_initial(&p, 1, 1);
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EBUSY);
}

/* Where the ring is, the records are. */
static void enabled_in_the_middle(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);
	struct port a = conf_open_as("vale0:a",
				     REG_SLOTS(16, .nr_flags = NR_EXCLUSIVE));
	struct port b = conf_open("vale0:b");

	for (uint32_t i = 0; i < 5; i++)
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
	for (uint32_t i = 0; i < 3; i++)
		conf_send(&b, 0, conf_frame(BROADCAST, 2, i));
	conf_rxsync(&a);
	conf_advance(conf_rx(&a, 0), 2);
	conf_rxsync(&a);
	CHECK_ERR(conf_ctrl_with(a.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &o), 0);
	CHECK_EQ(csb.atok[0].head, 5);
	CHECK_EQ(csb.ktoa[0].hwcur, 5);
	CHECK_EQ(csb.ktoa[0].hwtail, 4);
	CHECK_EQ(csb.atok[1].head, 2);
	CHECK_EQ(csb.ktoa[1].hwcur, 2);
	CHECK_EQ(csb.ktoa[1].hwtail, 3);
}

static void no_syncs(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);

	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), EBUSY);
	CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, NULL), EBUSY);
	CHECK_EQ(conf_poll(p.fd, POLLIN | POLLOUT), POLLERR);
	CHECK_EQ(conf_poll(p.fd, 0), POLLERR);
}

static void other_records(void)
{
	static struct csb other;
	struct nmreq_opt_csb o = csb_option(&other);
	struct port p = csb_open("vale0:a", 16, &csb);

	CHECK_ERR(conf_ctrl_with(p.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &o), 0);
	CHECK_EQ(other.ktoa[0].hwtail, 15);
	CHECK_EQ(other.atok[1].appl_need_kick, 1);
}

static void unbound(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);

	CHECK_ERR(
		conf_ctrl_with(conf_fd(), NETMAP_REQ_CSB_ENABLE, "", NULL, &o),
		0);
}

static void no_rings_no_records(void)
{
	struct nmreq_opt_csb o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_CSB}};
	uint64_t flags = NR_EXCLUSIVE | NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY;
	struct port p =
		conf_open_with("vale0:a", REG_SLOTS(16, .nr_flags = flags), &o);

	CHECK_EQ(conf_poll(p.fd, POLLIN), POLLERR);
}

static const struct claim claims[] = {
	{"the records begin as the rings are", initial_records},
	{"CSB_ENABLE does the same later", enabled_later},
	{"also when the rings have moved", enabled_in_the_middle},
	{"syncs are EBUSY, poll is POLLERR", no_syncs},
	{"CSB_ENABLE again changes the records", other_records},
	{"CSB_ENABLE of an unbound descriptor does nothing", unbound},
	{"without rings no memory is looked at", no_rings_no_records},
};

int main(void)
{
	conf_needs_memory();
	return CONF_RUN(claims);
}
