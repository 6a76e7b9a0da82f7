// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The device answers every file operation as documented, bound or not. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kt.h"

#define RW (PROT_READ | PROT_WRITE)

static void *map(int fd, size_t len, off_t offset)
{
	return mmap(NULL, len, RW, MAP_SHARED, fd, offset);
}

static int unmapped(void *p)
{
	return p == MAP_FAILED ? -1 : 0;
}

static void in_every_state(int fd)
{
	char c = 0;

	KT_FAILS(read(fd, &c, 1), EINVAL);
	KT_FAILS(write(fd, &c, 1), EINVAL);
	KT_FAILS(ioctl(fd, _IO('i', 99)), EOPNOTSUPP);
	KT_FAILS(ioctl(fd, _IO('x', 148)), EOPNOTSUPP);
	KT_FAILS(ioctl(fd, NIOCCTRL, NULL), EINVAL);
	KT_FAILS(ioctl(fd, NIOCCTRL, (void *)8), EFAULT);
	/* an address of the kernel is none of the caller's */
	KT_FAILS(ioctl(fd, NIOCCTRL, (void *)0xffff888000000000ul), EFAULT);
}

static void unbound(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

	in_every_state(fd);
	KT_FAILS(unmapped(map(fd, 4096, 0)), EINVAL);
	KT_FAILS(ioctl(fd, NIOCTXSYNC), ENXIO);
	KT_FAILS(ioctl(fd, NIOCRXSYNC), ENXIO);
	KT_CHECK(poll(&p, 1, 0) == 1 && p.revents == POLLERR);
}

static void bound(int fd, size_t size)
{
	void *p;

	in_every_state(fd);
	KT_FAILS(unmapped(map(fd, size + 4096, 0)), EINVAL);
	KT_FAILS(unmapped(map(fd, 4096, (off_t)size)), EINVAL);
	KT_FAILS(unmapped(map(fd, 8192, (off_t)size - 4096)), EINVAL);
	KT_FAILS(unmapped(map(fd, size, 4096)), EINVAL);
	KT_FAILS(unmapped(map(fd, 4096, 0x7ffffffffffff000l)), EINVAL);
	p = map(fd, 4096, (off_t)size - 4096);
	KT_CHECK(p != MAP_FAILED && munmap(p, 4096) == 0);
	p = map(fd, size, 0);
	KT_CHECK(p != MAP_FAILED && munmap(p, size) == 0);
}

int main(void)
{
	struct nmreq_register reg = {0};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(fd >= 0);
	unbound(fd);
	KT_CHECK(kt_register(fd, "vale0:x", &reg) == 0);
	bound(fd, reg.nr_memsize);
	KT_FAILS(kt_register(fd, "vale0:y", &reg), EBUSY);
	KT_CHECK(close(fd) == 0);
	return 0;
}
