// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Network interfaces on switches: eth0 is attached, wire0 at the other end of
 * its cable, programs and the system around.
 */
#include <pthread.h>

#include "conf_vale.h"
#include "monitors.h"

/* Stations: a program on the switch, the wire, eth0's system. */
enum { PROG = 1, WIRE = 2, HOST = 3, OTHER = 4 };

static const struct t_nic small = {.tx_slots = 16, .rx_slots = 16};

/* What LIST says of a name that is not on the switch. */
#define NO_PORT 255

static struct port a, wire;

static void make(struct t_nic conf, uint32_t mode)
{
	conf_nic_pair("eth0", "wire0", conf);
	CHECK_ERR(attach_as("vale0:eth0", mode), 0);
	wire = conf_open("wire0");
	a = conf_open_as("vale0:a",
			 REG(NR_REG_ALL_NIC,
			     .nr_tx_rings = (uint16_t)conf.tx_rings,
			     .nr_rx_rings = (uint16_t)conf.rx_rings));
}

/* Lets the home's works run, for a moment. */
static void pump(void)
{
	struct port idle = conf_open("vale7:idle");
	struct pollfd p = {.fd = idle.fd, .events = POLLIN};

	CHECK_EQ(t_poll(&p, 1, 1), 0);
	conf_close(&idle);
}

static void host_await(const char *name, struct frame f)
{
	uint32_t len = 0;
	uint8_t got[2048];

	for (int i = 0; i < 5000 && !len; i++) {
		len = t_nics->host_recv(name, got, sizeof(got));
		if (!len)
			pump();
	}
	CHECK_EQ(len, sizeof(f.data));
	CHECK_MEM(got, f.data, sizeof(f.data));
}

static void both_ways(void)
{
	make(small, NR_REG_ALL_NIC);
	for (uint32_t i = 0; i < 100; i++) {
		conf_send(&wire, 0, conf_frame(PROG, WIRE, i));
		conf_await(&a, 0, conf_frame(PROG, WIRE, i));
		conf_send(&a, 0, conf_frame(WIRE, PROG, i));
		conf_await(&wire, 0, conf_frame(WIRE, PROG, i));
	}
	conf_expect_none(&a);
	conf_expect_none(&wire);
	conf_host_expect_none("eth0");
	CHECK(!conf_host_send("eth0", 0, conf_frame(PROG, HOST, 1)));
}

/* Slots may come back to the switch a burst later. */
static void bursts(void)
{
	uint32_t sent = 0, got = 0;

	make((struct t_nic){.tx_slots = 64, .rx_slots = 64}, NR_REG_ALL_NIC);
	while (got < 1000) {
		for (uint32_t i = 0; i < 10; i++, sent++) {
			conf_put_frame(conf_tx(&wire, 0),
				       conf_frame(BROADCAST, WIRE, sent));
			conf_put_frame(conf_tx(&a, 0),
				       conf_frame(BROADCAST, PROG, sent));
		}
		conf_txsync(&wire);
		conf_txsync(&a);
		for (; got < sent; got++) {
			conf_await(&a, 0, conf_frame(BROADCAST, WIRE, got));
			conf_await(&wire, 0, conf_frame(BROADCAST, PROG, got));
		}
	}
}

static void rings(void)
{
	make((struct t_nic){.tx_rings = 3,
			    .rx_rings = 3,
			    .tx_slots = 16,
			    .rx_slots = 16},
	     NR_REG_ALL_NIC);
	conf_send(&a, 0, conf_frame(BROADCAST, PROG, 1));
	conf_await(&wire, 0, conf_frame(BROADCAST, PROG, 1));
	conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 1));
	conf_await(&a, 0, conf_frame(BROADCAST, WIRE, 1));
	for (uint32_t i = 0; i < 90; i++) {
		conf_send(&wire, i % 3, conf_frame(PROG, WIRE, i));
		conf_await(&a, i % 3, conf_frame(PROG, WIRE, i));
		conf_send(&a, i % 3, conf_frame(WIRE, PROG, i));
		conf_await(&wire, i % 3, conf_frame(WIRE, PROG, i));
	}
	/* Floods go to ring 0. */
	conf_send(&a, 2, conf_frame(BROADCAST, PROG, 1));
	conf_await(&wire, 0, conf_frame(BROADCAST, PROG, 1));
}

