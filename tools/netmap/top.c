// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Rates: the difference between two looks at all counters. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "netmap.h"

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The same port in an older look; NULL: it is new. */
static json_t *port_before(json_t *before, const json_t *port)
{
	json_int_t number = json_integer_value(json_object_get(port, "number"));
	json_t *p;
	size_t i;

	json_array_foreach(before, i, p) if (json_integer_value(json_object_get(
						     p, "number")) ==
					     number) return p;
	return NULL;
}

static json_t *ring_of(json_t *port, const char *dir, size_t ring)
{
	return json_array_get(
		json_object_get(json_object_get(port, dir), "counters"), ring);
}

/* Every counter's growth per second. */
static json_t *rates_of(json_t *before, json_t *ring, double seconds)
{
	json_t *o = json_object(), *v;
	const char *key;

	json_object_foreach(ring, key, v)
	{
		json_int_t old =
			json_integer_value(json_object_get(before, key));

		json_object_set_new(
			o, key,
			json_real((double)(json_integer_value(v) - old) /
				  seconds));
	}
	return o;
}

static double rate(const json_t *rates, const char *key)
{
	return json_real_value(json_object_get(rates, key));
}

static void drops_print(json_t *rates)
{
	const char *key;
	json_t *v;

	json_object_foreach(rates, key, v) if ((!strncmp(key, "drop_", 5) ||
						!strncmp(key, "no_", 3)) &&
					       json_real_value(v) > 0)
		printf("  %s %.0f", key, json_real_value(v));
	putchar('\n');
}

static void line_print(const char *name, const char *dir, size_t ring,
		       json_t *rates)
{
	bool tx = !strcmp(dir, "tx");
	double frames = rate(rates, tx ? "sent" : "delivered");
	double bytes = rate(rates, tx ? "sent_bytes" : "delivered_bytes");
	double syncs = rate(rates, "syncs");

	printf("%-24s %s %3zu %10.3f %10.3f %9.1f ", name, dir, ring,
	       frames / 1e6, bytes * 8 / 1e9, syncs > 0 ? frames / syncs : 0.0);
	drops_print(rates);
}

/* All rings of @now; to @out if that is not NULL, else to people. */
static void show(json_t *before, json_t *ports, double seconds, json_t *out)
{
	static const char *const dirs[] = {"tx", "rx"};
	json_t *p;
	size_t i;

	if (!out)
		printf("%-24s %6s %10s %10s %9s  %s\n", "port", "ring", "Mpps",
		       "Gbit/s", "per sync", "lost per second, and why");
	json_array_foreach(ports, i, p)
	{
		const char *name =
			json_string_value(json_object_get(p, "name"));

		for (int d = 0; d < 2; d++) {
			json_t *ring, *old = port_before(before, p), *r;
			json_t *rings = json_object_get(
				json_object_get(p, dirs[d]), "counters");
			size_t k;

			json_array_foreach(rings, k, ring)
			{
				r = rates_of(old ? ring_of(old, dirs[d], k)
						 : NULL,
					     ring, seconds);
				if (!out)
					line_print(name, dirs[d], k, r);
				else
					json_array_append_new(
						out,
						json_pack(
							"{s:s, s:s, s:i, s:O}",
							"port", name, "dir",
							dirs[d], "ring", (int)k,
							"per_second", r));
				json_decref(r);
			}
		}
	}
}

static void sleep_for(double seconds)
{
	struct timespec ts = {.tv_sec = (time_t)seconds};

	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	nanosleep(&ts, NULL); /* a signal ends it, and us */
}

/* One look; NULL: nobody serves any more. */
static json_t *look(void)
{
	int fd = home_open();
	json_t *ports;

	if (fd < 0)
		return json_array();
	ports = ports_collect(fd);
	close(fd);
	return ports;
}

int top_run(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_signal};
	bool tty = isatty(STDOUT_FILENO);
	json_t *before, *ports, *out;
	struct flags f;
	double t;

	flags_parse(&f, argc, argv, "jin",
		    "usage: netmap top [--interval=S] [--count=N] [--json]\n\n"
		    "Shows the rate of each ring: frames, bits, frames per "
		    "sync, and frames lost by\nreason; every S seconds (1), N "
		    "times (until stopped). On a terminal the screen is\n"
		    "drawn anew; else lines follow each other. With --json: "
		    "one array each time.\n");
	if (f.interval == 0)
		f.interval = 1;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	before = look();
	t = now();
	for (long n = 0; !stopped && (!f.count || n < f.count); n++) {
		double then = t;

		sleep_for(f.interval);
		ports = look();
		t = now();
		out = f.json ? json_array() : NULL;
		if (tty && !f.json)
			fputs("\033[H\033[2J", stdout);
		show(before, ports, t - then, out);
		if (out)
			print_json(out);
		fflush(stdout);
		json_decref(before);
		before = ports;
	}
	json_decref(before);
	return 0;
}
