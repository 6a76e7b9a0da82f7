// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* act_unchanged.c - unchanged.c's program, twice, by netmap-run. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "acts.h"

#define COUNT "1000" /* a ring holds them: nothing has to be lost */

static pid_t spawn(const char *const argv[], int out)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static bool ended_well(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

bool act_unchanged(const struct acts *a)
{
	static const char *const receive[] = {NETMAP_RUN, UNCHANGED, "receive",
					      "vale9:r",  COUNT,     NULL};
	static const char *const send[] = {NETMAP_RUN, UNCHANGED, "send",
					   "vale9:s",  COUNT,	  NULL};
	char ready[16] = "", count[16] = "";
	pid_t receiver, sender = -1;
	int out[2];
	FILE *f;
	bool ok;

	(void)a;
	puts("\nUNCHANGED  A program that includes net/netmap_user.h, opens "
	     "its "
	     "port with\n         nm_open() and is linked with libc alone "
	     "finds "
	     "/dev/netmap all the same.\n\n"
	     "    $ netmap-run unchanged receive vale9:r " COUNT " &\n"
	     "    $ netmap-run unchanged send vale9:s " COUNT);
	if (pipe2(out, O_CLOEXEC))
		return false;
	receiver = spawn(receive, out[1]);
	close(out[1]);
	f = fdopen(out[0], "re");
	ok = fgets(ready, sizeof(ready), f) && !strcmp(ready, "ready\n");
	if (ok)
		sender = spawn(send, STDOUT_FILENO);
	ok = ok && ended_well(sender) && fgets(count, sizeof(count), f);
	fclose(f);
	ok = ended_well(receiver) && ok;
	printf("\n  %d of " COUNT " frames received, in order\n", atoi(count));
	return ok;
}
