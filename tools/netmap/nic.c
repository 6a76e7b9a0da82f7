// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap status IFACE: what netmap makes, or would make, of an interface.
 *
 * Of a port that is open the module says how its rings reach the driver, and
 * why. Before that the system alone is asked, which changes nothing: whether a
 * driver has XDP it tells only whoever attaches a program.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ctl.h"
#include "link.h"
#include "netmap.h"

#define LINK_BYTES 18 /* of a frame beside its MTU: header and VLAN tag */

#define ADMODE	 "/sys/module/netmap/parameters/admode"
#define BUF_SIZE "/sys/module/netmap/parameters/buf_size"

#define TX 0
#define RX 1

struct way {
	char mode[16];
	char why[80];
};

struct nic {
	struct link link;
	struct nmreq_x_port port; /* x_seq 0: there is none */
	struct way way[2];
	unsigned buffer; /* bytes; 0: not known */
	unsigned admode;
	char problem[160]; /* why a program would not get it, or "" */
	char warning[240]; /* or "" */
};

/* ---- the module's view ---- */

static unsigned parameter(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned v = 0;

	if (f && fscanf(f, "%u", &v) != 1)
		v = 0;
	if (f)
		fclose(f);
	return v;
}

/* The port on the interface; x_seq 0: there is none. */
static void port_find(int fd, const char *name, struct nmreq_x_port *out)
{
	struct nmreq_x_port p = {.x_size = sizeof(p)};
	struct nmreq_header hdr;

	out->x_seq = 0;
	while (!ctl_request(fd, NETMAP_REQ_X_PORTS_GET, NULL, &p, &hdr)) {
		if (!strcmp(hdr.nr_name, name) && strcmp(p.x_kind, "monitor")) {
			*out = p;
			return;
		}
		p = (struct nmreq_x_port){.x_size = sizeof(p),
					  .x_seq = p.x_seq + 1};
	}
}

/* Of the region that the port is in, or would be made in. */
static unsigned buffer_bytes(int fd, const struct nic *n)
{
	struct nmreq_pools_info pools = {0};

	if (n->port.x_seq && !ctl_request(fd, NETMAP_REQ_POOLS_INFO_GET,
					  n->link.name, &pools, NULL))
		return pools.nr_buf_pool_objsize;
	return parameter(BUF_SIZE);
}

static bool is_nic(const struct nic *n)
{
	return n->port.x_seq && !strcmp(n->port.x_kind, "NIC");
}

static bool is_taken(const struct nic *n)
{
	return is_nic(n) && n->port.x_mode[0];
}

/* ---- how rings go, or would ---- */

static void way_set(struct way *w, const char *mode, const char *why)
{
	snprintf(w->mode, sizeof(w->mode), "%s", mode);
	snprintf(w->why, sizeof(w->why), "%s", why);
}

static void ways_of_port(struct nic *n)
{
	struct nmreq_x_port *p = &n->port;

	if (sscanf(p->x_mode, "rx %15[^,], tx %15s", n->way[RX].mode,
		   n->way[TX].mode) != 2)
		return;
	for (int d = 0; d < 2; d++)
		snprintf(n->way[d].why, sizeof(n->way[d].why), "%s",
			 p->x_why[d]);
}

static void ways_guess(struct nic *n)
{
	static const char *const asked[] = {
		"the driver is asked when a program opens the port",
		"admode is 1: refused if the driver has no XDP",
	};

	for (int d = 0; d < 2; d++)
		if (n->admode == 2)
			way_set(&n->way[d], "skb", "parameter admode is 2");
		else if (n->admode == 1 && d == RX)
			way_set(&n->way[d], "native-xdp", asked[1]);
		else
			way_set(&n->way[d], "not known", asked[0]);
}

static void ways_find(struct nic *n)
{
	if (is_taken(n))
		ways_of_port(n);
	else if (n->port.x_seq && !is_nic(n))
		for (int d = 0; d < 2; d++)
			way_set(&n->way[d], "own",
				"the rings are netmap's own: no driver");
	else
		ways_guess(n);
}

/* ---- what stands against it ---- */

static void problem_find(struct nic *n)
{
	const struct link *l = &n->link;
	size_t size = sizeof(n->problem);

	if (n->port.x_seq && !is_nic(n))
		return;
	if (!l->ethernet)
		snprintf(n->problem, size, "it is no Ethernet interface");
	else if (l->master[0])
		snprintf(n->problem, size,
			 "it belongs to %s: programs are refused until it is "
			 "taken out of that",
			 l->master);
	else if (l->xdp && !is_taken(n))
		snprintf(n->problem, size,
			 "it has an XDP program, number %u: programs are "
			 "refused until that is off",
			 l->xdp_id);
}

/* Drivers of hardware may lay their queues out anew, for an XDP program or when
 * they are to leave VLAN tags in frames. Which do, they do not tell. */
