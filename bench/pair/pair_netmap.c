// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* pair_netmap.c - ports of netmapd, used as any program uses /dev/netmap. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#define NETMAP_WITH_LIBS
#include "bench_ring.h"
#include "pair.h"

#define BATCH 512u
#define SLOTS 1024u
#define IDLE  200u

const bool pair_needs_netmapd = true;

static const uint8_t mac[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};

static struct nm_desc *port;
static struct netmap_ring *tx, *rx;
static uint8_t frame[64];

static int port_open(const struct pair_way *way, enum pair_role role,
		     struct pair_page *page)
{
	struct nmreq req = {.nr_tx_slots = SLOTS, .nr_rx_slots = SLOTS};

	(void)page;
	port = nm_open(way->spec[role], &req, NM_OPEN_RING_CFG, NULL);
	if (!port) {
		bench_refuse("%s: %s", way->spec[role], strerror(errno));
		return -1;
	}
	tx = NETMAP_TXRING(port->nifp, 0);
	rx = NETMAP_RXRING(port->nifp, 0);
	if (tx->num_slots != SLOTS || rx->num_slots != SLOTS) {
		bench_refuse("rings of %u and %u slots", tx->num_slots,
			     rx->num_slots);
		return -1;
	}
	if (role == PAIR_TO && !strncmp(way->spec[role], "vale", 4)) {
		/* The switch learns where we are. */
		bench_frame(frame, BENCH_FRAME, everybody, mac[role]);
		bench_fill(tx, 1, frame, BENCH_FRAME);
		ioctl(port->fd, NIOCTXSYNC, NULL);
	}
	bench_frame(frame, BENCH_FRAME, mac[!role], mac[role]);
	return 0;
}

static int await(short events, int ms)
{
	struct pollfd p = {.fd = port->fd, .events = events};
	int n = poll(&p, 1, ms);

	if (n >= 0 && !(p.revents & POLLERR))
		return n;
	bench_refuse("poll: %s", n < 0 ? strerror(errno) : "POLLERR");
	return -1;
}

BENCH_INLINE int send_up_to(unsigned n)
{
	unsigned room = nm_ring_space(tx);

	if (!room) {
		int err = await(POLLOUT, PAIR_PATIENCE_MS);

		return err < 0 ? -1 : 0;
	}
	if (room < n)
		n = room;
	bench_fill(tx, n, frame, BENCH_FRAME);
	if (!ioctl(port->fd, NIOCTXSYNC, NULL))
		return (int)n;
	bench_refuse("TXSYNC: %s", strerror(errno));
	return -1;
}

static int send_batch(void)
{
	return send_up_to(BATCH);
}

static int send_one(void)
{
	return send_up_to(1);
}

/* poll() gives released slots back, as RXSYNC does. */
static int receive(int ms)
{
	uint64_t sum = 0;
	int n = await(POLLIN, ms);

	if (n > 0)
		n = (int)bench_read(rx, &sum);
	bench_sink = sum;
	return n;
}

/* ---- a switch with many that wait ---- */

/* One process: netmapd has a session, and a sleeper, for each port. */
static void idle_main(int ready)
{
	struct pollfd p[IDLE];
	char name[32];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < IDLE; i++) {
		struct nm_desc *d;

		snprintf(name, sizeof(name), "vale0:idle%u", i);
		d = nm_open(name, NULL, 0, NULL);
		if (!d) {
			dprintf(ready, "%s: %s", name, strerror(errno));
			_exit(1);
		}
		p[i] = (struct pollfd){.fd = d->fd, .events = POLLIN};
	}
	dprintf(ready, "+");
	/* What the switch floods stays in their rings. */
	while (poll(p, IDLE, -1) > 0)
		for (unsigned i = 0; i < IDLE; i++)
			if (p[i].revents)
				p[i].fd = -1;
}

static int idle_prepare(const struct pair_way *way)
{
	char text[64] = "it has ended";
	int fds[2];
	pid_t pid;

	(void)way;
	if (pipe(fds))
		return -1;
	pid = fork();
	if (!pid)
		idle_main(fds[1]);
	close(fds[1]);
	if (pid > 0 && read(fds[0], text, sizeof(text) - 1) > 0 && *text == '+')
		return 0;
	bench_refuse("%u idle ports: %s", IDLE, text);
	return -1;
}

/* ---- ports that come and go ---- */

static enum pair_role open_role;

static int churn_open(const struct pair_way *way, enum pair_role role,
		      struct pair_page *page)
{
	open_role = role;
	/* That of one process stays, and the switch with it. */
	return role == PAIR_TO ? port_open(way, role, page) : 0;
}

static int churn_once(void)
{
	struct nm_desc *d;

	if (open_role == PAIR_TO)
		return 1;
	d = nm_open("vale0:from", NULL, 0, NULL);
	if (!d) {
		bench_refuse("vale0:from: %s", strerror(errno));
		return -1;
	}
	nm_close(d);
	return 1;
}

static int churn_wait(int ms)
{
	(void)ms;
	if (open_role == PAIR_TO)
		usleep(10000);
	return 1;
}

#define SWITCH                           \
	{                                \
		"vale0:from", "vale0:to" \
	}
#define PIPE                                       \
	{                                          \
		"netmap:bench{1", "netmap:bench}1" \
	}

const struct pair_way pair_ways[] = {
	{.name = "vale",
	 .open = port_open,
	 .send = send_batch,
	 .receive = receive,
	 .spec = SWITCH},
	{.name = "vale.200idle",
	 .prepare = idle_prepare,
	 .open = port_open,
	 .send = send_batch,
	 .receive = receive,
	 .spec = SWITCH},
	{.name = "open",
	 .round_trips = true,
	 .open = churn_open,
	 .send = churn_once,
	 .receive = churn_wait,
	 .spec = SWITCH},
	{.name = "pipe",
	 .open = port_open,
	 .send = send_batch,
	 .receive = receive,
	 .spec = PIPE},
	{.name = "vale.rtt",
	 .round_trips = true,
	 .open = port_open,
	 .send = send_one,
	 .receive = receive,
	 .spec = SWITCH},
	{.name = "pipe.rtt",
	 .round_trips = true,
	 .open = port_open,
	 .send = send_one,
	 .receive = receive,
	 .spec = PIPE},
	{0},
};