/* The switch's frames begin behind it, the wire's with it. */
static void with_header(void)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = 12};
	uint8_t f[72] = {0}, got[72];
	struct frame plain = conf_frame(BROADCAST, WIRE, 1);

	make(small, NR_REG_ALL_NIC);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_PORT_HDR_SET, "vale0:eth0", &h), 0);
	h.nr_hdr_len = 77;
	CHECK_ERR(vale_ctrl(NETMAP_REQ_PORT_HDR_GET, "vale0:eth0", &h), 0);
	CHECK_EQ(h.nr_hdr_len, 12);
	memcpy(f + 12, plain.data, 60);
	conf_put(conf_tx(&wire, 0), f, 72, 0);
	conf_txsync(&wire);
	conf_await(&a, 0, plain);
	plain = conf_frame(BROADCAST, PROG, 2);
	memcpy(f + 12, plain.data, 60);
	conf_send(&a, 0, plain);
	for (int i = 0; i < 5000 && nm_ring_empty(conf_rx(&wire, 0)); i++) {
		pump();
		conf_rxsync(&wire);
	}
	CHECK_EQ(conf_get(conf_rx(&wire, 0), got, sizeof(got)), 72);
	CHECK_MEM(got, f, 72);
	/* It ends with the attachment. */
	CHECK_ERR(detach("vale0:eth0"), 0);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_PORT_HDR_SET, "vale0:eth0", &h), ENXIO);
	CHECK_ERR(attach("vale0:eth0"), 0);
	CHECK_ERR(vale_ctrl(NETMAP_REQ_PORT_HDR_GET, "vale0:eth0", &h), 0);
	CHECK_EQ(h.nr_hdr_len, 0);
}

static void two_of_them(void)
{
	struct port other;

	make(small, NR_REG_ALL_NIC);
	conf_nic_pair("eth1", "wire1", small);
	CHECK_ERR(attach("vale0:eth1"), 0);
	other = conf_open("wire1");
	for (uint32_t i = 0; i < 50; i++) {
		conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, i));
		conf_await(&a, 0, conf_frame(BROADCAST, WIRE, i));
		conf_await(&other, 0, conf_frame(BROADCAST, WIRE, i));
		conf_send(&other, 0, conf_frame(WIRE, OTHER, i));
		conf_await(&wire, 0, conf_frame(WIRE, OTHER, i));
		conf_send(&wire, 0, conf_frame(OTHER, WIRE, i));
		conf_await(&other, 0, conf_frame(OTHER, WIRE, i));
		conf_send(&a, 0, conf_frame(BROADCAST, PROG, i));
		conf_await(&wire, 0, conf_frame(BROADCAST, PROG, i));
		conf_await(&other, 0, conf_frame(BROADCAST, PROG, i));
	}
	conf_expect_none(&a);
}

/* ---- the host's side ---- */

