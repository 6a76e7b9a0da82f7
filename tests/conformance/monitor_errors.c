// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What cannot be monitored, and the names that do not lead to a monitor. */
#include "monitors.h"

static const uint64_t kinds[] = {COPY_TX, COPY_RX, COPY_BOTH, ZCOPY,
				 ZCOPY | COPY_TX};

static int try_all(const char *name, struct nmreq_register reg)
{
	uint64_t flags = reg.nr_flags;
	int first = -1;

	for (size_t i = 0; i < CONF_COUNT(kinds); i++) {
		int err;

		reg.nr_flags = flags | kinds[i];
		err = conf_try(name, reg);
		if (first < 0)
			first = err;
		CHECK_ERR(err, first);
	}
	return first;
}

static void no_port(void)
{
	static const char *const names[] = {"vale0:x", "nosuch0", "lone{1", "",
					    "vale0:a{1"};
	struct port a = conf_open("vale0:a");

	CHECK(a.fd >= 0);
	for (size_t i = 0; i < CONF_COUNT(names); i++) {
		check_note("name \"%s\"", names[i]);
		CHECK_ERR(try_all(names[i], REG(NR_REG_ALL_NIC)), ENXIO);
		if (*names[i])
			CHECK(!conf_exists(names[i]));
	}
	CHECK_ERR(try_all("vale:", REG(NR_REG_ALL_NIC)), ENOMEM);
}

static void nobody_there(void)
{
	struct port s = conf_open("vale0:a}1");

	CHECK(s.fd >= 0);
	CHECK_ERR(try_all("vale0:a{1", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(try_all("vale0:a", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(try_all("vale0:a}1", REG(NR_REG_ALL_NIC)), 0);
}

static void modes(void)
{
	static const uint32_t bad[] = {
		0, 5, 6, 9, 77, NR_REG_SW, NR_REG_NIC_SW, NR_REG_ONE_SW};
	struct port a = conf_open("vale0:a");

	CHECK(a.fd >= 0);
	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("mode %u", bad[i]);
		CHECK_ERR(try_all("vale0:a", REG(bad[i])), EINVAL);
	}
	CHECK_ERR(try_all("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 1)),
		  EINVAL);
	CHECK_ERR(try_all("vale0:a",
			  REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY)),
		  EINVAL);
	CHECK_ERR(try_all("vale0:a", REG(NR_REG_ALL_NIC, .nr_mem_id = 777)),
		  EINVAL);
	CHECK_ERR(try_all("vale0:a", REG(NR_REG_ALL_NIC)), 0);
}

/* Its name serves to read its counters, and nothing else. */
static void no_name_reaches_it(void)
{
	struct port a = conf_open("vale0:a"), x;
	struct port m = mon_open("vale0:a", COPY_TX);

	CHECK_STR(m.nifp->ni_name, "vale0:a/t#0");
	CHECK(conf_exists("vale0:a/t#0"));
	CHECK_ERR(try_all("vale0:a/t#0", REG(NR_REG_ALL_NIC)), ENXIO);
	x = conf_open("vale0:a/t#0");
	CHECK_EQ(x.reg.nr_tx_rings, 1);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
	mon_expect(&m, 0, conf_frame(BROADCAST, 1, 1), NS_TXMON);
	conf_expect(&x, 0, conf_frame(BROADCAST, 1, 1));
}

/* A failed one leaves nothing, and does not take a number. */
static void zero_copy_needs_room_in_the_region(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct port m;

	CHECK_ERR(conf_try("vale0:a", REG_SLOTS(4096, .nr_flags = ZCOPY)),
		  ENOMEM);
	m = mon_open("vale0:a", COPY_TX);
	CHECK(a.fd >= 0 && m.fd >= 0);
}

static void longest_name(void)
{
	struct port p = conf_open("valeABCDEFGHIJK:ABCDEFGHIJKLMNO{"
				  "0123456789012345678901234567890");
	struct port m = mon_open("valeABCDEFGHIJK:ABCDEFGHIJKLMNO{"
				 "0123456789012345678901234567890",
				 ZCOPY);

	conf_send(&p, 0, conf_frame(1, 2, 3));
	CHECK_EQ(conf_poll(m.fd, POLLIN), 0);
	CHECK(conf_exists("valeABCDEFGHIJK:ABCDEFGHIJKLMNO{"
			  "0123456789012345678901234/zrt#0"));
}

static const struct claim claims[] = {
	{"ENXIO: there is no such port, and none is made", no_port},
	{"EINVAL: nobody uses the port", nobody_there},
	{"modes and rings are refused as for other ports", modes},
	{"no name reaches a monitor", no_name_reaches_it},
	{"ENOMEM: a zero copy monitor too large for the port's region",
	 zero_copy_needs_room_in_the_region},
	{"a long name of a port is cut in the monitor's", longest_name},
};

int main(void)
{
	return CONF_RUN(claims);
}
