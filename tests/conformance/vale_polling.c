// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Polling mode: whom it refuses, and what it does on attached interfaces. */
#include "conf_vale.h"
#include "legacy.h"

static int polling(const char *name, bool on)
{
	struct nmreq_vale_polling b = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_num_polling_cpus = 1,
	};

	return vale_ctrl(on ? NETMAP_REQ_VALE_POLLING_ENABLE
			    : NETMAP_REQ_VALE_POLLING_DISABLE,
			 name, &b);
}

static void refused(const char *name, int err)
{
	check_note("name \"%s\"", name);
	CHECK_ERR(polling(name, true), err);
	CHECK_ERR(polling(name, false), err);
}

static void needs_an_attached_nic(void)
{
	struct port a = conf_open("vale0:a");

	refused("", EINVAL);
	refused("eth0", EINVAL);
	refused("vale0", EINVAL);
	refused("vale0:nosuch", ENXIO);
	refused("vale1:a", ENXIO);
	refused("vale0:a", EOPNOTSUPP);
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_NIC_SW), 0);
	refused("vale0:per0", EOPNOTSUPP);
	refused("vale0:per0^", EOPNOTSUPP);
	CHECK_ERR(attach("vale1:per0"), 0);
	refused("vale1:per0", EOPNOTSUPP);
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
	conf_close(&a);
}

/* ---- on an interface ---- */

enum { PROG = 1, WIRE = 2 };

#define RINGS 3

static struct port a, wire;

static void make(void)
{
	conf_nic_pair("eth0", "wire0",
		      (struct t_nic){.tx_rings = RINGS,
				     .rx_rings = RINGS,
				     .tx_slots = 16,
				     .rx_slots = 16});
	CHECK_ERR(attach_as("vale0:eth0", NR_REG_NIC_SW), 0);
	wire = conf_open("wire0");
	a = conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_rings = RINGS,
					.nr_rx_rings = RINGS));
	conf_send(&a, 0, conf_frame(BROADCAST, PROG, 0));
	conf_await(&wire, 0, conf_frame(BROADCAST, PROG, 0));
}

static int enable(uint32_t mode, uint32_t first, uint32_t n)
{
	struct nmreq_vale_polling b = {
		.nr_mode = mode,
		.nr_first_cpu_id = first,
		.nr_num_polling_cpus = n,
	};

	return vale_ctrl(NETMAP_REQ_VALE_POLLING_ENABLE, "vale0:eth0", &b);
}

static int disable(void)
{
	return polling("vale0:eth0", false);
}

/* How many processors may poll, up to as many as there are rings. */
static uint32_t pollers(void)
{
	uint32_t n = 0;

	while (n < RINGS && !enable(NETMAP_POLLING_MODE_MULTI_CPU, 0, n + 1)) {
		CHECK_ERR(disable(), 0);
		n++;
	}
	if (!n)
		check_skip("polling needs a second processor");
	return n;
}

/* Every ring, both ways. */
static void traffic(void)
{
	for (uint32_t i = 0; i < 60; i++) {
		conf_send(&wire, i % RINGS, conf_frame(PROG, WIRE, i));
		conf_await(&a, i % RINGS, conf_frame(PROG, WIRE, i));
		conf_send(&a, i % RINGS, conf_frame(WIRE, PROG, i));
		conf_await(&wire, i % RINGS, conf_frame(WIRE, PROG, i));
	}
	conf_expect_none(&a);
	conf_expect_none(&wire);
}

static void polled(uint32_t mode, uint32_t first, uint32_t n)
{
	check_note("mode %u, from %u on, %u", mode, first, n);
	CHECK_ERR(enable(mode, first, n), 0);
	traffic();
	CHECK_ERR(enable(mode, first, n), EFAULT);
	CHECK_ERR(detach("vale0:eth0"), EBUSY);
	traffic();
	CHECK_ERR(disable(), 0);
	CHECK_ERR(disable(), EFAULT);
	traffic();
}

static void single(void)
{
	make();
	for (uint32_t cpu = 0; cpu < pollers(); cpu++)
		polled(NETMAP_POLLING_MODE_SINGLE_CPU, cpu, 1);
	CHECK_ERR(detach("vale0:eth0"), 0);
}

static void multi(void)
{
	uint32_t max;

	make();
	max = pollers();
	for (uint32_t n = 1; n <= max; n++)
		for (uint32_t first = 0; first + n <= max; first++)
			polled(NETMAP_POLLING_MODE_MULTI_CPU, first, n);
	CHECK_ERR(detach("vale0:eth0"), 0);
}

