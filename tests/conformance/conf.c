// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <sys/mman.h>

#include "conf.h"

#define FDS_MAX 1024

/* What is open, so that it can be closed behind a claim that failed. */
static struct {
	int fd;
	void *mem;
	size_t len;
} opened[FDS_MAX];
static size_t nopened;

/* ---- descriptors ---- */

int conf_fd(void)
{
	int fd = t_open();

	CHECK_ERR(fd < 0 ? errno : 0, 0);
	CHECK(nopened < FDS_MAX);
	opened[nopened].fd = fd;
	opened[nopened++].mem = NULL;
	return fd;
}

static size_t find(int fd)
{
	size_t i = 0;

	while (i < nopened && opened[i].fd != fd)
		i++;
	CHECK(i < nopened);
	return i;
}

void *conf_map(int fd, size_t len)
{
	size_t i = find(fd);

	CHECK(!opened[i].mem);
	opened[i].mem = t_mmap(fd, len);
	opened[i].len = len;
	if (opened[i].mem == MAP_FAILED) {
		opened[i].mem = NULL;
		CHECK_ERR(errno, 0);
	}
	return opened[i].mem;
}

void conf_fd_close(int fd)
{
	size_t i = find(fd);
	void *mem = opened[i].mem;
	size_t len = opened[i].len;

	opened[i] = opened[--nopened];
	CHECK_ERR(t_close(fd) ? errno : 0, 0);
	if (mem)
		CHECK_ERR(t_munmap(mem, len) ? errno : 0, 0);
}

void conf_needs_memory(void)
{
	if (!t_reaches_memory())
		check_skip("this home reaches no memory but its own regions");
}

void conf_needs_indirect(void)
{
	if (!t_reaches_memory())
		check_skip_claim("this home cannot read NS_INDIRECT data");
}

void conf_cleanup(void)
{
	while (nopened) {
		nopened--;
		t_close(opened[nopened].fd);
		if (opened[nopened].mem)
			t_munmap(opened[nopened].mem, opened[nopened].len);
	}
	if (t_nics)
		t_nics->remove_all();
}

/* ---- requests ---- */

/* The newest refusal that this thread knows of. */
static __thread uint64_t refusal_seq;

static bool next_refusal(int fd, struct nmreq_x_refusal *r)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_REFUSALS_GET,
				 .nr_body = (uintptr_t)r};

	*r = (struct nmreq_x_refusal){.x_size = sizeof(*r),
				      .x_seq = refusal_seq + 1};
	if (t_ioctl(fd, NIOCCTRL, &h))
		return false;
	refusal_seq = r->x_seq;
	return true;
}

/* Every refusal since the last one has a sentence, and this is one of them. */
static void expect_sentence(unsigned long request, int err)
{
	struct nmreq_x_refusal r;
	bool found = false;
	int fd = t_open();

	if (fd < 0)
		return;
	while (next_refusal(fd, &r)) {
		if (!r.x_sentence[0])
			check_note("error %u of request %u", r.x_error,
				   r.x_request);
		CHECK(r.x_sentence[0] != '\0');
		found |= r.x_ioctl == (uint32_t)request &&
			 r.x_error == (uint32_t)err;
	}
	if (!found)
		check_note("error %d of ioctl 0x%lx", err, request);
	CHECK(found);
	t_close(fd);
}

/* Syncs refuse silently; the others are no refusals, or not of a request. */
static bool has_sentence(unsigned long request, int err)
{
	return request != NIOCTXSYNC && request != NIOCRXSYNC && err &&
	       err != ENOENT && err != EINTR && err != EBADF;
}

int conf_ioctl(int fd, unsigned long request, void *arg)
{
	int err = t_ioctl(fd, request, arg) ? errno : 0;

	if (has_sentence(request, err))
		expect_sentence(request, err);
	return err;
}

