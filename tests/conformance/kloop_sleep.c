// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A loop without eventfds: frames go both ways, and no system call is made. */
#include "conf_csb.h"

#define FRAMES 300

static struct csb csb;

static void sends(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct loop l;

	loop_start(&l, &a, 10, NULL);
	for (uint32_t i = 0; i < FRAMES; i++) {
		AWAIT(csb_space(&csb.atok[0], &csb.ktoa[0], tx) > 0);
		csb_put(&csb.atok[0], tx, conf_frame(BROADCAST, 1, i));
		AWAIT((conf_rxsync(&b), !nm_ring_empty(conf_rx(&b, 0))));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	}
	loop_end(&l);
	CHECK_EQ(csb.ktoa[0].hwcur, FRAMES % 16);
	CHECK_EQ(csb.ktoa[0].hwtail, (FRAMES + 15) % 16);
	CHECK_EQ(csb.ktoa[0].kern_need_kick, 0);
	CHECK_EQ(tx->head, 0);
}

static void receives(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct netmap_ring *rx = conf_rx(&a, 0);
	struct loop l;

	loop_start(&l, &a, 0, NULL);
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);
		struct netmap_slot *s = &rx->slot[csb.atok[1].head];

		conf_send(&b, 0, f);
		AWAIT(csb_space(&csb.atok[1], &csb.ktoa[1], rx) == 1);
		CHECK_EQ(s->len, sizeof(f.data));
		CHECK_MEM(NETMAP_BUF(rx, s->buf_idx), f.data, sizeof(f.data));
		csb_advance(&csb.atok[1], rx, 1);
		if (i % 10 == 9)
			AWAIT(csb.ktoa[1].hwcur == csb.atok[1].head);
	}
	loop_end(&l);
	CHECK_EQ(csb.ktoa[1].kern_need_kick, 0);
}

static void pipes(void)
{
	struct port a = csb_open("vale0:x{1", 16, &csb);
	struct port b = conf_open("vale0:x}1");
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct loop l;

	loop_start(&l, &a, 10, NULL);
	for (uint32_t i = 0; i < FRAMES; i++) {
		AWAIT(csb_space(&csb.atok[0], &csb.ktoa[0], tx) > 0);
		csb_put(&csb.atok[0], tx, conf_frame(1, 2, i));
		AWAIT((conf_rxsync(&b), !nm_ring_empty(conf_rx(&b, 0))));
		conf_expect(&b, 0, conf_frame(1, 2, i));
	}
	conf_rxsync(&b);
	AWAIT(csb_space(&csb.atok[0], &csb.ktoa[0], tx) == 15);
	loop_end(&l);
}

/* Cursors that cannot be put the ring back where it was. */
static void bad_cursors(void)
{
	static const uint32_t bad[][2] = {
		{16, 16}, {0xffffffff, 0}, {5, 4}, {0, 16}};
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct loop l;

	loop_start(&l, &a, 10, NULL);
	csb_put(&csb.atok[0], tx, conf_frame(BROADCAST, 1, 0));
	AWAIT(csb.ktoa[0].hwcur == 1);
	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		struct nmreq_x_stats st;

		check_note("cursors %zu", i);
		nm_sync_kloop_appl_write(&csb.atok[0], bad[i][1], bad[i][0]);
		AWAIT((st = conf_stats("vale0:a", NETMAP_X_TX, 0),
		       st.resets > i));
		AWAIT(csb.atok[0].head == i + 1 && csb.atok[0].cur == i + 1);
		csb_put(&csb.atok[0], tx, conf_frame(BROADCAST, 1, i));
		AWAIT(csb.ktoa[0].hwcur == i + 2);
	}
	loop_end(&l);
	conf_drain(&b);
}

static void again_and_again(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");

	for (uint32_t i = 0; i < 20; i++) {
		struct loop l;

		loop_start(&l, &a, 1000000, NULL);
		csb_put(&csb.atok[0], conf_tx(&a, 0),
			conf_frame(BROADCAST, 1, i));
		/* Sent in the first round, or not at all. */
		loop_end(&l);
	}
	conf_drain(&b);
}

static const struct claim claims[] = {
	{"a loop sends what head has passed", sends},
	{"a loop receives, and takes slots back", receives},
	{"so on pipes", pipes},
	{"bad cursors reset the ring, the loop goes on", bad_cursors},
	{"it starts and stops, from a long sleep too", again_and_again},
};

int main(void)
{
	conf_needs_memory();
	need_threads();
	return CONF_RUN(claims);
}
