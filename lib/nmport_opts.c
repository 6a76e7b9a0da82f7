/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A port's options: memory of the program's, offsets. Each undoes itself when
 * the port's request is given up. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib.h"

static void push(struct nmport_d *d, struct nmport_cleanup_d *c,
		 struct nmreq_option *o, uint32_t reqtype, size_t size)
{
	o->nro_reqtype = reqtype;
	o->nro_size = size;
	nmreq_push_option(&d->hdr, o);
	c->next = d->clist;
	d->clist = c;
}

void nmport_cleanup(struct nmport_d *d)
{
	while (d->clist) {
		struct nmport_cleanup_d *c = d->clist;

		d->clist = c->next;
		c->undo(d, c);
	}
}

/* A record of @size bytes, zeros. */
static void *make_record(struct nmport_d *d, size_t size, const char *what)
{
	void *p;

	if (d->register_done) {
		nmreq_fail(d->ctx, EINVAL,
			   "%s: %s is to be asked for before the port is "
			   "bound",
			   d->hdr.nr_name, what);
		return NULL;
	}
	p = nmctx_malloc(d->ctx, size);
	if (p)
		memset(p, 0, size);
	else
		nmreq_fail(d->ctx, ENOMEM, "%s: no memory for %s",
			   d->hdr.nr_name, what);
	return p;
}

/* ---- memory of the program's ---- */

struct extmem {
	struct nmport_cleanup_d cleanup;
	struct nmreq_opt_extmem opt;
	struct nmport_file *file; /* a reference, or NULL: @opt is borrowed */
};

static struct extmem *extmem_of(struct nmport_d *d)
{
	return (struct extmem *)(void *)((char *)d->extmem -
					 offsetof(struct extmem, opt));
}

struct nmport_file *nmport_file_get(struct nmport_d *d)
{
	struct nmport_file *f = d->extmem ? extmem_of(d)->file : NULL;

	if (f)
		f->refs++;
	return f;
}

void nmport_file_put(struct nmctx *ctx, struct nmport_file *f)
{
	if (!f || --f->refs)
		return;
	munmap(f->mem, f->size);
	nmctx_free(ctx, f);
}

static void undo_extmem(struct nmport_d *d, struct nmport_cleanup_d *c)
{
	struct extmem *e = (struct extmem *)c;

	nmreq_remove_option(&d->hdr, &e->opt.nro_opt);
	d->extmem = NULL;
	nmctx_lock(d->ctx);
	nmport_file_put(d->ctx, e->file);
	nmctx_unlock(d->ctx);
	nmctx_free(d->ctx, e);
}

static int add_extmem(struct nmport_d *d, void *base, size_t size,
		      struct nmport_file *file)
{
	struct extmem *e;

	if (d->extmem)
		return nmreq_fail(d->ctx, EINVAL,
				  "%s: has memory of the program's already",
				  d->hdr.nr_name);
	e = make_record(d, sizeof(*e), "memory of the program's");
	if (!e)
		return -1;
	e->cleanup.undo = undo_extmem;
	e->opt.nro_usrptr = (uintptr_t)base;
	e->opt.nro_info.nr_memsize = size;
	e->file = file;
	push(d, &e->cleanup, &e->opt.nro_opt, NETMAP_REQ_OPT_EXTMEM,
	     sizeof(e->opt));
	d->extmem = &e->opt;
	return 0;
}

int nmport_extmem(struct nmport_d *d, void *base, size_t size)
{
	return add_extmem(d, base, size, NULL);
}

/* Maps all of @path: 0, or an errno and what failed. */
static int map_file(struct nmport_file *f, const char *path, const char **what)
{
	struct stat st;
	int fd, err = 0;

	*what = "open";
	fd = open(path, O_RDWR);
	if (fd < 0)
		return errno;
	*what = "size";
	if (fstat(fd, &st) < 0)
		err = errno;
	else if (st.st_size <= 0)
		err = EINVAL;
	if (!err) {
		*what = "mmap";
		f->size = (size_t)st.st_size;
		f->mem = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			      fd, 0);
		if (f->mem == MAP_FAILED)
			err = errno;
	}
	close(fd);
	return err;
}

int nmport_extmem_from_file(struct nmport_d *d, const char *path)
{
	struct nmport_file *f = nmctx_malloc(d->ctx, sizeof(*f));
	const char *what;
	int err;

	if (!f)
		return nmreq_fail(d->ctx, ENOMEM, "%s: no memory for %s",
				  d->hdr.nr_name, path);
	err = map_file(f, path, &what);
	if (err) {
		nmctx_free(d->ctx, f);
		return nmreq_fail(d->ctx, err, "%s: %s of %s: %s",
				  d->hdr.nr_name, what, path, strerror(err));
	}
	f->refs = 1;
	if (add_extmem(d, f->mem, f->size, f) == 0)
		return 0;
	err = errno;
	nmport_file_put(d->ctx, f);
	errno = err;
	return -1;
}

struct nmreq_pools_info *nmport_extmem_getinfo(struct nmport_d *d)
{
	return d->extmem ? &d->extmem->nro_info : NULL;
}

/* ---- offsets ---- */

struct offsets {
	struct nmport_cleanup_d cleanup;
	struct nmreq_opt_offsets opt;
};

static void undo_offsets(struct nmport_d *d, struct nmport_cleanup_d *c)
{
	struct offsets *o = (struct offsets *)c;

	nmreq_remove_option(&d->hdr, &o->opt.nro_opt);
	nmctx_free(d->ctx, o);
}

int nmport_offset(struct nmport_d *d, uint64_t initial, uint64_t maxoff,
		  uint64_t bits, uint64_t mingap)
{
	struct offsets *o;

	if (nmreq_find_option(&d->hdr, NETMAP_REQ_OPT_OFFSETS))
		return nmreq_fail(d->ctx, EINVAL, "%s: has offsets already",
				  d->hdr.nr_name);
	if (bits > 64)
		return nmreq_fail(d->ctx, EINVAL,
				  "%s: offsets of %llu bits, 64 are the most",
				  d->hdr.nr_name, (unsigned long long)bits);
	o = make_record(d, sizeof(*o), "offsets");
	if (!o)
		return -1;
	o->cleanup.undo = undo_offsets;
	o->opt.nro_initial_offset = initial;
	o->opt.nro_max_offset = maxoff;
	o->opt.nro_offset_bits = (uint32_t)bits;
	o->opt.nro_min_gap = mingap;
	push(d, &o->cleanup, &o->opt.nro_opt, NETMAP_REQ_OPT_OFFSETS,
	     sizeof(o->opt));
	return 0;
}
