// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * act_correct.c - every frame of a capture between processes, compared.
 *
 *     process 1         process 2         process 3
 *     host 0 at a       host 1 at b       watches at w
 *        |                 |                 |
 *        +---------- vale0, in netmapd ------+       (or a pipe: a == b)
 *
 * Each process knows the whole capture and works out, by the model, what must
 * come to it. Frames in a row of the same host make a batch; for each batch the
 * parent tells all processes to go on, and waits for all. So the order is known
 * and no ring overflows.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "acts.h"

#define BATCH 256u /* slots: a quarter of a ring */

static const char *const specs[WAYS][MAX_ENDS] = {
	[WAY_SWITCH] = {"vale0:a", "vale0:b", "vale0:w"},
	[WAY_PIPE] = {"netmap:demo{1", "netmap:demo}1"},
};
static const unsigned ends_of[WAYS] = {[WAY_SWITCH] = 3, [WAY_PIPE] = 2};
static const char *const names[WAYS] = {"switch", "pipe"};

/* What a process knows; and the parent, who moves no frames. */
struct party {
	const struct capture *sent, *expected;
	enum way_kind kind;
	unsigned own; /* end */
	struct port port;
	struct model model;
	unsigned first, end; /* frames of the batch */
	unsigned route[BATCH];
	unsigned delivered[MAX_ENDS];
	uint8_t buf[MAX_FRAME];
};

static unsigned total(const struct party *p)
{
	return p->sent->n > p->expected->n ? p->sent->n : p->expected->n;
}

/* Frame @i as sent, as expected; NULL: there is none. */
static const struct frame *frame_at(const struct capture *c, unsigned i)
{
	return i < c->n ? &c->frame[i] : NULL;
}

static unsigned host_at(const struct party *p, unsigned i)
{
	const struct frame *f = frame_at(p->sent, i);

	return f ? f->host : p->expected->frame[i].host;
}

/* The next batch, and where its frames are to arrive. */
static void plan(struct party *p)
{
	unsigned host = host_at(p, p->first), slots = 0, i;

	for (i = p->first; i < total(p) && host_at(p, i) == host; i++) {
		const struct frame *f = frame_at(p->sent, i);
		const struct frame *e = frame_at(p->expected, i);
		unsigned route = e ? model_route(&p->model, e, host) : 0;

		slots += f ? (f->len + 2047) / 2048 : 1;
		if (slots > BATCH && i > p->first)
			break;
		p->route[i - p->first] = route;
		for (unsigned end = 0; end < MAX_ENDS; end++)
			p->delivered[end] += route >> end & 1;
	}
	p->end = i;
}

static bool wrong(const struct party *p, unsigned i, const char *what,
		  const struct frame *expected, const struct frame *got)
{
	printf("\nWRONG: %s of %s, frame %u, sent by %c, at %c: %s\n",
	       names[p->kind], p->sent->path, i + 1, "abw"[host_at(p, i)],
	       "abw"[p->own], what);
	dump_difference(expected, got);
	return false;
}

static bool send_batch(struct party *p)
{
	for (unsigned i = p->first; i < p->end; i++) {
		const struct frame *f = frame_at(p->sent, i);

		if (!f)
			continue;
		/* Rings hold four batches: room comes. */
		while (nm_ring_space(p->port.tx) < slots_of(p->port.tx, f->len))
			if (!port_wait(&p->port, POLLOUT, PATIENCE_MS))
				return wrong(p, i, "no room in the ring", f,
					     NULL);
		ring_put(p->port.tx, f);
	}
	return port_sync(&p->port, NIOCTXSYNC);
}

/* Waits for the next frame. */
static bool await(struct party *p, struct frame *got)
{
	struct netmap_ring *rx = p->port.rx;

	while (!ring_take(rx, p->buf, got)) {
		/* Of a frame that is there in part the rest is awaited. */
		rx->cur = nm_ring_tail_(rx);
		if (!port_wait(&p->port, POLLIN, PATIENCE_MS))
			return false;
	}
	return true;
}

static bool receive_batch(struct party *p)
{
	struct frame got;

	for (unsigned i = p->first; i < p->end; i++) {
		const struct frame *e = frame_at(p->expected, i);

		if (!(p->route[i - p->first] >> p->own & 1))
			continue;
		if (!await(p, &got))
			return wrong(p, i, got.len ? "not whole" : "missing", e,
				     got.len ? &got : NULL);
		if (!frame_same(e, &got))
			return wrong(p, i, "other bytes", e, &got);
	}
	return true;
}

