// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "ctl.h"
#include "netmap.h"
#include "pass.h"
#include "where.h"
#include "wire.h"

#define ANSWER_S 2 /* for netmapd to answer, and to end */

/* What serves programs here. */
struct home {
	enum { HOME_KERNEL, HOME_DAEMON } kind;
	char why[160];
	struct nmd_where where; /* of netmapd */
	bool runs;
	pid_t pid; /* who made the socket: netmapd, or a service manager */
	char text[NMD_WHERE_TEXT]; /* why it cannot, or "" */
	struct nmd_state state;	   /* of a netmapd that runs */
};

/* ---- asking netmapd, by the first messages of its protocol ---- */

static int hello_send(int sock, int line)
{
	const struct nmd_hello hello = {
		.msg = {NMD_HELLO, sizeof(hello)},
		.magic = NMD_MAGIC,
		.version = NMD_VERSION,
		.version_min = NMD_VERSION_MIN,
		.program = "netmap",
	};

	return nmd_send(sock, &hello, sizeof(hello), &line, 1);
}

/* The descriptors that a welcome brings are not wanted: they are not received. */
static int ask(int line, struct nmd_state *state)
{
	const struct nmd_msg question = {NMD_STATUS, sizeof(question)};
	struct nmd_welcome w = {0};

	if (recv(line, &w, sizeof(w), 0) <= 0 || w.msg.type != NMD_WELCOME)
		return -EPROTO;
	if (w.error)
		return -w.error;
	if (send(line, &question, sizeof(question), MSG_NOSIGNAL) < 0 ||
	    recv(line, state, sizeof(*state), 0) <= 0 ||
	    state->msg.type != NMD_STATE)
		return -EPROTO;
	return 0;
}

static int state_get(int sock, struct nmd_state *state)
{
	const struct timeval limit = {.tv_sec = ANSWER_S};
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	err = hello_send(sock, pair[1]);
	close(pair[1]);
	if (!err)
		err = ask(pair[0], state);
	close(pair[0]);
	return err;
}

