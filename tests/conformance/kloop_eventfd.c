// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A loop with eventfds: it sleeps until it is kicked, and kicks. */
#include "conf_csb.h"
#include "conf_kicks.h"

static struct csb csb;

static void idle_state(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	loop_start(&l, &a, 0, &k);
	AWAIT(csb.ktoa[0].kern_need_kick == 1);
	AWAIT(csb.ktoa[1].kern_need_kick == 0);
	loop_end(&l);
	kicks_end(&k);
}

static void kick_sends(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");

	kicked_sends(&a, &b, &csb, 0);
}

static void frames_kick(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");

	kicked_receives(&a, &b, &csb, 0);
}

/* Who does not want to be told is not. */
static void unwanted(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	csb.atok[0].appl_need_kick = csb.atok[1].appl_need_kick = 0;
	loop_start(&l, &a, 0, &k);
	conf_send(&b, 0, conf_frame(BROADCAST, 1, 1));
	AWAIT(csb_space(&csb.atok[1], &csb.ktoa[1], conf_rx(&a, 0)) == 1);
	loop_end(&l);
	CHECK_EQ(t_event_read(k.pair[0].irqfd, 0), 0);
	CHECK_EQ(t_event_read(k.pair[1].irqfd, 0), 0);
	kicks_end(&k);
}

/* A receive ring with no slot left asks to be told of released ones. */
static void full_ring_wants_kick(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64));
	struct netmap_ring *rx = conf_rx(&a, 0);
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	loop_start(&l, &a, 0, &k);
	for (uint32_t i = 0; i < 20; i++)
		conf_put_frame(conf_tx(&b, 0), conf_frame(BROADCAST, 1, i));
	conf_txsync(&b);
	AWAIT(csb_space(&csb.atok[1], &csb.ktoa[1], rx) == 15);
	AWAIT(csb.ktoa[1].kern_need_kick == 1);
	csb_advance(&csb.atok[1], rx, 15);
	t_event_write(k.pair[1].ioeventfd);
	AWAIT(csb.ktoa[1].hwcur == 15);
	conf_send(&b, 0, conf_frame(BROADCAST, 1, 1));
	AWAIT(csb_space(&csb.atok[1], &csb.ktoa[1], rx) == 1);
	loop_end(&l);
	kicks_end(&k);
}

static void no_irqfds(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	for (int i = 0; i < 2; i++)
		k.pair[i].irqfd = -1;
	loop_start(&l, &a, 0, &k);
	for (uint32_t i = 0; i < 100; i++) {
		csb_put(&csb.atok[0], conf_tx(&a, 0),
			conf_frame(BROADCAST, 1, i));
		t_event_write(k.pair[0].ioeventfd);
		AWAIT(csb.ktoa[0].hwcur == (i + 1) % 16);
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	}
	loop_end(&l);
	kicks_end(&k);
}

/* One ring without an ioeventfd: the loop looks by itself. */
static void some_ioeventfds(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	t_event_close(k.pair[1].ioeventfd);
	k.pair[1].ioeventfd = -1;
	loop_start(&l, &a, 10, &k);
	for (uint32_t i = 0; i < 100; i++) {
		csb_put(&csb.atok[0], conf_tx(&a, 0),
			conf_frame(BROADCAST, 1, i));
		AWAIT(csb.ktoa[0].hwcur == (i + 1) % 16);
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
	}
	CHECK(t_event_read(k.pair[0].irqfd, 10000) > 0);
	CHECK_EQ(csb.ktoa[0].kern_need_kick, 0);
	loop_end(&l);
	kicks_end(&k);
}

static const struct claim claims[] = {
	{"at rest tx rings want a kick, rx rings do not", idle_state},
	{"a kick sends, and what comes back is told", kick_sends},
	{"frames that come are told", frames_kick},
	{"who does not want to be told is not", unwanted},
	{"a full rx ring wants a kick", full_ring_wants_kick},
	{"irqfds are optional", no_irqfds},
	{"with one ioeventfd missing the loop sleeps by time", some_ioeventfds},
};

int main(void)
{
	conf_needs_memory();
	need_threads();
	return CONF_RUN(claims);
}
