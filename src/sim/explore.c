// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* explore.c - which schedules are run, in a child process, and the report. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim_int.h"

#define SEED	20240229u
#define PAIRS	2000u
#define TRIPLES 500u
#define REPORT	8192u

/* What is running, for the replay line. */
static const struct sim_scenario *current;
static struct sim_schedule schedule;
static unsigned runs; /* so far */

extern char *program_invocation_name;

void sim_print_replay(void)
{
	if (!current)
		return;
	fprintf(stderr, "sim: repeat by: SIM_SEED=%llu SIM_SCHEDULE=%d:",
		(unsigned long long)schedule.seed, schedule.first);
	for (unsigned i = 0; i < schedule.npoints; i++)
		fprintf(stderr, "%s%u", i ? "," : "", schedule.point[i]);
	fprintf(stderr, " SIM_TEST=%s %s\n", current->name,
		program_invocation_name);
}

static unsigned run(const struct sim_scenario *s, bool verbose)
{
	const char *broken;
	unsigned points;

	current = s;
	sim_begin(schedule.seed);
	sim_store_begin(schedule.seed % SIM_WEAKNESSES, schedule.seed);
	if (s->setup)
		s->setup(s->ctx);
	points = sim_run_threads(s, &schedule, verbose);
	sim_run_works();
	if (s->finish)
		s->finish(s->ctx);
	broken = sim_end();
	if (broken)
		sim_die("%s", broken);
	current = NULL;
	return points;
}

/* A new seed with the chosen weakness of stores. */
static u64 draw(u64 *chance, unsigned weakness)
{
	return (sim_random(chance) >> 1) / SIM_WEAKNESSES * SIM_WEAKNESSES +
	       weakness;
}

static unsigned below(u64 *chance, unsigned n)
{
	return (unsigned)(sim_random(chance) % n);
}

/* Where chance decides which stores are late, it decides so often; but once in
 * long stories, which have other points to look at. */
static unsigned repeats(unsigned weakness, unsigned points)
{
	bool drawn = weakness == SIM_SHUFFLE || weakness == SIM_ONE_LAGS;

	return drawn && points < 500 ? 4 : 1;
}

/* SIM_SAMPLE=n: only one schedule of n is tried, not the same everywhere. */
static unsigned sample(void)
{
	const char *s = getenv("SIM_SAMPLE");
	unsigned n = s ? (unsigned)strtoul(s, NULL, 10) : 1;

	return n ? n : 1;
}

/* Every point with one start and weakness, for the @k-th time, or a sample of
 * them; returns the longest run. */
static unsigned run_points(const struct sim_scenario *s, u64 base, int first,
			   unsigned weakness, unsigned k)
{
	unsigned points = 1, longest = 0, step = sample();

	for (unsigned p = 1 + (k + weakness) % step; p <= points || !longest;
	     p += step) {
		u64 at = base + p, seed = (sim_random(&at) >> 8) + k;

		schedule = (struct sim_schedule){
			.first = first,
			.npoints = 1,
			.point = {p},
			.seed = seed * SIM_WEAKNESSES + weakness,
		};
		points = run(s, false);
		longest = points > longest ? points : longest;
		runs++;
	}
	return longest;
}

static unsigned run_singles(const struct sim_scenario *s, u64 *chance)
{
	u64 base = sim_random(chance);
	unsigned n, longest = 0;

	for (unsigned w = 0; w < SIM_WEAKNESSES; w++) {
		for (unsigned k = 0; k < 2 * repeats(w, longest); k++) {
			n = run_points(s, base, k & 1, w, k / 2);
			longest = n > longest ? n : longest;
		}
	}
	return longest;
}

static void run_pair(const struct sim_scenario *s, u64 *chance, unsigned a,
		     unsigned b)
{
	schedule = (struct sim_schedule){
		.first = (int)below(chance, 2),
		.npoints = 2,
		.point = {a, b},
		.seed = draw(chance, below(chance, SIM_WEAKNESSES)),
	};
	run(s, false);
}

static unsigned run_pairs(const struct sim_scenario *s, u64 *chance,
			  unsigned points, unsigned budget)
{
	unsigned a, b, n = 0;

	if (points < 2)
		return 0;
	if (points * (u64)(points - 1) / 2 <= budget) {
		for (a = 1; a < points; a++) {
			for (b = a + 1; b <= points; b++, n++)
				run_pair(s, chance, a, b);
		}
		return n;
	}
	for (; n < budget; n++) {
		a = 1 + below(chance, points - 1);
		b = a + 1 + below(chance, points - a);
		run_pair(s, chance, a, b);
	}
	return n;
}

