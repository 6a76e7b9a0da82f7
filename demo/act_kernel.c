// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* act_kernel.c - netmap.ko in an emulated machine, by scripts/kernel/demo. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "acts.h"

#define SKIPPED	 77 /* exit status: something is not there */
#define BAR	 42
#define WAYS_MAX 8

/* What the guest counted, by the names of bench/kernel. */
static struct cost {
	const char *row;
	const char *what;
	double instructions; /* found */
} costs[] = {
	{"vale", "VALE switch", 0},
	{"pipe", "netmap pipe", 0},
	{"nic.veth", "NIC ports, a veth pair", 0},
	{"peer.afpacket", "AF_PACKET, a veth pair", 0},
};

#define COSTS (sizeof(costs) / sizeof(costs[0]))

struct moved {
	char name[40];
	char sent[16], received[16], mode[16];
};

/* What the script has said. */
struct said {
	struct moved way[WAYS_MAX];
	unsigned ways;
	char skipped[80]; /* why */
	char rest[4096];  /* lines of no kind: what went wrong */
};

/* ---- the script ---- */

static void script_exec(const struct acts *a, int out)
{
	char frames[16], arrive[16];
	const char *argv[5 + COSTS] = {KERNEL_DEMO, PKT_GEN, frames, arrive};

	snprintf(frames, sizeof(frames), "%u", a->frames);
	snprintf(arrive, sizeof(arrive), "%u", a->arrive);
	for (size_t i = 0; i < COSTS; i++)
		argv[4 + i] = costs[i].row;
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

/* Its process; what it prints comes by *@out. */
static pid_t script_start(const struct acts *a, FILE **out)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	fflush(NULL);
	pid = fork();
	if (!pid)
		script_exec(a, fds[1]);
	close(fds[1]);
	*out = fdopen(fds[0], "re");
	return pid;
}

/* ---- what it says ---- */

static bool row_read(const char *line)
{
	char name[32];
	double median;

	if (sscanf(line, "ROW %31[^\t]\t%lf", name, &median) != 2)
		return false;
	for (size_t i = 0; i < COSTS; i++)
		if (!strcmp(costs[i].row, name))
			costs[i].instructions = median;
	return true;
}

static bool way_read(struct said *s, const char *line)
{
	struct moved m = {0};

	if (s->ways == WAYS_MAX ||
	    sscanf(line, "ROW way\t%39[^\t]\t%15[^\t]\t%15[^\t]\t%15s", m.name,
		   m.sent, m.received, m.mode) < 3)
		return false;
	s->way[s->ways++] = m;
	return true;
}

/* The script has all it needs, and begins. */
static bool begin_read(const char *line)
{
	char release[24];

	if (sscanf(line, "KERNEL %23s", release) != 1)
		return false;
	printf("\nKERNEL   The same core as a module, netmap.ko, in Debian's "
	       "kernel\n"
	       "         %s, in an emulated machine: there frames are "
	       "counted,\n"
	       "         and instructions, not time. The pkt-gen of this "
	       "machine numbers frames\n"
	       "         and looks for each of them.\n\n",
	       release);
	fflush(stdout);
	return true;
}

static void line_read(struct said *s, const char *line)
{
	size_t used = strlen(s->rest);

	if (begin_read(line) || way_read(s, line) || row_read(line) ||
	    sscanf(line, "SKIP: %79[^\n]", s->skipped) == 1)
		return;
	snprintf(s->rest + used, sizeof(s->rest) - used, "  %s", line);
}

/* Its exit status. */
static int script_run(const struct acts *a, struct said *s)
{
	char line[256];
	int status = -1;
	FILE *out = NULL;
	pid_t pid = script_start(a, &out);

	while (out && fgets(line, sizeof(line), out))
		line_read(s, line);
	if (out)
		fclose(out);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* ---- shown ---- */

static void ways_print(const struct said *s)
{
	printf("  %-28s %9s %10s\n", "from pkt-gen to pkt-gen", "sent",
	       "received");
	for (unsigned i = 0; i < s->ways; i++) {
		const struct moved *m = &s->way[i];

		printf("  %-28s %9s %10s   all, in order%s%s\n", m->name,
		       m->sent, m->received, m->mode[0] ? "; " : "", m->mode);
	}
}

static void costs_print(void)
{
	double most = 1;

	for (size_t i = 0; i < COSTS; i++)
		if (costs[i].instructions > most)
			most = costs[i].instructions;
	puts("\n  instructions for a frame, of programs and kernel: fewer is "
	     "faster");
	for (size_t i = 0; i < COSTS; i++) {
		printf("  %-26s %7.0f  ", costs[i].what, costs[i].instructions);
		for (int n = 0;
		     n < (int)(BAR * costs[i].instructions / most + 0.5); n++)
			putchar('#');
		putchar('\n');
	}
}

static bool is_complete(const struct said *s)
{
	for (size_t i = 0; i < COSTS; i++)
		if (costs[i].instructions <= 0)
			return false;
	return s->ways > 0;
}

bool act_kernel(const struct acts *a)
{
	static struct said s;
	int status = script_run(a, &s);

	if (status == SKIPPED) {
		printf("\nKERNEL   left out: %s; make bench-kernel brings it\n",
		       s.skipped);
		return true;
	}
	if (status || !is_complete(&s)) {
		fputs(s.rest, stdout);
		return false;
	}
	ways_print(&s);
	costs_print();
	return true;
}
