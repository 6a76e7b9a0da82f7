// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bridge - moves frames between two netmap ports, both ways.
 *
 *      a  rx rings ---> tx rings  b         end a      end b
 *         tx rings <--- rx rings
 *
 * A port whose frames cannot leave waits for room on the other; else it waits
 * for frames. With one port the other end is its host rings, or (-L) itself.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cli.h"
#include "move.h"
#include "ports.h"
#include "stop.h"
#include "units.h"

#define DEFAULT_BURST	  1024
#define MAX_BURST	  8192
#define DEFAULT_LINK_WAIT 4
#define SECOND		  1000000000ull

struct options {
	const char *a, *b; /* b NULL: of a */
	bool reflects, copies;
	uint32_t burst;
	unsigned link_wait;
	unsigned verbose;
};

/* One way. */
struct way {
	struct nmport_d *from, *to;
	struct move_count count;
	bool is_full; /* frames wait for room */
};

struct bridge {
	const struct options *o;
	char spec_a[PORTS_SPEC], spec_b[PORTS_SPEC];
	struct nmport_d *a, *b; /* the same with -L */
	bool zero_copy;
	struct way way[2];
	unsigned n_ways;
	uint64_t start, reported;
	struct move_count last;
};

static const struct cli_option table[] = {
	{'i', "port", "PORT",
	 "A port, at most twice; ports may also be the last arguments"},
	{'b', "burst", "N",
	 "Move at most N frames of a ring at once, 1 to 8192: 1024"},
	{'c', "copy", NULL,
	 "Copy frames even where buffers could be exchanged"},
	{'L', "loop", NULL, "One port: send what it receives back by it"},
	{'w', "wait", "SECONDS",
	 "Wait for the links of interfaces at the start, at most SECONDS: 4"},
	{'v', "verbose", NULL, "Print what is done, and rates every second"},
	{0},
};

static const char more[] =
	"With one port, frames move between its rings and its host rings, so "
	"an\n"
	"interface goes on serving its host. If both ports are in the same "
	"memory\n"
	"region, buffers are exchanged and nothing is copied (@share=PORT in a "
	"name\n"
	"asks for that).\n"
	"\n"
	"Ports: vale0:a, netmap:eth0, eth0, ... as in libnetmap(3).\n"
	"SIGINT ends it, with a summary. Exit codes: 0 done, 1 failed, 2 wrong "
	"use.\n";

static const struct cli cli = {
	.program = "bridge",
	.usage = "[OPTION]... [-i] PORT [[-i] PORT]",
	.about = "Moves frames between two netmap ports, in both directions.",
	.options = table,
	.more = more,
};

/* ---- options ---- */

static void add_port(struct options *o, const char *name)
{
	if (o->b)
		cli_refuse("%s: a third port; there are two ends", name);
	if (o->a)
		o->b = name;
	else
		o->a = name;
}

static void read_options(struct options *o, int argc, char **argv)
{
	int key;

	*o = (struct options){.burst = DEFAULT_BURST,
			      .link_wait = DEFAULT_LINK_WAIT};
	cli_set_program(cli.program);
	while ((key = cli_next(&cli, argc, argv)) != -1) {
		switch (key) {
		case 'i':
			add_port(o, optarg);
			break;
		case 'b':
			o->burst = (uint32_t)cli_in_range("-b", optarg, 1,
							  MAX_BURST);
			break;
		case 'c':
			o->copies = true;
			break;
		case 'L':
			o->reflects = true;
			break;
		case 'w':
			o->link_wait =
				(unsigned)cli_in_range("-w", optarg, 0, 86400);
			break;
		case 'v':
			o->verbose++;
			break;
		}
	}
	while (optind < argc)
		add_port(o, argv[optind++]);
	if (!o->a)
		cli_refuse("no port: -i is missing; see bridge --help");
	if (o->reflects && o->b)
		cli_refuse("-L: reflects on one port, but there is also %s",
			   o->b);
}

/* ---- opening ---- */

static struct nmport_d *prepare(const char *spec)
{
	struct nmport_d *d = nmport_prepare(spec);

	if (d)
		d->reg.nr_flags |= NR_ACCEPT_VNET_HDR | NR_NO_TX_POLL;
	return d;
}

