// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <net/netmap_ext.h>
#include <net/netmap_user.h>
#include "daemon.h"
#include "raw.h"

#define FDS_MAX 253 /* in one message: the system's limit */

/* Addresses of the program, as it says: nobody looks there. */
#define AT_HEADER 0x10000
#define AT_BODY	  0x20000

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

int raw_connect(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	CLAIM(fd >= 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s",
		 getenv("NETMAP_SOCKET"));
	CLAIM(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	return fd;
}

int raw_send(int fd, const void *data, size_t size, const int *fds, int nfds)
{
	struct iovec iov = {(void *)(uintptr_t)data, size};
	union control control = {0};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	if (nfds) {
		size_t bytes = (size_t)nfds * sizeof(int);
		struct cmsghdr *c = &control.align;

		m.msg_control = control.data;
		m.msg_controllen = CMSG_SPACE(bytes);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(c), fds, bytes);
	}
	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t raw_recv(int fd, void *data, size_t size, int *fds, int *nfds)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct iovec iov = {data, size};
	union control control = {0};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.data,
			   .msg_controllen = sizeof(control.data)};
	int max = nfds ? *nfds : 0, n = 0;
	ssize_t len;

	if (poll(&p, 1, DEADLINE_MS) != 1)
		return -ETIMEDOUT;
	len = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (len < 0)
		return errno == ECONNRESET ? 0 : -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		for (size_t at = CMSG_LEN(0); at < c->cmsg_len;
		     at += sizeof(int)) {
			int got;

			memcpy(&got, (char *)c + at, sizeof(got));
			if (n < max)
				fds[n++] = got;
			else
				close(got);
		}
	if (nfds)
		*nfds = n;
	return len;
}

bool raw_is_closed(int fd)
{
	char data[NMD_MESSAGE_MAX];
	ssize_t n;

	do
		n = raw_recv(fd, data, sizeof(data), NULL, NULL);
	while (n > 0);
	return !n;
}

struct nmd_hello raw_hello(void)
{
	return (struct nmd_hello){.msg = {NMD_HELLO, sizeof(struct nmd_hello)},
				  .magic = NMD_MAGIC,
				  .version = NMD_VERSION,
				  .version_min = NMD_VERSION_MIN,
				  .program = "raw"};
}

ssize_t raw_greet(int session, const struct nmd_hello *hello, int line, int end,
		  struct nmd_welcome *w, int fds[3])
{
	int err = raw_send(session, hello, sizeof(*hello), &end, 1), n = 3;

	close(end);
	return err ? err : raw_recv(line, w, sizeof(*w), fds, &n);
}

bool raw_refusal(int session, struct nmd_welcome *w)
{
	/* A reset comes first, where netmapd has not read all. */
	for (int i = 0; i < 2; i++)
		if (raw_recv(session, w, sizeof(*w), NULL, NULL) == sizeof(*w))
			return w->error;
	return false;
}

static int line_open(int session, int *line, struct nmd_welcome *w, int fds[3])
{
	struct nmd_hello hello = raw_hello();
	int pair[2];

	CLAIM(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	CLAIM(raw_greet(session, &hello, pair[0], pair[1], w, fds) ==
	      sizeof(*w));
	*line = pair[0];
	return w->error;
}

int raw_line(int session, int *line, struct nmd_welcome *w)
{
	int fds[3], err = line_open(session, line, w, fds);

	for (int i = 0; !err && i < 3; i++)
		close(fds[i]);
	return err;
}

void raw_open(struct raw *r)
{
	struct nmd_welcome w;
	int fds[3];

	*r = (struct raw){.session = raw_connect(), .region_fd = -1};
	CLAIM(!line_open(r->session, &r->line, &w, fds));
	r->page_fd = fds[0];
	r->bell = fds[1];
	r->wake = fds[2];
	r->page = mmap(NULL, NMD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       r->page_fd, 0);
	CLAIM(r->page != MAP_FAILED);
}

void raw_close(struct raw *r)
{
	if (r->region) {
		munmap(r->region, r->size);
		close(r->region_fd);
	}
	munmap(r->page, NMD_PAGE_SIZE);
	close(r->page_fd);
	close(r->bell);
	close(r->wake);
	close(r->line);
	close(r->session);
}

void raw_piece(struct nmd_call *call, uint64_t addr, const void *at, size_t len)
{
	struct nmd_piece p = {.addr = addr, .len = (uint32_t)len};
	char *end = (char *)call + call->msg.size;

	memcpy(end, &p, sizeof(p));
	memcpy(end + sizeof(p), at, len);
	call->msg.size += (uint32_t)(sizeof(p) + ((len + 7) & ~(size_t)7));
	call->npieces++;
}

struct nmd_call *raw_call(void *message, unsigned long cmd, uint64_t addr,
			  const void *at, size_t len)
{
	struct nmd_call *call = message;

	*call = (struct nmd_call){
		.msg = {NMD_CALL, sizeof(*call)}, .cmd = cmd, .arg = addr};
	raw_piece(call, addr, at, len);
	return call;
}

int raw_ask(struct raw *r, const struct nmd_call *call, void *answer)
{
	int err = raw_send(r->line, call, call->msg.size, NULL, 0);
	struct nmd_msg *msg = answer;
	ssize_t n;

	if (err)
		return err;
	n = raw_recv(r->line, answer, NMD_MESSAGE_MAX, NULL, NULL);
	if (n <= 0)
		return n ? (int)n : -EPIPE;
	return n >= (ssize_t)sizeof(*msg) ? (int)msg->type : -EPROTO;
}

struct nmd_call *raw_register(void *message, const char *name, uint64_t flags)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_slots = 256,
				     .nr_rx_slots = 256,
				     .nr_flags = flags};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = AT_BODY};
	struct nmd_call *call;

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	call = raw_call(message, NIOCCTRL, AT_HEADER, &h, sizeof(h));
	raw_piece(call, AT_BODY, &reg, sizeof(reg));
	return call;
}

