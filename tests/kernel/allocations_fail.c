// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Every allocation that a request makes may fail, as may every copy of what the
 * program gave or gets: the request is refused, or does without, and can be made
 * again at once. Closing never fails. Nothing is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kt_fail.h"
#include "kt_net.h"

#define SLOTS	    64 /* few pages a region */
#define EXTMEM_SIZE (1u << 20)
#define PAGE	    4096

/* What the attempts work on. */
static int fd = -1;
static struct nmreq_register reg;
static struct kt_port watched; /* vale0:w */

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

static int control(uint16_t type, const char *name, void *body, void *options)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)body};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	return result(ioctl(fd, NIOCCTRL, &h));
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

/* ---- opening ---- */

static int run_open(void)
{
	fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	return result(fd);
}

static void after_open(int err)
{
	if (!err)
		done();
	device();
	done();
}

static int new_ns;

static void before_open_there(void)
{
	new_ns = kt_new_ns();
	kt_enter(new_ns);
}

static void after_open_there(int err)
{
	after_open(err);
	kt_enter(kt_here());
	close(new_ns);
}

/* ---- binding ---- */

static const char *name;
static void *options;

static int bind_port(void)
{
	reg = (struct nmreq_register){.nr_mode = NR_REG_ALL_NIC,
				      .nr_flags = NR_EXCLUSIVE,
				      .nr_tx_slots = SLOTS,
				      .nr_rx_slots = SLOTS};
	return control(NETMAP_REQ_REGISTER, name, &reg, options);
}

static uint64_t monitor_flags;

static int bind_monitor(void)
{
	reg = (struct nmreq_register){.nr_mode = NR_REG_ALL_NIC,
				      .nr_flags = monitor_flags,
				      .nr_rx_slots = SLOTS};
	return control(NETMAP_REQ_REGISTER, name, &reg, options);
}

static void after_port(int err)
{
	if (err)
		KT_CHECK(bind_port() == 0);
	KT_CHECK(ioctl(fd, NIOCTXSYNC) == 0);
	KT_CHECK(ioctl(fd, NIOCRXSYNC) == 0);
	done();
}

static void after_monitor(int err)
{
	if (err)
		KT_CHECK(bind_monitor() == 0);
	kt_send(&watched, 1);
	KT_CHECK(ioctl(fd, NIOCRXSYNC) == 0);
	done();
}

static void before_close(void)
{
	device();
	KT_CHECK(bind_port() == 0);
}

static int run_close(void)
{
	return result(close(fd));
}

static void after_close(int err)
{
	KT_CHECK(err == 0);
	/* Nobody has its name: it can be had alone. */
	before_close();
	done();
}

static void *mapping;

/* A fault that finds no memory is tried again by the system. */
static int run_mmap(void)
{
	char *p = mmap(NULL, reg.nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED,
		       fd, 0);

	mapping = p;
	if (p == MAP_FAILED)
		return -errno;
	for (size_t at = 0; at < reg.nr_memsize; at += PAGE)
		p[at] = 0;
	return 0;
}

static void after_mmap(int err)
{
	if (err)
		KT_CHECK(run_mmap() == 0);
	KT_CHECK(munmap(mapping, reg.nr_memsize) == 0);
	done();
}

static void try_ports(void)
{
	static const char *const names[] = {"vale0:x", "vale0:x{1", "x{1"};
	struct kt_attempt a;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		name = names[i];
		printf("%s\n", name);
		a = (struct kt_attempt){"REGISTER", device, bind_port,
					after_port};
		kt_fail_each(&a);
		a = (struct kt_attempt){"mmap", before_close, run_mmap,
					after_mmap};
		kt_fail_each(&a);
		a = (struct kt_attempt){"close", before_close, run_close,
					after_close};
		kt_fail_never(&a);
	}
}

static void try_monitors(void)
{
	struct kt_attempt a = {"monitor", device, bind_monitor, after_monitor};

	kt_open(&watched, "vale0:w");
	name = "vale0:w";
	monitor_flags = NR_MONITOR_TX | NR_MONITOR_RX;
	kt_fail_each(&a);
	a.what = "zero copy monitor";
	monitor_flags |= NR_ZCOPY_MON;
	kt_fail_each(&a);
	kt_close(&watched);
}

/* ---- memory of the program's ---- */

