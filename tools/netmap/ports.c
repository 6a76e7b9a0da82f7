// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ctl.h"
#include "netmap.h"

/* ---- counters ---- */

struct counter {
	const char *name;
	size_t at; /* in struct nmreq_x_stats */
	int dir;   /* NETMAP_X_TX, NETMAP_X_RX, or -1: both */
};

#define COUNTER(member, dir)                                         \
	{                                                            \
#member, offsetof(struct nmreq_x_stats, member), dir \
	}

static const struct counter counters[] = {
	COUNTER(syncs, -1),
	COUNTER(resets, -1),
	COUNTER(contended, -1),
	COUNTER(offered, NETMAP_X_TX),
	COUNTER(sent, NETMAP_X_TX),
	COUNTER(sent_bytes, NETMAP_X_TX),
	COUNTER(no_runt, NETMAP_X_TX),
	COUNTER(no_slot, NETMAP_X_TX),
	COUNTER(no_frags, NETMAP_X_TX),
	COUNTER(no_indirect, NETMAP_X_TX),
	COUNTER(no_self, NETMAP_X_TX),
	COUNTER(no_port, NETMAP_X_TX),
	COUNTER(no_memory, NETMAP_X_TX),
	COUNTER(no_client, NETMAP_X_TX),
	COUNTER(attempted, NETMAP_X_RX),
	COUNTER(delivered, NETMAP_X_RX),
	COUNTER(delivered_bytes, NETMAP_X_RX),
	COUNTER(drop_full, NETMAP_X_RX),
	COUNTER(drop_closed, NETMAP_X_RX),
	COUNTER(drop_slot, NETMAP_X_RX),
	COUNTER(drop_size, NETMAP_X_RX),
	COUNTER(drop_header, NETMAP_X_RX),
	COUNTER(drop_memory, NETMAP_X_RX),
};

static json_t *stats_json(const struct nmreq_x_stats *s, int dir)
{
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		const struct counter *c = &counters[i];
		uint64_t v;

		if (c->dir >= 0 && c->dir != dir)
			continue;
		memcpy(&v, (const char *)s + c->at, sizeof(v));
		json_object_set_new(o, c->name, json_integer((json_int_t)v));
	}
	return o;
}

/* One object for each ring. An empty array: it has no name to ask by. */
static json_t *rings_json(int fd, const char *name, int dir, uint32_t rings)
{
	json_t *a = json_array();

	for (uint32_t i = 0; *name && i < rings; i++) {
		struct nmreq_x_stats s = {.x_size = sizeof(s),
					  .x_dir = (uint16_t)dir,
					  .x_ring = (uint16_t)i};

		/* It may be gone by now. */
		if (ctl_request(fd, NETMAP_REQ_X_STATS_GET, name, &s, NULL))
			break;
		json_array_append_new(a, stats_json(&s, dir));
	}
	return a;
}

static json_t *port_json(int fd, const char *name, const struct nmreq_x_port *p)
{
	static const char *const keys[] = {"tx", "rx"};
	json_t *o = json_pack("{s:I, s:s, s:s, s:i, s:I}", "number",
			      (json_int_t)p->x_seq, "name", name, "kind",
			      p->x_kind, "region", (int)p->x_mem_id,
			      "region_bytes", (json_int_t)p->x_memsize);

	if (p->x_mode[0]) {
		json_object_set_new(o, "mode", json_string(p->x_mode));
		json_object_set_new(o, "why",
				    json_pack("{s:s, s:s}", "tx", p->x_why[0],
					      "rx", p->x_why[1]));
	}
	for (int d = 0; d < 2; d++) {
		uint32_t all = p->x_rings[d] + p->x_host_rings[d];
		json_t *dir = json_pack(
			"{s:i, s:i, s:i, s:i}", "rings", (int)p->x_rings[d],
			"host_rings", (int)p->x_host_rings[d], "slots",
			(int)p->x_slots[d], "users", (int)p->x_users[d]);

		json_object_set_new(dir, "counters",
				    rings_json(fd, name, d, all));
		json_object_set_new(o, keys[d], dir);
	}
	return o;
}

json_t *ports_collect(int fd)
{
	struct nmreq_x_port p = {.x_size = sizeof(p)};
	json_t *a = json_array();
	struct nmreq_header hdr;

	while (!ctl_request(fd, NETMAP_REQ_X_PORTS_GET, NULL, &p, &hdr)) {
		p.x_kind[sizeof(p.x_kind) - 1] = 0;
		p.x_mode[sizeof(p.x_mode) - 1] = 0;
		for (int d = 0; d < 2; d++)
			p.x_why[d][sizeof(p.x_why[d]) - 1] = 0;
		json_array_append_new(a, port_json(fd, hdr.nr_name, &p));
		p.x_size = sizeof(p);
		p.x_seq++;
	}
	return a;
}

