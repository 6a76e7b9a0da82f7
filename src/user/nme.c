// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The embedded runtime: netmap_embedded.h on the core. */
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include "netmap_embedded.h"
#include "file.h"
#include "nme_int.h"
#include "nme_world.h"
#include "os_mem.h"
#include "os_misc.h"
#include "os_wait.h"
#include "spec.h"

struct nme_port {
	struct nme *world;
	struct nm_file *file;
	nme_arrival_fn fn;
	void *arg;
};

struct nm_core *nme_core(const struct nme *w)
{
	return w->core;
}

const char *nme_error(void)
{
	return os_last_refusal();
}

/* ---- worlds ---- */

static void conf_apply(struct nm_params *p, const struct nme_conf *c)
{
	if (c->buf_size)
		p->buf_size = p->priv_buf_size = c->buf_size;
	if (c->vale_stations)
		p->vale_stations = c->vale_stations;
	if (c->max_bridges)
		p->max_bridges = c->max_bridges;
	p->huge_pages = c->flags & NME_HUGETLB;
}

/* Takes what an older caller knows of the configuration; the rest is 0. */
static int conf_read(struct nme_conf *c, const struct nme_conf *user)
{
	u32 size = user->size ? user->size : sizeof(*user);

	memset(c, 0, sizeof(*c));
	if (size < offsetof(struct nme_conf, spare))
		return os_refuse(-EINVAL, "nme_conf of %u bytes, at least %u",
				 size, (u32)offsetof(struct nme_conf, spare));
	memcpy(c, user, size < sizeof(*c) ? size : sizeof(*c));
	if (c->flags & ~NME_HUGETLB)
		return os_refuse(-EINVAL, "nme_conf.flags: 0x%x is unknown",
				 c->flags & ~NME_HUGETLB);
	return 0;
}

int nme_create(struct nme **world, const struct nme_conf *conf)
{
	struct nm_params params;
	struct nme_conf c;
	struct nme *w;
	int err;

	nm_params_init(&params);
	if (conf) {
		err = conf_read(&c, conf);
		if (err)
			return err;
		conf_apply(&params, &c);
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return os_refuse(-ENOMEM, "no memory for a world");
	err = nm_core_create(&w->core, &params);
	if (err) {
		free(w);
		return err;
	}
	*world = w;
	return 0;
}

int nme_destroy(struct nme *w)
{
	u32 n = os_load_acquire(&w->handles);

	if (n)
		return os_refuse(-EBUSY, "%u port handles are open", n);
	nm_core_destroy(w->core);
	free(w);
	return 0;
}

/* ---- handles ---- */

int nme_open_unbound(struct nme *w, struct nme_port **port)
{
	struct nme_port *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return os_refuse(-ENOMEM, "no memory for a port handle");
	err = nm_file_create(w->core, &p->file);
	if (err) {
		free(p);
		return err;
	}
	p->world = w;
	os_fetch_add(&w->handles, 1u);
	*port = p;
	return 0;
}

int nme_open(struct nme *w, const char *spec, struct nme_port **port)
{
	struct nmreq_register reg;
	struct nmreq_header hdr;
	struct nme_port *p;
	int err;

	err = nm_spec_parse(spec, &hdr, &reg);
	if (err)
		return err;
	err = nme_open_unbound(w, &p);
	if (err)
		return err;
	err = nme_ioctl(p, NIOCCTRL, &hdr);
	if (err)
		nme_close(p);
	else
		*port = p;
	return err;
}

void nme_close(struct nme_port *p)
{
	struct nme *w;

	if (!p)
		return;
	w = p->world;
	nm_file_destroy(p->file);
	free(p);
	os_fetch_add(&w->handles, (u32)-1);
}

struct netmap_if *nme_if(const struct nme_port *p)
{
	return nm_file_is_bound(p->file) ? p->file->bind.nifp : NULL;
}

void *nme_mem(const struct nme_port *p, size_t *size)
{
	struct nm_region *r = nm_file_region(p->file);

	if (!r)
		return NULL;
	if (size)
		*size = r->size;
	return os_mem_addr(r->mem);
}

/* ---- data path ---- */

int nme_txsync(struct nme_port *p)
{
	return nm_file_txsync(p->file, NULL);
}

int nme_rxsync(struct nme_port *p)
{
	return nm_file_rxsync(p->file, NULL);
}

int nme_ioctl(struct nme_port *p, unsigned long request, void *arg)
{
	return nm_file_ioctl(p->file, NULL, request, (uintptr_t)arg);
}

#define POLL_IN	 (POLLIN | POLLRDNORM)
#define POLL_OUT (POLLOUT | POLLWRNORM)

/* One round over all entries; returns how many are ready. */
static int poll_round(struct nme_pollfd *fds, unsigned int n, struct os_poll *p)
{
	int ready = 0;

	for (unsigned int i = 0; i < n; i++) {
		short ev = fds[i].events;
		u32 want = (ev & POLL_IN ? NM_POLLIN : 0) |
			   (ev & POLL_OUT ? NM_POLLOUT : 0);
		u32 got = nm_file_poll(fds[i].port->file, NULL, want, p);

		fds[i].revents =
			(short)((got & NM_POLLIN ? ev & POLL_IN : 0) |
				(got & NM_POLLOUT ? ev & POLL_OUT : 0) |
				(got & NM_POLLERR ? POLLERR : 0));
		ready += fds[i].revents != 0;
	}
	return ready;
}

static u64 deadline_of(int timeout_ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec +
	       (u64)timeout_ms * 1000000;
}

int nme_poll(struct nme_pollfd *fds, unsigned int n, int timeout_ms)
{
	u64 deadline = timeout_ms > 0 ? deadline_of(timeout_ms) : 0;
	int ready = poll_round(fds, n, NULL);
	struct os_poll *p;
	bool awake = true;

	if (ready || !timeout_ms)
		return ready;
	p = os_poll_create();
	if (!p)
		return os_refuse(-ENOMEM, "no memory to wait");
	/* Registers; later rounds find the same waits. */
	ready = poll_round(fds, n, p);
	if (!os_poll_is_complete(p))
		ready = os_refuse(-ENOMEM, "no memory to wait");
	while (!ready && awake) {
		awake = os_poll_sleep(p, deadline);
		ready = poll_round(fds, n, NULL);
	}
	os_poll_destroy(p);
	return ready;
}

static void arrived(struct nm_file *file, void *arg)
{
	struct nme_port *p = arg;

	(void)file;
	p->fn(p, p->arg);
}

int nme_on_arrival(struct nme_port *p, nme_arrival_fn fn, void *arg)
{
	int err = nm_file_notify(p->file, NULL, NULL); /* ends the old one */

	if (err || !fn)
		return err;
	if (!os_worker_start())
		return os_refuse(-ENOMEM, "no thread for callbacks");
	p->fn = fn;
	p->arg = arg;
	return nm_file_notify(p->file, arrived, p);
}
