// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A program written with nm_open() and its kin alone sends and receives over
 * switches and pipes, and shares a mapping between descriptors. */
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
#include <poll.h>
#include <string.h>

#include "kt.h"

#define FRAMES 100
#define LONG   5000

static struct nm_desc *open_spec(const char *spec, uint64_t flags,
				 const struct nm_desc *parent)
{
	struct nm_desc *d = nm_open(spec, NULL, flags, parent);

	if (!d)
		printf("nm_open of %s\n", spec);
	KT_CHECK(d != NULL);
	KT_CHECK(d->nifp != NULL && d->some_ring != NULL);
	KT_CHECK(NETMAP_BUF(d->some_ring, 0) == (char *)d->buf_start);
	return d;
}

/* A broadcast that says which one it is. */
static void inject(struct nm_desc *d, uint8_t mark, size_t len)
{
	static uint8_t frame[LONG];

	memset(frame, mark, len);
	memset(frame, 0xff, 6);
	frame[6] = 2;
	KT_CHECK(nm_inject(d, frame, len) == (int)len);
}

static void flush(struct nm_desc *d)
{
	KT_CHECK(ioctl(d->fd, NIOCTXSYNC) == 0);
}

static void await(struct nm_desc *d)
{
	struct pollfd p = {.fd = d->fd, .events = POLLIN};

	KT_CHECK(poll(&p, 1, 60000) == 1 && p.revents == POLLIN);
}

struct seen {
	unsigned n, more;
	uint32_t len;
	bool good;
};

static void see(unsigned char *arg, const struct nm_pkthdr *h,
		const unsigned char *buf)
{
	struct seen *s = (struct seen *)(void *)arg;

	s->good = s->good && buf[h->caplen - 1] == (uint8_t)s->n;
	s->more += (h->flags & NM_MORE_PKTS) != 0;
	s->len = h->len;
	s->n++;
}

/* What @from sends, @to gets: slot by slot, and by a callback. */
static void exchange(struct nm_desc *from, struct nm_desc *to)
{
	struct seen s = {.good = true};
	struct nm_pkthdr h;
	unsigned char *buf;

	inject(from, 77, 60);
	flush(from);
	await(to);
	buf = nm_nextpkt(to, &h);
	KT_CHECK(buf && h.len == 60 && h.d == to && buf[59] == 77);
	KT_CHECK(h.ts.tv_sec > 0);
	KT_CHECK(nm_nextpkt(to, &h) == NULL);
	for (int i = 0; i < FRAMES; i++)
		inject(from, (uint8_t)i, 64);
	flush(from);
	await(to);
	KT_CHECK(nm_dispatch(to, 10, see, (void *)&s) == 10);
	KT_CHECK(nm_dispatch(to, -1, see, (void *)&s) == FRAMES - 10);
	KT_CHECK(s.good && s.n == FRAMES && s.more == FRAMES - 2);
	KT_CHECK(nm_dispatch(to, -1, see, (void *)&s) == 0);
	s.n = 0;
	inject(from, 0, LONG);
	flush(from);
	await(to);
	KT_CHECK(nm_dispatch(to, -1, see, (void *)&s) == 1);
	KT_CHECK(s.good && s.len == LONG);
}

static void switches(void)
{
	struct nm_desc *a = open_spec("vale0:x", 0, NULL);
	struct nm_desc *b = open_spec("vale0:y", 0, NULL);

	KT_CHECK(a->done_mmap && b->done_mmap && a->mem != b->mem);
	exchange(a, b);
	exchange(b, a);
	KT_CHECK(nm_close(a) == 0 && nm_close(b) == 0);
}

/* Both ends are in one region: mapped once. */
static void pipes(void)
{
	struct nm_desc *a = open_spec("netmap:p{1", 0, NULL);
	struct nm_desc *b = open_spec("netmap:p}1", NM_OPEN_NO_MMAP, a);
	struct nm_desc *c = open_spec("vale0:x{2", 0, NULL);
	struct nm_desc *d = open_spec("vale0:x}2", 0, c);

	KT_CHECK(a->done_mmap && !b->done_mmap && a->mem == b->mem);
	KT_CHECK(a->req.nr_arg2 == b->req.nr_arg2);
	KT_CHECK(a->nifp != b->nifp);
	exchange(a, b);
	exchange(b, a);
	KT_CHECK(!d->done_mmap && c->mem == d->mem);
	exchange(d, c);
	KT_CHECK(nm_close(b) == 0 && nm_close(a) == 0);
	KT_CHECK(nm_close(d) == 0 && nm_close(c) == 0);
}

/* The imports from a parent, and a region asked for by number. */
static void parents(void)
{
	struct nmreq wish = {.nr_tx_rings = 2,
			     .nr_rx_rings = 2,
			     .nr_tx_slots = 128,
			     .nr_rx_slots = 128,
			     .nr_arg3 = 7};
	struct nm_desc *a = nm_open("vale0:x", &wish, 0, NULL), *b, *c;
	char spec[32];

	KT_CHECK(a && a->req.nr_tx_rings == 2 && a->req.nr_arg3 == 7);
	KT_CHECK(a->nifp->ni_bufs_head != 0 && a->last_tx_ring == 1);
	b = open_spec("vale0:x-1", NM_OPEN_ARG2 | NM_OPEN_RING_CFG, a);
	KT_CHECK(b->mem == a->mem && b->req.nr_arg1 == 4);
	KT_CHECK(b->first_rx_ring == 1 && b->last_rx_ring == 1);
	snprintf(spec, sizeof(spec), "vale0:y@%u", a->req.nr_arg2);
	c = open_spec(spec, 0, a);
	KT_CHECK(c->mem == a->mem && !c->done_mmap);
	exchange(c, a);
	KT_CHECK(nm_close(c) == 0 && nm_close(b) == 0 && nm_close(a) == 0);
}

static void refusals(void)
{
	struct nm_desc *a = open_spec("vale0:x/x", 0, NULL);

	errno = 1;
	KT_CHECK(nm_open("eth0", NULL, 0, NULL) == NULL && errno == 0);
	KT_CHECK(nm_open("vale0:x", NULL, 0, NULL) == NULL && errno == EBUSY);
	KT_CHECK(nm_open("vale0:y@9999", NULL, 0, NULL) == NULL &&
		 errno == EINVAL);
	KT_CHECK(nm_open("netmap:none0", NULL, 0, NULL) == NULL &&
		 errno == ENXIO);
	KT_CHECK(nm_close(a) == 0);
}

int main(void)
{
	switches();
	pipes();
	parents();
	refusals();
	return 0;
}
