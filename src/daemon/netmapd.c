// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmapd - switches, pipes and their memory in a process of their own, for
 * programs that cannot have a kernel module.
 *
 *   program -- libnetmap --+                        +-- worker on processor 0
 *   program -- libnetmap --+-- control thread (this)|
 *   program -- libnetmap --+                        +-- worker on processor 1
 *
 * Programs connect, one connection for each descriptor (session.h); calls are
 * served here (line.h, request.h), packets are moved by the workers (worker.h).
 */
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "listener.h"
#include "os_misc.h"
#include "log.h"
#include "sandbox.h"
#include "session.h"
#include "user.h"
#include "worker.h"

#define LINGER_MS 2000 /* until a daemon without sessions ends */
#define DEAF_MS	  200  /* until connections are accepted again */
#define DEAF_NS	  (DEAF_MS * 1000000ull)
#define START_MS  5000 /* for another one that starts to serve */

#define USER_SESSIONS 1024 /* an eighth of what there is */

struct options {
	const char *socket;
	bool foreground, on_demand;
	u32 workers, spin_us, user_sessions;
	struct nm_params params;
};

struct daemon {
	struct nmd nmd;
	struct nmd_listener listener;
	struct nmd_source connections, signals;
	sigset_t ends_by;
	int signal_fd;
	const char *sandbox;
	int spare; /* descriptor to refuse connections with */
	bool deaf; /* to connections: nothing was left to accept them with */
	u64 deaf_until;
	bool ends;
};

/* ---- options ---- */

const char *argp_program_version = "netmapd " NMD_RELEASE;

enum {
	OPT_SOCKET = 256,
	OPT_FOREGROUND,
	OPT_SET,
	OPT_ON_DEMAND,
	OPT_WORKERS,
	OPT_SPIN,
	OPT_USER_SESSIONS,
};

static const struct argp_option option_list[] = {
	{"foreground", OPT_FOREGROUND, NULL, 0,
	 "Stay in the foreground, and log to the standard error output", 0},
	{"on-demand", OPT_ON_DEMAND, NULL, 0,
	 "Return once programs are served, by this or by a netmapd that was "
	 "there; end when nothing is left to serve",
	 0},
	{"set", OPT_SET, "NAME=VALUE", 0,
	 "Set a parameter of the engine, as max_bridges; see netmapd(8)", 0},
	{"socket", OPT_SOCKET, "PATH", 0,
	 "Serve at PATH; its last part is netmapd.sock", 0},
	{"spin", OPT_SPIN, "US", 0,
	 "Look around for US microseconds (0 to 1000000) before sleeping; 0 by "
	 "default",
	 0},
	{"user-sessions", OPT_USER_SESSIONS, "N", 0,
	 "Let each user open at most N descriptors (1 to 8192), and have at "
	 "most 4 N threads that wait or call; 1024 by default. Root and the "
	 "user that netmapd runs as have no such limit",
	 0},
	{"workers", OPT_WORKERS, "N", 0,
	 "Use at most N processors (1 to 1024); by default all that the "
	 "process "
	 "may use",
	 0},
	{0},
};

static u32 number(struct argp_state *state, const char *what, const char *arg,
		  unsigned long min, unsigned long max)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (end == arg || *end || arg[0] == '-' || v < min || v > max)
		argp_error(state, "--%s=%s: not a number from %lu to %lu", what,
			   arg, min, max);
	return (u32)v;
}

static void set(struct argp_state *state, char *arg, struct nm_params *params)
{
	char *value = strchr(arg, '=');

	if (!value)
		argp_error(state, "--set=%s: not NAME=VALUE", arg);
	*value++ = 0;
	if (nm_params_set(params, arg, number(state, arg, value, 0, 1u << 30)))
		argp_error(state, "--set: %s", os_last_refusal());
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_SOCKET:
		o->socket = arg;
		break;
	case OPT_FOREGROUND:
		o->foreground = true;
		break;
	case OPT_SET:
		set(state, arg, &o->params);
		break;
	case OPT_ON_DEMAND:
		o->on_demand = true;
		break;
	case OPT_WORKERS:
		o->workers = number(state, "workers", arg, 1, 1024);
		break;
	case OPT_SPIN:
		o->spin_us = number(state, "spin", arg, 0, 1000000);
		break;
	case OPT_USER_SESSIONS:
		o->user_sessions =
			number(state, "user-sessions", arg, 1, NMD_SESSIONS);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = option_list,
	.parser = parse,
	.doc = "Serves netmap ports to programs: VALE switches, netmap pipes "
	       "and monitors, without a kernel module.\v"
	       "Programs start it by themselves; see netmapd(8).",
};

/* ---- connections, signals ---- */

