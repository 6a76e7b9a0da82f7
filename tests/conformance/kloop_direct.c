// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Direct mode: who kicks does the work. */
#include "conf_csb.h"
#include "conf_kicks.h"

#define BOTH (NM_OPT_SYNC_KLOOP_DIRECT_TX | NM_OPT_SYNC_KLOOP_DIRECT_RX)

static struct csb csb;

static void sends(void)
{
	for (uint32_t mode = 1; mode <= BOTH; mode++) {
		struct port a = csb_open("vale0:a", 16, &csb);
		struct port b = conf_open("vale0:b");

		kicked_sends(&a, &b, &csb, mode);
		conf_close(&a);
		conf_close(&b);
	}
}

static void receives(void)
{
	for (uint32_t mode = 1; mode <= BOTH; mode++) {
		struct port a = csb_open("vale0:a", 16, &csb);
		struct port b = conf_open("vale0:b");

		kicked_receives(&a, &b, &csb, mode);
		conf_close(&a);
		conf_close(&b);
	}
}

static void through_pipes(void)
{
	struct port a = csb_open("vale0:x{1", 16, &csb);
	struct port b = conf_open("vale0:x}1");

	kicked_sends(&a, &b, &csb, BOTH);
	conf_rxsync(&b);
	kicked_receives(&a, &b, &csb, BOTH);
}

/* Data at an address of the program cannot be fetched in any context: such
 * frames are dropped, and counted. */
static void no_indirect(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct frame f = conf_frame(BROADCAST, 1, 1);
	struct nmreq_x_stats st;
	struct kicks k;
	struct loop l;

	kicks_make(&k, BOTH);
	loop_start(&l, &a, 0, &k);
	AWAIT(csb.ktoa[0].kern_need_kick);
	for (uint32_t i = 0; i < 10; i++) {
		struct netmap_slot *s = &tx->slot[i];

		s->ptr = (uintptr_t)&f;
		s->len = sizeof(f.data);
		s->flags = NS_INDIRECT;
		csb_advance(&csb.atok[0], tx, 1);
		t_event_write(k.pair[0].ioeventfd);
		AWAIT(csb.ktoa[0].hwcur == i + 1);
	}
	loop_end(&l);
	st = conf_stats("vale0:a", NETMAP_X_TX, 0);
	CHECK_EQ(st.offered, 10);
	/* The loop may have been there first. */
	CHECK_EQ(st.sent + st.no_indirect, 10);
	kicks_end(&k);
	(void)b;
}

static const struct claim claims[] = {
	{"kicks send", sends},
	{"kicks give slots back, frames are told", receives},
	{"so on pipes", through_pipes},
	{"indirect data is sent or counted", no_indirect},
};

int main(void)
{
	conf_needs_memory();
	need_threads();
	return CONF_RUN(claims);
}
