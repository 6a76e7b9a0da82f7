/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nm_open(), nm_mmap(), nm_close(): what is asked of the device, what comes
 * from a parent, which rings and which memory a descriptor has. */
#include "fake.h"

static struct nm_desc *must_open(const char *spec, const struct nmreq *req,
				 uint64_t flags, const struct nm_desc *parent)
{
	struct nm_desc *d = nm_open(spec, req, flags, parent);

	if (!d)
		fail_msg("%s: errno %d", spec ? spec : "(none)", errno);
	return d;
}

/* ---- the request ---- */

static void a_port_is_bound_by_one_older_request(void **state)
{
	struct nm_desc *d = must_open("netmap:eth0-0/x@5", NULL, 0, NULL);

	(void)state;
	assert_int_equal(fake.opens, 1);
	assert_int_equal(fake.ioctls, 1);
	assert_string_equal(fake.asked.nr_name, "eth0");
	assert_int_equal(fake.asked.nr_version, 14);
	assert_int_equal(fake.asked.nr_cmd, 0);
	assert_int_equal(fake.asked.nr_flags, NR_REG_ONE_NIC | NR_EXCLUSIVE);
	assert_int_equal(fake.asked.nr_ringid, 0);
	assert_int_equal(fake.asked.nr_arg1, 0);
	assert_int_equal(fake.asked.nr_arg2, 5);
	assert_int_equal(fake.asked.nr_arg3, 0);
	assert_int_equal(fake.asked.nr_tx_slots, 0);

	assert_true(IS_NETMAP_DESC(d));
	assert_int_equal(NETMAP_FD(d), FAKE_FD);
	assert_ptr_equal(P2NMD((void *)d), d);
	assert_int_equal(d->req.nr_arg2, fake.mem_id); /* what was answered */
	assert_int_equal(d->req.nr_memsize, fake.memsize);
	assert_int_equal(nm_close(d), 0);
}

static void the_request_starts_from_the_one_given(void **state)
{
	struct nmreq req;
	struct nm_desc *d;

	(void)state;
	memset(&req, 0, sizeof(req));
	memcpy(req.nr_name, "other", 6);
	req.nr_version = 3;
	req.nr_tx_slots = 512;
	req.nr_rx_slots = 256;
	req.nr_tx_rings = 4;
	req.nr_rx_rings = 5;
	req.nr_arg1 = 6;
	req.nr_arg2 = 7;
	req.nr_arg3 = 8;
	req.nr_flags = NR_ACCEPT_VNET_HDR | NR_REG_SW;
	d = must_open("vale0:a", &req, NM_OPEN_ARG1 | NM_OPEN_ARG3, NULL);

	assert_string_equal(fake.asked.nr_name, "vale0:a");
	assert_int_equal(fake.asked.nr_version, 14);
	assert_int_equal(fake.asked.nr_flags,
			 NR_ACCEPT_VNET_HDR | NR_REG_ALL_NIC);
	assert_int_equal(fake.asked.nr_tx_slots, 512);
	assert_int_equal(fake.asked.nr_rx_slots, 256);
	assert_int_equal(fake.asked.nr_tx_rings, 4);
	assert_int_equal(fake.asked.nr_rx_rings, 5);
	assert_int_equal(fake.asked.nr_arg1, 6);
	assert_int_equal(fake.asked.nr_arg2, 7);
	assert_int_equal(fake.asked.nr_arg3, 8);
	assert_int_equal(req.nr_version, 3); /* the caller's is only read */
	assert_int_equal(nm_close(d), 0);
}

static void poll_flags_go_to_the_ring_id(void **state)
{
	struct nm_desc *d;

	(void)state;
	d = must_open("netmap:eth0-0", NULL,
		      NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL | 0x0fff, NULL);
	assert_int_equal(fake.asked.nr_ringid,
			 NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL);
	nm_close(d);
	d = must_open("netmap:eth0-0", NULL, NETMAP_NO_TX_POLL, NULL);
	assert_int_equal(fake.asked.nr_ringid, NETMAP_NO_TX_POLL);
	nm_close(d);
}

/* ---- from a parent ---- */

/* A parent that differs from all defaults in every field. */
static void make_parent(struct nm_desc *p)
{
	memset((void *)p, 0, sizeof(*p));
	p->self = p;
	memcpy(p->req.nr_name, "parent", 7);
	p->req.nr_ringid = NETMAP_DO_RX_POLL;
	p->req.nr_flags = NR_REG_NIC_SW | NR_RX_RINGS_ONLY;
	p->req.nr_arg1 = 21;
	p->req.nr_arg2 = 22;
	p->req.nr_arg3 = 23;
	p->req.nr_tx_slots = 24;
	p->req.nr_rx_slots = 25;
	p->req.nr_tx_rings = 26;
	p->req.nr_rx_rings = 27;
	p->req.nr_cmd = 28;
}

