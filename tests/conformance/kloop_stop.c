// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The end of a loop: by another thread, by two, by signals, while it is busy. */
#include <signal.h>

#include "conf_csb.h"
#include "conf_kicks.h"

static struct csb csb;

static void one_at_a_time(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);
	struct port a = csb_open("vale0:a", 16, &csb);
	struct kicks k;
	struct loop l;

	kicks_make(&k, 0);
	loop_start(&l, &a, 0, &k);
	AWAIT(csb.ktoa[1].kern_need_kick == 0);
	CHECK_ERR(loop_start_here(a.fd, 0, NULL), EBUSY);
	CHECK_ERR(conf_ctrl_with(a.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &o),
		  EBUSY);
	CHECK_ERR((int)o.nro_opt.nro_status, EBUSY);
	CHECK_ERR(conf_ioctl(a.fd, NIOCTXSYNC, NULL), EBUSY);
	CHECK(!atomic_load(&l.ended));
	loop_end(&l);
	kicks_end(&k);
}

static void *stopper(void *arg)
{
	struct loop *l = arg;

	return (void *)(intptr_t)loop_stop_here(l->fd);
}

/* Both return; one of them may have been too late, and is remembered. */
static void two_stops(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);

	for (int i = 0; i < 50; i++) {
		pthread_t other;
		struct loop l;
		void *err;

		loop_start(&l, &a, 100, NULL);
		CHECK_EQ(pthread_create(&other, NULL, stopper, &l), 0);
		CHECK_ERR(loop_stop_here(a.fd), 0);
		CHECK_EQ(pthread_join(other, &err), 0);
		CHECK_ERR((int)(intptr_t)err, 0);
		CHECK_EQ(pthread_join(l.thread, NULL), 0);
		CHECK_ERR(l.err, 0);
	}
}

static void *flooder(void *arg)
{
	const struct port *b = arg;

	for (uint32_t i = 0; i < 3000; i++) {
		conf_put_frame(conf_tx(b, 0), conf_frame(BROADCAST, 1, i));
		conf_txsync(b);
	}
	return NULL;
}

static void beside_traffic(void)
{
	struct port a = csb_open("vale0:a", 16, &csb);
	struct port b = conf_open("vale0:b");
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, flooder, &b), 0);
	for (uint32_t mode = 0; mode < 40; mode++) {
		struct kicks k;
		struct loop l;

		kicks_make(&k, mode % 4);
		loop_start(&l, &a, 0, &k);
		t_event_write(k.pair[1].ioeventfd);
		t_event_write(k.pair[0].ioeventfd);
		loop_end(&l);
		kicks_end(&k);
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void by_signal(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	struct port a = csb_open("vale0:a", 16, &csb);
	struct kicks k;
	struct loop l;

	sigaction(SIGUSR1, &sa, NULL);
	kicks_make(&k, 0);
	loop_start(&l, &a, 0, &k);
	AWAIT(csb.ktoa[0].kern_need_kick == 1);
	AWAIT((pthread_kill(l.thread, SIGUSR1), atomic_load(&l.ended)));
	CHECK_EQ(pthread_join(l.thread, NULL), 0);
	CHECK_ERR(l.err, EINTR);
	loop_start(&l, &a, 0, &k);
	loop_end(&l);
	kicks_end(&k);
}

static const struct claim claims[] = {
	{"a descriptor has one loop, which keeps its records", one_at_a_time},
	{"two may stop it", two_stops},
	{"it stops beside traffic, in every mode", beside_traffic},
	{"a signal ends it, and another may begin", by_signal},
};

int main(void)
{
	conf_needs_memory();
	need_threads();
	return CONF_RUN(claims);
}
