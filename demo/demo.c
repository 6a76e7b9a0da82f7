// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * demo.c - recorded traffic through a switch and a pipe: is every frame right,
 * and how fast does it go?
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "demo.h"

#define MAX_FILES   16
#define SMALL	    60u	  /* bytes: the smallest frame, without checksum */
#define SMALL_COUNT 1024u /* of them, made */
#define BAR	    30

static const char *const default_files[] = {
	"tests/data/ping.pcap",
	"tests/data/tcp.pcap",
	"tests/data/udp.pcap",
	"tests/data/jumbo.pcap",
};

struct options {
	const char *program;
	const char *file[MAX_FILES];
	unsigned files;
	const char *expect;
	int only; /* enum way_kind, or -1: both */
	unsigned frame;
	unsigned slice_ms; /* 0: no rates */
};

/* ---- names on the page ---- */

/* The value of a line "KEY : value" of @path, cut to @size; "?" if none. */
static void read_value(const char *path, const char *key, char *value,
		       size_t size)
{
	FILE *f = fopen(path, "re");
	char line[256];

	snprintf(value, size, "?");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, key, strlen(key)))
			continue;
		colon[1 + strcspn(colon + 1, "\n")] = 0;
		snprintf(value, size, "%s", colon + 1 + (colon[1] == ' '));
		break;
	}
	if (f)
		fclose(f);
}

static void print_machine(void)
{
	struct utsname u;
	char cpu[48];

	read_value("/proc/cpuinfo", "model name", cpu, sizeof(cpu));
	uname(&u);
	printf("on %s, %s %.24s; one process, one thread\n", cpu, u.sysname,
	       u.release);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* An argument as a shell takes it. */
static void print_quoted(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./+-";

	if (*s && !s[strspn(s, plain)]) {
		fputs(s, stdout);
		return;
	}
	putchar('\'');
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	putchar('\'');
}

/* ---- checking ---- */

static void print_repeat(const struct options *o, const struct check *c,
			 enum way_kind kind)
{
	printf("\nTo repeat just this:\n  ");
	print_quoted(o->program);
	printf(" --only %s --file ", way_name(kind));
	print_quoted(c->sent->path);
	if (o->expect) {
		printf(" --expect ");
		print_quoted(o->expect);
	}
	printf(" --frame %u\n", c->wrong);
}

static bool check_one(const struct options *o, struct check *c,
		      enum way_kind kind)
{
	if (check_run(c, kind)) {
		if (kind == WAY_SWITCH)
			printf("   %15u", c->flooded);
		printf("   %15u", c->delivered);
		return true;
	}
	if (c->wrong)
		print_repeat(o, c, kind);
	return false;
}

static bool wants(const struct options *o, enum way_kind kind)
{
	return o->only < 0 || o->only == (int)kind;
}

/* One line: a capture, through everything that is wanted. */
static bool check_file(const struct options *o, const struct capture *c,
		       const struct capture *expected)
{
	struct check check = {.sent = c, .expected = expected};

	printf("  %-14s %6u", base_name(c->path), c->n);
	for (int kind = 0; kind < WAYS; kind++)
		if (wants(o, kind) && !check_one(o, &check, kind))
			return false;
	putchar('\n');
	return true;
}

static void print_check_head(const struct options *o)
{
	printf("\nEvery frame, compared byte for byte where it must arrive, "
	       "in order:\n\n  %-14s %6s",
	       "capture", "frames");
	if (wants(o, WAY_SWITCH))
		printf("   switch: flooded         delivered");
	if (wants(o, WAY_PIPE))
		printf("   pipe: delivered");
	putchar('\n');
}

static bool check_all(const struct options *o, const struct capture *c,
		      const struct capture *expected)
{
	unsigned long frames = 0;

	print_check_head(o);
	for (unsigned i = 0; i < o->files; i++) {
		if (!check_file(o, &c[i], o->expect ? expected : &c[i]))
			return false;
		frames += c[i].n;
	}
	printf("\n  %lu frames: none missing, none too many, none changed\n",
	       frames);
	return true;
}

/* ---- one frame ---- */

static void print_arrival(const struct check *c, enum way_kind kind)
{
	const char *comma = "";

	printf("  %-6s  arrived as sent at ", way_name(kind));
	for (unsigned end = 0; end < MAX_ENDS; end++) {
		if (!(c->ends >> end & 1))
			continue;
		printf("%s%c", comma, end_name(end));
		comma = ", ";
	}
	puts(*comma ? "" : "no port, as it should");
}

static bool check_frame(const struct options *o, const struct capture *c,
			const struct capture *expected)
{
	struct check check = {
		.sent = c, .expected = expected, .last = o->frame};

	if (o->frame <= c->n) {
		const struct frame *f = &c->frame[o->frame - 1];

		printf("\nFrame %u of %s: %u bytes, sent by host %c\n"
		       "(after those before it, which a switch must have "
		       "seen)\n\n",
		       o->frame, c->path, f->len, end_name(f->host));
		dump_frame(f);
		putchar('\n');
	}
	for (int kind = 0; kind < WAYS; kind++) {
		if (!wants(o, kind))
			continue;
		if (!check_run(&check, kind)) {
			if (check.wrong)
				print_repeat(o, &check, kind);
			return false;
		}
		print_arrival(&check, kind);
	}
	return true;
}

/* ---- rates ---- */

struct row {
	const char *what;
	enum way_kind kind;
	struct rate rate;
};

static void print_rates(const struct row *row, unsigned n)
{
	double most = 0;

	for (unsigned i = 0; i < n; i++)
		if (row[i].rate.mpps > most)
			most = row[i].rate.mpps;
	for (unsigned i = 0; i < n; i++) {
		const struct rate *r = &row[i].rate;

		if (i && row[i].kind != row[i - 1].kind)
			putchar('\n');
		printf("  %-6s %-12.12s %7.1f %7.2f %7.1f  ",
		       way_name(row[i].kind), row[i].what, r->ns, r->mpps,
		       r->gbit);
		for (int k = 0; k < (int)(BAR * r->mpps / most + 0.5); k++)
			putchar('#');
		putchar('\n');
	}
}

static bool rates_all(const struct options *o, const struct capture *c)
{
	struct row row[WAYS * (MAX_FILES + 1)];
	struct capture small;
	unsigned n = 0;
	bool ok = capture_make(&small, SMALL_COUNT, SMALL);

	if (!ok)
		return false;
	for (int kind = 0; ok && kind < WAYS; kind++) {
		for (unsigned i = 0; ok && i <= o->files; i++) {
			const struct capture *of =
				i < o->files ? &c[i] : &small;

			if (!wants(o, kind))
				continue;
			row[n].what = i < o->files ? base_name(of->path)
						   : "60 B frames";
			row[n].kind = kind;
			ok = rate_measure(&row[n++].rate, of, kind,
					  (uint64_t)o->slice_ms * 1000000);
		}
	}
	capture_free(&small);
	if (!ok)
		return false;
	printf("\nHow fast: copy a frame in, hand it over, take it out, read "
	       "its first 64 bytes,\nup to 256 frames per sync; measured just "
	       "now, median of %d runs of %u ms,\n",
	       RATE_RUNS, o->slice_ms);
	print_machine();
	printf("\n  %-6s %-12s %7s %7s %7s  %s\n", "way", "frames", "ns each",
	       "Mpps", "Gbit/s", "Mpps");
	print_rates(row, n);
	return true;
}

/* ---- options ---- */

enum { KEY_EXPECT = 256, KEY_FRAME, KEY_SLICE };

static const struct argp_option option_table[] = {
	{"only", 'o', "WAY", 0, "switch or pipe; both otherwise", 0},
	{"file", 'f', "FILE", 0,
	 "A capture of two hosts (pcap, Ethernet); may be repeated. "
	 "Otherwise those of tests/data",
	 0},
	{"frame", KEY_FRAME, "N", 0,
	 "Only as far as frame N of the one FILE, and show it", 0},
	{"expect", KEY_EXPECT, "FILE", 0,
	 "The frames that must arrive are these, not those sent", 0},
	{"slice", KEY_SLICE, "MS", 0,
	 "Milliseconds of each of the five runs per rate (60); 0: no rates", 0},
	{0},
};

static unsigned number(const char *arg, unsigned min, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || !*arg || n < min || n > 10000000)
		argp_error(state, "not a number from %u on: %s", min, arg);
	return (unsigned)n;
}