int conf_ctrl_with(int fd, uint16_t reqtype, const char *name, void *body,
		   void *options)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = reqtype,
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)body};

	CHECK(strlen(name) < sizeof(h.nr_name));
	memcpy(h.nr_name, name, strlen(name));
	return conf_ioctl(fd, NIOCCTRL, &h);
}

int conf_ctrl(int fd, uint16_t reqtype, const char *name, void *body)
{
	return conf_ctrl_with(fd, reqtype, name, body, NULL);
}

int conf_register(int fd, const char *name, struct nmreq_register *reg)
{
	return conf_ctrl(fd, NETMAP_REQ_REGISTER, name, reg);
}

int conf_try_with(const char *name, struct nmreq_register reg, void *options)
{
	int fd = conf_fd();
	int err = conf_ctrl_with(fd, NETMAP_REQ_REGISTER, name, &reg, options);

	conf_fd_close(fd);
	return err;
}

int conf_try(const char *name, struct nmreq_register reg)
{
	return conf_try_with(name, reg, NULL);
}

short conf_poll(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n = t_poll(&p, 1, 0);

	CHECK_ERR(n < 0 ? errno : 0, 0);
	CHECK_EQ(n, p.revents != 0);
	return p.revents;
}

/* ---- ports ---- */

struct port conf_open_with(const char *name, struct nmreq_register reg,
			   void *options)
{
	struct port p = {.fd = conf_fd(), .reg = reg};

	check_note("port %s", name);
	CHECK_ERR(conf_ctrl_with(p.fd, NETMAP_REQ_REGISTER, name, &p.reg,
				 options),
		  0);
	check_note("%s", "");
	p.mem = conf_map(p.fd, p.reg.nr_memsize);
	CHECK(p.reg.nr_offset + sizeof(*p.nifp) <= p.reg.nr_memsize);
	p.nifp = NETMAP_IF(p.mem, p.reg.nr_offset);
	return p;
}

struct port conf_open_as(const char *name, struct nmreq_register reg)
{
	return conf_open_with(name, reg, NULL);
}

struct port conf_open(const char *name)
{
	return conf_open_as(name, REG(NR_REG_ALL_NIC));
}

void conf_close(struct port *p)
{
	conf_fd_close(p->fd);
	p->fd = -1;
}

struct netmap_ring *conf_tx(const struct port *p, uint32_t i)
{
	CHECK(i < p->nifp->ni_tx_rings);
	CHECK(p->nifp->ring_ofs[i] != 0);
	return NETMAP_TXRING(p->nifp, i);
}

struct netmap_ring *conf_rx(const struct port *p, uint32_t i)
{
	CHECK(i < p->nifp->ni_rx_rings);
	CHECK(p->nifp->ring_ofs[p->nifp->ni_tx_rings +
				p->nifp->ni_host_tx_rings + i] != 0);
	return NETMAP_RXRING(p->nifp, i);
}

struct nmreq_pools_info conf_pools(const char *name)
{
	struct nmreq_pools_info pools = {0};
	int fd = conf_fd();

	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_POOLS_INFO_GET, name, &pools), 0);
	conf_fd_close(fd);
	return pools;
}

static int stats(const char *name, struct nmreq_x_stats *x)
{
	int fd = conf_fd();
	int err = conf_ctrl(fd, NETMAP_REQ_X_STATS_GET, name, x);

	conf_fd_close(fd);
	return err;
}

struct nmreq_x_stats conf_stats(const char *name, uint16_t dir, uint16_t ring)
{
	struct nmreq_x_stats x = {
		.x_size = sizeof(x), .x_dir = dir, .x_ring = ring};

	CHECK_ERR(stats(name, &x), 0);
	CHECK_EQ(x.x_size, sizeof(x));
	return x;
}

bool conf_exists(const char *name)
{
	struct nmreq_x_stats x = {.x_size = sizeof(x),
				  .x_dir = NETMAP_X_TX,
				  .x_ring = NETMAP_X_ALL_RINGS};
	int err = stats(name, &x);

	CHECK(err == 0 || err == ENXIO);
	return err == 0;
}

