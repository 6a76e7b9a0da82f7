// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pair_run.h"

static bool refuse(struct pair_run *r, const char *why)
{
	snprintf(r->refusal, sizeof(r->refusal), "%s", why);
	return false;
}

/* The next line of the answer: NULL if it is none. */
static const char *answer(struct pair_run *r, char *line, size_t size)
{
	static const char refused[] = "refused ";

	if (!r->from || !fgets(line, (int)size, r->from)) {
		refuse(r, "the program that measures it has ended");
		return NULL;
	}
	line[strcspn(line, "\n")] = 0;
	if (strncmp(line, refused, sizeof(refused) - 1))
		return line;
	refuse(r, line + sizeof(refused) - 1);
	return NULL;
}

bool pair_run_start(struct pair_run *r, const char *const argv[])
{
	int to[2], from[2];
	char line[256];

	*r = (struct pair_run){0};
	if (pipe2(to, O_CLOEXEC))
		return refuse(r, strerror(errno));
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return refuse(r, strerror(errno));
	}
	fflush(NULL);
	r->pid = fork();
	if (!r->pid) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	r->to = fdopen(to[1], "we");
	r->from = fdopen(from[0], "re");
	return answer(r, line, sizeof(line));
}

bool pair_run_slice(struct pair_run *r, unsigned ms, struct pair_slice *s)
{
	char line[256];
	const char *text;

	fprintf(r->to, "%u\n", ms);
	fflush(r->to);
	text = answer(r, line, sizeof(line));
	if (!text)
		return false;
	return sscanf(text, "%llu %lu %lu %lu", &s->ns, &s->frames, &s->sent,
		      &s->lost) == 4 ||
	       refuse(r, text);
}

void pair_run_end(struct pair_run *r)
{
	if (r->to)
		fclose(r->to);
	if (r->from)
		fclose(r->from);
	if (r->pid > 0)
		waitpid(r->pid, NULL, 0);
	*r = (struct pair_run){0};
}

bool pair_cpus(unsigned n, char *text, size_t size)
{
	int cpus[2] = {0};
	unsigned found = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < n; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[found++] = cpu;
	if (!n)
		snprintf(text, size, "-");
	else if (n == 1)
		snprintf(text, size, "%d", cpus[0]);
	else
		snprintf(text, size, "%d,%d", cpus[0], cpus[1]);
	return found == n;
}
