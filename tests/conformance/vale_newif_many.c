// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Persistent ports by the hundred, and while frames pass: nothing is used up,
 * and nothing gets lost. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "conf_vale.h"

/* An emulated machine takes a fifth of a second for each interface. */
static uint32_t rounds(uint32_t n)
{
	return t_is_device() ? n / 10 : n;
}

static void again_and_again(void)
{
	for (uint32_t i = 0; i < rounds(500); i++) {
		check_note("round %u", i);
		CHECK_ERR(newif("per0"), 0);
		CHECK_ERR(delif("per0"), 0);
	}
	CHECK(!conf_exists("per0"));
}

static void on_a_switch(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b"), p;

	for (uint32_t i = 0; i < rounds(100); i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);

		check_note("round %u", i);
		CHECK_ERR(newif("per0"), 0);
		CHECK_ERR(attach("vale0:per0"), 0);
		p = conf_open("per0");
		conf_send(&a, 0, f);
		conf_expect(&b, 0, f);
		conf_expect(&p, 0, f);
		conf_close(&p);
		CHECK_ERR(detach("vale0:per0"), 0);
		CHECK_ERR(delif("per0"), 0);
		conf_send(&a, 0, f);
		conf_expect(&b, 0, f);
	}
}

/* ---- another thread sends ---- */

static struct port sender;
static atomic_int stop, sent;

static void *send_all(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		conf_send(&sender, 0, conf_frame(BROADCAST, 1, 7));
		atomic_fetch_add(&sent, 1);
		sched_yield();
	}
	return NULL;
}

/* What was offered was sent, and arrived at b or found it full. */
static void books_balance(void)
{
	struct nmreq_x_stats tx = conf_stats("vale0:a", NETMAP_X_TX, 0);
	struct nmreq_x_stats rx = conf_stats("vale0:b", NETMAP_X_RX, 0);

	CHECK_EQ(tx.offered, atomic_load(&sent));
	CHECK_EQ(tx.sent, tx.offered);
	CHECK_EQ(rx.attempted, tx.sent);
	CHECK_EQ(rx.delivered + rx.drop_full, rx.attempted);
}

static void under_traffic(void)
{
	struct port b = conf_open("vale0:b"), p;
	pthread_t thread;

	if (!t_has_threads())
		return; /* unit tests have the schedules */
	sender = conf_open("vale0:a");
	CHECK_EQ(pthread_create(&thread, NULL, send_all, NULL), 0);
	for (uint32_t i = 0; i < rounds(100); i++) {
		int before = atomic_load(&sent);

		check_note("round %u", i);
		CHECK_ERR(newif("per0"), 0);
		CHECK_ERR(attach("vale0:per0"), 0);
		p = conf_open("per0");
		while (atomic_load(&sent) < before + 2)
			sched_yield();
		conf_drain(&p);
		conf_drain(&b);
		conf_close(&p);
		CHECK_ERR(detach("vale0:per0"), 0);
		CHECK_ERR(delif("per0"), 0);
	}
	atomic_store(&stop, 1);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	books_balance();
}

static const struct claim claims[] = {
	{"ports are made and ended hundreds of times", again_and_again},
	{"each is a member of a switch while it is there", on_a_switch},
	{"frames of others pass meanwhile, and are all accounted for",
	 under_traffic},
};

int main(void)
{
	return CONF_RUN(claims);
}