static void host_side(void)
{
	make(small, NR_REG_NIC_SW);
	CHECK_EQ(list_port("vale0:eth0"), 0);
	CHECK_EQ(list_port("vale0:eth0^"), 1);
	for (uint32_t i = 0; i < 50; i++) {
		/* Not known yet, or everybody's. */
		CHECK(conf_host_send("eth0", 0,
				     conf_frame(BROADCAST, HOST, i)));
		conf_await(&a, 0, conf_frame(BROADCAST, HOST, i));
		conf_await(&wire, 0, conf_frame(BROADCAST, HOST, i));
		conf_send(&a, 0, conf_frame(HOST, PROG, i));
		host_await("eth0", conf_frame(HOST, PROG, i));
		CHECK(conf_host_send("eth0", 0, conf_frame(PROG, HOST, i)));
		conf_await(&a, 0, conf_frame(PROG, HOST, i));
		conf_send(&wire, 0, conf_frame(HOST, WIRE, i));
		host_await("eth0", conf_frame(HOST, WIRE, i));
		CHECK(conf_host_send("eth0", 0, conf_frame(WIRE, HOST, i)));
		conf_await(&wire, 0, conf_frame(WIRE, HOST, i));
		conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, i));
		conf_await(&a, 0, conf_frame(BROADCAST, WIRE, i));
		host_await("eth0", conf_frame(BROADCAST, WIRE, i));
	}
	conf_expect_none(&a);
	conf_expect_none(&wire);
	conf_host_expect_none("eth0");
}

/* ---- others ---- */

static void busy(void)
{
	static const uint32_t modes[] = {NR_REG_ALL_NIC, NR_REG_NIC_SW,
					 NR_REG_SW};

	conf_nic_pair("eth0", "wire0", small);
	for (size_t i = 0; i < 2; i++) {
		CHECK_ERR(attach_as("vale0:eth0", modes[i]), 0);
		for (size_t k = 0; k < CONF_COUNT(modes); k++) {
			check_note("mode %u", modes[k]);
			CHECK_ERR(conf_try("eth0", REG(modes[k])), EBUSY);
			CHECK_ERR(conf_try("vale0:eth0", REG(modes[k])), EBUSY);
		}
		CHECK_ERR(attach("vale0:eth0"), EBUSY);
		CHECK_ERR(attach("vale1:eth0"), EBUSY);
		CHECK_ERR(detach("vale1:eth0"), ENXIO);
		CHECK_ERR(detach("vale0:eth0"), 0);
		CHECK_ERR(conf_try("eth0", REG(NR_REG_NIC_SW)), 0);
	}
	a = conf_open("eth0");
	CHECK_ERR(attach("vale0:eth0"), EBUSY);
	conf_close(&a);
	CHECK_ERR(attach("vale0:eth0"), 0);
}

static void shown(const struct port *m, struct frame f, uint16_t sent)
{
	struct pollfd p = {.fd = m->fd, .events = POLLIN};

	CHECK_EQ(t_poll(&p, 1, 5000), 1);
	CHECK_EQ(conf_slot(conf_rx(m, 0), 0)->flags & NS_TXMON, sent);
	conf_expect(m, 0, f);
}

static void monitored(void)
{
	struct port m[2];

	make(small, NR_REG_ALL_NIC);
	m[0] = mon_open("eth0", COPY_BOTH);
	m[1] = mon_open("vale0:eth0", COPY_BOTH);
	for (uint32_t i = 0; i < 50; i++) {
		conf_send(&wire, 0, conf_frame(PROG, WIRE, i));
		conf_await(&a, 0, conf_frame(PROG, WIRE, i));
		conf_send(&a, 0, conf_frame(WIRE, PROG, i));
		conf_await(&wire, 0, conf_frame(WIRE, PROG, i));
		for (size_t k = 0; k < CONF_COUNT(m); k++) {
			shown(&m[k], conf_frame(PROG, WIRE, i), 0);
			shown(&m[k], conf_frame(WIRE, PROG, i), NS_TXMON);
		}
	}
	CHECK_ERR(detach("vale0:eth0"), 0);
	CHECK(conf_poll(m[0].fd, POLLIN) & POLLERR);
	CHECK(conf_poll(m[1].fd, POLLIN) & POLLERR);
}

