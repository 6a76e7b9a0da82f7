// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches: how many there can be, and how many ports on one. */
#include "conf.h"

static struct port small(int sw, int n)
{
	char name[32];

	snprintf(name, sizeof(name), "vale%d:p%d", sw, n);
	return conf_open_as(name, REG_SLOTS(4));
}

static void switches(void)
{
	struct port p[8], q;

	for (int i = 0; i < 8; i++)
		p[i] = small(i, 0);
	CHECK_ERR(conf_try("vale8:p0", REG_SLOTS(4)), ENOMEM);
	CHECK_ERR(conf_try("vale8:p0{1", REG_SLOTS(4)), ENOMEM);
	CHECK(!conf_exists("vale8:p0"));
	/* The ones that are there can have more ports. */
	q = small(3, 1);
	conf_close(&p[3]);
	CHECK_ERR(conf_try("vale8:p0", REG_SLOTS(4)), ENOMEM);
	conf_close(&q);
	CHECK_ERR(conf_try("vale8:p0", REG_SLOTS(4)), 0);
}

/* A station at each port is learned, and found there alone. */
static void all_found(struct port *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		conf_send(&p[i], 0, conf_frame(1000 + i, 1000 + i, 0));
	for (uint32_t i = 0; i < n; i++) {
		struct frame f = conf_frame(1000 + i, 5000, i);

		check_note("station %u", i);
		conf_send(&p[(i + 1) % n], 0, f);
		conf_expect(&p[i], 0, f);
		conf_rxsync(&p[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		conf_expect_none(&p[i]);
}

static void ports(void)
{
	struct port p[252];
	struct frame f = conf_frame(BROADCAST, 1, 1);

	for (int i = 0; i < 252; i++)
		p[i] = small(0, i);
	all_found(p, 252);
	CHECK_ERR(conf_try("vale0:more", REG_SLOTS(4)), ENOMEM);
	CHECK(!conf_exists("vale0:more"));
	conf_send(&p[100], 0, f);
	for (int i = 0; i < 252; i++) {
		check_note("port %d", i);
		if (i != 100)
			conf_expect(&p[i], 0, f);
		conf_expect_none(&p[i]);
	}
	CHECK_ERR(conf_try("vale1:more", REG_SLOTS(4)), 0);
	conf_close(&p[17]);
	CHECK_ERR(conf_try("vale0:more", REG_SLOTS(4)), 0);
}

static void small_rings(void)
{
	for (uint32_t slots = 1; slots < 5; slots++) {
		struct port a = conf_open_as("vale0:a", REG_SLOTS(slots));
		struct port b = conf_open_as("vale0:b", REG_SLOTS(slots));

		check_note("%u slots", slots);
		CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), slots - 1);
		for (uint32_t i = 0; i < 10 && slots > 1; i++) {
			conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
			conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
			conf_rxsync(&b);
		}
		conf_txsync(&a);
		conf_rxsync(&b);
		conf_close(&a);
		conf_close(&b);
	}
}

/* More slots than a batch of the switch. */
static void large_rings(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(4096));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(4096));

	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 4095; i++)
			conf_put_frame(conf_tx(&a, 0),
				       conf_frame(BROADCAST, 1, i));
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 4095);
		conf_rxsync(&b);
		CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 4095);
		for (uint32_t i = 0; i < 4095; i++) {
			struct frame f = conf_frame(BROADCAST, 1, i), got;

			CHECK_EQ(conf_get(conf_rx(&b, 0), got.data, 60), 60);
			CHECK_MEM(got.data, f.data, 60);
		}
		conf_rxsync(&b);
	}
}

static void come_and_go(void)
{
	struct port keep = small(0, 999);
	struct frame f = conf_frame(BROADCAST, 1, 1);

	for (int i = 0; i < 300; i++) {
		struct port p = small(0, i);

		conf_send(&p, 0, f);
		conf_close(&p);
	}
	for (uint32_t i = 0; i < 3; i++)
		conf_expect(&keep, 0, f);
	conf_expect_none(&keep);
}

static const struct claim claims[] = {
	{"there are 8 switches, a ninth is ENOMEM until one is gone", switches},
	{"a switch has 252 ports, all reached; one more is ENOMEM", ports},
	{"rings of 1 to 4 slots work", small_rings},
	{"rings of 4096 slots work", large_rings},
	{"300 ports can come and go", come_and_go},
};

int main(void)
{
	return CONF_RUN(claims);
}
