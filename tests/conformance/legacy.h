/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* legacy.h - the older requests: struct nmreq by NIOCREGIF and NIOCGINFO. */
#ifndef CONFORMANCE_LEGACY_H
#define CONFORMANCE_LEGACY_H

#include "conf.h"

/* LEGACY("vale0:a", .nr_arg3 = 5) */
#define LEGACY(name, ...) \
	((struct nmreq){  \
		.nr_version = NETMAP_API, .nr_name = name, ##__VA_ARGS__})

/* The same on a new descriptor; nothing stays. 0 or an errno. */
static inline int legacy_try(unsigned long request, struct nmreq *r)
{
	int fd = conf_fd();
	int err = conf_ioctl(fd, request, r);

	conf_fd_close(fd);
	return err;
}

/* Refused with @want, and not a byte of the record written. */
static inline void legacy_refused(unsigned long request, struct nmreq r,
				  int want)
{
	struct nmreq before = r;

	CHECK_ERR(legacy_try(request, &r), want);
	CHECK_MEM(&r, &before, sizeof(r));
}

/* Binds and maps; must succeed. @r is the reply. */
static inline struct port legacy_open(struct nmreq *r)
{
	struct port p = {.fd = conf_fd()};

	CHECK_ERR(conf_ioctl(p.fd, NIOCREGIF, r), 0);
	p.mem = conf_map(p.fd, r->nr_memsize);
	p.nifp = NETMAP_IF(p.mem, r->nr_offset);
	return p;
}

/* What is only asked comes back as it was. */
static inline void legacy_echoed(const struct nmreq *r,
				 const struct nmreq *asked)
{
	CHECK_MEM(r->nr_name, asked->nr_name, sizeof(r->nr_name));
	CHECK_EQ(r->nr_version, asked->nr_version);
	CHECK_EQ(r->nr_ringid, asked->nr_ringid);
	CHECK_EQ(r->nr_cmd, asked->nr_cmd);
	CHECK_EQ(r->nr_arg1, asked->nr_arg1);
	CHECK_EQ(r->nr_flags, asked->nr_flags);
	CHECK_EQ(r->spare2[0], asked->spare2[0]);
}

#endif
