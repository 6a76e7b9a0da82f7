// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* ring.ts: when the last receive sync was. */
#include <sys/time.h>

#include "conf.h"

static int64_t usec(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static void rxsync_stamps(void)
{
	struct port p = conf_open("vale0:a");
	struct netmap_ring *rx = conf_rx(&p, 0);
	int64_t last = 0;

	for (int i = 0; i < 100; i++) {
		conf_rxsync(&p);
		CHECK(usec(rx->ts) > 0);
		CHECK(rx->ts.tv_usec >= 0 && rx->ts.tv_usec < 1000000);
		CHECK(usec(rx->ts) >= last);
		last = usec(rx->ts);
	}
}

static void rewritten_each_time(void)
{
	struct port p = conf_open("vale0:a");
	struct netmap_ring *rx = conf_rx(&p, 0);

	conf_rxsync(&p);
	rx->ts.tv_sec = 1;
	conf_rxsync(&p);
	CHECK(rx->ts.tv_sec != 1);
}

static void poll_stamps(void)
{
	struct port p = conf_open("vale0:a");
	struct netmap_ring *rx = conf_rx(&p, 0);

	conf_poll(p.fd, POLLOUT);
	CHECK_EQ(usec(rx->ts), 0);
	conf_poll(p.fd, POLLIN);
	CHECK(usec(rx->ts) > 0);
}

static void tx_not_stamped(void)
{
	struct port p = conf_open("vale0:a");
	struct netmap_ring *tx = conf_tx(&p, 0);

	conf_txsync(&p);
	conf_rxsync(&p);
	conf_poll(p.fd, POLLIN | POLLOUT);
	CHECK_EQ(usec(tx->ts), 0);
}

static void pipes_stamped(void)
{
	struct port p = conf_open("lone{1");

	conf_rxsync(&p);
	CHECK(usec(conf_rx(&p, 0)->ts) > 0);
	CHECK_EQ(usec(conf_tx(&p, 0)->ts), 0);
}

static const struct claim claims[] = {
	{"RXSYNC writes ts, never backwards", rxsync_stamps},
	{"every RXSYNC writes ts", rewritten_each_time},
	{"poll writes ts when asked for POLLIN", poll_stamps},
	{"tx rings have no time", tx_not_stamped},
	{"rx rings of pipes have it too", pipes_stamped},
};

int main(void)
{
	return CONF_RUN(claims);
}
