// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* nmport_*(): what is asked of the device, which rings a port has, what is undone
 * and in which order, and what is left after a failure. */
#include "device.h"

/* ---- in steps ---- */

static void a_new_port_is_an_empty_request(void **state)
{
	static const struct nmreq_register none;
	struct nmport_d *d = nmport_new();

	(void)state;
	assert_int_equal(d->hdr.nr_version, NETMAP_API);
	assert_int_equal(d->hdr.nr_reqtype, NETMAP_REQ_REGISTER);
	assert_int_equal(d->hdr.nr_body, (uintptr_t)&d->reg);
	assert_int_equal(d->hdr.nr_options, 0);
	assert_string_equal(d->hdr.nr_name, "");
	assert_memory_equal(&d->reg, &none, sizeof(none));
	assert_ptr_equal(d->ctx, &dev_ctx);
	assert_int_equal(d->fd, -1);
	assert_int_equal(d->register_done, 0);
	assert_int_equal(d->mmap_done, 0);
	assert_null(d->mem);
	assert_null(d->nifp);
	nmport_delete(d);
	nmport_delete(NULL);
	nmport_close(NULL);
}

static void every_step_has_one_that_undoes_it(void **state)
{
	struct nmport_d *d = must_prepare("vale0:a/x");

	(void)state;
	assert_int_equal(fake.opens, 0);
	nmport_undo_mmap(d); /* nothing there: nothing done */
	nmport_undo_register(d);

	assert_int_equal(nmport_register(d), 0);
	assert_int_equal(fake.opens, 1);
	assert_int_equal(fake.ioctls, 1);
	assert_int_equal(fake.mmaps, 0);
	assert_int_equal(d->register_done, 1);
	assert_int_equal(d->fd, FAKE_FD);
	assert_string_equal(dev.hdr.nr_name, "vale0:a");
	assert_int_equal(dev.reg.nr_mode, NR_REG_ALL_NIC);
	assert_int_equal(dev.reg.nr_flags, NR_EXCLUSIVE);
	assert_int_equal(d->reg.nr_mem_id, fake.mem_id); /* what was answered */
	assert_int_equal(d->reg.nr_memsize, fake.memsize);

	assert_int_equal(nmport_mmap(d), 0);
	assert_int_equal(d->mmap_done, 1);
	assert_int_equal(fake.mmaps, 1);
	assert_int_equal(fake.mapped, fake.memsize);
	assert_ptr_equal(d->nifp, (char *)fake.mem + FAKE_IF);
	assert_ptr_equal(d->mem->mem, fake.mem);
	assert_int_equal(d->mem->size, fake.memsize);
	assert_int_equal(d->mem->mem_id, fake.mem_id);
	assert_int_equal(d->mem->refcount, 1);
	assert_int_equal(d->mem->is_extmem, 0);
	assert_ptr_equal(dev_ctx.mem_descs, d->mem);

	nmport_undo_mmap(d);
	assert_int_equal(d->mmap_done, 0);
	assert_null(d->mem);
	assert_null(d->nifp);
	assert_int_equal(fake.munmaps, 1);
	assert_int_equal(fake.closes, 0);
	assert_null(dev_ctx.mem_descs);
	nmport_undo_register(d);
	assert_int_equal(d->register_done, 0);
	assert_int_equal(d->fd, -1);
	assert_int_equal(fake.closes, 1);

	assert_int_equal(nmport_open_desc(d), 0); /* and once more */
	assert_int_equal(d->mmap_done, 1);
	nmport_undo_open_desc(d);
	assert_int_equal(fake.closes, 2);
	nmport_undo_prepare(d);
	assert_int_equal(dev.sentences, 0);
}

static void a_step_is_done_once(void **state)
{
	struct nmport_d *d = must_prepare("vale0:a");

	(void)state;
	assert_int_equal(nmport_mmap(d), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "vale0:a: is not bound"));
	assert_int_equal(nmport_register(d), 0);
	assert_int_equal(nmport_register(d), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "bound already"));
	assert_int_equal(nmport_mmap(d), 0);
	assert_int_equal(nmport_mmap(d), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "mapped already"));
	assert_int_equal(nmport_parse(d, "vale0:b"), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(d->hdr.nr_name, "vale0:a"); /* not undone */
	assert_int_equal(d->mem->refcount, 1);
	assert_int_equal(dev.sentences, 4);
	nmport_close(d);
}

static void closing_keeps_errno(void **state)
{
	struct nmport_d *d = must_open("vale0:a");

	(void)state;
	errno = EXDEV;
	nmport_close(d);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fake.munmaps, 1);
	assert_int_equal(fake.closes, 1);
}

/* ---- failures ---- */

