/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ports: a request is made from a name, the device is opened and bound. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib.h"

static struct nmport_d *make(struct nmctx *ctx)
{
	struct nmport_d *d = nmctx_malloc(ctx, sizeof(*d));

	if (!d) {
		nmreq_fail(ctx, ENOMEM, "no memory for a port");
		return NULL;
	}
	memset(d, 0, sizeof(*d));
	nmreq_header_init(&d->hdr, NETMAP_REQ_REGISTER, &d->reg);
	d->ctx = ctx;
	d->fd = -1;
	return d;
}

struct nmport_d *nmport_new(void)
{
	return make(nmctx_get());
}

void nmport_delete(struct nmport_d *d)
{
	if (!d)
		return;
	nmport_cleanup(d);
	nmctx_free(d->ctx, d);
}

struct nmport_d *nmport_clone(struct nmport_d *d)
{
	struct nmport_d *c;

	if (d->extmem && !d->register_done) {
		nmreq_fail(d->ctx, EINVAL,
			   "%s: cannot be cloned before it is bound, since it "
			   "is to be in memory of the program's",
			   d->hdr.nr_name);
		return NULL;
	}
	c = make(d->ctx);
	if (!c)
		return NULL;
	c->hdr = d->hdr;
	c->hdr.nr_options = 0;
	c->hdr.nr_body = (uintptr_t)&c->reg;
	c->reg = d->reg;
	return c;
}

/* ---- the request ---- */

static int parse(struct nmport_d *d, const char *spec)
{
	if (d->hdr.nr_reqtype == 0) { /* after nmport_undo_parse() */
		d->hdr.nr_version = NETMAP_API;
		d->hdr.nr_reqtype = NETMAP_REQ_REGISTER;
		d->hdr.nr_body = (uintptr_t)&d->reg;
	}
	if (nmreq_header_decode(&spec, &d->hdr, d->ctx) ||
	    nmreq_register_decode(&spec, &d->reg, d->ctx))
		return -1;
	return nmreq_options_decode(spec, nmport_parsers, d, d->ctx);
}

int nmport_parse(struct nmport_d *d, const char *spec)
{
	int saved;

	if (d->register_done)
		return nmreq_fail(d->ctx, EINVAL, "%s: %s is bound already",
				  spec, d->hdr.nr_name);
	if (parse(d, spec) == 0)
		return 0;
	saved = errno;
	nmport_undo_parse(d);
	errno = saved;
	return -1;
}

void nmport_undo_parse(struct nmport_d *d)
{
	nmport_cleanup(d);
	memset(&d->hdr, 0, sizeof(d->hdr));
	memset(&d->reg, 0, sizeof(d->reg));
}

struct nmport_d *nmport_prepare(const char *spec)
{
	struct nmport_d *d = nmport_new();
	int saved;

	if (!d || nmport_parse(d, spec) == 0)
		return d;
	saved = errno;
	nmport_delete(d);
	errno = saved;
	return NULL;
}

void nmport_undo_prepare(struct nmport_d *d)
{
	nmport_undo_parse(d);
	nmport_delete(d);
}

/* ---- the descriptor ---- */

/* Says which options were not served. */
static void report_options(struct nmport_d *d)
{
	struct nmreq_option *o;

	nmreq_foreach_option(&d->hdr, o)
	{
		if (o->nro_status)
			nmctx_ferror(d->ctx, "%s: option %s: %s",
				     d->hdr.nr_name,
				     nmreq_option_name(o->nro_reqtype),
				     strerror((int)o->nro_status));
	}
}

/* Options that no device has seen have no status. */
static void clear_options(struct nmport_d *d)
{
	struct nmreq_option *o;

	nmreq_foreach_option(&d->hdr, o)
	{
		o->nro_status = 0;
	}
}

int nmport_register(struct nmport_d *d)
{
	char why[NMREQ_REFUSAL_SIZE];
	int fd, err;

	if (d->register_done)
		return nmreq_fail(d->ctx, EINVAL, "%s: is bound already",
				  d->hdr.nr_name);
	fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (fd < 0) {
		err = errno;
		return nmreq_fail(d->ctx, err,
				  "%s: open of " NETMAP_DEVICE_NAME ": %s",
				  d->hdr.nr_name, strerror(err));
	}
	clear_options(d);
	if (ioctl(fd, NIOCCTRL, &d->hdr) < 0) {
		err = errno;
		nmreq_refusal(fd, d->hdr.nr_reqtype, why);
		close(fd);
		report_options(d);
		return nmreq_fail(d->ctx, err, "%s: cannot be bound: %s%s",
				  d->hdr.nr_name, strerror(err), why);
	}
	d->fd = fd;
	d->register_done = 1;
	return 0;
}

void nmport_undo_register(struct nmport_d *d)
{
	if (!d->register_done)
		return;
	nmport_mem_unbound(d);
	close(d->fd);
	d->fd = -1;
	d->register_done = 0;
}

int nmport_open_desc(struct nmport_d *d)
{
	int saved;

	if (nmport_register(d))
		return -1;
	if (nmport_mmap(d) == 0)
		return 0;
	saved = errno;
	nmport_undo_register(d);
	errno = saved;
	return -1;
}

void nmport_undo_open_desc(struct nmport_d *d)
{
	nmport_undo_mmap(d);
	nmport_undo_register(d);
}

struct nmport_d *nmport_open(const char *spec)
{
	struct nmport_d *d = nmport_prepare(spec);
	int saved;

	if (!d || nmport_open_desc(d) == 0)
		return d;
	saved = errno;
	nmport_undo_prepare(d);
	errno = saved;
	return NULL;
}

void nmport_close(struct nmport_d *d)
{
	int saved = errno;

	if (!d)
		return;
	nmport_undo_open_desc(d);
	nmport_undo_prepare(d);
	errno = saved;
}