/* A request that differs from both. */
static struct nmreq make_req(void)
{
	struct nmreq r;

	memset(&r, 0, sizeof(r));
	r.nr_arg1 = 31;
	r.nr_arg2 = 32;
	r.nr_arg3 = 33;
	r.nr_tx_slots = 34;
	r.nr_rx_slots = 35;
	r.nr_tx_rings = 36;
	r.nr_rx_rings = 37;
	return r;
}

static void imports(uint64_t flags, struct nmreq *want)
{
	struct nm_desc parent, *d;
	struct nmreq r = make_req();

	make_parent(&parent);
	d = must_open("netmap:eth0/x", &r, flags, &parent);
	want->nr_version = 14;
	assert_memory_equal(&fake.asked, want, sizeof(*want));
	nm_close(d);
}

static void a_flag_imports_its_fields_and_no_others(void **state)
{
	struct nmreq base = make_req(), w;
	struct nm_desc p;

	(void)state;
	make_parent(&p);
	memcpy(base.nr_name, "eth0", 5);
	base.nr_flags = NR_REG_ALL_NIC | NR_EXCLUSIVE;

	w = base;
	imports(0, &w); /* a parent, but no flag: nothing */

	base.nr_arg1 = 4; /* any flag: these two, unless they are imported */
	base.nr_arg3 = 0;
	w = base;
	w.nr_arg1 = 21;
	imports(NM_OPEN_ARG1, &w);
	w = base;
	w.nr_arg2 = 22;
	imports(NM_OPEN_ARG2, &w);
	w = base;
	w.nr_arg3 = 23;
	imports(NM_OPEN_ARG3, &w);
	w = base;
	w.nr_tx_slots = 24;
	w.nr_rx_slots = 25;
	w.nr_tx_rings = 26;
	w.nr_rx_rings = 27;
	imports(NM_OPEN_RING_CFG, &w);
	w = base;
	memcpy(w.nr_name, "parent", 7);
	w.nr_ringid = NETMAP_DO_RX_POLL;
	w.nr_flags = NR_REG_NIC_SW | NR_RX_RINGS_ONLY;
	imports(NM_OPEN_IFNAME, &w);
	w = base;
	w.nr_ringid = NETMAP_NO_TX_POLL;
	imports(NETMAP_NO_TX_POLL, &w);
	w = base;
	imports(NM_OPEN_NO_MMAP, &w);
}

static void all_imports_go_together(void **state)
{
	struct nm_desc p;
	struct nmreq w;

	(void)state;
	make_parent(&p);
	w = p.req;
	w.nr_cmd = 0; /* never imported */
	w.nr_ringid |= NETMAP_NO_TX_POLL;
	imports(NM_OPEN_IFNAME | NM_OPEN_ARG1 | NM_OPEN_ARG2 | NM_OPEN_ARG3 |
			NM_OPEN_RING_CFG | NETMAP_NO_TX_POLL,
		&w);
}

static void an_imported_name_needs_no_spec(void **state)
{
	struct nm_desc parent, *d;

	(void)state;
	make_parent(&parent);
	d = must_open(NULL, NULL, NM_OPEN_IFNAME, &parent);
	assert_string_equal(fake.asked.nr_name, "parent");
	nm_close(d);
	d = must_open("eth0 -?", NULL, NM_OPEN_IFNAME, &parent);
	assert_string_equal(fake.asked.nr_name, "parent");
	nm_close(d);
}

static void flags_without_a_parent_import_nothing(void **state)
{
	struct nmreq r = make_req();
	struct nm_desc *d;

	(void)state;
	d = must_open("netmap:eth0", &r,
		      NM_OPEN_IFNAME | NM_OPEN_ARG2 | NM_OPEN_RING_CFG, NULL);
	assert_string_equal(fake.asked.nr_name, "eth0");
	assert_int_equal(fake.asked.nr_arg1, 31);
	assert_int_equal(fake.asked.nr_arg2, 32);
	assert_int_equal(fake.asked.nr_arg3, 33);
	assert_int_equal(fake.asked.nr_tx_slots, 34);
	nm_close(d);
}

/* ---- which rings ---- */

