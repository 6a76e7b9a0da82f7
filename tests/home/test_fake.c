// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A netmapd that is none: too old or new, refusing, silent in the middle, talking
 * rubbish, or curious. A thread here plays it; what it is to do comes first.
 */
#include "home.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "wire.h"

enum act {
	OLD,
	NEW,
	REFUSE,
	HANG_UP, /* at the hello */
	RUBBISH, /* for a welcome */
	NO_FDS,
	DIE,	    /* in a call */
	NONSENSE,   /* for an answer to a call */
	CURIOUS,    /* wants memory that no call points to */
	IDLE,	    /* wants nothing, and no call is over by that */
	SCRIBBLE,   /* writes where it was given nothing */
	INSATIABLE, /* wants the same again and again */
	SMALL,	    /* a region smaller than it says */
	DONE,
};

static char dir[] = "/tmp/test_fake.XXXXXX";
static char secret[64] = "nobody's business";
static enum act act;
static int listener;

static void send_msg(int sock, void *msg, uint32_t type, uint32_t size,
		     const int *fds, uint32_t n)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct iovec iov = {msg, size};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	*(struct nmd_msg *)msg = (struct nmd_msg){type, size};
	if (n) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
	}
	sendmsg(sock, &m, MSG_NOSIGNAL);
}

/* The line that a hello brings; -1: the session ended. */
static int await_hello(int session)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct nmd_hello hello;
	struct iovec iov = {&hello, sizeof(hello)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	int line = -1;

	if (recvmsg(session, &m, MSG_CMSG_CLOEXEC) > 0)
		memcpy(&line, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(line));
	return line;
}

/* What the act has for a welcome; true: one that will do. */
static bool welcome(int line, struct nmd_page **page)
{
	struct nmd_welcome w = {.magic = NMD_MAGIC,
				.version = NMD_VERSION,
				.version_min = NMD_VERSION_MIN,
				.page_size = NMD_PAGE_SIZE};
	int fds[4] = {memfd_create("page", MFD_CLOEXEC),
		      eventfd(0, EFD_CLOEXEC)};

	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds + 2);
	ftruncate(fds[0], NMD_PAGE_SIZE);
	*page = mmap(NULL, NMD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		     fds[0], 0);
	if (act == OLD)
		w.version = w.version_min = 0;
	if (act == NEW)
		w.version = w.version_min = NMD_VERSION + 1;
	if (act == REFUSE) {
		w.error = EACCES;
		strcpy(w.sentence, "not you");
	}
	if (act == RUBBISH)
		memset(&w, 0x5a, sizeof(w));
	if (act != HANG_UP)
		send_msg(line, &w, NMD_WELCOME, sizeof(w), fds,
			 act == NO_FDS ? 1 : 3);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	return act >= DIE;
}

static void answer_map(int line)
{
	struct {
		struct nmd_mapped m;
		uint64_t offset[2];
	} a = {.m = {.rings = {1, 1}, .size = 1 << 20}, .offset = {0, 4096}};
	int fd = memfd_create("region", MFD_CLOEXEC);

	ftruncate(fd, 8192);
	send_msg(line, &a, NMD_MAPPED, sizeof(a), &fd, 1);
	close(fd);
}

static void answer(int line)
{
	struct nmd_need need = {.len = sizeof(secret)};
	struct {
		struct nmd_done done;
		struct nmd_piece piece;
		char data[sizeof(secret)];
	} scribble = {
		.done = {.npieces = 1},
		.piece = {.addr = (uintptr_t)secret, .len = sizeof(secret)}};
	struct nmd_done done = {.bound = 1};

	switch (act) {
	case CURIOUS:
		need.addr = (uintptr_t)secret;
		send_msg(line, &need, NMD_NEED, sizeof(need), NULL, 0);
		return;
	case IDLE:
		need.len = 0;
		send_msg(line, &need, NMD_NEED, sizeof(need), NULL, 0);
		return;
	case INSATIABLE:
		send_msg(line, &need, NMD_NEED, sizeof(need), NULL, 0);
		return;
	case SCRIBBLE:
		send_msg(line, &scribble, NMD_DONE, sizeof(scribble), NULL, 0);
		return;
	case NONSENSE:
		send_msg(line, &done, 77, sizeof(done), NULL, 0);
		return;
	default:
		send_msg(line, &done, NMD_DONE, sizeof(done), NULL, 0);
	}
}

