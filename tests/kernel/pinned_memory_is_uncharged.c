// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What a program may lock is what it has pinned at this moment: memory whose
 * port was closed counts no more for the next one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kt.h"

#define SIZE (16u << 20)

/* Limits hold for those who may not lock as they like. */
static void limit(rlim_t bytes)
{
	struct rlimit l = {bytes, bytes};
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];

	KT_CHECK(setrlimit(RLIMIT_MEMLOCK, &l) == 0);
	KT_CHECK(syscall(SYS_capget, &h, d) == 0);
	d[0].effective &= ~(1u << CAP_IPC_LOCK);
	KT_CHECK(syscall(SYS_capset, &h, d) == 0);
}

static int open_on(void *mem, const char *name)
{
	struct nmreq_opt_extmem o = {
		.nro_opt.nro_reqtype = NETMAP_REQ_OPT_EXTMEM,
		.nro_usrptr = (uintptr_t)mem,
		.nro_info = {.nr_memsize = SIZE,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 8,
			     .nr_ring_pool_objsize = 36864,
			     .nr_buf_pool_objtotal = 3000},
	};
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_options = (uintptr_t)&o,
				 .nr_body = (uintptr_t)&reg};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	for (int i = 0; name[i]; i++)
		h.nr_name[i] = name[i];
	KT_CHECK(fd >= 0);
	if (ioctl(fd, NIOCCTRL, &h) == 0)
		return fd;
	close(fd);
	return -1;
}

int main(void)
{
	char *mem = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd;

	KT_CHECK(mem != MAP_FAILED);
	limit(SIZE + SIZE / 2);
	for (int i = 0; i < 50; i++) {
		fd = open_on(mem, "vale0:one");
		KT_CHECK(fd >= 0);
		KT_FAILS(open_on(mem + SIZE, "vale0:two"), ENOMEM);
		close(fd);
	}
	return 0;
}
