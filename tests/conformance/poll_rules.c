// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* poll without waiting: what it synchronizes, and what it answers. */
#include "conf.h"

/* Does a poll with @events send what is in the tx ring? */
static bool sends(uint64_t flags, short events)
{
	struct port a = conf_open_as("vale0:a",
				     REG(NR_REG_ALL_NIC, .nr_tx_rings = 2,
					 .nr_rx_rings = 2, .nr_flags = flags));
	struct port b = conf_open("vale0:b");
	uint32_t n;

	conf_put_frame(conf_tx(&a, 0), conf_any(1));
	conf_put_frame(conf_tx(&a, 1), conf_any(2));
	conf_poll(a.fd, events);
	conf_rxsync(&b);
	n = nm_ring_space(conf_rx(&b, 0));
	CHECK(n == 0 || n == 2);
	conf_close(&a);
	conf_close(&b);
	return n;
}

static void always_sends(void)
{
	CHECK(sends(0, 0));
	CHECK(sends(0, POLLIN));
	CHECK(sends(0, POLLRDNORM));
	CHECK(sends(0, POLLOUT));
	CHECK(sends(0, POLLWRNORM));
	CHECK(sends(0, POLLIN | POLLOUT));
}

static void no_tx_poll(void)
{
	CHECK(!sends(NR_NO_TX_POLL, 0));
	CHECK(!sends(NR_NO_TX_POLL, POLLIN));
	CHECK(!sends(NR_NO_TX_POLL, POLLRDNORM));
	CHECK(sends(NR_NO_TX_POLL, POLLOUT));
	CHECK(sends(NR_NO_TX_POLL, POLLWRNORM));
	CHECK(sends(NR_NO_TX_POLL, POLLIN | POLLOUT));
}

/* A descriptor without rx rings is never asked to import anything. */
static void imports(uint64_t flags)
{
	struct port a = conf_open("vale0:a");
	struct port b =
		conf_open_as("vale0:b", REG(NR_REG_ALL_NIC, .nr_flags = flags));
	struct netmap_ring *rx = conf_rx(&b, 0);

	conf_send(&a, 0, conf_any(1));
	conf_poll(b.fd, 0);
	CHECK_EQ(nm_ring_space(rx), 0);
	conf_poll(b.fd, POLLOUT);
	CHECK_EQ(nm_ring_space(rx), 0);
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	CHECK_EQ(nm_ring_space(rx), 1);
}

static void imports_if_asked(void)
{
	imports(0);
}

static void do_rx_poll_inert(void)
{
	imports(NR_DO_RX_POLL);
}

static void nothing_asked(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");

	conf_send(&a, 0, conf_any(1));
	conf_rxsync(&b);
	CHECK_EQ(conf_poll(b.fd, 0), 0);
}

static void only_what_was_asked(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");

	CHECK_EQ(conf_poll(b.fd, POLLIN), 0);
	CHECK_EQ(conf_poll(b.fd, POLLOUT), POLLOUT);
	CHECK_EQ(conf_poll(b.fd, POLLIN | POLLOUT), POLLOUT);
	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	CHECK_EQ(conf_poll(b.fd, POLLOUT), POLLOUT);
	CHECK_EQ(conf_poll(b.fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
	CHECK_EQ(conf_poll(b.fd, POLLRDNORM) & POLLRDNORM, POLLRDNORM);
	CHECK_EQ(conf_poll(b.fd, POLLWRNORM) & POLLWRNORM, POLLWRNORM);
}

/* It stays ready until the frames are released. */
static void level(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct netmap_ring *rx = conf_rx(&b, 0);

	conf_send(&a, 0, conf_any(1));
	for (int i = 0; i < 3; i++)
		CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	conf_advance(rx, 1);
	CHECK_EQ(conf_poll(b.fd, POLLIN), 0);
}

static void any_ring(void)
{
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(4, .nr_tx_rings = 3, .nr_rx_rings = 3));
	struct port b = conf_open("lone}1");
	struct port one =
		conf_open_as("lone}1", REG(NR_REG_ONE_NIC, .nr_ringid = 1));

	conf_send(&a, 2, conf_any(1));
	CHECK_EQ(conf_poll(one.fd, POLLIN), 0);
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	conf_send(&a, 1, conf_any(2));
	CHECK_EQ(conf_poll(one.fd, POLLIN), POLLIN);
}

static void any_tx_ring(void)
{
	struct port a = conf_open_as(
		"lone{1", REG_SLOTS(2, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port one =
		conf_open_as("lone{1", REG(NR_REG_ONE_NIC, .nr_ringid = 1));

	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	conf_send(&a, 1, conf_any(1));
	CHECK_EQ(conf_poll(one.fd, POLLOUT), 0);
	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(conf_poll(a.fd, POLLOUT), 0);
}

/* cur is the wake-up point: slots before it do not make the ring ready. */
static void rx_beyond_cur(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct netmap_ring *rx = conf_rx(&b, 0);

	conf_send(&a, 0, conf_any(1));
	conf_send(&a, 0, conf_any(2));
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	rx->cur = 1;
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	rx->cur = rx->tail;
	CHECK_EQ(conf_poll(b.fd, POLLIN), 0);
	CHECK_EQ(nm_ring_space(rx), 2);
	conf_send(&a, 0, conf_any(3));
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	CHECK_EQ(nm_ring_space(rx), 3);
	rx->cur = rx->head;
	for (uint32_t i = 1; i <= 3; i++)
		conf_expect(&b, 0, conf_any(i));
}

static void tx_beyond_cur(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(8));
	struct port b = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);

	conf_send(&a, 0, conf_any(1));
	tx->cur = tx->tail;
	CHECK_EQ(conf_poll(a.fd, POLLOUT), 0);
	CHECK_EQ(nm_ring_space(tx), 6);
	conf_rxsync(&b);
	conf_advance(rx, 1);
	conf_rxsync(&b);
	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	CHECK_EQ(nm_ring_space(tx), 7);
}

static void pollin_releases(void)
{
	struct port a = conf_open_as("lone{1", REG_SLOTS(4));
	struct port b = conf_open("lone}1");
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&b, 0);

	for (uint32_t i = 0; i < 3; i++)
		conf_send(&a, 0, conf_any(i));
	CHECK_EQ(conf_poll(a.fd, POLLOUT), 0);
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	conf_advance(rx, 2);
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	CHECK_EQ(nm_ring_space(tx), 2);
}

