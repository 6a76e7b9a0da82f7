// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Descriptors: what works without a port, and what never works. */
#include <sys/ioctl.h>

#include "conf.h"

static void unbound_sync(void)
{
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK_ERR(conf_ioctl(fd, NIOCRXSYNC, NULL), ENXIO);
}

static void unbound_poll(void)
{
	static const short events[] = {0, POLLIN, POLLOUT, POLLIN | POLLOUT};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(events); i++) {
		check_note("events 0x%x", events[i]);
		CHECK_EQ(conf_poll(fd, events[i]), POLLERR);
	}
}

/* POLLERR ends the waiting, however long that would have been. */
static void unbound_poll_returns(void)
{
	struct pollfd p = {.fd = conf_fd(), .events = POLLIN};

	CHECK_EQ(t_poll(&p, 1, -1), 1);
	CHECK_EQ(p.revents, POLLERR);
}

static void unbound_mmap(void)
{
	int fd = conf_fd();

	CHECK(t_mmap(fd, 4096) == (void *)-1);
	CHECK_ERR(errno, EINVAL);
}

static void unknown_ioctls(void)
{
	static const unsigned long bad[] = {
		_IO('i', 1),
		_IO('i', 147),
		_IO('i', 152),
		_IO('x', 148),
		_IOWR('i', 152, struct nmreq_header),
		_IOWR('i', 151, uint64_t),
		_IOR('i', 151, struct nmreq_header),
	};
	struct nmreq_header h = {0};
	struct port p = conf_open("vale0:a");
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("ioctl 0x%lx", bad[i]);
		CHECK_ERR(conf_ioctl(fd, bad[i], &h), EOPNOTSUPP);
		CHECK_ERR(conf_ioctl(p.fd, bad[i], &h), EOPNOTSUPP);
	}
}

static void sync_ignores_argument(void)
{
	struct port p = conf_open("vale0:a");
	uintptr_t any = 1;

	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, (void *)any), 0);
	CHECK_ERR(conf_ioctl(p.fd, NIOCRXSYNC, (void *)any), 0);
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, (void *)-any), 0);
}

static void independent(void)
{
	int fd[20];
	struct port p = conf_open("vale0:a");

	for (size_t i = 0; i < CONF_COUNT(fd); i++)
		fd[i] = conf_fd();
	for (size_t i = 0; i < CONF_COUNT(fd); i++) {
		CHECK(fd[i] != p.fd);
		CHECK_ERR(conf_ioctl(fd[i], NIOCTXSYNC, NULL), ENXIO);
	}
	CHECK_ERR(conf_ioctl(p.fd, NIOCTXSYNC, NULL), 0);
}

static void closed_unbound(void)
{
	struct nmreq_register reg = REG(NR_REG_DEFAULT);

	for (int i = 0; i < 100; i++) {
		int fd = conf_fd();

		if (i % 2)
			CHECK_ERR(conf_register(fd, "vale0:a", &reg), EINVAL);
		conf_fd_close(fd);
	}
}

static void closed_bound(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	/* With frames on their way in both directions. */
	conf_send(&a, 0, f);
	conf_put_frame(conf_tx(&b, 0), f);
	conf_close(&b);
	CHECK(!conf_exists("vale0:b"));
	conf_send(&a, 0, f);
	conf_close(&a);
	CHECK(!conf_exists("vale0:a"));
}

static const struct claim claims[] = {
	{"sync of an unbound descriptor is ENXIO", unbound_sync},
	{"poll of an unbound descriptor is POLLERR", unbound_poll},
	{"poll of an unbound descriptor does not wait", unbound_poll_returns},
	{"mmap of an unbound descriptor is EINVAL", unbound_mmap},
	{"unknown ioctls are EOPNOTSUPP", unknown_ioctls},
	{"syncs ignore their argument", sync_ignores_argument},
	{"descriptors are independent", independent},
	{"unbound descriptors can be closed", closed_unbound},
	{"closing ends the port, whatever its rings hold", closed_bound},
};

int main(void)
{
	return CONF_RUN(claims);
}