/* Serves a line until it ends, or as the act has it; false: and its session. */
static bool serve_line(int line)
{
	static char buf[NMD_MESSAGE_MAX];
	struct nmd_page *page;
	bool ok = welcome(line, &page);

	page->state = NMD_PAGE_BOUND;
	while (ok && recv(line, buf, sizeof(buf), 0) > 0) {
		if (((struct nmd_msg *)buf)->type == NMD_MAP)
			answer_map(line);
		else if (act == DIE)
			ok = false;
		else
			answer(line);
	}
	munmap(page, NMD_PAGE_SIZE);
	close(line);
	return ok;
}

static void serve(int session)
{
	int line;

	do
		line = await_hello(session);
	while (line >= 0 && serve_line(line));
	close(session);
}

static void *daemon_main(void *arg)
{
	(void)arg;
	while (act != DONE) {
		int session = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (session >= 0)
			serve(session);
	}
	return NULL;
}

/* ---- what programs see ---- */

static int try_open(enum act what)
{
	int fd;

	act = what;
	fd = open("/dev/netmap", O_RDWR);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void not_opened(void **state)
{
	(void)state;
	assert_int_equal(try_open(OLD), EPROTO);
	assert_int_equal(try_open(NEW), EPROTO);
	assert_int_equal(try_open(REFUSE), EACCES);
	assert_int_equal(try_open(RUBBISH), EBADMSG);
	assert_int_equal(try_open(NO_FDS), EBADMSG);
}

static int try_call(enum act what, int *after)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	int fd, err;

	act = what;
	fd = open("/dev/netmap", O_RDWR);
	assert_true(fd >= 0);
	err = bind_to(fd, "vale0:a", &reg);
	*after = ioctl(fd, NIOCRXSYNC, NULL) ? errno : 0;
	assert_int_equal(poll_one(fd, POLLIN, 1) & POLLERR, POLLERR);
	close(fd);
	return err;
}

static void calls_fail(void **state)
{
	int after;

	(void)state;
	assert_int_equal(try_call(DIE, &after), ENOTCONN);
	assert_int_equal(after, ENOTCONN);
	assert_int_equal(try_call(NONSENSE, &after), EPROTO);
	assert_int_equal(try_call(SMALL, &after), 0);
	assert_int_equal(after, EBADMSG);
}

static void not_believed(void **state)
{
	int after;

	(void)state;
	assert_int_equal(try_call(CURIOUS, &after), EPROTO);
	assert_int_equal(try_call(IDLE, &after), EPROTO);
	assert_int_equal(try_call(SCRIBBLE, &after), EPROTO);
	assert_string_equal(secret, "nobody's business");
	assert_int_equal(try_call(INSATIABLE, &after), EMSGSIZE);
}

static int setup(void **state)
{
	static pthread_t thread;
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	assert_non_null(mkdtemp(dir));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/" NMD_SOCKET_NAME, dir);
	setenv("NETMAP_SOCKET", at.sun_path, 1);
	setenv("NETMAP_HOME", "netmapd", 1);
	setenv("NETMAPD", "/nonexistent", 1);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 16), 0);
	assert_int_equal(pthread_create(&thread, NULL, daemon_main, NULL), 0);
	*state = &thread;
	return 0;
}

static int teardown(void **state)
{
	act = DONE;
	shutdown(listener, SHUT_RDWR);
	pthread_join(*(pthread_t *)*state, NULL);
	unlink(getenv("NETMAP_SOCKET"));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_opened),
		cmocka_unit_test(calls_fail),
		cmocka_unit_test(not_believed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
