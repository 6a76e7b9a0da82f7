// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A process that is killed gives back all that it held: its ports, also one
 * whose loop runs, rings that it had alone, a region on its memory. What it
 * made for everybody stays, and can be undone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <net/netmap_ext.h>

#include "kt.h"

#define ROUNDS	    10
#define EXTMEM_SIZE (4u << 20)

/* What the processes see together. */
static struct shared {
	struct nm_csb_atok atok[2] __attribute__((aligned(64)));
	struct nm_csb_ktoa ktoa[2] __attribute__((aligned(64)));
	int there; /* the child is where it is to be killed */
} * shared;

static int control(int fd, uint16_t type, const char *name, void *body,
		   void *options)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = type,
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)body};

	strcpy(h.nr_name, name);
	return ioctl(fd, NIOCCTRL, &h);
}

static int device(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(fd >= 0);
	return fd;
}

static bool exists(const char *name)
{
	struct nmreq_x_stats x = {.x_size = sizeof(x),
				  .x_dir = NETMAP_X_TX,
				  .x_ring = NETMAP_X_ALL_RINGS};
	int fd = device();
	int err = control(fd, NETMAP_REQ_X_STATS_GET, name, &x, NULL);

	close(fd);
	return err == 0;
}

/* Nobody can open these rings until the end of who has them. */
static int open_alone(struct nmreq_register *reg, void *options)
{
	int fd = device();

	reg->nr_mode = NR_REG_ALL_NIC;
	reg->nr_flags = NR_EXCLUSIVE;
	KT_CHECK(control(fd, NETMAP_REQ_REGISTER, "vale0:k", reg, options) ==
		 0);
	return fd;
}

static void is_there(void)
{
	__atomic_store_n(&shared->there, 1, __ATOMIC_RELEASE);
}

/* Until @p is not 0. */
static void await(const void *p)
{
	time_t deadline = time(NULL) + 20;

	while (!__atomic_load_n((const int *)p, __ATOMIC_ACQUIRE)) {
		KT_CHECK(time(NULL) < deadline);
		sched_yield();
	}
}

/* Runs @fn in a child process, and kills it when @sign is not 0; its port is
 * gone then. */
static void kill_in(void (*fn)(void), const void *sign)
{
	struct nmreq_register reg = {0};
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	KT_CHECK(pid >= 0);
	if (!pid) {
		fn();
		for (;;)
			pause();
	}
	await(sign);
	KT_CHECK(exists("vale0:k"));
	KT_CHECK(kill(pid, SIGKILL) == 0);
	KT_CHECK(waitpid(pid, &status, 0) == pid);
	KT_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	KT_CHECK(!exists("vale0:k"));
	close(open_alone(&reg, NULL));
}

/* ---- in a loop: its thread is the only one ---- */

static void in_a_loop(uint32_t sleep_us)
{
	struct nmreq_opt_csb o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_CSB},
		.csb_atok = (uintptr_t)shared->atok,
		.csb_ktoa = (uintptr_t)shared->ktoa,
	};
	struct nmreq_sync_kloop_start body = {.sleep_us = sleep_us};
	struct nmreq_register reg = {0};
	int fd = open_alone(&reg, &o);

	/* A slot to take, so that the loop can be seen at work. */
	shared->atok[0].head = shared->atok[0].cur = 1;
	control(fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body, NULL);
	_exit(1); /* it was not killed there */
}

static void in_a_busy_loop(void)
{
	in_a_loop(0);
}

static void in_a_sleeping_loop(void)
{
	in_a_loop(500000);
}

/* ---- elsewhere ---- */

static void in_poll(void)
{
	struct nmreq_register reg = {0};
	struct pollfd p = {.fd = open_alone(&reg, NULL), .events = POLLIN};

	is_there();
	poll(&p, 1, -1);
}

static void with_its_own_memory(void)
{
	char *mem = mmap(NULL, EXTMEM_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct nmreq_opt_extmem o = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_EXTMEM},
		.nro_usrptr = (uintptr_t)mem,
		.nro_info = {.nr_memsize = EXTMEM_SIZE,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 8,
			     .nr_ring_pool_objsize = 2048,
			     .nr_buf_pool_objtotal = 512},
	};
	struct nmreq_register reg = {.nr_tx_slots = 64, .nr_rx_slots = 64};
	int fd;

	KT_CHECK(mem != MAP_FAILED);
	fd = open_alone(&reg, &o);
	KT_CHECK(mmap(NULL, EXTMEM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0) != MAP_FAILED);
	is_there();
}

/* With frames on their way, through a port that it has attached. */
static void with_an_attachment(void)
{
	struct nmreq_register reg = {0};
	int fd = open_alone(&reg, NULL);
	struct kt_port p;

	KT_CHECK(kt_newif(fd, "per0") == 0);
	KT_CHECK(kt_attach(fd, "vale0:per0", NR_REG_NIC_SW) == 0);
	kt_open(&p, "per0");
	is_there();
	for (;;)
		kt_send(&p, 7);
}

/* Who comes later finds both, uses them, and takes them away. */
static void attachment_outlives_it(void)
{
	struct kt_port p, r;
	int fd = device();

	kt_open(&p, "per0");
	kt_open(&r, "vale0:r");
	KT_FAILS(kt_delif(fd, "per0"), EBUSY);
	kt_send(&p, 3);
	KT_CHECK(kt_receive(&r) == 3);
	kt_send(&r, 4);
	KT_CHECK(kt_receive(&p) == 4);
	kt_close(&r);
	kt_close(&p);
	KT_CHECK(kt_detach(fd, "vale0:per0") == 0);
	KT_CHECK(kt_delif(fd, "per0") == 0);
	KT_CHECK(!exists("per0"));
	close(fd);
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KT_CHECK(shared != MAP_FAILED);
	for (int i = 0; i < ROUNDS; i++) {
		kill_in(in_a_busy_loop, &shared->ktoa[0].hwcur);
		kill_in(in_a_sleeping_loop, &shared->ktoa[0].hwcur);
		kill_in(in_poll, &shared->there);
		kill_in(with_its_own_memory, &shared->there);
		kill_in(with_an_attachment, &shared->there);
		attachment_outlives_it();
	}
	return 0;
}