static void each_mode_has_its_range_of_rings(void **state)
{
	static const struct {
		const char *spec;
		uint16_t tx_first, tx_last, rx_first, rx_last;
	} rows[] = {
		/* 3 tx and 5 rx rings: numbers 3 and 5 are the host's */
		{"netmap:e", 0, 2, 0, 4},
		{"netmap:e^", 3, 3, 5, 5},
		{"netmap:e*", 0, 3, 0, 5},
		{"netmap:e-0", 0, 0, 0, 0},
		{"netmap:e-2", 2, 2, 2, 2},
		{"netmap:e-4", 0, 0, 4, 4}, /* not there: ring 0 */
		{"netmap:e{1", 0, 0, 0, 0},
		{"netmap:e}3", 0, 0, 0, 0},
		{"netmap:e/R", 0, 2, 0, 4},
	};
	size_t i;

	(void)state;
	fake.tx_rings = 3;
	fake.rx_rings = 5;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nm_desc *d = must_open(rows[i].spec, NULL, 0, NULL);

		if (d->first_tx_ring != rows[i].tx_first ||
		    d->last_tx_ring != rows[i].tx_last ||
		    d->first_rx_ring != rows[i].rx_first ||
		    d->last_rx_ring != rows[i].rx_last)
			fail_msg("%s: tx %u-%u rx %u-%u", rows[i].spec,
				 d->first_tx_ring, d->last_tx_ring,
				 d->first_rx_ring, d->last_rx_ring);
		assert_int_equal(d->cur_tx_ring, d->first_tx_ring);
		assert_int_equal(d->cur_rx_ring, d->first_rx_ring);
		nm_close(d);
	}
}

static void modes_of_a_parent_without_a_name_of_their_own_work(void **state)
{
	static const struct {
		uint32_t mode;
		uint16_t ringid, first, last;
	} rows[] = {
		{NR_REG_DEFAULT, 0, 0, 2},
		{NR_REG_DEFAULT, NETMAP_SW_RING, 3, 3},
		{NR_REG_DEFAULT, NETMAP_HW_RING | 1, 1, 1},
		{NR_REG_DEFAULT, NETMAP_NO_TX_POLL, 0, 2},
		{NR_REG_ONE_SW, 0, 3, 3},
		{NR_REG_ONE_NIC, NETMAP_DO_RX_POLL | 2, 2, 2},
	};
	struct nm_desc parent, *d;
	size_t i;

	(void)state;
	fake.tx_rings = fake.rx_rings = 3;
	make_parent(&parent);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parent.req.nr_flags = rows[i].mode;
		parent.req.nr_ringid = rows[i].ringid;
		d = must_open(NULL, NULL, NM_OPEN_IFNAME, &parent);
		assert_int_equal(d->first_tx_ring, rows[i].first);
		assert_int_equal(d->last_tx_ring, rows[i].last);
		assert_int_equal(d->first_rx_ring, rows[i].first);
		assert_int_equal(d->last_rx_ring, rows[i].last);
		nm_close(d);
	}
}

static void a_mode_that_binds_no_port_is_einval(void **state)
{
	struct nm_desc parent;

	(void)state;
	make_parent(&parent);
	parent.req.nr_flags = NR_REG_NULL;
	errno = 0;
	assert_null(nm_open(NULL, NULL, NM_OPEN_IFNAME, &parent));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fake.closes, 1);
}

/* ---- memory ---- */

static void the_region_is_mapped_and_pointed_into(void **state)
{
	struct nm_desc *d = must_open("netmap:eth0", NULL, 0, NULL);
	char *mem = (char *)fake.mem;

	(void)state;
	assert_int_equal(fake.mmaps, 1);
	assert_int_equal(fake.mapped, fake.memsize);
	assert_ptr_equal(d->mem, mem);
	assert_int_equal(d->memsize, fake.memsize);
	assert_int_not_equal(d->done_mmap, 0);
	assert_ptr_equal(d->nifp, mem + FAKE_IF);
	assert_ptr_equal(d->some_ring, NETMAP_RXRING(d->nifp, 0));
	assert_ptr_equal(d->buf_start, mem + fake_bufs_at());
	assert_ptr_equal(d->buf_end, mem + fake.memsize);

	assert_int_equal(nm_mmap(d, NULL), 0); /* is there: does nothing */
	assert_int_equal(fake.mmaps, 1);

	assert_int_equal(nm_close(d), 0);
	assert_int_equal(fake.munmaps, 1);
	assert_ptr_equal(fake.unmapped, mem);
	assert_int_equal(fake.closes, 1);
	assert_int_equal(fake.closed, FAKE_FD);
}