static struct nmport_d *open_port(const char *spec)
{
	struct nmport_d *d = prepare(spec);

	if (d && nmport_open_desc(d) == 0)
		return d;
	nmport_close(d);
	return NULL;
}

/* The host rings of what @d is the other rings of. */
static struct nmport_d *open_host(const struct bridge *b)
{
	struct nmport_d *d;
	char name[IFNAMSIZ];

	if (b->a->reg.nr_mode != NR_REG_ALL_NIC ||
	    !ports_interface(b->spec_a, name)) {
		cli_fail("%s: has no host rings to be the other end; name two "
			 "ports, or use -L",
			 b->spec_a);
		return NULL;
	}
	d = nmport_clone(b->a);
	if (d)
		d->reg.nr_mode = NR_REG_SW;
	if (d && nmport_open_desc(d) == 0)
		return d;
	nmport_close(d);
	return NULL;
}

static bool find_specs(struct bridge *b)
{
	const struct options *o = b->o;

	if (!ports_spec(o->a, b->spec_a))
		return cli_fail("%s: longer than %d characters", o->a,
				PORTS_SPEC - 1);
	if (o->b && !ports_spec(o->b, b->spec_b))
		return cli_fail("%s: longer than %d characters", o->b,
				PORTS_SPEC - 1);
	if (!o->b)
		snprintf(b->spec_b, sizeof(b->spec_b), "%.*s%s", PORTS_SPEC - 2,
			 b->spec_a, o->reflects ? "" : "^");
	return true;
}

/* One program's bytes are the other's frame: it must begin alike. */
static bool have_same_header(const struct bridge *b)
{
	uint32_t a = ports_header(b->a), c = ports_header(b->b);

	return a == c ? true
		      : cli_fail("%s has virtio-net headers of %u bytes, but "
				 "%s of %u: they must be the same",
				 b->spec_a, a, b->spec_b, c);
}

static bool add_way(struct bridge *b, struct nmport_d *from,
		    struct nmport_d *to)
{
	if (!ports_has_rx(from) || !ports_has_tx(to))
		return false;
	b->way[b->n_ways++] = (struct way){.from = from, .to = to};
	return true;
}

static bool open_ports(struct bridge *b)
{
	bool one, other = false;

	if (!find_specs(b))
		return false;
	b->a = open_port(b->spec_a);
	if (!b->a)
		return false;
	if (b->o->reflects)
		b->b = b->a;
	else
		b->b = b->o->b ? open_port(b->spec_b) : open_host(b);
	if (!b->b || !have_same_header(b))
		return false;
	b->zero_copy = !b->o->copies && b->a->mem == b->b->mem;
	one = add_way(b, b->a, b->b);
	if (b->a != b->b)
		other = add_way(b, b->b, b->a);
	return one || other ? true
			    : cli_fail("%s and %s: neither receives what the "
				       "other could send",
				       b->spec_a, b->spec_b);
}

static void close_ports(struct bridge *b)
{
	if (b->b != b->a)
		nmport_close(b->b);
	nmport_close(b->a);
}

static void wait_links(const struct bridge *b)
{
	const char *spec[2] = {b->spec_a, b->spec_b};

	for (int i = 0; i < 2 && !stop_wanted(); i++)
		if (!ports_wait_link(spec[i], b->o->link_wait) &&
		    !stop_wanted())
			cli_say("%s: no link after %u seconds (-w); going on",
				spec[i], b->o->link_wait);
}

/* ---- moving ---- */

/* Fills the tx rings of a way in turn; true: something moved. */
static bool move_way(struct bridge *b, struct way *w)
{
	struct nmport_d *from = w->from, *to = w->to;
	unsigned r = from->first_rx_ring, t = to->first_tx_ring;
	bool moved = false, no_room;

	w->is_full = false;
	while (r <= from->last_rx_ring && t <= to->last_tx_ring) {
		struct netmap_ring *rx = NETMAP_RXRING(from->nifp, r);
		struct netmap_ring *tx = NETMAP_TXRING(to->nifp, t);
		uint32_t n;

		if (nm_ring_empty(rx)) {
			r++;
			continue;
		}
		n = move_frames(rx, tx, b->o->burst, b->zero_copy, &w->count,
				&no_room);
		moved |= n > 0;
		if (no_room)
			t++;
		else
			r++;
	}
	w->is_full = t > to->last_tx_ring;
	return moved;
}

