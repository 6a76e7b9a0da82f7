// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Several monitors on one port do not know of each other. */
#include "monitors.h"

static void copies(void)
{
	enum { MANY = 20 };
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port m[MANY];
	char name[32];

	CHECK(b.fd >= 0);
	for (uint32_t i = 0; i < MANY; i++) {
		m[i] = mon_open("vale0:a", i % 2 ? COPY_TX : COPY_BOTH);
		snprintf(name, sizeof(name), "vale0:a/%s#%u",
			 i % 2 ? "t" : "rt", i);
		name[15] = 0;
		CHECK_STR(m[i].nifp->ni_name, name);
	}
	conf_send(&a, 0, conf_any(1));
	conf_send(&b, 0, conf_any(2));
	for (uint32_t i = 0; i < MANY; i++) {
		conf_rxsync(&m[i]);
		mon_next(&m[i], 0, conf_any(1), NS_TXMON);
		if (i % 2 == 0)
			mon_next(&m[i], 0, conf_any(2), ONE_SLOT);
		CHECK_EQ(nm_ring_space(conf_rx(&m[i], 0)), 0);
	}
}

/* One that is full, or closed, is not missed by the others. */
static void come_and_go(void)
{
	struct port a = conf_open("vale0:a");
	struct port full = mon_open_as("vale0:a", COPY_TX, REG_SLOTS(2));
	struct port mid = mon_open("vale0:a", COPY_TX);
	struct port last = mon_open("vale0:a", COPY_TX);

	for (uint32_t i = 0; i < 3; i++)
		conf_send(&a, 0, conf_any(i));
	conf_close(&mid);
	conf_send(&a, 0, conf_any(3));
	conf_close(&full);
	conf_send(&a, 0, conf_any(4));
	conf_rxsync(&last);
	for (uint32_t i = 0; i < 5; i++)
		mon_next(&last, 0, conf_any(i), NS_TXMON);
	mid = mon_open("vale0:a", COPY_TX);
	conf_close(&last);
	conf_send(&a, 0, conf_any(5));
	mon_expect(&mid, 0, conf_any(5), NS_TXMON);
}

/* Only one can have a buffer: all see the frame. */
static void zero_copies(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(16));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(16));
	struct port m[3];

	for (uint32_t i = 0; i < 3; i++)
		m[i] = mon_open("vale0:a", ZCOPY);
	for (uint32_t n = 0; n < 40; n++) {
		conf_send(&a, 0, conf_any(n));
		conf_drain(&b);
		conf_send(&b, 0, conf_any(1000 + n));
		conf_expect(&a, 0, conf_any(1000 + n));
		conf_rxsync(&a);
		for (uint32_t i = 0; i < 3; i++) {
			conf_rxsync(&m[i]);
			mon_next(&m[i], 0, conf_any(n), NS_TXMON);
			mon_next(&m[i], 0, conf_any(1000 + n), ONE_SLOT);
		}
	}
}

static void of_both_kinds(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port copy = mon_open("vale0:a", COPY_BOTH);
	struct port zero = mon_open("vale0:a", ZCOPY);

	conf_send(&b, 0, conf_any(1));
	mon_expect(&copy, 0, conf_any(1), ONE_SLOT);
	conf_expect_none(&zero);
	conf_expect(&a, 0, conf_any(1));
	conf_rxsync(&a);
	mon_expect(&zero, 0, conf_any(1), ONE_SLOT);
	conf_expect_none(&copy);
	conf_send(&a, 0, conf_any(2));
	mon_expect(&copy, 0, conf_any(2), NS_TXMON);
	mon_expect(&zero, 0, conf_any(2), NS_TXMON);
}

/* Who has the port for himself is monitored like anybody. */
static void exclusive_port(void)
{
	struct nmreq_register alone =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE);
	struct port a = conf_open_as("vale0:a", alone);
	struct port m = mon_open("vale0:a", COPY_TX);
	struct port z = mon_open("vale0:a", ZCOPY | NR_EXCLUSIVE);
	struct port n = mon_open("vale0:a", COPY_TX | NR_EXCLUSIVE);

	conf_send(&a, 0, conf_any(1));
	mon_expect(&m, 0, conf_any(1), NS_TXMON);
	mon_expect(&z, 0, conf_any(1), NS_TXMON);
	mon_expect(&n, 0, conf_any(1), NS_TXMON);
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ALL_NIC)), EBUSY);
	conf_close(&a);
	/* Monitors did not keep the port: another may have it. */
	a = conf_open_as("vale0:a", alone);
}

static const struct claim claims[] = {
	{"twenty copy monitors see everything", copies},
	{"monitors come, go and overflow without the others", come_and_go},
	{"several zero copy monitors all see every frame", zero_copies},
	{"copy and zero copy monitors each see frames in their time",
	 of_both_kinds},
	{"an exclusive bind does not hinder monitors", exclusive_port},
};

int main(void)
{
	return CONF_RUN(claims);
}
