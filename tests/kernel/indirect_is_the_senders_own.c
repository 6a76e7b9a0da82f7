// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Data of NS_INDIRECT slots is read in the memory of a process only while no
 * other can have said where: once a second process maps the region, in any way,
 * such frames drop, counted; what it left goes with the rings. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/netmap_ext.h>

#include "kt.h"

static struct kt_port to;

/* A frame that lies elsewhere; does it come? */
static bool arrives(struct kt_port *from)
{
	static uint8_t frame[60], mark;
	struct netmap_ring *r = from->tx;
	struct netmap_slot *s = &r->slot[r->head];
	int got;

	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	mark = mark == 100 ? 1 : mark + 1;
	frame[59] = mark;
	s->ptr = (uintptr_t)frame;
	s->len = sizeof(frame);
	s->flags = NS_INDIRECT;
	r->head = r->cur = r->head + 1 == r->num_slots ? 0 : r->head + 1;
	KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
	got = kt_receive(&to);
	KT_CHECK(got == -1 || got == mark);
	/* Others come in any case. */
	kt_send(from, 200);
	KT_CHECK(kt_receive(&to) == 200);
	return got != -1;
}

static uint64_t dropped(struct kt_port *p, const char *name)
{
	struct nmreq_x_stats st = {.x_size = sizeof(st),
				   .x_dir = NETMAP_X_TX,
				   .x_ring = NETMAP_X_ALL_RINGS};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_STATS_GET,
				 .nr_body = (uintptr_t)&st};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	KT_CHECK(ioctl(p->fd, NIOCCTRL, &h) == 0);
	return st.no_indirect;
}

/* @fn(@p) in a child, which has ended when this returns. */
static void in_child(void (*fn)(struct kt_port *p), struct kt_port *p)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		fn(p);
		_exit(0);
	}
	KT_CHECK(wait(&status) > 0 && status == 0);
}

/* ---- how another process comes to map it ---- */

static void inherit(struct kt_port *p)
{
	(void)p; /* by fork() */
}

static void open_the_port(struct kt_port *p)
{
	struct kt_port again;

	(void)p;
	kt_open(&again, "vale0:from");
}

static void map_the_descriptor(struct kt_port *p)
{
	KT_CHECK(mmap(NULL, p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd,
		      0) != MAP_FAILED);
}

/* The child's memory would be read where its parent says. */
static void sync_for_another(struct kt_port *p)
{
	KT_CHECK(!arrives(p));
}

static void ends(void (*fn)(struct kt_port *p), bool inherits)
{
	struct kt_port from;

	kt_open(&from, "vale0:from");
	KT_CHECK(arrives(&from));
	KT_CHECK(arrives(&from));
	if (!inherits)
		KT_CHECK(madvise(from.mem, from.size, MADV_DONTFORK) == 0);
	KT_CHECK(dropped(&from, "vale0:from") == 0);
	in_child(fn, &from);
	KT_CHECK(!arrives(&from));
	KT_CHECK(dropped(&from, "vale0:from") > 0);
	kt_close(&from);
	/* In a new region. */
	kt_open(&from, "vale0:from");
	KT_CHECK(arrives(&from));
	kt_close(&from);
}

/* ---- a port that stays, and its region with it ---- */

static void use(struct kt_port *p)
{
	struct kt_port from;

	(void)p;
	kt_open(&from, "vale0:per0");
	KT_CHECK(arrives(&from));
	kt_close(&from);
}

static void one_after_the_other(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(kt_newif(fd, "per0") == 0);
	KT_CHECK(kt_attach(fd, "vale0:per0", NR_REG_ALL_NIC) == 0);
	use(NULL);
	in_child(use, NULL);
	use(NULL);
	KT_CHECK(kt_detach(fd, "vale0:per0") == 0);
	KT_CHECK(kt_delif(fd, "per0") == 0);
	close(fd);
}

/* ---- memory of the program: can it be another's too? ---- */

static void brought(int flags, bool alone)
{
	size_t size = 16u << 20;
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 flags | MAP_ANONYMOUS, -1, 0);
	struct nmreq_opt_extmem o = {
		.nro_opt.nro_reqtype = NETMAP_REQ_OPT_EXTMEM,
		.nro_usrptr = (uintptr_t)mem,
		.nro_info = {.nr_memsize = size,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 8,
			     .nr_ring_pool_objsize = 36864,
			     .nr_buf_pool_objtotal = 3000},
	};
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_name = "vale0:brought",
				 .nr_options = (uintptr_t)&o,
				 .nr_body = (uintptr_t)&reg};
	struct kt_port p = {.fd = open(NETMAP_DEVICE_NAME, O_RDWR)};

	KT_CHECK(mem != MAP_FAILED && p.fd >= 0);
	KT_CHECK(ioctl(p.fd, NIOCCTRL, &h) == 0);
	p.nif = (struct netmap_if *)((char *)mem + reg.nr_offset);
	p.tx = (void *)((char *)p.nif + p.nif->ring_ofs[0]);
	KT_CHECK(arrives(&p) == alone);
	/* A child has a copy, or the same, of it. */
	in_child(inherit, &p);
	KT_CHECK(arrives(&p) == alone);
	close(p.fd);
	munmap(mem, size);
}

int main(void)
{
	kt_open(&to, "vale0:to");
	ends(inherit, true);
	ends(open_the_port, false);
	ends(map_the_descriptor, false);
	ends(sync_for_another, true);
	one_after_the_other();
	brought(MAP_PRIVATE, true);
	brought(MAP_SHARED, false);
	kt_close(&to);
	return 0;
}