static void some_ring_is_a_tx_ring_when_there_is_no_other(void **state)
{
	struct nm_desc *d;

	(void)state;
	fake.rx_absent = 1;
	d = must_open("netmap:eth0/T", NULL, 0, NULL);
	assert_ptr_equal(d->some_ring, NETMAP_TXRING(d->nifp, 0));
	assert_ptr_equal(d->buf_start, (char *)fake.mem + fake_bufs_at());
	nm_close(d);
}

static void without_any_ring_there_is_no_some_ring(void **state)
{
	struct nm_pkthdr h;
	struct nm_desc *d;

	(void)state;
	fake.rx_absent = fake.tx_absent = 1;
	d = must_open("netmap:eth0/RT", NULL, 0, NULL);
	assert_null(d->some_ring);
	assert_null(d->buf_start);
	assert_int_equal(nm_inject(d, "frame", 5), 0);
	assert_null(nm_nextpkt(d, &h));
	assert_int_equal(nm_dispatch(d, 0, NULL, NULL), 0);
	nm_close(d);
}

static void a_child_in_the_same_region_uses_the_parents_mapping(void **state)
{
	struct nm_desc *p = must_open("netmap:eth0", NULL, 0, NULL);
	struct nm_desc *c =
		must_open("netmap:eth0-0", NULL, NM_OPEN_NO_MMAP, p);

	(void)state;
	assert_int_equal(fake.mmaps, 1);
	assert_ptr_equal(c->mem, p->mem);
	assert_int_equal(c->memsize, p->memsize);
	assert_int_equal(c->done_mmap, 0);
	assert_ptr_equal(c->nifp, (char *)fake.mem + FAKE_IF);
	assert_ptr_equal(c->buf_end, p->buf_end);
	assert_int_equal(nm_close(c), 0);
	assert_int_equal(fake.munmaps, 0); /* it is not the child's */
	assert_int_equal(fake.closes, 1);
	assert_int_equal(fake.closed, FAKE_FD + 1);
	assert_int_equal(nm_close(p), 0);
	assert_int_equal(fake.munmaps, 1);
}

static void a_child_in_another_region_maps_its_own(void **state)
{
	struct nm_desc *p = must_open("netmap:eth0", NULL, 0, NULL), *c;

	(void)state;
	fake.mem_id = 2;
	c = must_open("netmap:eth1", NULL, 0, p);
	assert_int_equal(fake.mmaps, 2);
	assert_int_not_equal(c->done_mmap, 0);
	nm_close(c);
	assert_int_equal(fake.munmaps, 1);
	nm_close(p);
	assert_int_equal(fake.munmaps, 2);
}

static void a_parent_without_a_mapping_has_none_to_share(void **state)
{
	struct nm_desc *p, *c;

	(void)state;
	p = must_open("netmap:eth0", NULL, NM_OPEN_NO_MMAP, NULL);
	assert_int_equal(fake.mmaps, 0);
	c = must_open("netmap:eth0", NULL, 0, p);
	assert_int_equal(fake.mmaps, 1);
	assert_int_not_equal(c->done_mmap, 0);
	nm_close(c);
	nm_close(p);
	assert_int_equal(fake.munmaps, 1);
}

static void no_mmap_leaves_the_pointers_null_until_nm_mmap(void **state)
{
	struct nm_pkthdr h;
	struct nm_desc *d;

	(void)state;
	d = must_open("netmap:eth0", NULL, NM_OPEN_NO_MMAP, NULL);
	assert_int_equal(fake.mmaps, 0);
	assert_null(d->mem);
	assert_null(d->nifp);
	assert_null(d->some_ring);
	assert_null(d->buf_start);
	assert_null(d->buf_end);
	assert_int_equal(nm_inject(d, "frame", 5), 0);
	assert_null(nm_nextpkt(d, &h));

	assert_int_equal(nm_mmap(d, NULL), 0);
	assert_int_equal(fake.mmaps, 1);
	assert_ptr_equal(d->nifp, (char *)fake.mem + FAKE_IF);
	assert_int_equal(nm_inject(d, "frame", 5), 5);
	nm_close(d);
	assert_int_equal(fake.munmaps, 1);
}

/* ---- failures ---- */

/* Expects nm_open() to fail so, with what was opened closed again. */
static void fails_with(int err, int opens)
{
	const char *text;
	struct nm_desc *d;
	int got;

	fake_err_begin();
	errno = 0;
	d = nm_open("netmap:eth0", NULL, 0, NULL);
	got = errno;
	text = fake_err_end();
	assert_null(d);
	assert_int_equal(got, err);
	assert_string_equal(text, ""); /* the caller has errno to report */
	assert_int_equal(fake.opens, opens);
	assert_int_equal(fake.closes, opens);
	assert_int_equal(fake.munmaps, 0);
}

