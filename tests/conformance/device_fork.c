// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Descriptors and mappings in child processes. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"

static int status_of(pid_t pid)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

static void child_sends(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);
	pid_t pid = fork();

	if (!pid) {
		check_is_child();
		conf_send(&a, 0, f);
		_exit(0);
	}
	CHECK(pid > 0);
	CHECK_EQ(status_of(pid), 0);
	conf_expect(&b, 0, f);
	/* The child's end is not the port's. */
	conf_send(&a, 0, f);
	conf_expect(&b, 0, f);
}

static void child_outlives(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);
	int go[2];
	char byte = 0;
	pid_t pid;

	CHECK_EQ(pipe(go), 0);
	pid = fork();
	if (!pid) {
		check_is_child();
		CHECK_EQ(read(go[0], &byte, 1), 1);
		conf_send(&a, 0, f);
		_exit(0);
	}
	CHECK(pid > 0);
	conf_close(&a);
	CHECK(conf_exists("vale0:a"));
	CHECK_EQ(write(go[1], &byte, 1), 1);
	CHECK_EQ(status_of(pid), 0);
	conf_expect(&b, 0, f);
	CHECK(!conf_exists("vale0:a"));
	close(go[0]);
	close(go[1]);
}

/* Opens a port of its own, says so, and is killed. */
static void killed_child(void)
{
	struct port b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);
	int ready[2];
	char byte = 0;
	pid_t pid;

	CHECK_EQ(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		struct port a;

		check_is_child();
		a = conf_open("vale0:a");
		conf_put_frame(conf_tx(&a, 0), f);
		CHECK_EQ(write(ready[1], &byte, 1), 1);
		for (;;)
			pause();
	}
	CHECK(pid > 0);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	CHECK(conf_exists("vale0:a"));
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(WIFSIGNALED(status_of(pid)));
	CHECK(!conf_exists("vale0:a"));
	conf_expect_none(&b);
	close(ready[0]);
	close(ready[1]);
}

static const struct claim claims[] = {
	{"a child sends through its parent's descriptor", child_sends},
	{"a child keeps the port when its parent has closed it",
	 child_outlives},
	{"the port of a killed child is gone", killed_child},
};

int main(void)
{
	if (!t_has_fork())
		check_skip("descriptors do not work in children here");
	return CONF_RUN(claims);
}