/* Connected to a netmapd that runs, or -errno; none is started. */
static int daemon_connect(const struct nmd_where *where)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", where->path);
	if (!connect(fd, (struct sockaddr *)&un, sizeof(un)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static bool has_device(void)
{
	struct stat st;

	return !stat("/dev/netmap", &st) && S_ISCHR(st.st_mode);
}

static void daemon_look(struct home *h)
{
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);
	int err = nmd_where_look(&h->where, h->text, sizeof(h->text)), fd;

	if (err)
		return;
	h->text[0] = 0;
	fd = daemon_connect(&h->where);
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return;
	err = fd < 0 ? fd : state_get(fd, &h->state);
	if (fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		h->pid = cred.pid;
	if (fd >= 0)
		close(fd);
	h->runs = !err;
	if (err)
		snprintf(h->text, sizeof(h->text), "%s: %s", h->where.path,
			 strerror(-err));
}

static void home_find(struct home *h)
{
	const char *forced = getenv("NETMAP_HOME");

	memset(h, 0, sizeof(*h));
	h->kind = has_device() ? HOME_KERNEL : HOME_DAEMON;
	if (forced && *forced) {
		h->kind = strcmp(forced, "kernel") ? HOME_DAEMON : HOME_KERNEL;
		snprintf(h->why, sizeof(h->why), "NETMAP_HOME is \"%.60s\"",
			 forced);
	} else {
		snprintf(h->why, sizeof(h->why), "%s",
			 h->kind == HOME_KERNEL
				 ? "the module is loaded: /dev/netmap is there"
				 : "no module is loaded: there is no "
				   "/dev/netmap");
	}
	if (h->kind == HOME_DAEMON)
		daemon_look(h);
}

int home_open(void)
{
	struct home h;

	home_find(&h);
	if (h.kind == HOME_DAEMON && !h.runs)
		return -ENODEV;
	return ctl_open();
}

/* ---- status ---- */

static json_t *status_json(const struct home *h)
{
	struct utsname u = {0};
	json_t *o;

	uname(&u);
	o = json_pack("{s:s, s:s, s:s}", "home",
		      h->kind == HOME_KERNEL ? "kernel" : "netmapd", "why",
		      h->why, "kernel", u.release);
	if (h->kind == HOME_KERNEL)
		return o;
	json_object_set_new(o, "running", json_boolean(h->runs));
	json_object_set_new(o, "socket", json_string(h->where.path));
	if (h->text[0])
		json_object_set_new(o, "problem", json_string(h->text));
	if (h->runs)
		json_object_set_new(
			o, "netmapd",
			json_pack(
				"{s:s#, s:i, s:i, s:i, s:i, s:I}", "release",
				h->state.release,
				(int)strnlen(h->state.release,
					     sizeof(h->state.release)),
				"pid", (int)h->state.pid, "uid",
				(int)h->state.uid, "sessions",
				(int)h->state.sessions - 1, "workers",
				(int)h->state.workers, "uptime_s",
				(json_int_t)(h->state.uptime_ns / 1000000000)));
	return o;
}

static void status_text(const struct home *h)
{
	printf("home      %s (%s)\n",
	       h->kind == HOME_KERNEL ? "kernel" : "netmapd", h->why);
	if (h->kind == HOME_KERNEL)
		return;
	printf("socket    %s\n", h->where.path);
	if (h->runs)
		printf("netmapd   %.*s, process %u of user %u, %u open "
		       "descriptors, %u workers, up for %llu s\n",
		       (int)sizeof(h->state.release), h->state.release,
		       h->state.pid, h->state.uid, h->state.sessions - 1,
		       h->state.workers,
		       (unsigned long long)(h->state.uptime_ns / 1000000000));
	else if (!h->text[0])
		printf("netmapd   not running; the first program that opens a "
		       "port starts it\n");
	if (h->text[0])
		printf("problem   %s\n", h->text);
	printf("can do    VALE switches, netmap pipes, monitors\n"
	       "cannot    network interfaces, host rings, memory of programs "
	       "(extmem, CSB): they take the kernel module\n");
}

int status_run(int argc, char **argv)
{
	struct flags f;
	struct home h;

	flags_parse(&f, argc, argv, "jI",
		    "usage: netmap status [--json] [INTERFACE]\n\n"
		    "Says what serves programs that open /dev/netmap, and why "
		    "that. Starts nothing.\n"
		    "Of a network interface: how its frames go to programs and "
		    "back, or would, why so,\n"
		    "and what stands against it. Changes nothing.\n"
		    "Exit status 1: programs could not be served, or not have "
		    "the interface.\n");
	home_find(&h);
	if (f.interface && h.kind == HOME_KERNEL)
		return nic_status(f.interface, f.json);
	if (f.interface) {
		fprintf(stderr,
			"netmap status: %s: network interfaces need the kernel "
			"module, here it is netmapd that serves (%s)\n",
			f.interface, h.why);
		return 1;
	}
	if (f.json)
		print_json(status_json(&h));
	else
		status_text(&h);
	return h.text[0] ? 1 : 0;
}

/* ---- stop ---- */

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

int stop_run(int argc, char **argv)
{
	const struct timespec step = {.tv_nsec = 10000000};
	struct flags f;
	struct home h;
	pid_t pid;

	flags_parse(&f, argc, argv, "",
		    "usage: netmap stop\n\n"
		    "Ends netmapd. Programs that use it find their ports dead. "
		    "It is no failure if none runs.\n");
	home_find(&h);
	if (h.kind == HOME_KERNEL) {
		fprintf(stderr,
			"netmap stop: the kernel is the home here "
			"(%s); there is no netmapd to end\n",
			h.why);
		return 1;
	}
	if (h.text[0]) {
		fprintf(stderr, "netmap stop: %s\n", h.text);
		return 1;
	}
	if (!h.runs)
		return 0;
	pid = h.pid;
	if (pid != (pid_t)h.state.pid) {
		fprintf(stderr, "netmap stop: netmapd was started by a service "
				"manager, which can stop it\n");
		return 1;
	}
	if (kill(pid, SIGTERM)) {
		fprintf(stderr, "netmap stop: netmapd is process %d: %s\n",
			(int)pid, strerror(errno));
		return 1;
	}
	for (int i = 0; i < ANSWER_S * 100 && !is_gone(pid); i++)
		nanosleep(&step, NULL);
	return is_gone(pid) ? 0 : 1;
}
