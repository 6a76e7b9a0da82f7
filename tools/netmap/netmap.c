// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* netmap - what netmap is doing on this machine. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "netmap.h"

static const struct command commands[] = {
	{"status", "which home serves, and why that one; an interface's modes",
	 status_run},
	{"ports", "ports that exist, their rings, users and counters",
	 ports_run},
	{"top", "rates of all rings, and what was dropped and why", top_run},
	{"errors", "recent requests that were refused, and why", errors_run},
	{"stop", "end this user's netmapd", stop_run},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *f)
{
	fputs("usage: netmap COMMAND [OPTION...]\n\n", f);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-8s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\nnetmap COMMAND --help tells more. Exit status: 0 done, 1 "
	      "failed, 2 usage.\nSee netmap(1).\n",
	      f);
}

void print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

static void bad_usage(const char *command, const char *what, const char *arg)
{
	fprintf(stderr, "netmap %s: %s%s%s; see netmap %s --help\n", command,
		what, arg ? ": " : "", arg ? arg : "", command);
	exit(EXIT_USAGE);
}

static double seconds(const char *command, const char *arg)
{
	char *end;
	double v = strtod(arg, &end);

	if (end == arg || *end || !(v >= 0.01 && v <= 3600))
		bad_usage(command, "seconds from 0.01 to 3600, not", arg);
	return v;
}

static long times(const char *command, const char *arg)
{
	char *end;
	long v = strtol(arg, &end, 10);

	if (end == arg || *end || v < 1)
		bad_usage(command, "a count from 1 on, not", arg);
	return v;
}

void flags_parse(struct flags *f, int argc, char **argv, const char *allowed,
		 const char *text)
{
	static const struct option options[] = {
		{"json", 0, NULL, 'j'},
		{"interval", 1, NULL, 'i'},
		{"count", 1, NULL, 'n'},
		{"help", 0, NULL, 'h'},
		{0},
	};
	int c;

	*f = (struct flags){0};
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "ji:n:h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(text, stdout);
			exit(0);
		}
		if (c == '?' || !strchr(allowed, c))
			bad_usage(argv[0], "that is no option of it",
				  argv[optind - 1]);
		else if (c == 'j')
			f->json = true;
		else if (c == 'i')
			f->interval = seconds(argv[0], optarg);
		else
			f->count = times(argv[0], optarg);
	}
	if (optind < argc && strchr(allowed, 'I'))
		f->interface = argv[optind++];
	if (optind < argc)
		bad_usage(argv[0], "it takes no such argument", argv[optind]);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help(stdout);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "netmap: there is no command %s; see netmap --help\n",
		argv[1]);
	return EXIT_USAGE;
}
