// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REGISTER: which rings nr_mode and nr_ringid select, and what is refused. */
#include "conf.h"

/* Which entries of ring_ofs[] are there, as a word of bits. */
static uint32_t bound(const struct port *p)
{
	uint32_t n = p->nifp->ni_tx_rings + p->nifp->ni_host_tx_rings +
		     p->nifp->ni_rx_rings + p->nifp->ni_host_rx_rings;
	uint32_t bits = 0;

	CHECK(n <= 32);
	for (uint32_t i = 0; i < n; i++)
		bits |= (uint32_t)(p->nifp->ring_ofs[i] != 0) << i;
	return bits;
}

static void all_nic(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 3));

	CHECK_EQ(p.reg.nr_tx_rings, 2);
	CHECK_EQ(p.reg.nr_rx_rings, 3);
	CHECK_EQ(p.nifp->ni_tx_rings, 2);
	CHECK_EQ(p.nifp->ni_rx_rings, 3);
	/* tx 0 1, host tx, rx 0 1 2, host rx */
	CHECK_EQ(bound(&p), 0x3b);
}

static void reply(void)
{
	struct port p = conf_open("vale0:a");

	CHECK(p.reg.nr_memsize > 0);
	CHECK(p.reg.nr_offset < p.reg.nr_memsize);
	CHECK_EQ(p.reg.nr_tx_rings, 1);
	CHECK_EQ(p.reg.nr_rx_rings, 1);
	CHECK_EQ(p.reg.nr_tx_slots, 1024);
	CHECK_EQ(p.reg.nr_rx_slots, 1024);
	CHECK_EQ(p.reg.nr_host_tx_rings, 0);
	CHECK_EQ(p.reg.nr_host_rx_rings, 0);
	CHECK_EQ(p.reg.nr_extra_bufs, 0);
	CHECK(p.reg.nr_mem_id >= 2);
	CHECK_STR(p.nifp->ni_name, "vale0:a");
}

/* Software ports show a host entry in each direction that is never there. */
static void host_entries(void)
{
	static const char *const name[] = {"vale0:a", "vale0:a{1", "lone{1"};
	struct nmreq_register reg = REG(NR_REG_ALL_NIC, .nr_host_tx_rings = 3,
					.nr_host_rx_rings = 3);

	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		struct port p = conf_open_as(name[i], reg);

		check_note("port %s", name[i]);
		CHECK_EQ(p.reg.nr_host_tx_rings, 0);
		CHECK_EQ(p.reg.nr_host_rx_rings, 0);
		CHECK_EQ(p.nifp->ni_host_tx_rings, 1);
		CHECK_EQ(p.nifp->ni_host_rx_rings, 1);
		CHECK_EQ(bound(&p), 0x5);
		conf_close(&p);
	}
}

static void ring_headers(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_rings = 3,
					    .nr_rx_rings = 2, .nr_tx_slots = 16,
					    .nr_rx_slots = 32));

	for (uint32_t i = 0; i < 3; i++) {
		CHECK_EQ(conf_tx(&p, i)->ringid, i);
		CHECK_EQ(conf_tx(&p, i)->dir, 1);
		CHECK_EQ(conf_tx(&p, i)->num_slots, 16);
	}
	for (uint32_t i = 0; i < 2; i++) {
		CHECK_EQ(conf_rx(&p, i)->ringid, i);
		CHECK_EQ(conf_rx(&p, i)->dir, 0);
		CHECK_EQ(conf_rx(&p, i)->num_slots, 32);
	}
}

static void one_nic(void)
{
	struct port all =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 4));
	/* tx 0 1, host tx, rx 0 1 2 3, host rx */
	static const uint32_t want[] = {0x09, 0x12, 0x21, 0x41};

	for (uint16_t id = 0; id < 4; id++) {
		struct port p = conf_open_as(
			"vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = id));

		check_note("ring id %u", id);
		CHECK_EQ(bound(&p), want[id]);
		CHECK_EQ(p.nifp->ni_tx_rings, 2);
		CHECK_EQ(p.nifp->ni_rx_rings, 4);
		CHECK_EQ(p.reg.nr_ringid, id);
		CHECK_EQ(p.reg.nr_rx_rings, 4);
		CHECK_EQ(conf_rx(&p, id)->ringid, id);
		CHECK_EQ(conf_tx(&p, id < 2 ? id : 0)->ringid, id < 2 ? id : 0);
		conf_close(&p);
	}
	conf_close(&all);
}