/* Nothing more may be there. The first sync gives slots back, the second waits
 * until netmapd has looked. */
static bool receive_nothing(struct party *p)
{
	struct frame got;

	if (!port_sync(&p->port, NIOCRXSYNC) ||
	    !port_sync(&p->port, NIOCRXSYNC))
		return false;
	if (ring_take(p->port.rx, p->buf, &got) || got.len)
		return wrong(p, total(p) - 1, "one too many", NULL, &got);
	return true;
}

static bool run(struct party *p, int fd)
{
	char go;

	for (p->first = 0; p->first < total(p); p->first = p->end) {
		plan(p);
		if (!process_hear(fd, &go))
			return false;
		if (p->own == host_at(p, p->first) && !send_batch(p))
			return false;
		if (!receive_batch(p) || !process_say(fd, 0))
			return false;
	}
	return process_hear(fd, &go) && receive_nothing(p) &&
	       process_say(fd, 0);
}

static bool party_main(int fd, void *arg)
{
	struct party *p = arg;
	const char *spec = specs[p->kind][p->own];
	bool ok;

	if (!port_open(&p->port, spec)) {
		perror(spec);
		return false;
	}
	ok = process_say(fd, 0) && run(p, fd);
	port_close(&p->port);
	return ok;
}

/* ---- the parent ---- */

static bool all_say(const struct process *process, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!process_say(process[i].fd, 0))
			return false;
	return true;
}

static bool all_hear(const struct process *process, unsigned n)
{
	char byte;

	for (unsigned i = 0; i < n; i++)
		if (!process_hear(process[i].fd, &byte))
			return false;
	return true;
}

static bool conduct(struct party *p, const struct process *process)
{
	unsigned n = ends_of[p->kind];

	for (p->first = 0; p->first < total(p); p->first = p->end) {
		plan(p);
		if (!all_say(process, n) || !all_hear(process, n))
			return false;
	}
	return all_say(process, n) && all_hear(process, n);
}

static void party_init(struct party *p, const struct acts *a, unsigned file,
		       enum way_kind kind)
{
	p->sent = &a->capture[file];
	p->expected = a->expected ? a->expected : p->sent;
	p->kind = kind;
	memset(p->delivered, 0, sizeof(p->delivered));
	model_init(&p->model, kind);
}

static bool pass(const struct acts *a, unsigned file, enum way_kind kind)
{
	static struct party p;
	struct process process[MAX_ENDS];
	unsigned n = 0;
	bool ok = true;
	char byte;

	party_init(&p, a, file, kind);
	for (; ok && n < ends_of[kind]; n += ok) {
		p.own = n;
		ok = process_start(&process[n], party_main, &p) &&
		     process_hear(process[n].fd, &byte);
		n += !ok && process[n].pid > 0; /* it is there to be ended */
	}
	ok = ok && conduct(&p, process);
	while (n)
		ok &= process_end(&process[--n], 0);
	for (unsigned end = 0; ok && end < ends_of[kind]; end++)
		printf(" %7u", p.delivered[end]);
	return ok;
}

bool act_correct(const struct acts *a)
{
	unsigned long frames = 0;

	puts("\nCORRECT  Process 1 is one host of the capture, process 2 the "
	     "other, process 3\n         watches what the switch floods. Each "
	     "compares what it gets, byte for\n         byte and in order, "
	     "with what must come to it.\n\n"
	     "                            vale0: arrived at   pipe: arrived "
	     "at\n"
	     "  capture         frames       1       2       3       1       "
	     "2");
	for (unsigned i = 0; i < a->files; i++) {
		const struct capture *c = &a->capture[i];
		const char *slash = strrchr(c->path, '/');

		printf("  %-14s %7u", slash ? slash + 1 : c->path, c->n);
		if (!pass(a, i, WAY_SWITCH) || !pass(a, i, WAY_PIPE))
			return false;
		putchar('\n');
		frames += c->n;
	}
	printf("\n  %lu frames each way: none missing, none too many, none "
	       "changed\n",
	       frames);
	return true;
}
