// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REGISTER: NR_EXCLUSIVE, in every combination of two binds. */
#include "conf.h"

#define RINGS 2

/* A bind of the port with 2 tx and 2 rx rings. */
struct bind {
	int ring; /* -1: all */
	uint64_t only;
	bool exclusive;
};

static const uint64_t onlys[] = {0, NR_RX_RINGS_ONLY, NR_TX_RINGS_ONLY,
				 NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY};

#define BINDS (3 * 4 * 2)

static struct bind bind_number(unsigned int n)
{
	struct bind b = {.ring = (int)(n % 3) - 1,
			 .only = onlys[n / 3 % 4],
			 .exclusive = n / 12};

	return b;
}

/* The rings it selects: bits 0 and 1 tx, bits 2 and 3 rx. */
static unsigned int selected(struct bind b)
{
	unsigned int rings = b.ring < 0 ? 3 : 1u << b.ring;
	unsigned int set = 0;

	if (!(b.only & NR_RX_RINGS_ONLY))
		set |= rings;
	if (!(b.only & NR_TX_RINGS_ONLY))
		set |= rings << RINGS;
	return set;
}

static struct nmreq_register request(struct bind b)
{
	uint64_t flags = b.only | (b.exclusive ? NR_EXCLUSIVE : 0);

	if (b.ring < 0)
		return REG_SLOTS(4, .nr_flags = flags, .nr_tx_rings = RINGS,
				 .nr_rx_rings = RINGS);
	return REG(NR_REG_ONE_NIC, .nr_ringid = (uint16_t)b.ring,
		   .nr_flags = flags, .nr_tx_slots = 4, .nr_rx_slots = 4,
		   .nr_tx_rings = RINGS, .nr_rx_rings = RINGS);
}

static void pair_on(const char *name, unsigned int first, unsigned int second)
{
	struct bind a = bind_number(first), b = bind_number(second);
	bool conflict =
		(selected(a) & selected(b)) && (a.exclusive || b.exclusive);
	struct nmreq_register reg;
	int one = conf_fd(), two = conf_fd();

	check_note("%s: ring %d only 0x%llx %s, then ring %d only 0x%llx %s",
		   name, a.ring, (unsigned long long)a.only,
		   a.exclusive ? "exclusive" : "shared", b.ring,
		   (unsigned long long)b.only,
		   b.exclusive ? "exclusive" : "shared");
	reg = request(a);
	CHECK_ERR(conf_register(one, name, &reg), 0);
	reg = request(b);
	CHECK_ERR(conf_register(two, name, &reg), conflict ? EBUSY : 0);
	/* With the first one gone, nothing is in the way. */
	conf_fd_close(one);
	if (conflict)
		CHECK_ERR(conf_register(two, name, &reg), 0);
	conf_fd_close(two);
}

static void every_pair(const char *name)
{
	for (unsigned int i = 0; i < BINDS; i++)
		for (unsigned int j = 0; j < BINDS; j++)
			pair_on(name, i, j);
}

static void vale_pairs(void)
{
	every_pair("vale0:a");
}

static void pipe_pairs(void)
{
	every_pair("lone{1");
}

static void disjoint_rings_traffic(void)
{
	struct nmreq_register reg =
		REG(NR_REG_ONE_NIC, .nr_tx_rings = 2, .nr_rx_rings = 2,
		    .nr_flags = NR_EXCLUSIVE);
	struct port peer =
		conf_open_as("vale0:b", REG(NR_REG_ALL_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 2));
	struct port one = conf_open_as("vale0:a", reg), two;
	struct frame f = conf_frame(BROADCAST, 1, 1);
	struct frame g = conf_frame(2, 1, 2), h = conf_frame(1, 2, 3);

	reg.nr_ringid = 1;
	two = conf_open_as("vale0:a", reg);
	conf_send(&one, 0, f);
	conf_expect(&peer, 0, f);
	conf_send(&peer, 1, h);
	conf_expect_none(&one);
	conf_expect(&two, 1, h);
	conf_send(&two, 1, g);
	conf_expect(&peer, 1, g);
}

static void three_users(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:a");
	struct nmreq_register reg =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE);

	CHECK_ERR(conf_try("vale0:a", reg), EBUSY);
	conf_close(&a);
	CHECK_ERR(conf_try("vale0:a", reg), EBUSY);
	conf_close(&b);
	CHECK_ERR(conf_try("vale0:a", reg), 0);
}

static void ends_apart(void)
{
	struct nmreq_register reg =
		REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE);
	struct port m = conf_open_as("lone{1", reg);
	struct port s = conf_open_as("lone}1", reg);
	struct frame f = conf_frame(1, 2, 3);

	conf_send(&m, 0, f);
	conf_expect(&s, 0, f);
	CHECK_ERR(conf_try("lone}1", REG(NR_REG_ALL_NIC)), EBUSY);
}

static const struct claim claims[] = {
	{"on a switch port, two binds conflict exactly if they overlap and "
	 "one is exclusive",
	 vale_pairs},
	{"on a pipe, two binds conflict exactly if they overlap and one is "
	 "exclusive",
	 pipe_pairs},
	{"exclusive binds of different rings of one port both work",
	 disjoint_rings_traffic},
	{"an exclusive bind waits for the last of several users", three_users},
	{"the two ends of a pipe can both be exclusive", ends_apart},
};

int main(void)
{
	return CONF_RUN(claims);
}
