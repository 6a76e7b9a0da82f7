// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Every allocation may fail, of ours and of the system's and the driver's for us,
 * when an interface is made, enters netmap mode, is put on a switch, or leaves;
 * a frame may be lost for want of memory, and the next one is not. The interface
 * is the system's again afterwards.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "kt_fail.h"
#include "kt_nic.h"

static int fd = -1; /* of attempts */
static struct kt_pair pair;
static char attached[64]; /* vale0:INTERFACE */

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

static void device(void)
{
	fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(fd >= 0);
}

static void done(void)
{
	KT_CHECK(close(fd) == 0);
}

static int control(uint16_t type, const char *name, void *body)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_body = (uintptr_t)body};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	return result(ioctl(fd, NIOCCTRL, &h));
}

/* ---- interfaces of persistent ports ---- */

static int run_newif(void)
{
	return result(kt_newif(fd, "v1"));
}

static void after_newif(int err)
{
	if (err)
		KT_CHECK(run_newif() == 0);
	KT_CHECK(kt_delif(fd, "v1") == 0);
	done();
}

static void before_delif(void)
{
	device();
	KT_CHECK(run_newif() == 0);
}

static int run_delif(void)
{
	return result(kt_delif(fd, "v1"));
}

static void after_delif(int err)
{
	if (err)
		KT_CHECK(run_delif() == 0);
	done();
}

static void try_persistent(void)
{
	struct kt_attempt a = {"NEWIF", device, run_newif, after_newif};

	kt_fail_each(&a);
	a = (struct kt_attempt){"DELIF", before_delif, run_delif, after_delif};
	kt_fail_each(&a);
}

/* ---- on a switch ---- */

static int run_attach(void)
{
	return result(kt_attach(fd, attached, NR_REG_NIC_SW));
}

static int run_detach(void)
{
	return result(kt_detach(fd, attached));
}

static void after_attach(int err)
{
	if (err)
		KT_CHECK(run_attach() == 0);
	KT_CHECK(run_detach() == 0);
	done();
}

static void before_detach(void)
{
	device();
	KT_CHECK(run_attach() == 0);
}

static void after_detach(int err)
{
	if (err)
		KT_CHECK(run_detach() == 0);
	done();
}

/* Polling threads are the attached interface's. */
static int polling(uint16_t type)
{
	struct nmreq_vale_polling body = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_num_polling_cpus = 1};

	return control(type, attached, &body);
}

static int run_polling(void)
{
	return polling(NETMAP_REQ_VALE_POLLING_ENABLE);
}

static void before_polling(void)
{
	device();
	KT_CHECK(kt_attach(fd, attached, NR_REG_ALL_NIC) == 0);
}

static void after_polling(int err)
{
	if (err)
		KT_CHECK(run_polling() == 0);
	KT_CHECK(polling(NETMAP_REQ_VALE_POLLING_DISABLE) == 0);
	KT_CHECK(run_detach() == 0);
	done();
}

static void try_switch(void)
{
	struct kt_attempt a = {"attach", device, run_attach, after_attach};

	snprintf(attached, sizeof(attached), "vale0:%s", pair.a);
	kt_fail_each(&a);
	a = (struct kt_attempt){"detach", before_detach, run_detach,
				after_detach};
	kt_fail_each(&a);
	a = (struct kt_attempt){"polling", before_polling, run_polling,
				after_polling};
	kt_fail_each(&a);
}

/* ---- open ---- */

static uint32_t mode;

static int run_register(void)
{
	struct nmreq_register reg = {.nr_mode = mode};

	return control(NETMAP_REQ_REGISTER, pair.a, &reg);
}

static void after_register(int err)
{
	if (err)
		KT_CHECK(run_register() == 0);
	KT_CHECK(ioctl(fd, NIOCTXSYNC) == 0);
	KT_CHECK(ioctl(fd, NIOCRXSYNC) == 0);
	done();
}

static void before_close(void)
{
	device();
	KT_CHECK(run_register() == 0);
}