static void reset_shows(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");

	conf_send(&a, 0, conf_any(1));
	conf_rxsync(&b);
	conf_rx(&b, 0)->head = 5000;
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN | POLLERR);
	CHECK_EQ(conf_poll(b.fd, POLLIN), POLLIN);
	conf_tx(&b, 0)->cur = 5000;
	CHECK_EQ(conf_poll(b.fd, POLLOUT), POLLOUT | POLLERR);
	CHECK_EQ(conf_poll(b.fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
	conf_tx(&b, 0)->head = 5000;
	CHECK_EQ(conf_poll(b.fd, 0), POLLERR);
	CHECK_EQ(conf_poll(b.fd, 0), 0);
}

/* A sync that found it first leaves nothing to show. */
static void tail_is_restored(void)
{
	struct port a = conf_open("vale0:a");

	conf_tx(&a, 0)->tail = 3;
	CHECK_EQ(conf_poll(a.fd, POLLOUT), POLLOUT);
	CHECK_EQ(conf_tx(&a, 0)->tail, 1023);
}

static void several_descriptors(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c");
	struct pollfd p[] = {{.fd = b.fd, .events = POLLIN},
			     {.fd = conf_fd(), .events = POLLIN},
			     {.fd = a.fd, .events = POLLIN},
			     {.fd = c.fd, .events = POLLIN | POLLOUT}};

	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(t_poll(p, 4, 0), 3);
	CHECK_EQ(p[0].revents, POLLIN);
	CHECK_EQ(p[1].revents, POLLERR);
	CHECK_EQ(p[2].revents, 0);
	CHECK_EQ(p[3].revents, POLLIN | POLLOUT);
}

static void timeout(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct pollfd p = {.fd = b.fd, .events = POLLIN, .revents = 0x7f};

	CHECK_EQ(t_poll(&p, 1, 1), 0);
	CHECK_EQ(p.revents, 0);
	conf_send(&a, 0, conf_any(1));
	CHECK_EQ(t_poll(&p, 1, -1), 1);
	CHECK_EQ(p.revents, POLLIN);
}

static const struct claim claims[] = {
	{"every poll sends pending slots of all tx rings", always_sends},
	{"with NR_NO_TX_POLL only a poll for POLLOUT sends", no_tx_poll},
	{"only a poll for POLLIN takes in frames", imports_if_asked},
	{"NR_DO_RX_POLL changes nothing", do_rx_poll_inert},
	{"a poll for nothing answers nothing", nothing_asked},
	{"readiness is answered as asked", only_what_was_asked},
	{"a ring is ready until its frames are released", level},
	{"one ready rx ring of those bound is enough", any_ring},
	{"one tx ring with room of those bound is enough", any_tx_ring},
	{"an rx ring is ready when tail has passed cur", rx_beyond_cur},
	{"a tx ring is ready when tail has passed cur", tx_beyond_cur},
	{"a poll for POLLIN gives released slots back", pollin_releases},
	{"a reset adds POLLERR to what is ready, once", reset_shows},
	{"a tail that was written to is restored without POLLERR",
	 tail_is_restored},
	{"each descriptor of a poll has its answer", several_descriptors},
	{"a poll ends at its time-out, or at once when something is ready",
	 timeout},
};

int main(void)
{
	return CONF_RUN(claims);
}