static void given_back(void)
{
	for (uint32_t i = 0; i < 4; i++) {
		make(small, i % 2 ? NR_REG_NIC_SW : NR_REG_ALL_NIC);
		CHECK_EQ(t_nics->started("eth0"), i % 2 ? 3 : 2);
		conf_send(&wire, 0, conf_frame(PROG, WIRE, i));
		conf_await(&a, 0, conf_frame(PROG, WIRE, i));
		if (i % 2)
			host_await("eth0", conf_frame(PROG, WIRE, i));
		CHECK_ERR(detach("vale0:eth0"), 0);
		CHECK_EQ(list_port("vale0:eth0"), NO_PORT);
		CHECK_EQ(list_port("vale0:eth0^"), NO_PORT);
		CHECK_EQ(t_nics->started("eth0"), 0);
		conf_send(&wire, 0, conf_frame(HOST, WIRE, i));
		conf_host_expect("eth0", conf_frame(HOST, WIRE, i));
		CHECK(conf_host_send("eth0", 0, conf_frame(WIRE, HOST, i)));
		conf_expect(&wire, 0, conf_frame(WIRE, HOST, i));
		conf_send(&a, 0, conf_frame(BROADCAST, PROG, i));
		conf_expect_none(&wire);
		conf_close(&wire);
		conf_close(&a);
		t_nics->remove_all();
	}
}

static void removed(uint32_t mode)
{
	struct port b;

	make(small, mode);
	b = conf_open("vale0:b");
	conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 1));
	conf_await(&a, 0, conf_frame(BROADCAST, WIRE, 1));
	conf_await(&b, 0, conf_frame(BROADCAST, WIRE, 1));
	conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 2));
	conf_send(&a, 0, conf_frame(BROADCAST, PROG, 2));
	t_nics->remove("eth0");
	CHECK_EQ(list_port("vale0:eth0"), NO_PORT);
	CHECK_EQ(list_port("vale0:eth0^"), NO_PORT);
	CHECK_ERR(detach("vale0:eth0"), ENXIO);
	conf_drain(&a);
	conf_drain(&b);
	for (uint32_t i = 0; i < 40; i++) {
		conf_send(&wire, 0, conf_frame(PROG, WIRE, i));
		conf_send(&a, 0, conf_frame(WIRE, PROG, i));
		conf_expect(&b, 0, conf_frame(WIRE, PROG, i));
	}
	/* The name is another's now. */
	conf_nic("eth0", small);
	t_nics->cable("eth0", "wire0");
	CHECK_ERR(attach("vale0:eth0"), 0);
	conf_drain(&b);
	conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 5));
	conf_await(&b, 0, conf_frame(BROADCAST, WIRE, 5));
}

static void removed_nic(void)
{
	removed(NR_REG_ALL_NIC);
}

static void removed_nic_and_host(void)
{
	removed(NR_REG_NIC_SW);
}

static void reset(void)
{
	make(small, NR_REG_NIC_SW);
	for (uint32_t i = 0; i < 10; i++) {
		t_nics->reset("eth0", true);
		for (uint32_t k = 0; k < 40; k++) {
			conf_send(&a, 0, conf_frame(BROADCAST, PROG, k));
			conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, k));
		}
		pump();
		conf_expect_none(&wire);
		t_nics->reset("eth0", false);
		/* What the switch has delivered goes out now. */
		for (uint32_t k = 0; k < 15; k++)
			conf_await(&wire, 0, conf_frame(BROADCAST, PROG, k));
		conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 100));
		conf_await(&a, 0, conf_frame(BROADCAST, WIRE, 100));
		/* All slots are the switch's again. */
		CHECK_ERR(detach("vale0:eth0"), 0);
		CHECK_ERR(attach_as("vale0:eth0", NR_REG_NIC_SW), 0);
	}
}

/* Sends and receives all that goes, until it is told to stop. */
static void *busybody(void *arg)
{
	const struct port *p[] = {&a, &wire};
	struct frame f[] = {conf_frame(BROADCAST, PROG, 1),
			    conf_frame(BROADCAST, WIRE, 1)};
	uint32_t n = 0;

	while (!__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE)) {
		struct netmap_ring *tx = conf_tx(p[n % 2], 0);
		struct netmap_ring *rx = conf_rx(p[n % 2], 0);

		if (!nm_ring_empty(tx))
			conf_put_frame(tx, f[n % 2]);
		conf_advance(rx, nm_ring_space(rx));
		t_ioctl(p[n % 2]->fd, NIOCTXSYNC, NULL);
		t_ioctl(p[n % 2]->fd, NIOCRXSYNC, NULL);
		n++;
	}
	return NULL;
}

