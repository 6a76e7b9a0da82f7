/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conf_kicks.h - eventfds of a port with one ring each way, and traffic that
 * goes by them alone. */
#ifndef CONFORMANCE_CONF_KICKS_H
#define CONFORMANCE_CONF_KICKS_H

#include "conf_csb.h"

#define KICKS 300

/* The two options in a row, as the request takes them. */
struct kicks {
	struct nmreq_option o;
	struct {
		int32_t ioeventfd, irqfd;
	} pair[2];
	struct nmreq_opt_sync_kloop_mode mode;
};

static inline void kicks_make(struct kicks *k, uint32_t mode)
{
	*k = (struct kicks){
		.o = {.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
		      .nro_size = sizeof(k->o) + sizeof(k->pair),
		      .nro_next = (uintptr_t)&k->mode},
		.mode = {.nro_opt = {.nro_reqtype =
					     NETMAP_REQ_OPT_SYNC_KLOOP_MODE},
			 .mode = mode},
	};
	for (int i = 0; i < 2; i++) {
		k->pair[i].ioeventfd = t_event();
		k->pair[i].irqfd = t_event();
		CHECK(k->pair[i].ioeventfd >= 0 && k->pair[i].irqfd >= 0);
	}
}

static inline void kicks_end(struct kicks *k)
{
	CHECK_ERR((int)k->o.nro_status, 0);
	CHECK_ERR((int)k->mode.nro_opt.nro_status, 0);
	for (int i = 0; i < 2; i++) {
		if (k->pair[i].ioeventfd >= 0)
			t_event_close(k->pair[i].ioeventfd);
		if (k->pair[i].irqfd >= 0)
			t_event_close(k->pair[i].irqfd);
	}
}

/* Says that it wants to be told, looks again, and waits. */
static inline void kicks_await(struct csb *csb, struct kicks *k, int i,
			       struct netmap_ring *r)
{
	time_t end = time(NULL) + 10;

	while (!csb_space(&csb->atok[i], &csb->ktoa[i], r)) {
		__atomic_store_n(&csb->atok[i].appl_need_kick, 1,
				 __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (!csb_space(&csb->atok[i], &csb->ktoa[i], r))
			t_event_read(k->pair[i].irqfd, 10000);
		__atomic_store_n(&csb->atok[i].appl_need_kick, 0,
				 __ATOMIC_RELAXED);
		CHECK(time(NULL) < end);
	}
}

static inline void kicks_kick(struct csb *csb, struct kicks *k, int i)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&csb->ktoa[i].kern_need_kick, __ATOMIC_RELAXED))
		t_event_write(k->pair[i].ioeventfd);
}

/* From @a by its loop to @b, which polls. */
static inline void kicked_sends(struct port *a, struct port *b, struct csb *csb,
				uint32_t mode)
{
	struct netmap_ring *tx = conf_tx(a, 0);
	struct kicks k;
	struct loop l;

	kicks_make(&k, mode);
	loop_start(&l, a, 0, &k);
	for (uint32_t i = 0; i < KICKS; i++) {
		struct pollfd p = {.fd = b->fd, .events = POLLIN};

		kicks_await(csb, &k, 0, tx);
		csb_put(&csb->atok[0], tx, conf_frame(BROADCAST, 1, i));
		kicks_kick(csb, &k, 0);
		CHECK_EQ(t_poll(&p, 1, 10000), 1);
		conf_expect(b, 0, conf_frame(BROADCAST, 1, i));
	}
	loop_end(&l);
	kicks_end(&k);
}

/* From @b to @a by its loop. */
static inline void kicked_receives(struct port *a, struct port *b,
				   struct csb *csb, uint32_t mode)
{
	struct netmap_ring *rx = conf_rx(a, 0);
	struct kicks k;
	struct loop l;

	kicks_make(&k, mode);
	loop_start(&l, a, 0, &k);
	AWAIT(csb->ktoa[0].kern_need_kick);
	for (uint32_t i = 0; i < KICKS; i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);
		struct netmap_slot *s = &rx->slot[csb->atok[1].head];

		conf_send(b, 0, f);
		kicks_await(csb, &k, 1, rx);
		CHECK_EQ(s->len, sizeof(f.data));
		CHECK_MEM(NETMAP_BUF(rx, s->buf_idx), f.data, sizeof(f.data));
		csb_advance(&csb->atok[1], rx, 1);
		kicks_kick(csb, &k, 1);
	}
	loop_end(&l);
	kicks_end(&k);
}

#endif
