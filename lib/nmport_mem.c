/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The memory of ports: regions, which ports of a context share, and the rings
 * in them. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib.h"

/* A port that uses a region. */
struct user {
	const struct nmport_d *d;
	int fd; /* that it was bound by when it was mapped; -1: closed since */
	struct user *next;
};

struct region {
	struct nmem_d d;
	struct nmport_file *file; /* that it is made of, a reference; or NULL */
	struct user *users;
};

/*
 * Numbers of regions begin anew when netmapd does, but mappings stay. Lock held.
 */
static bool is_there_still(const struct region *r)
{
	for (const struct user *u = r->users; u; u = u->next)
		if (u->fd >= 0)
			return !nmreq_is_abandoned(u->fd);
	return false; /* nobody knows */
}

/* Lock held. */
static struct region *find_region(const struct nmctx *ctx, uint16_t id)
{
	struct nmem_d *m = ctx->mem_descs;

	while (m && (m->mem_id != id || !is_there_still((struct region *)m)))
		m = m->next;
	return (struct region *)m;
}

/*
 * Is the port in the memory that it brought? A port that was there before stays
 * where it is, and then nothing of it is here.
 */
static bool is_in_extmem(const struct nmport_d *d)
{
	const struct nmreq_opt_extmem *e = d->extmem;
	const struct netmap_if *nifp;
	size_t len;

	if (!e || e->nro_info.nr_memsize != d->reg.nr_memsize)
		return false;
	nifp = (const void *)((char *)(uintptr_t)e->nro_usrptr +
			      d->reg.nr_offset);
	len = strnlen(d->hdr.nr_name, sizeof(nifp->ni_name) - 1);
	return strncmp(nifp->ni_name, d->hdr.nr_name, len) == 0;
}

/* Lock held. 0, or an errno. */
static int map_region(struct nmport_d *d, struct region *r)
{
	r->d.mem_id = d->reg.nr_mem_id;
	r->d.size = d->reg.nr_memsize;
	if (is_in_extmem(d)) {
		r->d.is_extmem = 1;
		r->d.mem = (void *)(uintptr_t)d->extmem->nro_usrptr;
		r->file = nmport_file_get(d);
		return 0;
	}
	r->d.mem = mmap(NULL, r->d.size, PROT_READ | PROT_WRITE, MAP_SHARED,
			d->fd, 0);
	return r->d.mem == MAP_FAILED ? errno : 0;
}

/* Lock held. 0 and *rp, or an errno. */
static int make_region(struct nmport_d *d, struct region **rp)
{
	struct nmctx *ctx = d->ctx;
	struct region *r = nmctx_malloc(ctx, sizeof(*r));
	int err;

	if (!r)
		return ENOMEM;
	memset(r, 0, sizeof(*r));
	err = map_region(d, r);
	if (err) {
		nmctx_free(ctx, r);
		return err;
	}
	r->d.next = ctx->mem_descs;
	if (r->d.next)
		r->d.next->prev = &r->d;
	ctx->mem_descs = &r->d;
	*rp = r;
	return 0;
}

/* Lock held. 0 and a reference in d->mem, or an errno. */
static int get_region(struct nmport_d *d)
{
	struct user *u = nmctx_malloc(d->ctx, sizeof(*u));
	struct region *r;
	int err;

	if (!u)
		return ENOMEM;
	r = find_region(d->ctx, d->reg.nr_mem_id);
	err = r ? 0 : make_region(d, &r);
	if (err) {
		nmctx_free(d->ctx, u);
		return err;
	}
	*u = (struct user){d, d->fd, r->users};
	r->users = u;
	r->d.refcount++;
	d->mem = &r->d;
	return 0;
}

/* Where @d is in the list of those that use its region. Lock held. */
static struct user **find_user(const struct nmport_d *d)
{
	struct user **at = &((struct region *)d->mem)->users;

	while ((*at)->d != d)
		at = &(*at)->next;
	return at;
}

/* Lock held. */
static void put_region(struct nmport_d *d)
{
	struct nmctx *ctx = d->ctx;
	struct nmem_d *m = d->mem;
	struct region *r = (struct region *)m;
	struct user **at = find_user(d), *u = *at;

	*at = u->next;
	nmctx_free(ctx, u);
	if (--m->refcount)
		return;
	if (m->prev)
		m->prev->next = m->next;
	else
		ctx->mem_descs = m->next;
	if (m->next)
		m->next->prev = m->prev;
	if (!m->is_extmem)
		munmap(m->mem, m->size);
	nmport_file_put(ctx, r->file);
	nmctx_free(ctx, r);
}

/*
 * The first run of rings that are there, among @n entries; without any,
 * *last = *first - 1, which does not go below 0.
 */
static void find_rings(const ssize_t *ofs, uint32_t n, uint16_t *first,
		       uint16_t *last)
{
	uint32_t begin = 0, end;

	if (n > UINT16_MAX)
		n = UINT16_MAX;
	while (begin < n && !ofs[begin])
		begin++;
	end = begin;
	while (end < n && ofs[end])
		end++;
	if (end == 0)
		begin = end = 1;
	*first = (uint16_t)begin;
	*last = (uint16_t)(end - 1);
}

int nmport_mmap(struct nmport_d *d)
{
	uint32_t tx, rx;
	int err;

	if (!d->register_done || d->mmap_done)
		return nmreq_fail(d->ctx, EINVAL, "%s: is %s", d->hdr.nr_name,
				  d->mmap_done ? "mapped already"
					       : "not bound");
	nmctx_lock(d->ctx);
	err = get_region(d);
	nmctx_unlock(d->ctx);
	if (err)
		return nmreq_fail(d->ctx, err, "%s: cannot map %llu bytes: %s",
				  d->hdr.nr_name,
				  (unsigned long long)d->reg.nr_memsize,
				  strerror(err));
	d->nifp = (struct netmap_if *)(void *)((char *)d->mem->mem +
					       d->reg.nr_offset);
	tx = d->nifp->ni_tx_rings + d->nifp->ni_host_tx_rings;
	rx = d->nifp->ni_rx_rings + d->nifp->ni_host_rx_rings;
	find_rings(d->nifp->ring_ofs, tx, &d->first_tx_ring, &d->last_tx_ring);
	find_rings(d->nifp->ring_ofs + tx, rx, &d->first_rx_ring,
		   &d->last_rx_ring);
	d->cur_tx_ring = d->first_tx_ring;
	d->cur_rx_ring = d->first_rx_ring;
	d->mmap_done = 1;
	return 0;
}

void nmport_mem_unbound(const struct nmport_d *d)
{
	if (!d->mmap_done)
		return;
	nmctx_lock(d->ctx);
	(*find_user(d))->fd = -1;
	nmctx_unlock(d->ctx);
}

void nmport_undo_mmap(struct nmport_d *d)
{
	if (!d->mmap_done)
		return;
	nmctx_lock(d->ctx);
	put_region(d);
	nmctx_unlock(d->ctx);
	d->mem = NULL;
	d->nifp = NULL;
	d->first_tx_ring = d->last_tx_ring = d->cur_tx_ring = 0;
	d->first_rx_ring = d->last_rx_ring = d->cur_rx_ring = 0;
	d->mmap_done = 0;
}