static void under_traffic(void)
{
	bool stop = false;
	pthread_t thread;
	int err = 0;

	make(small, NR_REG_ALL_NIC);
	CHECK_ERR(detach("vale0:eth0"), 0);
	if (!t_has_threads())
		return;
	CHECK_EQ(pthread_create(&thread, NULL, busybody, &stop), 0);
	for (uint32_t i = 0; i < 200 && !err; i++) {
		err = attach_as("vale0:eth0",
				i % 2 ? NR_REG_NIC_SW : NR_REG_ALL_NIC);
		if (!err)
			err = detach("vale0:eth0");
	}
	if (!err)
		err = attach("vale0:eth0");
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	CHECK_ERR(err, 0);
	conf_drain(&a);
	conf_drain(&wire);
	/* Works may bring a late one. */
	pump();
	conf_drain(&a);
	conf_drain(&wire);
	conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, 7));
	conf_await(&a, 0, conf_frame(BROADCAST, WIRE, 7));
	conf_send(&a, 0, conf_frame(BROADCAST, PROG, 7));
	conf_await(&wire, 0, conf_frame(BROADCAST, PROG, 7));
}

/* ---- full rings ---- */

/* Sends until eth0 has been given @want frames in all, and some in vain. */
static void fill_up(uint64_t want, uint32_t *tag)
{
	struct netmap_ring *tx = conf_tx(&a, 0);
	struct nmreq_x_stats st;

	for (int i = 0; i < 5000; i++) {
		if (conf_stats("eth0", NETMAP_X_TX, 0).sent >= want)
			break;
		conf_send(&a, 0, conf_frame(BROADCAST, PROG, (*tag)++));
		pump();
	}
	for (int i = 0; i < 40; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, PROG, (*tag)++));
		CHECK_EQ(nm_ring_space(tx), tx->num_slots - 1);
	}
	pump();
	CHECK_EQ(conf_stats("eth0", NETMAP_X_TX, 0).sent, want);
	st = conf_stats("vale0:eth0", NETMAP_X_RX, 0);
	CHECK_EQ(st.attempted, *tag - 1);
	CHECK_EQ(st.delivered, want);
	CHECK_EQ(st.drop_full, *tag - 1 - want);
}

/* The next frame on the wire is a later one than @last; which. */
static uint32_t later(uint32_t last, uint32_t end)
{
	struct frame got, f;

	CHECK_EQ(conf_get(conf_rx(&wire, 0), got.data, sizeof(got.data)),
		 sizeof(f.data));
	do {
		CHECK(++last < end);
		f = conf_frame(BROADCAST, PROG, last);
	} while (memcmp(f.data, got.data, sizeof(f.data)) != 0);
	return last;
}

/* eth0 sends nothing until it is told. */
static void full_interface(void)
{
	uint32_t tag = 1, last = 0;

	make((struct t_nic){.tx_slots = 16, .rx_slots = 64, .manual = true},
	     NR_REG_ALL_NIC);
	for (uint32_t round = 1; round <= 20; round++) {
		fill_up(15ull * round, &tag);
		CHECK_EQ(t_nics->send("eth0", 0, 100), 15);
		conf_rxsync(&wire);
		CHECK_EQ(nm_ring_space(conf_rx(&wire, 0)), 15);
		for (int i = 0; i < 15; i++)
			last = later(last, tag);
	}
}

