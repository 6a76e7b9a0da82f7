// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Requests in memory that cannot be read. */
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

/* Two pages, of which only the first can be touched. */
static char *page;
static size_t page_size;

static void make_page(void)
{
	if (page)
		return;
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	page = mmap(NULL, 2 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	CHECK(page != MAP_FAILED);
	CHECK_EQ(mprotect(page, page_size, PROT_READ | PROT_WRITE), 0);
}

/* The last @n bytes that can be touched. */
static void *before_hole(size_t n)
{
	make_page();
	return memset(page + page_size - n, 0, n);
}

static void *hole(void)
{
	make_page();
	return page + page_size;
}

static struct nmreq_header header(uint16_t reqtype, void *body, void *options)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = reqtype,
				 .nr_name = "vale0:a",
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)body};

	return h;
}

static void header_null(void)
{
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, NULL), EINVAL);
}

static void header_unreadable(void)
{
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, hole()), EFAULT);
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, before_hole(40)), EFAULT);
}

static void body_unreadable(void)
{
	static const uint16_t type[] = {NETMAP_REQ_REGISTER,
					NETMAP_REQ_PORT_INFO_GET,
					NETMAP_REQ_POOLS_INFO_GET};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(type); i++) {
		struct nmreq_header h = header(type[i], hole(), NULL);

		check_note("request %u", type[i]);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
		h.nr_body = (uintptr_t)before_hole(16);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
	}
}

static void body_ends_before_hole(void)
{
	struct nmreq_port_info_get *info = before_hole(sizeof(*info));
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, info, NULL);
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), 0);
	CHECK(info->nr_memsize != 0);
}

static void option_header_unreadable(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info, hole());
	struct nmreq_option first = {.nro_next = (uintptr_t)hole(),
				     .nro_reqtype = NETMAP_REQ_OPT_MAX};
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
	h.nr_options = (uintptr_t)before_hole(8);
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
	h.nr_options = (uintptr_t)&first;
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
}

static void option_body_unreadable(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_option *o = before_hole(sizeof(*o));
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info, o);
	int fd = conf_fd();

	for (uint32_t t = 1; t < NETMAP_REQ_OPT_MAX; t++) {
		/* An option of variable size says how much is to be read. */
		o->nro_size = t == NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS ? 40 : 0;
		o->nro_reqtype = t;
		check_note("option %u", t);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
	}
}

static void unknown_option_body_not_read(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_option *o = before_hole(sizeof(*o));
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info, o);
	int fd = conf_fd();

	o->nro_reqtype = NETMAP_REQ_OPT_MAX;
	o->nro_size = 64;
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), 0);
	CHECK_ERR((int)o->nro_status, EOPNOTSUPP);
}

static void refused_request_binds_nothing(void)
{
	struct nmreq_header h = header(NETMAP_REQ_REGISTER, hole(), NULL);
	int fd = conf_fd();
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EFAULT);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK(!conf_exists("vale0:a"));
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
}

static const struct claim claims[] = {
	{"no header is EINVAL", header_null},
	{"an unreadable header is EFAULT", header_unreadable},
	{"an unreadable body is EFAULT", body_unreadable},
	{"nothing behind the body is touched", body_ends_before_hole},
	{"an unreadable option header is EFAULT", option_header_unreadable},
	{"an unreadable body of a known option is EFAULT",
	 option_body_unreadable},
	{"the body of an unknown option is not read",
	 unknown_option_body_not_read},
	{"a REGISTER that cannot be read binds nothing",
	 refused_request_binds_nothing},
};

int main(void)
{
	return CONF_RUN(claims);
}