/* ---- frames ---- */

static void station(uint8_t mac[6], uint32_t n)
{
	if (n == BROADCAST) {
		memset(mac, 0xff, 6);
		return;
	}
	mac[0] = n & 0x80000000u ? 0x03 : 0x02;
	mac[1] = 0;
	mac[2] = (uint8_t)(n >> 24);
	mac[3] = (uint8_t)(n >> 16);
	mac[4] = (uint8_t)(n >> 8);
	mac[5] = (uint8_t)n;
}

void conf_fill(void *data, size_t len, uint32_t dst, uint32_t src, uint32_t tag)
{
	uint8_t head[14] = {[12] = 0x88, [13] = 0xb5};
	uint64_t state = tag;
	uint8_t *p = data;

	station(head, dst);
	station(head + 6, src);
	memcpy(p, head, len < sizeof(head) ? len : sizeof(head));
	for (size_t i = sizeof(head); i < len; i++)
		p[i] = (uint8_t)conf_random(&state);
}

struct frame conf_frame(uint32_t dst, uint32_t src, uint32_t tag)
{
	struct frame f;

	conf_fill(f.data, sizeof(f.data), dst, src, tag);
	return f;
}

struct frame conf_any(uint32_t tag)
{
	return conf_frame(BROADCAST, 1, tag);
}

/* ---- rings ---- */

struct netmap_slot *conf_slot(struct netmap_ring *r, uint32_t n)
{
	return &r->slot[(r->head + n) % r->num_slots];
}

void conf_advance(struct netmap_ring *r, uint32_t n)
{
	r->head = (r->head + n) % r->num_slots;
	r->cur = r->head;
}

/* The slot @n behind head gets these bytes. */
static void fill_slot(struct netmap_ring *r, uint32_t n, const void *data,
		      size_t len, uint16_t flags)
{
	struct netmap_slot *slot = conf_slot(r, n);

	CHECK(len <= r->nr_buf_size);
	CHECK(n < nm_ring_space(r));
	memcpy(NETMAP_BUF(r, slot->buf_idx), data, len);
	slot->len = (uint16_t)len;
	slot->flags = flags;
}

void conf_put(struct netmap_ring *r, const void *data, size_t len,
	      uint16_t flags)
{
	fill_slot(r, 0, data, len, flags);
	conf_advance(r, 1);
}

void conf_put_frame(struct netmap_ring *r, struct frame f)
{
	conf_put(r, f.data, sizeof(f.data), 0);
}

void conf_put_pieces(struct netmap_ring *r, const void *data, size_t len,
		     size_t piece)
{
	const char *p = data;
	uint32_t n = 0;

	for (; len > piece; len -= piece, p += piece)
		fill_slot(r, n++, p, piece, NS_MOREFRAG);
	fill_slot(r, n++, p, len, 0);
	conf_advance(r, n);
}

int conf_get(struct netmap_ring *r, void *data, size_t max)
{
	size_t len = 0;
	bool more = true;

	if (nm_ring_empty(r))
		return -1;
	while (more) {
		struct netmap_slot *slot = conf_slot(r, 0);

		CHECK(!nm_ring_empty(r));
		CHECK(slot->len <= r->nr_buf_size);
		CHECK(len + slot->len <= max);
		memcpy((char *)data + len, NETMAP_BUF(r, slot->buf_idx),
		       slot->len);
		len += slot->len;
		more = slot->flags & NS_MOREFRAG;
		conf_advance(r, 1);
	}
	return (int)len;
}

/* ---- syncs ---- */

void conf_txsync(const struct port *p)
{
	CHECK_ERR(conf_ioctl(p->fd, NIOCTXSYNC, NULL), 0);
}

void conf_rxsync(const struct port *p)
{
	CHECK_ERR(conf_ioctl(p->fd, NIOCRXSYNC, NULL), 0);
}

