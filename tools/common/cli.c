// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "cli.h"
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 26 /* where explanations begin */
#define HELP_WIDTH  79
#define MAX_OPTIONS 64

enum { KEY_VERSION = 1000 };

static const char *program = "netmap";

void cli_set_program(const char *name)
{
	program = name;
}

/* One write, so that sentences of several threads do not mix. */
static void sentence(const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%s: %s\n", program, text);
}

void cli_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sentence(fmt, ap);
	va_end(ap);
}

bool cli_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sentence(fmt, ap);
	va_end(ap);
	return false;
}

void cli_refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sentence(fmt, ap);
	va_end(ap);
	exit(CLI_USAGE);
}

/* ---- numbers ---- */

static uint64_t unit(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 1000;
	case 'm':
	case 'M':
		return 1000 * 1000;
	case 'g':
	case 'G':
		return 1000 * 1000 * 1000;
	default:
		return 0;
	}
}

bool cli_number(const char *text, uint64_t *value)
{
	uint64_t v = 0, base = 10;
	const char *p = text;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	if (!isxdigit((unsigned char)*p))
		return false;
	for (; isxdigit((unsigned char)*p); p++) {
		unsigned digit = isdigit((unsigned char)*p)
					 ? (unsigned)(*p - '0')
					 : (unsigned)(tolower(*p) - 'a' + 10);

		if (digit >= base || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	if (*p && base == 10 && unit(*p)) {
		if (__builtin_mul_overflow(v, unit(*p), &v))
			return false;
		p++;
	}
	if (*p)
		return false;
	*value = v;
	return true;
}

uint64_t cli_in_range(const char *what, const char *text, uint64_t min,
		      uint64_t max)
{
	uint64_t v;

	if (!cli_number(text, &v) || v < min || v > max)
		cli_refuse("%s %s: not a number from %llu to %llu", what, text,
			   (unsigned long long)min, (unsigned long long)max);
	return v;
}

/* ---- help ---- */

/* Prints @text from column @at on, broken at blanks. */
static void paragraph(const char *text, int at, int column)
{
	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > at && column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", at, "");
			column = at;
		}
		column += printf("%s%.*s", column > at ? " " : "", len, text);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void describe(const struct cli_option *o)
{
	char head[80] = "";
	int n;

	if (o->key < 256)
		snprintf(head, sizeof(head), "  -%c%s", o->key,
			 o->name ? ", " : "");
	else
		snprintf(head, sizeof(head), "      ");
	n = (int)strlen(head);
	if (o->name)
		n += snprintf(head + n, sizeof(head) - (size_t)n, "--%s",
			      o->name);
	if (o->arg)
		snprintf(head + n, sizeof(head) - (size_t)n, "%s%s",
			 o->name ? "=" : " ", o->arg);
	n = printf("%s", head);
	if (n > HELP_COLUMN - 2)
		n = 0, putchar('\n');
	printf("%*s", HELP_COLUMN - n, "");
	paragraph(o->help, HELP_COLUMN, HELP_COLUMN);
}

void cli_help(const struct cli *cli)
{
	static const struct cli_option own[] = {
		{'h', "help", NULL, "Print this and end"},
		{KEY_VERSION, "version", NULL, "Print the version and end"},
	};
	const struct cli_option *o;

	printf("usage: %s %s\n\n", cli->program, cli->usage);
	paragraph(cli->about, 0, 0);
	putchar('\n');
	for (o = cli->options; o->key; o++)
		describe(o);
	describe(&own[0]);
	describe(&own[1]);
	if (cli->more)
		printf("\n%s", cli->more);
}

/* ---- options ---- */

/* getopt's two tables. @letters begins with ':': we have our own sentences. */
static void tables(const struct cli *cli, char *letters, struct option *longs)
{
	const struct cli_option *o;
	size_t n = 0, at = 0;

	letters[at++] = ':';
	letters[at++] = 'h';
	for (o = cli->options; o->key && n < MAX_OPTIONS; o++) {
		if (o->key < 256) {
			letters[at++] = (char)o->key;
			if (o->arg)
				letters[at++] = ':';
		}
		if (o->name)
			longs[n++] = (struct option){o->name,
						     o->arg ? required_argument
							    : no_argument,
						     NULL, o->key};
	}
	letters[at] = '\0';
	longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
	longs[n++] = (struct option){"version", no_argument, NULL, KEY_VERSION};
	longs[n] = (struct option){NULL, 0, NULL, 0};
}

int cli_next(const struct cli *cli, int argc, char **argv)
{
	char letters[2 * MAX_OPTIONS + 3];
	struct option longs[MAX_OPTIONS + 3];
	const char *what;
	int key;

	tables(cli, letters, longs);
	what = argv[optind];
	key = getopt_long(argc, argv, letters, longs, NULL);
	switch (key) {
	case 'h':
		cli_help(cli);
		exit(0);
	case KEY_VERSION:
		printf("%s %s\n", cli->program, TOOLS_RELEASE);
		exit(0);
	case '?':
	case ':':
		if (optopt && optopt < 256)
			cli_refuse(key == '?' ? "no option -%c; see %s --help"
					      : "-%c: its argument is missing; "
						"see %s --help",
				   optopt, cli->program);
		cli_refuse(key == '?' ? "no option %s; see %s --help"
				      : "%s: its argument is missing; see "
					"%s --help",
			   what, cli->program);
	}
	return key;
}
