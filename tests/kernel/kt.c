// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kt.h"

#define FRAME 60

void kt_check(bool good, const char *what, const char *file, int line)
{
	if (good)
		return;
	printf("%s:%d: not so: %s (errno %s)\n", file, line, what,
	       strerror(errno));
	exit(1);
}

void kt_fails(bool failed, int error, const char *what, const char *file,
	      int line)
{
	if (failed && errno == error)
		return;
	printf("%s:%d: %s should fail with %s, but %s\n", file, line, what,
	       strerror(error), failed ? strerror(errno) : "succeeds");
	exit(1);
}

void kt_skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	exit(77);
}

static int control(int fd, uint16_t request, const char *name, void *body)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = request,
				 .nr_body = (uintptr_t)body};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	return ioctl(fd, NIOCCTRL, &h);
}

int kt_register(int fd, const char *name, struct nmreq_register *reg)
{
	reg->nr_mode = NR_REG_ALL_NIC;
	return control(fd, NETMAP_REQ_REGISTER, name, reg);
}

int kt_newif(int fd, const char *name)
{
	struct nmreq_vale_newif body = {0};

	return control(fd, NETMAP_REQ_VALE_NEWIF, name, &body);
}

int kt_delif(int fd, const char *name)
{
	return control(fd, NETMAP_REQ_VALE_DELIF, name, NULL);
}

int kt_attach(int fd, const char *name, uint32_t mode)
{
	struct nmreq_vale_attach body = {.reg.nr_mode = mode};

	return control(fd, NETMAP_REQ_VALE_ATTACH, name, &body);
}

int kt_detach(int fd, const char *name)
{
	struct nmreq_vale_detach body = {0};

	return control(fd, NETMAP_REQ_VALE_DETACH, name, &body);
}

void kt_open(struct kt_port *p, const char *name)
{
	struct nmreq_register reg = {0};

	p->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(p->fd >= 0);
	KT_CHECK(kt_register(p->fd, name, &reg) == 0);
	p->size = reg.nr_memsize;
	p->mem = mmap(NULL, p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd,
		      0);
	KT_CHECK(p->mem != MAP_FAILED);
	p->nif = (struct netmap_if *)(p->mem + reg.nr_offset);
	p->tx = (void *)((char *)p->nif + p->nif->ring_ofs[0]);
	p->rx = (void *)((char *)p->nif +
			 p->nif->ring_ofs[p->nif->ni_tx_rings +
					  p->nif->ni_host_tx_rings]);
}

void kt_close(struct kt_port *p)
{
	KT_CHECK(munmap(p->mem, p->size) == 0);
	KT_CHECK(close(p->fd) == 0);
}

static uint32_t next(const struct netmap_ring *r, uint32_t i)
{
	return i + 1 == r->num_slots ? 0 : i + 1;
}

void kt_send(struct kt_port *p, uint8_t mark)
{
	struct netmap_ring *r = p->tx;
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *frame = kt_buffer(r, s->buf_idx);

	KT_CHECK(r->head != r->tail);
	memset(frame, mark, FRAME);
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	s->len = FRAME;
	s->flags = 0;
	r->head = r->cur = next(r, r->head);
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
}

int kt_receive(struct kt_port *p)
{
	struct netmap_ring *r = p->rx;
	int mark;

	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	if (r->head == r->tail)
		return -1;
	KT_CHECK(r->slot[r->head].len == FRAME);
	mark = kt_buffer(r, r->slot[r->head].buf_idx)[FRAME - 1];
	r->head = r->cur = next(r, r->head);
	KT_CHECK(ioctl(p->fd, NIOCRXSYNC) == 0);
	return mark;
}

int kt_insmod(const char *name, const char *params)
{
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/examples/%s.ko", name);
	fd = open(path, O_RDONLY);
	KT_CHECK(fd >= 0);
	err = (int)syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	return err;
}

int kt_rmmod(const char *name)
{
	return (int)syscall(SYS_delete_module, name, O_NONBLOCK);
}

unsigned long kt_param(const char *module, const char *param)
{
	char path[128], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module,
		 param);
	f = fopen(path, "r");
	KT_CHECK(f && fgets(text, sizeof(text), f));
	fclose(f);
	return strtoul(text, NULL, 10);
}

bool kt_param_becomes(const char *module, const char *param,
		      unsigned long value)
{
	time_t deadline = time(NULL) + 10;

	while (kt_param(module, param) != value) {
		if (time(NULL) > deadline)
			return false;
		usleep(1000);
	}
	return true;
}