static void open_fails(const char *spec, int err, int opens, const char *says)
{
	struct nmport_d *d;

	errno = 0;
	d = nmport_open(spec);
	assert_null(d);
	assert_int_equal(errno, err);
	assert_int_equal(fake.opens, opens);
	assert_int_equal(fake.closes, opens);
	assert_int_equal(dev.sentences, 1);
	if (!strstr(dev.said, says))
		fail_msg("said \"%s\"", dev.said);
	dev.sentences = 0;
}

static void a_failure_has_its_errno_and_one_sentence(void **state)
{
	(void)state;
	open_fails("eth0", EINVAL, 0, "eth0: begins neither");
	open_fails("netmap:eth0-", EINVAL, 0, "behind '-'");
	open_fails("netmap:eth0@offset=1", EOPNOTSUPP, 0, "not enabled");
	fake.open_errno = ENOENT;
	open_fails("vale0:a", ENOENT, 0,
		   "vale0:a: open of /dev/netmap: No such file");
	fake.open_errno = 0;
	fake.ioctl_errno = EBUSY;
	open_fails("vale0:a", EBUSY, 1, "vale0:a: cannot be bound: Device");
	fake.ioctl_errno = 0;
	fake.mmap_errno = EAGAIN;
	open_fails("vale0:a", EAGAIN, 2, "vale0:a: cannot map");
}

static void options_that_were_not_served_are_named(void **state)
{
	struct nmreq_opt_csb csb;
	struct nmport_d *d = must_prepare("vale0:a");

	(void)state;
	memset(&csb, 0, sizeof(csb));
	csb.nro_opt.nro_reqtype = NETMAP_REQ_OPT_CSB;
	nmreq_push_option(&d->hdr, &csb.nro_opt);
	fake.ioctl_errno = EOPNOTSUPP;
	dev.status = ENOMEM;
	assert_int_equal(nmport_offset(d, 0, 0, 0, 0), 0);
	assert_int_equal(nmport_register(d), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(dev.sentences, 3); /* two options, the request */
	assert_non_null(strstr(dev.said, "cannot be bound"));
	assert_int_equal(csb.nro_opt.nro_status, ENOMEM);

	dev.status = 0; /* the record may be used again */
	fake.ioctl_errno = 0;
	assert_int_equal(nmport_register(d), 0);
	assert_int_equal(dev.sentences, 3);
	nmport_close(d);
	assert_int_equal(csb.nro_opt.nro_reqtype, NETMAP_REQ_OPT_CSB);
}

static void keep_refusal(size_t i, uint64_t seq, uint16_t request, uint32_t pid,
			 const char *sentence)
{
	struct nmreq_x_refusal *r = &dev.refusal[i];

	r->x_size = sizeof(*r);
	r->x_seq = seq;
	r->x_request = request;
	r->x_pid = pid;
	strcpy(r->x_sentence, sentence);
}

static void the_devices_own_words_are_passed_on(void **state)
{
	const char *at = "vale0:a";
	uint32_t me = (uint32_t)getpid();

	(void)state;
	keep_refusal(0, 3, NETMAP_REQ_REGISTER, me, "one before");
	keep_refusal(1, 4, NETMAP_REQ_REGISTER, me, "ring 7 asked, 2 there");
	keep_refusal(2, 9, NETMAP_REQ_PORT_INFO_GET, me, "no port vale0:a");
	keep_refusal(3, 10, NETMAP_REQ_REGISTER, me + 1, "of another program");
	fake.ioctl_errno = EINVAL;
	open_fails("vale0:a", EINVAL, 1,
		   "vale0:a: cannot be bound: Invalid argument: ring 7 asked, "
		   "2 there");
	assert_int_equal(nmreq_get_mem_id(&at, &dev_ctx), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "Invalid argument: no port vale0:a"));
}

static void a_context_without_verbose_is_silent(void **state)
{
	(void)state;
	dev_ctx.verbose = 0;
	assert_null(nmport_open("eth0"));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(dev.sentences, 0);
}

/* ---- rings ---- */

static void rings_are(const struct nmport_d *d, uint16_t tx_first,
		      uint16_t tx_last, uint16_t rx_first, uint16_t rx_last)
{
	assert_int_equal(d->first_tx_ring, tx_first);
	assert_int_equal(d->last_tx_ring, tx_last);
	assert_int_equal(d->cur_tx_ring, tx_first);
	assert_int_equal(d->first_rx_ring, rx_first);
	assert_int_equal(d->last_rx_ring, rx_last);
	assert_int_equal(d->cur_rx_ring, rx_first);
}

/* Entries of ring_ofs[] that the test leaves, one letter each: x or -. */
static void leave_rings(const char *which)
{
	struct netmap_if *nifp = NETMAP_IF(fake.mem, FAKE_IF);
	size_t i;

	for (i = 0; which[i]; i++) {
		if (which[i] == '-')
			FAKE_SET(ssize_t, nifp->ring_ofs[i], 0);
	}
	assert_int_equal(i, fake_rings());
}