static void slow_program(void)
{
	struct nmreq_x_stats st;
	struct port b;

	make(small, NR_REG_ALL_NIC);
	b = conf_open_as("vale0:b", REG_SLOTS(8));
	for (uint32_t i = 0; i < 200; i++) {
		conf_send(&wire, 0, conf_frame(BROADCAST, WIRE, i));
		conf_await(&a, 0, conf_frame(BROADCAST, WIRE, i));
	}
	/* Behind this nothing is on its way to @b any more. */
	CHECK_ERR(detach("vale0:eth0"), 0);
	for (uint32_t i = 0; i < 7; i++)
		conf_await(&b, 0, conf_frame(BROADCAST, WIRE, i));
	st = conf_stats("vale0:b", NETMAP_X_RX, 0);
	CHECK_EQ(st.attempted, 200);
	CHECK_EQ(st.delivered, 7);
	CHECK_EQ(st.drop_full, 193);
}

/* Tx counters once @want frames are in them: who moves frames counts them when
 * they may have arrived already. */
static struct nmreq_x_stats sent_await(const char *name, uint64_t want)
{
	struct nmreq_x_stats st;

	for (int i = 0; i < 5000; i++) {
		st = conf_stats(name, NETMAP_X_TX, NETMAP_X_ALL_RINGS);
		if (st.sent >= want)
			break;
		pump();
	}
	CHECK_EQ(st.sent, want);
	CHECK_EQ(st.offered, want);
	CHECK_EQ(st.sent_bytes, 60 * want);
	return st;
}

static void counters(void)
{
	struct nmreq_x_stats tx, rx;

	make(small, NR_REG_ALL_NIC);
	for (uint32_t i = 0; i < 100; i++) {
		conf_send(&wire, 0, conf_frame(PROG, WIRE, i));
		conf_await(&a, 0, conf_frame(PROG, WIRE, i));
	}
	for (uint32_t i = 0; i < 50; i++) {
		conf_send(&a, 0, conf_frame(WIRE, PROG, i));
		conf_await(&wire, 0, conf_frame(WIRE, PROG, i));
	}
	rx = conf_stats("eth0", NETMAP_X_RX, 0);
	CHECK_EQ(rx.attempted, 100);
	CHECK_EQ(rx.delivered, 100);
	CHECK_EQ(rx.delivered_bytes, 6000);
	tx = sent_await("eth0", 50);
	CHECK_EQ(tx.x_rings, 2); /* and the host's */
	tx = sent_await("vale0:eth0", 100);
	CHECK_EQ(tx.x_rings, 1);
	rx = conf_stats("vale0:eth0", NETMAP_X_RX, NETMAP_X_ALL_RINGS);
	CHECK_EQ(rx.attempted, 50);
	CHECK_EQ(rx.delivered, 50);
	CHECK_EQ(conf_stats("vale0:a", NETMAP_X_RX, 0).delivered, 100);
	CHECK_EQ(conf_stats("vale0:a", NETMAP_X_TX, 0).sent, 50);
}

static const struct claim claims[] = {
	{"an attached interface's frames go to the switch and back", both_ways},
	{"bursts keep their order both ways", bursts},
	{"rings go to rings of the same number, floods to ring 0", rings},
	{"an attachment has a header of its own, which the wire's frames "
	 "begin with",
	 with_header},
	{"two interfaces and a program are on one switch", two_of_them},
	{"NR_REG_NIC_SW keeps the system's network, through the switch",
	 host_side},
	{"an attached interface is busy, whatever is asked of it", busy},
	{"an attached interface may be monitored", monitored},
	{"DETACH gives the interface back to the system", given_back},
	{"an interface that is removed leaves the switch", removed_nic},
	{"so does its host's side", removed_nic_and_host},
	{"a reset interface goes on where it was", reset},
	{"ATTACH and DETACH may come while frames pass", under_traffic},
	{"a full interface drops, and goes on when it has sent",
	 full_interface},
	{"a slow program on the switch does not hold up the others",
	 slow_program},
	{"interface and switch count the same frames", counters},
};

int main(void)
{
	conf_nics();
	return CONF_RUN(claims);
}