static void map(struct raw *r)
{
	char answer[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	struct nmd_msg ask = {NMD_MAP, sizeof(ask)};
	struct nmd_mapped *m = (void *)answer;
	const uint64_t *offset = (const void *)(m + 1);
	int n = 1;

	CLAIM(!raw_send(r->line, &ask, sizeof(ask), NULL, 0));
	CLAIM(raw_recv(r->line, answer, sizeof(answer), &r->region_fd, &n) >=
	      (ssize_t)sizeof(*m));
	CLAIM(m->msg.type == NMD_MAPPED && !m->error && n == 1);
	r->size = m->size;
	r->region = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 r->region_fd, 0);
	CLAIM(r->region != MAP_FAILED);
	r->tx = (void *)(r->region + offset[0]);
	r->rx = (void *)(r->region + offset[m->rings[0]]);
}

void raw_bind(struct raw *r, const char *name, uint64_t flags)
{
	char message[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	char answer[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	struct nmd_done *done = (void *)answer;

	CLAIM(raw_ask(r, raw_register(message, name, flags), answer) ==
	      NMD_DONE);
	if (done->error)
		die("%s: error %d: %s", name, done->error, done->sentence);
	map(r);
}

/* ---- what netmapd has ---- */

static bool state_get(struct raw *r, struct nmd_state *st)
{
	struct nmd_msg ask = {NMD_STATUS, sizeof(ask)};

	return !raw_send(r->line, &ask, sizeof(ask), NULL, 0) &&
	       raw_recv(r->line, st, sizeof(*st), NULL, NULL) == sizeof(*st);
}

bool raw_serves(const struct daemon *d)
{
	struct nmd_state st;
	struct raw r;
	bool yes;

	raw_open(&r);
	yes = state_get(&r, &st) && st.pid == (uint32_t)d->pid;
	raw_close(&r);
	return yes;
}

/* The number of the port after @seq; 0: there is none. */
static uint64_t port_after(struct raw *r, uint64_t seq)
{
	static char message[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	static char answer[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	struct nmreq_x_port body = {.x_size = sizeof(body), .x_seq = seq + 1};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_PORTS_GET,
				 .nr_body = AT_BODY};
	const struct nmd_done *done = (void *)answer;
	const char *at = (char *)(done + 1);
	struct nmd_call *call;

	call = raw_call(message, NIOCCTRL, AT_HEADER, &h, sizeof(h));
	raw_piece(call, AT_BODY, &body, sizeof(body));
	CLAIM(raw_ask(r, call, answer) == NMD_DONE);
	if (done->error) {
		CLAIM(done->error == ENOENT);
		return 0;
	}
	for (uint32_t i = 0; i < done->npieces; i++) {
		const struct nmd_piece *p = (const void *)at;

		if (p->addr == AT_BODY)
			memcpy(&body, p + 1, p->len);
		at += sizeof(*p) + ((p->len + 7) & ~7u);
	}
	CLAIM(body.x_seq > seq);
	return body.x_seq;
}

static struct usage measure(const struct daemon *d, struct raw *r)
{
	struct usage u = {.fds = daemon_fds(d), .threads = daemon_threads(d)};
	struct nmd_state st;

	CLAIM(state_get(r, &st));
	u.sessions = st.sessions;
	u.lines = st.lines;
	for (uint64_t seq = 0; (seq = port_after(r, seq));)
		u.ports++;
	return u;
}

struct usage raw_usage(const struct daemon *d)
{
	struct usage u;
	struct raw r;

	raw_open(&r);
	/* Of who was here before. */
	do
		u = measure(d, &r);
	while (u.sessions > 1 || u.lines > 1);
	u = measure(d, &r);
	raw_close(&r);
	return u;
}

/* Less is all right: a descriptor may have been about to be closed. */
static bool is_within(const struct usage *u, const struct usage *want)
{
	return u->sessions <= want->sessions && u->lines <= want->lines &&
	       u->ports <= want->ports && u->fds <= want->fds &&
	       u->threads <= want->threads;
}

void raw_await_usage(const struct daemon *d, const struct usage *want)
{
	int64_t deadline = now_ms() + DEADLINE_MS;
	struct usage u;
	struct raw r;

	raw_open(&r);
	for (;;) {
		u = measure(d, &r);
		if (is_within(&u, want))
			break;
		if (now_ms() > deadline) {
			daemon_show_log(d);
			die("netmapd has %u sessions, %u lines, %u ports, %u "
			    "descriptors, %u threads, and had %u, %u, %u, %u, "
			    "%u",
			    u.sessions, u.lines, u.ports, u.fds, u.threads,
			    want->sessions, want->lines, want->ports, want->fds,
			    want->threads);
		}
		poll(NULL, 0, 5);
	}
	raw_close(&r);
}