static int accept_one(const struct daemon *d)
{
	return accept4(d->listener.fd, NULL, NULL,
		       SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static int spare_open(void)
{
	return eventfd(0, EFD_CLOEXEC);
}

/* Tells one program, by the last descriptor, that there is none for it. */
static bool refuse_one(struct daemon *d, int err)
{
	int fd;

	if (d->spare < 0)
		return false;
	close(d->spare);
	fd = accept_one(d);
	if (fd >= 0) {
		nmd_session_refuse(&d->nmd, fd, err);
		/* It may bring what is slow to close. */
		nmd_hang_up(nmd_user_of(&d->nmd, fd), fd);
	}
	d->spare = spare_open();
	return fd >= 0 && d->spare >= 0;
}

/* An error of accept(2) that goes by itself, or with the connection. */
static bool is_passing(int err)
{
	return err == EAGAIN || err == EINTR || err == ECONNABORTED;
}

static void on_connection(struct nmd_source *source)
{
	struct daemon *d = nm_container(source, struct daemon, connections);
	int fd = accept_one(d), err = fd < 0 ? errno : 0;

	if (fd >= 0)
		nmd_session_create(&d->nmd, fd);
	else if (err == EMFILE || err == ENFILE)
		d->deaf = !refuse_one(d, -err);
	else
		d->deaf = !is_passing(err);
	if (!d->deaf)
		return;
	/* Not again and again: serve() listens anew in a while. */
	d->deaf_until = os_now_ns() + DEAF_NS;
	nmd_unwatch(&d->nmd, d->listener.fd);
	nmd_log(NMD_ERROR, "event=cannot_accept sessions=%u why=\"%s\"",
		d->nmd.nsessions, strerror(err));
}

/* Listens anew, where there is a descriptor to refuse by. */
static void try_to_hear(struct daemon *d)
{
	d->deaf_until = os_now_ns() + DEAF_NS;
	if (d->spare < 0)
		d->spare = spare_open();
	if (d->spare >= 0)
		d->deaf = nmd_watch(&d->nmd, d->listener.fd, &d->connections);
}

static void on_signal(struct nmd_source *source)
{
	struct daemon *d = nm_container(source, struct daemon, signals);
	struct signalfd_siginfo info;

	if (read(d->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	nmd_log(NMD_INFO, "event=signal number=%u sessions=%u", info.ssi_signo,
		d->nmd.nsessions);
	d->ends = true;
}

/* ---- the loop ---- */

/* Switches and ports that live without programs. */
static bool has_kept(struct daemon *d)
{
	struct nm_core *core = d->nmd.core;
	bool kept;

	nm_core_lock(core);
	kept = core->nswitches || core->ports.next != &core->ports;
	nm_core_unlock(core);
	return kept;
}

static void serve(struct daemon *d, bool on_demand)
{
	unsigned lost = 0;

	while (!d->ends) {
		struct epoll_event e;
		bool idle = on_demand && !d->nmd.nsessions && !has_kept(d);
		/* One at a time: it may end others. */
		int n = epoll_wait(d->nmd.poll, &e, 1,
				   d->deaf ? DEAF_MS
				   : idle  ? LINGER_MS
					   : -1);

		/* It may be of one that has ended; if not, it comes again. */
		if (n > 0 && nmd_sessions_reap(&d->nmd))
			continue;
		if (n > 0)
			((struct nmd_source *)e.data.ptr)->event(e.data.ptr);
		else if (!n && !d->deaf)
			d->ends = true;
		if (d->deaf && os_now_ns() >= d->deaf_until)
			try_to_hear(d);
		if (nmd_sandbox_pages_lost() != lost) {
			lost = nmd_sandbox_pages_lost();
			nmd_log(NMD_WARN, "event=pages_lost pages=%u", lost);
		}
	}
}

static void sessions_end(struct nmd *d)
{
	while (d->sessions.next != &d->sessions)
		nmd_session_destroy(nm_container(d->sessions.next,
						 struct nmd_session, node));
}

/* ---- life ---- */

static int fail(int err, const char *what)
{
	const char *hint = err == -EMFILE ? ": ulimit -n raises their number"
			   : err == -ENOMEM || err == -EAGAIN
				   ? ": ulimit -v and -u say how much there is"
				   : "";

	nmd_log(NMD_ERROR, "event=cannot_start what=\"%s\" why=\"%s%s\"", what,
		strerror(-err), hint);
	return err;
}

/* Before there is a socket: what comes from then on ends us in order. */
static void signals_hold(struct daemon *d)
{
	sigemptyset(&d->ends_by);
	sigaddset(&d->ends_by, SIGTERM);
	sigaddset(&d->ends_by, SIGINT);
	sigprocmask(SIG_BLOCK, &d->ends_by, NULL);
}

static int signals_open(struct daemon *d)
{
	d->signals.event = on_signal;
	d->signal_fd = signalfd(-1, &d->ends_by, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signal_fd < 0 ? -errno
				: nmd_watch(&d->nmd, d->signal_fd, &d->signals);
}

/* What a session needs of descriptors is more than most limits allow. */
static void limits_raise(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* Goes on in a child. Whoever started us waits until it serves, or has said on
 * the standard error output why it cannot. Returns what to say that on; -1. */
static int background(void)
{
	int ready[2], null;
	char c;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid > 0) {
		close(ready[1]);
		_exit(read(ready[0], &c, 1) != 1);
	}
	close(ready[0]);
	if (pid < 0) {
		close(ready[1]);
		return -1;
	}
	setsid();
	if (chdir("/"))
		return -1;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup3(null, STDIN_FILENO, 0);
	dup3(null, STDOUT_FILENO, 0);
	close(null);
	return ready[1];
}

static void tell_ready(int ready)
{
	dup3(STDOUT_FILENO, STDERR_FILENO, 0);
	if (write(ready, "", 1) != 1)
		nmd_log(NMD_WARN, "event=nobody_waits");
	close(ready);
}

/* All but the socket; in the process that stays. */
static int start(struct daemon *d, const struct options *o)
{
	int err;

	nm_list_init(&d->nmd.sessions);
	nm_list_init(&d->nmd.users);
	d->nmd.user_sessions = o->user_sessions;
	d->nmd.start_ns = os_now_ns();
	d->nmd.poll = epoll_create1(EPOLL_CLOEXEC);
	d->nmd.closed = epoll_create1(EPOLL_CLOEXEC);
	if (d->nmd.poll < 0 || d->nmd.closed < 0)
		return fail(-errno, "epoll");
	limits_raise();
	err = signals_open(d);
	if (err)
		return fail(err, "signals");
	d->connections.event = on_connection;
	err = nmd_watch(&d->nmd, d->listener.fd, &d->connections);
	if (err)
		return fail(err, "the socket");
	err = nm_core_create(&d->nmd.core, &o->params);
	if (err)
		return fail(err, "the engine");
	d->spare = spare_open();
	if (d->spare < 0)
		return fail(-errno, "a descriptor to spare");
	nmd_sandbox_pages();
	d->sandbox = nmd_sandbox_enter();
	err = nmd_workers_start(o->workers, o->spin_us);
	return err ? fail(err, "workers") : 0;
}

/* @ready: -1, or who waits for it. */
static int run(struct daemon *d, const struct options *o, int ready)
{
	if (start(d, o)) {
		nmd_listener_close(&d->listener);
		return 1;
	}
	nmd_log_open(o->foreground);
	if (ready >= 0)
		tell_ready(ready);
	nmd_log(NMD_INFO,
		"event=started pid=%d socket=%s workers=%u sandbox=%s",
		(int)getpid(),
		d->listener.where.path[0] ? d->listener.where.path
					  : "inherited",
		nmd_workers(), d->sandbox);
	serve(d, o->on_demand);
	/* Who comes now finds nobody, and starts another. */
	nmd_listener_close(&d->listener);
	sessions_end(&d->nmd);
	nmd_workers_stop();
	nm_core_destroy(d->nmd.core);
	nmd_log_close();
	nmd_log(NMD_INFO, "event=ended pid=%d", (int)getpid());
	return 0;
}

static int where_of(const struct options *o, struct nmd_where *where,
		    char *text, size_t size)
{
	return o->socket ? nmd_where_set(where, o->socket, text, size)
			 : nmd_where_make(where, text, size);
}

int main(int argc, char **argv)
{
	static struct daemon d;
	struct options o = {.user_sessions = USER_SESSIONS};
	struct nmd_where where;
	char text[NMD_WHERE_TEXT];
	int err, ready = -1;

	nm_params_init(&o.params);
	o.params.late_syncs = 1;
	o.params.max_bridges = 256;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	signals_hold(&d);
	err = where_of(&o, &where, text, sizeof(text));
	if (!err)
		err = nmd_listener_open(&d.listener, &where, text,
					sizeof(text));
	if (err == -EADDRINUSE && o.on_demand &&
	    nmd_listener_await(&where, START_MS))
		return 0;
	if (err) {
		fprintf(stderr, "netmapd: %s\n", text);
		return 1;
	}
	if (!o.foreground)
		ready = background();
	if (!o.foreground && ready < 0) {
		fprintf(stderr, "netmapd: cannot go to the background: %s\n",
			strerror(errno));
		nmd_listener_close(&d.listener);
		return 1;
	}
	nmd_listener_keep(&d.listener);
	return run(&d, &o, ready);
}
