// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "ctl.h"

int ctl_open(void)
{
	int fd = open("/dev/netmap", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int ctl_request(int fd, uint16_t type, const char *name, void *body,
		struct nmreq_header *hdr)
{
	struct nmreq_header own;

	hdr = hdr ? hdr : &own;
	*hdr = (struct nmreq_header){.nr_version = NETMAP_API,
				     .nr_reqtype = type,
				     .nr_body = (uintptr_t)body};
	if (name && strlen(name) >= sizeof(hdr->nr_name))
		return ENAMETOOLONG;
	if (name)
		strcpy(hdr->nr_name, name);
	return ioctl(fd, NIOCCTRL, hdr) < 0 ? errno : 0;
}

const char *ctl_why(int fd, int err)
{
	static struct nmreq_x_refusal r;
	static char text[sizeof(r.x_sentence)];

	snprintf(text, sizeof(text), "%s", strerror(err));
	r.x_seq = 0;
	for (;;) {
		r.x_size = sizeof(r);
		if (ctl_request(fd, NETMAP_REQ_X_REFUSALS_GET, NULL, &r, NULL))
			return text;
		if (r.x_pid == (uint32_t)getpid() && r.x_error == (uint32_t)err)
			snprintf(text, sizeof(text), "%s", r.x_sentence);
		r.x_seq++;
	}
}
