// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * pair.c - frames from one process to another, measured as often as asked.
 *
 * usage: pair WAY CPUS [NETMAPD]
 *   CPUS     "-": wherever the system puts them; "0": all on one processor;
 *            "0,1": the sender, the receiver; netmapd on both
 *   NETMAPD  the program; one is started for the time
 *
 * Says "ready", then for each line with a number of milliseconds on standard
 * input one line: nanoseconds, frames received in that time, frames sent and
 * frames lost from begin to end. Or "refused", and why, and ends.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "netmapd_run.h"
#include "pair.h"

struct party {
	pid_t pid;
	int fd; /* a byte to begin, a byte when done */
};

static struct pair_page *page;

/* ---- the two processes ---- */

static void send_all(const struct pair_way *way)
{
	unsigned long sent = 0;
	int n = 0;

	while (n >= 0 && !atomic_load(&page->enough)) {
		n = way->send();
		if (n > 0)
			atomic_store(&page->sent, sent += (unsigned)n);
	}
	atomic_store(&page->silent, true);
}

/* What is under way when the time is over; what does not come soon is lost. */
static void receive_rest(const struct pair_way *way, unsigned long taken)
{
	int n = 1;

	while (n > 0 || (!n && !atomic_load(&page->silent))) {
		if (atomic_load(&page->silent) &&
		    taken >= atomic_load(&page->sent))
			return;
		n = way->receive(50);
		if (n > 0)
			atomic_store(&page->taken, taken += (unsigned)n);
	}
}

/* The clock starts with the first batch, which does not count. */
static void receive_all(const struct pair_way *way)
{
	unsigned long taken = 0, first = 0;
	uint64_t start = 0, now = 0;
	int n;

	do {
		n = way->receive(PAIR_PATIENCE_MS);
		if (n <= 0) {
			if (!n)
				bench_refuse("nothing came for %u ms",
					     PAIR_PATIENCE_MS);
			break;
		}
		atomic_store(&page->taken, taken += (unsigned)n);
		now = bench_now();
		if (!first) {
			start = now;
			first = taken;
		}
	} while (now - start < page->slice_ns || taken == first);
	page->took_ns = now - start;
	page->frames = n > 0 ? taken - first : 0;
	atomic_store(&page->enough, true);
	receive_rest(way, taken);
}

static int await(const struct pair_way *way)
{
	int n = way->receive(PAIR_PATIENCE_MS);

	if (!n)
		bench_refuse("nothing came for %u ms", PAIR_PATIENCE_MS);
	return n;
}

static void ask(const struct pair_way *way)
{
	uint64_t start = bench_now();
	unsigned long trips = 0;

	do {
		if (way->send() <= 0 || await(way) <= 0) {
			trips = 0;
			break;
		}
		trips++;
		page->took_ns = bench_now() - start;
		if (page->took_ns >= page->slice_ns)
			atomic_store(&page->enough, true);
	} while (!atomic_load(&page->enough));
	page->frames = trips;
	atomic_store(&page->enough, true);
	way->send(); /* so that the other looks */
}

static void answer(const struct pair_way *way)
{
	while (await(way) > 0 && !atomic_load(&page->enough))
		if (way->send() <= 0)
			break;
}

static void run(const struct pair_way *way, enum pair_role role)
{
	if (way->round_trips)
		(role == PAIR_FROM ? ask : answer)(way);
	else
		(role == PAIR_FROM ? send_all : receive_all)(way);
}

