// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * acts.c - processes that exchange frames through netmapd: correct, fast, safe,
 * and programs that know nothing of it; and the module, where it can be shown.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "acts.h"
#include "netmapd_run.h"

static const char *const default_files[] = {
	"tests/data/ping.pcap",
	"tests/data/tcp.pcap",
	"tests/data/udp.pcap",
	"tests/data/jumbo.pcap",
};

static const struct act {
	const char *name;
	bool (*play)(const struct acts *a);
} table[] = {
	{"correct", act_correct}, {"fast", act_fast},
	{"safe", act_safe},	  {"unchanged", act_unchanged},
	{"kernel", act_kernel},
};

#define ACTS (sizeof(table) / sizeof(table[0]))

struct options {
	const char *file[MAX_FILES];
	unsigned files;
	const char *expect;
	const struct act *only; /* NULL: all */
	unsigned slice_ms, safe_ms, frames, arrive;
};

/* ---- options ---- */

enum { KEY_EXPECT = 256, KEY_SLICE, KEY_SAFE, KEY_FRAMES, KEY_ARRIVE };

static const struct argp_option option_table[] = {
	{"only", 'o', "ACT", 0, "correct, fast, safe, unchanged or kernel", 0},
	{"file", 'f', "FILE", 0,
	 "CORRECT: a capture of two hosts; may be repeated. Otherwise those of "
	 "tests/data",
	 0},
	{"expect", KEY_EXPECT, "FILE", 0,
	 "CORRECT: the frames that must arrive are these, not those sent", 0},
	{"slice", KEY_SLICE, "MS", 0,
	 "FAST: milliseconds of each of the five runs (100)", 0},
	{"safe", KEY_SAFE, "MS", 0, "SAFE: at least so long (3000)", 0},
	{"frames", KEY_FRAMES, "N", 0, "KERNEL: frames sent each way (100000)",
	 0},
	{"arrive", KEY_ARRIVE, "N", 0,
	 "KERNEL: so many of them must arrive, not all", 0},
	{0},
};

static unsigned number(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || !*arg || n < 1 || n > 10000000)
		argp_error(state, "not a number from 1 on: %s", arg);
	return (unsigned)n;
}

static const struct act *find(const char *name, struct argp_state *state)
{
	for (size_t i = 0; i < ACTS; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	argp_error(state, "no such act: %s", name);
	return NULL;
}

static void end_of_options(struct options *o, struct argp_state *state)
{
	if (!o->files) {
		o->files = sizeof(default_files) / sizeof(default_files[0]);
		memcpy(o->file, default_files, sizeof(default_files));
	}
	if (o->expect && o->files != 1)
		argp_error(state, "--expect needs one --file");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->only = find(arg, state);
		return 0;
	case 'f':
		if (o->files == MAX_FILES)
			argp_error(state, "too many files");
		o->file[o->files++] = arg;
		return 0;
	case KEY_EXPECT:
		o->expect = arg;
		return 0;
	case KEY_SLICE:
		o->slice_ms = number(arg, state);
		return 0;
	case KEY_SAFE:
		o->safe_ms = number(arg, state);
		return 0;
	case KEY_FRAMES:
		o->frames = number(arg, state);
		return 0;
	case KEY_ARRIVE:
		o->arrive = number(arg, state);
		return 0;
	case ARGP_KEY_END:
		end_of_options(o, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- all of it ---- */

static bool play(const struct options *o, const struct acts *a)
{
	for (size_t i = 0; i < ACTS; i++) {
		if (o->only && o->only != &table[i])
			continue;
		if (!table[i].play(a)) {
			printf("\nFAILED: %s\n", table[i].name);
			return false;
		}
		fflush(stdout);
	}
	return true;
}

static bool run(const struct options *o, struct acts *a)
{
	struct netmapd_run d;
	int err = netmapd_run_start(&d, NETMAPD, -1);
	bool ok;

	if (err) {
		fprintf(stderr, "acts: %s: %s\n", NETMAPD, strerror(-err));
		return false;
	}
	a->netmapd = d.pid;
	puts("\nnetmap between processes: netmapd has the switches and the "
	     "pipes, each program\nits own rings, which it shares with netmapd "
	     "alone. No root, no kernel module.");
	ok = play(o, a);
	if (netmapd_run_stop(&d))
		return ok;
	puts("\nFAILED: netmapd did not end well");
	return false;
}

int main(int argc, char **argv)
{
	struct options o = {.slice_ms = 100, .safe_ms = 3000, .frames = 100000};
	const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc = "Has processes exchange frames through a netmapd that "
		       "it starts, and shows that they arrive, how fast, and "
		       "whatever others do.\vExit status: 0 all went well; 1 "
		       "something did not, and is shown; 2 the options or "
		       "files cannot be used.",
	};
	struct capture expected = {0};
	static struct acts a;
	int status = 2;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	a.slice_ms = o.slice_ms;
	a.safe_ms = o.safe_ms;
	a.frames = o.frames;
	a.arrive = o.arrive ? o.arrive : o.frames;
	while (a.files < o.files &&
	       capture_load(&a.capture[a.files], o.file[a.files]))
		a.files++;
	if (a.files == o.files &&
	    (!o.expect || capture_load(&expected, o.expect))) {
		a.expected = o.expect ? &expected : NULL;
		status = run(&o, &a) ? 0 : 1;
	}
	while (a.files)
		capture_free(&a.capture[--a.files]);
	capture_free(&expected);
	return status;
}