static void try_extmem(void)
{
	struct kt_attempt a = {"extmem", device, bind_port, after_port};
	char *mem = mmap(NULL, EXTMEM_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct nmreq_opt_extmem o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_EXTMEM},
		.nro_usrptr = (uintptr_t)mem,
		.nro_info = {.nr_memsize = EXTMEM_SIZE,
			     .nr_if_pool_objtotal = 4,
			     .nr_ring_pool_objtotal = 8,
			     .nr_ring_pool_objsize = 2048,
			     .nr_buf_pool_objtotal = 200},
	};

	KT_CHECK(mem != MAP_FAILED);
	name = "vale0:x";
	options = &o;
	kt_fail_each(&a);
	a = (struct kt_attempt){"close of extmem", before_close, run_close,
				after_close};
	kt_fail_never(&a);
	options = NULL;
	KT_CHECK(munmap(mem, EXTMEM_SIZE) == 0);
}

/* ---- CSB mode ---- */

static struct {
	struct nm_csb_atok atok[2] __attribute__((aligned(64)));
	struct nm_csb_ktoa ktoa[2] __attribute__((aligned(64)));
} csb;

static struct {
	struct nmreq_opt_sync_kloop_eventfds o;
	int32_t fds[2][2];
} kicks = {.o.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
			 .nro_size = sizeof(kicks.fds)}};

static pthread_t stopper;
static atomic_bool loop_over;

static void after_csb(int err)
{
	if (err)
		KT_CHECK(bind_port() == 0);
	done();
}

/* Stops the loop, which may not have begun, or not begin at all. */
static void *stop(void *arg)
{
	while (!atomic_load(&loop_over)) {
		control(NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL);
		usleep(1000);
	}
	return arg;
}

static void before_loop(void)
{
	memset(&csb, 0, sizeof(csb));
	before_close();
	atomic_store(&loop_over, false);
	KT_CHECK(pthread_create(&stopper, NULL, stop, NULL) == 0);
}

static int run_loop(void)
{
	struct nmreq_sync_kloop_start body = {0};

	return control(NETMAP_REQ_SYNC_KLOOP_START, "", &body, &kicks);
}

static void after_loop(int err)
{
	if (err)
		KT_CHECK(run_loop() == 0);
	atomic_store(&loop_over, true);
	KT_CHECK(pthread_join(stopper, NULL) == 0);
	done();
}

static void try_csb(void)
{
	struct kt_attempt a = {"CSB mode", device, bind_port, after_csb};
	struct nmreq_opt_csb o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_CSB},
		.csb_atok = (uintptr_t)csb.atok,
		.csb_ktoa = (uintptr_t)csb.ktoa,
	};
	int32_t *kick = &kicks.fds[0][0];

	name = "vale0:x";
	options = &o;
	kt_fail_each(&a);
	for (int i = 0; i < 4; i++)
		KT_CHECK((kick[i] = eventfd(0, 0)) >= 0);
	a = (struct kt_attempt){"loop", before_loop, run_loop, after_loop};
	kt_fail_each(&a);
	for (int i = 0; i < 4; i++)
		close(kick[i]);
	options = NULL;
}

/* ---- headers: memory that the first frame needs ---- */

static void before_header(void)
{
	struct nmreq_port_hdr body = {.nr_hdr_len = 12};

	kt_open(&watched, "vale0:w");
	fd = watched.fd;
	KT_CHECK(control(NETMAP_REQ_PORT_HDR_SET, "vale0:w", &body, NULL) == 0);
}

static int run_header(void)
{
	struct netmap_ring *r = watched.tx;

	r->slot[r->head].len = 72;
	r->head = r->cur = r->head + 1;
	return result(ioctl(fd, NIOCTXSYNC));
}

static void after_header(int err)
{
	KT_CHECK(err == 0);
	KT_CHECK(run_header() == 0);
	kt_close(&watched);
}

static void try_headers(void)
{
	struct kt_attempt a = {"frame with a header", before_header, run_header,
			       after_header};
	struct kt_port to;

	kt_open(&to, "vale0:to");
	kt_fail_never(&a);
	kt_close(&to);
}

int main(void)
{
	struct kt_attempt a = {"open", NULL, run_open, after_open};

	setvbuf(stdout, NULL, _IOLBF, 0);
	kt_fail_init();
	kt_fail_each(&a);
	a = (struct kt_attempt){"open in a new namespace", before_open_there,
				run_open, after_open_there};
	kt_fail_each(&a);
	try_ports();
	try_monitors();
	try_extmem();
	try_csb();
	try_headers();
	kt_fail_reload();
	return 0;
}