static void rings_of_a_bind_are_the_run_that_is_there(void **state)
{
	static const struct {
		const char *which;
		uint16_t tx_first, tx_last, rx_first, rx_last;
	} rows[] = {
		/* 3 tx, one of the host; 2 rx, one of the host */
		{"xxxxxxx", 0, 3, 0, 2}, {"xxx-xx-", 0, 2, 0, 1},
		{"---x--x", 3, 3, 2, 2}, {"-x---x-", 1, 1, 1, 1},
		{"----xx-", 4, 3, 0, 1}, {"xxx----", 0, 2, 3, 2},
		{"-------", 4, 3, 3, 2}, {"x-x-x-x", 0, 0, 0, 0},
	};
	size_t i;

	(void)state;
	fake.tx_rings = 3;
	fake.rx_rings = 2;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nmport_d *d = must_prepare("netmap:eth0");

		assert_int_equal(nmport_register(d), 0);
		leave_rings(rows[i].which);
		assert_int_equal(nmport_mmap(d), 0);
		rings_are(d, rows[i].tx_first, rows[i].tx_last,
			  rows[i].rx_first, rows[i].rx_last);
		nmport_close(d);
		free(fake.mem);
		fake.mem = NULL;
	}
}

/* No ring at all in a direction, not even the host's: last does not become
 * 65535. */
static void no_rings_are_an_empty_run(void **state)
{
	struct nmport_d *d = must_prepare("netmap:eth0");
	struct netmap_if *nifp;

	(void)state;
	assert_int_equal(nmport_register(d), 0);
	nifp = NETMAP_IF(fake.mem, FAKE_IF);
	FAKE_SET(uint32_t, nifp->ni_tx_rings, 0);
	FAKE_SET(uint32_t, nifp->ni_rx_rings, 0);
	FAKE_SET(uint32_t, nifp->ni_host_tx_rings, 0);
	FAKE_SET(uint32_t, nifp->ni_host_rx_rings, 0);
	assert_int_equal(nmport_mmap(d), 0);
	rings_are(d, 1, 0, 1, 0);
	assert_int_equal(nmport_inject(d, "frame", 5), 0);
	nmport_close(d);
}

/* ---- clones ---- */

static void a_clone_is_the_request_again_without_options(void **state)
{
	struct nmport_d *a, *c;

	(void)state;
	nmport_enable_option("offset");
	a = must_open("vale0:a-0/x@offset=4@conf:slots=64");
	assert_int_equal(dev.options, 1);
	c = nmport_clone(a);
	assert_non_null(c);
	assert_int_equal(fake.opens, 1);
	assert_string_equal(c->hdr.nr_name, "vale0:a");
	assert_int_equal(c->hdr.nr_options, 0);
	assert_int_equal(c->hdr.nr_body, (uintptr_t)&c->reg);
	assert_memory_equal(&c->reg, &a->reg, sizeof(c->reg));
	assert_int_equal(c->reg.nr_mem_id, fake.mem_id);
	assert_int_equal(c->register_done, 0);
	assert_int_equal(c->mmap_done, 0);
	assert_int_equal(c->fd, -1);
	assert_null(c->mem);
	assert_null(c->nifp);
	assert_null(c->clist);
	assert_ptr_equal(c->ctx, &dev_ctx);

	c->reg.nr_ringid = 1;
	assert_int_equal(nmport_open_desc(c), 0);
	assert_int_equal(dev.reg.nr_ringid, 1);
	assert_int_equal(dev.reg.nr_mem_id, fake.mem_id);
	assert_int_equal(dev.options, 0);
	assert_ptr_equal(c->mem, a->mem);
	nmport_close(a);
	nmport_close(c);
}

static void a_clone_is_of_its_originals_context(void **state)
{
	struct nmctx other = dev_ctx;
	struct nmport_d *a = must_prepare("vale0:a"), *c;

	(void)state;
	nmctx_set_default(&other);
	c = nmport_clone(a);
	nmctx_set_default(&dev_ctx);
	assert_ptr_equal(c->ctx, &dev_ctx);
	nmport_delete(c);
	nmport_delete(a);
}

/* ---- offsets ---- */