static unsigned run_triples(const struct sim_scenario *s, u64 *chance,
			    unsigned points, unsigned budget)
{
	if (points < 3)
		return 0;
	for (unsigned i = 0; i < budget; i++) {
		unsigned a = 1 + below(chance, points - 2);
		unsigned b = a + 1 + below(chance, points - a - 1);
		unsigned c = b + 1 + below(chance, points - b);

		schedule = (struct sim_schedule){
			.first = (int)below(chance, 2),
			.npoints = 3,
			.point = {a, b, c},
			.seed = draw(chance, below(chance, SIM_WEAKNESSES)),
		};
		run(s, false);
	}
	return budget;
}

/* SIM_EFFORT=n: n times as many schedules with more than one. */
static unsigned effort(unsigned budget)
{
	const char *s = getenv("SIM_EFFORT");

	budget = s ? budget * (unsigned)strtoul(s, NULL, 10) : budget;
	return budget / sample();
}

static void explore(void *arg)
{
	const struct sim_scenario *s = arg;
	u64 chance = sim_seed(SEED);
	unsigned points, singles, pairs, triples;

	points = run_singles(s, &chance);
	singles = runs;
	pairs = run_pairs(s, &chance, points,
			  effort(s->pairs ? s->pairs : PAIRS));
	triples = run_triples(s, &chance, points,
			      effort(s->triples ? s->triples : TRIPLES));
	printf("# %s: up to %u yield points; %s%u runs with 1 preemption, %u "
	       "with 2%s, %u with 3\n",
	       s->name, points, sample() > 1 ? "a sample of " : "all ", singles,
	       pairs,
	       pairs < points * (u64)(points - 1) / 2 ? " (chosen by seed)"
						      : " (all)",
	       triples);
	fflush(stdout);
}

/* ---- child processes ---- */

static void child(void (*fn)(void *arg), void *arg, int fd)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	dup2(fd, STDERR_FILENO);
	close(fd);
	sim_segv_catch();
	fn(arg);
	_exit(0);
}

/* Runs @fn in a child; its standard error goes to @report. 0: exit status 0. */
static int run_child(void (*fn)(void *arg), void *arg, char *report)
{
	int fd[2], status;
	size_t n = 0;
	ssize_t k;
	pid_t pid;
	char c;

	fflush(stdout);
	if (pipe(fd))
		sim_die("no pipe");
	pid = fork();
	if (pid < 0)
		sim_die("no child process");
	if (!pid) {
		close(fd[0]);
		child(fn, arg, fd[1]);
	}
	close(fd[1]);
	while ((k = read(fd[0], &c, 1)) == 1) {
		if (n < REPORT - 1)
			report[n++] = c;
	}
	report[n] = '\0';
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

/* SIM_SCHEDULE=s:a,b,c */
static bool parse_schedule(const char *text)
{
	char *end;

	schedule = (struct sim_schedule){.seed = sim_seed(SEED)};
	schedule.first = strtoul(text, &end, 10) ? 1 : 0;
	while ((*end == ':' || *end == ',') && end[1] && schedule.npoints < 3) {
		text = end + 1;
		schedule.point[schedule.npoints++] =
			(unsigned)strtoul(text, &end, 10);
	}
	return !*end || *end == ':';
}

int sim_explore(const struct sim_scenario *s)
{
	const char *fixed = getenv("SIM_SCHEDULE");
	char report[REPORT];

	if (fixed) {
		if (!parse_schedule(fixed))
			sim_die("SIM_SCHEDULE is not s:a,b,c");
		run(s, true);
		return 0;
	}
	if (!run_child(explore, (void *)(uintptr_t)s, report))
		return 0;
	fprintf(stderr, "%s", report);
	return -1;
}

bool sim_finds(const struct sim_scenario *s, const char *expect)
{
	return sim_dies(explore, (void *)(uintptr_t)s, expect);
}

bool sim_dies(void (*fn)(void *arg), void *arg, const char *expect)
{
	char report[REPORT];

	if (run_child(fn, arg, report) && strstr(report, expect))
		return true;
	fprintf(stderr, "expected a report with: %s\ngot: %s\n", expect,
		report);
	return false;
}
