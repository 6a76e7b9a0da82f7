// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * pkt-gen - sends and receives frames on netmap ports, as fast as they go.
 *
 *   options.c   what is to be done
 *   worker      one thread: tx.c, rx.c, ping.c, pong.c
 *     target    its port: rings, or one frame at a time
 *     frame     what it sends; range.h: the way through addresses
 *   report.c    what the main thread prints meanwhile, and in the end
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cli.h"
#include "report.h"
#include "stop.h"
#include "worker.h"

#define DEFAULT_LINK_WAIT 2
#define IDLE_NS		  1000000000ull
#define LOOK_NS		  250000000ull

/* ---- what the threads send ---- */

/* The MAC address of the port's interface. */
static bool interface_mac(const struct target *t, uint8_t m[6])
{
	struct ifreq r = {0};
	char name[IFNAMSIZ];
	int fd;
	bool ok;

	if (t->kind != TARGET_NETMAP)
		snprintf(name, sizeof(name), "%.*s", IFNAMSIZ - 1, t->spec);
	else if (!ports_interface(t->spec, name))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	strcpy(r.ifr_name, name);
	ok = ioctl(fd, SIOCGIFHWADDR, &r) == 0;
	close(fd);
	if (ok)
		memcpy(m, r.ifr_hwaddr.sa_data, 6);
	return ok;
}

/* An address that ports of different names hardly ever share: locally
 * administered, with a hash of the name (FNV-1a). */