static int run_close(void)
{
	return result(close(fd));
}

static void after_close(int err)
{
	KT_CHECK(err == 0);
}

static void try_register(void)
{
	static const struct {
		const char *what;
		uint32_t mode;
	} modes[] = {
		{"REGISTER", NR_REG_ALL_NIC},
		{"REGISTER of host rings", NR_REG_SW},
		{"REGISTER of both", NR_REG_NIC_SW},
	};
	struct kt_attempt a;

	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		mode = modes[i].mode;
		a = (struct kt_attempt){modes[i].what, device, run_register,
					after_register};
		kt_fail_each(&a);
		a = (struct kt_attempt){"close", before_close, run_close,
					after_close};
		kt_fail_never(&a);
	}
}

/* ---- traffic ---- */

static struct kt_rings near, far;

/* Hands a frame of 60 bytes, all @mark but its addresses, to tx ring @i. */
static int send_mark(unsigned i, uint8_t mark)
{
	struct netmap_ring *r = kt_tx(&near, i);
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *frame = kt_buffer(r, s->buf_idx);

	memset(frame, mark, 60);
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	s->len = 60;
	r->head = r->cur = kt_next(r, r->head);
	return result(ioctl(near.fd, NIOCTXSYNC));
}

/* Whether a frame in the peer's rings has that mark; all are taken. */
static bool mark_is_there(uint8_t mark)
{
	bool found = false;

	KT_CHECK(ioctl(far.fd, NIOCRXSYNC) == 0);
	for (unsigned i = 0; i < far.reg.nr_rx_rings; i++) {
		struct netmap_ring *r = kt_rx(&far, i);

		for (; r->head != r->tail; r->head = kt_next(r, r->head)) {
			struct netmap_slot *s = &r->slot[r->head];

			found |= s->len == 60 &&
				 kt_buffer(r, s->buf_idx)[59] == mark;
		}
		r->cur = r->head;
	}
	return found;
}

static int run_send(void)
{
	return send_mark(0, 1);
}

/* The next frame arrives. */
static void after_send(int err)
{
	time_t end = time(NULL) + KT_SECONDS;

	KT_CHECK(err == 0);
	KT_CHECK(send_mark(0, 2) == 0);
	while (!mark_is_there(2)) {
		KT_CHECK(time(NULL) < end);
		KT_CHECK(ioctl(near.fd, NIOCTXSYNC) == 0);
	}
}

/* Goes up to the system, where nobody wants it. */
static int run_inject(void)
{
	return send_mark(near.reg.nr_tx_rings, 3);
}

static void after_inject(int err)
{
	KT_CHECK(err == 0);
	KT_CHECK(send_mark(near.reg.nr_tx_rings, 4) == 0);
}

static void try_traffic(void)
{
	struct kt_attempt a = {"frame", NULL, run_send, after_send};

	kt_rings_open(&near, pair.a,
		      (struct nmreq_register){.nr_mode = NR_REG_NIC_SW});
	kt_rings_open(&far, pair.b,
		      (struct nmreq_register){.nr_mode = NR_REG_ALL_NIC});
	/* What is allocated once, for the first frame. */
	KT_CHECK(run_send() == 0);
	after_send(0);
	if (pair.kind == KT_VETH_SKB || pair.kind == KT_E1000)
		kt_fail_never(&a);
	a = (struct kt_attempt){"frame to the system", NULL, run_inject,
				after_inject};
	kt_fail_never(&a);
	kt_rings_close(&far);
	kt_rings_close(&near);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	kt_fail_init();
	try_persistent();
	for (enum kt_kind kind = 0; kind < KT_KINDS; kind++) {
		if (!kt_pair_make(&pair, kind)) {
			printf("no pair of %s here\n", kt_kind_name[kind]);
			continue;
		}
		printf("%s\n", kt_kind_name[kind]);
		try_register();
		try_traffic();
		try_switch();
		kt_pair_end(&pair);
	}
	kt_fail_reload();
	return 0;
}
