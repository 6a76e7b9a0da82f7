// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switch ports with many rings: which ring a frame arrives in. */
#include "conf.h"

static struct port with_rings(const char *name, uint16_t tx, uint16_t rx)
{
	return conf_open_as(
		name, REG_SLOTS(64, .nr_tx_rings = tx, .nr_rx_rings = rx));
}

/* Station 2 is at @b. */
static void learn(struct port *a, struct port *b)
{
	conf_send(b, 0, conf_frame(BROADCAST, 2, 0));
	conf_drain(a);
}

static void modulo(uint16_t tx, uint16_t rx)
{
	struct port a = with_rings("vale0:a", tx, 1);
	struct port b = with_rings("vale0:b", 1, rx);

	learn(&a, &b);
	for (uint32_t i = 0; i < tx; i++) {
		struct frame f = conf_frame(2, 1, i);

		check_note("tx ring %u of %u to %u", i, tx, rx);
		conf_send(&a, i, f);
		conf_expect(&b, i % rx, f);
		conf_expect_none(&b);
	}
	conf_close(&a);
	conf_close(&b);
}

static void unicast(void)
{
	static const uint16_t n[] = {1, 2, 3, 4, 7, 16};

	for (size_t i = 0; i < CONF_COUNT(n); i++)
		for (size_t k = 0; k < CONF_COUNT(n); k++)
			modulo(n[i], n[k]);
}

static void floods(void)
{
	static const uint32_t dst[] = {BROADCAST, MULTICAST(3), 77};
	struct port a = with_rings("vale0:a", 4, 4);
	struct port b = with_rings("vale0:b", 4, 4);
	struct port c = with_rings("vale0:c", 1, 2);

	for (uint32_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < CONF_COUNT(dst); k++) {
			struct frame f = conf_frame(dst[k], 1, i);

			check_note("tx ring %u to 0x%x", i, dst[k]);
			conf_send(&a, i, f);
			conf_expect(&b, 0, f);
			conf_expect_none(&b);
			conf_expect(&c, 0, f);
			conf_expect_none(&c);
		}
	}
}

/* One sync sends on all rings; each destination ring is in order. */
static void order_per_ring(void)
{
	struct port a = with_rings("vale0:a", 4, 1);
	struct port b = with_rings("vale0:b", 1, 4);

	learn(&a, &b);
	for (uint32_t i = 0; i < 160; i++)
		conf_put_frame(conf_tx(&a, i % 4), conf_frame(2, 1, i));
	conf_txsync(&a);
	for (uint32_t i = 0; i < 160; i++)
		conf_expect(&b, i % 4, conf_frame(2, 1, i));
	conf_expect_none(&b);
}

static void ring_nobody_bound(void)
{
	struct port a = with_rings("vale0:a", 2, 2);
	struct port b =
		conf_open_as("vale0:b", REG(NR_REG_ONE_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 2));
	struct frame f = conf_frame(2, 1, 1), g = conf_frame(2, 1, 2);

	learn(&a, &b);
	conf_send(&a, 1, f);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 1)), 63);
	conf_expect_none(&b);
	conf_send(&a, 0, g);
	conf_expect(&b, 0, g);
}

static void no_rx_rings_bound(void)
{
	struct port a = conf_open("vale0:a");
	struct port b = conf_open_as(
		"vale0:b", REG(NR_REG_ALL_NIC, .nr_flags = NR_TX_RINGS_ONLY));
	struct port c = conf_open("vale0:c");
	struct frame f = conf_frame(BROADCAST, 1, 1), g = conf_frame(2, 1, 2);

	learn(&a, &b);
	conf_drain(&c);
	conf_send(&a, 0, f);
	conf_expect(&c, 0, f);
	conf_send(&a, 0, g);
	conf_expect_none(&c);
	CHECK_EQ(nm_ring_space(conf_tx(&a, 0)), 1023);
}

static void full_ring_of_many(void)
{
	struct port a = with_rings("vale0:a", 2, 1);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(4, .nr_rx_rings = 2));

	learn(&a, &b);
	for (uint32_t i = 0; i < 10; i++)
		conf_send(&a, 0, conf_frame(2, 1, i));
	conf_send(&a, 1, conf_frame(2, 1, 99));
	conf_expect(&b, 1, conf_frame(2, 1, 99));
	for (uint32_t i = 0; i < 3; i++)
		conf_expect(&b, 0, conf_frame(2, 1, i));
	conf_expect_none(&b);
}

static const struct claim claims[] = {
	{"known stations: sender's ring modulo receiver's rings", unicast},
	{"floods arrive in ring 0", floods},
	{"each ring keeps its order", order_per_ring},
	{"frames for a ring that nobody has bound are dropped",
	 ring_nobody_bound},
	{"a port bound for sending only receives nothing", no_rx_rings_bound},
	{"a full ring leaves the others alone", full_ring_of_many},
};

int main(void)
{
	return CONF_RUN(claims);
}