/* ---- ports ---- */

static json_int_t sum(const json_t *dir, const char *counter)
{
	const json_t *ring;
	json_int_t n = 0;
	size_t i;

	json_array_foreach(json_object_get(dir, "counters"), i, ring) n +=
		json_integer_value(json_object_get(ring, counter));
	return n;
}

static void print_ports(json_t *ports)
{
	const json_t *p;
	size_t i;

	printf("%-24s %-10s %6s %11s %11s %5s %14s %14s %12s\n", "port", "kind",
	       "region", "tx rings", "rx rings", "users", "sent", "received",
	       "dropped");
	json_array_foreach(ports, i, p)
	{
		const json_t *tx = json_object_get(p, "tx");
		const json_t *rx = json_object_get(p, "rx");
		char rings[2][24];
		int users = 0;

		for (int d = 0; d < 2; d++) {
			const json_t *dir = d ? rx : tx;
			int u = (int)json_integer_value(
				json_object_get(dir, "users"));

			snprintf(rings[d], sizeof(rings[d]), "%dx%d",
				 (int)json_integer_value(
					 json_object_get(dir, "rings")),
				 (int)json_integer_value(
					 json_object_get(dir, "slots")));
			users = u > users ? u : users;
		}
		printf("%-24s %-10s %6d %11s %11s %5d %14lld %14lld %12lld\n",
		       json_string_value(json_object_get(p, "name")),
		       json_string_value(json_object_get(p, "kind")),
		       (int)json_integer_value(json_object_get(p, "region")),
		       rings[0], rings[1], users, (long long)sum(tx, "sent"),
		       (long long)sum(rx, "delivered"),
		       (long long)(sum(rx, "attempted") -
				   sum(rx, "delivered")));
	}
}

/* Where nobody serves there are no ports: that is an answer. */
static int open_or_nothing(const char *command, int *fd)
{
	*fd = home_open();
	if (*fd >= 0 || *fd == -ENODEV)
		return 0;
	fprintf(stderr, "netmap %s: /dev/netmap: %s\n", command,
		strerror(-*fd));
	return 1;
}

int ports_run(int argc, char **argv)
{
	struct flags f;
	json_t *ports;
	int fd;

	flags_parse(&f, argc, argv, "j",
		    "usage: netmap ports [--json]\n\n"
		    "Lists the ports that exist. Counts are frames since the "
		    "port was made; --json has all\ncounters of all rings, by "
		    "the names of netmap_ext.h.\n");
	if (open_or_nothing(argv[0], &fd))
		return 1;
	ports = fd < 0 ? json_array() : ports_collect(fd);
	if (fd >= 0)
		close(fd);
	if (f.json) {
		print_json(ports);
	} else {
		print_ports(ports);
		json_decref(ports);
	}
	return 0;
}

/* ---- errors ---- */

static json_t *refusal_json(const struct nmreq_x_refusal *r)
{
	return json_pack("{s:I, s:I, s:i, s:i, s:s, s:i, s:s}", "number",
			 (json_int_t)r->x_seq, "time", (json_int_t)r->x_sec,
			 "pid", (int)r->x_pid, "request", (int)r->x_request,
			 "program", r->x_program, "errno", (int)r->x_error,
			 "sentence", r->x_sentence);
}

static void refusal_print(const struct nmreq_x_refusal *r)
{
	time_t t = (time_t)r->x_sec;
	struct tm tm;
	char at[32];

	localtime_r(&t, &tm);
	strftime(at, sizeof(at), "%F %T", &tm);
	printf("%s  %s[%u]  %s\n", at, r->x_program, r->x_pid,
	       r->x_sentence[0] ? r->x_sentence : strerror((int)r->x_error));
}

int errors_run(int argc, char **argv)
{
	struct nmreq_x_refusal r = {.x_size = sizeof(r)};
	json_t *all = json_array();
	struct flags f;
	int fd;

	flags_parse(&f, argc, argv, "j",
		    "usage: netmap errors [--json]\n\n"
		    "Lists the last 64 requests that were refused, the oldest "
		    "first: when, which program,\nand why.\n");
	if (open_or_nothing(argv[0], &fd))
		return 1;
	while (fd >= 0 &&
	       !ctl_request(fd, NETMAP_REQ_X_REFUSALS_GET, NULL, &r, NULL)) {
		if (f.json)
			json_array_append_new(all, refusal_json(&r));
		else
			refusal_print(&r);
		r.x_size = sizeof(r);
		r.x_seq++;
	}
	if (fd >= 0)
		close(fd);
	if (f.json)
		print_json(all);
	else
		json_decref(all);
	return 0;
}