static int way_number(const char *arg, struct argp_state *state)
{
	for (int kind = 0; kind < WAYS; kind++)
		if (!strcmp(arg, way_name(kind)))
			return kind;
	argp_error(state, "neither switch nor pipe: %s", arg);
	return -1;
}

static void end_of_options(struct options *o, struct argp_state *state)
{
	if (!o->files) {
		o->files = sizeof(default_files) / sizeof(default_files[0]);
		memcpy(o->file, default_files, sizeof(default_files));
	}
	if ((o->frame || o->expect) && o->files != 1)
		argp_error(state, "--frame and --expect need one --file");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->only = way_number(arg, state);
		return 0;
	case 'f':
		if (o->files == MAX_FILES)
			argp_error(state, "too many files");
		o->file[o->files++] = arg;
		return 0;
	case KEY_FRAME:
		o->frame = number(arg, 1, state);
		return 0;
	case KEY_EXPECT:
		o->expect = arg;
		return 0;
	case KEY_SLICE:
		o->slice_ms = number(arg, 0, state);
		return 0;
	case ARGP_KEY_END:
		end_of_options(o, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- all of it ---- */

static bool demo(const struct options *o, const struct capture *c,
		 const struct capture *expected)
{
	puts("netmap in one process: recorded traffic through a VALE switch "
	     "(hosts at ports a\nand b, port w watches what is flooded) and "
	     "through a netmap pipe.");
	if (o->frame)
		return check_frame(o, c, o->expect ? expected : c);
	return check_all(o, c, expected) && (!o->slice_ms || rates_all(o, c));
}

/* There is something to send, or to wait for, at --frame. */
static bool has_frame(const struct options *o, const struct capture *c,
		      const struct capture *expected)
{
	if (o->frame <= c->n || o->frame <= expected->n)
		return true;
	fprintf(stderr, "demo: %s has no frame %u\n", c->path, o->frame);
	return false;
}

int main(int argc, char **argv)
{
	struct options o = {.program = argv[0], .only = -1, .slice_ms = 60};
	const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc = "Sends recorded traffic through a VALE switch and a "
		       "netmap pipe, checks every frame and prints the rates."
		       "\vExit status: 0 every frame was right; 1 one was not, "
		       "and "
		       "is shown; 2 the options or files cannot be used.",
	};
	struct capture capture[MAX_FILES], expected = {0};
	unsigned n = 0;
	int status = 2;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	while (n < o.files && capture_load(&capture[n], o.file[n]))
		n++;
	if (n == o.files && (!o.expect || capture_load(&expected, o.expect)) &&
	    has_frame(&o, capture, &expected))
		status = demo(&o, capture, &expected) ? 0 : 1;
	while (n)
		capture_free(&capture[--n]);
	capture_free(&expected);
	return status;
}