static bool sync_port(struct nmport_d *d, unsigned long what, const char *spec)
{
	return ioctl(d->fd, what, NULL) == 0
		       ? true
		       : cli_fail("%s: cannot move frames: %s", spec,
				  strerror(errno));
}

static const char *spec_of(const struct bridge *b, const struct nmport_d *d)
{
	return d == b->a ? b->spec_a : b->spec_b;
}

/* Moves what can be moved. False: failed. */
static bool move_all(struct bridge *b, bool *moved)
{
	*moved = false;
	for (unsigned i = 0; i < b->n_ways; i++) {
		struct way *w = &b->way[i];

		if (!move_way(b, w))
			continue;
		*moved = true;
		if (!sync_port(w->to, NIOCTXSYNC, spec_of(b, w->to)) ||
		    !sync_port(w->from, NIOCRXSYNC, spec_of(b, w->from)))
			return false;
	}
	return true;
}

static bool wait_ports(struct bridge *b)
{
	struct pollfd p[2] = {{.fd = b->a->fd}, {.fd = b->b->fd}};
	int n = b->a == b->b ? 1 : 2;

	for (unsigned i = 0; i < b->n_ways; i++) {
		const struct way *w = &b->way[i];

		if (w->is_full)
			p[w->to != b->a].events |= POLLOUT;
		else
			p[w->from != b->a].events |= POLLIN;
	}
	if (poll(p, (nfds_t)n, STOP_LOOK_MS) < 0 && errno != EINTR)
		return cli_fail("cannot wait for the ports: %s",
				strerror(errno));
	for (int i = 0; i < n; i++)
		if (p[i].revents & POLLERR)
			return cli_fail("%s: the port has failed, or is gone",
					i == 0 ? b->spec_a : b->spec_b);
	return true;
}

/* ---- reports ---- */

static struct move_count total(const struct bridge *b)
{
	struct move_count c = {0};

	for (unsigned i = 0; i < b->n_ways; i++) {
		c.frames += b->way[i].count.frames;
		c.bytes += b->way[i].count.bytes;
		c.dropped += b->way[i].count.dropped;
	}
	return c;
}

static void report(struct bridge *b)
{
	struct move_count c = total(b);
	uint64_t now = clock_ns();
	double seconds = (double)(now - b->reported) / 1e9;
	char p[UNITS_TEXT], s[UNITS_TEXT];

	if (!b->o->verbose || now - b->reported < SECOND)
		return;
	printf("%spps, %sbps\n",
	       units_rate(p, (double)(c.frames - b->last.frames) / seconds,
			  false),
	       units_rate(s, 8.0 * (double)(c.bytes - b->last.bytes) / seconds,
			  false));
	fflush(stdout);
	b->last = c;
	b->reported = now;
}

static void summary(const struct bridge *b)
{
	double seconds = (double)(clock_ns() - b->start) / 1e9;

	for (unsigned i = 0; i < b->n_ways; i++) {
		const struct way *w = &b->way[i];

		printf("%s to %s: %" PRIu64 " packets, %" PRIu64
		       " bytes, %" PRIu64 " too long, in %.3f s\n",
		       spec_of(b, w->from), spec_of(b, w->to), w->count.frames,
		       w->count.bytes, w->count.dropped, seconds);
	}
	fflush(stdout);
}

static bool run(struct bridge *b)
{
	bool moved, ok = true;

	wait_links(b);
	if (b->o->verbose)
		printf("%s and %s: %s\n", b->spec_a, b->spec_b,
		       b->zero_copy ? "buffers are exchanged"
				    : "frames are copied");
	fflush(stdout);
	b->start = b->reported = clock_ns();
	while (ok && !stop_wanted()) {
		ok = move_all(b, &moved);
		if (ok && !moved)
			ok = wait_ports(b);
		report(b);
	}
	summary(b);
	return ok;
}

int main(int argc, char **argv)
{
	struct options o;
	struct bridge b = {.o = &o};
	bool ok;

	read_options(&o, argc, argv);
	stop_on_signals();
	ok = open_ports(&b) && run(&b);
	close_ports(&b);
	return ok ? 0 : 1;
}