void conf_send(const struct port *p, uint32_t ring, struct frame f)
{
	conf_put_frame(conf_tx(p, ring), f);
	conf_txsync(p);
}

/* The next frame in the ring is @f. */
static void expect_in(struct netmap_ring *r, struct frame f)
{
	struct frame got;

	CHECK_EQ(conf_get(r, got.data, sizeof(got.data)), sizeof(f.data));
	CHECK_MEM(got.data, f.data, sizeof(f.data));
}

void conf_expect(const struct port *p, uint32_t ring, struct frame f)
{
	conf_rxsync(p);
	expect_in(conf_rx(p, ring), f);
}

void conf_await(const struct port *p, uint32_t ring, struct frame f)
{
	struct pollfd pfd = {.fd = p->fd, .events = POLLIN};

	CHECK_EQ(t_poll(&pfd, 1, 5000), 1);
	CHECK_EQ(pfd.revents, POLLIN);
	conf_expect(p, ring, f);
}

void conf_expect_none(const struct port *p)
{
	uint32_t base = p->nifp->ni_tx_rings + p->nifp->ni_host_tx_rings;

	conf_rxsync(p);
	for (uint32_t i = 0; i < p->nifp->ni_rx_rings; i++)
		if (p->nifp->ring_ofs[base + i])
			CHECK_EQ(nm_ring_space(conf_rx(p, i)), 0);
}

void conf_drain(const struct port *p)
{
	uint32_t base = p->nifp->ni_tx_rings + p->nifp->ni_host_tx_rings;

	conf_rxsync(p);
	for (uint32_t i = 0; i < p->nifp->ni_rx_rings; i++)
		if (p->nifp->ring_ofs[base + i])
			conf_advance(conf_rx(p, i),
				     nm_ring_space(conf_rx(p, i)));
	conf_rxsync(p);
}

/* ---- network interfaces ---- */

const struct t_nics *conf_nics(void)
{
	if (!t_nics)
		check_skip("this home has no software interfaces");
	return t_nics;
}

void conf_nic(const char *name, struct t_nic conf)
{
	CHECK_ERR(conf_nics()->create(name, &conf), 0);
}

void conf_nic_pair(const char *a, const char *b, struct t_nic conf)
{
	conf_nic(a, conf);
	conf_nic(b, conf);
	t_nics->cable(a, b);
}

struct netmap_ring *conf_host_tx(const struct port *p, uint32_t i)
{
	i += p->nifp->ni_tx_rings;
	CHECK(p->nifp->ring_ofs[i] != 0);
	return NETMAP_TXRING(p->nifp, i);
}

struct netmap_ring *conf_host_rx(const struct port *p, uint32_t i)
{
	i += p->nifp->ni_rx_rings;
	CHECK(p->nifp->ring_ofs[p->nifp->ni_tx_rings +
				p->nifp->ni_host_tx_rings + i] != 0);
	return NETMAP_RXRING(p->nifp, i);
}

void conf_expect_host(const struct port *p, uint32_t i, struct frame f)
{
	conf_rxsync(p);
	expect_in(conf_host_rx(p, i), f);
}

void conf_host_expect(const char *name, struct frame f)
{
	uint8_t got[2048];

	CHECK_EQ(t_nics->host_recv(name, got, sizeof(got)), sizeof(f.data));
	CHECK_MEM(got, f.data, sizeof(f.data));
}

void conf_host_expect_none(const char *name)
{
	uint8_t got[2048];

	CHECK_EQ(t_nics->host_recv(name, got, sizeof(got)), 0);
}

bool conf_host_send(const char *name, uint32_t queue, struct frame f)
{
	return t_nics->host_send(name, queue, f.data, sizeof(f.data));
}

/* ---- chance ---- */

uint32_t conf_random(uint64_t *state)
{
	/* splitmix64: any seed will do, 0 too. */
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32);
}