static int pin(const char *cpus)
{
	char *end = (char *)(uintptr_t)cpus;
	cpu_set_t set;

	if (!strcmp(cpus, "-"))
		return 0;
	CPU_ZERO(&set);
	for (const char *at = cpus; at; at = *end == ',' ? end + 1 : NULL)
		CPU_SET(strtoul(at, &end, 10), &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return 0;
	bench_refuse("cannot run on processor %s: %s", cpus, strerror(errno));
	return -1;
}

/* The processor of one of "0,1". */
static int pin_role(const char *cpus, enum pair_role role)
{
	const char *comma = strchr(cpus, ',');
	char one[16];

	if (!comma)
		return 0;
	if (role == PAIR_TO)
		return pin(comma + 1);
	snprintf(one, sizeof(one), "%.*s", (int)(comma - cpus), cpus);
	return pin(one);
}

static void party_main(const struct pair_way *way, enum pair_role role,
		       const char *cpus, int fd)
{
	char byte = 0;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = pin_role(cpus, role);
	if (!err)
		err = way->open(way, role, page);
	do {
		if (err)
			strcpy(page->refusal, bench_reason());
		if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
			break;
		bench_refuse("%s", "");
		run(way, role);
		err = *bench_reason();
	} while (true);
	_exit(0);
}

/* ---- who asks them ---- */

static int party_start(struct party *p, const struct pair_way *way,
		       enum pair_role role, const char *cpus)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	p->pid = fork();
	if (!p->pid) {
		close(fds[0]);
		party_main(way, role, cpus, fds[1]);
	}
	close(fds[1]);
	p->fd = fds[0];
	return p->pid < 0 ? -errno : 0;
}

static bool party_begin(const struct party *p)
{
	return write(p->fd, "", 1) == 1;
}

static bool party_wait(const struct party *p)
{
	char byte;

	return read(p->fd, &byte, 1) == 1;
}

static int refused(void)
{
	printf("refused %s\n", *page->refusal ? page->refusal : bench_reason());
	return 1;
}

static bool slice(const struct party *p, unsigned long ms)
{
	atomic_store(&page->enough, false);
	atomic_store(&page->silent, false);
	atomic_store(&page->sent, 0);
	atomic_store(&page->taken, 0);
	page->slice_ns = ms * 1000000ull;
	page->took_ns = page->frames = 0;
	/* The receiver first: it waits when frames come. */
	return party_begin(&p[PAIR_TO]) && party_begin(&p[PAIR_FROM]) &&
	       party_wait(&p[PAIR_FROM]) && party_wait(&p[PAIR_TO]) &&
	       !*page->refusal && page->frames;
}

static int serve(const struct party *p)
{
	char line[32];

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long sent, taken;

		if (!slice(p, strtoul(line, NULL, 10))) {
			bench_refuse("a process has ended");
			return refused();
		}
		sent = atomic_load(&page->sent);
		taken = atomic_load(&page->taken);
		printf("%llu %lu %lu %lu\n", (unsigned long long)page->took_ns,
		       page->frames, sent, sent > taken ? sent - taken : 0);
		fflush(stdout);
	}
	return 0;
}

static int measure(const struct pair_way *way, const char *cpus)
{
	struct party party[2] = {{.fd = -1}, {.fd = -1}};
	int status = 1;

	/* One after the other: both may want to make what they share. */
	if ((way->prepare && way->prepare(way)) ||
	    party_start(&party[PAIR_TO], way, PAIR_TO, cpus) ||
	    !party_wait(&party[PAIR_TO]) || *page->refusal ||
	    party_start(&party[PAIR_FROM], way, PAIR_FROM, cpus) ||
	    !party_wait(&party[PAIR_FROM]) || *page->refusal)
		refused();
	else
		status = serve(party);
	for (int i = 0; i < 2; i++) {
		close(party[i].fd);
		if (party[i].pid > 0)
			waitpid(party[i].pid, NULL, 0);
	}
	return status;
}

static const struct pair_way *find(const char *name)
{
	const struct pair_way *way = pair_ways;

	while (way->name && strcmp(way->name, name))
		way++;
	return way->name ? way : NULL;
}

int main(int argc, char **argv)
{
	const struct pair_way *way = argc > 2 ? find(argv[1]) : NULL;
	struct netmapd_run daemon = {0};
	int status, err;

	if (!way || argc != 3 + pair_needs_netmapd) {
		fprintf(stderr, "usage: %s WAY CPUS%s\n", argv[0],
			pair_needs_netmapd ? " NETMAPD" : "");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || pin(argv[2]))
		return refused();
	if (pair_needs_netmapd) {
		err = netmapd_run_start(&daemon, argv[3], -1);
		if (err) {
			bench_refuse("%s: %s", argv[3], strerror(-err));
			return refused();
		}
	}
	status = measure(way, argv[2]);
	if (pair_needs_netmapd)
		netmapd_run_stop(&daemon);
	return status;
}