static void arguments(void)
{
	make();
	CHECK_ERR(disable(), EFAULT);
	CHECK_ERR(enable(0, 0, 1), EINVAL);
	CHECK_ERR(enable(3, 0, 1), EINVAL);
	for (uint32_t mode = NETMAP_POLLING_MODE_SINGLE_CPU;
	     mode <= NETMAP_POLLING_MODE_MULTI_CPU; mode++) {
		check_note("mode %u", mode);
		CHECK_ERR(enable(mode, 0, 0), EINVAL);
		CHECK_ERR(enable(mode, 0, 100000), EINVAL);
		CHECK_ERR(enable(mode, 0, UINT32_MAX), EINVAL);
		CHECK_ERR(enable(mode, 100000, 1), EINVAL);
		CHECK_ERR(enable(mode, UINT32_MAX, 1), EINVAL);
	}
	CHECK_ERR(enable(NETMAP_POLLING_MODE_SINGLE_CPU, 0, 2), EINVAL);
	CHECK_ERR(enable(NETMAP_POLLING_MODE_MULTI_CPU, RINGS, 1), EINVAL);
	CHECK_ERR(enable(NETMAP_POLLING_MODE_MULTI_CPU, 1, RINGS), EINVAL);
	CHECK_ERR(disable(), EFAULT);
	refused("vale0:eth0^", EOPNOTSUPP);
	traffic();
	CHECK_ERR(detach("vale0:eth0"), 0);
}

/* What arrives between is not lost, and not left lying. */
static void on_and_off(void)
{
	make();
	pollers();
	for (uint32_t i = 0; i < 50; i++) {
		uint32_t ring = i % RINGS;

		conf_send(&wire, ring, conf_frame(PROG, WIRE, 2 * i));
		CHECK_ERR(enable(NETMAP_POLLING_MODE_SINGLE_CPU, 0, 1), 0);
		conf_send(&wire, ring, conf_frame(PROG, WIRE, 2 * i + 1));
		CHECK_ERR(disable(), 0);
		conf_await(&a, ring, conf_frame(PROG, WIRE, 2 * i));
		conf_await(&a, ring, conf_frame(PROG, WIRE, 2 * i + 1));
	}
}

static void removed(void)
{
	make();
	pollers();
	CHECK_ERR(enable(NETMAP_POLLING_MODE_SINGLE_CPU, 0, 1), 0);
	conf_send(&wire, 0, conf_frame(PROG, WIRE, 1));
	conf_await(&a, 0, conf_frame(PROG, WIRE, 1));
	t_nics->remove("eth0");
	CHECK_ERR(disable(), ENXIO);
	conf_send(&a, 0, conf_frame(BROADCAST, PROG, 1));
	conf_expect_none(&a);
}

/* Older programs say NR_REG_ONE_NIC for a processor per ring, and NR_REG_ALL_NIC
 * for one that serves them all. */
static int older(uint16_t cmd, uint32_t mode, uint16_t cpus)
{
	struct nmreq r = LEGACY("vale0:eth0", .nr_cmd = cmd, .nr_flags = mode,
				.nr_arg1 = cpus);

	return legacy_try(NIOCREGIF, &r);
}

static void by_older_requests(void)
{
	make();
	CHECK_ERR(older(NETMAP_BDG_POLLING_ON, NR_REG_NIC_SW, 1), EINVAL);
	for (uint32_t i = 0; i < 2; i++) {
		CHECK_ERR(older(NETMAP_BDG_POLLING_ON,
				i ? NR_REG_ONE_NIC : NR_REG_ALL_NIC, 1),
			  0);
		/* EFAULT: it is on already, or not any more. */
		CHECK_ERR(enable(NETMAP_POLLING_MODE_SINGLE_CPU, 0, 1), EFAULT);
		CHECK_ERR(older(NETMAP_BDG_POLLING_OFF,
				i ? NR_REG_ONE_NIC : NR_REG_ALL_NIC, 1),
			  0);
		CHECK_ERR(disable(), EFAULT);
	}
}

static const struct claim claims[] = {
	{"only attached NICs can be polled", needs_an_attached_nic},
};

static const struct claim on_nics[] = {
	{"only attached NICs can be polled", needs_an_attached_nic},
	{"one processor polls all rings, until it is disabled", single},
	{"processors poll a ring each, wakes serve the others", multi},
	{"bad modes, processors and rings are refused", arguments},
	{"frames on the way outlive the change of mode", on_and_off},
	{"a polled interface may be removed", removed},
	{"older requests switch it on and off", by_older_requests},
};

int main(void)
{
	if (t_nics)
		return CONF_RUN(on_nics);
	return CONF_RUN(claims);
}
