// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A program written with libnetmap alone: ports by name, in one region or in
 * memory of its own, with offsets; frames over switches and pipes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libnetmap.h>
#include <net/netmap_user.h>

#include "kt.h"

#define LONG	  5000
#define FILE_NAME "/tmp/region"
#define FILE_SIZE (4 << 20)

static char said[1000];

static void note(struct nmctx *ctx, const char *sentence)
{
	(void)ctx;
	snprintf(said, sizeof(said), "%s", sentence);
}

static struct nmport_d *open_spec(const char *spec)
{
	struct nmport_d *d = nmport_open(spec);

	if (!d)
		printf("%s: %s\n", spec, said);
	KT_CHECK(d != NULL);
	return d;
}

/* What was flooded to a port before is not looked at. */
static void drain(struct nmport_d *d, struct netmap_ring *rx)
{
	KT_CHECK(ioctl(d->fd, NIOCRXSYNC) == 0);
	rx->head = rx->cur = rx->tail;
	KT_CHECK(ioctl(d->fd, NIOCRXSYNC) == 0);
	KT_CHECK(nm_ring_empty(rx));
}

/* A frame from @from arrives at @to, in as many slots as it needs. */
static void exchange(struct nmport_d *from, struct nmport_d *to, size_t size)
{
	struct pollfd p = {.fd = to->fd, .events = POLLIN};
	struct netmap_ring *rx = NETMAP_RXRING(to->nifp, to->first_rx_ring);
	static uint8_t frame[LONG];
	size_t got = 0;

	for (size_t i = 0; i < size; i++)
		frame[i] = (uint8_t)(i * 7);
	memset(frame, 0xff, 6);
	drain(to, rx);
	KT_CHECK(nmport_inject(from, frame, size) == (int)size);
	KT_CHECK(ioctl(from->fd, NIOCTXSYNC) == 0);
	KT_CHECK(poll(&p, 1, 60000) == 1 && p.revents == POLLIN);
	while (!nm_ring_empty(rx)) {
		struct netmap_slot *s = &rx->slot[rx->head];

		KT_CHECK(got + s->len <= size);
		KT_CHECK(
			!memcmp(NETMAP_BUF_OFFSET(rx, s), frame + got, s->len));
		got += s->len;
		rx->head = rx->cur = nm_ring_next(rx, rx->head);
	}
	KT_CHECK(got == size);
	KT_CHECK(ioctl(to->fd, NIOCRXSYNC) == 0);
}

static void switches(void)
{
	struct nmport_d *a = open_spec("vale0:a@conf:rings=2,slots=128");
	struct nmport_d *b = open_spec("vale0:b@share=vale0:a");
	struct nmport_d *c = open_spec("vale0:c");

	KT_CHECK(a->reg.nr_tx_rings == 2 && a->reg.nr_rx_slots == 128);
	KT_CHECK(a->first_tx_ring == 0 && a->last_tx_ring == 1);
	KT_CHECK(a->mem == b->mem && a->mem->refcount == 2);
	KT_CHECK(c->mem != a->mem);
	exchange(b, a, 60);
	exchange(a, c, LONG);
	nmport_close(a);
	exchange(b, c, LONG);
	nmport_close(b);
	nmport_close(c);
	KT_CHECK(nmctx_get()->mem_descs == NULL);
}

static void one_ring(void)
{
	struct nmport_d *a = open_spec("vale0:a-1/x@conf:rings=3");
	struct nmport_d *b = nmport_clone(a), *r;

	KT_CHECK(a->first_tx_ring == 1 && a->last_tx_ring == 1);
	KT_CHECK(a->first_rx_ring == 1 && a->last_rx_ring == 1);
	KT_CHECK(nmport_open_desc(b) == -1 && errno == EBUSY);
	b->reg.nr_ringid = 2;
	KT_CHECK(nmport_open_desc(b) == 0);
	KT_CHECK(b->first_tx_ring == 2 && b->mem == a->mem);
	nmport_close(a);
	/* what was mapped through it is, so its rings are not free yet */
	KT_CHECK(nmport_open("vale0:a-1") == NULL && errno == EBUSY);
	nmport_close(b);
	r = open_spec("vale0:a/R@conf:rings=3");
	KT_CHECK(r->last_tx_ring + 1 == r->first_tx_ring);
	KT_CHECK(r->first_rx_ring == 0 && r->last_rx_ring == 2);
	KT_CHECK(nmport_inject(r, "frame", 5) == 0);
	nmport_close(r);
}

