/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * cli.h - what the tools have in common towards their user: options with help
 * from one table, numbers with units, sentences on stderr, exit codes.
 *
 * Exit codes: 0 it went well, 1 it failed, 2 it was called wrongly.
 */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_USAGE 2 /* exit code */

/* An option. The table ends with a key of 0. */
struct cli_option {
	int key;	  /* its letter, or 256 and more: it has none */
	const char *name; /* its long name, or NULL */
	const char *arg;  /* what its argument is called; NULL: it has none */
	const char *help;
};

struct cli {
	const char *program;
	const char *usage; /* what follows the program's name */
	const char *about; /* one paragraph */
	const struct cli_option *options;
	const char *more; /* what the help ends with; it has its own lines */
};

/*
 * Returns the key of the next option and its argument in optarg; -1: no more,
 * the rest begins at optind. Serves --help and --version itself. Ends the
 * program for options that are not in the table.
 */
int cli_next(const struct cli *cli, int argc, char **argv);

/* The help of --help. */
void cli_help(const struct cli *cli);

/* Sets the name that sentences begin with. */
void cli_set_program(const char *name);

/* Prints one sentence on stderr. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, and false. */
bool cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, and exit 2. */
void cli_refuse(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* Reads a whole number, decimal or 0x..., with k, M or G behind it (powers of
 * 1000). False: it is not one, or does not fit. */
bool cli_number(const char *text, uint64_t *value);

/* The number of option @what, from @min to @max; else exit 2. */
uint64_t cli_in_range(const char *what, const char *text, uint64_t min,
		      uint64_t max);

#endif