static void name_mac(const struct target *t, uint8_t m[6])
{
	uint64_t h = 0xcbf29ce484222325;

	for (const char *p = t->spec; *p; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3;
	m[0] = 2;
	for (int i = 1; i < 6; i++)
		m[i] = (uint8_t)(h >> 8 * i);
}

void worker_frame(const struct worker *w, struct frame_spec *spec,
		  enum frame_mark mark)
{
	const struct options *o = w->o;

	*spec = (struct frame_spec){
		.version = o->version,
		.src = {o->src.first, o->src.port_first},
		.dst = {o->dst.first, o->dst.port_first},
		.vnet = w->target.vnet,
		.len_max = o->len_max,
		.mark = mark,
	};
	memcpy(spec->dst_mac, o->dst_mac, 6);
	if (o->has_src_mac)
		memcpy(spec->src_mac, o->src_mac, 6);
	else if (!interface_mac(&w->target, spec->src_mac))
		name_mac(&w->target, spec->src_mac);
	/* threads begin at places of their own in a range */
	range_skip(&o->src, &spec->src, w->index);
}

/* ---- threads ---- */

static bool pin(const struct worker *w)
{
	const struct options *o = w->o;
	unsigned base = o->cpu < 0 ? 0 : (unsigned)o->cpu;
	unsigned cpu = base + (o->cpus ? w->index % o->cpus : w->index);
	cpu_set_t set;

	if (o->cpu < 0 && !o->cpus)
		return true;
	CPU_ZERO(&set);
	if (cpu < CPU_SETSIZE)
		CPU_SET(cpu, &set);
	if (cpu < CPU_SETSIZE &&
	    !pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		return true;
	return cli_fail("thread %u: cannot be on processor %u (-a, -c)",
			w->index, cpu);
}

static void *thread(void *arg)
{
	static bool (*const runs[])(struct worker * w) = {
		[FUNC_RX] = rx_run,	[FUNC_TX] = tx_run,
		[FUNC_PING] = ping_run, [FUNC_PONG] = pong_run,
		[FUNC_RXSEQ] = rx_run,	[FUNC_TXSEQ] = tx_run,
	};
	struct worker *w = arg;

	if (!pin(w) || !runs[w->o->func](w)) {
		w->has_failed = true;
		stop_request();
	}
	__atomic_store_n(&w->is_done, true, __ATOMIC_RELEASE);
	stop_wake();
	return NULL;
}

static bool is_needed(const struct options *o, bool *latency, bool *seq)
{
	*latency = o->func == FUNC_PING ||
		   (options_receive(o) && (o->bits & OPT_TIMESTAMP));
	*seq = o->func == FUNC_RXSEQ;
	return *latency || *seq;
}

static bool worker_init(struct worker *w, const struct options *o, unsigned i,
			unsigned n)
{
	bool latency, seq;

	w->o = o;
	w->index = i;
	w->count = o->count ? o->count / n + (i < o->count % n) : UINT64_MAX;
	w->rate = o->rate ? o->rate / n + (i < o->rate % n) : 0;
	if (o->rate && !w->rate)
		w->rate = 1;
	w->counts.min_space = UINT64_MAX;
	w->random = clock_ns() ^ (uint64_t)getpid() << 32 ^
		    0x9e3779b97f4a7c15 * (i + 1);
	if (!is_needed(o, &latency, &seq))
		return true;
	w->latency = latency ? malloc(sizeof(*w->latency)) : NULL;
	w->seq = seq ? calloc(STREAMS, sizeof(*w->seq)) : NULL;
	if ((latency && !w->latency) || (seq && !w->seq))
		return cli_fail("no memory for the state of a thread");
	if (latency)
		latency_clear(w->latency);
	return true;
}

static struct worker *open_workers(const struct options *o, unsigned *n)
{
	struct worker *w, *all;
	struct target first;
	unsigned threads = o->threads;

	if (!target_init(&first, o))
		return NULL;
	if (!target_open(&first, o, 0, &threads, NULL)) {
		target_close(&first);
		return NULL;
	}
	all = aligned_alloc(128, threads * sizeof(*all));
	if (!all) {
		cli_fail("no memory for %u threads", threads);
		target_close(&first);
		return NULL;
	}
	memset(all, 0, threads * sizeof(*all));
	*n = threads;
	for (unsigned i = 0; i < threads; i++) {
		w = &all[i];
		w->target = first;
		if (i > 0) {
			target_init(&w->target, o);
			if (!target_open(&w->target, o, i, &threads, &first))
				w->has_failed = true;
		}
		if (w->has_failed || !worker_init(w, o, i, threads)) {
			w->has_failed = true;
			stop_request();
			break;
		}
	}
	return all;
}

static void start_workers(struct worker *all, unsigned n)
{
	for (unsigned i = 0; i < n && !stop_wanted(); i++) {
		int error =
			pthread_create(&all[i].thread, NULL, thread, &all[i]);

		all[i].is_started = !error;
		if (error) {
			cli_say("cannot start thread %u: %s", i,
				strerror(error));
			all[i].has_failed = true;
			stop_request();
		}
	}
}

static bool are_done(const struct worker *all, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (all[i].is_started &&
		    !__atomic_load_n(&all[i].is_done, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/* What -W waits for: a second without packets, once there were some. */
struct idle {
	uint64_t packets, since;
};

static bool is_idle(struct idle *idle, const struct worker *all, unsigned n)
{
	uint64_t packets = 0, now = clock_ns();

	for (unsigned i = 0; i < n; i++)
		packets += __atomic_load_n(&all[i].counts.packets,
					   __ATOMIC_RELAXED);
	if (packets != idle->packets) {
		idle->packets = packets;
		idle->since = now;
	}
	return packets > 0 && now - idle->since > IDLE_NS;
}

/* Waits for the threads, and reports. */
static void attend(struct report *r, const struct worker *all, unsigned n)
{
	const struct options *o = r->o;
	uint64_t period = o->report_ms * 1000000ull, next, look;
	bool can_idle =
		o->ends_idle && !options_send(o) && o->func != FUNC_PING;
	struct idle idle = {0};

	if (o->func == FUNC_PING) /* reports by itself */
		period = 0;
	next = r->time + period;
	while (!are_done(all, n)) {
		look = clock_ns() + LOOK_NS;
		stop_wait(period && next < look ? next : look);
		if (period && clock_ns() >= next) {
			report_rate(r, clock_ns());
			next += period;
		}
		if (can_idle && !stop_wanted() && is_idle(&idle, all, n))
			stop_request();
	}
}

static bool close_workers(struct worker *all, unsigned n)
{
	bool ok = true;

	for (unsigned i = 0; i < n; i++) {
		ok = ok && !all[i].has_failed;
		/* not opened, since one before it failed */
		if (all[i].o || all[i].target.d || i == 0)
			target_close(&all[i].target);
		free(all[i].latency);
		free(all[i].seq);
	}
	free(all);
	return ok;
}

/* ---- the whole ---- */

static bool wait_link(const struct options *o, const struct target *t)
{
	int seconds = o->link_wait < 0 ? DEFAULT_LINK_WAIT : o->link_wait;

	if (t->kind != TARGET_NETMAP)
		return true;
	if (!ports_wait_link(t->spec, (unsigned)seconds) && !stop_wanted())
		cli_say("%s: no link after %d seconds (-w); going on", t->spec,
			seconds);
	return true;
}

static void describe(const struct options *o, const struct target *t,
		     unsigned n)
{
	if (t->d)
		printf("%s: %u tx rings of %u slots, %u rx rings of %u, region "
		       "%u, header of %u bytes; %u threads\n",
		       t->spec, t->d->reg.nr_tx_rings, t->d->reg.nr_tx_slots,
		       t->d->reg.nr_rx_rings, t->d->reg.nr_rx_slots,
		       t->d->reg.nr_mem_id, t->vnet, n);
	else
		printf("%s: %u threads\n", o->port, n);
	fflush(stdout);
}

/* ping that nobody answers has failed. */
static bool is_answered(const struct options *o, const struct worker *all,
			unsigned n)
{
	uint64_t answered = 0;

	for (unsigned i = 0; i < n; i++)
		answered += all[i].answered;
	return o->func != FUNC_PING || answered > 0;
}

static bool run(const struct options *o)
{
	struct report report = {.o = o};
	struct worker *all;
	unsigned n = 0;
	bool ok;

	all = open_workers(o, &n);
	if (!all)
		return false;
	wait_link(o, &all[0].target);
	if (o->verbose)
		describe(o, &all[0].target, n);
	report.workers = all;
	report.n = n;
	report.time = clock_ns();
	report.last.min_space = UINT64_MAX;
	start_workers(all, n);
	attend(&report, all, n);
	for (unsigned i = 0; i < n; i++)
		if (all[i].is_started)
			pthread_join(all[i].thread, NULL);
	ok = is_answered(o, all, n);
	if (all[0].is_started)
		report_summary(&report);
	return close_workers(all, n) && ok;
}

int main(int argc, char **argv)
{
	struct options o;

	options_read(&o, argc, argv);
	stop_init();
	return run(&o) ? 0 : 1;
}
