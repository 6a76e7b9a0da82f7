// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What homes have in common whose programs are processes and open /dev/netmap by
 * plain calls of libc.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <net/netmap.h>

#include "target.h"
#include "target_event.h"

const struct t_nics *const t_nics = NULL;

bool t_has_threads(void)
{
	return true;
}

bool t_has_fork(void)
{
	return true;
}

bool t_is_device(void)
{
	return true;
}

int t_open(void)
{
	return open(NETMAP_DEVICE_NAME, O_RDWR);
}

int t_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

void *t_mmap(int fd, size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

int t_munmap(void *addr, size_t len)
{
	return munmap(addr, len);
}

int t_poll(struct pollfd *fds, unsigned int n, int timeout_ms)
{
	return poll(fds, n, timeout_ms);
}

int t_close(int fd)
{
	return close(fd);
}
