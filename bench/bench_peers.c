// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_peers.c - what else brings frames from program to program: sockets and
 * pipes.
 *
 * One thread sends 64 frames, then receives 64. Where the system has a call
 * for many frames it is used.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "bench.h"

#define BATCH 64
/* UDP in IPv4 in Ethernet: what of a 60-byte frame is left for data */
#define UDP_DATA (BENCH_FRAME - 14 - 20 - 8)

/* ---- datagrams: sendmmsg, recvmmsg ---- */

struct dgram {
	int tx, rx;
	unsigned len;
	uint8_t frame[64];
	uint8_t out[BATCH][64], in[BATCH][64];
	struct iovec out_vec[BATCH], in_vec[BATCH];
	struct mmsghdr out_msg[BATCH], in_msg[BATCH];
};

static void dgram_close(void *state)
{
	struct dgram *d = state;

	if (d->tx >= 0)
		close(d->tx);
	if (d->rx >= 0)
		close(d->rx);
	free(d);
}

static struct dgram *dgram_new(unsigned len)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct dgram *d = calloc(1, sizeof(*d));

	if (!d) {
		bench_refuse("no memory");
		return NULL;
	}
	d->tx = d->rx = -1;
	d->len = len;
	bench_frame(d->frame, BENCH_FRAME, mac, mac);
	for (unsigned i = 0; i < BATCH; i++) {
		d->out_vec[i] = (struct iovec){d->out[i], len};
		d->in_vec[i] = (struct iovec){d->in[i], sizeof(d->in[i])};
		d->out_msg[i].msg_hdr.msg_iov = &d->out_vec[i];
		d->out_msg[i].msg_hdr.msg_iovlen = 1;
		d->in_msg[i].msg_hdr.msg_iov = &d->in_vec[i];
		d->in_msg[i].msg_hdr.msg_iovlen = 1;
	}
	return d;
}

/* A lost frame must not make the receiver wait for ever. */
static bool set_timeout(int fd)
{
	struct timeval second = {.tv_sec = 1};

	return !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second,
			   sizeof(second));
}

static unsigned dgram_step(void *state)
{
	struct dgram *d = state;
	uint64_t sum = 0;
	int sent, got = 0;

	for (unsigned i = 0; i < BATCH; i++)
		memcpy(d->out[i], d->frame, BENCH_FRAME);
	sent = sendmmsg(d->tx, d->out_msg, BATCH, 0);
	if (sent < 0) {
		bench_refuse("sendmmsg: %s", strerror(errno));
		return 0;
	}
	while (got < sent) {
		int n = recvmmsg(d->rx, d->in_msg, (unsigned)(sent - got),
				 MSG_WAITFORONE, NULL);

		if (n <= 0) {
			bench_refuse("recvmmsg after %d of %d frames: %s", got,
				     sent, strerror(errno));
			return 0;
		}
		for (int i = 0; i < n; i++)
			sum += d->in_msg[i].msg_len + bench_read64(d->in[i]);
		got += n;
	}
	bench_sink = sum;
	return (unsigned)got;
}

static void *socketpair_open(const struct bench_def *def)
{
	struct dgram *d = dgram_new(BENCH_FRAME);
	int fds[2];

	(void)def;
	if (!d)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds)) {
		bench_refuse("socketpair: %s", strerror(errno));
		dgram_close(d);
		return NULL;
	}
	d->tx = fds[0];
	d->rx = fds[1];
	set_timeout(d->rx);
	return d;
}

static void *udp_open(const struct bench_def *def)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);
	struct dgram *d = dgram_new(UDP_DATA);

	(void)def;
	if (!d)
		return NULL;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	d->tx = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	d->rx = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(d->rx, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(d->rx, (struct sockaddr *)&addr, &len) ||
	    connect(d->tx, (struct sockaddr *)&addr, sizeof(addr)) ||
	    !set_timeout(d->rx)) {
		bench_refuse("UDP on loopback: %s", strerror(errno));
		dgram_close(d);
		return NULL;
	}
	return d;
}

/* ---- pipe(2) ---- */

struct pipe2 {
	int tx, rx;
	uint8_t frame[64], out[64], in[64];
};

static void pipe2_close(void *state)
{
	struct pipe2 *p = state;

	close(p->tx);
	close(p->rx);
	free(p);
}

static void *pipe2_open(const struct bench_def *def)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct pipe2 *p = calloc(1, sizeof(*p));
	int fds[2];

	(void)def;
	if (!p || pipe2(fds, O_DIRECT | O_CLOEXEC | O_NONBLOCK)) {
		bench_refuse("pipe2: %s", strerror(errno));
		free(p);
		return NULL;
	}
	p->rx = fds[0];
	p->tx = fds[1];
	bench_frame(p->frame, BENCH_FRAME, mac, mac);
	/* one page per packet; a pipe has 16 of them unless asked for more */
	if (fcntl(p->tx, F_SETPIPE_SZ, BATCH * sysconf(_SC_PAGESIZE)) < 0) {
		bench_refuse("F_SETPIPE_SZ: %s", strerror(errno));
		pipe2_close(p);
		return NULL;
	}
	return p;
}

static unsigned pipe2_step(void *state)
{
	struct pipe2 *p = state;
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(p->out, p->frame, BENCH_FRAME);
		if (write(p->tx, p->out, BENCH_FRAME) != BENCH_FRAME) {
			bench_refuse("write: %s", strerror(errno));
			return 0;
		}
	}
	for (unsigned i = 0; i < BATCH; i++) {
		ssize_t n = read(p->rx, p->in, sizeof(p->in));

		if (n != BENCH_FRAME) {
			bench_refuse("read: %zd bytes, %s", n, strerror(errno));
			return 0;
		}
		sum += (uint64_t)n + bench_read64(p->in);
	}
	bench_sink = sum;
	return BATCH;
}

const struct bench_def bench_peers_rows[] = {
	{
		.name = "peer.socketpair",
		.note = "Unix datagrams, sendmmsg and recvmmsg of 64",
		.open = socketpair_open,
		.step = dgram_step,
		.close = dgram_close,
	},
	{
		.name = "peer.udp",
		.note = "UDP over loopback, 18 B of data (60 B frames), "
			"sendmmsg and recvmmsg of 64",
		.open = udp_open,
		.step = dgram_step,
		.close = dgram_close,
	},
	{
		.name = "peer.pipe2",
		.note = "pipe2(O_DIRECT), 64 frames under way, a write and a "
			"read each: there is no call for more",
		.open = pipe2_open,
		.step = pipe2_step,
		.close = pipe2_close,
	},
	{0},
};
