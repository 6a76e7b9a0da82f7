// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* CSB mode and its loop: every refusal, in the option's status too. */
#include <sys/mman.h>

#include "conf_csb.h"

static struct csb csb;

static void claim_refused(struct nmreq_opt_csb o, uint64_t flags, int err)
{
	struct port p;

	CHECK_ERR(
		conf_try_with("vale0:a", REG_SLOTS(16, .nr_flags = flags), &o),
		err);
	CHECK_ERR((int)o.nro_opt.nro_status, err);
	CHECK(!conf_exists("vale0:a"));
	p = conf_open_as("vale0:a", REG_SLOTS(16, .nr_flags = flags));
	o.nro_opt.nro_status = UNTOUCHED;
	CHECK_ERR(conf_ctrl_with(p.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &o),
		  err);
	CHECK_ERR((int)o.nro_opt.nro_status, err);
	conf_txsync(&p);
	conf_close(&p);
}

static void not_exclusive(void)
{
	claim_refused(csb_option(&csb), 0, EINVAL);
}

static void unaligned(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);

	o.csb_atok += 32;
	claim_refused(o, NR_EXCLUSIVE, EINVAL);
	o = csb_option(&csb);
	o.csb_ktoa += 1;
	claim_refused(o, NR_EXCLUSIVE, EINVAL);
}

static void not_there(void)
{
	char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct nmreq_opt_csb o = csb_option(&csb);

	o.csb_atok = 0;
	claim_refused(o, NR_EXCLUSIVE, EFAULT);
	o = csb_option(&csb);
	o.csb_ktoa = 0;
	claim_refused(o, NR_EXCLUSIVE, EFAULT);
	mprotect(m, 4096, PROT_READ);
	o.csb_ktoa = (uintptr_t)m;
	claim_refused(o, NR_EXCLUSIVE, EFAULT);
	/* The second of two records is on the next page. */
	mprotect(m, 4096, PROT_READ | PROT_WRITE);
	munmap(m + 4096, 4096);
	o.csb_ktoa = (uintptr_t)m + 4096 - 64;
	claim_refused(o, NR_EXCLUSIVE, EFAULT);
	munmap(m, 4096);
}

static void no_option(void)
{
	struct port p = conf_open_as("vale0:a",
				     REG_SLOTS(16, .nr_flags = NR_EXCLUSIVE));

	CHECK_ERR(conf_ctrl(p.fd, NETMAP_REQ_CSB_ENABLE, "", NULL), EINVAL);
	CHECK_ERR(conf_ctrl(conf_fd(), NETMAP_REQ_CSB_ENABLE, "", NULL),
		  EINVAL);
	conf_txsync(&p);
}

static void other_option_unserved(void)
{
	struct nmreq_opt_csb o = csb_option(&csb);
	struct nmreq_option unknown = {.nro_reqtype = NETMAP_REQ_OPT_MAX};

	o.nro_opt.nro_next = (uintptr_t)&unknown;
	CHECK_ERR(conf_try_with("vale0:a",
				REG_SLOTS(16, .nr_flags = NR_EXCLUSIVE), &o),
		  EOPNOTSUPP);
	CHECK(!conf_exists("vale0:a"));
}

static void loop_unbound(void)
{
	int fd = conf_fd();

	CHECK_ERR(loop_start_here(fd, 0, NULL), ENXIO);
	CHECK_ERR(loop_stop_here(fd), ENXIO);
}

static void loop_without_csb(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(16));

	CHECK_ERR(loop_start_here(p.fd, 0, NULL), EINVAL);
	conf_txsync(&p);
}

static void loop_sleeps_too_long(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);

	CHECK_ERR(loop_start_here(p.fd, 1000001, NULL), EINVAL);
	CHECK_ERR(loop_start_here(p.fd, 0xffffffff, NULL), EINVAL);
	CHECK_ERR(loop_stop_here(p.fd), 0);
	CHECK_ERR(loop_start_here(p.fd, 1000000, NULL), 0);
}