static void warning_find(struct nic *n)
{
	if (!n->link.hardware || n->problem[0])
		return;
	snprintf(n->warning, sizeof(n->warning),
		 "the driver %s may reset its queues when netmap takes the\n"
		 "interface, and when it gives it back: the link may go down "
		 "for a moment",
		 n->link.driver);
}

/* ---- shown ---- */

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *way_json(const struct way *w)
{
	return json_pack("{s:s, s:s}", "mode", w->mode, "why", w->why);
}

static json_t *port_json(const struct nmreq_x_port *p)
{
	json_t *o = json_pack("{s:s, s:b}", "kind", p->x_kind, "netmap_mode",
			      p->x_mode[0] != 0);
	static const char *const keys[] = {"tx", "rx"};

	for (int d = 0; d < 2; d++)
		json_object_set_new(o, keys[d],
				    json_pack("{s:i, s:i, s:i}", "rings",
					      (int)p->x_rings[d], "slots",
					      (int)p->x_slots[d], "users",
					      (int)p->x_users[d]));
	return o;
}

static json_t *nic_json(const struct nic *n)
{
	const struct link *l = &n->link;
	json_t *o = json_pack("{s:s, s:s, s:b, s:b, s:i, s:i, s:i}", "home",
			      "kernel", "interface", l->name, "hardware",
			      l->hardware, "up", l->up, "mtu", (int)l->mtu,
			      "buffer_bytes", (int)n->buffer, "admode",
			      (int)n->admode);

	json_object_set_new(o, "driver", text_or_null(l->driver));
	json_object_set_new(o, "master", text_or_null(l->master));
	json_object_set_new(o, "xdp_program",
			    l->xdp ? json_integer(l->xdp_id) : json_null());
	json_object_set_new(o, "port",
			    n->port.x_seq ? port_json(&n->port) : json_null());
	json_object_set_new(o, "rx", way_json(&n->way[RX]));
	json_object_set_new(o, "tx", way_json(&n->way[TX]));
	if (n->problem[0])
		json_object_set_new(o, "problem", json_string(n->problem));
	if (n->warning[0])
		json_object_set_new(o, "warning", json_string(n->warning));
	return o;
}

static void port_print(const struct nmreq_x_port *p)
{
	if (!p->x_seq) {
		puts("port       none is open");
		return;
	}
	printf("port       %s, tx %u x %u, rx %u x %u slots, %s\n", p->x_kind,
	       p->x_rings[TX], p->x_slots[TX], p->x_rings[RX], p->x_slots[RX],
	       p->x_mode[0] ? "in netmap mode" : "not in netmap mode");
}

static void way_print(const char *label, const struct way *w)
{
	printf("%-10s %s%s%s\n", label, w->mode, w->why[0] ? ": " : "", w->why);
}

/* A line for each of @text. */
static void lines_print(const char *label, const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		printf("%-10s %.*s\n", label, (int)(end - text), text);
		label = "";
	}
}

/* Of the longest frame; 0: not known. */
static unsigned frame_slots(const struct nic *n)
{
	return n->buffer
		       ? (n->link.mtu + LINK_BYTES + n->buffer - 1) / n->buffer
		       : 0;
}

static void nic_print(const struct nic *n)
{
	const struct link *l = &n->link;

	printf("interface  %s, driver %s (%s), %s, MTU %u", l->name,
	       l->driver[0] ? l->driver : "none",
	       l->hardware ? "hardware" : "software", l->up ? "up" : "down",
	       l->mtu);
	if (frame_slots(n) > 1)
		printf(": frames take up to %u slots of %u bytes",
		       frame_slots(n), n->buffer);
	putchar('\n');
	port_print(&n->port);
	way_print("rx", &n->way[RX]);
	way_print("tx", &n->way[TX]);
	lines_print("problem", n->problem);
	lines_print("warning", n->warning);
}

/* ---- status IFACE ---- */

static int fail(const char *name, const char *text)
{
	fprintf(stderr, "netmap status: %s: %s\n", name, text);
	return 1;
}

int nic_status(const char *name, bool json)
{
	struct nic n = {0};
	int fd, err;

	if (!strncmp(name, "netmap:", 7))
		name += 7;
	err = link_read(&n.link, name);
	if (err == -ENODEV)
		return fail(name, "there is no such interface in this network "
				  "namespace");
	if (err)
		return fail(name, strerror(-err));
	fd = home_open();
	if (fd < 0)
		return fail("/dev/netmap", strerror(-fd));
	port_find(fd, name, &n.port);
	n.buffer = buffer_bytes(fd, &n);
	close(fd);
	n.admode = parameter(ADMODE);
	ways_find(&n);
	problem_find(&n);
	warning_find(&n);
	if (json)
		print_json(nic_json(&n));
	else
		nic_print(&n);
	return n.problem[0] ? 1 : 0;
}
