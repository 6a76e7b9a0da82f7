// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A 32-bit system call controls the device as a 64-bit one does: structures of
 * requests are the same for both. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* The older requests, in a record that has no pointers. */
static void flat_record(struct nmreq *r)
{
	struct netmap_if *nif;
	struct nmreq before;
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	char *mem;

	memset(r, 0, sizeof(*r));
	r->nr_version = NETMAP_API;
	strcpy(r->nr_name, "vale0:flat");
	before = *r;
	KT_CHECK(fd >= 0);
	r->nr_cmd = 13;
	KT_CHECK(ioctl32(fd, NIOCREGIF, r) == -EINVAL);
	*r = before;
	KT_CHECK(ioctl32(fd, NIOCGINFO, r) == 0);
	KT_CHECK(r->nr_tx_slots == 1024 && r->nr_memsize > 0);
	*r = before;
	r->nr_tx_slots = r->nr_rx_slots = 64;
	KT_CHECK(ioctl32(fd, NIOCREGIF, r) == 0);
	KT_CHECK(r->nr_tx_slots == 64 && r->nr_tx_rings == 1);
	mem = mmap(NULL, r->nr_memsize, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0);
	KT_CHECK(mem != MAP_FAILED);
	nif = (struct netmap_if *)(mem + r->nr_offset);
	KT_CHECK(strcmp(nif->ni_name, "vale0:flat") == 0);
	KT_CHECK(ioctl32(fd, NIOCTXSYNC, NULL) == 0);
	KT_CHECK(ioctl32(fd, NIOCRXSYNC, NULL) == 0);
	munmap(mem, r->nr_memsize);
	close(fd);
}

static void addresses(int fd)
{
	static const unsigned int requests[] = {NIOCREGIF, NIOCGINFO, NIOCCTRL};

	for (int i = 0; i < 3; i++) {
		KT_CHECK(ioctl32(fd, requests[i], NULL) == -EINVAL);
		KT_CHECK(ioctl32(fd, requests[i], (void *)8) == -EFAULT);
	}
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
	flat_record((struct nmreq *)q);
	addresses(open(NETMAP_DEVICE_NAME, O_RDWR));
	return 0;
}