static void ring_id_too_large(void)
{
	static const uint16_t bad[] = {4, 5, 256, 0x7fff, 0xffff};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("ring id %u", bad[i]);
		CHECK_ERR(conf_try("vale0:a",
				   REG(NR_REG_ONE_NIC, .nr_ringid = bad[i],
				       .nr_tx_rings = 4, .nr_rx_rings = 2)),
			  EINVAL);
		CHECK_ERR(conf_try("lone{1",
				   REG(NR_REG_ONE_NIC, .nr_ringid = bad[i],
				       .nr_tx_rings = 2, .nr_rx_rings = 4)),
			  EINVAL);
	}
	CHECK(!conf_exists("vale0:a"));
}

static void modes_refused(void)
{
	static const uint32_t bad[] = {NR_REG_DEFAULT,
				       NR_REG_PIPE_MASTER,
				       NR_REG_PIPE_SLAVE,
				       9,
				       10,
				       15,
				       16,
				       0x10001,
				       0xffffffffu};
	static const char *const name[] = {"vale0:a", "vale0:a{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		for (size_t k = 0; k < CONF_COUNT(name); k++) {
			check_note("mode %u on %s", bad[i], name[k]);
			CHECK_ERR(conf_try(name[k], REG(bad[i])), EINVAL);
			CHECK(!conf_exists(name[k]));
		}
	}
}

static void host_modes_refused(void)
{
	static const uint32_t mode[] = {NR_REG_SW, NR_REG_NIC_SW,
					NR_REG_ONE_SW};
	static const char *const name[] = {"vale0:a", "vale0:a{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(mode); i++) {
		for (size_t k = 0; k < CONF_COUNT(name); k++) {
			check_note("mode %u on %s", mode[i], name[k]);
			CHECK_ERR(conf_try(name[k], REG(mode[i])), EINVAL);
			CHECK(!conf_exists(name[k]));
		}
	}
}

static void unknown_region(void)
{
	static const uint16_t bad[] = {9999, 0x7fff, 0xffff};
	static const char *const name[] = {"vale0:a", "vale0:a{1", "lone}1"};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		for (size_t k = 0; k < CONF_COUNT(name); k++) {
			check_note("region %u for %s", bad[i], name[k]);
			CHECK_ERR(conf_try(name[k], REG(NR_REG_ALL_NIC,
							.nr_mem_id = bad[i])),
				  EINVAL);
		}
	}
}

static void refused_then_bound(void)
{
	struct nmreq_register reg = REG(NR_REG_DEFAULT);
	int fd = conf_fd();

	CHECK_ERR(conf_register(fd, "vale0:a", &reg), EINVAL);
	CHECK_ERR(conf_ioctl(fd, NIOCRXSYNC, NULL), ENXIO);
	reg = REG(NR_REG_ALL_NIC);
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
	CHECK_ERR(conf_ioctl(fd, NIOCRXSYNC, NULL), 0);
}

static const struct claim claims[] = {
	{"ALL_NIC binds every ring", all_nic},
	{"the reply tells region, rings and slots", reply},
	{"software ports have one empty host entry per direction",
	 host_entries},
	{"ring headers tell direction, number and slots", ring_headers},
	{"ONE_NIC binds a pair, or ring 0 where the id is out of range",
	 one_nic},
	{"a ring id beyond both directions is EINVAL", ring_id_too_large},
	{"modes 0, 5, 6 and from 9 on are EINVAL", modes_refused},
	{"host modes are EINVAL on ports without host rings",
	 host_modes_refused},
	{"an unknown nr_mem_id is EINVAL", unknown_region},
	{"a descriptor can be bound after a refusal", refused_then_bound},
};

int main(void)
{
	return CONF_RUN(claims);
}
