// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A 32-bit system call controls the device as a 64-bit one does: structures of
 * requests are the same for both. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kt.h"

#define NR_IOCTL_32 54

struct request {
	struct nmreq_header h;
	struct nmreq_register reg;
};

/* ioctl as a 32-bit program calls it: 0 or -errno. */
static int ioctl32(int fd, unsigned int request, void *arg)
{
	long r;

	asm volatile("int $0x80"
		     : "=a"(r)
		     : "a"(NR_IOCTL_32), "b"(fd), "c"(request), "d"(arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)r;
}

int main(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	struct request *q =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	KT_CHECK(fd >= 0 && q != MAP_FAILED);
	if (ioctl32(fd, NIOCTXSYNC, NULL) == -ENOSYS)
		kt_skip("this kernel has no 32-bit system calls");
	q->h.nr_version = NETMAP_API;
	q->h.nr_reqtype = NETMAP_REQ_REGISTER;
	q->h.nr_body = (uintptr_t)&q->reg;
	q->reg.nr_mode = NR_REG_ALL_NIC;
	snprintf(q->h.nr_name, sizeof(q->h.nr_name), "vale0:narrow");
	KT_CHECK(ioctl32(fd, NIOCTXSYNC, NULL) == -ENXIO);
	KT_CHECK(ioctl32(fd, 0x12345678, NULL) == -EOPNOTSUPP);
	KT_CHECK(ioctl32(fd, NIOCCTRL, q) == 0);
	KT_CHECK(q->reg.nr_memsize > 0 && q->reg.nr_tx_slots == 1024);
	KT_CHECK(ioctl32(fd, NIOCTXSYNC, NULL) == 0);
	close(fd);
	return 0;
}
