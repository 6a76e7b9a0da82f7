// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Ports of interfaces are in one region, whoever opens them: two processes with
 * an interface each pass a frame on by its buffer's index, and no byte is copied
 * between what one device received and the other sends.
 *
 *      sender          process A                process B          receiver
 *        kv0 ---------- kv1  -- buffer indices --> kw0 ------------ kw1
 *                            <-- free ones -------
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt_nic.h"

#define LEN    1200
#define FRAMES 300

static const uint8_t *frame(unsigned n)
{
	static uint8_t f[LEN];

	memset(f, 2, 12);
	for (unsigned i = 12; i < LEN; i++)
		f[i] = (uint8_t)(0x88 + n * 13 + i * (n % 7));
	return f;
}

/* From A to B and back: a buffer. */
struct handed {
	uint32_t buf;
	uint16_t len;
	uint16_t mem_id;
};

static int to_b[2], to_a[2];

static uint16_t region_of(int fd)
{
	struct nmreq_port_info_get x = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_PORT_INFO_GET,
				 .nr_body = (uintptr_t)&x};

	KT_CHECK(ioctl(fd, NIOCCTRL, &h) == 0);
	return x.nr_mem_id;
}

/* Sends what it is handed. It stamps the frame: A sees that in its mapping. */
static void process_b(void *arg)
{
	struct handed in, out;
	struct kt_port p;
	uint16_t id;

	(void)arg;
	kt_open(&p, "kw0");
	id = region_of(p.fd);
	while (read(to_b[0], &in, sizeof(in)) == sizeof(in)) {
		struct netmap_ring *r = p.tx;
		struct netmap_slot *s = &r->slot[r->head];

		KT_CHECK(in.mem_id == id && id == 1);
		while (r->head == r->tail) {
			struct pollfd f = {.fd = p.fd, .events = POLLOUT};

			KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
		}
		out = (struct handed){.buf = s->buf_idx, .mem_id = id};
		s->buf_idx = in.buf;
		s->len = in.len;
		s->flags = NS_BUF_CHANGED;
		kt_buffer(r, in.buf)[0] = 0x12;
		r->head = r->cur = kt_next(r, r->head);
		KT_CHECK(write(to_a[1], &out, sizeof(out)) == sizeof(out));
		KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == 0);
	}
	kt_close(&p);
}

/* Hands the next frame to B, and takes a free buffer for it. */
static void process_a(struct kt_port *p)
{
	struct pollfd f = {.fd = p->fd, .events = POLLIN};
	struct netmap_ring *r = p->rx;
	struct netmap_slot *s;
	struct handed h;
	uint8_t *b;

	while (r->head == r->tail)
		KT_CHECK(poll(&f, 1, KT_SECONDS * 1000) == 1);
	s = &r->slot[r->head];
	h = (struct handed){
		.buf = s->buf_idx, .len = s->len, .mem_id = region_of(p->fd)};
	b = kt_buffer(r, h.buf);
	KT_CHECK(b[0] == 2);
	KT_CHECK(write(to_b[1], &h, sizeof(h)) == sizeof(h));
	KT_CHECK(read(to_a[0], &h, sizeof(h)) == sizeof(h));
	KT_CHECK(b[0] == 0x12);
	s->buf_idx = h.buf;
	s->flags = NS_BUF_CHANGED;
	r->head = r->cur = kt_next(r, r->head);
}

int main(void)
{
	struct kt_port sender, a, receiver;
	struct kt_pair pair;
	pid_t b;

	setvbuf(stdout, NULL, _IOLBF, 0);
	KT_CHECK(pipe(to_a) == 0 && pipe(to_b) == 0);
	KT_CHECK(kt_pair_make(&pair, KT_VETH));
	kt_run(kt_here(),
	       "ip link add kw0 type veth && ip link set veth0 name kw1; "
	       "for i in kw0 kw1; do "
	       "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; "
	       "ip link set $i up || exit; done");
	b = kt_fork(process_b, NULL);
	kt_open(&sender, "kv0");
	kt_open(&a, "kv1");
	kt_open(&receiver, "kw1");
	for (unsigned n = 0; n < FRAMES; n++) {
		uint8_t stamped[LEN];

		memcpy(stamped, frame(n), LEN);
		KT_CHECK(kt_put(sender.tx, stamped, LEN));
		KT_CHECK(ioctl(sender.fd, NIOCTXSYNC) == 0);
		process_a(&a);
		stamped[0] = 0x12;
		kt_next_is(receiver.fd, receiver.rx, stamped, LEN);
	}
	close(to_b[1]);
	kt_end(b);
	kt_close(&receiver);
	kt_close(&a);
	kt_close(&sender);
	kt_run(kt_here(), "ip link del kw0");
	kt_pair_end(&pair);
	return 0;
}
