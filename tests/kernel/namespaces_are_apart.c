// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches of one network namespace are not those of another; a descriptor
 * belongs to the namespace it was opened in, and keeps it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt.h"

int main(void)
{
	struct kt_port here, there, also_there;
	struct nmreq_register reg = {0};
	int unbound = open(NETMAP_DEVICE_NAME, O_RDWR);
	int home = open("/proc/self/ns/net", O_RDONLY);

	KT_CHECK(unbound >= 0 && home >= 0);
	kt_open(&here, "vale0:here");
	KT_CHECK(unshare(CLONE_NEWNET) == 0);
	kt_open(&there, "vale0:there");
	kt_open(&also_there, "vale0:here");

	kt_send(&there, 1);
	KT_CHECK(kt_receive(&also_there) == 1);
	KT_CHECK(kt_receive(&here) == -1);

	/* opened before: still bound to where it was */
	reg.nr_flags = NR_EXCLUSIVE;
	KT_FAILS(kt_register(unbound, "vale0:here", &reg), EBUSY);

	/* the namespace that only descriptors hold goes on working */
	KT_CHECK(setns(home, CLONE_NEWNET) == 0);
	kt_send(&there, 2);
	KT_CHECK(kt_receive(&also_there) == 2);
	kt_close(&there);
	kt_close(&also_there);
	kt_close(&here);
	close(unbound);
	return 0;
}
