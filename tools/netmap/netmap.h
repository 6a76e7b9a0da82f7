/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* netmap.h - the parts of the front command. Each command fills in an object of
 * JSON, which is printed as such or in lines for people. */
#ifndef TOOL_NETMAP_H
#define TOOL_NETMAP_H

#include <jansson.h>
#include <stdbool.h>

struct command {
	const char *name;
	const char *summary; /* one line of --help */
	/* Its arguments, argv[0] is its name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

#define EXIT_USAGE 2

/* What all commands have in common. */
struct flags {
	bool json;
	double interval;       /* seconds; 0: not given */
	long count;	       /* 0: no end */
	const char *interface; /* NULL: not given */
};

/* Takes the options that are letters of @allowed: j(son), i(nterval), n (count);
 * and with I the name of an interface. Ends the program on --help, with @help, and on what is wrong. */
void flags_parse(struct flags *f, int argc, char **argv, const char *allowed,
		 const char *help);

/* Prints @value as JSON and frees it. */
void print_json(json_t *value);

/* ---- home.c: which home, what it is and has ---- */

int status_run(int argc, char **argv);
int stop_run(int argc, char **argv);

/* An unbound descriptor of the home in use, without starting one. -ENODEV:
 * there is none, and nothing to ask. */
int home_open(void);

/* ---- nic.c ---- */

/* What netmap makes of the interface @name, asked of the module; returns the
 * exit status. */
int nic_status(const char *name, bool json);

/* ---- ports.c ---- */

int ports_run(int argc, char **argv);
int errors_run(int argc, char **argv);

/* Ports and their counters: an array of objects. */
json_t *ports_collect(int fd);

/* ---- top.c ---- */

int top_run(int argc, char **argv);

#endif