static void a_device_that_cannot_be_opened_gives_its_errno(void **state)
{
	(void)state;
	fake.open_errno = ENOENT;
	fails_with(ENOENT, 0);
	assert_int_equal(fake.ioctls, 0);
}

static void a_refused_request_gives_its_errno(void **state)
{
	(void)state;
	fake.ioctl_errno = ENXIO;
	fails_with(ENXIO, 1);
	assert_int_equal(fake.mmaps, 0);
}

static void a_failed_mmap_gives_its_errno(void **state)
{
	(void)state;
	fake.mmap_errno = EAGAIN;
	fails_with(EAGAIN, 1);
	assert_int_equal(fake.mapped, fake.memsize);
}

static void nm_mmap_that_fails_returns_einval(void **state)
{
	struct nm_desc *d;

	(void)state;
	d = must_open("netmap:eth0", NULL, NM_OPEN_NO_MMAP, NULL);
	fake.mmap_errno = ENOMEM;
	assert_int_equal(nm_mmap(d, NULL), EINVAL);
	assert_int_equal(errno, ENOMEM);
	assert_null(d->mem);
	assert_int_equal(d->done_mmap, 0);
	nm_close(d);
	assert_int_equal(fake.munmaps, 0);
}

static void a_foreign_prefix_touches_nothing_and_is_silent(void **state)
{
	const char *text;
	struct nm_desc *d;
	int got;

	(void)state;
	fake_err_begin();
	errno = EIO;
	d = nm_open("eth0", NULL, 0, NULL);
	got = errno;
	text = fake_err_end();
	assert_null(d);
	assert_int_equal(got, 0);
	assert_string_equal(text, "");
	assert_int_equal(fake.opens, 0);
	assert_int_equal(fake.closes, 0);
}

static void a_malformed_name_is_reported_on_stderr(void **state)
{
	const char *text;
	struct nm_desc *d;
	int got;

	(void)state;
	fake_err_begin();
	errno = 0;
	d = nm_open("netmap:eth0-1?", NULL, 0, NULL);
	got = errno;
	text = fake_err_end();
	assert_null(d);
	assert_int_equal(got, EINVAL);
	assert_non_null(strstr(text, "netmap:eth0-1?")); /* which name */
	assert_non_null(strstr(text, "\"?\""));		 /* and where in it */
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_int_equal(fake.opens, 0);
}

static void closing_what_is_no_descriptor_is_einval(void **state)
{
	struct nm_desc *d = (struct nm_desc *)calloc(1, sizeof(*d));

	(void)state;
	assert_non_null(d);
	d->fd = FAKE_FD;
	assert_int_equal(nm_close(NULL), EINVAL);
	assert_int_equal(nm_close(d), EINVAL);
	assert_false(IS_NETMAP_DESC(d));
	assert_int_equal(fake.closes, 0);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_port_is_bound_by_one_older_request),
		FAKE_TEST(the_request_starts_from_the_one_given),
		FAKE_TEST(poll_flags_go_to_the_ring_id),
		FAKE_TEST(a_flag_imports_its_fields_and_no_others),
		FAKE_TEST(all_imports_go_together),
		FAKE_TEST(an_imported_name_needs_no_spec),
		FAKE_TEST(flags_without_a_parent_import_nothing),
		FAKE_TEST(each_mode_has_its_range_of_rings),
		FAKE_TEST(modes_of_a_parent_without_a_name_of_their_own_work),
		FAKE_TEST(a_mode_that_binds_no_port_is_einval),
		FAKE_TEST(the_region_is_mapped_and_pointed_into),
		FAKE_TEST(some_ring_is_a_tx_ring_when_there_is_no_other),
		FAKE_TEST(without_any_ring_there_is_no_some_ring),
		FAKE_TEST(a_child_in_the_same_region_uses_the_parents_mapping),
		FAKE_TEST(a_child_in_another_region_maps_its_own),
		FAKE_TEST(a_parent_without_a_mapping_has_none_to_share),
		FAKE_TEST(no_mmap_leaves_the_pointers_null_until_nm_mmap),
		FAKE_TEST(a_device_that_cannot_be_opened_gives_its_errno),
		FAKE_TEST(a_refused_request_gives_its_errno),
		FAKE_TEST(a_failed_mmap_gives_its_errno),
		FAKE_TEST(nm_mmap_that_fails_returns_einval),
		FAKE_TEST(a_foreign_prefix_touches_nothing_and_is_silent),
		FAKE_TEST(a_malformed_name_is_reported_on_stderr),
		FAKE_TEST(closing_what_is_no_descriptor_is_einval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