static void pipes(void)
{
	struct nmport_d *a = open_spec("netmap:p{in@conf:slots=64");
	struct nmport_d *b = open_spec("netmap:p}in");
	struct nmport_d *c = open_spec("vale0:a}x_1");
	struct nmport_d *d = open_spec("vale0:a{x_1");

	KT_CHECK(a->mem == b->mem && c->mem == d->mem && a->mem != c->mem);
	KT_CHECK(a->reg.nr_tx_slots == 64);
	exchange(a, b, 1000);
	exchange(d, c, 1000);
	nmport_close(a);
	nmport_close(b);
	nmport_close(c);
	nmport_close(d);
}

static void offsets(void)
{
	struct nmport_d *a, *b = open_spec("vale0:b");
	struct netmap_ring *tx;

	KT_CHECK(nmport_open("vale0:a@offset=64") == NULL &&
		 errno == EOPNOTSUPP);
	KT_CHECK(nmport_enable_option("offset") == 0);
	a = open_spec("vale0:a@offset:initial=64,bits=16");
	tx = NETMAP_TXRING(a->nifp, 0);
	KT_CHECK(tx->offset_mask == 0xffff);
	KT_CHECK(NETMAP_ROFFSET(tx, &tx->slot[0]) == 64);
	exchange(a, b, 1000);
	exchange(b, a, 1000);
	nmport_close(a);
	nmport_close(b);
	a = open_spec("vale0:a@offset=0");
	nmport_disable_option("offset");
	nmport_close(a);
}

static void make_file(void)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

	KT_CHECK(fd >= 0 && ftruncate(fd, FILE_SIZE) == 0);
	close(fd);
}

static void own_memory(void)
{
	static const char spec[] =
		"vale0:a@extmem:file=" FILE_NAME ",if-num=8,ring-num=16,"
		"ring-size=2048,buf-num=512@conf:slots=64";
	struct nmport_d *a, *b, *c;
	struct nmreq_pools_info *i;

	make_file();
	a = open_spec(spec);
	i = nmport_extmem_getinfo(a);
	KT_CHECK(a->mem->is_extmem && a->mem->size == FILE_SIZE);
	KT_CHECK((uintptr_t)a->mem->mem == a->extmem->nro_usrptr);
	KT_CHECK(i->nr_ring_pool_objsize == 2048);
	KT_CHECK(i->nr_buf_pool_objtotal > 1000);
	b = open_spec("vale0:b@share=vale0:a@conf:slots=64");
	KT_CHECK(b->mem == a->mem);
	exchange(a, b, 1000);
	c = nmport_clone(a);
	KT_CHECK(nmport_open_desc(c) == 0 && c->mem == a->mem);
	nmport_close(a);
	exchange(c, b, 1000); /* the file stays mapped */
	nmport_close(b);

	a = open_spec(spec); /* the port has a region already: this one */
	KT_CHECK(a->mem == c->mem);
	nmport_close(a);
	nmport_close(c);
	c = open_spec("vale0:a");
	a = open_spec(spec); /* ... or another one */
	KT_CHECK(a->mem == c->mem && !a->mem->is_extmem);
	nmport_close(c);
	exchange(a, b = open_spec("vale0:b"), 1000);
	nmport_close(b);
	nmport_close(a);
	unlink(FILE_NAME);
}

static void refusals(void)
{
	static const struct {
		const char *spec;
		int err;
		const char *says;
	} rows[] = {
		{"vale0:a{x{y", EINVAL, "pipe"},
		{"netmap:none0", ENXIO, "none0"},
		{"vale0:a@9999", EINVAL, "vale0:a"},
		{"vale0:a-7", EINVAL, "Invalid argument: "},
		{"vale0:a@share=netmap:none0", ENXIO, "none0: region"},
		{"vale0:a@extmem=" FILE_NAME, ENOENT, FILE_NAME},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said[0] = '\0';
		if (nmport_open(rows[i].spec) || errno != rows[i].err ||
		    !strstr(said, rows[i].says)) {
			printf("%s: errno %d, \"%s\"\n", rows[i].spec, errno,
			       said);
			KT_CHECK(false);
		}
	}
	KT_CHECK(nmctx_get()->mem_descs == NULL);
}

int main(void)
{
	struct nmctx mine = *nmctx_get();

	mine.error = note;
	nmctx_set_default(&mine);
	switches();
	one_ring();
	pipes();
	offsets();
	own_memory();
	refusals();
	return 0;
}