static void offsets_are_asked_for_as_they_are(void **state)
{
	struct nmport_d *d = must_prepare("vale0:a");

	(void)state;
	assert_int_equal(nmport_offset(d, 1, 2, 65, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nmport_offset(d, 1, 2, 1ull << 32, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nmport_offset(d, 11, 1ull << 40, 64, 1ull << 50), 0);
	assert_int_equal(nmport_offset(d, 0, 0, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nmport_register(d), 0);
	assert_int_equal(dev.options, 1);
	assert_int_equal(dev.offsets.nro_initial_offset, 11);
	assert_int_equal(dev.offsets.nro_max_offset, 1ull << 40);
	assert_int_equal(dev.offsets.nro_offset_bits, 64);
	assert_int_equal(dev.offsets.nro_min_gap, 1ull << 50);
	assert_int_equal(dev.offsets.nro_tx_align, 0);
	nmport_close(d);
}

/* ---- frames ---- */

static void a_frame_goes_to_the_first_ring_with_room(void **state)
{
	static char frame[8 * 256];
	struct netmap_ring *r0, *r1;
	struct nmport_d *d;
	int i;

	(void)state;
	fake.tx_rings = 2;
	d = must_prepare("vale0:a");
	assert_int_equal(nmport_inject(d, "frame", 5), 0); /* not open yet */
	assert_int_equal(nmport_register(d), 0);
	leave_rings("xx-xx");
	assert_int_equal(nmport_mmap(d), 0);
	r0 = NETMAP_TXRING(d->nifp, 0);
	r1 = NETMAP_TXRING(d->nifp, 1);
	assert_int_equal(nmport_inject(d, frame, 0), 0);
	assert_int_equal(r0->head, 0);
	r0->slot[0].flags = NS_REPORT;
	assert_int_equal(nmport_inject(d, "frame", 5), 5);
	assert_int_equal(r0->head, 1);
	assert_int_equal(r0->cur, 1);
	assert_int_equal(r0->slot[0].len, 5);
	assert_int_equal(r0->slot[0].flags, 0);
	assert_memory_equal(NETMAP_BUF(r0, r0->slot[0].buf_idx), "frame", 5);

	/* 7 slots of 256 bytes at most, in one ring */
	for (i = 0; i < (int)sizeof(frame); i++)
		frame[i] = (char)i;
	assert_int_equal(nmport_inject(d, frame, 7 * 256 + 1), 0);
	assert_int_equal(nmport_inject(d, frame, SIZE_MAX), 0);
	assert_int_equal(nmport_inject(d, frame, 7 * 256), 7 * 256);
	assert_int_equal(d->cur_tx_ring, 1);
	assert_int_equal(r1->head, 7);
	for (i = 0; i < 7; i++) {
		assert_int_equal(r1->slot[i].len, 256);
		assert_int_equal(r1->slot[i].flags, i < 6 ? NS_MOREFRAG : 0);
		assert_memory_equal(NETMAP_BUF(r1, r1->slot[i].buf_idx),
				    frame + 256 * i, 256);
	}
	assert_int_equal(nmport_inject(d, "again", 5), 5); /* goes round */
	assert_int_equal(d->cur_tx_ring, 0);
	assert_int_equal(r0->head, 2);
	while (nmport_inject(d, "again", 5))
		;
	assert_int_equal(nm_ring_space(r0), 0);
	nmport_close(d);
}

static void a_frame_begins_at_the_slots_offset(void **state)
{
	struct nmport_d *d = must_open("vale0:a");
	struct netmap_ring *r = NETMAP_TXRING(d->nifp, 0);

	(void)state;
	FAKE_SET(uint64_t, r->offset_mask, 0xff);
	r->slot[0].ptr = 0x1200 + 255; /* room for one byte */
	r->slot[1].ptr = 16;
	assert_int_equal(nmport_inject(d, "frame", 5), 5);
	assert_int_equal(r->head, 2);
	assert_int_equal(r->slot[0].len, 1);
	assert_int_equal(r->slot[0].ptr, 0x1200 + 255);
	assert_int_equal(r->slot[1].len, 4);
	assert_memory_equal(NETMAP_BUF(r, r->slot[0].buf_idx) + 255, "f", 1);
	assert_memory_equal(NETMAP_BUF(r, r->slot[1].buf_idx) + 16, "rame", 4);
	nmport_close(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(a_new_port_is_an_empty_request),
		DEV_TEST(every_step_has_one_that_undoes_it),
		DEV_TEST(a_step_is_done_once),
		DEV_TEST(closing_keeps_errno),
		DEV_TEST(a_failure_has_its_errno_and_one_sentence),
		DEV_TEST(options_that_were_not_served_are_named),
		DEV_TEST(the_devices_own_words_are_passed_on),
		DEV_TEST(a_context_without_verbose_is_silent),
		DEV_TEST(rings_of_a_bind_are_the_run_that_is_there),
		DEV_TEST(no_rings_are_an_empty_run),
		DEV_TEST(a_clone_is_the_request_again_without_options),
		DEV_TEST(a_clone_is_of_its_originals_context),
		DEV_TEST(offsets_are_asked_for_as_they_are),
		DEV_TEST(a_frame_goes_to_the_first_ring_with_room),
		DEV_TEST(a_frame_begins_at_the_slots_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