static void loop_mode_unknown(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);
	struct nmreq_opt_sync_kloop_mode mode = {
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_MODE},
		.mode = 4,
	};

	CHECK_ERR(loop_start_here(p.fd, 0, &mode), EINVAL);
	CHECK_ERR((int)mode.nro_opt.nro_status, EINVAL);
	mode.mode = 0x80000001;
	CHECK_ERR(loop_start_here(p.fd, 0, &mode), EINVAL);
}

struct eventfds {
	struct nmreq_option o;
	int32_t fd[3][2];
};

static struct eventfds eventfds(int tx, int rx)
{
	return (struct eventfds){
		.o = {.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
		      .nro_size = 24 + 2 * 8},
		.fd = {{tx, -1}, {rx, -1}},
	};
}

static void loop_eventfds_length(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);
	static const uint64_t size[] = {0,	 24,	  24 + 8,
					24 + 15, 24 + 17, 24 + 24};

	for (size_t i = 0; i < CONF_COUNT(size); i++) {
		struct eventfds e = eventfds(-1, -1);

		check_note("%llu bytes", (unsigned long long)size[i]);
		e.o.nro_size = size[i];
		CHECK_ERR(loop_start_here(p.fd, 0, &e), EINVAL);
		CHECK_ERR((int)e.o.nro_status, EINVAL);
	}
}

static void loop_direct_needs_all(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);
	int event = t_event();

	for (uint32_t m = 1; m <= 3; m++) {
		struct nmreq_opt_sync_kloop_mode mode = {
			.nro_opt = {.nro_reqtype =
					    NETMAP_REQ_OPT_SYNC_KLOOP_MODE},
			.mode = m,
		};
		struct eventfds e = eventfds(event, -1);

		CHECK_ERR(loop_start_here(p.fd, 0, &mode), EINVAL);
		mode.nro_opt.nro_next = (uintptr_t)&e;
		CHECK_ERR(loop_start_here(p.fd, 0, &mode), EINVAL);
	}
	t_event_close(event);
}

static void loop_no_eventfds(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);
	int event = t_event();
	struct eventfds e = eventfds(event, 900);

	CHECK_ERR(loop_start_here(p.fd, 0, &e), EINVAL);
	e = eventfds(event, event);
	e.fd[1][1] = p.fd;
	CHECK_ERR(loop_start_here(p.fd, 0, &e), EINVAL);
	/* Nothing of it is left: the next one may begin, and end at once. */
	CHECK_ERR(loop_stop_here(p.fd), 0);
	CHECK_ERR(loop_start_here(p.fd, 0, NULL), 0);
	t_event_close(event);
}

static void stop_is_remembered(void)
{
	struct port p = csb_open("vale0:a", 16, &csb);

	for (int i = 0; i < 3; i++) {
		CHECK_ERR(loop_stop_here(p.fd), 0);
		CHECK_ERR(loop_stop_here(p.fd), 0);
		CHECK_ERR(loop_start_here(p.fd, 0, NULL), 0);
	}
}

static const struct claim claims[] = {
	{"CSB mode needs NR_EXCLUSIVE", not_exclusive},
	{"records are multiples of 64", unaligned},
	{"records that cannot be written are EFAULT", not_there},
	{"CSB_ENABLE needs the option", no_option},
	{"an option served by nobody undoes the bind", other_option_unserved},
	{"an unbound descriptor has no loop", loop_unbound},
	{"a loop needs CSB mode", loop_without_csb},
	{"a loop sleeps a second at most", loop_sleeps_too_long},
	{"unknown modes are refused", loop_mode_unknown},
	{"eventfds are one pair for each ring", loop_eventfds_length},
	{"direct mode needs an ioeventfd for each ring", loop_direct_needs_all},
	{"what is no eventfd is EINVAL", loop_no_eventfds},
	{"a stop without a loop is for the next one", stop_is_remembered},
};

int main(void)
{
	conf_needs_memory();
	return CONF_RUN(claims);
}
