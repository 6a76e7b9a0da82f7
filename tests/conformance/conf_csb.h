/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conf_csb.h - ports in CSB mode, and their loops. */
#ifndef CONFORMANCE_CONF_CSB_H
#define CONFORMANCE_CONF_CSB_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "conf.h"

#define CSB_MAX	  8
#define UNTOUCHED 777

struct csb {
	struct nm_csb_atok atok[CSB_MAX] __attribute__((aligned(64)));
	struct nm_csb_ktoa ktoa[CSB_MAX] __attribute__((aligned(64)));
};

static inline struct nmreq_opt_csb csb_option(const struct csb *csb)
{
	return (struct nmreq_opt_csb){
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_CSB,
			    .nro_status = UNTOUCHED},
		.csb_atok = (uintptr_t)csb->atok,
		.csb_ktoa = (uintptr_t)csb->ktoa,
	};
}

/* Binds all rings of @slots slots, in CSB mode. */
static inline struct port csb_open(const char *name, uint32_t slots,
				   struct csb *csb)
{
	struct nmreq_opt_csb o = csb_option(csb);
	struct port p = conf_open_with(
		name, REG_SLOTS(slots, .nr_flags = NR_EXCLUSIVE), &o);

	CHECK_ERR((int)o.nro_opt.nro_status, 0);
	return p;
}

/* ---- the program's side of a ring ---- */

static inline void csb_advance(struct nm_csb_atok *a, struct netmap_ring *r,
			       uint32_t n)
{
	uint32_t head = (a->head + n) % r->num_slots;

	nm_sync_kloop_appl_write(a, head, head);
}

static inline uint32_t csb_space(const struct nm_csb_atok *a,
				 struct nm_csb_ktoa *k, struct netmap_ring *r)
{
	uint32_t hwtail, hwcur;

	nm_sync_kloop_appl_read(k, &hwtail, &hwcur);
	return (hwtail + r->num_slots - a->head) % r->num_slots;
}

static inline void csb_put(struct nm_csb_atok *a, struct netmap_ring *r,
			   struct frame f)
{
	struct netmap_slot *s = &r->slot[a->head];

	memcpy(NETMAP_BUF(r, s->buf_idx), f.data, sizeof(f.data));
	s->len = sizeof(f.data);
	s->flags = 0;
	csb_advance(a, r, 1);
}

/* ---- the loop ---- */

struct loop {
	pthread_t thread;
	int fd;
	uint32_t sleep_us;
	void *options;
	int err; /* of START, when it has ended */
	atomic_int ended;
};

static inline int loop_start_here(int fd, uint32_t sleep_us, void *options)
{
	struct nmreq_sync_kloop_start body = {.sleep_us = sleep_us};

	return conf_ctrl_with(fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body,
			      options);
}

static inline int loop_stop_here(int fd)
{
	return conf_ctrl(fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL);
}

static inline void *loop_main(void *arg)
{
	struct loop *l = arg;

	l->err = loop_start_here(l->fd, l->sleep_us, l->options);
	atomic_store(&l->ended, 1);
	return NULL;
}

static inline void loop_start(struct loop *l, const struct port *p,
			      uint32_t sleep_us, void *options)
{
	*l = (struct loop){
		.fd = p->fd, .sleep_us = sleep_us, .options = options};
	CHECK_EQ(pthread_create(&l->thread, NULL, loop_main, l), 0);
}

static inline void loop_end(struct loop *l)
{
	CHECK_ERR(loop_stop_here(l->fd), 0);
	CHECK_EQ(pthread_join(l->thread, NULL), 0);
	CHECK_ERR(l->err, 0);
}

/* Waits for @cond, at most ten seconds. */
#define AWAIT(cond)                                  \
	do {                                         \
		time_t end_ = time(NULL) + 10;       \
                                                     \
		while (!(cond) && time(NULL) < end_) \
			sched_yield();               \
		CHECK(cond);                         \
	} while (0)

static inline void need_threads(void)
{
	if (!t_has_threads())
		check_skip("no second thread here: unit tests have schedules");
}

#endif
